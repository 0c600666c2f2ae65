#!/usr/bin/python3
"""vitrine run --lens refcounts with its options: which instruction changed a count, and who holds references."""
import dis
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


main()
