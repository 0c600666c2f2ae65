# expect: {"status": "ok", "stdout": {"text": "free\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "seen 1\n"}, "denied": [{"syscall": "socket", "count": 1, "errno": "EPERM"}]}
# Names of abstract sockets live in a network namespace: one that the test holds outside is free in here. Landlock fences off
# who connects, not who takes a name.
import socket
try:
    socket.socket(socket.AF_UNIX).bind("\0vitrine-outside"); print("free")
except OSError as e:
    print("seen", e.errno)
