#!/usr/bin/python3
"""Started where little is allowed: hard limits below the jail's own, and standard streams that are closed."""
import errno
import json
import os
import resource
import signal
import sys
import urllib.request

sys.path[:0] = [os.path.join(os.path.dirname(__file__), d) for d in (".", "../http")]
from filter import SYS_SECCOMP, refuse  # noqa: E402
from tap import check, equal, main, vitrine  # noqa: E402
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


@check("descriptors that run out while it serves: refused in words, and as before when there are some again")
def run_out():
    with vt.Server() as server:
        usual = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        kept = server.connect()
        equal(server.post({"code": "print(1)"}, connection=kept).status, 200)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (vt.descriptors(server.pid), usual[1]))
        # A pass needs some: pipes, memfds, a pidfd.
        reply = server.post({"code": "print(1)"}, connection=kept)
        equal((reply.status, reply.json["type"]), (503, "/problems/unavailable"), reply.body)
        assert "Too many open files" in reply.json["detail"] and int(reply.headers["Retry-After"]) > 0, reply.body
        # So does a runner, and proving it.
        os.kill(server.children()[0], signal.SIGKILL)
        equal(server.post({"code": "print(1)"}, connection=kept).status, 503)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, usual)
        # A runner that cannot be started is tried again after 5 s at most, and so is its proof.
        assert vt.wait_until(lambda: server.get("/readyz").status == 200, 30 * vt.SLOWER), server.get("/readyz").body
        equal(server.post({"code": "print(1)"}, connection=kept).json["stdout"]["text"], "1\n")


@check("a proof that the machine kept from being made is made again")
def proved_again():
    with vt.Server() as server:
        usual = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        starts = server.metric("runner_starts_total")
        kept = server.connect()
        os.kill(server.children()[0], signal.SIGKILL)
        assert vt.wait_until(lambda: server.metric("runner_starts_total") > starts, 30), "no new runner"
        # It is there with what it needs itself; what the probes need it gets no more of.
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (vt.descriptors(server.pid) + 2, usual[1]))

        def failed():
            reply = vt.request(kept, "GET", "/readyz")
            return reply.json["status"] == "a probe was not contained"
        assert vt.wait_until(failed, 30 * vt.SLOWER), vt.request(kept, "GET", "/readyz").body
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, usual)
        assert vt.wait_until(lambda: server.get("/readyz").status == 200, 30 * vt.SLOWER), server.get("/readyz").body


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


def full():
    """Standard error is on a disk that is full: every write(2) to it is ENOSPC."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 2)


def unread():
    """Nobody reads standard error any more: every write(2) to it is EPIPE, and SIGPIPE unless that is ignored."""
    read, write = os.pipe()
    os.dup2(write, 2)
    os.close(read)


@check("a log that cannot be written: served all the same")
def log():
    for prepare in full, unread:
        with vt.Server(prepare=prepare) as server:
            assert os.readlink(f"/proc/{server.pid}/fd/2").startswith(("/dev/full", "pipe:")), prepare.__name__
            starts = server.metric("runner_starts_total")
            # The server has something to say of a runner that is killed, and a runner of a zygote.
            os.kill(server.children()[0], signal.SIGKILL)
            assert vt.wait_until(lambda: server.metric("runner_starts_total") == starts + 1 and "library" in vt.zygotes(server), 30)
            os.kill(vt.zygotes(server)["library"], signal.SIGKILL)
            assert vt.wait_until(lambda: server.metric("runner_starts_total") == starts + 2
                                 and server.get("/readyz").status == 200, 30), prepare.__name__
            equal(server.run("print(1)")["stdout"]["text"], "1\n")
            equal(server.stop(), 0)


main()
