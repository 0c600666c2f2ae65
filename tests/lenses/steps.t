#!/usr/bin/python3
"""The steps lens tells what sys.settrace, f_locals and vars tell of the same program in a plain interpreter (stepper.py)."""
import json
import pathlib
import re
import sys

from lens import VERSION, Snippet, check, equal, look, main

STEPPER = pathlib.Path(__file__).with_name("stepper.py").read_text()


class State:
    """A program's state, put together from deltas."""

    def __init__(self):
        self.frames, self.variables, self.objects = {}, {}, {}
        self.step, self.frame, self.thread, self.output = 0, None, 1, None

    def take(self, s):
        for key, value in s.get("frames", {}).items():
            if value is None:
                self.frames.pop(key)
                self.variables.pop(key, None)
            else:
                self.frames[key] = value
        for key, names in s.get("variables", {}).items():
            into = self.variables.setdefault(key, {})
            for n, v in names.items():
                if v is None:
                    into.pop(n)
                else:
                    into[n] = v
        for key, value in s.get("objects", {}).items():
            if value is None:
                self.objects.pop(key)
            else:
                self.objects[key] = value

    def go(self, s):
        self.step = s.get("step", self.step + 1)
        self.frame, self.thread = s.get("frame", self.frame), s.get("thread", self.thread)
        self.output = s.get("output", self.output)
        self.take(s)
        return self


def replay(one):
    state = State()
    for s in one["steps"]:
        yield s, state.go(s)


class Shown:
    """The state as stepper.py writes it."""

    def __init__(self, state):
        self.s, self.met = state, {}

    def pairs(self, names):
        return [[n, self.value(v)] for n, v in names]

    def values(self, items):
        return [self.value(v) for v in items]

    def value(self, v):
        if v is None:
            return None
        if isinstance(v, str):
            return "<" if re.match(r"<|range\(", v) else v
        if v in self.met:
            return ["#", self.met[v]]
        n = self.met[v] = len(self.met)
        o = self.s.objects[str(v)]
        made = [n, o["kind"], o.get("type", o["kind"]), *getattr(self, o["kind"])(o)]
        return made + ([self.pairs(o["attributes"])] if "attributes" in o and o["kind"] != "class" else [])

    def list(self, o):
        return [self.values(o["items"])]

    tuple = set = deque = list

    def dict(self, o):
        return [[[self.value(k), self.value(v)] for k, v in o["entries"]]]

    def bytearray(self, o):
        return [o["text"]]

    def exception(self, o):
        return [self.values(o["args"])]

    def function(self, o):
        return [o["name"], o["line"], self.values(o.get("defaults", [])), self.pairs(o.get("closure", []))]

    def method(self, o):
        return [self.value(o["function"]), self.value(o["self"])]

    def klass(self, o):
        return [o["name"], self.values(o["bases"]), self.pairs(o["attributes"])]

    def generator(self, o):
        names = sorted(self.s.variables.get(str(o["frame"]), {}).items()) if o["state"] in ("created", "suspended") else []
        return [o["name"], o["state"], self.pairs(names)]

    def instance(self, o):
        return []

    def frames(self):
        frame, shown = self.s.frame, []
        while frame:
            f = self.s.frames[str(frame)]
            shown.append([f["function"], self.pairs(sorted(self.s.variables.get(str(frame), {}).items()))])
            frame = f.get("caller")
        return shown


setattr(Shown, "class", Shown.klass)
EVENTS = {"line": "line", "call": "call", "resume": "call", "return": "return", "yield": "return", "unwind": "return",
          "exception": "exception"}


def told(one):
    return [[EVENTS[s.get("event", "line")], s["line"], state.frames[str(state.frame)]["function"], Shown(state).frames()]
            for s, state in replay(one)]


