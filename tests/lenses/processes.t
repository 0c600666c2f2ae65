#!/usr/bin/python3
"""The processes lens: which there were, how each came about and ended, what they sent, and how many pages they wrote to.

Pids, exit codes and signals are those that the program itself prints of os.getpid() and os.waitpid(), bytes those of
len(ForkingPickler.dumps()), faults those of getrusage() in the process, or of wait4() where it was killed.  How many pages are
written to follows from what a program does: one byte of each page of a bytearray that was there before the fork, or a
reference to each object of a list, whose pages the program counts by their addresses.  Times are only held against what must
come before what.
"""
import ast
import os
import re
import signal

from lens import SANITIZED, Snippet, check, equal, look, main

MS = 1_000_000
MAX = 256
PAGE = os.sysconf("SC_PAGESIZE")
# Each child of it is waited for, and tells by its exit code that it is this one.
FORK = """import os, sys
def start(f):
    pid = os.fork()
    if pid == 0:
        f()
        os._exit(0)
    return pid
def wait(pid): return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
MP = "import multiprocessing, os\nfrom multiprocessing.reduction import ForkingPickler\nmp = multiprocessing.get_context('fork')\ndef size(o): return len(ForkingPickler.dumps(o))\n"
QUIET = "import warnings\nwarnings.simplefilter('ignore')\n"


try:
    import multiprocessing.synchronize  # noqa: F401
    NO_SEMAPHORES = None
except ImportError:
    NO_SEMAPHORES = "this CPython was built without semaphores"


def run(source, **more):
    one = look(source, "processes", **more)
    one.said = [ast.literal_eval(x) for x in one.out.decode().splitlines()]
    consistent(one)
    return one


def line(source, text):
    return next(i for i, row in enumerate(source.split("\n"), 1) if text in row)


def consistent(one):
    """What must be so in every report."""
    rows, t = one["processes"], one["totals"]
    assert rows[0]["parent"] is rows[0]["how"] is rows[0]["line"] is None and rows[0]["process"] == 1, rows[0]
    by_number = {r["process"]: r for r in rows}
    equal(len(by_number), len(rows))
    equal(t["processes"], len(rows) + one["dropped"]["processes"])
    equal(t["page_bytes"], PAGE)
    for key in ("pickled", "unpickled"):
        for unit in ("messages", "bytes"):
            equal(sum(r[key][unit] for r in rows), t[key][unit], (key, unit))
    for r in rows:
        if r["process"] > 1:
            parent = by_number[r["parent"]]
            assert parent["process"] < r["process"] and parent["began_ns"] <= r["started_ns"], r
        times = [r[k] for k in ("started_ns", "began_ns", "ended_ns", "waited_ns") if r[k] is not None]
        equal(times, sorted(times), r)
        assert r["exit_code"] is None or r["signal"] is None, r
        equal(r["waited_ns"] is None, r["blocked_ns"] is None)
        if not one["dropped"]["places"]:
            for key in ("pickled", "unpickled"):
                equal(sum(p[key]["bytes"] for p in r["places"]), r[key]["bytes"], r)


def of(one, pid):
    (row,) = [r for r in one["processes"] if r["pid"] == pid]
    return row


def end(row):
    """As os.waitstatus_to_exitcode() has it."""
    return -row["signal"] if row["signal"] else row["exit_code"]


@check("one process: it started no other")
def _():
    one = run("import os\nprint(os.getpid())\n")
    (row,) = one["processes"]
    equal((row["pid"], end(row), row["waited_ns"], row["replaced"], one["truncated"]), (one.said[0], 0, None, False, False))
    equal((one["failures"], set(one["dropped"].values()), one["totals"]["processes"]), ([], {0}, 1))


@check("a tree: pids, parents, lines and exit codes as the program has them")
def _():
    source = FORK + """def leaf(): os._exit(7)
def branch():
    p = start(leaf)  # inner
    print((p, os.getpid(), wait(p)), flush=True)
    q = start(lambda: sys.exit(9))
    try: print((q, os.getpid(), wait(q)), flush=True)
    finally: os._exit(3)
