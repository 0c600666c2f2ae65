#!/usr/bin/python3
"""profile: held against cProfile of the same interpreter, and against times that programs are known to take.

How often each function was called, and how often while it was running already, cProfile counts as well. Times are of two runs, so
they are held against what a program does (it sleeps, or computes for as long as a clock says) and against each other: what a
function took by itself and in what it called is what it took in all, and all of them are the program.
"""
import json
import subprocess
import tempfile

from lens import HARNESS, PYTHON, Snippet, check, equal, look, main

MS = 1_000_000
# Runs main.py under cProfile: {name: [calls, those that are no recursion]}, of main.py's own functions and of C's.
TELL = """
import cProfile, json, os, sys, types
path = os.path.abspath('main.py')
code = compile(open(path, 'rb').read(), path, 'exec')
module = types.ModuleType('__main__')
module.__dict__.update(__builtins__=__builtins__, __file__=path)
sys.modules['__main__'] = module
p = cProfile.Profile()
out, sys.stdout = sys.stdout, open(os.devnull, 'w')
try:
    p.runctx(code, module.__dict__, module.__dict__)
except BaseException:
    pass
sys.stdout = out
p.create_stats()
print(json.dumps([[file == path and [line, name] or name, n, primitive] for (file, line, name), (primitive, n, *_) in p.stats.items() if file in (path, '~')]))
"""
PROGRAMS = {
    "calls, and recursion": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\ndef even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)\nprint(fib(12), even(10))\n",
    "generators": "def g(n):\n    for i in range(n):\n        yield i\ndef h(n):\n    yield from g(n)\nprint(sum(h(5)), list(g(3)))\n",
    "classes": "class A:\n    def __init__(self, x): self.x = x\n    def __lt__(self, o): return self.x < o.x\n    @property\n    def y(self): return -self.x\nl = sorted(A(i * 7 % 10) for i in range(10))\nprint([a.y for a in l])\n",
    "exceptions": "def f(n):\n    if n == 0: raise ValueError(n)\n    f(n - 1)\nfor i in range(5):\n    try: f(i)\n    except ValueError: pass\n",
    "called back": "import functools\ndef add(a, b): return a + b\nprint(functools.reduce(add, range(20)), max([3, 1, 2], key=lambda v: -v), sorted([2, 1], key=abs))\n",
    "ends by an exception": "def f(): return 1 // 0\nprint(1)\nf()\n",
}


def compare_calls(source):
    s = Snippet(source)
    one = s.look("profile")
    done = subprocess.run([PYTHON, "-I", "-c", TELL], cwd=s.path.parent, capture_output=True, text=True, timeout=300)
    equal(done.stderr, "")
    expected = {tuple(name): [n, n - primitive] for name, n, primitive in json.loads(done.stdout) if isinstance(name, list)}
    got = {(f["line"], f["name"].rpartition(".")[2]): [f["calls"], f["nested"]] for f in one["functions"] if f["kind"] == "python" and f["file"] is None}
    equal(got, expected, "calls, and those within a call of the same")
    equal(one["truncated"], False)
    consistent(one)


def consistent(one):
    """What must be so of the times in every report that is whole."""
    functions, tree = one["functions"], one["tree"]
    equal(one["totals"]["ns"], sum(f["own_ns"] for f in functions))
    equal(one["totals"]["calls"], sum(f["calls"] for f in functions))
    children = {}
    for i, node in enumerate(tree):
        children.setdefault(node["parent"], []).append(node)
        assert node["own_ns"] <= node["all_ns"] or folded(tree, i), node
    for f in functions:
        assert f["own_ns"] <= f["all_ns"], f
    for i, f in enumerate(functions):
        nodes = [n for n in tree if n["function"] == i]
        if not one["totals"]["no_node"]:
            equal((sum(n["own_ns"] for n in nodes), sum(n["calls"] for n in nodes)), (f["own_ns"], f["calls"]), f["name"])
    for i, node in enumerate(tree):
        if not any(folded(tree, k) for k in range(len(tree))):
            equal(node["all_ns"], node["own_ns"] + sum(c["all_ns"] for c in children.get(i, [])), "what is called, and what is left")


def folded(tree, i):
    """Is it, or is something below it, a call that was folded into one like it? Then its times are of several levels."""
    return any(n["parent"] == i and n["function"] == tree[i]["function"] for n in tree) or tree[i]["own_ns"] > tree[i]["all_ns"]


for _name, _source in PROGRAMS.items():
    check(f"{_name}: as many calls as cProfile counts")(lambda source=_source: compare_calls(source))


def named(one, name):
    (f,) = [f for f in one["functions"] if f["name"] == name]
    return f


@check("what sleeps, and what calls it")
def sleeps():
    one = look("import time\ndef inner():\n    time.sleep(0.02)\ndef outer():\n    inner()\n    inner()\n    time.sleep(0.01)\nouter()\n", "profile")
    sleep, inner, outer, module = (named(one, n) for n in ("time.sleep", "inner", "outer", "<module>"))
    assert 50 * MS <= sleep["own_ns"] <= outer["all_ns"] <= module["all_ns"], one["functions"]
    assert 40 * MS <= inner["all_ns"] <= outer["all_ns"] - 10 * MS, one["functions"]
    # A busy machine may take any of it away for a while, but not each time.
    assert min(look("import time\ndef f(): time.sleep(0.05)\nf()\n", "profile")["functions"][1]["own_ns"] for _ in range(5)) < 25 * MS
    consistent(one)


@check("recursion: all of it is the outermost call's, once")
def recursion():
    one = look("import time\ndef f(n):\n    time.sleep(0.002)\n    if n: f(n - 1)\nf(10)\n", "profile")
    f, module = named(one, "f"), named(one, "<module>")
    equal((f["calls"], f["nested"]), (11, 10))
    assert 22 * MS <= f["all_ns"] <= module["all_ns"], (f, module)


@check("each thread has a clock of its own")
def threads():
    one = look("import threading, time\ndef f(): time.sleep(0.03)\nts = [threading.Thread(target=f) for i in range(3)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n", "profile")
    equal((one["totals"]["threads"], named(one, "f")["calls"]), (4, 3))
    assert named(one, "f")["all_ns"] >= 90 * MS, named(one, "f")


@check("what is still running at the end, and a run that is killed")
def ends():
    source = "import os, time\ndef f():\n    end = time.monotonic() + 1\n    while time.monotonic() < end: pass\n    os.kill(os.getpid(), 9)\nf()\n"
    with tempfile.NamedTemporaryFile("r") as records:
        s = Snippet(source)
        subprocess.run([HARNESS, "--pass=profile", "--lenses=profile", f"--records={records.name}", str(s.path)], capture_output=True, timeout=300)
        last = {r["member"]: r["value"] for r in map(json.loads, records) if r.get("lens") == "profile"}
    equal(last["truncated"], True)
    assert named(last, "time.monotonic")["calls"] > 1000, last["functions"]
    # What is still running has been for as long as what it called, at least, and for some of the second.
    assert named(last, "<module>")["all_ns"] >= named(last, "f")["all_ns"] >= named(last, "time.monotonic")["all_ns"], last["functions"]
    assert named(last, "f")["all_ns"] >= 50 * MS, last["functions"]


@check("the lens takes no part in what is told: it is about as long as cProfile says, and not longer than the run")
def length():
    source = "def f(n): return n\ndef g():\n    for i in range(100000): f(i)\ng()\n"
    one = look(source, "profile")
    assert one["totals"]["ns"] <= one.run["exec_wall_ns"], (one["totals"], one.run)
    equal(named(one, "f")["calls"], 100000)


main()
