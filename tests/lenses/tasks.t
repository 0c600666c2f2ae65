#!/usr/bin/python3
"""The tasks lens: asyncio's tasks over time, what each waits for, and what held the loop up.

A plain interpreter runs the same program with asyncio watched from within (WATCH): each task as it is made, with the task that ran and
the frame that made it, each call of a Handle, and after it what asyncio itself has for the task: its _fut_waiter, the coroutines that
it awaits (cr_await) with their lines, in the end its name, whether it was cancelled and its exception.  What held a loop up is what
asyncio logs by itself when slow_callback_duration is passed.  Who waits for whom is on CPython 3.14 also that of
asyncio.capture_call_graph().  Times are held against the sleeps of a program, which take at least as long as they were asked to.
"""
import json
import re

from lens import SANITIZED, VERSION, Snippet, check, equal, holds, look, main

MS = 1_000_000
# Runs main.py, and says what its tasks did; by the tasks' own order.
WATCH = r"""
import asyncio, json, os, sys, threading
from asyncio import base_events, events
tasks, rows, held, main = [], [], [], os.path.abspath('main.py')
lock = threading.RLock()
def number(t):
    return next((i for i, x in enumerate(tasks, 1) if x is t), None)
def ours(frame):
    while frame and frame.f_code.co_filename != main: frame = frame.f_back
    return frame
def running():
    try: return asyncio.current_task()
    except RuntimeError: return None
create = base_events.BaseEventLoop.create_task
def watched(self, coro, **more):
    parent, frame = running(), ours(sys._getframe())
    with lock:
        row = {'parent': number(parent), 'line': frame and frame.f_lineno, 'steps': 0, 'waits': [], 'loop': id(self)}
        code = getattr(coro, 'cr_code', None) or getattr(coro, 'gi_code', None)
        row['function'] = code and [getattr(code, 'co_qualname', code.co_name), code.co_firstlineno, code.co_filename == main]
        tasks.append(None); rows.append(row)
        at = len(tasks) - 1
    tasks[at] = create(self, coro, **more)
    return tasks[at]
base_events.BaseEventLoop.create_task = watched
def chain(o):
    while o is not None:
        frame = getattr(o, 'cr_frame', None) or getattr(o, 'gi_frame', None) or getattr(o, 'ag_frame', None)
        if frame: yield frame
        o = getattr(o, 'cr_await', None) or getattr(o, 'gi_yieldfrom', None) or getattr(o, 'ag_await', None)
        if type(o).__name__ in ('async_generator_asend', 'async_generator_athrow', 'coroutine_wrapper'):
            import gc
            o = next(x for x in gc.get_referents(o) if type(x).__name__ in ('async_generator', 'coroutine'))
def waits(t, row):
    w = t._fut_waiter
    if w is None or w.done(): return
    frames = list(chain(t.get_coro()))
    inner = [f for f in frames if f.f_code.co_filename == main]
    last = frames[-1].f_code
    on = [number(w)] if isinstance(w, asyncio.Task) else []
    if hasattr(w, '_children'): on = [number(c) for c in w._children if not c.done()]
    row['waits'].append([inner[-1].f_lineno if inner else None,
                         None if last.co_filename == main else getattr(last, 'co_qualname', last.co_name), on])
run = events.Handle._run
def step(self):
    t = getattr(self._callback, '__self__', None)
    n = number(t) if isinstance(t, asyncio.Task) and getattr(self._callback, '__name__', 'task_wakeup') == 'task_wakeup' else None
    if n: rows[n - 1]['steps'] += 1
    try: return run(self)
    finally:
        if n and not t.done(): waits(t, rows[n - 1])
events.Handle._run = step
try:
    exec(compile(open(main).read(), main, 'exec'), {'__name__': '__main__', '__file__': main})
except SystemExit: pass
finally:
    for t, row in zip(tasks, rows):
        row['name'] = t.get_name()
        row['state'] = 'pending' if not t.done() else 'cancelled' if t.cancelled() else 'raised' if t.exception() else 'returned'
        row['exception'] = type(t.exception()).__qualname__ if row['state'] == 'raised' else None
        t._log_destroy_pending = False
    sys.stdout.flush()
    os.write(2, b'\n@' + json.dumps(rows).encode() + b'\n')
    os._exit(0)
"""

