#!/usr/bin/python3
"""refcounts with holders: what gc.get_referrers() says of the same objects in the same run, and in cases reasoned by hand all of them.

What the judge asks is known to hold no more than it says: names and lists of its own are taken off.
"""
import json

from lens import GIL, VERSION, Snippet, check, equal, look, main
from refcount_programs import PROGRAMS

HOLDERS = ["refcounts.holders=1"]


def held(source, *names, at=(), index=-1, **more):
    """Of each name: the count, what is not found, and holders as (kind, places, of which part of what)."""
    one = look(source, "trace", options=[*HOLDERS, *(f"refcounts.names={n}" for n in names), *(f"refcounts.at={n}" for n in at)], **more)
    equal(one.status, 0, one.err)
    capture = one["holders"][index]
    numbers = {n["name"]: n["object"] for n in capture["names"]}
    return {n: next(o for o in capture["objects"] if o["object"] == numbers[n]) for n in numbers}


def whose(h):
    of = h["of"]
    return h["kind"], tuple(h["places"]), of and (of["as"], of["name"] or of["type"], of["variable"])


GENERATOR = "generator" if VERSION >= (3, 11) else "frame"  # before, its frame is an object by itself
GLOBAL = ("item", ("['x']",), (".__dict__", "__main__", ""))
# Each with x, and who holds it beside the module's dict.  What is not a name's is a temporary object, which is in a list kept.
CASES = {
    "a list, twice": ("l = [x, x]", [("item", ("[0]", "[1]"), None)]),
    "a list in a list": ("l = [[x]]", [("item", ("[0]",), None)]),
    "a tuple of no containers": ("x = ''.join(['an', 'other'])\nl = ((x, 1), 2)", [("item", ("[0]",), None)]),
    "a value of a dict": ("d = {'k': x, 3: 4}", [("item", ("['k']",), None)]),
    "a key of a dict": ("d = {x: 1}", [("item", ("key",), None)]),
    "a text that is a key of a dict of texts": ("x = ''.join(['an', 'other'])\nd = {x: 1, 'b': 2}", [("item", ("key",), None)]),
    "a set": ("s = {x}", [("item", (), None)]),
    "an attribute in a slot": ("class C: __slots__ = 'a',\nc = C(); c.a = x", [("attribute", (".a",), None)]),
    "an attribute of a class": ("class C: a = x", [("item", ("['a']",), (".__dict__", "C", ""))]),
    "a cell": ("def f(p):\n    return lambda: p\ng = f(x)", [("cell", (".cell_contents",), ("cell", "f.<locals>.<lambda>", "p"))]),
    "a default": ("def f(p=x): pass", [("item", ("[0]",), (".__defaults__", "f", ""))]),
    "a default of a keyword": ("def f(*, p=x): pass", [("item", ("['p']",), (".__kwdefaults__", "f", ""))]),
    "a generator's variable": ("def g(p): yield\ni = g(x); next(i)", [(GENERATOR, ("p",), ("frame", "g", ""))]),
    "a generator that has not begun": ("def g(p): yield\ni = g(x)", [(GENERATOR, ("p",), ("frame", "g", ""))]),
    "a bound method": ("class C:\n    def m(self): pass\nx = C()\nm = x.m", [("attribute", (".__self__",), None)]),
    "arguments of an exception": ("e = ValueError(x)", [("item", ("[0]",), (".args", "ValueError", ""))]),
    "a frame that a traceback keeps": ("def f(p): 1 / 0\ntry: f(x)\nexcept ZeroDivisionError as e: k = e", [("frame", ("p",), ("frame", "f", ""))]),
    "a constant": ("x = 2.5", [("item", None, (".co_consts", "<module>", ""))]),
    # The collector keeps no tuple of constants for long: it is met through the code, and that through the function.
    "a constant of a function, after a collection": ("import gc\ndef f(): return 2.5\nx = f()\ngc.collect()", [("item", None, (".co_consts", "f", ""))]),
}
if VERSION < (3, 13):
    CASES["an attribute"] = ("class C: pass\nc = C(); c.a = x", [("attribute", (".a",), None) if VERSION >= (3, 11) else ("item", ("['a']",), (".__dict__", "C", ""))])
