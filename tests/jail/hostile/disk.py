# expect: {"status": "ok", "stdout": {"text": "28 28 28\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "27 13 27\n"}}
# In a container each file is limited (EFBIG is 27), and all together by the file system that the container was given; /tmp is not to be had (EACCES is 13).
# The working directory, /tmp and /dev/shm share one size; ENOSPC is 28.
import os

got = []
for p in (os.path.abspath("a"), "/tmp/a", "/dev/shm/a"):
    try:
        with open(p, "wb", 0) as f:
            while True:
                f.write(b"x" * 65536)
    except OSError as e:
        got.append(e.errno)
print(*got)
