# expect: {"status": "ok", "stdout": {"text": "True BlockingIOError\n"}}
import os, time
n = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        n += 1
except OSError as e:
    print(50 < n < 65, type(e).__name__)
