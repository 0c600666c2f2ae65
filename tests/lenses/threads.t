#!/usr/bin/python3
"""The threads lens: who held the GIL from when to when, and how it was let go.

Switches are counted by the lens from what it sees, and by CPython in gil->switch_number, which the lens only copies: they must
agree.  When a thread asks for the GIL, and who has it next when it was forced, follows from take_gil() and drop_gil(): an
interval must have passed in which nobody else got it, and the one that gives way waits until another has it.  Times are only
held against bounds that no load of the machine breaks.  Names, idents and the order of threads are those that the program
prints of threading.enumerate(), lines those that stand in the source.
"""
import ast
import collections
import json

from lens import GIL, VERSION, Snippet, check, equal, look, main

MS = 1_000_000
BUSY = """import threading
def busy(n):
    for i in range(n): x = i
t = threading.Thread(target=busy, args=(3000000,))
t.start()
busy(3000000)
t.join()
"""
# Hands the GIL over 2 N times, by locks.
PING = """import threading
a, b = threading.Lock(), threading.Lock()
b.acquire()
def turns(x, y):
    for i in range({n}):
        x.acquire()
        y.release()
t = threading.Thread(target=turns, args=(a, b))
t.start()
turns(b, a)
t.join()
"""
PROGRAMS = {
    "nothing": "",
    "one thread that reads and sleeps": "import time\nfor i in range(5): time.sleep(0.001)\nopen(__file__).read()\nprint(1, flush=True)\n",
    "two that are busy": BUSY,
    "two that hand over": PING.format(n=100),
    "many": "import threading\nts = [threading.Thread(target=lambda: sum([i for i in range(20000)])) for i in range(30)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(3) as p: print(sum(p.map(lambda n: sum(range(n)), range(2000))))\n",
    "ends by an exception": "import threading\ndef f(): 1/0\nt = threading.Thread(target=f); t.start(); t.join()\nraise SystemExit(3)\n",
    "a tiny switch interval": "import sys\nsys.setswitchinterval(1e-6)\n" + BUSY.replace("3000000", "300000"),
    "that go on after the main one": "import threading\ndef f():\n    threading.main_thread().join()\n    for i in range(200000): x = i\nfor i in range(2): threading.Thread(target=f).start()\n",
    "of their own making": "import _thread\nl = [_thread.allocate_lock() for i in range(5)]\nfor x in l: x.acquire()\nfor x in l: _thread.start_new_thread(x.release, ())\nfor x in l: x.acquire()\n",
}


def place(one, number):
    return one["places"][number - 1] if number else None


def line(one, number):
    return number and place(one, number)["line"]


def holds(one, thread):
    return [h for h in one["holds"] if h["thread"] == thread]


def at(one, text, source):
    """The places that are on the line of the source that has this text."""
    n = next(i for i, row in enumerate(source.split("\n"), 1) if text in row)
    return [p for p in one["places"] if p["line"] == n]


def without_gil(function):
    def skip_without():
        return function() if GIL else "there is no GIL"
    return skip_without


