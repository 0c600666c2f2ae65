# expect: {"status": "ok", "stdout": {"text": "[]\n"}}
# Nothing that comes from the host belongs to the run: who started the server, root too, is nobody in here.
import os
paths = ["/usr/bin/python3.11", "/usr/lib/python3.11", "/usr/lib/x86_64-linux-gnu", "/dev/null"]
print([p for p in paths if os.stat(p).st_uid == os.getuid()])
