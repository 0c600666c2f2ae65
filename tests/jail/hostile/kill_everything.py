# expect: {"status": "signal", "signal": "SIGKILL", "stdout": {"text": "PermissionError\n"}}
# pid 1 cannot be signalled; the rest of the world is this process.
import os, signal
try:
    os.kill(1, signal.SIGKILL)
except OSError as e:
    print(type(e).__name__, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