else:
    CASES["an attribute"] = ("class C: pass\nc = C(); c.a = x", [("attribute", (".a",), None)])

for name, (source, expected) in CASES.items():
    @check(f"{name}: all of the references")
    def _(source=source, expected=expected):
        x = held("x = object()\n" + source + "\n", "x")["x"]
        got = [whose(h) for h in x["holders"]]
        want = [GLOBAL, *expected]
        equal(sorted((g for g in got), key=repr), sorted(((k, p if p is not None else next(g[1] for g in got if g[0] == k and g[2] == o), o) for k, p, o in want), key=repr))
        if x["count"] == "immortal":
            return "constants are not counted without a GIL"
        equal((x["unknown"], x["dropped"]), (0, 0))
        equal(x["count"], sum(h["references"] for h in x["holders"]))


@check("at a line: variables of frames that run, cells, and values on the stack")
def _():
    source = "def outer(x):\n    def inner(y):\n        z = y\n        return [x, [\n            z], y]\n    return inner(x)\no = object()\nouter(o)\n"
    # The frame of inner has it as y and z, the cell of outer for its x; before 3.11 both callers' stacks have the argument, too.
    x = held(source, "o", at=[4], index=0)["o"]
    got = sorted((h["kind"], place, h["of"] and h["of"]["name"].rpartition(".")[2]) for h in x["holders"] for place in h["places"])
    want = [("cell", ".cell_contents", "inner"), ("frame", "y", "inner"), ("frame", "z", "inner"), ("item", "['o']", "__main__")]
    equal((got, x["unknown"]), (want, 0 if VERSION >= (3, 11) else 2))
    # In the middle of its list, x is on the stack as well.
    x = held(source, "o", at=[5], index=0)["o"]
    got = sorted((h["kind"], place, h["of"] and h["of"]["name"].rpartition(".")[2]) for h in x["holders"] for place in h["places"])
    equal((got, x["unknown"]), (sorted([*want, ("frame", "stack", "inner")]), 0 if VERSION >= (3, 11) else 2))


@check("what tracing holds itself is nobody's")
def _():
    # Beside the name, the stack of the module's frame has it, from 3.14 on as far as is known; no method that is bound to it.
    x = held("def g():\n    x = yield\n    y = x\n    yield\ni = g()\nnext(i)\ni.send(1)\n", "i", at=[3], index=0)["i"]
    got = [(h["kind"], h["places"]) for h in x["holders"]]
    assert ("item", ["['i']"]) in got and not any(kind == "other" for kind, _ in got), got
    equal((x["count"], x["unknown"] + len(got)), (2, 2))


@check("another thread's frame")
def _():
    if not GIL:
        return "without a GIL other threads' frames are not looked at"
    source = "import threading\no = object()\ngo, on = threading.Event(), threading.Event()\ndef f(p):\n    on.set()\n    go.wait()\nt = threading.Thread(target=f, args=(o,))\nt.start()\non.wait()\ng = 1.5\ngo.set()\n"
    x = held(source, "o", at=[10], index=0)["o"]
    assert ("frame", ("p",), ("frame", "f", "")) in [whose(h) for h in x["holders"]], x


# After the program, in the same process: what refers to each of its values, and which of them are the judge's own.
ASK = r"""
import gc, json, sys, types
def ask_():
    out = {}
    names = [n for n in globals() if n[0] != '_' and n not in ('gc', 'json', 'sys', 'types', 'ask_')]
    for name in names:
        o = [globals()[name]]
        count = sys.getrefcount(o[0]) - 2  # that list, and the argument
        found = gc.get_referrers(o[0])
        out[name] = [id(o[0]), count, [id(f) for f in found if f is not o]]
        del found
    return out
print('\n' + json.dumps(ask_()))
"""


