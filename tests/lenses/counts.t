#!/usr/bin/python3
"""counts: held against a trace function of Python's, and against classes that count.

Instructions are counted a second time by sys.settrace() with f_trace_opcodes in a plain interpreter of the same version, line by
line, and for the lines that called what ran elsewhere. How often an algorithm compares and hashes is counted a second time by
running it on objects of a class whose __lt__, __eq__ and __hash__ count: neither list.sort() nor a dict can know the difference.
Bytes that are moved follow from sizes: a list has a pointer of eight bytes for each item.
"""
import json
import subprocess
import tempfile

from lens import GIL, HARNESS, PYTHON, VERSION, Snippet, check, equal, look, main

# Runs main.py and tells its instructions: [all, {line: own}, {line: inside}, {[function, line]: own}].
TELL = """
import collections, dis, json, os, sys, threading, types
path = os.path.abspath('main.py')
code = compile(open(path, 'rb').read(), path, 'exec')
module = types.ModuleType('__main__')
module.__dict__.update(__builtins__=__builtins__, __file__=path)
ours = set()
def find(c):
    ours.add(c)
    for x in c.co_consts:
        if isinstance(x, types.CodeType): find(x)
find(code)
lines, inside, functions, every = (collections.Counter() for i in range(4))
spans = {}
def line_of(c, at):
    if c not in spans:
        starts = [(s, n) for s, n in dis.findlinestarts(c)]
        spans[c] = [next((n for s, n in reversed(starts) if s <= i), None) for i in range(0, len(c.co_code), 2)]
        if hasattr(c, 'co_lines'):
            for start, end, n in c.co_lines():
                for i in range(start, end, 2): spans[c][i // 2] = n
    return spans[c][at // 2]
lock = threading.Lock()
def count(f):
    every['all'] += 1
    if f.f_code in ours:
        lines[line_of(f.f_code, f.f_lasti)] += 1
        functions[f.f_code.co_name, f.f_code.co_firstlineno] += 1
    else:
        while f and f.f_code not in ours: f = f.f_back
        if f: inside[line_of(f.f_code, f.f_lasti)] += 1
def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    if event == 'opcode':
        with lock: count(frame)
    return trace
threading.settrace(trace)
out = sys.stdout
sys.stdout = open(os.devnull, 'w')
sys.settrace(trace)
try:
    exec(code, module.__dict__)
except BaseException:
    pass
sys.settrace(None)
for t in threading.enumerate():
    if t is not threading.current_thread(): t.join()
sys.stdout = out
pairs = lambda c: sorted([k, n] for k, n in c.items() if k not in (None, 0))
print(json.dumps([every['all'], pairs(lines), pairs(inside), sorted([*k, n] for k, n in functions.items())]))
"""

