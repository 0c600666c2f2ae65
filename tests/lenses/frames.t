#!/usr/bin/python3
"""The frames lens counts what a profile function in Python hears, and says where the C stack ended.

Each program is run in a plain interpreter with a profile function written in Python, which keeps a stack of its own; cProfile
counts as well, and a traceback says how deep a RecursionError was.  How much of the C stack is used is held against what the
kernel maps, and against what a version is known to take.
"""
import json
import re
import resource
import signal

from lens import VERSION, Snippet, check, equal, look, main

# Runs main.py; what is called by whom at which line, by a stack of its own.  A generator goes on when its frame has gone
# beyond where dis says that it begins.
LISTENER = r"""
import collections, dis, functools, json, sys
calls, functions = collections.Counter(), {}
stack, active, depth, depths = [], collections.Counter(), 0, []
@functools.lru_cache(None)
def start(code):
    return next((i.offset for i in dis.get_instructions(code) if i.opname == "RESUME"), -1)
def c_name(f):
    o = f.__self__
    if o is None or isinstance(o, type(sys)):
        return f.__name__ if f.__module__ in (None, "builtins") else f"{f.__module__}.{f.__name__}"
    for c in (o.__mro__ if isinstance(o, type) else ()) + type(o).__mro__:
        if f.__name__ in vars(c) and not isinstance(vars(c)[f.__name__], type(key)): return f"{c.__name__}.{f.__name__}"
def key(code):
    return (getattr(code, "co_qualname", code.co_name), None if code.co_filename == "main.py" else code.co_filename, code.co_firstlineno)
def enter(k, frame, resumed):
    by, line = (stack[-1][0], stack[-1][1].f_lineno if stack[-1][1] else None) if stack else (None, None)
    calls[k, by, line, resumed] += 1
    f = functions.setdefault(k, dict(calls=0, resumes=0, unwound=0, nested=0, most_active=0))
    f["resumes" if resumed else "calls"] += 1
    f["nested"] += active[k] > 0
    active[k] += 1
    f["most_active"] = max(f["most_active"], active[k])
    stack.append((k, frame))
    note(frame, 1)
def leave(unwound):
    k, frame = stack.pop()
    active[k] -= 1
    # Of a frame that is left by an exception it hears as of one that returns None.
    functions[k]["unwound"] += unwound
    note(frame, -1)
def note(frame, by):
    global depth
    if not frame: return
    depth += by
    depths.append(depth)
def profile(frame, event, arg):
    if event == "call":
        if not stack and frame.f_code is not code: return
        enter(key(frame.f_code), frame, frame.f_lasti > start(frame.f_code))
    elif stack:
        if event == "c_call": enter((c_name(arg), "C", None), None, False)
        else: leave(event == "c_exception")
code = compile(open("main.py").read(), "main.py", "exec")
space = {"__name__": "__main__", "__builtins__": __builtins__}
sys.setprofile(profile)
try:
    exec(code, space)
except BaseException as e:
    sys.setprofile(None)
else:
    sys.setprofile(None)
print("HEARD", json.dumps([[[*c, n] for c, n in calls.items()], list(functions.items()), depths]), file=sys.__stderr__)
"""

