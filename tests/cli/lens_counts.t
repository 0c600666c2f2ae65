#!/usr/bin/python3
"""vitrine run --lens counts: what the program had done in words, by line and by function."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()


def shown(code, width=160):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "counts", env={"COLUMNS": str(width)}).stdout.decode()


@check("totals in words, lines with their source and share, functions")
def whole():
    """Of 3.11: dis shows 2 instructions for l = [] (after RESUME, one more), and the loop's body as often as it runs."""
    text = shown("l = []\ndef f(n):\n    l.insert(0, n)\nfor i in [3] * 64:\n    f(i)\n")
    # One that goes in at the front of n moves n pointers of 8 bytes.
    moved = sum(range(64)) * 8
    holds(re.sub(r"\s+", " ", text), " 0 comparisons and ")
    kib = float(re.search(r"([0-9.]+) KiB moved", text)[1])
    equal(moved / 1024 <= kib <= moved / 1024 + 4, True, text)
    lines = re.findall(r"^ +(\d+)  (.+?)  +(\d+) +(\d+) %", text, re.M)
    equal([row[:2] for row in lines], [("1", "l = []"), ("2", "def f(n):"), ("3", "    l.insert(0, n)"), ("4", "for i in [3] * 64:"), ("5", "    f(i)"),
                                       ("1", "<module>"), ("2", "f")])
    by_line, by_function = [int(row[2]) for row in lines[:5]], [int(row[2]) for row in lines[5:]]
    equal(sum(by_line), sum(by_function))
    equal(int(re.search(r"(\d+) instructions", text)[1]), sum(by_line))
    # RESUME, and what line 3 is made of.
    equal(by_function[1] % 64, 0)
    bars = [len(re.sub("[^▏▎▍▌▋▊▉█]", "", line)) for line in text.splitlines()]
    equal(max(bars), 16)


@check("what runs elsewhere is at the line that called it")
def elsewhere():
    text = shown("import textwrap\nx = textwrap.fill('a ' * 30, 10)\n")
    all_of, others = map(int, re.search(r"(\d+) instructions \((\d+) of them in other files\)", re.sub(r"\s+", " ", text)).groups())
    own, inside = map(int, re.search(r"x = textwrap.fill\('a ' \* 30, 10\) +(\d+) +(\d+) +\d+ %", text).groups())
    equal(inside > 500 and others >= inside and all_of > others, True, text)
    equal(own < 20, True, text)


@check("nothing at all")
def nothing():
    """RESUME and RETURN_CONST, or LOAD_CONST and RETURN_VALUE; what the module itself takes is not told apart."""
    text = re.sub(r"\s+", " ", shown(""))
    equal(bool(re.search(r" [23] instructions, 0 comparisons and \d calls of hash functions of built-in types, \d+ B moved\.", text)), True, text)


main()