PROGRAMS = {
    "a loop": "total = 0\nfor i in range(1000):\n    if i % 3:\n        total += i\nprint(total)\n",
    "functions, and recursion": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib(15))\n",
    "classes": "class P:\n    def __init__(self, x): self.x = x\n    def __lt__(self, other):\n        return self.x < other.x\n    @property\n    def y(self): return -self.x\nl = sorted(P(i * 7919 % 100) for i in range(100))\nprint(sum(p.y for p in l), [q.x for q in l][:3])\n",
    "generators": "def g(n):\n    for i in range(n):\n        yield i\ndef h(n):\n    yield from g(n)\nprint(sum(h(100)), list(g(3)))\n",
    "coroutines": "async def f(n):\n    return n + 1\nasync def g():\n    return sum([await f(i) for i in range(20)])\ntry:\n    g().send(None)\nexcept StopIteration as e:\n    print(e.value)\n",
    "exceptions": "def f(n):\n    if n == 0: raise ValueError(n)\n    try:\n        f(n - 1)\n    finally:\n        n += 1\nfor i in range(10):\n    try:\n        f(i)\n    except ValueError as e:\n        print(e)\n",
    "calls of other files'": "import textwrap\nimport fractions\nlines = [textwrap.fill('word ' * 30, width=20 + i) for i in range(5)]\ntotal = sum(fractions.Fraction(1, i + 1) for i in range(20))\nprint(len(lines), total)\n",
    "called back": "import functools\ndef add(a, b):\n    return a + b\nprint(functools.reduce(add, range(100)), sorted(range(50), key=lambda x: -x)[0])\n@functools.lru_cache\ndef f(n): return n\nf(1); f(1)\n",
    "comprehensions": "a = [i * j for i in range(20) for j in range(20) if i != j]\nb = {i: [j for j in range(i)] for i in range(20)}\nc = {x for x in a}\nprint(len(a), len(b), len(c))\n",
    "long jumps": "x = 0\nfor i in range(50):\n" + "".join(f"    if i == {n}: x += {n} * 1000003\n" for n in range(300)) + "print(x)\n",
    "exec": "exec('a = 1\\nfor i in range(10): a += i')\nprint(a)\n",
    "several on a line": "a = 1; b = 2; c = a + b\nf = lambda: [i for i in range(10)]\nf(); f()\n",
    "nothing": "",
    "ends by an exception": "def f():\n    x = 1\n    return 1 // 0\nprint(1)\nf()\nprint(2)\n",
    "match": "def f(x):\n    match x:\n        case [a, b]: return a\n        case {'k': v}: return v\n        case _: return None\nprint(f([1, 2]), f({'k': 3}), f(4))\n",
}
if VERSION < (3, 10):
    del PROGRAMS["match"]
THREADS = """import threading
def work(n):
    x = 0
    for i in range(n):
        x += i
ts = [threading.Thread(target=work, args=(1000 * n,)) for n in (1, 2, 3)]
for t in ts: t.start()
for t in ts: t.join()
"""


def tell(s):
    done = subprocess.run([PYTHON, "-I", "-c", TELL], cwd=s.path.parent, capture_output=True, text=True, timeout=300)
    equal((done.returncode, done.stderr), (0, ""))
    return json.loads(done.stdout)


def told(one, member):
    return [[row["line"], row[member]] for row in one["lines"] if row[member]]


def compare_instructions(source):
    s = Snippet(source)
    one = s.look("counts")
    every, lines, inside, functions = tell(s)
    equal(told(one, "instructions"), lines, "instructions by line")
    # An import takes what is not imported yet: other modules in a warm interpreter than in a new one.
    imports = {i for i, line in enumerate(source.split("\n"), 1) if line.startswith("import ")}
    equal(*([row for row in rows if row[0] not in imports] for rows in (told(one, "inside"), inside)), "instructions of other files by the line that called")
    ours = sum(n for *_, n in functions)
    equal(one["instructions"]["all"] - one["instructions"]["elsewhere"], ours)
    equal(one["totals"]["instructions"], one["instructions"]["all"])
    if not imports:
        equal(one["instructions"], {"all": every, "elsewhere": every - ours})
    got = {}
    for row in one["functions"]:
        if row["instructions"]:
            key = row["name"].rpartition(".")[2], row["line"]
            got[key] = got.get(key, 0) + row["instructions"]
    equal(sorted([*k, n] for k, n in got.items()), functions, "by function")
    equal(one["truncated"], False)


for _name, _source in PROGRAMS.items():
    check(f"instructions of {_name} are those that a trace function of Python's is told")(lambda source=_source: compare_instructions(source))


@check("instructions of several threads")
def threads():
    s = Snippet(THREADS)
    one = s.look("counts")
    _, lines, _, _ = tell(s)
    # What threading does until a lock is free depends on who is first; the script's own lines do not.
    equal(told(one, "instructions"), lines)


# --- comparisons and hashes: of ints, and of a class that counts ----------------