def plain(source):
    """What stepper.py writes of it."""
    s = Snippet(source, stepper=STEPPER)
    done = s.plain(code="import sys; sys.argv[1:] = [%r]; exec(open('stepper.py').read())" % str(s.path))
    assert (s.path.with_name("steps.jsonl")).exists(), done.stderr.decode()
    return [json.loads(line) for line in s.path.with_name("steps.jsonl").read_text().splitlines()]


CORPUS = {
    "numbers and names": "a = 1\nb = a + 2 ** 70\nc = 1.5, 2j, True, None, ...\ns = 'it\\'s'\nt = b'x\\xff'\na = s * 2\ndel b\n",
    "aliasing": "a = [1, 2]\nb = a\nc = [a, b, [a]]\nb.append(c)\na = None\nd = (c, c)\nc[2] = d\n",
    "dicts and sets": "d = {}\nfor i in range(5):\n    d[i] = [i]\nd['x'] = d\ndel d[2]\ns = {1, 2, 3}\ns.discard(2)\nf = frozenset(s)\n",
    "functions": "def f(n, acc=()):\n    if n == 0:\n        return acc\n    m = n - 1\n    return f(m, acc + (n,))\nx = f(3)\ng = lambda a: a * 2\ny = g(4)\n",
    "closures": """
def counter(start):
    n = start
    def up(by=1):
        nonlocal n
        n += by
        return n
    def read():
        return n
    return up, read
up, read = counter(5)
up()
up(3)
x = read()
""",
    "classes": """
class Base:
    kind = 'base'
    def __init__(self, v):
        self.v = v
    def get(self):
        return self.v
class Node(Base):
    __slots__ = ('left', 'right')
    def __init__(self, v, left=None):
        super().__init__(v)
        self.left = left
a = Node(1)
b = Node(2, a)
b.right = a
b.extra = [a]
m = b.get
v = m()
Base.kind = ['changed']
del b.right
class L(list):
    pass
l = L([1, a])
l.tag = 'x'
""",
    "slots only": "class P:\n    __slots__ = 'x', 'y'\np = P()\np.x = 1\np.y = [p]\ndel p.x\n",
    "generators": """
def g(n):
    for i in range(n):
        got = yield i * 2
    return 'done'
a = g(2)
x = next(a)
y = a.send('hello')
for z in g(2):
    w = z
def outer():
    r = yield from g(1)
    yield r
b = list(outer())
try:
    next(a)
except StopIteration as e:
    v = e.value
c = g(9)
next(c)
c.close()
""",
    "exceptions": """
def bad(x):
    try:
        return 1 // x
    finally:
        done = True
class Mine(ValueError):
    def __init__(self, *a):
        super().__init__(*a)
        self.more = [1]
try:
    bad(0)
except ZeroDivisionError as e:
    kept = e
try:
    raise Mine('a', 2) from kept
except Mine as e:
    mine = e
    mine.__cause__ = None
def deep(n):
    if n:
        return deep(n - 1)
    raise KeyError(n)
try:
    deep(2)
except KeyError:
    pass
""",
    "comprehensions": "a = [i * i for i in range(3)]\nb = {k: [k] for k in 'ab'}\nc = sum(x for x in a)\nd = {x for x in a if x}\n",
    "deques and others": """
from collections import deque, OrderedDict, Counter, defaultdict, namedtuple
d = deque([1, 2], 3)
for i in range(4):
    d.appendleft(i)
c = Counter('abca')
c['z'] += 1
dd = defaultdict(list)
dd['k'].append(1)
P = namedtuple('P', 'x y')
p = P(1, [2])
b = bytearray(b'abc')
b.extend(b'd')
""",
    "sort with a key": """
calls = []
def key(x):
    calls.append(x)
    return -x
data = [3, 1, 2]
data.sort(key=key)
m = list(map(key, data))
""",
    "coroutines": """
class Wait:
    def __await__(self):
        yield 'w'
        return 7
async def co(n):
    x = await Wait()
    return x + n
c = co(1)
first = c.send(None)
try:
    c.send(None)
except StopIteration as e:
    r = e.value
""",
    "hostile": """
class H:
    def __repr__(self): raise SystemExit('repr')
    def __hash__(self): print('hash'); return 1
    def __eq__(self, o): print('eq'); return True
    def __getattr__(self, n): print('getattr', n); raise AttributeError(n)
    @property
    def p(self): print('property')
    def __len__(self): print('len'); return 2 ** 62
    def __iter__(self): print('iter'); return iter(())
    def __bool__(self): print('bool'); return False
h = H()
d = {1: h}
l = [h, h]
""",
    "with": """
class C:
    def __enter__(self):
        self.log = ['in']
        return self
    def __exit__(self, *a):
        self.log.append('out')
        return True
with C() as c:
    x = 1 / 0
y = c.log
""",
}
# A comprehension is no function of its own from 3.12 on, and its names are there for it alone.
if VERSION >= (3, 12):
    del CORPUS["comprehensions"]


