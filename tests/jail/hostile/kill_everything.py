# expect: {"status": "error", "exit_code": 7, "stdout": {"text": "nobody else\n"}}
# expect in a container: {"status": "error", "exit_code": 7, "stdout": {"text": ""}}
# In a container there are others, and not one of them can be signalled: kill(2) of all is a success then, and nobody noticed.
# pid 1 lives on: Landlock refuses from Linux 6.12 on, and before, the kernel drops what would end or stop the init of a
# namespace. It is that init which tells the exit code. The rest of the world is nobody.
import os, signal, sys
for s in signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV:
    try:
        os.kill(1, s)
    except PermissionError:
        pass
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    print("nobody else", flush=True)
sys.exit(7)