PROGRAMS = {
    "one that sleeps": "import asyncio\nasync def main():\n    await asyncio.sleep(0.01)\nasyncio.run(main())\n",
    "gather, named, of a parent": "import asyncio\nasync def work(n):\n    await asyncio.sleep(n / 100)\n    return n\nasync def main():\n    t = asyncio.get_running_loop().create_task(work(1), name='größe')\n    t2 = asyncio.create_task(work(3))\n    t2.set_name('second')\n    print(await asyncio.gather(t, t2,\n        work(2)))\nasyncio.run(main())\n",
    "awaits of tasks of tasks": "import asyncio\nasync def leaf(): await asyncio.sleep(0.005)\nasync def node(n):\n    if n: await asyncio.create_task(node(n - 1))\n    else: await leaf()\nasyncio.run(node(5))\n",
    "locks, events, conditions, semaphores": "import asyncio\nasync def main():\n    l, e, s = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(1)\n    c = asyncio.Condition()\n    async def take():\n        async with l: await asyncio.sleep(0.002)\n        await e.wait()\n        async with s:\n            await asyncio.sleep(0.001)\n        async with c:\n            await c.wait()\n    t = [asyncio.ensure_future(take()) for i in range(3)]\n    await asyncio.sleep(0.25)\n    e.set()\n    await asyncio.sleep(0.25)\n    async with c: c.notify_all()\n    await asyncio.wait(t)\nasyncio.run(main())\n",
    "queues": "import asyncio\nasync def put(q):\n    for i in range(5): await q.put(i)\nasync def get(q):\n    for i in range(5):\n        await q.get()\n        await asyncio.sleep(0.001)\n        q.task_done()\nasync def main():\n    q = asyncio.Queue(2)\n    t = asyncio.ensure_future(put(q)), asyncio.ensure_future(get(q))\n    await asyncio.sleep(0)\n    await q.join()\n    await asyncio.gather(*t)\nasyncio.run(main())\n",
    "exceptions and cancelled ones": "import asyncio\nclass E(Exception): pass\nasync def bad(): raise E(1)\nasync def later():\n    await asyncio.sleep(0.001)\n    raise KeyError\nasync def long():\n    try: await asyncio.sleep(100)\n    finally: await asyncio.sleep(0.001)\nasync def stays():\n    try: await asyncio.sleep(100)\n    except asyncio.CancelledError: await asyncio.sleep(0.002)\nasync def main():\n    t = [asyncio.ensure_future(f()) for f in (bad, later, long, stays, long)]\n    t[4].cancel()\n    await asyncio.sleep(0.01)\n    t[2].cancel(); t[3].cancel()\n    print(len(await asyncio.gather(*t, return_exceptions=True)))\nasyncio.run(main())\n",
    "wait_for and shield": "import asyncio\nasync def work(n): await asyncio.sleep(n)\nasync def main():\n    try: await asyncio.wait_for(work(5), 0.01)\n    except asyncio.TimeoutError: print('late')\n    await asyncio.wait_for(asyncio.ensure_future(work(0.001)), 5)\n    t = asyncio.ensure_future(work(0.01))\n    await asyncio.shield(t)\n    for f in asyncio.as_completed([work(0.01), work(0.1)]): await f\nasyncio.run(main())\n",
    "threads of an executor": "import asyncio, time\nasync def main():\n    await asyncio.to_thread(time.sleep, 0.05)\n    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.05)\nasyncio.run(main())\n",
    "asynchronous generators, and coroutines within": "import asyncio, types\nasync def deep(n):\n    if n: await deep(n - 1)\n    else: await asyncio.sleep(0.001)\nasync def agen(n):\n    for i in range(n):\n        await deep(3)\n        yield i\n@types.coroutine\ndef old(): yield from asyncio.sleep(0.001).__await__()\nclass A:\n    def __await__(self): return (yield from asyncio.sleep(0.001).__await__())\nasync def main():\n    async for i in agen(3): await asyncio.sleep(0)\n    await A()\n    await old()\n    for x in (i for i in range(2)): await asyncio.get_running_loop().create_task(deep(1))\nasyncio.run(main())\n",
    "a loop twice": "import asyncio\nasync def f(n):\n    await asyncio.sleep(0.001)\n    return await asyncio.ensure_future(g())\nasync def g(): await asyncio.sleep(0)\nasyncio.run(f(1))\nasyncio.run(f(2))\n",
    "a server, and who asks it": "import asyncio\nasync def answer(r, w):\n    w.write(await r.readline())\n    await w.drain()\n    w.close()\nasync def main():\n    s = await asyncio.start_server(answer, '127.0.0.1', 0)\n    r, w = await asyncio.open_connection(*s.sockets[0].getsockname())\n    w.write(b'a\\n')\n    print(await r.read())\n    w.close()\n    s.close()\nasyncio.run(main())\n",
    "a task class and a loop of its own": "import asyncio\nclass T(asyncio.Task): pass\nclass L(asyncio.SelectorEventLoop):\n    def call_soon(self, callback, *args, context=None): return super().call_soon(callback, *args, context=context)\nasync def f():\n    await asyncio.sleep(0.001)\n    await asyncio.ensure_future(g())\nasync def g(): await asyncio.sleep(0)\nl = L()\nl.set_task_factory(lambda loop, coro, **more: T(coro, loop=loop))\nl.run_until_complete(f())\nl.close()\n",
    "never done": "import asyncio\nasync def f(): await asyncio.get_running_loop().create_future()\nl = asyncio.new_event_loop()\nt = [l.create_task(f()) for i in range(3)]\nfor x in t: x._log_destroy_pending = False\nl.run_until_complete(asyncio.wait(t, timeout=0.01)) if 0 else l.run_until_complete(asyncio.sleep(0.01))\nl.close()\n",
}
if VERSION >= (3, 11):
    PROGRAMS["a group, and a timeout"] = "import asyncio\nasync def work(n): await asyncio.sleep(n / 100)\nasync def main():\n    async with asyncio.TaskGroup() as g:\n        for i in range(3): g.create_task(work(i))\n    try:\n        async with asyncio.timeout(0.01): await work(100)\n    except TimeoutError: pass\n    b = asyncio.Barrier(2)\n    await asyncio.gather(b.wait(), b.wait())\nasyncio.run(main())\n"