def consistent(one):
    """What must be so in every report that is whole."""
    t, threads, rows = one["totals"], one["threads"], one["holds"]
    equal(t["switches"], t["switch_number"], "CPython's own count")
    equal(t["takes"], t["releases"], "whoever took it has let it go, but the main thread, which had it at the beginning")
    equal(t["forced"] + t["voluntary"] + t["ended"], t["releases"])
    equal([h["n"] for h in rows], list(range(1, len(rows) + 1)))
    equal([h["how"] for h in rows[-1:]], [None])
    for h, following in zip(rows, rows[1:]):
        assert h["from_ns"] <= h["to_ns"] <= following["from_ns"], (h, following)
        assert h["wanted_ns"] is None or h["wanted_ns"] <= h["from_ns"], h
        assert (h["request_ns"] is None) == (h["requests"] == 0), h
        assert h["request_ns"] is None or h["from_ns"] <= h["request_ns"] <= h["to_ns"], h
        if h["how"] == "forced":
            # drop_gil() waits for that.
            assert h["thread"] != following["thread"], (h, following)
    equal(sum(a["thread"] != b["thread"] for a, b in zip(rows, rows[1:])), t["switches"])
    equal(collections.Counter(h["how"] for h in rows if h["how"]),
          collections.Counter({k: v for k, v in (("forced", t["forced"]), ("voluntary", t["voluntary"]), ("ended", t["ended"])) if v}))
    for key in ("takes", "releases", "forced", "voluntary", "requests"):
        equal(sum(x[key] for x in threads), t[key], key)
    for key in ("forced", "voluntary"):
        counts = collections.Counter(h["left"] for h in rows if h["how"] == key)
        equal({p["place"]: p[key] for p in one["places"] if p[key]}, {k: v for k, v in counts.items() if k}, key)
    for x in threads:
        own = [h for h in holds(one, x["thread"]) if h["how"]]
        equal(sum(h["to_ns"] - h["from_ns"] for h in own), x["held_ns"])
        equal(max((h["to_ns"] - h["from_ns"] for h in own), default=None), x["longest_hold_ns"])
        waits = [h["from_ns"] - h["wanted_ns"] for h in holds(one, x["thread"]) if h["wanted_ns"] is not None]
        equal((sum(waits), len(waits), max(waits, default=None)), (x["waited_ns"], x["waits"], x["longest_wait_ns"]))
        if x["ended_ns"] is not None and x["takes"]:
            equal([h["how"] for h in own].count("ended"), 1)
            equal(own[-1]["how"], "ended")
            assert x["began_ns"] <= own[0]["from_ns"] and own[-1]["to_ns"] <= x["ended_ns"], x
    equal(t["free_ns"], sum(b["from_ns"] - a["to_ns"] for a, b in zip(rows, rows[1:])))


for name, source in PROGRAMS.items():
    @check(f"{name}: takes and releases, switches as CPython counts them, sums")
    @without_gil
    def _(source=source):
        one = look(source, "threads")
        equal((one["truncated"], one["totals"]["gil"], set(one["dropped"].values())), (False, True, {0}))
        consistent(one)


@check("one thread alone: nobody switches, asks or waits")
@without_gil
def _():
    one = look("import time\nx = sorted(range(300000))\ntime.sleep(0.02)\nfor i in range(500000): x = i\n", "threads")
    t = one["totals"]
    equal((len(one["threads"]), t["switches"], t["forced"], t["requests"], one["threads"][0]["waits"]), (1, 0, 0, 0, 0))
    equal((one["threads"][0]["name"], one["threads"][0]["daemon"], one["threads"][0]["by"]), ("MainThread", False, None))


@check("two that are busy: each is asked after an interval, and gives way to the other")
@without_gil
def _():
    one = look(BUSY, "threads")
    forced = [h for h in one["holds"] if h["how"] == "forced"]
    equal([r["us"] for r in one["switch_intervals"]], [5000])
    # More than 6 million turns of a loop take more than 5 intervals on any machine.
    assert len(forced) >= 5, one["totals"]
    for h in forced:
        assert h["requests"] >= 1 and h["request_ns"] - h["from_ns"] >= 5 * MS, h
        assert h["requester"] not in (None, h["thread"]), h
    # All but what a busy machine adds: in start(), or as the thread begins, where no line has been reached yet.
    busy = [h for h in forced if h["left"] and (line(one, h["left"]), place(one, h["left"])["function"]) == (3, "busy")]
    assert len(busy) >= 5 and len(forced) - len(busy) <= 3, one["holds"]
    # No more often than that.
    assert sum(h["to_ns"] - h["from_ns"] for h in forced) >= len(forced) * 5 * MS
    equal({h["thread"] for h in busy}, {1, 2})


