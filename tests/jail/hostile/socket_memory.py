# expect: {"status": "ok", "stdout": {"text": "OSError OSError True\n"}}
# What waits in a socket is memory of the kernel that no limit of a process counts: 126 pairs held 1 GB with buffers made
# as large as the machine lets anybody.
import socket
a, b = socket.socketpair()
was = [a.getsockopt(socket.SOL_SOCKET, o) for o in (socket.SO_SNDBUF, socket.SO_RCVBUF)]
got = []
for option in socket.SO_SNDBUF, socket.SO_RCVBUF:
    try:
        a.setsockopt(socket.SOL_SOCKET, option, 1 << 30); got.append("raised")
    except OSError as e:
        got.append("OSError")
print(*got, [a.getsockopt(socket.SOL_SOCKET, o) for o in (socket.SO_SNDBUF, socket.SO_RCVBUF)] == was)