COUNTING = """import sys
class C:
    compared = hashed = 0
    def __init__(self, n): self.n = n
    def __lt__(self, other): C.compared += 1; return self.n < other.n
    def __gt__(self, other): C.compared += 1; return self.n > other.n
    def __le__(self, other): C.compared += 1; return self.n <= other.n
    def __eq__(self, other): C.compared += 1; return self.n == other.n
    def __hash__(self): C.hashed += 1; return hash(self.n)
made = {}
def make(n): return made.setdefault(n, C(n))
"""
# No range(), which compares ints as well, and nothing is imported here.
ALGORITHMS = {
    "sorted": "sorted(items)",
    "sorted, backwards": "sorted(items, reverse=True)",
    "sorted by a key": "sorted(places, key=lambda i: items[i])",
    "sorted by a key, backwards": "sorted(places, key=lambda i: items[i], reverse=True)",
    "a list that is sorted": "items[:] = sorted(items); items.sort()",
    "min and max": "min(items), max(items)",
    "bubble sort": "l = items[:60]\nfor i in places[:60]:\n    for j in places[:59 - i]:\n        if l[j + 1] < l[j]: l[j], l[j + 1] = l[j + 1], l[j]",
    "binary search": "l = sorted(items)\nfor x in items: bisect.bisect_left(l, x)",
    "a heap": "l = items[:]\nheapq.heapify(l)\nwhile l: heapq.heappop(l)",
    "a search in a list": "for x in items[:50]: items.index(x)",
    "membership of a list": "[x in items for x in other[:40]]",
    "a dict": "d = {}\nfor x in items: d[x] = 1\nfor x in other: d.get(x)",
    "a set": "s = set(items)\nfor x in other: x in s",
    "a set that collides": "s = set()\nfor i in places[:60]: s.add(make(i << 40 | 7))",
}


def algorithm(body, values):
    # Values beyond those that CPython keeps: one object each, as of a class.
    return (f"import bisect, heapq\nplaces = list(range(200))\nitems = [make(n) for n in {values}]\nunsorted = items[:]\nother = [make(n + 5) for n in {values}]\n", body + "\n")


def counted(source, body):
    """What the body takes beyond what its preparation does."""
    both, before = (look(s, "counts")["totals"] for s in (source + body, source))
    return {k: both[k] - before[k] for k in both}


def both_counts(body, values, make):
    """What the lens counts, and the class."""
    prepare, body = algorithm(body, values)
    got = counted(f"def make(n): return {make}\n" + prepare, body)
    s = Snippet(COUNTING + prepare + "C.compared = C.hashed = 0\n" + body + "print(C.compared, C.hashed)\n")
    done = subprocess.run([PYTHON, "-I", str(s.path)], capture_output=True, text=True, timeout=300)
    equal(done.stderr, "")
    return [got["comparisons"], got["hashes"]], [int(n) for n in done.stdout.split()]


def compare_types(bodies, values, make):
    """All of them in one program; which it was is looked for when they differ."""
    got, expected = both_counts("".join(f"items[:] = unsorted\n{body}\n" for body in bodies.values()), values, make)
    if got != expected:
        for name, body in bodies.items():
            equal(*both_counts(body, values, make), f"{name}: comparisons and hashes")
    equal(got, expected, "comparisons and hashes")
    assert expected[0] > 10000, expected


VALUES = "[i * 7919 % 1009 + 1000 for i in range(200)]"


def is_special(name, make):
    """Where a type's own way is not that of any class."""
    if "str(" in make:
        # A dict that has only such keys compares them itself, and a str knows its hash from the first time on.
        return name in ("a dict", "a set", "a set that collides")
    return False


for _what, _make in {"int": "n * 10 ** 6", "float": "n * 0.5", "str": "str(n + 10 ** 6)", "large int": "n * 10 ** 30"}.items():
    _bodies = {name: body for name, body in ALGORITHMS.items() if not is_special(name, _make)}
    check(f"as many comparisons and hashes of {_what} as of a class that counts, by {len(_bodies)} algorithms")(
        lambda bodies=_bodies, make=_make: compare_types(bodies, VALUES, make))


