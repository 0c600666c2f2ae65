# expect: {"status": "ok", "stdout": {"text": "6000\n"}, "denied": [{"syscall": "setuid", "count": 6000, "errno": "EPERM"}]}
# Threads that ask for what is refused as fast as they can are all answered; nothing is let through and nothing hangs.
import ctypes
import threading

libc = ctypes.CDLL(None)
SETUID = 105  # by number: glibc repeats setuid() in each thread
refused = []


def ask():
    refused.append(sum(libc.syscall(SETUID, 0) == -1 for _ in range(3000)))


threads = [threading.Thread(target=ask) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sum(refused))
