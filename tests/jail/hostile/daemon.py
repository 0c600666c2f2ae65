# expect: {"status": "ok", "stdout": {"text": "gone\n"}}
# A daemon that ignores signals and holds the streams does not keep the answer back.
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(s, signal.SIG_IGN)
        time.sleep(60)
    os._exit(0)
os.wait()
print("gone")