PROGRAMS = {
    "nothing": "",
    "recursion, direct": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(12)\n",
    "recursion, mutual": "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\neven(40)\nodd(7)\n",
    "recursion by several lines": "def walk(t):\n    if not t:\n        return 0\n    left = walk(t[0])\n    right = walk(t[1])\n    return 1 + left + right\nwalk((((), ()), (((), ()), ())))\n",
    "generators": """
def count(n):
    for i in range(n):
        got = yield i
        if got: yield got * 2
def chain(n):
    yield from count(n)
    yield from [1, 2]
list(count(3)), sum(chain(4)), [x for x in count(2)]
g = count(9)
next(g), g.send(4), next(g)
g.close()
h = count(3)
try: h.throw(ValueError)
except ValueError: pass
k = chain(3); next(k)
try: k.throw(KeyError)
except KeyError: pass
never = count(5)
del never
left = count(5); next(left)
""",
    "coroutines": """
class Wait:
    def __await__(self):
        yield 1
        return 2
async def f(n):
    return n + await Wait() if n else await f(3)
async def each(n):
    for i in range(n):
        await Wait()
        yield i
async def main():
    async for i in each(3): await f(i)
    return [i async for i in each(2)]
def run(c):
    while True:
        try: c.send(None)
        except StopIteration as e: return e.value
run(main())
""",
    "C between two of Python": """
import functools
class A:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return self.n < o.n
    def __repr__(self): return f'A({self.n!r})'
    def __getattr__(self, name):
        if name == 'end': return 1
        return getattr(self, name[1:] if len(name) > 4 else 'end')
    def __eq__(self, o): return self.n == o.n
    def __hash__(self): return hash(self.n)
    def __enter__(self): return self
    def __exit__(self, *a): return True
    @property
    def p(self): return self.q()
    def q(self): return functools.reduce(lambda a, b: a + b, [1, 2, 3])
    @classmethod
    def make(cls): return cls(9)
    @staticmethod
    def s(): return 1
a = A(1)
sorted([A(3), A(2), A(1)]), sorted('abc', key=lambda c: -ord(c))
repr([a, [a]]), a.xxxxend, list(map(lambda x: x.n, {A(1): 1, A(1): 2, A(2): 3})), a.p, A.make().s()
max([1, 2], key=lambda x: -x), functools.partial(A, 3)(), list(filter(None, map(A.s, ())))
with a as b: 1 / 0
[1].append(2), {}.get(1), dict.fromkeys([1]), int.from_bytes(b'1', 'big'), 'x'.join(['a']), type.mro(A), A.mro(), object.__reduce_ex__(a, 2)
class L(list):
    def append(self, x): super().append(x)
l = L(); l.append(1); l.extend([2]); l.sort(key=lambda x: x)
""",
    "exceptions": """
def f(n):
    if n: f(n - 1)
    else: 1 / 0
def g():
    try: f(3)
    except ZeroDivisionError: return 1
    finally: int('5')
def h():
    try: int('x')
    except ValueError: pass
    raise KeyError
g(); h2 = None
for i in range(3):
    try: h()
    except KeyError: pass
class E(Exception):
    def __init__(self): super().__init__(1)
    def __str__(self): return 'e'
try: raise E
except E as e: str(e)
f(2)
""",
    "the same line, several calls": "def f(x): return x\ndef g(x): return f(x) + f(f(x))\ng(1), g(2), f(f(1)), (lambda: f(3))(), (lambda: f(3))()\n",
    "one function, many lines": "def f(): return 1\n" + "f()\n" * 300 + "for i in range(5): f(); f()\n",
    "code that is made anew": "for i in range(50):\n    exec('def f(): return 1\\nf()')\n    eval('(lambda: 1)()')\n",
    "classes": "class M(type):\n    def __call__(cls, *a): return super().__call__(*a)\n    def __new__(m, *a): return super().__new__(m, *a)\nclass A(metaclass=M):\n    x = [i for i in range(3)]\n    def f(self): return super().__init__()\nA().f()\nclass B(A):\n    class C: y = 1\nB()\n",
    "names outside ASCII": "def größe(): return 1\ngröße()\nclass Ü:\n    def ñ(self): pass\nÜ().ñ()\n",
}


def c_key(f):
    return (f["name"], "C" if f["kind"] == "c" else f["file"], f["line"])


def same(got, expected, what):
    """Where two dicts part."""
    equal({k: got.get(k) for k in got.keys() | expected if got.get(k) != expected.get(k)},
          {k: expected.get(k) for k in got.keys() | expected if got.get(k) != expected.get(k)}, what)


