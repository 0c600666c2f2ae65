# expect: {"status": "ok", "stdout": {"text": "OSError OSError OSError\n"}}
# expect in a container: {"status": "error", "exception": {"type": "PermissionError", "line": 8}}
# In a container the first place is noexec by what Docker mounts a tmpfs with, and the second cannot be written to.
# What a run writes cannot be loaded as a library either: the scratch is mounted noexec, where Landlock does not look.
import ctypes, os, shutil
got = []
for place in os.getcwd(), "/tmp", "/dev/shm":
    shutil.copyfile("/usr/lib/x86_64-linux-gnu/libm.so.6", f"{place}/dropped.so")
    try:
        ctypes.CDLL(f"{place}/dropped.so"); got.append("loaded")
    except OSError as e:
        got.append(type(e).__name__)
print(*got)
