# expect: {"status": "ok", "stdout": {"text": "['HOME', 'LANG', 'LOGNAME', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'USER']\nTrue False\n"}}
# The runner's stack, where the kernel put its first environment, holds nothing of the server's either.
import ctypes, os
print(sorted(os.environ))
libc = ctypes.CDLL(None)
at = ctypes.c_void_p.in_dll(libc, "__libc_stack_end").value
# The stack ends somewhere within the next pages: write(2) says so, where a read by ourselves would crash.
with open("stack", "w+b", buffering=0) as f:
    while libc.write(f.fileno(), ctypes.c_void_p(at), 4096 - at % 4096) > 0:
        at += 4096 - at % 4096
    f.seek(0)
    stack = f.read()
print(len(stack) > 64, b"VITRINE_CANARY" in stack)
