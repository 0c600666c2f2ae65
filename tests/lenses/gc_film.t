#!/usr/bin/python3
"""The film of a collection: what is worked out before it is what the collector then does.

CPython says the same in other ways: gc.collect() what it found, gc.get_referents() what refers to what, sys.getrefcount() the
counts, gc.garbage with DEBUG_SAVEALL which objects in which order, and functions that print when they ran.
"""
import ast
import collections
import json
import random

from gc_programs import OWN, PROGRAMS
from lens import GIL, VERSION, Snippet, check, equal, look, main, side_by_side


def films(one):
    """Films with their collections."""
    by = {c["film"]: c for c in one.lens.get("collections", []) if c["film"]}
    return [(f, by.get(i + 1)) for i, f in enumerate(one.lens.get("films", []))]


def whole(film):
    """What must be so of any film, whatever it is of."""
    objects, dropped = film["objects"], film["dropped"]
    equal([o["object"] for o in objects], list(range(1, len(objects) + 1)))
    equal(film["roots"] + film["reached"] + film["garbage"] + film["uncollectable"], film["candidates"])
    equal(len(objects) + dropped["objects"], film["candidates"])
    assert len(objects) <= 64 and len(film["edges"]) <= 256 and len(film["finalizers"]) <= 64
    left = {o["object"]: o["refcount"] for o in objects}
    seen = collections.Counter()
    for e in film["edges"]:
        assert e["left"] < left[e["to"]], "each takes one, or those from objects that are not shown came between"
        left[e["to"]] = e["left"]
        seen[e["to"]] += 1
    for o in objects:
        equal(o["refcount"] - o["inside"], o["gc_refs"])
        assert 0 <= o["gc_refs"] <= left[o["object"]] and seen[o["object"]] <= o["inside"], o
        equal(o["verdict"] == "root", o["gc_refs"] > 0)
        if not dropped["edges"]:
            equal((left[o["object"]], seen[o["object"]]), (o["gc_refs"], o["inside"]))
    verdict = {o["object"]: o["verdict"] for o in objects}
    for e in film["edges"]:
        # What survives keeps what it refers to.
        assert verdict[e["from"]] not in ("root", "reached") or verdict[e["to"]] in ("root", "reached"), e
    for o in objects:
        if o["via"]:
            assert any((e["from"], e["to"]) == (o["via"], o["object"]) for e in film["edges"]) or dropped["edges"], o
            assert verdict[o["via"]] in ("root", "reached")


def foretold(one):
    """Each collection that was looked at beforehand, against what the collector says: how many, and of how many it is the same."""
    n = exact = 0
    for c in one.lens.get("collections", []):
        if c["predicted"] is None:
            continue
        # Weak references that die by being called count as well (handle_weakrefs() of each version).  What dies because a finalizer
        # broke its cycle does not: when the collector counts, it is gone.  A callback has nothing left to reach a cycle by.
        found = c["predicted"] - c["alive"] + c["weakrefs_freed"]
        assert found == c["collected"] or found > c["collected"] and c["finalizers"], c
        exact += found == c["collected"]
        n += 1
    for film, c in films(one):
        whole(film)
        if c:
            equal((film["garbage"], film["uncollectable"]), (c["predicted"], c["uncollectable"]))
            assert c["candidates"] >= film["candidates"]
    return n, exact


def films_only(name):
    """A check of what there is with a GIL only."""
    def wrap(function):
        check(name)(function if GIL else lambda: "without a GIL there are no films")
        return function
    return wrap


@check("why there are none, where there are none")
def _():
    one = look("import gc\na = []; a.append(a); del a\ngc.collect()\n", "gc")
    equal(("films" in one.lens, one["filmed"]["absent"] is None), (GIL, GIL))
    (c,) = one["collections"]
    members = "candidates", "predicted", "alive", "callbacks", "weakrefs_freed"
    equal([c[k] is None for k in (*members, "film")], [not GIL] * 6)


