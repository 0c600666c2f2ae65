#!/usr/bin/python3
"""memory: held against tracemalloc and sys._debugmallocstats of the same interpreter.

tracemalloc hooks the same allocators, so what it has by line at the end of a plain run is what the lens has, block by block
and byte by byte.  Before 3.13 it differs in one thing: an object that comes out of a free list is given to the line that made
it anew, which only CPython itself can see there (_PyTraceMalloc_NewReference()); that part of it is switched off here.
What was in free lists at the start is known to neither, and is not the same in the two interpreters: so each program begins
by having all of it, and giving blocks of its own in return.  What CPython makes when it is first asked to (the types of ast
for compile(), static types at their first use) has been made before in one or the other: so each program is there twice, and
the lines of the second are compared.
"""
import json
import re

from lens import GIL, PYTHON, SANITIZED, VERSION, Snippet, check, equal, holds, look, main

# What differs between interpreters that are new and warm is in this many bytes: what is made until the free lists are empty,
# and the frames and functions that run the script.
START = 4096

COMPILED = {"<string>", "f0", "f1", "f2", "f3", "f4"}
BEGIN = """import gc
def some():
    return [([], {}, float(i)) for i in range(200)], [tuple(range(1000, 1000 + n)) for n in range(1, 21) for i in range(20)]
gc.collect()
kept = some()  # with what was in the lists
some()
"""
PROGRAMS = {
    "numbers, text, bytes": "a = [i * 10**6 for i in range(2000)]\nb = [str(x) for x in a]\nc = b'x' * 100000\nd = [bytes(i) for i in range(300)]\ndel b\n",
    "objects with slots, and without": "class S:\n    __slots__ = 'a', 'b'\n    def __init__(self, n):\n        self.a = n * 1.5\n        self.b = (n, n + 1000)\nclass P:\n    def __init__(self, n):\n        self.a = n * 1.5\n        self.b = [n, n + 1000]\nkeep = [S(i) for i in range(500)]\nmore = [P(i) for i in range(500)]\ndel keep[100:400]\n",
    "dicts and sets that grow": "d = {}\nfor i in range(1000):\n    d[str(i)] = i\ns = set()\nfor i in range(5000):\n    s.add(i * 7)\nfor i in range(900):\n    del d[str(i)]\nd[1] = 2\n",
    "lists that grow and shrink": "l = []\nfor i in range(10000):\n    l.append(None)\nm = list(l)\nfor i in range(9000):\n    l.pop()\nn = [[None] * j for j in range(100)]\nn.sort(key=len, reverse=True)\n",
    "in calls, in calls": "def make(n):\n    return bytearray(n)\ndef outer(n):\n    x = make(n)\n    y = make(2 * n)\n    return x\nkept = [outer(1000 + i) for i in range(40)]\nclass C:\n    def __init__(self): self.x = outer(5000)\nc = C()\n",
    "generators that wait": "def g(n):\n    a = bytes(n)\n    b = yield a\n    yield a + bytes(n)\nl = [g(1000) for i in range(20)]\nfor x in l: next(x)\nfor x in l[:10]: next(x)\n",
    "a peak that is over": "def f():\n    big = [bytes(1000) for i in range(20)]\n    return len(big)\nn = f()\nsmall = [bytes(100) for i in range(10)]\n",
    "realloc, forth and back": "b = bytearray()\nfor i in range(2000): b += b'0123456789'\nfor i in range(1500): del b[-10:]\ns = ''\nfor i in range(2000): s += chr(97 + i % 26)\n",
    # tracemalloc holds on to names of files.
    "code that is compiled, and gone": "names = 'f0', 'f1', 'f2', 'f3', 'f4'\nx = y = j = range, bytes  # or these are interned by some line below\nfor i in range(300):\n    space = {}\n    exec(compile(f'x = [bytes({i} + 50) for j in range(3)]\\n' + '\\n' * (i % 7) + 'y = bytes(200)', names[i % 5], 'exec'), space)\n    del space\nkeep = {}\nexec('a = bytes(1000)\\n\\nb = bytes(2000)\\ndef f(): return bytes(3000)\\nc = f()', keep)\ngc.collect()\n",
    "exceptions": "kept = []\ndef f(n):\n    if n == 0: raise ValueError(bytes(500))\n    f(n - 1)\nfor i in range(20):\n    try:\n        f(i)\n    except ValueError as e:\n        if i % 5 == 0: kept.append(e)\n",
    "cycles that are collected": "class N: pass\nfor i in range(200):\n    a, b = N(), N()\n    a.b, b.a = b, a\n    a.x = bytes(300)\na = b = None\ngc.collect()\nkeep = N(); keep.x = keep\n",
    "nothing": "pass\n",
}