def heard(source):
    s = Snippet(source)
    plain = s.plain(code=LISTENER)
    calls, functions, depths = json.loads(plain.stderr.rpartition(b"HEARD")[2])
    one = s.look("frames")
    expected = {}
    for callee, by, line, resumed, n in calls:
        counts = expected.setdefault((tuple(callee), by and tuple(by), line), [0, 0])
        counts[resumed] += n
    keys = [c_key(f) for f in one["functions"]]
    equal(len(set(keys)), len(keys))
    got = {}
    for node in one["tree"]:
        parent = None if node["parent"] is None else one["tree"][node["parent"]]
        at = (keys[node["function"]], parent and keys[parent["function"]], node["line"])
        counts = got.setdefault(at, [0, 0])
        counts[0] += node["calls"]
        counts[1] += node["resumes"]
    same(got, expected, "calls by function, caller and line")
    counted = {k: {m: f[m] for m in ("calls", "resumes", "nested", "most_active")} for k, f in zip(keys, one["functions"])}
    listened = {tuple(k): {m: f[m] for m in ("calls", "resumes", "nested", "most_active")} for k, f in functions}
    same(counted, listened, "functions")
    equal({k: f["unwound"] for k, f in zip(keys, one["functions"]) if f["kind"] == "c"},
          {tuple(k): f["unwound"] for k, f in functions if k[1] == "C"}, "C functions that raised")
    (thread,) = one["threads"]
    every = thread["every"]
    equal((thread["depth"], thread["base"], thread["calls"]), (max(depths), 0, sum(f["calls"] + f["resumes"] for f in one["functions"] if f["kind"] == "python")))
    equal(thread["depths"], [[min(d), max(d)] for d in (depths[i:i + every] for i in range(0, len(depths), every))], "depth over time")
    assert len(depths) / 256 <= every <= max(1, len(depths) / 128), every
    equal((one["truncated"], any(one["dropped"].values())), (False, False))


for name, source in PROGRAMS.items():
    check(f"{name}: as a profile function hears it")(lambda source=source: heard(source))


# cProfile counts each time that a generator goes on as a call, and those of a function that is running already apart.
COUNTER = """
import cProfile, json, sys
code = compile(open("main.py").read(), "main.py", "exec")
p = cProfile.Profile()
def within(f):
    p.enable()
    f()
    p.disable()
exec(code, {"__name__": "__main__", "__builtins__": __builtins__, "within": within})
counts = {}
for e in p.getstats():
    if isinstance(e.code, str): continue
    k = json.dumps([e.code.co_filename, e.code.co_firstlineno, e.code.co_name])
    a, b = counts.get(k, (0, 0))
    counts[k] = a + e.callcount, b + e.reccallcount
print("COUNTED", json.dumps(counts), file=sys.__stderr__)
"""
# Modules are there before anything is counted; what they keep for the next time is made anew.
LIBRARY = {
    "json": "data = {'a': [1, 2.5, None, {'b': 'c' * 50}] * 20, 'd': 'é'}\nfor indent in None, 2: json.loads(json.dumps(data, indent=indent, sort_keys=True))\n",
    "re": "for p in r'(a|b)*c+?[^x-z]{2,5}$', r'(?P<n>\\w+)(?=\\d)(?:x|(y))', r'(?i)\\bfoo.*?bar': re.purge(); re.compile(p).sub(lambda m: m[0], 'aabcd foo1bar')\n",
    "ast": "tree = ast.parse(open(ast.__file__).read()[:4000].rpartition('\\ndef ')[0])\nlen(list(ast.walk(tree))), ast.dump(tree)[:9]\nif hasattr(ast, 'unparse'): ast.unparse(tree)\n",
    "textwrap": "textwrap.fill('the quick brown fox ' * 50, 30)\ntextwrap.dedent('  a\\n    b\\n')\n",
    "difflib": "list(difflib.unified_diff('a b c d e'.split() * 9, 'a c d f e'.split() * 9))\ndifflib.get_close_matches('appel', ['ape', 'apple', 'peach'])\n",
    "dataclasses": "@dataclasses.dataclass(order=True)\nclass P:\n    x: int\n    y: list = dataclasses.field(default_factory=list)\nsorted([P(2), P(1)]), repr(P(1)), dataclasses.asdict(P(1, [P(2)]))\n",
    "collections": "c = collections.Counter('abracadabra')\nc.most_common(2), c + c, collections.OrderedDict(a=1).items(), collections.ChainMap({1: 2}, {3: 4})[3]\nP = collections.namedtuple('P', 'x y')\nP(1, 2)._replace(x=3)\n",
    "tokenize": "import io\nlist(tokenize.generate_tokens(io.StringIO('def f(a, b=1):\\n    return [a + b for c in d]\\n' * 20).readline))\n",
    "argparse": "p = argparse.ArgumentParser(prog='x')\np.add_argument('--n', type=int, nargs='+')\ns = p.add_subparsers()\ns.add_parser('a').add_argument('b')\np.parse_args(['--n', '1', '2'])\np.format_help()\n",
    "heapq": "h = []\nfor i in range(100): heapq.heappush(h, i * 7 % 31)\nlist(heapq.merge([1, 3], [2, 4], key=lambda x: x)), heapq.nsmallest(3, h, key=lambda x: -x)\n",
    "contextlib": "@contextlib.contextmanager\ndef m():\n    try: yield 1\n    finally: pass\nfor i in range(5):\n    with m(): pass\n    with contextlib.suppress(ZeroDivisionError), m(), contextlib.ExitStack() as s:\n        s.enter_context(m())\n        1 / 0\n",
    "fractions": "F = fractions.Fraction\nsum((F(1, n) for n in range(1, 30)), F(0)), F('3.25').limit_denominator(3), F(7, 2) ** 3\n",
    "statistics": "statistics.stdev([1, 2, 3, 4.5]), statistics.median([3, 1, 2]), statistics.mean([1, 2])\n",
}