@films_only("a cycle of three: counts, references by name, what runs first, in which order")
def _():
    one = look('''
import gc, sys, weakref
gc.disable()
class Node:
    def __del__(self): print("del", self.name)
def gone(r): print("gone")
def f():
    a, b, c = Node(), Node(), [None]
    a.name, b.name = "a", "b"
    a.next = b; b.prev = a; b.items = c; c[0] = a; c.append(c)
    keep = weakref.ref(a, gone)
    objects = [a, b, c]
    print([[sum(r is q for r in gc.get_referents(p)) for q in objects] for p in objects])
    del a, b, c, objects
    print(gc.collect(0))
f()
''', "gc")
    matrix, ran, n = one.out.decode().splitlines()[0], one.out.decode().splitlines()[1:-1], one.out.decode().splitlines()[-1]
    ((film, c),) = films(one)
    whole(film)
    dicts = 2 * (VERSION < (3, 11))
    equal((film["garbage"], c["predicted"], c["collected"], c["alive"]), (int(n), 3 + dicts, 3 + dicts, 0))
    trash = [o for o in film["objects"] if o["verdict"] == "garbage" and o["type"] != "dict"]
    equal([o["type"] for o in trash], ["Node", "Node", "list"])
    # a is next's and c's: 2; b is a's: 1; c is b's and its own: 2.
    equal([(o["refcount"], o["inside"], o["gc_refs"]) for o in trash], [(2, 2, 0), (1, 1, 0), (2, 2, 0)])
    numbers = [o["object"] for o in trash]
    count = collections.Counter((e["from"], e["to"]) for e in film["edges"])
    equal([[count[p, q] for q in numbers] for p in numbers], ast.literal_eval(matrix))
    a, b, c = numbers
    how = {(e["from"], e["to"]): e["how"] for e in film["edges"]}
    equal((how.get((a, b)), how.get((b, a)), how.get((b, c)), how[c, a], how[c, c]), (".next", ".prev", ".items", "[0]", "[1]") if VERSION >= (3, 11) else
          (None, None, None, "[0]", "[1]"))
    equal([o["finalizer"] for o in trash], ["__del__", "__del__", None])
    equal([(f["object"], f["kind"], f["callback"]) for f in film["finalizers"]],
          [(a, "weakref callback", "<function gone>"), (a, "__del__", None), (b, "__del__", None)])
    equal(ran, ["gone", "del a", "del b"])
    # What garbage refers to, and who holds that.
    (node,) = [e for e in film["edges"] if e["how"] == "['Node']"]
    survivors = {o["object"]: (o["type"], o["verdict"]) for o in film["objects"]}
    equal((survivors[node["to"]], survivors[node["from"]][0]), (("type", "reached"), "dict"))


@films_only("names of references: each kind of holder")
def _():
    one = look('''
import gc
from collections import deque
gc.disable()
class Slots: __slots__ = ("one", "two")
class Sub(list): pass
def closure(x):
    def inner(): return x
    return inner
def generator(z):
    yield z
def f():
    s = Slots(); l = []; d = {}; q = deque(); sub = Sub(); e = ValueError()
    s.two = l; l.append(d); d["k"] = q; q.append(None); q.append(sub); sub.append(e); e.args = (s,)
    inner = closure(l); l.append(inner)
    m = [].append; g = generator(d); next(g); l.append(g)
    st = {l.append, 1}; d[2] = st
    del s, l, d, q, sub, e, inner, m, g, st
    print(gc.collect(0))
f()
''', "gc")
    ((film, c),) = films(one)
    whole(film)
    types = {o["object"]: o["type"] for o in film["objects"] if o["verdict"] == "garbage"}
    got = sorted((types[e["from"]], e["how"], types[e["to"]]) for e in film["edges"] if e["from"] in types and e["to"] in types)
    equal(got, sorted([
        ("Slots", ".two", "list"), ("list", "[0]", "dict"), ("dict", "['k']", "collections.deque"), ("collections.deque", "[1]", "Sub"),
        ("Sub", "[0]", "ValueError"), ("ValueError", ".args", "tuple"), ("tuple", "[0]", "Slots"), ("list", "[1]", "function"),
        ("function", ".__closure__", "tuple"), ("tuple", "[0]", "cell"), ("cell", ".cell_contents", "list"), ("list", "[2]", "generator"),
        ("generator", "local z", "dict") if VERSION >= (3, 11) else ("frame", None, "dict"),
        *([] if VERSION >= (3, 11) else [("generator", None, "frame")]),
        ("dict", "[2]", "set"), ("set", "an element", "builtin_function_or_method"), ("builtin_function_or_method", ".__self__", "list")]))


