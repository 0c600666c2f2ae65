#!/usr/bin/python3
"""Runtimes come and go as directories: each that is there serves, and one that is broken is told and keeps nobody out.

What a runtime says of itself is compared with what its own interpreter says, by tests/in-runtime.
"""
import json
import os
import pathlib
import subprocess
import tempfile

import vt
from vt import same, true

BUILD = vt.BUILD.resolve()
CASES = []
FETCHED = sorted(p.parent.name for p in BUILD.glob("runtimes/*/runner")) if not vt.SANITIZED else []


def case(name):
    def keep(function):
        CASES.append((name, function))
    return keep


class Runners:
    """A directory of programs: the machine's runner, and what else is put there."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.temporary.name)
        self.dir.chmod(0o755)
        (self.dir / "runner-3.11").symlink_to(BUILD / "runner-3.11")
        (self.dir / "runtimes").mkdir(mode=0o755)
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def runtime(self, id, mode=0o755):
        made = self.dir / "runtimes" / id
        made.mkdir()
        made.chmod(mode)
        return made

    def listed(self, **more):
        with vt.Server("--runners", str(self.dir), **more) as server:
            vt.wait_until(lambda: server.get("/readyz").status == 200)
            return server.get("/v1/runtimes").json, server.run(code="print(6 * 7)")["stdout"]["text"]


@case("a directory that is not whole is told, and the machine's runtime serves")
def _():
    with Runners() as r:
        r.runtime("3.97")
        (r.runtime("3.98") / "root").mkdir()
        (r.dir / "runtimes" / "not a runtime").mkdir()
        listed, printed = r.listed(runtimes="3.11,3.97,3.98")
        same(printed, "42\n")
        same([one["id"] for one in listed["runtimes"]], ["3.11"])
        same([one["id"] for one in listed["broken"]], ["3.97", "3.98"])
        true("runtimes/3.97/root" in listed["broken"][0]["reason"], listed["broken"])
        true("runtimes/3.98/runner" in listed["broken"][1]["reason"], listed["broken"])


@case("one that others can write to is not started")
def _():
    with Runners() as r:
        r.runtime("3.98", 0o777)
        listed, _ = r.listed(runtimes="3.11,3.98")
        true("others may write" in listed["broken"][0]["reason"], listed["broken"])


@case("one whose runner is no program is told")
def _():
    with Runners() as r:
        made = r.runtime("3.98")
        (made / "root/usr/lib64").mkdir(parents=True)
        for name in ("runner", "root/usr/lib64/ld-linux-x86-64.so.2"):
            (made / name).write_text("#!/bin/false\n")
            (made / name).chmod(0o755)
        listed, printed = r.listed(runtimes="3.11,3.98")
        same((printed, [one["id"] for one in listed["broken"]]), ("42\n", ["3.98"]))


@case("--runtimes: those only; one that is not there is a reason not to begin")
def _():
    with Runners() as r:
        r.runtime("3.98")
        listed, _ = r.listed(runtimes="3.11")
        same(listed["broken"], [])
        done = subprocess.run([BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", "--runners", r.dir, "--runtimes", "4.0"],
                              capture_output=True, text=True, timeout=60)
        true(done.returncode != 0 and str(r.dir) in done.stderr, (done.returncode, done.stderr))


ASK = """
import json, platform, subprocess, sys
said = {"version": platform.python_version(), "build": sys.version.replace("\\n", " "), "path": sys.path[1:], "prefix": sys.prefix,
        "executable": sys.executable, "orig": sys.orig_argv[:1] if hasattr(sys, "orig_argv") else [],
        "gil": getattr(sys, "_is_gil_enabled", lambda: True)(), "flags": list(sys.flags)}
try:
    import numpy
    said["numpy"] = numpy.__version__
    said["sum"] = float((numpy.arange(12.).reshape(3, 4) @ numpy.ones((4, 2))).sum())
except ImportError:
    said["numpy"] = None
