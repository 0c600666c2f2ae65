# expect: {"status": "ok", "stdout": {"text": "True 3000\n"}}
# Alarms that go off all the time let nothing through: each call is refused, or interrupted before it was looked at.
import ctypes
import errno
import signal

libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
errors = [ctypes.get_errno() for _ in range(3000) if libc.setuid(0) == -1]
signal.setitimer(signal.ITIMER_REAL, 0)
print(set(errors) <= {errno.EPERM, errno.EINTR}, len(errors))