def beneath(tree, functions):
    """Of what `within` called: calls of each function of Python, and how many of them came while it was running."""
    counts, above = {}, {}
    for i, node in enumerate(tree):
        f = functions[node["function"]]
        key = (f["file"] or "main.py", f["line"], f["name"].rpartition(".")[2])
        if node["parent"] in above:
            above[i] = above[node["parent"]] | {key}
            if f["kind"] == "python":
                a, b = counts.get(key, (0, 0))
                n = node["calls"] + node["resumes"]
                counts[key] = a + n, b + (n if key in above[node["parent"]] else 0)
        elif f["name"] == "within":
            above[i] = set()
    return counts


def counted(module, source):
    # Once before: then modules are there, and what they keep for the next time.
    warm = f"import {module}\nbody = compile({source!r}, 'body.py', 'exec')\nexec(body)\n"
    work = "if 'within' not in globals():\n    def within(f): f()\ndef work(): exec(body, globals())\nwithin(work)\n"
    s = Snippet(warm + work)
    plain = s.plain(code=COUNTER)
    expected = {tuple(json.loads(k)): tuple(v) for k, v in json.loads(plain.stderr.rpartition(b"COUNTED")[2]).items()}
    one = s.look("frames")
    equal((one.status, one["truncated"]), (0, False))
    got = beneath(one["tree"], one["functions"])
    same({k: v[0] for k, v in got.items()}, {k: v[0] for k, v in expected.items()}, "calls")
    # An import may have been so large that recursion after it is folded, where the tree cannot tell what was nested.
    if not any(n["deeper"] for n in one["tree"]):
        same(got, expected, "calls, and those that were nested")
    assert len(expected) > 3, expected
    equal(sum(n["calls"] for n in one["tree"]), sum(f["calls"] for f in one["functions"]))


for name, source in LIBRARY.items():
    check(f"{name} at work: calls and nested calls as cProfile counts them")(lambda name=name, source=source: counted(name, source))