for i in range(2):
    p = start(branch)  # outer
    print((p, os.getpid(), wait(p)), flush=True)
"""
    one = run(source)
    equal((len(one.said), len(one["processes"])), (6, 7))
    for pid, parent, code in one.said:
        row = of(one, pid)
        equal((row["parent"], end(row), row["how"], row["by"], row["name"]), (of(one, parent)["process"], code, "fork", None, None), row)
        equal((row["line"], row["wait_line"]), (line(source, "os.fork()"), line(source, "os.waitpid")))
        assert row["ended_ns"] is not None and row["ended_ns"] <= row["waited_ns"], row
    equal(one["truncated"], False)


@check("how each ends: by itself in any way, by a signal, without anybody who waits, later than the first")
def _():
    source = QUIET + FORK + """import signal, time
def die(n):
    if n != 9: signal.signal(n, signal.SIG_DFL)
    os.kill(os.getpid(), n)
    time.sleep(60)
def fails(): 1 / 0
devnull = os.open(os.devnull, os.O_WRONLY)
for name, f in {"os._exit": lambda: os._exit(200), "SystemExit": lambda: sys.exit(11), "falls off": None, "an exception": fails,
                "KILL": lambda: die(9), "TERM": lambda: die(15), "ABRT": os.abort}.items():
    pid = os.fork()
    if pid == 0:
        os.dup2(devnull, 2)
        if f is None: break
        f()
    print((name, pid, wait(pid)), flush=True)
else:
    r, w = os.pipe()
    zombie, dead = start(lambda: (os.close(r), os._exit(5))), start(lambda: (os.close(r), die(9)))
    os.close(w)
    os.read(r, 1)
    def left(): os.close(1), os.close(2), time.sleep(60)
    other = start(lambda: (print(("orphan", start(left), None), flush=True), os._exit(6)))
    wait(other)
    os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)
    os.waitid(os.P_PID, dead, os.WEXITED | os.WNOWAIT)
    print(("zombie", zombie, 5), flush=True)
    print(("dead", dead, -9), flush=True)
    print(("other", other, 6), flush=True)
"""
    one = run(source)
    expected = {"os._exit": 200, "SystemExit": 11, "falls off": 0, "an exception": 1, "KILL": -9, "TERM": -15, "ABRT": -6}
    equal({n: code for n, _, code in one.said if n in expected}, expected)
    for name, pid, code in one.said:
        row = of(one, pid)
        equal(end(row), code, name)
        equal(row["waited_ns"] is None, name in ("zombie", "dead", "orphan"), name)
        # What is killed cannot say when.
        equal(row["ended_ns"] is None, name in ("KILL", "TERM", "ABRT", "dead", "orphan"), name)
        if name == "orphan":
            os.kill(pid, signal.SIGKILL)
    equal(one["truncated"], False)


WAITS = {
    "wait": "os.wait()", "waitpid": "os.waitpid(-1, 0)", "wait3": "os.wait3(0)", "wait4": "os.wait4(pid, 0)",
    "waitid": "os.waitid(os.P_ALL, 0, os.WEXITED)",
    "waitpid, again and again": "[None for _ in iter(lambda: os.waitpid(pid, os.WNOHANG)[0], pid)]",
}
for name, call in WAITS.items():
    @check(f"a wait by {name}: when it was known, and how long that took")
    def _(name=name, call=call):
        source = FORK + f"import time\npid = start(lambda: (time.sleep(0.1), os._exit(4)))\ntry:\n    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)\nexcept ChildProcessError: pass\n{call}  # here\nprint((pid, time.sleep(0.05)))\n"
        one = run(source)
        row = of(one, one.said[0][0])
        equal((end(row), row["wait_line"]), (4, line(source, "# here")))
        # It slept before it ended, and the program for as long again before it did.
        assert row["ended_ns"] - row["began_ns"] >= 100 * MS, row
        assert one["processes"][0]["ended_ns"] - row["waited_ns"] >= 50 * MS, one["processes"]
        if "again" not in name:
            assert row["blocked_ns"] >= 50 * MS, row


@check("a look without waiting for it is no wait, and neither is a stop")
def _():
    one = run(FORK + """import signal, time
