# expect: {"status": "ok", "stdout": {"text": "free\n"}}
# Names of abstract sockets live in a network namespace: one that the test holds outside is free in here. Landlock fences off
# who connects, not who takes a name.
import socket
try:
    socket.socket(socket.AF_UNIX).bind("\0vitrine-outside"); print("free")
except OSError as e:
    print("seen", e.errno)