@check("frames that an exception left, and no others")
def _():
    one = look(PROGRAMS["exceptions"], "frames")
    # f(3) and f(2) through all their levels; g takes it; each h raises; __init__, __str__ return.
    got = {f["name"].rpartition(".")[2]: f["unwound"] for f in one["functions"] if f["kind"] == "python"}
    equal(got, {"<module>": 1, "f": 4 + 3, "g": 0, "h": 3, "E": 0, "__init__": 0, "__str__": 0})
    one = look("def g():\n    yield 1\n    1 / 0\ndef k():\n    try: yield\n    except KeyError: pass\n    yield 2\n"
               "for f in g, g:\n    try: list(f())\n    except ZeroDivisionError: pass\nx = k(); next(x); x.throw(KeyError); x.close()\n", "frames")
    got = {f["name"]: (f["calls"], f["resumes"], f["unwound"]) for f in one["functions"] if f["kind"] == "python"}
    # In 3.13 a generator with nothing around its yield is closed without going on, and sys.setprofile hears nothing of it.
    equal(got, {"<module>": (1, 0, 0), "g": (2, 2, 2), "k": (1, 1, 0) if VERSION == (3, 13) else (1, 2, 1)})


@check("a RecursionError: as deep as its traceback")
def _():
    one = look("def f(n):\n    return f(n + 1)\ntry: f(0)\nexcept RecursionError as e:\n    tb, n = e.__traceback__, 0\n    while tb: tb, n = tb.tb_next, n + 1\n    print(n)\n", "frames")
    (thread,) = one["threads"]
    deepest = thread["deepest"]
    equal(thread["depth"], int(one.out))
    equal([(f["name"], f["calls"], f["unwound"], f["most_active"]) for f in one["functions"][:2]], [("<module>", 1, 0, 1), ("f", *[int(one.out) - 1] * 3)])
    f = [x["name"] for x in one["functions"]].index("f")
    equal(deepest["repeated"], [{"function": f, "times": int(one.out) - 1}])
    equal([(e["function"], e["line"]) for e in deepest["outermost"]], [(0, 3)] + [(f, 2)] * 39)
    equal([(e["function"], e["line"]) for e in deepest["innermost"]], [(f, 2)] * 39 + [(f, 1)])
    equal(deepest["left_out"], int(one.out) - 80)
    # The first levels have a node each, what is deeper goes to the last of these.
    nodes = [n for n in one["tree"] if n["function"] == f]
    equal(([n["calls"] for n in nodes[:-1]], sum(n["calls"] for n in nodes)), ([1] * 198, int(one.out) - 1))
    equal(nodes[-1]["deeper"], nodes[-1]["calls"] - 1)


@check("the deepest stack is the first of those that were as deep, line by line")
def _():
    one = look("def a(n):\n    if n:\n        b(n)\n    return n\ndef b(n):\n    return sorted([n],\n        key=lambda m: a(m - 1))\na(1)\na(2)\na(2)\n", "frames")
    (thread,) = one["threads"]
    names = [f["name"] for f in one["functions"]]
    equal([(names[e["function"]], e["line"]) for e in thread["deepest"]["outermost"]],
          [("<module>", 9), ("a", 3), ("b", 6), ("sorted", None), ("b.<locals>.<lambda>" if VERSION >= (3, 11) else "<lambda>", 7),
           ("a", 3), ("b", 6), ("sorted", None), ("b.<locals>.<lambda>" if VERSION >= (3, 11) else "<lambda>", 7), ("a", 1)])
    equal((thread["deepest"]["depth"], thread["deepest"]["left_out"]), (8, 0))


DEEP = "import sys\nsys.setrecursionlimit(1 << 30)\ndef f(n):\n    return n and f(n - 1)\n"
THROUGH_C = "class A:\n    def __getattr__(self, name):\n        return getattr(self, name)\n"


def crashed(one, status=signal.SIGSEGV):
    equal(one.status & 0x7f, status)
    return one["crash"]


def names(one, entries):
    return [one["functions"][e["function"]]["name"] for e in entries]


