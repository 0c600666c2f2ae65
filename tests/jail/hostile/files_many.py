# expect: {"status": "ok", "stdout": {"text": "True 28\n"}}
# expect in a container: {"status": "limit", "limit": {"name": "disk", "allowed": 1048576}, "stdout": {"text": ""}}
# limits: --disk-bytes=1048576
# Empty files are not free either: the kernel has some 1 KiB for each. There may be so many (ENOSPC is 28), or they count.
n = 0
try:
    while True:
        open(f"{n}", "w").close()
        n += 1
except OSError as e:
    print(n < 4096, e.errno)
