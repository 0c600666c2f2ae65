# expect: {"status": "ok", "stdout": {"text": "2 1 []\n"}}
# expect in a container: {"status": "ok"}
# In a container numbers of others show, as those of processes that cannot be signalled.
# The numbers of a PID namespace: its init, the program, and nobody else that could be signalled.
import os
found = []
for pid in range(3, 70000):
    try:
        os.kill(pid, 0)
        found.append(pid)
    except ProcessLookupError:
        pass
    except PermissionError:
        found.append(pid)
print(os.getpid(), os.getppid(), found[:3])