print(json.dumps(said))
"""


def by_itself(id):
    with tempfile.NamedTemporaryFile("w", suffix=".py", dir=BUILD) as f:
        f.write(ASK)
        f.flush()
        done = subprocess.run(["tests/in-runtime", id, f.name], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "VITRINE_BUILD": str(BUILD), "VITRINE_RUNNING": ""})
    if done.returncode == 77:
        raise vt.Skip(done.stdout.strip())
    same((done.returncode, done.stderr), (0, ""))
    return json.loads(done.stdout)


def each(id):
    @case(f"{id}: found as a directory, is what its own interpreter says")
    def _():
        with Runners() as r:
            (r.dir / "runtimes" / id).symlink_to(BUILD / "runtimes" / id)
            with vt.Server("--runners", str(r.dir), runtimes=f"3.11,{id}") as server:
                vt.wait_until(lambda: server.get("/readyz").status == 200)
                listed = server.get("/v1/runtimes").json
                same(listed["broken"], [])
                (told,) = [one for one in listed["runtimes"] if one["id"] == id]
                said = by_itself(id)
                same((told["version"], told["gil"], told["numpy"]), (said["version"], said["gil"], said["numpy"]))
                true(told["root_bytes"] > 20 << 20, told)
                same(sorted(told["lenses"] + [w["lens"] for w in told["withdrawn"]]), sorted(one["name"] for one in server.get("/v1/lenses").json["lenses"]))
                ran = server.run(code=ASK, runtime=id)
                same(ran["status"], "ok", ran["stderr"])
                inside = json.loads(ran["stdout"]["text"])
                # -u and what else is given to an interpreter differ; what it is does not.
                inside.pop("flags"), said.pop("flags")
                same(inside, said)

    @case(f"{id}: an exception, a limit, a child of its own, what is left at the end")
    def _():
        with vt.Server(runtimes=f"3.11,{id}") as server:
            vt.wait_until(lambda: server.get("/readyz").status == 200)
            ran = server.run(code="def f():\n    raise ValueError('no')\nf()\n", runtime=id)
            same((ran["status"], ran["exception"]["type"], ran["exception"]["message"], ran["exception"]["line"]),
                 ("error", "ValueError", "no", 2))
            true("ValueError: no" in ran["stderr"]["text"], ran["stderr"])
            ran = server.run(code="while True: pass", runtime=id, limits={"wall_ms": 300})
            same((ran["status"], ran["limit"]["name"]), ("limit", "wall"))
            ran = server.run(code="import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.version_info[:2])'],"
                             " capture_output=True, text=True).stdout)", runtime=id)
            same(ran["stdout"]["text"].strip(), str(tuple(map(int, id.rstrip("t").split(".")))), ran["stderr"])
            ran = server.run(code="class A:\n    def __del__(self): print('del')\na = A(); a.me = a\nb = A()\nraise KeyError(1)\n", runtime=id)
            same(ran["stdout"]["text"], "del\ndel\n")


COUNTER = """
import threading
counter = 0
def add():
    global counter
    for i in range(100_000):
        counter += 1
threads = [threading.Thread(target=add) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(counter)
"""


def races(id):
    @case(f"{id}: `counter += 1` on four threads, each lens on")
    def _():
        with vt.Server(runtimes=f"3.11,{id}") as server:
            vt.wait_until(lambda: server.get("/readyz").status == 200)
            (told,) = [one for one in server.get("/v1/runtimes").json["runtimes"] if one["id"] == id]
            lost = 0
            for _ in range(20):
                ran = server.run(code=COUNTER, runtime=id)
                same((ran["status"], ran["runtime"]["gil"]), ("ok", told["gil"]), ran["stderr"])
                lost += 400_000 - int(ran["stdout"]["text"])
                if lost:
                    break
            # Without a GIL two threads read one value and each adds to it. With one, 3.10 to 3.13 ask for it only between
            # turns of a loop; 3.9 does within, and of later ones none is known to promise it.
            if not told["gil"]:
                true(lost > 0, "no update was lost in 20 runs")
            elif id in ("3.11", "3.13"):
                same(lost, 0)
            ran = server.run(code=COUNTER.replace("100_000", "50"), runtime=id, lenses=told["lenses"])
            same((ran["status"], sorted(ran["lenses"]), [n for n in ran["lenses"] if ran["lenses"][n]["truncated"]]),
                 ("ok", sorted(told["lenses"]), []), ran["stderr"])


MONITORED = """
import sys
m, seen = sys.monitoring, []
m.use_tool_id(m.DEBUGGER_ID, "mine")
m.register_callback(m.DEBUGGER_ID, m.events.LINE, lambda code, line: seen.append(line))
m.register_callback(m.DEBUGGER_ID, m.events.PY_START, lambda code, offset: seen.append(code.co_name))
def f(n):
    s = 0
    for i in range(n):
        s += i
    return s
m.set_events(m.DEBUGGER_ID, m.events.LINE | m.events.PY_START)
f(2)
m.set_events(m.DEBUGGER_ID, 0)
print(seen, [m.get_tool(i) for i in range(6)])
"""


def monitors(id):
    @case(f"{id}: `sys.monitoring` is the program's, each lens on")
    def _():
        with vt.Server(runtimes=f"3.11,{id}") as server:
            vt.wait_until(lambda: server.get("/readyz").status == 200)
            (told,) = [one for one in server.get("/v1/runtimes").json["runtimes"] if one["id"] == id]
            ran = server.run(code=MONITORED, runtime=id, lenses=told["lenses"])
            # Line 13 is the call, 14 ends it; every tool but its own is free. A pass that printed another thing would be a note.
            same((ran["stdout"]["text"], ran["notes"]),
                 ("[13, 'f', 8, 9, 10, 9, 10, 9, 11, 14] ['mine', None, None, None, None, None]\n", []), ran["stderr"])
            same([n for n in ran["lenses"] if ran["lenses"][n]["truncated"]], [])


for one in FETCHED:
    each(one)
    if tuple(map(int, one.rstrip("t").split("."))) >= (3, 12):
        monitors(one)
for one in ["3.11", *FETCHED]:
    races(one)
print(f"# runtimes with a root of their own: {', '.join(FETCHED) or 'none was fetched'}")
vt.main(CASES)
