# expect: {"status": "ok", "stdout": {"text": "FileNotFoundError\n"}}
# expect in a container: {"status": "ok", "stdout": {"text": "PermissionError\n"}, "denied": [{"syscall": "socketpair", "count": 1, "errno": "EPERM"}]}
# A datagram socket is one half of a pair until sendto(2) names another by its path: /dev/log listens at one on many hosts. Of the
# root, a snippet sees nothing like it; where it has no root of its own, the test holds one there, and the pair is refused, for
# Landlock has no word on sockets.
import socket
try:
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.sendto(b"out", "/mnt/vitrine-outside")
    print("sent")
except OSError as e:
    print(type(e).__name__)