@check("tuples that are sorted: each comparison, and those of their items")
def tuples():
    """As many as the tuples' own < makes, which a list of one class that has it says."""
    prepare = f"items = [(n // 100, str(n), n * 0.5) for n in {VALUES}]\n"
    one = counted(prepare, "sorted(items)\n")
    # A class that is compared as its tuple is sorted by the tuple's own comparison.
    two = counted(prepare + "class T(tuple):\n    def __lt__(self, other): return tuple(self) < tuple(other)\nitems = [T(t) for t in items]\n", "sorted(items)\n")
    equal(one["comparisons"], two["comparisons"])
    equal(one["comparisons"] > 200, True)


@check("objects that are equal to themselves alone, and classes that have it from int")
def plain_objects():
    source = "class A: pass\nclass N(int): pass\nclass E(Exception): pass\nl = [A() for i in range(100)]\nm = [N(i) for i in range(100)]\nx = A()\n"
    equal(counted(source, "x in l\n")["comparisons"], 100, "each is asked once")
    equal(counted(source, "l.index(l[50])\n")["comparisons"], 50, "the one that it is, is not asked")
    equal(counted(source, "sorted(m)\n")["comparisons"], 99, "in order: each with the one before")
    equal(counted(source, "set(m)\n")["hashes"], 100)
    equal(counted(source, "set(l)\n")["hashes"], 100)
    equal(counted(source, "d = {E: 1, A: 2, (lambda: 0): 3, x: 4}\n")["hashes"], 4)
    equal(counted(source, "1.5 == 1, 1 == 1.5, 'a' == 1, x == 1, x == l[0], x == x\n")["comparisons"], 6, "whoever answers, it is one")


@check("a sort that fails, in a sort, of what changes, of nothing")
def odd_sorts():
    source = """def sorts():
    l = [3, 1, 2]
    def key(x):
        sorted([5, 4, 6])
        return x
    print(sorted(l, key=key), sorted([]), sorted([1]), sorted([2, 1], key=None), sorted([], key=len))
    for bad in (lambda: sorted([1, 'a']), lambda: sorted([1, 2], key=lambda x: 1 // (x - 2)), lambda: [].sort(1), lambda: [].sort(kye=1),
                lambda: sorted([1, 2], key=5), lambda: sorted([1, 2], reverse='x')):
        try: print(bad())
        except Exception as e: print(type(e), e)
    l = [3, 2, 1]
    try: l.sort(key=lambda x: l.append(x) or x)
    except ValueError as e: print(e)
    print(sorted(['b', 'a', 'é', '\\U0001f600']), sorted([1, 1.5, True]), sorted([(1, 'b'), (1, 'a'), (0,)]), sorted([2.5, 1.5], reverse=1))
sorts()
"""
    one, plain = look(source, "counts"), look(source, "clean", lenses="")
    equal(one.out, plain.out)
    equal(one["truncated"], False)


# --- bytes ------------------------------------------------------------------

POINTER = 8
MOVES = {
    "insert at the front": ("l = []\n", "for i in range(500): l.insert(0, i)\n", sum(range(500)) * POINTER),
    "insert before the last": ("l = [0] * 500\n", "for i in range(100): l.insert(-1, i)\n", 100 * POINTER),
    "insert at the end": ("l = []\n", "for i in range(500): l.insert(i, i)\n", 0),
    "pop from the front": ("l = list(range(500))\n", "while l: l.pop(0)\n", sum(range(500)) * POINTER),
    "pop from the end": ("l = list(range(500))\n", "while l: l.pop()\n", 0),
    "del in the middle": ("l = list(range(501))\n", "del l[250]\n", 250 * POINTER),
    "a slice": ("l = list(range(500))\n", "for i in range(100): l[100:]\n", 100 * 400 * POINTER),
    "a copy": ("l = list(range(500))\n", "for i in range(100): l.copy()\n", 100 * 500 * POINTER),
    "a sum of lists": ("l = [0] * 300\n", "for i in range(100): l + l\n", 100 * 600 * POINTER),
    "a sum of tuples": ("t = ()\n", "for i in range(300): t = t + (i,)\n", sum(range(2, 301)) * POINTER),
    "a slice of a tuple": ("t = tuple(range(500))\n", "for i in range(100): t[1:]; t[:]\n", 100 * 499 * POINTER),
    "a sum of bytes": ("b = b'x' * 1000\n", "for i in range(100): c = b + b\n", 100 * 2000),
    "a sum of texts": ("b = 'x' * 1000\n", "for i in range(100): c = b + b\n", 100 * 2000),
    "a join": ("b = ['x' * 1000] * 100\n", "for i in range(10): ''.join(b)\n", 10 * 100 * 1000),
    "a deque": ("from collections import deque\nd = deque()\n", "for i in range(500): d.appendleft(i)\nwhile d: d.popleft()\n", 0),
}
# Beside what is looked for: names, the module, and what is copied while a list grows or shrinks: by pymalloc as long as it is smaller
# than 512 bytes, by mimalloc always (at most nine times what it is in the end, as it grows by an eighth at a time).
REST = 4400 if GIL else 9 * 500 * POINTER


