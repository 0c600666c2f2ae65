#!/usr/bin/python3
"""vitrine run --lens refcounts with its options: which instruction changed a count, and who holds references."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()


def shown(code, *options, width=160):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "refcounts", *options, env={"COLUMNS": str(width)}).stdout.decode()


def rows(text):
    """Of the table of causes: its rows, cell by cell."""
    lines = text.partition("  step  line  function  instruction")[2].splitlines()[1:]
    return [re.split(r"  +", line.strip()) for line in lines if line.strip()]


@check("--causes: one row for each instruction that changed a count")
def causes():
    """By dis: LOAD_NAME takes a reference that STORE_NAME gives to the name; `del` takes that of the name away."""
    text = shown("a = []\nx = a\ndel x\n", "--causes")
    equal(rows(text), [["1", "1", "<module>", "STORE_NAME", "a", "a - → 1"], ["2", "2", "<module>", "LOAD_NAME", "a", "a 1 → 2"],
                       ["2", "2", "<module>", "STORE_NAME", "x", "x - → 2"], ["3", "3", "<module>", "DELETE_NAME", "x", "a 2 → 1, x 2 → -"]])
    equal("instruction" in shown("a = []\nx = a\ndel x\n"), False)


@check("--causes: a call begins and ends, the variables of its frame are told with its name; many go on below")
def calls():
    names = [f"a{i}" for i in range(8)]
    text = shown(" = ".join(names) + " = []\ndef f(p):\n    return p\nf(a0)\n", "--causes", width=200)
    found = rows(text)
    holds(text, "CALL, calls")
    holds(text, "RETURN_VALUE, is left")
    equal([r[-1] for r in found if r[3:4] == ["CALL, calls"]], ["f.p - → 9"])  # eight names; what was on the stack is the parameter now
    equal(any(re.fullmatch(r"a\d \d+ → \d+(, a\d \d+ → \d+)*", r[0]) for r in found if len(r) == 1), True, text)


@check("--holders: each object once, with its names, how often it is held and by whom")
def holders():
    text = shown("x = object()\ny = x\nl = [x, x, [x]]\nd = {'k': l}\n", "--holders")
    found = [re.split(r"  +", line.strip()) for line in text.partition("  at the end\n")[2].splitlines()[1:] if line.strip()]
    found[2:4] = sorted(found[2:4])  # in the order in which the collector has them
    equal(found, [["x, y", "object", "5"], ["2", "['x'], ['y'] of dict, module __main__.__dict__"], ["1", "[0] of list"], ["2", "[0], [1] of list"],
                  ["l", "list", "2"], ["1", "['l'] of dict, module __main__.__dict__"], ["1", "['k'] of dict"],
                  ["d", "dict", "1"], ["1", "['d'] of dict, module __main__.__dict__"]])


@check("--holders --at: before a line, where a variable of a frame that runs is one; what C holds is not found")
def holders_at():
    text = shown("def f(p):\n    return 1\no = object()\nf(o)\n", "--holders", "--at", "2", "--names", "o,p")
    part = text.partition("  before line 2, time 1\n")[2].partition("  at the end")[0]
    holds(part, "p of the frame of f")
    holds(re.sub(" +", " ", part), "p, o object 2")
    # A list that is being sorted is on the stack of the frame that calls C code, which in 3.11 does not say how high that is.
    text = shown("l = [2]\ndef key(v):\n    return v\nl.sort(key=key)\n", "--holders", "--at", "3", "--names", "l").partition("before line 3")[2]
    holds(re.sub(" +", " ", text), " l list 2\n 1 ['l'] of dict, module __main__.__dict__\n 1 not found: C code\n")
    text = shown("x = None\n", "--holders")
    holds(text, "more holders")


main()
