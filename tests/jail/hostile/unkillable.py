# expect: {"status": "limit", "limit": {"name": "wall", "allowed": 300}, "stdout": {"text": "before\n"}}
# limits: --wall-ms=300
# Every signal blocked or ignored, timers of its own, a session of a child's own: the clock that counts is not in here.
import os, signal, time
for s in signal.valid_signals():
    try:
        signal.signal(s, signal.SIG_IGN)
    except OSError:
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
signal.setitimer(signal.ITIMER_REAL, 1000)
print("before", flush=True)
if os.fork() == 0:
    os.setsid()
while True:
    time.sleep(1)
