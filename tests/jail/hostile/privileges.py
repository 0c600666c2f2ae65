# expect: {"status": "ok", "stdout": {"text": "1000 1000 set() caps 0 0 0 nnp 1 dumpable 0 bound 0\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "10001 10001 set() caps 0 0 0 nnp 1 dumpable 0 bound 40\n"}}
# In a container the id is that of the server, and the bounding set stays: without a capability nothing can be dropped from it, and with no_new_privs nothing gained by it.
# Root drops all groups; others cannot, and keep their own and what is not mapped.
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
head, data = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0)), ctypes.create_string_buffer(24)
libc.syscall(125, head, data)  # capget
e, p, i = struct.unpack("3I", data.raw[:12])
bound = sum(libc.prctl(23, c, 0, 0, 0) == 1 for c in range(64))
allowed = set() if "root" in sys.argv else {os.getgid(), 65534}
print(os.getuid(), os.getgid(), set(os.getgroups()) - allowed, "caps", e, p, i, "nnp", libc.prctl(39, 0, 0, 0, 0), "dumpable", libc.prctl(3, 0, 0, 0, 0), "bound", bound)