@films_only("who holds what survives: names of locals and globals, references from outside, what was reached by what")
def _():
    one = look('''
import gc
gc.disable()
gc.collect()
gc.freeze()
def f(held):
    leaf = []
    held.append(leaf)
    mid = [leaf]
    held.append(mid)
    del leaf, mid
    a = []; a.append(a)
    gc.collect(0)
    return a
root = []
f(root)
''', "gc")
    film, c = films(one)[-1]
    whole(film)
    objects = {o["object"]: o for o in film["objects"]}
    root = next(o for o in objects.values() if o["name"] == "held")
    # root and held are references from outside: of a dict that is frozen, and of frames; f(root)'s argument is on a stack before 3.11.
    equal((root["function"], root["verdict"], root["inside"]), ("f", "root", 0))
    a = next(o for o in objects.values() if o["name"] == "a")
    equal((a["verdict"], a["refcount"], a["gc_refs"]), ("root", 2, 1))
    leaf, mid = (next(e["to"] for e in film["edges"] if e["from"] == root["object"] and e["how"] == f"[{i}]") for i in (0, 1))
    equal((objects[leaf]["verdict"], objects[leaf]["refcount"], objects[leaf]["inside"], objects[mid]["via"]), ("reached", 2, 2, root["object"]))
    assert objects[leaf]["via"] in (root["object"], mid)
    equal((film["garbage"], c["collected"], [o["value"] for o in objects.values() if o["name"] == "a"]), (0, 0, ["[[[[…]]]]"]))


def a_graph(seed):
    """A program with a random graph: some of it is held, some finalized, some watched by weak references."""
    r = random.Random(seed)
    n = r.randrange(3, 40)
    lines = ["import gc, weakref", "gc.disable()", "watching, held, kept = [], [], []"]
    for i in range(n):
        dies = r.random() < 0.4
        saves = dies and r.random() < 0.15
        what = f"  def __del__(self): print('__del__ C{i}'){'; kept.append(self)' if saves else ''}" if dies else "  pass"
        lines += [f"class C{i}:", *(["  __slots__ = ('a', 'b', 'c', '__weakref__')"] if r.random() < 0.3 else []), what]
    lines += ["gc.collect()", "def f():", f"    o = [{', '.join(f'C{i}()' for i in range(n))}]"]
    for name in "abc":
        lines += [f"    o[{i}].{name} = o[{r.randrange(n)}]" if r.random() < 0.7 else
                  f"    o[{i}].{name} = {r.choice(('[o[%d], o[%d]]', '(o[%d], o[%d])', '{1: o[%d], o[%d]: 2}'))}" %
                  (r.randrange(n), r.randrange(n)) for i in range(n) if r.random() < 0.6]
    lines += [f"    held.append(o[{i}])" for i in range(n) if r.random() < 0.08]
    for i in range(n):
        for times in range(2):
            if r.random() < 0.15:
                lines.append(f"    w = weakref.ref(o[{i}], lambda r: print('weakref callback C{i}'))")
                # Its own is garbage with it, and is not called.
                lines.append("    watching.append(w)" if r.random() < 0.7 else f"    o[{i}].a = w")
    lines += ["f()", "print('collected', gc.collect())", "print('kept', len(kept))"]
    return "\n".join(lines) + "\n"


def a_random_one(seed):
    source = a_graph(seed)
    one = look(source, "gc")
    said = one.out.decode().splitlines()
    last = [c for c in one["collections"]][-1]
    ran = said[:next(i for i, line in enumerate(said) if line.startswith("collected"))]
    foretold(one)
    equal(f"collected {last['collected']}", said[len(ran)])
    if not last["film"]:
        return 0
    film = one["films"][last["film"] - 1]
    # An object that dies with the frame, before the collection, says so before.
    told = [f"{f['kind']} {f['type']}" for f in film["finalizers"] if f["kind"] != "C"]
    equal(ran[len(ran) - len(told):], told, f"order of {seed}")
    plain = Snippet(source).plain().stdout.decode().splitlines()
    equal(plain[:len(ran)], ran, "the same as without the lens")
    return len(told)


@films_only("random graphs: what is freed, what runs first and in which order")
def _():
    n = sum(side_by_side(a_random_one, range(40)))
    assert n > 70, n
    print(f"# {n} finalizers and callbacks")


@films_only("generations: a full collection goes through the oldest first, then the youngest")
def _():
    one = look('''
import gc
gc.disable()
def made(name):
    class C:
        def __del__(self): print("__del__", type(self).__name__)
    C.__name__ = C.__qualname__ = name
    c = C(); c.me = c
    return c
a = made("Old"); gc.collect(0); gc.collect(1)
b = made("Middle"); gc.collect(0)
c = made("Young")
del a, b, c
gc.collect()
''', "gc")
    told = [f"{f['kind']} {f['type']}" for f in one["films"][-1]["finalizers"]]
    equal(one.out.decode().splitlines(), told)
    # gc_list_merge() of the youngest, then of the next, behind the oldest.
    equal(told, ["__del__ Old", "__del__ Young", "__del__ Middle"])


