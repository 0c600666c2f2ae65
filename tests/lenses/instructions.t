#!/usr/bin/python3
"""The instructions lens: each instruction of main.py's in the order in which they ran, with the value stack before it.

A plain interpreter runs the same program under a trace function of Python's with f_trace_opcodes (WATCH): which instruction of which
code object came when, what names were bound to before it, what frames returned, what exceptions came.  How deep the stack is goes from
one instruction to the next by dis.stack_effect(); values on it are held against those names, against constants of the code, and, for
operators, against what Python makes of the operands.
"""
import ast
import json
import operator
import pathlib
import sysconfig

from lens import VERSION, Snippet, check, equal, look, main

# Runs main.py, and says each event in it.
WATCH = r"""
import json, os, sys
main, out = os.path.abspath('main.py'), []
def text(v):
    return repr(v) if type(v) in (int, float, bool, type(None), str, bytes) else None
def names(f):
    return {n: text(v) for space in (f.f_globals, f.f_locals) for n, v in list(space.items()) if not n.startswith('__')}
def trace(f, what, arg):
    if f.f_code.co_filename != main: return None
    f.f_trace_opcodes = True
    name = getattr(f.f_code, 'co_qualname', f.f_code.co_name)
    if what == 'opcode': out.append(['ran', name, f.f_lasti, names(f)])
    elif what == 'return': out.append(['left', name, f.f_lasti, text(arg)])
    elif what == 'exception': out.append(['raised', name, f.f_lasti, arg[0].__name__])
    return trace
code = compile(open(main, 'rb').read(), main, 'exec')
space = {'__name__': '__main__', '__builtins__': __builtins__}
real, sys.stdout, sys.argv = sys.stdout, open(os.devnull, 'w'), [main]
sys.settrace(trace)
try: exec(code, space)
except BaseException: pass
sys.settrace(None)
json.dump(out, real)
"""

PROGRAMS = {
    "loops and operators": "total = 0\nfor i in range(5):\n    total += i * 2 - 1\n    if total > 4 and i % 2:\n        total = -total\nprint(f'{total:>5}', [total] * 2)\n",
    "functions": "def f(a, *rest, b=2, **more):\n    return a + b + len(rest) + len(more)\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nx = f(1, 2, 3, b=4, c=5)\ny = fib(6)\nz = (lambda q: q ** 2)(7)\n",
    "closures": "def outer(n):\n    def inner(m):\n        nonlocal n\n        n += m\n        return n\n    return inner\ng = outer(3)\nv = g(4) + g(5)\n",
    "generators": "def count(n):\n    got = 0\n    while n:\n        got = yield n + (got or 0)\n        n -= 1\n    return 'end'\ndef both():\n    last = yield from count(2)\n    yield last\nc = count(3)\na = next(c)\nb = c.send(5)\nl = list(both())\nc.close()\ns = sum(i * i for i in range(4))\n",
    "exceptions": "def bad(n):\n    try:\n        return 1 / n\n    except ZeroDivisionError as e:\n        return len(str(e))\n    finally:\n        n = 9\nx = bad(0) + bad(1)\ntry:\n    try: {}['a']\n    except KeyError: raise ValueError('v')\nexcept ValueError: y = 3\nfor i in (1, 2):\n    try: continue\n    finally: z = i\n",
    "with": "class C:\n    def __enter__(self): return 5\n    def __exit__(self, *a): return True\nwith C() as v:\n    w = v + 1\n    raise KeyError\nwith C(): u = 2\n",
    "containers": "a, *b = [1, 2, 3]\nd = {'k': a, **{'m': 2}}\nt = (a, b[0])\ns = {1, 2} | {3}\nl = [x + y for x in (1, 2) for y in (3, 4) if x != y]\ne = {k: v for k, v in d.items()}\nb[0] = 7\ndel d['m']\nq = b[::-1]\nn = not a\nm = a < 2 <= 3\n",
    "classes": "class A:\n    z = 1\n    def __init__(self, v): self.v = v\n    @property\n    def w(self): return self.v * 2\nclass B(A):\n    def __init__(self):\n        super().__init__(4)\n        self.v += 1\nr = B().w + A.z\n",
    "coroutines": "import asyncio\nasync def one(n):\n    await asyncio.sleep(0)\n    return n + 1\nasync def gen():\n    for i in range(2): yield i\nasync def main():\n    total = await one(1)\n    async for i in gen(): total += i\n    return [total, [j async for j in gen()]]\nr = asyncio.run(main())\n",
    "many constants": "x = 0\n" + "".join(f"x += {i * 1000 + 7}\n" for i in range(300)) + "if x:\n" + "".join(f"    y{i} = {i}\n" for i in range(100)),
    "ended by an exception": "def f(n):\n    return f(n - 1) if n else 1 / 0\nf(3)\n",
}
LIBRARY = ["textwrap", "bisect", "colorsys", "string", "keyword", "operator", "reprlib", "sched", "copy"]

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod, "**": operator.pow,
              "//": operator.floordiv, "&": operator.and_, "|": operator.or_, "<": operator.lt, ">": operator.gt, "<=": operator.le,
              ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
