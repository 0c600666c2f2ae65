#!/usr/bin/python3
"""The refcounts lens says what sys.getrefcount says, and is not seen by it.

A program is run twice: as it is, under the lens; and, in a plain interpreter, as its twin, which notes after each statement
sys.getrefcount() - 1 of every name there is: of a value taken out of a list that is gone by then, for from 3.14 on a local
variable may be an argument without being held once more.  The twin is made here, statement by statement, from the program's tree.
Objects that the whole interpreter shares (None, small ints, interned strings) are counted in one and the same process.
"""
import ast
import dis
import json
import symtable
import sys
import types

from lens import VERSION, Snippet, check, equal, look, main
from refcount_programs import BINDS, PROGRAMS

# The twin's own names; those that begin with two underscores would be mangled in a class.
RECORDER = "from sys import getrefcount as get_\nout_ = []\n"
REPORTER = "\nimport json as json_, sys as sys_\njson_.dump(out_, sys_.__stdout__)\n"
SHARED = 900 if VERSION >= (3, 11) else 40  # more references than a program here makes: None and small ints, whose counts are the interpreter's


def lines_that_leave(code, load):
    """Lines that return, yield or raise a local variable which they load in that way."""
    found = list(dis.get_instructions(code))
    for one, then in zip(found, found[1:]):
        if one.opname == load and then.opname in ("RETURN_VALUE", "YIELD_VALUE", "RAISE_VARARGS"):
            yield one.positions.lineno if VERSION >= (3, 11) else None
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            yield from lines_that_leave(c, load)


def borrowing_lines(code):
    """Those that do not hold it.  A line that is there twice may, where it follows a handler: those here run there."""
    return set(lines_that_leave(code, "LOAD_FAST_BORROW")) - set(lines_that_leave(code, "LOAD_FAST"))


def known(qualname):
    """Before 3.11 a code object does not know where it is."""
    return qualname if VERSION >= (3, 11) else qualname.rpartition(".")[2]


