# expect: {"status": "limit", "limit": {"name": "memory", "allowed": 268435456}, "stdout": {"text": "begun\n"}}
# needs: control groups
# Shared memory without a name is not what RLIMIT_DATA counts.
import mmap

print("begun", flush=True)
hold = mmap.mmap(-1, 600 << 20)
for at in range(0, len(hold), 4096):
    hold[at] = 1
print("not ended")
