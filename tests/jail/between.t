#!/usr/bin/python3
"""Runs beside each other and beside the server: neither reaches the other through what the kernel has without a path.

Cells of a runner are in one network namespace, where names of abstract sockets live. Landlock fences them off from ABI 6
(Linux 6.12) on; on older kernels, Debian 12's own among them, something else must. Both are tried: the second server is
started where landlock_create_ruleset(2) is refused.
"""
import ctypes
import errno
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

LISTEN = """
import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("\\0vitrine-between")
s.listen()
s.settimeout(1.5)
print(time.monotonic(), flush=True)
try:
    s.accept()
    print("reached")
except TimeoutError:
    print("alone")
"""
CONNECT = """
import socket, time
end = time.monotonic() + 1
got = "refused"
while time.monotonic() < end and got == "refused":
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect("\\0vitrine-between")
        got = "reached"
    except OSError:
        time.sleep(0.02)
print(time.monotonic(), got)
"""


def apart(server):
    """The clock is the machine's, so that it can be told that the name was there while the other looked for it."""
    replies = [None, None]

    def run(i, code):
        replies[i] = server.run(code)["stdout"]["text"].split()
    threads = [threading.Thread(target=run, args=(i, code)) for i, code in enumerate((LISTEN, CONNECT))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    (bound, listener), (looked, client) = replies
    true(float(bound) < float(looked), "the two did not run at one time")
    same((listener, client), ("alone", "refused"))


def with_landlock():
    with vt.Server() as server:
        apart(server)


def refuse_landlock():
    """seccomp(2)'s oldest form: from now on landlock_create_ruleset is not there, here and in what is started."""
    number, libc = 444, ctypes.CDLL(None, use_errno=True)
    program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errno.ENOSYS), (0x06, 0, 0, 0x7FFF0000)]
    text = b"".join(i[0].to_bytes(2, "little") + bytes(i[1:3]) + i[3].to_bytes(4, "little") for i in program)
    buffer = ctypes.create_string_buffer(text, len(text))

    class Fprog(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    fprog = Fprog(len(program), ctypes.addressof(buffer))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(fprog)):
        raise OSError(ctypes.get_errno(), "prctl")


def without_landlock():
    with vt.Server("--allow-missing", "landlock", prepare=refuse_landlock) as server:
        layers = {layer["name"]: layer["holds"] for layer in server.get("/v1/posture").json["runtimes"][0]["layers"]}
        same(layers["landlock"], False)
        apart(server)


def out_of_memory():
    """What the kernel ends first when there is none left: processes of the jail, not the server."""
    def score(pid):
        try:
            return int(open(f"/proc/{pid}/oom_score_adj").read())
        except FileNotFoundError:
            return None  # a cell of the probes at start, over since

    with vt.Server() as server:
        scores = [n for n in map(score, vt.descendants(server.pid)) if n is not None]
        true(len(scores) > 2, "no cells")
        same(score(server.pid), score(os.getpid()))
        true(all(n >= 500 for n in scores), scores)


vt.main([
    ("abstract sockets: two runs do not reach each other", with_landlock),
    ("the same on a kernel whose Landlock does not know of them", without_landlock),
    ("memory that runs out is taken from cells", out_of_memory),
])
