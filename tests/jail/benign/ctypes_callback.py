# expect: {"status": "ok", "stdout": {"text": "[1, 2, 3]\n"}}
import ctypes
libc = ctypes.CDLL(None)
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
a = (ctypes.c_int * 3)(3, 1, 2)
libc.qsort(a, 3, ctypes.sizeof(ctypes.c_int), COMPARE(lambda x, y: x[0] - y[0]))
print(list(a))