@check("the switch interval: the one in force, and changes, by which threads ask")
@without_gil
def _():
    for us in (20000, 1000):
        one = look(f"import sys\nsys.setswitchinterval({us} / 1e6)\n" + BUSY, "threads")
        equal([r["us"] for r in one["switch_intervals"]], [5000, us])
        asked = [h for h in one["holds"] if h["how"] == "forced"]
        assert asked, one["totals"]
        for h in asked:
            assert h["request_ns"] - h["from_ns"] >= us * 1000, h
    one = look("import sys, time\nfor i in range(1, 60):\n    sys.setswitchinterval(i / 100)\n    time.sleep(0)\n", "threads")
    equal([r["us"] for r in one["switch_intervals"]], [5000] + [i * 10000 for i in range(1, 32)])
    equal((one["dropped"]["switch_intervals"], one["truncated"]), (28, True))


# However busy the machine is, nobody asks for the GIL.
WAITS = """import os, queue, sys, threading, time
sys.setswitchinterval(60)
r, w = os.pipe()
lock, q, e = threading.Lock(), queue.Queue(), threading.Event()
def other():
    lock.acquire()
    e.set()
    time.sleep(0.03)
    lock.release()
    os.read(r, 1)
    q.get()
t = threading.Thread(target=other)
t.start()
e.wait()
lock.acquire()
time.sleep(0.03)
os.write(w, b"x")
time.sleep(0.03)
q.put(1)
t.join()
"""


@check("sleep, lock, read, queue and join: let go by itself, at that line, for that long")
@without_gil
def _():
    one = look(WAITS, "threads")
    equal((one["totals"]["forced"], one["truncated"]), (0, False))
    for text, function, library in (("    time.sleep(0.03)", "other", None), ("    os.read(r, 1)", "other", None),
                                    ("lock.acquire()\ntime", "<module>", None), ("    q.get()", "other", "wait"), ("t.join()", "<module>", "")):
        n = WAITS[:WAITS.index(text)].count("\n") + 1
        found = [p for p in one["places"] if p["line"] == n and p["voluntary"]]
        assert found and all(p["forced"] == 0 and p["function"] == function for p in found), (text, one["places"])
        longest = max(found, key=lambda p: p["away_ns"])
        if library is None:
            equal(longest["library"], None, text)
        else:
            equal(longest["library"]["file"].split("/")[-1], "threading.py", text)
            assert library in longest["library"]["function"].lower() and longest["library"]["line"] > 1, longest
        # It slept, or waited for one that slept; join() waits only for the rest.
        if text != "t.join()":
            assert longest["away_ns"] >= (30 if "sleep" in text else 10) * MS, (text, longest)


@check("where the call is in its line is what ast says, from 3.11 on")
@without_gil
def _():
    source = "import time\nx = [1, time.sleep(0.001),\n     (time.sleep(0), 2)]\n"
    one = look(source, "threads")
    got = {(p["line"], p["column"], p["end_line"], p["end_column"]) for p in one["places"] if p["voluntary"] and not p["library"]}
    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    expected = {(n.lineno, n.col_offset, n.end_lineno, n.end_col_offset) for n in calls}
    equal(got, expected if VERSION >= (3, 11) else {(n.lineno, None, None, None) for n in calls})


LONG = """import sys, threading, time
sys.setswitchinterval(1e-3)
go, stop = threading.Event(), False
def other():
    go.set()
    while not stop: pass
t = threading.Thread(target=other)
t.start()
go.wait()
began = time.perf_counter_ns()
sum(range(10**7))
print(time.perf_counter_ns() - began)
stop = True
t.join()
"""


@check("a call into C that does not let go: one hold, asked in vain, and another waits")
@without_gil
def _():
    one = look(LONG, "threads")
    took = int(one.out)
    longest = max(holds(one, 1), key=lambda h: (h["to_ns"] or 0) - h["from_ns"])
    assert longest["to_ns"] - longest["from_ns"] >= 0.9 * took, (took, longest)
    assert longest["requests"] >= 1 and longest["requester"] == 2 and longest["request_ns"] - longest["from_ns"] < took, longest
    # It is let go when the call is over, at its line or, where only jumps and calls look, a later one.
    assert 11 <= line(one, longest["left"]) <= 14, place(one, longest["left"])
    other = one["threads"][1]
    # It asked when it had waited for an interval, and had it after that.
    assert other["longest_wait_ns"] >= longest["to_ns"] - longest["request_ns"] + MS, (longest, other)
    assert took > 5 * MS and other["requests"] > 3, (took, other)


