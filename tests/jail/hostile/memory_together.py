# expect: {"status": "limit", "limit": {"name": "memory", "allowed": 268435456}, "stdout": {"text": "begun\n"}}
# needs: control groups
# Processes that are each small enough are together too much: the run ends, with what was printed until then.
import os
import time

print("begun", flush=True)
for _ in range(6):
    if os.fork() == 0:
        hold = bytearray(100 << 20)
        time.sleep(60)
for _ in range(6):
    os.wait()
print("not ended")
