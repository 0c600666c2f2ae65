# expect: {"status": "ok", "stdout": {"text": "OSError OSError OSError\n"}}
# What a run writes cannot be loaded as a library either: the scratch is mounted noexec, where Landlock does not look.
import ctypes, shutil
got = []
for place in "/box", "/tmp", "/dev/shm":
    shutil.copyfile("/usr/lib/x86_64-linux-gnu/libm.so.6", f"{place}/dropped.so")
    try:
        ctypes.CDLL(f"{place}/dropped.so"); got.append("loaded")
    except OSError as e:
        got.append(type(e).__name__)
print(*got)
