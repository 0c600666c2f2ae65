# expect: {"status": "ok", "stdout": {"text": "28 28 28\n"}}
# expect in a container: {"status": "limit", "limit": {"name": "disk", "allowed": 16777216}}
# The working directory, /tmp and /dev/shm share one size; ENOSPC is 28. In a container each file is limited (EFBIG is 27), and all
# together are looked at; /tmp is not to be had (EACCES is 13).
import os
import time

got = []
for p in (os.path.abspath("a"), "/tmp/a", "/dev/shm/a"):
    try:
        with open(p, "wb", 0) as f:
            while True:
                f.write(b"x" * 65536)
    except OSError as e:
        got.append(e.errno)
print(*got, flush=True)
if 13 in got:
    time.sleep(60)