SAVED = """
import gc, sys, weakref
gc.disable()
code = compile(open("main.py").read(), "main.py", "exec")
gc.collect()
gc.set_debug(gc.DEBUG_SAVEALL)
space = {"__name__": "__main__"}
exec(code, space)
gc.collect()
print("SAVED", [type(o).__name__ for o in gc.garbage], file=sys.__stderr__)
import os
os._exit(0)
"""


@films_only("garbage is what DEBUG_SAVEALL keeps, in that order")
def _():
    for seed in range(100, 112):
        # Without what runs as objects die, which DEBUG_SAVEALL lets live.
        source = a_graph(seed).replace("kept.append(self)", "0").partition("print('collected'")[0]
        s = Snippet(source)
        saved = ast.literal_eval(s.plain(code=SAVED).stderr.rpartition(b"SAVED ")[2].decode())
        one = Snippet(source + "gc.collect()\n").look("gc")
        garbage = [o["type"].split(".")[-1] for o in one["films"][-1]["objects"] if o["verdict"] == "garbage"] if one["collections"][-1]["film"] else []
        if one["collections"][-1]["predicted"] <= 48:
            equal(garbage, saved, f"of {seed}")


@films_only("how many objects it looks at: gc.get_objects() just before says the same")
def _():
    one = look('''
import gc
gc.disable()
x = [[] for i in range(50)]
for g in (0, 1, 2):
    n = len(gc.get_objects(0))
    if g > 0: n += len(gc.get_objects(1))
    if g > 1: n += len(gc.get_objects(2))
    gc.collect(g)
    print(n)
    x += [[] for i in range(50)]
''', "gc")
    equal([c["candidates"] for c in one["collections"]], list(map(int, one.out.split())))


@films_only("a corpus: what is foretold is what the collector finds")
def _():
    each = side_by_side(lambda source: foretold(look(source, "gc")), PROGRAMS + OWN)
    looked, exact = map(sum, zip(*each))
    # Generators and files are finalized, and break cycles; most have none.
    assert looked > 1000 and exact > looked * 0.9, (looked, exact)
    print(f"# {looked} collections, {exact} of them without what broke a cycle before it was counted")


@films_only("an object that is brought back to life is alive, and not collected")
def _():
    one = look('''
import gc
gc.disable()
kept = []
class A:
    def __del__(self): kept.append(self)
a = A(); a.a = a; b = [a]; b.append(b); a.b = b
lone = []; lone.append(lone)
del a, b, lone
print(gc.collect())
kept.clear()
print(gc.collect())
''', "gc")
    first, second = one["collections"]
    fewer = VERSION < (3, 11)  # there an instance has a dict of its own
    equal((first["predicted"], first["collected"], first["alive"]), (3 + fewer, 1, 2 + fewer))
    equal((second["predicted"], second["collected"], second["alive"]), (2 + fewer, 2 + fewer, 0))
    # Finalized once.
    equal([[f["kind"] for f in film["finalizers"]] for film in one["films"][:2]], [["__del__"], []])
    equal(one.out.split(), [b"1", b"%d" % (2 + fewer)])


@films_only("weak references that are called: those that die of it count as collected")
def _():
    one = look('''
import gc, weakref
gc.disable()
class A: pass
def some(n): return [A() for i in range(n)]
def f(kept, n):
    for i, a in enumerate(some(5)):
        a.me = a
        w = weakref.ref(a, print.__class__)
        (kept if i < n else dead)[weakref.ref(a)] = w
def g():
    for a in some(4):
        a.me = a
        values[id(a)] = a
values = weakref.WeakValueDictionary()
kept, dead = {}, {}
f(kept, 3)
print(gc.collect(0))
g()
print(gc.collect(0))
''', "gc")
    first, second = one["collections"]
    each = 1 + (VERSION < (3, 11))
    # All that are called are held by a dict, and live on.
    equal((first["callbacks"], first["weakrefs_freed"], first["predicted"]), (5, 0, 5 * each))
    # A dictionary of weak values takes them out when they are called, and nobody else has them.
    equal((second["callbacks"], second["weakrefs_freed"], second["predicted"]), (4, 4, 4 * each))
    equal(one.out.split(), [b"%d" % (5 * each), b"%d" % (4 * each + 4)])


