# expect: {"status": "ok", "stdout": {"text": "PermissionError PermissionError PermissionError PermissionError PermissionError\n"}}
import socket
got = []
for family, kind in ((2, 1), (10, 1), (16, 3), (17, 3), (40, 1)):  # INET, INET6, NETLINK, PACKET, VSOCK
    try:
        socket.socket(family, kind); got.append("open")
    except OSError as e:
        got.append(type(e).__name__)
print(*got)