def function(one, n):
    return None if n is None else one["functions"][n]


def name_of(one, n):
    return None if n is None else one["functions"][n]["name"]


def at(source, text):
    return next(i for i, line in enumerate(source.split("\n"), 1) if text in line)


def waited(one, task):
    """What a task waited for, in its order: those that are over, and the one that is not."""
    spans = [(s["wait"], s["on"]) for s in one["spans"] if s["task"] == task and s["state"] == "waiting"]
    row = one["tasks"][task - 1]
    return spans + ([(row["wait"], row["on"])] if row["wait"] else [])


def consistent(one):
    """What must be so in every report that is whole."""
    total, tasks, spans = one["totals"], one["tasks"], one["spans"]
    equal((one["truncated"], set(one["dropped"].values()), one["stuck"]), (False, {0}, False))
    equal([t["task"] for t in tasks], list(range(1, total["tasks"] + 1)))
    equal(total["returned"] + total["raised"] + total["cancelled"] + total["never_done"], total["tasks"])
    equal(sum(x["callbacks"] for x in one["loops"]) + sum(t["eager"] for t in tasks), total["steps"])
    equal(sum(x["steps"] for x in one["loops"]), sum(t["steps"] for t in tasks))
    for t in tasks:
        mine = [s for s in spans if s["task"] == t["task"]]
        # One state follows the other, from when it is made to when it ends.
        equal([s["to_ns"] for s in mine], [s["from_ns"] for s in mine[1:]] + [t["ended_ns"] or t["since_ns"]])
        equal(mine[0]["from_ns"], t["created_ns"])
        for state in ("running", "ready", "waiting"):
            ns = sum(s["to_ns"] - s["from_ns"] for s in mine if s["state"] == state)
            ns += total["ns"] - t["since_ns"] if t["state"] == state else 0
            assert ns <= t[state + "_ns"] <= ns + 1000 * MS * (t["state"] == state), (t, state, ns)
        equal(t["steps"], sum(s["state"] == "running" for s in mine) + (t["state"] == "running"))
        equal(max((s["to_ns"] - s["from_ns"] for s in mine if s["state"] == "running"), default=0), t["longest_ns"])
    for w in one["waits"]:
        ns = [s["to_ns"] - s["from_ns"] for s in spans if s["wait"] == w["wait"]]
        equal((len(ns), sum(ns), max(ns, default=0)), (w["times"], w["ns"], w["longest_ns"]))


