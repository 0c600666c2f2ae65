#!/usr/bin/python3
"""The timing lens counts the lines that sys.settrace hears of, and its times add up.

Hits are compared with a counter written in Python, in a plain interpreter.  Nothing here expects that something takes a
certain time; only that a sleep takes no less than it says, which the kernel promises.
"""
import json

from lens import VERSION, Snippet, check, equal, look, main

COUNTER = """
import collections, json, sys, threading
hits = collections.Counter()
one_at_a_time = threading.Lock()
def local(frame, event, arg):
    with one_at_a_time:
        if event == "line": hits[frame.f_lineno] += 1
    return local
def trace(frame, event, arg):
    return local if frame.f_code.co_filename == "main.py" else None
code = compile(open("main.py").read(), "main.py", "exec")
space = {"__name__": "__main__", "__builtins__": __builtins__}
threading.settrace(trace)
sys.settrace(trace)
try:
    exec(code, space)
except BaseException:
    pass
sys.settrace(None)
threading._shutdown()
json.dump(sorted(hits.items()), sys.__stdout__)
"""

PROGRAMS = {
    "loops": "t = 0\nfor i in range(1000):\n    if i % 3:\n        continue\n    t += i\n    while t % 7:\n        t += 1\nelse:\n    t = 0\nfor i in range(3): pass\nfor i in []: pass\n",
    "one line": "for i in range(50): x = i; y = x\nx = [i for i in range(9) if i]; f = lambda: (1,\n 2); f(); f()\n",
    "functions and recursion": "def f(n):\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - 2)\n\n\nx = f(15)\ny = [\n    f(2),\n    f(3),\n]\n",
    "generators": "def g(n):\n    for i in range(n):\n        x = yield i\n        yield x\ndef h():\n    y = yield from g(3)\n    return y\nfor i in h(): pass\na = g(2)\nnext(a)\na.send(3)\ntry:\n    a.throw(ValueError)\nexcept ValueError:\n    pass\nb = g(1)\nnext(b)\nb.close()\n",
    "exceptions": "def f(n):\n    try:\n        if n: raise ValueError(n)\n        return 1 / n\n    except ZeroDivisionError as e:\n        x = e\n    finally:\n        y = n\n    return x\nfor i in (0, 1):\n    try:\n        f(i)\n    except ValueError:\n        pass\n    else:\n        pass\nf(2)\nprint('not reached')\n",
    "classes, with, match": "class A:\n    x = 1\n    def __enter__(self): return self\n    def __exit__(self, *a):\n        return True\nfor v in (1, 'a', [2, 3]):\n    with A() as a, \\\n         A():\n        match v:\n            case int(): y = 1\n            case [x, *_] if x:\n                y = 2\n            case _:\n                raise ValueError\n",
    "coroutines": "import asyncio\nasync def f(n):\n    for i in range(n):\n        await asyncio.sleep(0)\n    return n\nasync def g():\n    x = [await f(i) for i in range(3)]\n    async with asyncio.TaskGroup() as t:\n        t.create_task(f(2))\n        t.create_task(f(3))\n    return x\nasyncio.run(g())\n",
    "called by C": "import functools\ndef key(x):\n    return -x\nsorted(range(50), key=key)\nlist(map(key, range(7)))\n@functools.lru_cache\ndef f(n):\n    return n and f(n - 1)\nf(9)\nclass A:\n    def __del__(self):\n        x = 1\na = A()\ndel a\n",
    "a long statement": "x = (1 +\n     2 +\n     int('3') +\n     int(\n       '4'))\nassert (x ==\n        10)\n",
    "threads, joined": "import threading\ndef f(n):\n    for i in range(n):\n        x = i\nts = [threading.Thread(target=f, args=(i,)) for i in range(5)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n",
    "threads that outlive the main one": "import threading\ngo = threading.Event()\nclass T(threading.Thread):\n    def run(self):\n        go.wait()\n        for i in range(100):\n            x = i\nfor i in range(3): T().start()\ngo.set()\n",
    "ended by exit": "import sys\nfor i in range(3):\n    x = i\nsys.exit(3)\n",
    "empty": "",
    "a docstring": "'doc'\n",
    "strings that are run": "exec('x = 1\\nfor i in range(5): x = i')\neval('x + 1')\n",
}