def compare_moves(prepare, body, expected):
    got = counted(prepare, body)["moved_bytes"]
    if not expected <= got <= expected + REST:
        raise AssertionError(f"{got} bytes, expected {expected} and at most {REST} more")


for _name, (_prepare, _body, _bytes) in MOVES.items():
    check(f"{_name}: the bytes that its length makes")(lambda p=_prepare, b=_body, n=_bytes: compare_moves(p, b, n))


# --- the same each time -----------------------------------------------------

@check("the same each time, and at each place in memory")
def again():
    source = "import json, collections\nd = json.loads('[1, {\"a\": [2, 3]}]')\nc = collections.Counter('abracadabra')\nl = sorted(map(str, range(300)))\nprint(d, c, len(l))\nclass A: pass\nx = [A() for i in range(50)]\nA() in x\n"
    first, second = look(source, "counts"), look(source, "counts")
    for member in ("totals", "instructions", "lines", "functions"):
        equal(first[member], second[member], member)


@check("a run that is killed has counted until then")
def killed():
    source = "import os, time\nn = 0\nend = time.monotonic() + 1\nwhile time.monotonic() < end: n += 1\nos.kill(os.getpid(), 9)\n"
    with tempfile.NamedTemporaryFile("r") as records:
        s = Snippet(source)
        subprocess.run([HARNESS, "--pass=counts", "--lenses=counts", f"--records={records.name}", str(s.path)], capture_output=True, timeout=300)
        rows = [json.loads(line) for line in records]
    last = {r["member"]: r["value"] for r in rows if r.get("lens") == "counts"}
    equal(last["truncated"], True)
    equal(last["totals"]["instructions"] > 1000, True)


@check("what a program forks counts nothing, and does not disturb")
def forks():
    source = "import os\nl = sorted([3, 1, 2])\npid = os.fork()\nif pid == 0:\n    sorted(range(10000), key=lambda x: -x)\n    os._exit(0)\nos.waitpid(pid, 0)\nprint(l)\n"
    one = look(source, "counts")
    equal((one.out, one["truncated"]), (b"[1, 2, 3]\n", False))
    equal(one["totals"]["instructions"] < 1000, True)


@check("nobody sees it: classes, methods and the objects of the collector are as they were")
def unseen():
    source = """import gc, sys
def key(x):
    return x
before = len(gc.get_objects())
n = sys.getrefcount(key)
l = sorted([3, 1, 2], key=lambda x: key(x))
print(len(gc.get_objects()) - before, sys.getrefcount(key) - n, list.sort, list.insert, int.__lt__, (1).__lt__(2), int.__lt__ is int.__lt__)
print([c.__name__ for c in object.__subclasses__() if c.__name__ in ('stand_in', 'key')], sys.gettrace())
class N(int):
    def __eq__(self, other): return super().__eq__(other)
    __hash__ = int.__hash__
print(N(1) == 1, hash(N(5)), {N(1): 2}[1])
"""
    one, plain = look(source, "counts"), look(source, "clean", lenses="")
    equal(one.out, plain.out)


main()