@films_only("with DEBUG_SAVEALL all of it is alive, and counts as collected")
def _():
    one = look("import gc\ngc.disable()\ngc.set_debug(gc.DEBUG_SAVEALL)\na = []; a.append(a); del a\nprint(gc.collect())\n", "gc")
    (c,) = one["collections"]
    equal((c["predicted"], c["collected"], c["alive"]), (int(one.out), int(one.out), int(one.out)))


@films_only("a type with a tp_del, as C had them: what it and all it leads to is, cannot be collected")
def _():
    """No type of CPython's own has one any more: it is put there. What is called is never called, for it is not freed."""
    source = '''
import gc, ctypes
gc.disable()
class Old: pass
gc.collect()
ctypes.c_void_p.from_address(id(Old) + 376).value = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value
def f():
    o = Old(); leaf = []; leaf.append(leaf); top = [o]
    o.me = o; o.leaf = leaf; top.append(top)
f()
print(gc.collect(0), len(gc.garbage))
import os, sys
sys.stdout.flush()
os._exit(0)
'''
    s = Snippet(source)
    one, plain = s.look("gc"), s.plain()
    c = one["collections"][-1]
    equal(one.out, plain.stdout)
    film = one["films"][-1]
    whole(film)
    fewer = VERSION < (3, 11)
    equal((c["predicted"], c["collected"], c["uncollectable"], film["uncollectable"]), (1, 1, 2 + fewer, 2 + fewer))
    equal([o["finalizer"] for o in film["objects"] if o["type"] == "Old"], ["tp_del"])


@films_only("a finalizer that ends the program: the film is there")
def _():
    one = look("import gc, os\nclass A:\n    def __del__(self): os._exit(3)\na = A(); a.a = a; del a\ngc.collect()\n", "gc")
    equal((one.status, one["truncated"], "collections" in one.lens), (3 << 8, True, False))
    equal([f["kind"] for f in one["films"][0]["finalizers"]], ["__del__"])


@films_only("bounds: objects of a collection, of a film, films, all that is said")
def _():
    one = look("import gc\ngc.disable()\nx = [[] for i in range(20000)]\ngc.collect()\n", "gc")
    (c,) = one["collections"]
    equal((c["candidates"] > 20000, c["predicted"], c["film"], "films" in one.lens), (True, None, None, False))
    one = look("import gc\ngc.disable()\na = []\nfor i in range(1000): a = [a, a]\nb = a\nwhile b: last, b = b, b[0]\nlast.append(a)\n"
               "del a, b, last\ngc.collect()\n", "gc")
    film = one["films"][0]
    whole(film)
    equal((film["garbage"], len(film["objects"]) <= 64, film["dropped"]["objects"] > 900), (1001, True, True))
    one = look("import gc\ngc.disable()\nfor i in range(40):\n    a = []; a.append(a); del a\n    gc.collect(0)\n", "gc")
    equal((len(one["films"]), one["filmed"]), (16, {"films": 16, "left_out": 24, "absent": None}))
    equal([c["film"] for c in one["collections"]], [*range(1, 17), *[None] * 24])
    equal([c["collected"] for c in one["collections"]], [1] * 40)
    # Of those that come of themselves half as many, so that there is room for those that the program asks for.
    one = look("import gc\nfor i in range(20000): a = []; a.append(a)\ngc.collect()\n", "gc")
    equal((len(one["films"]), one["films"][-1]["collection"]), (9, len(one["collections"])))


@films_only("a generator that waits with things on its stack, and one that runs while it collects")
def _():
    """From 3.14 on what is on a stack may be lent: counted as one with the local variable that it came from."""
    one = look('''
import gc
gc.disable()
def takes(*args): return args[-1]
def waits(x):
    takes(x, x, [x], (yield x), x)
def collects(x):
    takes(x, x, gc.collect(), x)
    yield
for kind in waits, collects:
    held = []
    g = kind(held)
    next(g)
    lost = []; w = waits(lost); lost.append(w); next(w)
    del lost, w
    print(gc.collect())
    print(held)
''', "gc")
    foretold(one)
    # The generator, two lists, and before 3.11 the frame.  A generator is finalized by being closed, and that frees them all.
    n = 3 + (VERSION < (3, 11))
    equal([c["predicted"] for c in one["collections"]], [n, 0, n])
    equal(one.out.split(), [b"0", b"[]"] * 2)


main()