NAMED = {"BINARY_ADD": "+", "BINARY_SUBTRACT": "-", "BINARY_MULTIPLY": "*", "BINARY_TRUE_DIVIDE": "/", "BINARY_MODULO": "%", "BINARY_POWER": "**",
         "INPLACE_ADD": "+", "INPLACE_SUBTRACT": "-"}


def told(one):
    """Each step: (kind, function, offset), and the stack before an instruction, put together again."""
    stacks, out = {}, []
    for s in one["steps"]:
        code = one["code_objects"][s["code"]]
        kind = "left" if "left" in s else "raised" if "raised" in s else "ran"
        if kind == "ran":
            stacks[s["frame"]] = stacks.get(s["frame"], [])[:s["keep"]] + s["push"]
        out.append(((kind, code["function"], -1 if s["offset"] is None else s["offset"]), s, list(stacks.get(s["frame"], []))))
    return out


def rows_of(one):
    return [{i["offset"]: i for i in c["instructions"]} for c in one["code_objects"]]


def prefixes(one):
    """Where instructions are themselves that begin with EXTENDED_ARG."""
    found = {}
    for c in one["code_objects"]:
        before = []
        for i in c["instructions"]:
            if i["op"] == "EXTENDED_ARG":
                before.append(i["offset"])
                continue
            found |= {(c["function"], at): i["offset"] for at in before}
            before = []
    return found


def sequence(s, one):
    """The same events in the same order as a trace function of Python's hears of; what that knew of names."""
    done = s.plain(code=WATCH)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    begins = prefixes(one)
    if VERSION >= (3, 12):  # where EXTENDED_ARG is told of by itself
        theirs = [e for e in theirs if e[0] != "ran" or (e[1], e[2]) not in begins]
    for at, (key, event) in enumerate(zip([key for key, *_ in told(one)], theirs)):
        kind, function, offset, _ = event
        equal(key, (kind, function, begins.get((function, offset), offset)), f"event {at}")
    equal(len(one["steps"]), len(theirs))
    for (key, step, _), event in zip(told(one), theirs):
        if key[0] == "raised":
            equal(step["raised"].rpartition(".")[2], event[3], key)
        if key[0] == "left":
            equal(step["left"] == "exception", step.get("value") is None, key)
            if event[3] is not None and step["left"] != "exception":
                equal(step["value"], event[3], key)
    return theirs


def value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return Ellipsis


def is_operator(row):
    sign = NAMED.get(row["op"]) or (row["arg"].removeprefix("bool(").rstrip(")=") if row["op"] in ("BINARY_OP", "COMPARE_OP") else None)
    if row["op"] == "COMPARE_OP":
        sign = row["arg"].removeprefix("bool(").rstrip(")")
    return ARITHMETIC.get(sign)