pid = start(lambda: time.sleep(60))
os.kill(pid, signal.SIGSTOP)
print((pid, os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])))
os.kill(pid, signal.SIGKILL)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
""")
    row = of(one, one.said[0][0])
    equal((one.said[0][1], end(row), row["waited_ns"], row["wait_line"]), (True, -9, None, None))


@check("what cannot be waited for is told as without the lens")
def _():
    run("import os\nfor f in (os.wait, lambda: os.waitpid(1, 0), lambda: os.waitid(os.P_ALL, 0, os.WEXITED)):\n    try: f()\n    except ChildProcessError as e: print(e.errno)\n    else: print('none')\n")
    s = Snippet("import os\nfor f in (os.wait, lambda: os.waitpid(1, 0), lambda: os.waitid(os.P_ALL, 0, os.WEXITED)):\n    try: print(f())\n    except ChildProcessError as e: print(repr(e))\n")
    equal(s.look("processes").out, s.plain().stdout)


@check("multiprocessing: how, by what of the library, names as of the start")
def _():
    source = QUIET + MP + """import sys
def f(): pass
class Mine(mp.Process):
    def run(self): sys.exit(21)
for p in (mp.Process(target=f), mp.Process(target=f, name="größe" * 20), Mine(name="mine")):
    name = p.name
    p.start()  # here
    p.name = "later"
    p.join()
    print((p.pid, name, p.exitcode))
"""
    one = run(source)
    equal(len(one["processes"]), 4)
    for pid, name, code in one.said:
        row = of(one, pid)
        cut = name.encode()[:63].decode(errors="ignore")
        equal((row["name"], end(row), row["how"], row["by"], row["line"], row["replaced"]), (cut, code, "multiprocessing.fork", None, line(source, "# here"), False))


@check("a pool, a manager, an executor: who of the library started them")
def _():
    if NO_SEMAPHORES:
        return NO_SEMAPHORES
    source = QUIET + MP + """from concurrent.futures import ProcessPoolExecutor
import multiprocessing.managers
with mp.Pool(2) as p:  # pool
    pids = {w.pid for w in p._pool}
    print(("multiprocessing.Pool", pids, p.map(abs, [-1, 2])))
    p.close(); p.join()
m = multiprocessing.managers.SyncManager(ctx=mp)
m.start()  # manager
d = m.dict(a=1)
print(("multiprocessing.Manager", {m._process.pid}, dict(d)))
m.shutdown()
with ProcessPoolExecutor(2, mp_context=mp) as p:
    r = list(p.map(abs, [-1, 2]))  # executor
    print(("ProcessPoolExecutor", set(p._processes), r))
"""
    one = run(source)
    lines = {"multiprocessing.Pool": "# pool", "multiprocessing.Manager": "# manager", "ProcessPoolExecutor": "# executor"}
    for by, pids, _ in one.said:
        equal({r["pid"] for r in one["processes"] if r["by"] == by}, pids, by)
        for pid in pids:
            equal((of(one, pid)["line"], of(one, pid)["how"]), (line(source, lines[by]), "multiprocessing.fork"))
        # Each was asked for something and said something.
        assert sum(of(one, pid)["pickled"]["bytes"] for pid in pids) > 0 and sum(of(one, pid)["unpickled"]["bytes"] for pid in pids) > 0


OBJECTS = "[None, 'text' * 1000, list(range(5000)), {'a': (1, 2.5)}, b'x' * 100000]"


@check("bytes and messages: as ForkingPickler has them, by process, direction and line")
def _():
    source = MP + f"""objects = {OBJECTS}
def child(c):
    for o in objects: c.send(o)  # there
    for o in objects: assert c.recv() == o  # back