# Runs main.py, and tells what is there, as tracemalloc has it.
TELL = """
import ctypes, gc, json, os, sys, tracemalloc, types
path = os.path.abspath('main.py')
code = compile(open(path, 'rb').read(), path, 'exec')
module = types.ModuleType('__main__')
module.__dict__.update(__annotations__={}, __builtins__=__builtins__, __file__=path, __cached__=None)
def see_free_lists(on):
    if sys.version_info < (3, 12):  # struct _PyTraceMalloc_Config: initialized, tracing
        (ctypes.c_int * 2).in_dll(ctypes.pythonapi, '_Py_tracemalloc_config')[1] = on
tracemalloc.start(1)
see_free_lists(0)
exec(code, module.__dict__)
see_free_lists(1)
now, peak = tracemalloc.get_traced_memory()
lines = [(s.traceback[0].filename, s.traceback[0].lineno, s.count, s.size) for s in tracemalloc.take_snapshot().statistics('lineno')]
json.dump({'now': now, 'peak': peak, 'lines': lines}, sys.stdout)
"""


def by_line(rows, source, script, first):
    """{(file, line): (blocks, bytes)} of what stayed: of the script's lines from `first` on, and of what it compiles.

    A class is in the subclasses of object by its address, an int that has a digit (4 bytes) less in a python that lies low.
    """
    found, text = {}, source.split("\n")
    for file, line, blocks, size in rows:
        if not blocks or not (file == script and line >= first or file in COMPILED):
            continue
        had = found.get((file, line), (0, 0))
        found[file, line] = had[0] + blocks, had[1] + size
    for (file, line), (blocks, size) in found.items():
        if file == script and text[line - 1].startswith("class "):
            found[file, line] = blocks, (size + 7) // 8 * 8
    return found


def rows_of(one):
    return [(r["file"], r["line"], r["live_blocks"], r["live_bytes"]) for r in one["by_line"]]


def same_as_tracemalloc(program):
    source = BEGIN + program + program + "some()  # so that what looks from here on is in blocks of these\n"
    s = Snippet(source)
    one, plain = s.look("memory"), s.plain(code=f"exec(compile({TELL!r}, 'tell', 'exec'))")
    assert plain.returncode == 0, plain.stderr.decode()
    told = json.loads(plain.stdout)
    got, expected = (by_line(rows, source, str(s.path), (BEGIN + program).count("\n") + 1) for rows in (rows_of(one), told["lines"]))
    if got != expected:
        raise AssertionError("\n".join(f"{at}: expected {expected.get(at)}, got {got.get(at)}" for at in sorted({**got, **expected}) if got.get(at) != expected.get(at)))
    assert got or program == "pass\n"
    equal(one["truncated"], False)
    if "compile" not in program:
        assert abs(one["peak"]["bytes"] - told["peak"]) < START, (one["peak"], told["peak"])


for name, source in PROGRAMS.items():
    check(f"{name}: what stayed, by line, and the peak are tracemalloc's")(lambda source=source: same_as_tracemalloc(source))


main()
