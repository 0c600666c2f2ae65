# expect: {"status": "ok", "stdout": {"text": "True True\n"}}
# A session of its own, which is the init's: no terminal to put words into (TIOCSTI), no job of anybody else's to stop.
import os
print(os.getsid(0) == os.getppid(), os.getpgrp() == os.getpid())