a, b = mp.Pipe()
p = mp.Process(target=child, args=(b,))
p.start()
for o in objects: assert a.recv() == o  # in
for o in objects: a.send(o)  # out
p.join()
print((p.pid, os.getpid(), [size(o) for o in objects]))
"""
    one = run(source)
    child, parent, sizes = one.said[0]
    all_of_it = {"messages": len(sizes), "bytes": sum(sizes)}
    for pid, out, back in ((child, "# there", "# back"), (parent, "# out", "# in")):
        row, more = of(one, pid), {"messages": 0, "bytes": 0}
        if pid == parent:
            more = {"messages": len(sizes), "bytes": sum(sizes)}  # by size()
        places = {p["line"]: p for p in row["places"]}
        equal(places[line(source, out)]["pickled"], all_of_it)
        equal(places[line(source, back)]["unpickled"], all_of_it)
        equal(row["unpickled"], all_of_it)
        equal(row["pickled"], {k: all_of_it[k] + more[k] for k in more})


@check("queues of all kinds: what is put is what is got")
def _():
    if NO_SEMAPHORES:
        return NO_SEMAPHORES
    source = MP + f"""objects = {OBJECTS}
q, s, j = mp.Queue(), mp.SimpleQueue(), mp.JoinableQueue()
def child():
    for x in (q, s, j):
        for o in objects: x.put(o)
p = mp.Process(target=child)
p.start()
for x in (q, s, j):
    for o in objects: assert x.get() == o
p.join()
sizes = [size(o) for o in objects]
print((p.pid, os.getpid(), sizes))
"""
    one = run(source)
    child, parent, sizes = one.said[0]
    equal(of(one, child)["pickled"], {"messages": 3 * len(sizes), "bytes": 3 * sum(sizes)})
    equal(of(one, parent)["unpickled"], {"messages": 3 * len(sizes), "bytes": 3 * sum(sizes)})
    # By the feeder's thread, which runs nothing of the script; a SimpleQueue has none.
    equal({p["line"]: p["pickled"]["messages"] for p in of(one, child)["places"]}, {None: 2 * len(sizes), line(source, "x.put"): len(sizes)})


@check("bytes that nobody pickles, and pickles that go to nobody, are no messages")
def _():
    one = run(MP + """import io, pickle
a, b = mp.Pipe()
b.send_bytes(b"x" * 1000); a.recv_bytes()
pickle.loads(pickle.dumps([1, 2, 3]))
f = io.BytesIO(b"abc")
f.getvalue(); bytes(f.getbuffer())
pickle.Pickler(f).dump([1]); f.getvalue()
def recv(): return f.getvalue(), len(f.getbuffer())
recv()
print(os.getpid())
""")
    equal((one["totals"]["pickled"], one["totals"]["unpickled"], one["processes"][0]["places"]), ({"messages": 0, "bytes": 0},) * 2 + ([],))


@check("more lines than there is room for: counted, and said to be left out")
def _():
    one = run(MP + "a, b = mp.Pipe()\n" + "b.send(1); a.recv()\n" * 12 + "print(size(1))\n")
    equal((one["truncated"], one["dropped"]["places"], len(one["processes"][0]["places"])), (True, 2 * 4 + 1, 8))
    equal(one["processes"][0]["unpickled"], {"messages": 12, "bytes": 12 * one.said[0]})


def faults(setup, act, n=1):
    """minor_faults of a child that does nothing, and of one that acts; what the program printed beside them."""
    one = run(FORK + f"{setup}\ndef act():\n    {act}\nprint([(p, wait(p)) for p in [start(lambda: None)]])\nprint([(p, wait(p)) for p in [start(act)]])\n")
    a, b = (of(one, said[0][0])["minor_faults"] for said in one.said[-2:])
    return b - a, one


# What differs otherwise between two children: pages that one looks at and the other does not, and those that both write to.
# A sanitizer's memory has pages beside, for each part of the heap that is new.
SLACK, LESS = 200 if SANITIZED else 40, 10


@check("a page that is written to is a fault, once: a byte in each page of a bytearray")
def _():
    if SANITIZED:
        return "a sanitizer's memory has pages beside"
    for n in (100, 3000):
        grew, _ = faults(f"buffer = bytearray({n} * {PAGE})", f"for k in range(3):\n        for i in range(0, len(buffer), {PAGE}): buffer[i] = 1")
        assert n - LESS <= grew <= n + SLACK, (n, grew)


@check("a page that is read is none")
def _():
    grew, _ = faults(f"buffer = bytearray(3000 * {PAGE})", f"for i in range(0, len(buffer), {PAGE}): buffer[i]")
    assert grew <= SLACK, grew


@check("to look at objects writes to their pages, for a reference is taken: those that the program counts by address")
def _():
    if SANITIZED:
        return "a sanitizer's memory has pages beside"
    grew, one = faults(f"objects = [object() for i in range(100000)]\nprint([len({{id(o) // {PAGE} for o in objects}})])", "for o in objects: pass")
    pages = one.said[0][0]
    assert pages > 300 and pages - LESS <= grew <= pages + SLACK, (pages, grew)


@check("memory that is new to a process is counted as well")
def _():
    # Not by larger pages than one.
    grew, _ = faults("import mmap", f"b = mmap.mmap(-1, 500 * {PAGE}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n    b.madvise(mmap.MADV_NOHUGEPAGE)\n    for i in range(0, len(b), {PAGE}): b[i] = 1")
    assert 500 - LESS <= grew <= 500 + SLACK, grew


@check("faults are those that the process is told of itself, and of one that was killed those that its parent is told")
def _():
    one = run(FORK + f"""import resource, signal
