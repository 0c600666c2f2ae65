# expect: {"status": "limit", "limit": {"name": "wall", "allowed": 300}, "stdout": {"text": "before\n"}}
# limits: --wall-ms=300
import os, signal
print("before", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
