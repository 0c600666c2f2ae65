# expect: {"status": "signal", "signal": "SIGSEGV", "stdout": {"text": "before\n"}}
import ctypes
print("before")
ctypes.string_at(0)