@check("asked, but it lets go by itself: that is not forced")
@without_gil
def _():
    # write() encodes, for longer than an interval, and lets go around the system call; the loop never waits.
    source = """import sys, threading
sys.setswitchinterval(0.001)
stop, begun = [], threading.Event()
def other():
    begun.set()
    while not stop: pass
text = 'é' * 30_000_000
f = open('/dev/null', 'w', encoding='utf-8')
t = threading.Thread(target=other)
t.start()
begun.wait()
f.write(text)
stop.append(1)
t.join()
"""
    one = look(source, "threads")
    (written,) = [p for p in one["places"] if p["line"] == 12 and p["voluntary"]]
    asked = [h for h in holds(one, 1) if h["left"] == written["place"] and h["requests"] and h["how"] == "voluntary"]
    assert asked, [h for h in holds(one, 1)]
    spinning = [h for h in holds(one, 2) if line(one, h["left"]) == 6]
    equal({h["how"] for h in spinning}, {"forced"})


@check("names, idents, daemons and order are those of threading.enumerate(); lines where they were started")
def _():
    source = """import json, threading
stop = threading.Event()
class Own(threading.Thread):
    name_ = 1
    def run(self): stop.wait()
    def __getattr__(self, n): raise AttributeError(n)
def start(t):
    t.start()
a = threading.Thread(target=stop.wait)
b = threading.Thread(target=stop.wait, name='größe \\U0001f40d', daemon=True)
c = Own()
c.daemon = True
d = threading.Timer(1000, print)
e = threading.Thread(target=stop.wait, name='x' * 300)
e.name = 'renamed'
for t in (a, b, c): start(t)
d.start()
def inner():
    threading.Thread(target=stop.wait, name='inner').start(); stop.wait()
f = threading.Thread(target=inner, name='f')
f.start()
while len(threading._active) < 7: pass  # enumerate() has them in the order in which they come there, not of start()
e.start()
print(json.dumps([(t.name, t.ident, t.daemon) for t in threading.enumerate()]))
d.cancel()
stop.set()
"""
    one = look(source, "threads")
    equal(sorted((t["name"], t["ident"], t["daemon"]) for t in one["threads"]), sorted(map(tuple, json.loads(one.out))))
    # enumerate() has them in the order in which they were started.
    equal([t["name"] for t in one["threads"]], [t[0] for t in json.loads(one.out)])
    equal([t["thread"] for t in one["threads"]], list(range(1, 9)))
    equal([line(one, t["at"]) for t in one["threads"]], [None, 8, 8, 8, 17, 21, 19, 23])
    equal([t["by"] for t in one["threads"]], [None, 1, 1, 1, 1, 1, 6, 1])
    for t in one["threads"][1:]:
        library = place(one, t["at"])["library"]
        equal((library["file"].split("/")[-1], library["function"]), ("threading.py", "Thread.start" if VERSION >= (3, 11) else "start"))
        assert t["started_ns"] <= t["began_ns"], t
        # The daemons may end before the program does.
        assert t["daemon"] or t["ended_ns"] >= t["began_ns"], t


@check("without threading: no name, and the line that asked for it")
def _():
    one = look("import _thread\nl = _thread.allocate_lock()\nl.acquire()\n\n_thread.start_new_thread(l.release, ())\nl.acquire()\n", "threads")
    t = one["threads"][1]
    equal((t["name"], t["daemon"], t["by"], line(one, t["at"]), place(one, t["at"])["library"]), (None, None, 1, 5, None))