@check("a call of Python by Python takes C stack before 3.11, and none from then on")
def _():
    one = look(DEEP + "f(300)\n", "frames")
    used = [e["c_used"] for e in one["threads"][0]["deepest"]["innermost"]]
    taken = {b - a for a, b in zip(used, used[1:])}
    if VERSION >= (3, 11):
        equal(taken, {0})
    else:
        assert len(taken) == 1 and min(taken) > 100, taken


@check("a call through C takes C stack, as much each time")
def _():
    one = look("def f(n):\n    return n and list(map(f, [n - 1]))\nf(100)\n", "frames")
    used = [e["c_used"] for e in one["threads"][0]["deepest"]["innermost"]]
    taken = {b - a for a, b in zip(used, used[1:])}
    assert len(taken) == 1 and min(taken) > 100, taken
    nodes = [n for n in one["tree"] if one["functions"][n["function"]]["name"] == "f"]
    equal({n["c_bytes"] for n in nodes[1:]}, taken)


@check("50,000 frames of Python: a C stack overflow before 3.11, and nothing to it from then on")
def _():
    clean, one = look(DEEP + "f(50_000)\n", "clean", lenses=""), look(DEEP + "f(50_000)\n", "frames")
    equal(one.status, clean.status)
    if VERSION >= (3, 11):
        equal((clean.status, one["threads"][0]["depth"], one["truncated"], "crash" in one.lens), (0, 50_002, False, False))
        return
    crash = crashed(one)
    equal((crash["overflow"], crash["thread"], crash["line"], names(one, crash["stack"]["innermost"][-2:])), (True, 1, 4, ["f", "f"]))
    near_the_end(crash)


def near_the_end(crash):
    equal(crash["c_stack"], resource.getrlimit(resource.RLIMIT_STACK)[0])
    assert crash["c_stack"] - 64 * 1024 < crash["c_used"] < crash["c_stack"] + 1024 * 1024, crash["c_used"]


@check("recursion through C with the limit raised: a crash that is explained before 3.12, then a RecursionError")
def _():
    one = look("import sys\nsys.setrecursionlimit(1 << 30)\n" + THROUGH_C + "try: A().a\nexcept RecursionError: print('stopped')\n", "frames")
    by = one["limits"]["c_recursion"]
    if VERSION >= (3, 12):
        equal((one.status, one.out, "crash" in one.lens, by["by"]), (0, b"stopped\n", False, "bytes" if VERSION >= (3, 14) else "calls"))
        assert 0 < by["most"] <= 8 << 20, by
        return
    equal(by, {"by": "nothing", "most": None})
    crash = crashed(one)
    near_the_end(crash)
    depth = crash["stack"]["depth"]
    # It may be over within C, before the frame begins.
    assert names(one, crash["stack"]["innermost"])[-1] in ("A.__getattr__", "__getattr__", "getattr", "len"), names(one, crash["stack"]["innermost"])
    equal((crash["overflow"], crash["line"], one["limits"]["recursion_limit"]), (True, 5, 1 << 30))
    equal([m["percent"] for m in one["marks"]], [50, 75, 90, 95])
    for m in one["marks"]:
        assert m["percent"] / 100 <= m["c_used"] / m["c_stack"] <= m["percent"] / 100 + 0.01, m["percent"]
        # Each level takes the same.
        assert abs(m["stack"]["depth"] / depth - m["percent"] / 100) < 0.02, (m["percent"], m["stack"]["depth"], depth)
    equal(one["truncated"], True)
    equal(one["threads"][0]["depth"], depth)


@check("an overflow in C alone: the function of C, and the line that called it")
def _():
    one = look("import sys\nsys.setrecursionlimit(1 << 30)\nx = []\nfor i in range(300_000): x = [x]\ndef f():\n    try: return repr(x)\n    except RecursionError: return 'stopped'\nprint(f()[:9])\nimport os; os._exit(0)\n", "frames")
    if VERSION >= (3, 12):
        equal((one.status, one.out, "crash" in one.lens), (0, b"stopped\n", False))
        return
    crash = crashed(one)
    equal((crash["overflow"], crash["line"], names(one, crash["stack"]["outermost"])), (True, 6, ["<module>", "f", "repr"]))


