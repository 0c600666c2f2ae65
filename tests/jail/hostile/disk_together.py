# expect: {"status": "ok", "stdout": {"text": "True 28\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "True 13\n"}}
# limits: --disk-bytes=1048576
# Files that are each small enough are together too much for what this run allows (ENOSPC is 28).
total = 0
try:
    for n in range(20):
        with open(f"/tmp/{n}", "wb", 0) as f:
            total += f.write(bytes(200_000))
    print("no end", total)
except OSError as e:
    print(total <= 1 << 20, e.errno)