def seen_by_asyncio(s):
    done = s.plain(code=WATCH)
    said = re.search(rb"^@(.*)$", done.stderr, re.M)
    assert said, done.stderr.decode()
    return json.loads(said[1])


def compare(one, rows):
    shown = [{"parent": t["parent"], "line": t["line"], "steps": t["steps"], "name": t["name"], "exception": t["exception"],
              "state": t["state"] if t["ended_ns"] is not None else "pending",
              "function": t["function"] is not None and [name_of(one, t["function"]), function(one, t["function"])["line"],
                                                         function(one, t["function"])["file"] is None],
              "waits": [[one["waits"][w - 1]["line"], name_of(one, one["waits"][w - 1]["function"]), on] for w, on in waited(one, t["task"])]}
             for t in one["tasks"]]
    loops = {}
    for row in rows:
        loops.setdefault(row.pop("loop"), len(loops))
        row["exception"] = row["exception"] and row["exception"].rpartition(".")[2]
    for t in shown:
        t["exception"] = t["exception"] and t["exception"].rpartition(".")[2]
    # What asyncio does not tell of a future: that of wait(), wait_for(), a group and shield() is for tasks, a lock is somebody's.
    for t, row in zip(shown, rows):
        for mine, known in zip(t["waits"], row["waits"]):
            if not known[2]:
                mine[2] = known[2]
    equal(len(shown), len(rows))
    for t, row in zip(shown, rows):
        equal(t, row)


for name, source in PROGRAMS.items():
    @check(f"{name}: tasks, steps, what each waits for and where, and how it ends, as asyncio has it")
    def _(source=source):
        s = Snippet(source)
        one = s.look("tasks")
        equal(one.out, s.plain().stdout)
        consistent(one)
        compare(one, seen_by_asyncio(s))


@check("kinds of waits, and the tasks that they are for")
def kinds():
    source = PROGRAMS["locks, events, conditions, semaphores"]
    one = look(source, "tasks")
    kind = {(w["kind"], w["type"]) for w in one["waits"]}
    equal(kind, {("lock", f"asyncio.locks.{x}") for x in ("Lock", "Event", "Semaphore", "Condition")} |
          {("sleep", "_asyncio.Future"), ("tasks", "_asyncio.Future")})
    # Tasks 2 to 4 take the lock one after the other: 3 and 4 wait for it while 2 has it.
    line = at(source, "async with l")
    equal([waited(one, n)[0][1] for n in (3, 4)], [[2], [2]])
    equal({one["waits"][waited(one, n)[0][0] - 1]["line"] for n in (3, 4)}, {line})
    equal(sorted(waited(one, 1)[-1][1]), [2, 3, 4], "wait() has them in a set")
    sleeps = {w["delay_ns"] for w in one["waits"] if w["kind"] == "sleep"}
    equal(sleeps, {250 * MS, 2 * MS, 1 * MS})
    # The delay begins in sleep(), the wait where the step ends: on a busy machine some time later.  That is much of a
    # millisecond, and little of 250.
    for w in one["waits"]:
        if w["kind"] == "sleep":
            assert w["ns"] > 0, w
            assert w["delay_ns"] < 250 * MS or w["ns"] >= w["times"] * 200 * MS, w


