# expect: {"status": "signal", "signal": "SIGSYS"}
# int 0x80 enters the i386 ABI, whose numbers the filter does not know: killed.
# needs: i386
import ctypes, mmap
code = bytes.fromhex("b814000000" "cd80" "c3")  # mov eax, 20 (getpid); int 0x80; ret
m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
m.write(code)
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
print("i386 call returned")
