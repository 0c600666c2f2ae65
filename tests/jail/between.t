#!/usr/bin/python3
"""Runs beside each other and beside the server: neither reaches the other through what the kernel has without a path.

Cells of a runner are in one network namespace, where names of abstract sockets live. Landlock fences them off from ABI 6
(Linux 6.12) on; on older kernels, Debian 12's own among them, something else must. Both are tried: the second server is
started where landlock_create_ruleset(2) is refused.
"""
import errno
import os
import sys
import threading

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", area) for area in ("cli", "http")]
import vt  # noqa: E402
from filter import SYS_LANDLOCK_CREATE_RULESET, refuse  # noqa: E402
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
    refuse(SYS_LANDLOCK_CREATE_RULESET, errno.ENOSYS)


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
