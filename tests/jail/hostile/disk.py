# expect: {"status": "ok", "stdout": {"text": "28 28 28\n"}}
# /box, /tmp and /dev/shm share one size; ENOSPC is 28.
got = []
for p in ("/box/a", "/tmp/a", "/dev/shm/a"):
    try:
        with open(p, "wb", 0) as f:
            while True:
                f.write(b"x" * 65536)
    except OSError as e:
        got.append(e.errno)
print(*got)
