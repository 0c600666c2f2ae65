#!/usr/bin/python3
"""vitrine run --lens gc: why the collector came, how long the program waited, and the film of what it found, as tables."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()

# A cycle of an object and a list, of which one has a finalizer, and a weak reference that watches it.
CYCLE = """
import gc, weakref
gc.disable()
class Node:
    def __del__(self): pass
def f():
    n = Node(); n.items = [n]
    w = weakref.ref(n, print)
    del n
    return gc.collect(0)
f()
"""


def shown(code, width=160):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "gc", env={"COLUMNS": str(width)}).stdout.decode()


def words(text):
    return re.sub(r"\s+", " ", text)


@check("a film: counts, what is subtracted, what is left, what becomes of it, what runs first")
def film():
    text = shown(CYCLE)
    rows = [re.split(" {2,}", line.strip()) for line in text.splitlines()]
    # One reference each, from the other.
    equal([r[1:] for r in rows if r[-1:] in (["garbage"], ["__del__"])], [["Node", "1", "1", "0", "garbage", "__del__"], ["list", "1", "1", "0", "garbage"]])
    node, items = (r[0] for r in rows if r[1:2] in (["Node"], ["list"]) and "garbage" in r)
    text = words(text)
    holds(text, f"Garbage refers to garbage: {node} Node .items → {items}; {items} list [0] → {node} ")
    holds(text, f"First runs, in this order: <built-in function print> for Node {node}, __del__ of Node {node} ")
    # The weak reference is w's as well.
    holds(text, "2 are garbage. ")
    holds(text, "Then the collector says that it freed 2 objects.")


@check("the class, and who holds it")
def survivors():
    rows = [re.split(" {2,}", line.strip()) for line in shown(CYCLE).splitlines()]
    (node,) = [r for r in rows if r[1:3] == ["type", "Node"]]
    (by,) = re.findall(r"reached by (\d+)", node[-1])
    (holder,) = [r for r in rows if r[0] == by and not r[1].isdigit()]
    equal((holder[1], holder[-1] in ("root", "reached") or holder[-1].startswith("reached by"), int(node[-2])), ("dict", True, 0))


@check("why it came, of how many objects, and how long it took")
def why():
    text = shown("import gc\nx = [[] for i in range(3000)]\ngc.collect(1)\n")
    rows = [re.split(" {2,}", line.strip()) for line in text.splitlines()]
    mine = [r for r in rows if r[0].isdigit() and r[-2:-1] and (" > " in r[-2] or r[-2] == "collect()")]
    equal([r[-2] for r in mine], ["701 > 700"] * (len(mine) - 1) + ["collect()"])
    assert len(mine) > 3 and all(int(r[-3]) > 0 for r in mine), text
    equal(bool(re.search(r"The program waited [0-9.]+ .?s for it, at most [0-9.]+ .?s at a time \(generation [01]\)\.", words(text))), True, text)


@check("80 columns hold all of it")
def narrow():
    for code in (CYCLE, "import gc\nfor i in range(9000):\n    a_rather_long_name_of_a_list = []\n    a_rather_long_name_of_a_list.append(a_rather_long_name_of_a_list)\n"):
        text = shown(code, 80)
        holds(text, "Film of collection 1")
        equal([line for line in text.splitlines() if len(line) > 80], [])


@check("further films are named; what is brought back, and what breaks its own cycle, is said")
def others():
    text = words(shown("import gc\ngc.disable()\nfor i in range(20):\n    a = []; a.append(a); del a\n    gc.collect(0)\n"))
    holds(text, "Further films are in the JSON, of collections (garbage of objects): 2 (1 of ")
    holds(text, " 4 collections that found something had none.")
    text = words(shown("import gc\ngc.disable()\nkept = []\nclass A:\n    def __del__(self): kept.append(self)\na = A(); a.a = a; del a\ngc.collect()\n"))
    holds(text, "freed 0 objects; 1 of the garbage is alive after it.")
    text = words(shown("import gc\ngc.disable()\nclass A:\n    def __del__(self): self.a = None\na = A(); a.a = a; del a\ngc.collect()\n"))
    holds(text, "freed 0 objects; 1 died before it counted, for a finalizer broke the cycle.")
    text = words(shown("import gc, weakref\ngc.disable()\nclass A: pass\na = A(); a.a = a\nd = weakref.WeakValueDictionary({1: a}); del a\ngc.collect()\n"))
    holds(text, "freed 2 objects; with 1 weak reference whose callback ran.")


main()
