# expect: {"status": "ok", "stdout": {"text": "alarm\nSIG_DFL SIG_DFL\n"}}
import signal
def ring(*_): print("alarm")
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause()
print(signal.getsignal(signal.SIGTERM).name, signal.getsignal(signal.SIGUSR1).name)