buffer = bytearray(1000 * {PAGE})
def touch():
    for i in range(0, len(buffer), {PAGE}): buffer[i] = 1
def child():
    touch()
    wait(start(touch))
    print((os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt), flush=True)
    if kill: os.kill(os.getpid(), signal.SIGKILL)
for kill in (False, True):
    pid = start(child)
    used = os.wait4(pid, 0)[2]
    print((pid, used.ru_minflt, resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt), flush=True)
""")
    own = {said[0]: said[1] for said in one.said if len(said) == 2}
    equal(len(own), 2)
    for pid, n in own.items():
        row = of(one, pid)
        # The lens has some of its own, and after that line there come a few.
        assert n - 60 <= row["minor_faults"] <= n + SLACK, (row, n)
        # Its child's are not among them, as they are in what wait4() tells.
        assert 1000 < row["minor_faults"] < 2000, row
    assert all(said[1] > 2000 for said in one.said if len(said) == 3), one.said


@check("time of the processor: of each its own")
def _():
    one = run(FORK + "def busy(): sum(range(10**7))\npid = start(busy)\nwait(pid)\nq = start(lambda: (busy(), os.kill(os.getpid(), 9)))\nwait(q)\nidle = start(lambda: None)\nwait(idle)\nprint((pid, q, idle))\n")
    a, b, idle = (of(one, pid)["cpu_ns"] for pid in one.said[0][:3])
    # The same work; whatever else the machine does, nothing of it is an idle child's.
    assert min(a, b) > 2 * idle > 0, (a, b, idle)
    first = one["processes"][0]["cpu_ns"]
    assert first < a + b + idle, (first, a, b)


@check("another program: it is in the tree, and what it did is not taken for what it was")
def _():
    source = FORK + """import subprocess
print(subprocess.run([sys.executable, '-c', 'import os; print(os.getpid(), flush=True); os._exit(7)'], stdout=subprocess.PIPE).stdout.decode().strip(), flush=True)
print(subprocess.run([sys.executable, '-c', 'import os; print(os.getpid(), flush=True); os._exit(8)'], stdout=subprocess.PIPE, preexec_fn=int).stdout.decode().strip(), flush=True)
p = os.posix_spawn(sys.executable, [sys.executable, '-c', 'import os; os._exit(9)'], os.environ)
print(p, flush=True); wait(p)
p = start(lambda: os.execv(sys.executable, [sys.executable, '-c', 'import os; os._exit(10)']))
print(p, flush=True); wait(p)
def tries():
    try: os.execv('/nowhere', ['x'])
    except OSError: os._exit(11)
p = start(tries)
print(p, flush=True); wait(p)
"""
    one = run(source)
    equal([(of(one, pid)["how"], end(of(one, pid)), of(one, pid)["replaced"]) for pid in one.said],
          [("subprocess", 7, True), ("subprocess", 8, True), ("spawn", 9, True), ("fork", 10, True), ("fork", 11, False)])
    equal([of(one, pid)["minor_faults"] is None for pid in one.said], [True] * 4 + [False])
    equal((one["truncated"], one["failures"]), (False, []))


@check("a program that cannot be started: an event where it is known, else a process that ends")
def _():
    source = FORK + """import subprocess