@check("an overflow in a thread: of its own stack")
def _():
    source = "import sys, threading\nsys.setrecursionlimit(1 << 30)\nthreading.stack_size(1 << 20)\n" + THROUGH_C + \
             "def g():\n    try: A().a\n    except RecursionError: print('stopped')\nt = threading.Thread(target=g)\nt.start(); t.join()\n"
    clean, one = look(source, "clean", lenses=""), look(source, "frames")
    equal((one.status, one.out), (clean.status, clean.out))
    if VERSION < (3, 12):
        crash = crashed(one)
        equal((crash["overflow"], crash["thread"], crash["line"]), (True, 2, 6))
        assert 900_000 < crash["c_stack"] <= 1 << 20 and abs(crash["c_used"] - crash["c_stack"]) < 70_000, crash["c_used"]


@check("other ends by SIGSEGV: no overflow, and the same signal as ever")
def _():
    for source, f in (("import os, signal\ndef f():\n    os.kill(os.getpid(), signal.SIGSEGV)\nf()\n", "posix.kill"), ("import ctypes\ndef f():\n    ctypes.string_at(1)\nf()\n", "string_at")):
        clean, one = look(source, "clean", lenses=""), look(source, "frames")
        equal((one.status, clean.status & 0x7f), (clean.status, signal.SIGSEGV))
        equal((one["crash"]["overflow"], one["truncated"], names(one, one["crash"]["stack"]["outermost"])), (False, True, ["<module>", "f", f]))
        equal([e["line"] for e in one["crash"]["stack"]["outermost"][:2]], [4, 3])
    own = "import faulthandler, os, signal\nprint(signal.getsignal(signal.SIGSEGV), flush=True)\nfaulthandler.enable()\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    own = Snippet(own)
    clean, one = own.look("clean", lenses=""), own.look("frames")
    equal((one.status, one.out, re.sub(rb"0x[0-9a-f]+", b"", one.err)), (clean.status, clean.out, re.sub(rb"0x[0-9a-f]+", b"", clean.err)))
    taken = "import os, signal\nsignal.signal(signal.SIGSEGV, lambda *a: print('mine'))\nos.kill(os.getpid(), signal.SIGSEGV)\nprint('on')\n"
    one = look(taken, "frames")
    equal((one.status, one.out, "crash" in one.lens, one["truncated"]), (0, b"mine\non\n", False, False))
    forked = "import os, signal\nif os.fork() == 0: os.kill(os.getpid(), signal.SIGSEGV)\nprint(os.wait()[1] & 127)\n"
    one = look(forked, "frames")
    equal((one.status, one.out, "crash" in one.lens, one["truncated"]), (0, b"11\n", False, False))


@check("what is used of the C stack is what the kernel has mapped for it")
def _():
    one = look("def f(n):\n    return n and list(map(f, [n - 1]))\nf(300)\nprint(next(l for l in open('/proc/self/maps') if '[stack]' in l))\n", "frames")
    low, high = (int(x, 16) for x in one.out.split()[0].split(b"-"))
    most = one["threads"][0]["c_most"]
    # It grows as it is used; pages below the last frame's are those of what it calls.
    assert 64 * 1024 < most <= high - low, (most, high - low)
    if high - low > 300 * 1024:
        assert high - low - most < 64 * 1024, (most, high - low)


