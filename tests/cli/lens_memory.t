#!/usr/bin/python3
"""vitrine run --lens memory: lines with what was allocated for each, and pools.

What is expected are the numbers of the same reply as JSON, and sizes by sys.getsizeof.
"""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = '''import json
class Node:
    __slots__ = "x",
kept = [Node() for i in range(100)]
big = bytes(1 << 20)
del big
d = json.loads("[" + "[1.5], " * 500 + "2]")
'''


def shown(code, columns="200"):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "memory", env={"COLUMNS": columns}).stdout.decode().split("\nmemory\n", 1)[1]


@check("each line with blocks and bytes, what it had at the peak, what stayed and its types")
def lines():
    out = shown(CODE)
    holds(out, "At most 1.")
    holds(out, "by line 5;")
    row = {int(m[1]): m[0] for m in re.finditer(r"^ +(\d+)  .*$", out, re.M) if int(m[1]) < 8}
    # A megabyte and the 33 bytes of an empty bytes object, at the peak, and nothing of it stays.
    assert re.search(r"5  big = bytes\(1 << 20\) +1 +1\.00 MiB +1\.00 MiB$", row[5]), row[5]
    assert re.search(r" 10[0-9]  .*100 Node", row[4]), row[4]
    # The library's allocations are those of the line that called it: 500 lists, each with its items.
    blocks = re.search(r"\] +(\d+)  |\"\) +(\d+)  ", row[7])
    assert blocks and int(blocks[1] or blocks[2]) > 1000, row[7]
    holds(row[7], "list")


@check("pools: the sizes that changed, and by how much")
def pools():
    out = shown("kept = [bytes(200) for i in range(3000)]\n")
    # 233 bytes are a block of 240, 68 of which are in a pool of 16 KiB: 3,000 are 45 pools.
    m = re.search(r"^ +240 +(\d+) \+(\d+) +(\d+) \+(\d+) +\d+$", out, re.M)
    assert m, out
    assert 44 <= int(m[2]) <= 46 and 3000 <= int(m[4]) < 3050, m[0]
    holds(out, "pymalloc: ")
    holds(out, " arenas of 1.00 MiB (")


@check("a run that ended before anything was told says so")
def ended():
    out = shown("import os\nos._exit(3)\n")
    holds(out, "The run ended before anything could be told.")
    holds(out, "something was left out")


@check("narrow: the source gives way, the numbers do not")
def narrow():
    out = shown(CODE, "76")
    assert all(len(line) <= 76 for line in out.splitlines()[:-1] if "·" not in line), out
    holds(out, "1.00 MiB")


main()