def values(one, theirs):
    """How many values were held against something."""
    rows, before, seen = rows_of(one), {}, 0
    for (key, step, stack), event in zip(told(one), theirs):
        was = before.pop(step["frame"], None)
        if key[0] != "ran":
            continue
        if was:
            row, names, old = was
            made = is_operator(row)
            if made and len(old) > 1 and ... not in (left := value(old[-2]), right := value(old[-1])):
                equal(value(stack[-1]), made(left, right), (key, row, old))
                seen += 1
            loads = row["op"] in ("LOAD_FAST", "LOAD_NAME", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK", "LOAD_DEREF")
            # Later versions take cells, for a closure, by LOAD_FAST as well.
            if loads and names.get(row["arg"]) is not None and stack[-1] != "<cell object>":
                is_whole = not stack[-1].endswith("…")
                equal(stack[-1].rstrip("…"), names[row["arg"]][:None if is_whole else len(stack[-1]) - 1], (key, row))
                seen += 1
            if row["op"] in ("LOAD_CONST", "LOAD_SMALL_INT", "LOAD_CONST_IMMORTAL") and value(row["arg"]) is not ...:
                equal(stack[-1].rstrip("…"), row["arg"][:len(stack[-1].rstrip("…"))], (key, row))
                seen += 1
        row = rows[step["code"]][step["offset"]]
        before[step["frame"]] = (row, event[3], stack)
    return seen


DEPTHS = r"""
import dis, json, sys
# Of each code object by instruction: how many values it adds, where it goes on and where it jumps.
def every(code):
    left = [code]
    while left:
        code = left.pop()
        yield code
        left += [c for c in reversed(code.co_consts) if hasattr(c, 'co_code')]
out = []
for code in every(compile(open('main.py', 'rb').read(), 'main.py', 'exec')):
    found = [i for i in dis.get_instructions(code) if i.opname != 'CACHE']
    effects = {}
    for i, then in zip(found, found[1:] + [None]):
        arg = i.arg if i.opcode >= dis.HAVE_ARGUMENT else None
        effects[i.offset] = [then and then.offset] + [dis.stack_effect(i.opcode, arg, jump=j) for j in (False, True)] + [i.arg]
    out.append(effects)
json.dump(out, sys.stdout)
"""


def depths(s, one):
    """How many steps were from one instruction to the next of its frame."""
    effects = json.loads(s.plain(code=DEPTHS).stdout)
    rows, before, seen = rows_of(one), {}, 0
    for key, step, stack in told(one):
        was = before.pop(step["frame"], None)
        if key[0] != "ran":
            continue
        if was:
            offset, depth, op = was
            after, falls, jumps, arg = effects[step["code"]][str(offset)]
            if VERSION[:2] == (3, 11) and op in ("PRECALL", "CALL"):
                # Of the two the second takes the arguments, where the compiler counts them off at the first.
                falls = jumps = 0 if op == "PRECALL" else falls - arg
            if op == "FOR_ITER" and VERSION >= (3, 12) and step["offset"] != after:
                # It goes on past END_FOR, and from 3.14 on leaves the iterator to POP_ITER.
                falls = jumps = 0 if VERSION >= (3, 14) else -1
            # A generator that is gone on with has what was sent on its stack; SEND is left by either way at once.
            if not op.startswith(("YIELD", "RESUME", "SEND", "RETURN_GENERATOR", "GEN_START", "END_ASYNC", "END_FOR", "POP_ITER", "RERAISE")):
                equal(len(stack) - depth in ((falls,) if step["offset"] == after else (jumps, falls)), True, (key, op, depth, stack, falls, jumps))
                seen += 1
        before[step["frame"]] = (step["offset"], len(stack), rows[step["code"]][step["offset"]]["op"])
    return seen


def judge(s):
    one = s.look("instructions")
    theirs = sequence(s, one)
    return one, values(one, theirs), depths(s, one)


@check("each instruction, name, constant, operator and depth is what CPython itself says")
def programs():
    least = 0
    for name, code in PROGRAMS.items():
        try:
            one, held, steps = judge(Snippet(code))
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}") from None
        equal(one["truncated"], False, name)
        equal(one["totals"]["steps"], len(one["steps"]), name)
        assert steps > 5, (name, steps)
        least += held
    assert least > 800, least


@check("modules of the standard library as programs")
def library():
    paths = [pathlib.Path(sysconfig.get_path("stdlib"), name + ".py") for name in LIBRARY]
    for name, path in [(p.stem, p) for p in paths if p.exists()]:
        try:
            one, _, steps = judge(Snippet(path.read_bytes()))
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}") from None
        assert steps > 10, (name, steps)


@check("its code objects are those of dis, in the order of the lens bytecode")
def code_objects():
    for code in PROGRAMS.values():
        s = Snippet(code)
        one, other = s.look("instructions"), s.look("static", lenses="bytecode")
        equal([(c["function"], c["first_line"]) for c in one["code_objects"]], [(c["qualname"], c["first_line"]) for c in other["code_objects"]])
        for a, b in zip(one["code_objects"], other["code_objects"]):
            equal([(i["offset"], i["op"], i["line"]) for i in a["instructions"]], [(i["offset"], i["op"], i["line"]) for i in b["instructions"]])


