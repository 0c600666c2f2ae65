#!/usr/bin/python3
"""vitrine run --lens frames: functions, the tree of calls, the deepest stack, and an end by a C stack overflow in words."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = '''def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
def gen():
    yield 1
print(fact(4), sum(gen()))
sorted([2, 1], key=lambda n: -n)
'''


def shown(code, width=200):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "frames", env={"COLUMNS": str(width)}).stdout.decode()


def rows(text, title):
    """The rows of the table that has this title, cells apart."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if re.match(rf" +{title}  ", line))
    found = []
    for line in lines[at + 1:]:
        if not line.strip():
            break
        found.append(re.split(r" {2,}", line.strip()))
    return found


@check("what was called: functions with their counts, C apart")
def functions():
    text = shown(CODE)
    holds(text, "8 calls of Python functions, 1 resume of generators and coroutines, 3 calls of C functions. sys.getrecursionlimit(): 1000")
    got = {row[0]: row[1:] for row in rows(text, "function")}
    equal(list(got), ["<module>", "fact", "sum", "gen", "print", "sorted", "<lambda>"])
    # line, calls, nested, at once; what is none is empty.
    equal(got["fact"][:4], ["1", "4", "3", "4"])
    equal(got["gen"][:3], ["3", "1", "1"])
    equal((got["sum"][:2], got["sorted"][:2], got["<lambda>"][:2]), (["(C)", "1"], ["(C)", "1"], ["6", "2"]))


@check("the tree: each call below what made it, with the line and its source")
def tree():
    text = shown(CODE)
    lines = text[text.index("calls, by what made them"):text.index("thread 1")].splitlines()[2:]
    (first, *deeper) = [line for line in lines if " fact " in line]
    equal([line.index("fact") - first.index("fact") for line in deeper], [2, 4, 6])
    holds(first, "5  print(fact(4), sum(gen()))")
    holds(deeper[0], "2      return 1 if n < 2 else n * fact(n - 1)")


@check("the deepest stack: frames with their lines, the outermost first")
def stack():
    text = shown(CODE)
    holds(text, "thread 1: the deepest stack, 5 frames; of the C stack at most ")
    holds(text, " of 8.00 MiB")
    equal([row[-2:] for row in rows(text, "C stack  frame")], [["<module>", "5"], ["fact", "2"], ["fact", "2"], ["fact", "2"], ["fact", "1"]])


@check("a C stack overflow: where, how deep, and why, in words; exit 139")
def overflow():
    path = pathlib.Path(HERE.name, "deep.py")
    path.write_text("import sys\nsys.setrecursionlimit(10**6)\nclass A:\n    def __getattr__(self, name):\n        return getattr(self, name)\nA().a\n")
    r = vitrine("run", path, "--lens", "frames", env={"COLUMNS": "1000"})
    text = (r.stdout + r.stderr).decode()
    equal(r.returncode, 128 + 11)
    said = re.search(r"The C stack overflowed: (\d+) frames of Python deep, in (\S+) at line 5, with (\d+) of its 8388608 bytes used, "
                     r"as the lens frames saw in its own run on CPython 3\.11\.\d+\.", text)
    assert said and int(said[1]) > 5000 and said[2] in ("getattr", "A.__getattr__") and int(said[3]) > 8388608 - 65536, text[-2000:]
    holds(text, "where it crashed")
    assert "ctypes" not in text
    # Without the lens it is told that it would say more.
    r = vitrine("run", path, env={"COLUMNS": "1000"})
    holds((r.stdout + r.stderr).decode(), "the lens frames says where")


@check("80 columns: no line is wider")
def narrow():
    for line in shown(CODE, 80).splitlines():
        assert len(line) <= 80, line


main()