class Twin(ast.NodeTransformer):
    """Puts a note of the counts where a line has run, as the lens has a step there."""

    def __init__(self, source):
        self.table = [symtable.symtable(source, "main.py", "exec")]
        self.function = ["<module>"]
        self.borrowing = borrowing_lines(compile(source, "main.py", "exec"))
        self.globals = {s.get_name() for s in self.table[0].get_symbols() if s.is_local()}
        self.globals |= {s.get_name() for t in self.table[0].get_children() for s in t.get_symbols() if s.is_declared_global()}

    def names(self):
        t = self.table[-1]
        here = {s.get_name() for s in t.get_symbols() if s.is_local() or s.is_free()}
        if t.get_type() == "class":
            here |= {"__module__", "__qualname__"}  # the body sets them
        return sorted((here | self.globals) - {".0"})

    def note(self, line, event="line"):
        tries = "".join(f"try: counts_[{n!r}] = get_([{n}][0]) - 1\nexcept NameError: pass\n" for n in self.names())
        return ast.parse(f"counts_ = {{}}\n{tries}out_.append(({line}, {known(self.function[-1])!r}, {event!r}, counts_))\n").body

    def block(self, statements):
        return [new for s in statements for new in self.visit(s)]

    def inside(self, node, qualname):
        table = next(t for t in self.table[-1].get_children() if t.get_lineno() == node.lineno and t.get_name() == node.name)
        self.table.append(table)
        self.function.append(qualname)
        node.body = self.block(node.body)
        last = node.body[-1]
        if isinstance(node, ast.FunctionDef) and isinstance(last, ast.Expr):  # the note of its last statement
            mark = last.value.args[0].elts
            mark[2] = ast.Constant("return")
        self.table.pop()
        self.function.pop()

    def qualname(self, name):
        here = self.function[-1]
        return name if here == "<module>" else f"{here}.<locals>.{name}" if self.table[-1].get_type() == "function" else f"{here}.{name}"

    def visit_FunctionDef(self, node):
        self.inside(node, self.qualname(node.name))
        return [node, *self.note(node.lineno)]

    def visit_ClassDef(self, node):
        self.inside(node, self.qualname(node.name))
        # The body begins with a line of its own, for __module__ and __qualname__.
        self.table.append(next(t for t in self.table[-1].get_children() if t.get_lineno() == node.lineno))
        self.function.append(self.qualname(node.name))
        node.body[:0] = self.note(node.lineno)
        self.table.pop()
        self.function.pop()
        node.body[-1].value.args[0].elts[2] = ast.Constant("return")
        return [node, *self.note(node.lineno)]

    def visit_If(self, node):
        node.body = self.note(node.lineno) + self.block(node.body)
        node.orelse = self.note(node.lineno) + self.block(node.orelse)
        return [node]

    visit_For = visit_While = visit_If

    def visit_With(self, node):
        node.body = self.note(node.lineno) + self.block(node.body)
        return [node, *self.note(node.lineno)]

    def visit_Try(self, node):
        for h in node.handlers:
            # The line that raised has run by then.
            last = h.body[-1].lineno
            h.body = self.note(node.body[-1].lineno) + self.note(h.lineno) + self.block(h.body)
            # Its last line has run when the exception is let go.
            h.body[-1:] = ast.parse(f"after_ = {last}").body
        node.body = self.note(node.lineno) + self.block(node.body)
        node.orelse, node.finalbody = self.block(node.orelse), self.block(node.finalbody)
        first, test = ast.parse("after_ = 0\nif after_: pass").body
        test.body = self.note("after_")
        return [first, node, test] if node.handlers else [node]

    def is_borrowed(self, node, value):
        """From 3.14 on a plain local variable may be lent to the instruction that takes it, and not held once more: where the
        compiler can tell that it is safe, which dis shows."""
        return isinstance(value, ast.Name) and node.lineno in self.borrowing

    def held(self, node, value, event):
        """A value on its way out is held once more, until it has left."""
        if self.is_borrowed(node, value):
            return self.note(node.lineno, event), value
        hold, take = ast.parse("held_ = [0]\nheld_.pop()").body
        if value is not None:
            hold.value.elts = [value]
        return [hold, *self.note(node.lineno, event)], take.value

    def visit_Return(self, node):
        before, node.value = self.held(node, node.value, "return")
        return [*before, node]

    def visit_Raise(self, node):
        before, node.exc = self.held(node, node.exc, "exception")
        return [*before, node]

    def visit_Break(self, node):
        return [*self.note(node.lineno), node]

    def visit_Nonlocal(self, node):
        return [node]  # no code

    visit_Global = visit_Nonlocal

    def generic_visit(self, node):
        value = getattr(node, "value", None)
        if isinstance(value, ast.Yield):
            before, value.value = self.held(node, value.value, "yield")
            return [*before, node, *self.note(node.lineno)]
        return [node, *self.note(node.lineno)]


def twin(source):
    tree = ast.parse(source)
    t = Twin(source)
    tree.body = ast.parse(RECORDER).body + t.block(tree.body) + ast.parse(REPORTER).body
    return ast.unparse(ast.fix_missing_locations(tree))


def steps(one):
    return [(s["line"], s["function"], s["event"], s["counts"]) for s in one["steps"] if not s["function"].endswith(">") or
            s["function"] == "<module>"]


# The compiler's own, which a program does not name: from 3.13 on, and from 3.14 on.
UNSAID = {"__firstlineno__", "__static_attributes__", "__classdictcell__", "__annotate_func__", "__conditional_annotations__"}


def private(step):
    return (*step[:3], {k: "shared" if n == "immortal" or n > SHARED or k.startswith("__") else n for k, n in step[3].items() if k not in UNSAID})


def same(source, binds=None):
    other = Snippet(twin(source))
    done = other.plain()
    equal((done.returncode, done.stderr), (0, b""), "the twin")
    noted = [private(n) for n in json.loads(done.stdout)]
    one = look(source, "trace")
    equal((one.status, one["truncated"]), (0, False))
    got = [private(s) for s in steps(one)]
    got[-1] = (*got[-1][:2], "line", got[-1][3])  # the module's last line ends with its return
    for n, (a, b) in enumerate(zip(got, noted)):
        equal(a, b, f"step {n + 1}")
    equal(len(got), len(noted), "number of steps")
    # The numbers that a program reads for itself are the same under the lens.
    # The program itself, traced, sees what CPython's tracing holds, and nothing else: see sandbox/lenses/calls.h.
    under = [private(n) for n in json.loads(other.look("trace").out)]
    if binds and VERSION < (3, 12):
        bound = {k for a, b in zip(under, noted) for k in a[3] if a[3][k] != b[3][k]}
        equal(bound, binds, "bound while traced")
    else:
        equal(under, noted, "the twin under the lens")