try: os.posix_spawn('/nowhere', ['x'], {})  # spawn
except OSError as e: print([e.errno])
try: subprocess.run(['/nowhere'], cwd='/')
except OSError as e: print([e.errno])
"""
    one = run(source)
    equal(one.said, [[2], [2]])
    equal([(f["process"], f["how"], f["line"], f["error"]) for f in one["failures"]], [(1, "spawn", line(source, "# spawn"), "ENOENT")])
    (_, row) = one["processes"]
    equal((row["how"], row["replaced"], end(row)), ("subprocess", False, 255))


@check("subprocess by posix_spawn() is subprocess")
def _():
    one = run("import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''], close_fds=False)\ntry: subprocess.run(['/nowhere'], close_fds=False)\nexcept OSError: pass\n")
    equal([(r["how"], r["replaced"], end(r)) for r in one["processes"][1:]], [("subprocess", True, 0)])
    equal([(f["how"], f["line"], f["error"]) for f in one["failures"]], [("subprocess", 3, "ENOENT")])


@check("the first process becomes another program: what was until then is there, and said not to be all")
def _():
    s = Snippet(FORK + "p = start(lambda: os._exit(3))\nwait(p)\nprint(p, flush=True)\nos.execv(sys.executable, [sys.executable, '-c', 'print(4)'])\n")
    one = s.look("processes")
    pid, after = map(int, one.out.split())
    equal((after, one["truncated"], one["processes"][0]["replaced"], end(of(one, pid))), (4, True, True, 3))


@check("start methods spawn and forkserver: what is seen of them")
def _():
    if NO_SEMAPHORES:
        return NO_SEMAPHORES
    source = QUIET + """import multiprocessing, os
from multiprocessing.reduction import ForkingPickler
def f(): os._exit(13)
if __name__ == '__main__':
    for method in ('spawn', 'forkserver'):
        p = multiprocessing.get_context(method).Process(target=f, name='by ' + method)
        p.start(); p.join()
        print((p.pid, p.exitcode))
"""
    s = Snippet(source)
    one = s.look("processes")
    one.said = [ast.literal_eval(x) for x in one.out.decode().splitlines()]
    consistent(one)
    (spawned, code), (served, _) = one.said
    row = of(one, spawned)
    equal((row["how"], row["name"], row["replaced"], end(row), code), ("multiprocessing.spawn", "by spawn", True, 13, 13))
    equal([r for r in one["processes"] if r["pid"] == served], [])
    equal(sorted(r["how"] for r in one["processes"] if r["how"] and "spawn" not in r["how"]), ["multiprocessing.forkserver", "multiprocessing.resource_tracker"])
    # What they are sent to begin with.
    equal((one["processes"][0]["pickled"]["messages"], one["processes"][0]["unpickled"]["messages"]), (2, 0))


@check("killed while it waits: what others did meanwhile is there")
def _():
    source = MP + """import signal, time
def child(c):
    c.send("x" * 100)
    p = mp.Process(target=int, name="grandchild")
    p.start(); p.join()
    os.kill(os.getppid(), signal.SIGKILL)
a, b = mp.Pipe()
p = mp.Process(target=child, args=(b,))
p.start()
p.join()
"""
    one = look(source, "processes")
    consistent(one)
    equal((one.status, one["truncated"]), (9, True))
    first, second, third = one["processes"]
    equal((second["pickled"]["messages"], third["name"], third["parent"], end(third)), (1, "grandchild", 2, 0))
    assert second["pickled"]["bytes"] > 100 and third["waited_ns"] is not None and first["ended_ns"] is None


@check("by a thread; by threads at the same time")
def _():
    source = QUIET + FORK + """import threading
pids = []
def f(n):
    for i in range(5):
        p = start(lambda: os._exit(n))  # here
        pids.append((p, n))
        assert wait(p) == n