@check("a value that changed where it lies is told anew")
def mutated():
    one = look("l = []\nfor i in range(3): l.append(i)\nx = [l, l]\n", "instructions")
    seen = [p for s in one["steps"] for p in s.get("push", []) if p.startswith("[")]
    # By reasoning: it is looked up once a turn as l, before it is appended to, and twice in the last line.
    holds = [p for p in seen if p in ("[]", "[0]", "[0, 1]", "[0, 1, 2]")]
    assert holds[0] == "[]" and "[0, 1, 2]" in holds, seen
    # It is on the stack all the while, below what is appended to it.
    one = look("x = [i * 10 for i in (1, 2, 3)]\n", "instructions")
    lists = [value for _, _, stack in told(one) for value in stack if value.startswith("[")]
    equal(list(dict.fromkeys(lists)), ["[]", "[10]", "[10, 20]", "[10, 20, 30]"])


@check("a generator's frame is one, however often it is gone on with")
def suspended():
    one = look("def g():\n    for i in (1, 2, 3): yield i\na, b = g(), g()\nnext(a), next(b), next(a)\nx = list(a) + list(b)\n", "instructions")
    left = {}
    for s in one["steps"]:
        if "left" in s and one["code_objects"][s["code"]]["function"] == "g":
            left.setdefault(s["frame"], []).append((s["left"], s["value"]))
    # Some versions leave the frame once more as the generator is made.
    made = [[e for e in events if e[1] in ("1", "2", "3") or e[0] == "return"][-4:] for events in left.values()]
    equal([e for e in made if len(e) == 4], [[("yield", "1"), ("yield", "2"), ("yield", "3"), ("return", "None")]] * 2)


@check("nothing of the program's is called for it")
def quiet():
    code = "import sys\nclass C:\n    def __repr__(self): print('repr'); return 'C'\n    __str__ = __repr__\n    def __hash__(self): print('hash'); return 1\n" \
           "    def __eq__(self, o): print('eq'); return True\n    def __getattribute__(self, n): print('get', n); return object.__getattribute__(self, n)\n" \
           "c = C()\nl = [c, (c, c)]\nx = l[0]\ndef f(a): return a\ny = f(c)\nprint('end')\n"
    one = look(code, "instructions")
    equal(one.out, b"end\n")
    assert any("C object" in p for s in one["steps"] for p in s.get("push", [])), one["steps"]


@check("what is too much is left out, and said")
def bounds():
    one = look("i = 0\nwhile i < 100000: i += 1\nprint(i)\n", "instructions")
    equal(one["truncated"], True)
    equal(len(one["steps"]), one["totals"]["steps"])
    assert one["steps"][0]["frame"] == 1 and len(one["steps"]) == 50000, len(one["steps"])
    equal(one.out, b"100000\n")
    for n, cut in ((60, False), (80, True)):
        deep = look("x = 1\ny = " + "x + (" * n + "x" + ")" * n + "\n", "instructions")
        equal((deep["truncated"], max(len(stack) for _, _, stack in told(deep))), (cut, min(n + 1, 64)))
    wide = look("s = 'a' * 5000\nt = s\n", "instructions")
    assert all(len(p) < 400 for s in wide["steps"] for p in s.get("push", []))


@check("threads: each frame has its own stack")
def threads():
    one = look("import threading\ndef f(n):\n    t = 0\n    for i in range(n): t += i\n    return t\nts = [threading.Thread(target=f, args=(20,)) for _ in range(3)]\n"
               "for t in ts: t.start()\nfor t in ts: t.join()\n", "instructions")
    done = [s for s in one["steps"] if s.get("left") == "return" and one["code_objects"][s["code"]]["function"] == "f"]
    equal([s["value"] for s in done], ["190"] * 3)
    for frame in {s["frame"] for s in done}:
        mine = [s for s in one["steps"] if s["frame"] == frame]
        equal(sum("left" in s for s in mine), 1)


@check("code that is not in the file has no number, and one that is ended says what there was")
def others():
    one = look("exec(compile('y = 1 + x', __file__, 'exec'), {'x': 2})\n", "instructions")
    assert any(s["code"] is None for s in one["steps"]), one["steps"]
    gone = look("import os\nx = 1\nos._exit(3)\n", "instructions")
    equal(gone["truncated"], True)
    assert gone["steps"], gone


main()
