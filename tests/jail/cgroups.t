#!/usr/bin/python3
"""Control groups for runs: made where they may be, and nothing of them is left.

What a run meets in them is in tests/jail/hostile (memory_together, memory_shared). Here: an ordinary user who was delegated
a group, one who was not, and what is there of them while a server runs, after it ended, and after it was killed.
"""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", area) for area in ("cli", "http")]
from tap import BUILD, ENV, VITRINE, check, equal, holds, main, vitrine  # noqa: E402
from vt import Server, zygotes  # noqa: E402

USER = 10001


def own(controller):
    """The directory of this process's group: cgroups(7)."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields, rest = line.split(" - ")
        kind, _, options = rest.split(" ", 2)
        if kind == "cgroup" and controller in options.split(","):
            at, root = pathlib.Path(fields.split()[4]), fields.split()[3]
            for group in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
                if controller in group.split(":")[1].split(","):
                    path = group.split(":", 2)[2]
                    return at / path[len(root) if root != "/" else 0:].lstrip("/")
    return None


OWN = [own("memory"), own("pids")]


def groups(at, pid):
    """Those that a server has, its own directory among them. Some may go while one looks: os.walk passes over these."""
    return sorted(str(pathlib.Path(p).relative_to(at)) for p, _, _ in os.walk(at / f"vitrine-{pid}"))


def is_held(directory):
    """A server that lives holds a lock of its directory: the only sign of one in another PID namespace."""
    try:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(fd)


def left(at):
    """Directories of servers that are gone. Others may be at work on this machine."""
    return [p.name for p in at.glob("vitrine-*") if not os.path.exists(f"/proc/{p.name.split('-')[1].split('.')[0]}")
            and not is_held(p)]


def layer(said):
    return next(x for x in json.loads(said.stdout)["runtimes"][0]["layers"] if x["name"] == "cgroups")


def until(condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@check("this process may make some: they are used, and gone afterwards")
def used():
    equal(layer(vitrine("doctor", "--json"))["note"], "version 1: memory and processes of a run as a whole")
    # One that another is making is not held for a moment.
    equal(until(lambda: not any(left(at) for at in OWN)), True, [left(at) for at in OWN])


@check("a server: groups of runners that are gone are removed while it serves, the rest when it ends")
def serving():
    with Server("--standby", "2") as server:
        for n in "12":
            equal(server.run(f"print({n})", start="cold")["stdout"]["text"], n + "\n")

        def runners():
            return {name.split("/")[1].split("-")[0] for name in groups(OWN[0], server.pid) if "/" in name}

        # Each of its zygotes has groups of its own.
        equal(until(lambda: len(server.children()) == 1), True, server.children())
        left = {str(pid) for pid in (*server.children(), *zygotes(server).values())}
        equal(until(lambda: runners() <= left), True, (runners(), left))
        equal(bool(groups(OWN[1], server.pid)), True)
        equal(server.stop(), 0)
        equal([groups(at, server.pid) for at in OWN], [[], []])


@check("a server that was killed: the next one removes its groups")
def killed():
    with Server() as server:
        server.process.kill()
        server.process.wait()
        equal([bool(groups(at, server.pid)) for at in OWN], [True, True])

    def swept():
        # The cells of the dead server end by themselves, and may need a moment.
        equal(vitrine("doctor", "--json").returncode, 0)
        return not any(groups(at, server.pid) for at in OWN)

    equal(until(swept), True, [groups(at, server.pid) for at in OWN])


@check("a server that cannot be seen, from another PID namespace: its groups stay")
def unseen():
    with Server() as server:
        equal(all(groups(at, server.pid) for at in OWN), True)
        for at in OWN:  # empty groups are the ones that could be removed
            (at / f"vitrine-{server.pid}" / "empty").mkdir()
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", VITRINE, "run", "tests/jail/benign/files.py"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(done.returncode, 0, done.stderr)
        equal([(at / f"vitrine-{server.pid}" / "empty").is_dir() for at in OWN], [True, True])
        equal(server.run("print(1)")["stdout"]["text"], "1\n")
        equal(server.stop(), 0)


# The checkout may lie where others cannot look.
seen_by_all = tempfile.TemporaryDirectory(dir="/var/tmp")


def as_user(*args, into=()):
    at = pathlib.Path(seen_by_all.name)
    if not (at / "vitrine").exists():
        at.chmod(0o755)
        for path in [VITRINE, *BUILD.glob("runner-*")]:
            shutil.copy2(path, at)

    def become():
        for group in into:
            (group / "cgroup.procs").write_text(str(os.getpid()))
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)

    return subprocess.run([at / "vitrine", *args], stdin=subprocess.DEVNULL, capture_output=True, env=ENV, timeout=120,
                          preexec_fn=become)


@check("an ordinary user: none, said why, and runs go on without")
def undelegated():
    note = layer(as_user("doctor", "--json"))
    equal(note["holds"], False)
    holds(note["note"], "Permission denied")
    equal(as_user("run", "tests/jail/benign/files.py").returncode, 0)
    equal(as_user("doctor").returncode, 0)


@check("an ordinary user who was delegated a group uses it, and a run that takes too much ends")
def delegated():
    into = [at / "for-user" for at in OWN]
    for at in into:
        at.mkdir()
        os.chown(at, USER, USER)
    try:
        equal(layer(as_user("doctor", "--json", into=into))["holds"], True)
        said = as_user("run", "--json", "tests/jail/hostile/memory_together.py", into=into)
        equal(json.loads(said.stdout)["limit"]["name"], "memory", said.stdout)
        equal([list(at.glob("vitrine-*")) for at in into], [[], []])
    finally:
        for at in into:
            equal(until(lambda: not (at / "cgroup.procs").read_text()), True)
            at.rmdir()


if os.geteuid() != 0 or not all(OWN) or not all(os.access(at, os.W_OK) for at in OWN):
    print("TAP version 13", "1..0 # SKIP needs root, and control groups of version 1", sep="\n")
    sys.exit(0)
main()