ts = [threading.Thread(target=f, args=(n,)) for n in range(1, 5)]
for t in ts: t.start()
for t in ts: t.join()
print(pids)
"""
    one = run(source)
    equal((len(one["processes"]), one["truncated"]), (21, False))
    for pid, code in one.said[0]:
        # A pid may be given again once it was waited for.
        assert code in [end(r) for r in one["processes"] if r["pid"] == pid], (pid, code)
    equal(sorted(end(r) for r in one["processes"][1:]), sorted([1, 2, 3, 4] * 5))


@check("more processes than there is room for: the first are there, the others counted")
def _():
    one = run(FORK + "for i in range(300): assert wait(start(lambda: os._exit(i % 256))) == i % 256\nprint(os.getpid())\n")
    equal((len(one["processes"]), one["dropped"]["processes"], one["totals"]["processes"], one["truncated"]), (MAX, 301 - MAX, 301, True))
    equal([end(r) for r in one["processes"][1:]], list(range(MAX - 1)))


@check("a process that scribbles over what all share: the report can be read, and the run ends as without")
def _():
    scribble = """import mmap, random, re
def areas():
    for l in open('/proc/self/maps'):
        m = re.match(r'(\\w+)-(\\w+) rw-s 0+ .*zero', l)
        if m: yield int(m[1], 16), int(m[2], 16) - int(m[1], 16)
def scribble(seed):
    import ctypes
    r = random.Random(seed)
    n = 0
    for at, size in areas():
        # The table, and not the rooms of the report, which are larger.
        if size > 600000: continue
        n += 1
        for i in range(400):
            k = r.choice((1, 4, 8, 100, 4096))
            ctypes.memmove(at + r.randrange(size - k), r.choice((b'\\xff' * k, b'\\x7f' * k, r.randbytes(k), b'\\0' * k)), k)
    return n
"""
    source = QUIET + FORK + MP + scribble + """
for seed in range(SEED, SEED + 4):
    p = start(lambda: os._exit(scribble(seed)))
    n = wait(p)
    q = mp.Process(target=abs, args=(-1,))
    q.start(); q.join()
    a, b = mp.Pipe(); a.send(1); b.recv()
print([n, q.exitcode])
"""
    for seed in range(0, 40, 4):
        one = look(source.replace("SEED", str(seed)), "processes")
        equal((one.status, one.cut), (0, False))
        scribbled, code = ast.literal_eval(one.out.decode())
        assert scribbled >= 1 and code == 0, one.out
        assert isinstance(one["processes"], list) and isinstance(one["totals"]["processes"], int)


@check("what a program sees of its processes is as in a plain interpreter")
def _():
    s = Snippet(QUIET + MP + """import io, sys, resource
print(os.fork.__name__, io.BytesIO.getbuffer, io.BytesIO().getvalue.__name__, io.BytesIO.__dict__['getvalue'], sys.getrefcount(io.BytesIO.__dict__['getvalue']))
b = io.BytesIO(b'abc')
print(b.getvalue(), bytes(b.getbuffer()), type(b.getbuffer()))
try: b.getvalue(1)
except TypeError as e: print(e)
try: b.getbuffer(1)
except TypeError as e: print(e)
try: io.BytesIO.getbuffer(3)
except TypeError as e: print(e)
b.close()
for f in (b.getvalue, b.getbuffer):
    try: f()
    except ValueError as e: print(e)
class L(io.BytesIO): pass
print(L(b'x').getvalue(), bytes(L(b'x').getbuffer()))
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.write(w, b'%d' % (os.getppid() == int(sys.argv[0] == '') or 1))
    os._exit(3)
print(os.read(r, 9), os.waitpid(pid, 0)[1], os.waitstatus_to_exitcode(3 << 8))
p = mp.Process(target=print, args=('child',), kwargs={'flush': True}); p.start(); p.join()
print(p.exitcode, p.name, len(multiprocessing.active_children()))
""")
    one, plain = s.look("processes"), s.plain()
    hidden = [re.sub(rb"0x[0-9a-f]+", b"", text) for text in (one.out, plain.stdout, one.err, plain.stderr)]
    equal((hidden[0], hidden[2]), (hidden[1], hidden[3]))


main()