def compare(name):
    source = CORPUS[name]
    one = look(source, "steps")
    assert one.status == 0, one.err.decode()
    theirs, ours = plain(source), told(one)
    for i, (a, b) in enumerate(zip(theirs, ours)):
        assert a == b, f"{name}, step {i + 1}: settrace has\n  {json.dumps(a)}\nand the lens\n  {json.dumps(b)}"
    equal(len(ours), len(theirs))
    equal((one["total"], one["truncated"]), (len(theirs), False))


for name in CORPUS:
    check(f"each step as sys.settrace has it, with all variables and all objects: {name}")(lambda name=name: compare(name))


# --- What is printed, left out, or ended ------------------------------------------------------------------------------

@check("how much is printed at each step: in the text layer, in the buffer, given to the system, through other ways")
def _():
    one = look("""
import sys, os
print('abc')
print('\u00e9', end='')
sys.stdout.write('x' * 10000)
sys.stdout.flush()
sys.stdout.buffer.write(b'12345')
sys.stdout.write('y')
os.write(1, b'not by the stream')
print('err', file=sys.stderr)
print('z' * 9000, flush=True)
out = sys.stdout
sys.stdout = None
print('nowhere')
out.write('!')
""", "steps")
    # Before the line has run; lines that print nothing have what the one before had.
    at = {s["line"]: tuple(state.output) for s, state in replay(one) if state.output and s.get("event", "line") == "line"}
    out = {3: 0, 4: 4, 5: 6, 6: 10006, 7: 10006, 8: 10011, 9: 10012, 10: 10012, 11: 10012, 12: 19013, 13: 19013, 14: 19013, 15: 19013}
    equal({line: o for line, (o, _) in at.items() if line > 2}, out)
    equal((at[10][1], at[11][1]), (0, 4))
    (last,) = [s for s, _ in replay(one) if s.get("event") == "return"]
    equal(list(replay(one))[-1][1].output, [19014, 4])


def all_steps(one):
    """Step number -> line, with the state's variables of the globals at that step."""
    return {state.step: (s["line"], dict(state.variables.get("1", {}))) for s, state in replay(one)}


