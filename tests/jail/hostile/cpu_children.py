# expect: {"status": "limit", "limit": {"name": "cpu", "allowed": 500}, "stdout": {"text": "started\n"}}
# limits: --cpu-ms 500 --wall-ms 20000
# CPU time that others burn is the run's: a child, its own child in a session of its own, and one that was started by a
# thread, while the program itself only waits. Alone, none of the three would be over the limit before the wall clock.
import os
import threading
import time


def burn():
    while True:
        pass


def start():
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
        burn()


start()
thread = threading.Thread(target=start)
thread.start()
thread.join()
print("started", flush=True)
time.sleep(60)
