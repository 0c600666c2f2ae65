# expect: {"status": "ok", "stdout": {"text": "FileNotFoundError PermissionError PermissionError\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "PermissionError PermissionError PermissionError\n"}}
# A shell is not there; what the snippet writes cannot be executed; nor can a library.
import os, subprocess
open("x", "w").write("#!/usr/bin/python3.11\nprint(1)\n"); os.chmod("x", 0o755)
got = []
for argv in (["/bin/sh", "-c", "id"], ["./x"], ["/usr/lib/x86_64-linux-gnu/libc.so.6"]):
    try:
        subprocess.run(argv); got.append("ran")
    except OSError as e:
        got.append(type(e).__name__)
print(*got)