@check("a long loop is sampled: the first turns, the last ones, and those that take a rare branch, all as they were")
def _():
    turns = 100_000
    one = look(f"rare = 0\nfor i in range({turns}):\n    x = i * 2\n    if i % 30011 == 30010:\n        rare += 1\nlast = x\n", "steps")
    seen = all_steps(one)
    # rare = 0; three lines a turn, one more in a rare one; the last line, the for that ends, and the return.
    rares = [i for i in range(turns) if i % 30011 == 30010]
    total = 1 + 3 * turns + len(rares) + 1 + 1 + 1
    equal((one["total"], one["truncated"]), (total, True))
    assert 100_000 <= len(seen) < 110_000, len(seen)

    def expected(i, line):
        """The number of the step at this line of turn i, and the globals before it runs."""
        before = sum(r < i for r in rares)
        step = 2 + 3 * i + before + {2: 0, 3: 1, 4: 2, 5: 3}[line]
        names = {"rare": str(before)}
        if i:
            names |= {"i": str(i - 1), "x": str((i - 1) * 2)}
        if line > 2:
            names["i"] = str(i)
        if line > 3:
            names["x"] = str(i * 2)
        return step, line, names

    wanted = [expected(i, line) for i in (0, 1, 2, 33_000) for line in (2, 3, 4)]
    wanted += [expected(i, line) for i in rares for line in (2, 3, 4, 5)]
    wanted += [expected(i, line) for i in range(turns - 9, turns) for line in (2, 3, 4)]
    for step, line, names in wanted:
        equal(seen.get(step), (line, names))
    equal(seen[total], (6, {"rare": str(len(rares)), "i": str(turns - 1), "x": str(2 * turns - 2), "last": str(2 * turns - 2)}))


@check("a keyframe is the state at its step")
def _():
    one = look("class N:\n    pass\nl = []\nd = {}\nfor i in range(4000):\n    n = N()\n    n.i = i\n    l.append(n)\n"
               "    d[i % 7] = l[-1]\n    if len(l) > 9:\n        l.pop(0)\n", "steps")
    keys = {k["step"]: k for k in one["keyframes"]}
    assert len(keys) >= 3, len(keys)
    met = 0
    for _, state in replay(one):
        if state.step in keys:
            k = keys[state.step]
            met += 1
            equal({"frames": k["frames"], "objects": k["objects"], "variables": k["variables"]},
                  {"frames": state.frames, "objects": state.objects, "variables": {f: v for f, v in state.variables.items() if v}})
    equal(met, len(keys))


@check("threads: each has its frames, and its own number")
def _():
    one = look("import threading\ndef work(n):\n    for i in range(n):\n        seen.append(n)\nseen = []\n"
               "t = [threading.Thread(target=work, args=(n,)) for n in (2, 3)]\nfor x in t:\n    x.start()\nfor x in t:\n    x.join()\n", "steps")
    functions = {}
    for s, state in replay(one):
        functions.setdefault(state.thread, set()).add(state.frames[str(state.frame)]["function"])
    equal(functions[1] - {"<listcomp>"}, {"<module>"})
    equal([functions[n] for n in sorted(functions) if n > 1], [{"work"}, {"work"}])
    # A line that appends is gone through by the event before it and the one after it.
    equal(sum(s["line"] == 4 and s.get("event", "line") == "line" for s in one["steps"]), 5)


@check("what is too much is left out, and said: objects, items, text, names; the steps go on")
def _():
    one = look("l = [[i] for i in range(3000)]\nm = list(range(500))\ns = 'x' * 10_000\nglobals()['n' * 200] = 1\nd = dict.fromkeys(range(300))\nend = 1\n", "steps")
    *_, (s, state) = replay(one)
    shown = state.objects[str(state.variables["1"]["l"])]
    equal((len(shown["items"]), shown["length"]), (100, 3000))
    equal(len(state.objects[str(state.variables["1"]["d"])]["entries"]), 100)
    assert len(state.variables["1"]["s"]) < 200 and state.variables["1"]["s"].endswith("…"), state.variables["1"]["s"]
    equal((state.variables["1"]["end"], one["truncated"]), ("1", True))


@check("one that is killed has what it had until then, and some of its last steps")
def _():
    one = look("import os, signal\nfor i in range(150_000):\n    x = i\nos.kill(os.getpid(), signal.SIGKILL)\n", "steps")
    assert one.status == 9, one.status
    seen = all_steps(one)
    equal((one["truncated"], "total" in one.lens), (True, False))
    assert len(seen) >= 100_000 and max(seen) == 300_003 and seen[300_003][1]["i"] == "149999", max(seen)


main()
