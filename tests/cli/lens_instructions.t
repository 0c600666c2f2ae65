#!/usr/bin/python3
"""vitrine run --lens instructions: a row for each instruction that ran, with the stack before it, and how frames were left."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = '''def f(a, b):
    return a * b + 1
x = f(3, 4)
try:
    [x][5]
except IndexError:
    pass
'''


def shown(code, *options, width=120):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "instructions", *options, env={"COLUMNS": str(width)}).stdout.decode()


def rows(text):
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines() if re.match(r" +[0-9]+  ", line)]


@check("each instruction with the stack before it, top first; how frames are left, and what is raised")
def steps():
    text = shown(CODE)
    # By reasoning, of a function that takes 3 and 4: the operands before each operator, the result before the next.
    found = [r[-2:] for r in rows(text)]
    for want in (["LOAD_FAST b", "3"], ["BINARY_OP *", "4 │ 3"], ["LOAD_CONST 1", "12"], ["BINARY_OP +", "1 │ 12"], ["RETURN_VALUE", "13"],
                 ["STORE_NAME x", "13"], ["BINARY_SUBSCR", "5 │ [13]"]):
        assert want in found, (want, text)
    holds(text, "return 13")
    holds(text, "raised IndexError")
    holds(text, "2 f ")
    holds(text, " in 2 frames.")
    holds(text, "PRECALL")


@check("a long program is shown from its beginning, and how much there is more")
def long():
    text = shown("for i in range(100): pass\n")
    equal(len(rows(text)), 120)
    more = re.search(r"… and (\d+) more, in --json", text)
    total = re.search(r"(\d+) steps in 1 frame\.", text)
    equal(int(more[1]) + 120, int(total[1]))


@check("it fits in 80 columns, whatever values are")
def narrow():
    text = shown("s = 'é' * 500\nt = s + '\\x1b[31m'\nprint(len(t))\n", width=80)
    assert max(len(line) for line in text.splitlines()) <= 80, text
    assert "\x1b" not in text


main()