@check("wait_for(), shield(), executors, streams, queues: kinds and tasks")
def more_kinds():
    one = look(PROGRAMS["wait_for and shield"], "tasks")
    by_line = {}
    for w in one["waits"]:
        by_line.setdefault(w["line"], set()).add(w["kind"])
    source = PROGRAMS["wait_for and shield"]
    equal(by_line[at(source, "shield(t)")], {"task"})
    # From 3.12 on a coroutine is awaited within a timeout, and is no task.
    equal(by_line.get(at(source, "work(5)"), set()) - {"task"}, set())
    equal(by_line[at(source, "ensure_future(work(0.001))")], {"task"})
    equal(by_line[at(source, "as_completed")], {"queue"})
    shield = next(w["wait"] for w in one["waits"] if w["line"] == at(source, "shield(t)"))
    inner = next(t["task"] for t in one["tasks"] if t["line"] == at(source, "t = asyncio.ensure"))
    equal([on for w, on in waited(one, 1) if w == shield], [[inner]])
    one = look(PROGRAMS["threads of an executor"], "tasks")
    equal([w["kind"] for w in one["waits"]][:2], ["thread", "thread"])
    one = look(PROGRAMS["a server, and who asks it"], "tasks")
    equal({w["kind"] for w in one["waits"] if w["type"] and "Stream" in w["type"]}, {"io"})
    one = look(PROGRAMS["queues"], "tasks")
    equal({w["kind"] for w in one["waits"] if w["line"] in (3, 6)}, {"queue"})
    equal({w["kind"] for w in one["waits"] if w["line"] == 13}, {"lock"}, "join() waits for an event")


# The loop that adds calls nothing: no call can be what held it up, however busy the machine is.
BLOCKS = """import asyncio, time
loop = asyncio.new_event_loop()
loop.slow_callback_duration = 0.05
def helper(): time.sleep(0.08)
def compute(t):
    while time.perf_counter() < t: pass
def called(): time.sleep(0.07)
async def main():
    await asyncio.sleep(0.01)
    time.sleep(0.005)
    await asyncio.sleep(0)
    time.sleep(0.09)
    await asyncio.sleep(0)
    helper()
    await asyncio.sleep(0.001)
    compute(time.perf_counter() + 0.06)
    loop.call_soon(called)
    await asyncio.sleep(0.001)
    n = 0
    while n < 6_000_000: n += 1
    await asyncio.sleep(0)
    sorted([1, 2], key=lambda x: time.sleep(0.04))
loop.run_until_complete(main())
loop.close()
"""


@check("what held the loop up: as many as asyncio logs, each with its call and line")
def blocked():
    s = Snippet(BLOCKS)
    one = s.look("tasks")
    logged = re.findall(rb"Executing (.).* took ([\d.]+) seconds", s.plain("-X", "dev").stderr)
    found = [(b["task"], b["callback"], b["call"] and name_of(one, b["call"]["function"]), b["call"] and b["call"]["line"]) for b in one["blocked"]]
    line = lambda text: at(BLOCKS, text)
    want = [(1, None, "time.sleep", line("sleep(0.09)")), (1, None, "time.sleep", line("sleep(0.08)")), (1, None, "compute", line("compute(time")),
            (None, "called", "time.sleep", line("sleep(0.07)")), (1, None, None, None), (1, None, "sorted", line("sorted"))]
    if not (len(one["blocked"]) == len(logged) == len(want)) and any(b["ns"] < 60 * MS for b in one["blocked"]):
        return "the machine was too slow for it"
    equal(found, want)
    equal((len(logged), one["totals"]["blocked"], one["totals"]["blocked_ms"]), (len(want), len(want), 50))
    lines = [(b["from_line"], b["to_line"]) for b in one["blocked"] if b["task"]]
    equal(lines, [(11, 13), (13, 15), (15, 18), (18, 21), (21, 22)])
    for b, ms in zip(one["blocked"], (90, 80, 60, 70, 50, 80)):
        assert b["ns"] >= ms * MS - MS // 10, b


@check("how long it takes to count is an option")
def threshold():
    one = Snippet(BLOCKS).look("tasks", options=["tasks.blocked_ms=85"])
    equal(one["totals"]["blocked_ms"], 85)
    assert {12} <= {b["call"]["line"] for b in one["blocked"] if b["call"]}, one["blocked"]
    assert all(b["ns"] >= 85 * MS for b in one["blocked"])
    equal(Snippet(BLOCKS).look("tasks", options=["tasks.blocked_ms=2000"])["blocked"], [])


