# expect: {"status": "ok", "stdout": {"text": "['HOME', 'LANG', 'LOGNAME', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'USER']\nFalse\n"}}
# The runner's stack, where the kernel put its first environment, holds nothing of the server's either.
import ctypes, os
print(sorted(os.environ))
environ = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
stack = ctypes.string_at(environ, 2048)
print(b"VITRINE_CANARY" in stack)