for name, source in PROGRAMS.items():
    check(f"{name}: as the program counts them itself")(lambda s=source, b=BINDS.get(name): same(s, b))


def as_shown(n):
    """From 3.12 on some are not counted: sys.getrefcount() says a number that no program comes to (PEP 683)."""
    return "immortal" if VERSION >= (3, 12) and n > 1 << 29 else n


@check("objects that the interpreter shares: as sys.getrefcount says in the same process")
def _():
    values = ["None", "True", "0", "1", "256", "257", "-5", "''", "'a'", "'main'", "()", "b''", "...", "1.5", "int", "len", "sys"]
    source = "import sys\ng = sys.getrefcount\nn = []\n" + "".join(f"x = {v}\nn += [g(x) - 1]\n" for v in values) + "print(n)\n"
    one = look(source, "trace")
    said = json.loads(one.out)
    at = {s["line"]: s["counts"]["x"] for s in one["steps"] if "x" in s["counts"]}
    # The step of the line before, and that of the line itself.
    for i, v in enumerate(values):
        equal((at[4 + 2 * i], at[5 + 2 * i]), (as_shown(said[i]), as_shown(said[i])), v)


@check("a generator: a step at each yield, and one when the line has run; closed, it ends as by an exception")
def _():
    one = look("def g():\n    try:\n        yield 1.5\n    finally:\n        x = []\ni = g()\nnext(i)\ni.close()\n", "trace")
    equal([(s["line"], s["event"]) for s in one["steps"] if s["function"] == "g"],
          [(2, "line"), (3, "yield"), (3, "line"), (5, "exception")])


@check("coroutines: as generators, at each await that waits")
def _():
    one = look("import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    y = [x]\nasync def g():\n    await f([])\nasyncio.run(g())\n", "trace")
    equal([(s["line"], s["function"], s["event"]) for s in one["steps"] if s["function"] in "fg"],
          [(3, "f", "yield"), (6, "g", "yield"), (3, "f", "line"), (4, "f", "return"), (6, "g", "return")])


@check("a name that is the value of a name is not counted for being a name")
def _():
    for options in ((), ("refcounts.names=watched_name",)):
        one = look("import sys\nwatched_name = 'watched_name'\nn = sys.getrefcount(watched_name) - 1\nprint(n)\n", "trace", options=options)
        equal({s["counts"]["watched_name"] for s in one["steps"][1:]}, {as_shown(int(one.out))})


NAMES = "a = []\nb = a\ndef f(a, c):\n    d = a\n    return c\nf(b, a)\n"


@check("names: only those that are watched, where they are bound")
def _():
    one = look(NAMES, "trace", options=["refcounts.names=d", "refcounts.names=b", "refcounts.names=nowhere"])
    whole = look(NAMES, "trace")
    equal([{k: v for k, v in s["counts"].items() if k in "db"} for s in whole["steps"]], [s["counts"] for s in one["steps"]])
    assert any("d" in s["counts"] for s in one["steps"]) and any(not s["counts"] for s in one["steps"])


@check("names: one that every module has, when it is asked for")
def _():
    one = look("__doc__ = []\nx = __doc__\n", "trace", options=["refcounts.names=__doc__"])
    equal([s["counts"] for s in one["steps"]], [{"__doc__": 1}, {"__doc__": 2}])
    equal([s["counts"] for s in look("__doc__ = []\nx = 1.5\n", "trace")["steps"]][0], {})