def same(source):
    s = Snippet(source)
    # An empty module has an event at line 0, which is no line.
    want = [line for line in json.loads(s.plain(code=COUNTER).stdout) if line[0]]
    one = s.look("lines")
    equal([[line["line"], line["hits"]] for line in one.lens["lines"]], want)
    equal(one["truncated"], False)
    total = sum(line["self_ns"] for line in one["lines"])
    if "thread" not in source:
        assert 0 <= total <= one.run["exec_wall_ns"], (total, one.run["exec_wall_ns"])


for name, source in PROGRAMS.items():
    if "match" in name and VERSION < (3, 10):
        continue
    check(f"{name}: hits as sys.settrace hears them, and no more time than passed")(lambda source=source: same(source))


@check("a call's time is the callee's line's; what a library does is the caller's")
def _():
    one = look("import time\ndef f():\n    time.sleep(0.05)\ndef g():\n    import threading\n    threading.Event().wait(0.04)\nf()\ng()\n", "lines")
    at = {line["line"]: line["self_ns"] for line in one["lines"]}
    assert at[3] >= 50_000_000 and at[6] >= 40_000_000, at
    # Lines 7 and 8 only call: their own share is what is left of the whole.
    assert at[7] + at[8] <= one.run["exec_wall_ns"] - at[3] - at[6], (at, one.run)


@check("a generator's time is its own between yields")
def _():
    one = look("import time\ndef g():\n    yield 1\n    time.sleep(0.03)\n    yield 2\nfor i in g():\n    time.sleep(0.02)\n", "lines")
    at = {line["line"]: line["self_ns"] for line in one["lines"]}
    assert at[4] >= 30_000_000 and at[7] >= 40_000_000 and sum(at.values()) <= one.run["exec_wall_ns"], at


@check("whole-program times stand in every pass, the undisturbed one first of all")
def _():
    s = Snippet("import time\ntime.sleep(0.03)\n")
    for kind, lenses in (("clean", ""), ("lines", "timing"), ("gc", "gc"), ("trace", "refcounts"), ("adaptive", "bytecode")):
        run = s.look(kind, lenses=lenses).run
        assert run["compile_ns"] > 0 and run["exec_wall_ns"] >= 30_000_000 > run["exec_cpu_ns"] > 0, (kind, run)


@check("70,000 lines, and 100,000 as the most that are shown")
def _():
    for n, shown in ((70_000, 70_000), (100_000, 100_000), (100_001, 100_000)):
        one = look("x=1\n" * n, "lines")
        equal((len(one["lines"]), one["lines"][-1]["line"], one["truncated"], one.cut), (shown, shown, n > shown, False))
        equal({line["hits"] for line in one["lines"]}, {1})


@check("a line number that no file has is left out, and that is said")
def _():
    one = look("def f():\n    return 1\nf.__code__ = f.__code__.replace(co_firstlineno=2**31 - 9)\nf()\n", "lines")
    equal(([line["line"] for line in one["lines"]], one["truncated"]), ([1, 3, 4], True))


@check("a run that is killed shows what there was shortly before")
def _():
    one = look("import os, signal, time\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end:\n    x = 1\nos.kill(os.getpid(), signal.SIGKILL)\n", "lines")
    at = {line["line"]: line["hits"] for line in one["lines"]}
    equal((one.status, one["truncated"], sorted(at)), (9, True, [1, 2, 3, 4]))
    assert at[3] > 100 and abs(at[3] - at[4]) <= 1, at


@check("a program that traces itself: what was until then, said to be cut")
def _():
    one = look("import sys\nx = 1\nsys.settrace(None)\ny = 2\n", "lines")
    equal(([line["line"] for line in one["lines"]], one["truncated"]), ([1, 2, 3], True))


main()