@check("threads: each its own stack, with what started it below")
def _():
    one = look("""
import sys, threading
def depth():
    f, n = sys._getframe(1), 0
    while f: f, n = f.f_back, n + 1
    return n
said = {}
def work(n, top):
    if n: return work(n - 1, top)
    said[top] = depth() + 1
for n in 5, 3:
    t = threading.Thread(target=work, args=(n, n))
    t.start(); t.join()
print(said[5], said[3])
""", "frames")
    equal([t["depth"] for t in one["threads"][1:]], [int(n) for n in one.out.split()])
    (work,) = [f for f in one["functions"] if f["name"] == "work"]
    equal((work["calls"], work["nested"], work["most_active"]), (6 + 4, 5 + 3, 6))
    equal(({t["base"] > 0 for t in one["threads"][1:]}, one["truncated"]), ({True}, False))
    roots = [one["functions"][n["function"]]["name"] for n in one["tree"] if n["parent"] is None]
    # What the thread's own frame calls after it is another root.
    equal(roots[:2], ["<module>", "Thread.run" if VERSION >= (3, 11) else "run"])


@check("threads at the same time: nothing is lost")
def _():
    one = look("import sys, threading\nsys.setswitchinterval(1e-6)\ndef f(n):\n    return n and f(n - 1)\ndef g():\n    for i in range(300): f(20)\n"
               "ts = [threading.Thread(target=g) for i in range(8)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n", "frames")
    got = {f["name"]: (f["calls"], f["nested"], f["most_active"]) for f in one["functions"] if f["name"] in "fg"}
    equal((got, one["truncated"]), ({"f": (8 * 300 * 21, 8 * 300 * 20, 21), "g": (8, 0, 1)}, False))
    equal(sum(n["calls"] for n in one["tree"] if one["functions"][n["function"]]["name"] == "f"), 8 * 300 * 21)
    equal([t["depth"] - t["base"] for t in one["threads"][1:]], [23] * 8)


@check("a million calls: all are counted")
def _():
    one = look("def f(x): return x\nfor i in range(500_000): f(i); abs(i)\n", "frames")
    equal({f["name"]: f["calls"] for f in one["functions"]}, {"<module>": 1, "f": 500_000, "abs": 500_000})
    equal((one["events"], one["truncated"], len(one["tree"])), (2_000_002, False, 3))


@check("more paths, functions and threads than there is room for: counted, and said")
def _():
    one = look("def f(n):\n    if n:\n        f(n - 1)\n        f(n - 1)\nf(16)\n", "frames")
    (f,) = [f for f in one["functions"] if f["name"] == "f"]
    equal((f["calls"], f["most_active"], len(one["tree"])), (2 ** 17 - 1, 17, 20_000))
    equal(sum(n["calls"] for n in one["tree"]) + one["dropped"]["no_node"], 2 ** 17)
    one = look("".join(f"def f{i}(): pass\nf{i}()\n" for i in range(6000)), "frames")
    equal((len(one["functions"]), one["dropped"]["no_function"], one["truncated"]), (5000, 6001 - 5000, True))
    one = look("import threading\nfor i in range(70):\n    t = threading.Thread(target=int); t.start(); t.join()\n", "frames")
    equal((len(one["threads"]), one["dropped"]["threads"], one["truncated"]), (64, 7, True))


@check("a profile function of the program's own takes the place of this: said, and what was before is there")
def _():
    one = look("import sys\ndef f(): pass\nf()\nseen = []\nsys.setprofile(lambda *a: seen.append(a[1]))\nf()\nsys.setprofile(None)\nf()\nprint(seen)\n", "frames")
    (f,) = [f for f in one["functions"] if f["name"] == "f"]
    equal((f["calls"], one["truncated"]), (1, True))
    plain = Snippet("import sys\ndef t(*a): return t\nsys.settrace(t)\ndef f(): pass\nf()\nprint(sys.gettrace() is t)\n")
    one = plain.look("frames")
    equal((one.out, one["truncated"], [f["calls"] for f in one["functions"] if f["name"] == "f"]), (b"True\n", False, [1]))


@check("a run that is killed: most of it is there")
def _():
    one = look("import os\ndef f(): pass\nfor i in range(200): f()\nos.kill(os.getpid(), 9)\n", "frames")
    (f,) = [f for f in one["functions"] if f["name"] == "f"]
    equal((one.status, one["truncated"], 150 <= f["calls"] <= 200), (9, True, True))


main()