@check("names outside ASCII, 64 of them, and the longest")
def _():
    names = [f"größe_{i}" for i in range(62)] + ["关于", "n" * 128]
    source = "\n".join(f"{n} = []" for n in names) + "\n" + "n" * 129 + " = []\n"
    one = look(source, "trace", options=[f"refcounts.names={n}" for n in names])
    equal(one["steps"][-1]["counts"], dict.fromkeys(names, 1))
    equal(one["truncated"], False)
    # One that is longer than may be watched is left out, and that is said.
    one = look(source, "trace")
    equal(one["steps"][-1]["counts"], dict.fromkeys(names, 1))
    equal((one["truncated"], len(one["steps"])), (True, 65))


@check("a local hides a global, bound or not; a class body's name too; nothing is there twice")
def _():
    one = look("x = [[]]\nclass A:\n    x = [x, x]\n    y = 1.5\ndef f():\n    y = 1.5\n    x = []\n    return 1.5\nf()\n", "trace")
    at = {(s["function"], s["line"]): s["counts"].get("x") for s in one["steps"]}
    equal(at, {("<module>", 1): 1, ("A", 2): 1, ("A", 3): 1, ("A", 4): 1, ("<module>", 2): 3, ("<module>", 5): 3,
               ("f", 6): None, ("f", 7): 1, ("f", 8): 1, ("<module>", 9): 3})  # 3: twice in A.x


@check("keys of globals() that are no names")
def _():
    one = look("""
class Key(str):
    def __hash__(self): print('hash'); return str.__hash__(self)
    def __eq__(self, other): print('eq'); return str.__eq__(self, other)
g = globals()
k = Key('evil')
g[k] = []
g['nul\\0'] = g['nul'] = g['\\ud800'] = g[''] = g[7] = g['x' * 200] = []
g[''.join(['no', 't_interned'])] = []
def f(not_interned):
    return 1
print('-')
f([])
""", "trace")
    noise, _, after = one.out.partition(b"-\n")
    equal(after, b"", "what the lens ran")
    last = one["steps"][-1]["counts"]
    equal(sorted(k for k in last if k not in tuple("gkf")), ["", "Key", "not_interned", "nul"])
    equal(last["nul"], 6)  # under six keys
    # Before 3.11 arguments stay on the caller's stack as well.
    equal(next(s["counts"]["not_interned"] for s in one["steps"] if s["function"] == "f"), 1 if VERSION >= (3, 11) else 2)
    equal(one["truncated"], True)


@check("100,000 steps are whole, one more is cut and said so")
def _():
    for more, cut in ((3, False), (4, True)):
        # 49,998 times the for and its body, once more the for, and the lines after it.
        one = look("for i in range(49998):\n    pass\n" + "x = 2.5\n" * more, "trace", options=["refcounts.names=x"])
        equal((2 * 49_998 + 1 + more > 100_000, len(one["steps"]), one["truncated"]), (cut, 100_000, cut))
        equal([s["step"] for s in one["steps"]], list(range(1, 100_001)))


@check("a report that is full says so")
def _():
    names = "; ".join(f"n{i} = []" for i in range(2000))
    one = look(f"{names}\nfor i in range(1000): j = 1.5\n", "trace")
    equal((one["truncated"], one.cut), (True, True))
    assert len(one["steps"]) > 300 and one["steps"][-1]["counts"]["n1999"] == 1, len(one["steps"])


@check("threads: each traces itself, to its end, also after the main thread's")
def _():
    one = look("""
import threading
go = threading.Event()
def f(x):
    go.wait()
    y = [x]
    del y
t = threading.Thread(target=f, args=([],))
t.start()
go.set()
""", "trace")
    equal([s["line"] for s in one["steps"] if s["function"] == "f"], [5, 6, 7])
    equal([s["counts"].get("y") for s in one["steps"] if s["function"] == "f"], [None, 1, None])
    equal((one.status, one["truncated"]), (0, False))


@check("deep recursion: every frame's lines, from 6000 frames")
def _():
    one = look("import sys\nsys.setrecursionlimit(10000)\ndef f(n):\n    x = []\n    if n:\n        f(n - 1)\n    del x\nf(5999)\n", "trace",
               options=["refcounts.names=x"])
    mine = [s for s in one["steps"] if s["function"] == "f"]
    equal((len(mine), one["truncated"]), (6000 * 4 - 1, False))
    equal(sum(s["line"] == 7 and "x" not in s["counts"] for s in mine), 6000)


main()