@check("ready, but another runs: tasks that are woken while one holds the loop up")
def ready():
    one = look("import asyncio, time\nasync def short(): await asyncio.sleep(0.01)\nasync def long():\n    await asyncio.sleep(0)\n    await asyncio.sleep(0)\n    time.sleep(0.1)\nasync def also():\n    await asyncio.sleep(0)\nasync def main(): await asyncio.gather(long(), also(), short())\nasyncio.run(main())\n", "tasks")
    also, short = one["tasks"][2], one["tasks"][3]
    equal((name_of(one, also["function"]), name_of(one, short["function"])), ("also", "short"))
    # The sleep of 10 ms is over when the loop comes to look, after 100.
    assert short["waiting_ns"] >= 99 * MS, short
    assert also["ready_ns"] < 99 * MS


CYCLES = """import asyncio
async def a(): await tasks['b']
async def b(): await tasks['c']
async def c(): await tasks['a']
async def take(x, y):
    async with x:
        await asyncio.sleep(0.01)
        async with y: pass
async def main():
    for f in (a, b, c): tasks[f.__name__] = asyncio.ensure_future(f())
    x, y = asyncio.Lock(), asyncio.Lock()
    tasks['x'], tasks['y'] = asyncio.ensure_future(take(x, y)), asyncio.ensure_future(take(y, x))
    await asyncio.sleep(0.05)
    END
tasks = {}
loop = asyncio.new_event_loop()
try: loop.run_until_complete(main())
finally:
    for t in tasks.values(): t._log_destroy_pending = False
"""


@check("who waits for whom: cycles of tasks and of locks")
def cycles():
    one = look(CYCLES.replace("END", "pass"), "tasks")
    equal([c["tasks"] for c in one["cycles"]], [[2, 3, 4], [5, 6]])
    equal(one["stuck"], False, "the loop was left, it does not wait")
    one = look(PROGRAMS["locks, events, conditions, semaphores"], "tasks")
    equal((one["cycles"], one["stuck"]), ([], False))


@check("killed while it waits for ever: who waits for whom is there, and that nothing can go on")
def stuck():
    one = look(CYCLES.replace("END", "import signal; signal.setitimer(signal.ITIMER_REAL, 0.3); signal.signal(signal.SIGALRM, signal.SIG_DFL)\n    await asyncio.Event().wait()"), "tasks")
    equal((one.status, one["truncated"], one["stuck"]), (14, True, True))
    equal([c["tasks"] for c in one["cycles"]], [[2, 3, 4], [5, 6]])
    equal([t["state"] for t in one["tasks"]], ["waiting"] * 6)
    equal((one["loops"][0]["idle_forever"], one["loops"][0]["to_ns"]), (True, None))
    # With a time set, or something outside, it is not.
    for wait in ("await asyncio.sleep(100)", "await asyncio.get_running_loop().run_in_executor(None, __import__('time').sleep, 0.5)"):
        one = look(CYCLES.replace("END", "import signal; signal.setitimer(signal.ITIMER_REAL, 0.3); signal.signal(signal.SIGALRM, signal.SIG_DFL)\n    " + wait), "tasks")
        equal((one.status, one["stuck"]), (14, False), wait)


