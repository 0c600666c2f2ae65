# expect: {"status": "ok", "stdout": {"text": "True 28\nTrue 28\n"}}
# expect in a container: {"status": "limit", "limit": {"name": "disk", "allowed": 1048576, "unit": "bytes"}, "exit_code": null}
# limits: --disk-bytes=1048576
# Files that are each small enough are together too much (ENOSPC is 28). Without a file system of its own, the run is ended
# when that is seen: also when no name is left for them, and when a child has them.
import os
import time

total = 0
held = []
if os.fork():
    os.wait()
try:
    for n in range(12):
        held.append(open(str(n) + str(os.getpid()), "wb", 0))
        total += held[-1].write(bytes(100_000))
        os.remove(held[-1].name)
    print("over", flush=True)
    time.sleep(60)
except OSError as e:
    if total:
        print(total <= 1 << 20, e.errno)
