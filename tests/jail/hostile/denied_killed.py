# expect: {"status": "limit", "limit": {"name": "wall"}, "stdout": {"text": "refused\n"}, "denied": [{"syscall": "ptrace", "count": 5, "errno": "EPERM"}]}
# limits: --wall-ms 2000
# What was refused is told of a run that was killed, with the process that counted.
import ctypes
import time

libc = ctypes.CDLL(None)
for _ in range(5):
    libc.ptrace(0, 0, 0, 0)
print("refused", flush=True)
while True:
    time.sleep(1)