@check("programs: every referrer that gc.get_referrers() finds, and no more references than there are")
def _():
    seen = 0
    for name, source in PROGRAMS.items():
        one = look(source + ASK, "trace", options=HOLDERS)
        equal(one.status, 0, f"{name}: {one.err}")
        said = json.loads(one.out.splitlines()[-1])
        capture = one["holders"][-1]
        numbers = {n["name"]: n["object"] for n in capture["names"]}
        for n, (address, count, referrers) in said.items():
            (o,) = [o for o in capture["objects"] if o["object"] == numbers[n]]
            if o["count"] == "immortal" or o["dropped"] or o["type"] in ("module", "NoneType"):
                continue
            equal((o["address"], o["count"]), (address, count), f"{name}: {n}")
            got = {h["address"] for h in o["holders"]}
            # It asks the same tp_traverse, but for frames: of what they are lent it tells as well.
            missing = set(referrers) - got
            assert not missing or VERSION >= (3, 14), f"{name}: {n}: {missing} of {o}"
            assert o["unknown"] >= 0, f"{name}: {n}: {o}"
            seen += 1
    assert seen > 40, seen


@check("what is immortal, and why; before 3.12 nothing is")
def _():
    o = held("a, b, c, d, e, f = None, 7, 'a', int, (), []\n")
    if VERSION < (3, 12):
        equal([o[n]["count"] == "immortal" or "immortal" in o[n] for n in "abcdef"], [False] * 6)
        return
    words = [o[n].get("immortal") for n in "abcdef"]
    equal(words[:5], ["a constant of the language", "an int that is made once", "a text that is made once", "a type that C declares", "the empty tuple"])
    equal((words[5], o["f"]["count"], o["a"]["unknown"]), (None, 1, None))


@check("with holders the steps are the same, and the program sees nothing of it")
def _():
    source = "import gc, sys\nx = []\ny = [x]\nprint(len(gc.get_objects()) > 9, sys.getrefcount(x), gc.get_referrers(x) == [y, globals()] or len(gc.get_referrers(x)))\n"
    plain, more = look(source, "trace"), look(source, "trace", options=[*HOLDERS, "refcounts.at=4"])
    equal((more.out, more.status), (plain.out, 0))
    names = ("x", "y")
    equal([{n: s["counts"].get(n) for n in names} for s in more["steps"]], [{n: s["counts"].get(n) for n in names} for s in plain["steps"]])
    assert "holders" not in plain.lens and [c["when"] for c in more["holders"]] == ["line", "end"]


@check("bounds: holders of one object, names, times at a line; each says so")
def _():
    one = look("x = object()\nl = [[x] for i in range(100)]\n", "trace", options=[*HOLDERS, "refcounts.names=x"])
    (o,) = one["holders"][-1]["objects"]
    equal((len(o["holders"]), o["dropped"], o["unknown"], o["count"], one["truncated"]), (32, 69, 0, 101, True))
    one = look("".join(f"n{i} = [{i}]\n" for i in range(70)), "trace", options=HOLDERS)
    equal((len(one["holders"][-1]["names"]), one["truncated"]), (64, True))
    one = look("for i in range(20):\n    x = i\n", "trace", options=[*HOLDERS, "refcounts.at=2", "refcounts.names=x"])
    equal(([c["hit"] for c in one["holders"]], one["truncated"]), ([*range(1, 17), None], True))


@check("nothing of the program's is called")
def _():
    one = look("""
class Bad:
    def bad(self, *a): print('called'); raise ValueError
    __eq__ = __repr__ = __getattr__ = __str__ = __len__ = __iter__ = bad
    def __hash__(self): return 1
class M(type):
    def __getattribute__(c, n): print('called'); return type.__getattribute__(c, n)
class K(metaclass=M): pass
x = Bad()
d = {x: x}
k = K()
l = [k, K]
print('-')
""", "trace", options=HOLDERS)
    equal((one.out.partition(b"-\n")[2], one.status), (b"", 0))


main()
