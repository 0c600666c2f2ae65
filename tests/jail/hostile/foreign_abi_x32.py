# expect: {"status": "signal", "signal": "SIGSYS", "stdout": {"text": "before\n"}}
# x32's numbers are those of x86-64 with bit 30 set: killed, whether the kernel has x32 or not.
import ctypes
print("before", flush=True)
print(ctypes.CDLL(None).syscall(0x40000000 | 39))  # getpid