@check("a long run: the first, the last and the longest between; totals have all")
@without_gil
def _():
    source = PING.format(n=20000).replace("        x.acquire()", "        x.acquire()\n        end = x is b and i % 500 == 499 and time.perf_counter() + 0.002\n        while end and time.perf_counter() < end: pass")
    one = look("import sys, time\nsys.setswitchinterval(60)\n" + source, "threads")
    t, rows = one["totals"], one["holds"]
    equal((t["switches"], t["takes"]), (t["switch_number"], t["releases"]))
    assert t["switches"] >= 40000 and one["truncated"], t
    equal([h["n"] for h in rows[:1000]], list(range(1, 1001)))
    equal([h["n"] for h in rows[-1001:]], list(range(t["takes"] + 1 - 1000, t["takes"] + 2)))
    equal((len(rows), one["dropped"]["holds"]), (2101, t["takes"] + 1 - 2101))
    between = [h["n"] for h in rows[1000:-1001]]
    equal(between, sorted(set(between)))
    assert between[0] > 1000 and between[-1] < rows[-1001]["n"]
    # Every 500th turn of the main thread is longer: those are kept.
    spun = [h for h in rows[1000:-1001] if h["thread"] == 1 and h["to_ns"] - h["from_ns"] >= 2 * MS]
    assert len(spun) >= 38, len(spun)
    for x in one["threads"]:
        assert x["longest_hold"] in {h["n"] for h in rows}, x


@check("more threads than are told apart: the others' holds are of nobody")
def _():
    one = look("import threading\nfor i in range(300):\n    t = threading.Thread(target=int); t.start(); t.join()\n", "threads")
    equal((len(one["threads"]), one["dropped"]["threads"], one["truncated"]), (256, 45, True))
    if GIL:
        equal((one["totals"]["switches"], one["totals"]["takes"]), (one["totals"]["switch_number"], one["totals"]["releases"]))
        equal(any(h["thread"] is None for h in one["holds"]), True)


@check("one that is ended before its end: what was seen until then, said to be a part")
@without_gil
def _():
    one = look("import os, threading, time\ndef f():\n    while True: x = 1\nt = threading.Thread(target=f, daemon=True)\nt.start()\nend = time.perf_counter() + 0.4\nwhile time.perf_counter() < end: pass\nos._exit(3)\n", "threads")
    equal((one.status >> 8, one["truncated"]), (3, True))
    # The first snapshot is at 100 ms, before the next switch.
    assert one["totals"]["ns"] >= 100 * MS and len(one["holds"]) > 3, one["totals"]
    equal([h["how"] for h in one["holds"][:-1]].count(None), 0)


@check("a thread that is left: it has not ended")
def _():
    one = look("import threading\ne = threading.Event()\nt = threading.Thread(target=e.wait, daemon=True)\nt.start()\n", "threads")
    equal([(t["daemon"], t["ended_ns"]) for t in one["threads"]], [(False, None), (True, None)])
    equal(one["truncated"], False)


@check("without a GIL that is said: threads with their start and end, and no holds")
def _():
    if GIL:
        return "there is one"
    s = Snippet(BUSY)
    one = s.look("threads")
    equal({k: v for k, v in one["totals"].items() if k != "ns"}, {"gil": False, **dict.fromkeys(one["totals"].keys() - {"gil", "ns"})})
    equal((one["holds"], one["switch_intervals"], one["truncated"], len(one["threads"])), ([], [], False, 2))
    t = one["threads"][1]
    assert 0 < t["started_ns"] <= t["began_ns"] < t["ended_ns"] < one["totals"]["ns"], t
    equal({t[k] for k in ("takes", "releases", "forced", "voluntary", "waits", "requests", "held_ns", "waited_ns", "away_ns", "longest_hold")}, {None})
    # Both are at work at one time: together they had more than there was.
    code = "import sys, threading; print(sys._is_gil_enabled())"
    equal(s.plain(code=code).stdout.strip(), b"False")


@check("without a GIL, and with it for as long as a module is imported: it is seen then")
def _():
    if GIL:
        return "there is one"
    one = look("import queue\n", "threads")
    equal(one["totals"]["gil"], False)
    equal((one["totals"]["takes"], one["totals"]["switches"]), (one["totals"]["releases"], one["totals"]["switch_number"]))


main()
