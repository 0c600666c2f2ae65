# expect: {"status": "ok", "stdout": {"text": "True True\n"}}
# A session of its own: no terminal to put words into (TIOCSTI), no job of anybody else's to stop.
import os
print(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid())