@check("3.14: who waits for whom as asyncio.capture_call_graph() has it")
def graph():
    if VERSION < (3, 14):
        return "there is none before 3.14"
    source = "import asyncio, json\nasync def leaf(): await asyncio.sleep(0.05)\nasync def mid(): await asyncio.create_task(leaf(), name='leaf')\nasync def both():\n    async with asyncio.TaskGroup() as g:\n        g.create_task(mid(), name='m1'); g.create_task(mid(), name='m2')\nasync def main():\n    t = asyncio.create_task(both(), name='both')\n    s = asyncio.create_task(top(t), name='top')\n    await asyncio.sleep(0.02)\n    print(json.dumps([[x.get_name(), sorted(g.future.get_name() for g in asyncio.capture_call_graph(x).awaited_by)] for x in sorted(asyncio.all_tasks(), key=id)]))\n    await s\nasync def top(t): await asyncio.gather(t)\nasyncio.run(main())\n"
    one = look(source, "tasks")
    awaited_by = {}
    # At that moment, the wait that began before 20 ms and ended after.
    moment = next(s["from_ns"] for s in one["spans"] if s["task"] == 1 and s["state"] == "waiting") + 20 * MS
    names = {t["task"]: t["name"] for t in one["tasks"]}
    for s in one["spans"]:
        if s["state"] == "waiting" and s["from_ns"] <= moment < s["to_ns"]:
            for n in s["on"]:
                awaited_by.setdefault(n, []).append(names[s["task"]])
    told = {(name, tuple(by)) for name, by in json.loads(one.out) if name != "Task-1"}
    equal({(names[n], tuple(sorted(awaited_by.get(n, [])))) for n in names if names[n] in dict(told)}, told)


@check("eager tasks: those that end at once, and those that go on")
def eager():
    if VERSION < (3, 12):
        return "there are none before 3.12"
    source = "import asyncio\nasync def now(n): return n\nasync def bad(): raise KeyError\nasync def later(n):\n    await asyncio.sleep(0.01)\n    return n\nasync def outer():\n    t = asyncio.create_task(later(3), name='in')\n    await t\nasync def main():\n    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)\n    a = asyncio.create_task(now(1), name='a')\n    b = asyncio.create_task(later(2), name='b')\n    c = asyncio.create_task(bad(), name='c')\n    d = asyncio.create_task(outer(), name='d')\n    print(a.done(), b.done(), c.done(), await b, await asyncio.gather(c, return_exceptions=True), await d)\nasyncio.run(main())\n"
    s = Snippet(source)
    one = s.look("tasks")
    equal(one.out, s.plain().stdout)
    consistent(one)
    equal([(t["name"], t["eager"], t["parent"], t["state"], t["exception"], t["steps"], t["line"]) for t in one["tasks"][1:6]],
          [("a", True, 1, "returned", None, 1, 12),
           ("b", True, 1, "returned", None, 2, 13), ("c", True, 1, "raised", "KeyError", 1, 14), ("d", True, 1, "returned", None, 2, 15),
           ("in", True, 5, "returned", None, 2, 8)])
    equal([(one["waits"][w - 1]["line"], on) for w, on in waited(one, 5)], [(9, [6])])


@check("loops in several threads at a time")
def threads():
    source = "import asyncio, threading\nasync def f(n):\n    for i in range(20): await asyncio.sleep(0.001)\n    return await asyncio.ensure_future(g())\nasync def g(): await asyncio.sleep(0.001)\nts = [threading.Thread(target=lambda: asyncio.run(f(i))) for i in range(4)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n"
    one = look(source, "tasks")
    consistent(one)
    equal((one["totals"]["loops"], sorted(x["thread"] for x in one["loops"])), (4, [1, 2, 3, 4]))
    fs = [t for t in one["tasks"] if name_of(one, t["function"]) == "f"]
    equal((len(fs), {t["steps"] for t in fs}, {t["state"] for t in fs}), (4, {22}, {"returned"}))
    equal(sorted(t["loop"] for t in fs), [1, 2, 3, 4])
    for t in one["tasks"]:
        if t["parent"]:
            equal(one["tasks"][t["parent"] - 1]["loop"], t["loop"])


@check("a child that the program forks changes nothing of what its parent's tasks did")
def forks():
    one = look("import asyncio, os\nasync def main():\n    await asyncio.sleep(0.01)\n    pid = os.fork()\n    if not pid: raise KeyError\n    os.waitpid(pid, 0)\n    await asyncio.sleep(0.01)\ntry: asyncio.run(main())\nexcept KeyError: os._exit(0)\n", "tasks")
    consistent(one)
    equal([(t["state"], t["steps"]) for t in one["tasks"][:1]], [("returned", 3)])


