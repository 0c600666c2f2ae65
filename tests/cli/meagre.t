#!/usr/bin/python3
"""Started where little is allowed: hard limits below the jail's own, and standard streams that are closed."""
import errno
import json
import os
import resource
import sys
import urllib.request

sys.path[:0] = [os.path.join(os.path.dirname(__file__), d) for d in (".", "../http")]
from tap import SYS_SECCOMP, check, equal, main, refuse, vitrine  # noqa: E402
import vt  # noqa: E402


def hard(**limits):
    """From now on no more than this can be had, as after `ulimit -H`."""
    def prepare():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    return prepare


def connect(server, n):
    clients = [server.connect(20) for _ in range(n)]
    for c in clients:
        c.connect()
    return clients


@check("hard limits below the jail's stay as they are, and programs run")
def limits():
    names = {"CORE": 0, "NOFILE": 64, "SIGPENDING": 100, "MEMLOCK": 0, "STACK": 4 << 20}
    if not os.environ.get("VITRINE_SAN"):  # the shadow of an address sanitizer is larger than any limit
        names["DATA"] = 200 << 20
    source = f"import resource\nprint([resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in {list(names)}])"
    r = vitrine("run", "-", stdin=source.encode(), preexec_fn=hard(**names))
    equal((r.returncode, r.stdout.decode()), (0, f"{[(v, v) for v in names.values()]}\n"), r.stderr.decode())


@check("few descriptors: connections that do nothing leave some to runs")
def descriptors():
    with vt.Server(prepare=hard(NOFILE=128)) as server:
        clients = connect(server, 200)
        # The first of them was accepted, the last was not.
        reply = server.post({"code": "print('served')"}, connection=clients[0])
        equal((reply.status, reply.json["stdout"]["text"]), (200, "served\n"))


@check("as many connections as may be, and then none: the server listens again")
def deaf():
    with vt.Server(prepare=hard(NOFILE=128)) as server:
        idle = vt.descriptors(server.pid)
        for n in 4 * (64, 65, 67, 90, 200):
            clients = connect(server, n)
            assert vt.wait_until(lambda: vt.descriptors(server.pid) >= idle + 64), "they were not accepted"
            for c in clients:
                c.close()
            assert vt.wait_until(lambda: vt.descriptors(server.pid) <= idle), "they are kept"
            equal(server.post({"code": "print(1)"}, timeout=10).status, 200, n)


def closed():
    for fd in range(3):
        os.close(fd)


@check("without standard streams: served all the same, and nothing of ours is taken for them")
def streams():
    # The line that says where cannot be had, so the port is one that was free a moment ago.
    with vt.Server() as server:
        port = server.port
    pid = os.fork()
    if pid == 0:
        closed()
        os.execv(vt.BUILD / "vitrine", ["vitrine", "serve", "--listen", f"127.0.0.1:{port}"])

    def ready():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).status == 200
        except OSError:
            return False
    try:
        assert vt.wait_until(ready, 30), "it does not serve"
        equal([os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)], ["/dev/null"] * 3)
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/runs", b"print(1)", {"Content-Type": "text/x-python"})
        equal(json.load(urllib.request.urlopen(request, timeout=30))["stdout"]["text"], "1\n")
    finally:
        os.kill(pid, 15)
        os.waitpid(pid, 0)


@check("no system call filters: not served, unless that very layer was named; what gets through then is said")
def no_filter():
    def prepare():
        refuse(SYS_SECCOMP, errno.ENOSYS)
    for args in ((), ("--allow-missing", "landlock")):
        r = vitrine("serve", "--listen", "127.0.0.1:0", *args, preexec_fn=prepare)
        equal((r.returncode, r.stdout), (1, b""), args)
        assert b"seccomp" in r.stderr, r.stderr
    with vt.Server("--allow-missing", "seccomp", prepare=prepare) as server:
        ready = server.get("/readyz")
        # Only the filter stops these two (docs/security.md, What each layer stops); they made the sockets that they asked for.
        through = {p["name"]: p for p in ready.json["probes"] if not p["passed"]}
        equal((ready.status, sorted(through)), (200, ["exec", "socket"]))
        equal([p["missing"] for p in through.values()], [["seccomp"]] * 2)
        assert "done" in through["socket"]["got"], through
        reply = server.run("print('served')")
        equal((reply["stdout"]["text"], reply["status"], "seccomp" in reply["confinement"]), ("served\n", "ok", False))


main()
