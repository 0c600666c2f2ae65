#!/usr/bin/python3
"""vitrine run --lens profile: what took longest first, and the path of calls that did."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = """import time
def inner(n):
    time.sleep(0.03)
def outer():
    for i in range(2): inner(i)
outer()
"""


def shown(code):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "profile", env={"COLUMNS": "160"}).stdout.decode()


@check("functions by what they took themselves, and the path that took longest")
def whole():
    text = shown(CODE)
    holds(re.sub(r"\s+", " ", text), "6 calls, ")
    table, path = text.split("the path of calls that took longest")
    rows = [re.split(r" {2,}", line.strip()) for line in table.splitlines() if re.search(r"\d %", line)]
    equal(rows[0][:3], ["time.sleep", "(C)", "2"])
    equal(sorted(row[0] for row in rows), ["<module>", "inner", "outer", "time.sleep"])
    (inner,) = [row for row in rows if row[0] == "inner"]
    equal(inner[1:3], ["2", "2"])
    # It slept for nearly all of it.
    assert int(re.search(r"(\d+) %", " ".join(rows[0]))[1]) > 50, rows
    found = re.findall(r"(<module>|outer|inner|time\.sleep) *(\d*)$", path, re.M)
    equal(found, [("<module>", ""), ("outer", "6"), ("inner", "5"), ("time.sleep", "3")])
    names = [line for line in path.splitlines() if re.search("outer|inner|sleep", line)]
    equal([line.index(n) - names[0].index("outer") for line, n in zip(names, ("outer", "inner", "time.sleep"))], [0, 2, 4])


main()