@check("killed within a step: that it runs, and since when")
def within():
    one = look("import asyncio, signal\nasync def main():\n    await asyncio.sleep(0.01)\n    signal.setitimer(signal.ITIMER_REAL, 0.2)\n    while True: pass\nasyncio.run(main())\n", "tasks")
    equal((one.status, one["truncated"], one["stuck"]), (14, True, False))
    t = one["tasks"][0]
    equal((t["state"], t["steps"]), ("running", 2))


@check("without asyncio, and with it but no loop: nothing, and that is whole")
def nothing():
    for source in ("print(sum(range(1000)))\n", "import asyncio\nasync def f(): pass\nf().close()\n", ""):
        one = look(source, "tasks")
        equal((one["totals"]["loops"], one["totals"]["tasks"], one["truncated"], one["stuck"]), (0, 0, False, False))
        for member in ("loops", "tasks", "spans", "waits", "blocked", "cycles", "functions"):
            equal(one[member], [], member)


@check("tasks of the class that is written in Python are counted, and said to be missing")
def python_tasks():
    one = look("import asyncio\nasyncio.Task = asyncio.tasks.Task = asyncio.tasks._PyTask\nasync def f(): await asyncio.sleep(0.001)\nasyncio.run(f())\n", "tasks")
    equal((one["totals"]["tasks"], one["truncated"], one["totals"]["loops"]), (0, True, 1))
    # asyncio.run() makes two or three: what shuts the loop down is in tasks, too.
    assert one["totals"]["python_tasks"] in (2, 3), one["totals"]


@check("more tasks, spans and waits than there is room for: the first, and what is missing is counted")
def many():
    lines = "".join(f"    await asyncio.sleep(0)\n    await fut({i})\n" for i in range(600))
    source = "import asyncio\nasync def f(): await asyncio.sleep(0)\ndef fut(n):\n    f = asyncio.get_running_loop().create_future()\n    asyncio.get_running_loop().call_soon(f.set_result, n)\n    return f\nasync def main():\n    for i in range(40): await asyncio.gather(*[f() for j in range(50)])\nasync def lines():\n" + lines + "asyncio.run(lines())\nasyncio.run(main())\n"
    one = look(source, "tasks")
    total, dropped = one["totals"], one["dropped"]
    equal((one["truncated"], len(one["tasks"]), len(one["spans"]), len(one["waits"])), (True, 1500, 2000, 499))
    # main and lines, 2000 of f, and two or three that shut each loop down.
    made = 2002 + total["tasks"] - 2002
    assert 2006 <= total["tasks"] <= 2008, total
    equal(dropped["tasks"], made - 1500)
    # 1,200 things were waited for before the others, each once.
    assert dropped["spans"] > 4000 and dropped["waits"] > 1200 - 499, dropped
    equal([s["from_ns"] <= s["to_ns"] for s in one["spans"]], [True] * 2000)
    equal([t["name"] for t in one["tasks"][:3]], ["Task-1", "Task-2", "Task-3"])
    equal([w["line"] for w in one["waits"][:4]], [10, 11, 12, 13])


@check("no task lives longer, none is held: each dies when it does without the lens")
def lives():
    source = "import asyncio, weakref, gc\ngc.disable()\nasync def f(): await asyncio.sleep(0)\nasync def main():\n    for i in range(5):\n        t = asyncio.ensure_future(f())\n        weakref.finalize(t, print, 'dead', i)\n        await t\n        print('after', i, len(asyncio.all_tasks()))\nasyncio.run(main())\n"
    s = Snippet(source)
    equal(s.look("tasks").out, s.plain().stdout)


@check("addresses that are used again: each task has a row of its own")
def again():
    one = look("import asyncio\nasync def f(n): await asyncio.sleep(0)\nasync def main():\n    for i in range(300): await asyncio.ensure_future(f(i))\nasyncio.run(main())\n", "tasks")
    consistent(one) if len(one["spans"]) < 2000 and not one["truncated"] else None
    fs = [t for t in one["tasks"] if name_of(one, t["function"]) == "f"]
    equal((len(fs), {t["steps"] for t in fs}, {t["state"] for t in fs}), (300, {2}, {"returned"}))


main()
