#!/usr/bin/python3
"""vitrine measure: the tables, the words for what is wrong, the exit status.

By how much one takes longer is known by what the programs do: three times as many turns of the same loop.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), "..", "http")]
from tap import VITRINE, check, equal, holds, main, vitrine  # noqa: E402
from vt import children, wait_until  # noqa: E402

HERE = tempfile.TemporaryDirectory()
LOOP = "x = 0\nfor i in range({}):\n    x += i & 7\n"


def file(name, code):
    at = pathlib.Path(HERE.name, name)
    at.write_bytes(code if isinstance(code, bytes) else code.encode())
    return str(at)


SHORT, LONG = file("short.py", LOOP.format(60000)), file("long.py", LOOP.format(180000))


@check("a row for each file by each clock; 0 when it can be told")
def tables():
    r = vitrine("measure", SHORT, LONG, "--rounds", "8", "--budget-ms", "60000", "--color", "never", env={"COLUMNS": "200"})
    equal(r.returncode, 0, r.stderr)
    cpu, wall, counts = (part.splitlines() for part in r.stdout.decode().rstrip("\n").split("\n\n"))
    for part, title in ((cpu, "CPU time"), (wall, "on the wall")):
        assert part[0].strip().startswith(title), part
        equal([line.split()[0] for line in part[1:]], [SHORT, LONG])
    found = re.search(r"(\S+)  (\S+) to (\S+), slower$", cpu[2])
    ratio, low, high = map(float, found.groups())
    assert low <= ratio <= high and 2 < ratio < 4.5, cpu
    holds(r.stderr.decode(), "8 rounds")
    # The loop's instructions, a few for each turn, and what is before and after it.
    equal(counts[0].split()[:4], ["counted", "size", "instructions", "comparisons"])
    short, long = (int(line.split()[1]) for line in counts[1:])
    equal(round((long - 10) / (short - 10), 2), 3.0)


@check("--json: what HTTP answers")
def as_json():
    r = vitrine("measure", SHORT, SHORT.replace("short", "long"), "--rounds", "6", "--json")
    j = json.loads(r.stdout)
    equal([s["name"] for s in j["snippets"]], [SHORT, LONG])
    equal((j["rounds"], len(j["ratios"])), (6, 1))


SORTS = """import sys
n = int(sys.argv[-1])
l = list(range(n, 0, -1))
for i in range(n):
    for j in range(n - 1 - i):
        if l[j] > l[j + 1]: l[j], l[j + 1] = l[j + 1], l[j]
"""


@check("--sizes: what one file does at each of them, and how it grows")
def sizes():
    r = vitrine("measure", file("sorts.py", SORTS), "--sizes", "8,16,32,64,128", "--color", "never", env={"COLUMNS": "200"})
    equal((r.returncode, r.stderr.decode()), (0, ""))
    counts, growth = (part.splitlines() for part in r.stdout.decode().rstrip("\n").split("\n\n"))
    rows = [line.replace(HERE.name + "/sorts.py", "").split() for line in counts[1:]]
    equal([row[0] for row in rows], ["8", "16", "32", "64", "128"])
    # Each with each: n (n - 1) / 2, and those that range() makes, two for each of n + 2 or so.
    for row in rows:
        n = int(row[0])
        assert n * (n - 1) // 2 <= int(row[2]) <= n * (n - 1) // 2 + 2 * n + 8, row
    equal(growth[0].split(), ["grows", "as", "count", "class", "fits"])
    holds(growth[1], "instructions")
    holds(growth[1], " n^2 ")
    holds(growth[2], "comparisons")
    holds(growth[2], " n^2 ")


@check("--no-counts: the rounds alone")
def no_counts():
    r = vitrine("measure", SHORT, LONG, "--rounds", "6", "--no-counts", "--color", "never")
    equal(len(r.stdout.decode().rstrip("\n").split("\n\n")), 2)


@check("1 when it cannot be told")
def undecided():
    r = vitrine("measure", file("a.py", "pass"), file("b.py", "import time; time.sleep(0.2)"), "--budget-ms", "300", "--rounds", "100")
    equal(r.returncode, 1, r.stderr)
    holds(r.stderr.decode(), "are needed for an")


@check("one that does not end well: 125, and which, and why")
def fails():
    r = vitrine("measure", SHORT, file("c.py", "1 / 0"))
    equal((r.returncode, r.stdout), (125, b""))
    holds(r.stderr.decode(), "c.py: ZeroDivisionError: division by zero")
    r = vitrine("measure", SHORT, file("d.py", "while True: pass"), "--cpu-ms", "100")
    equal(r.returncode, 125)
    holds(r.stderr.decode(), "d.py: the limit cpu ended it")


@check("what is wrong with the command line is said by its words: 125")
def wrong():
    for args, words in (((SHORT,), "short.py to be measured against?"),
                        ((SHORT, LONG, "--rounds", "3"), "--rounds: It must be a whole number from 6 to 100"),
                        ((SHORT, LONG, "--budget-ms", "x"), "--budget-ms: "), ((SHORT, SHORT), "short.py: "),
                        ((SHORT, LONG, "--runtime", "2.7"), "2.7"), ((SHORT, HERE.name + "/none.py"), "none.py"),
                        ((SHORT, file("e.py", b"x = '\xff'")), "e.py: line 1 is not UTF-8"),
                        ((SHORT, LONG, "--lens", "gc"), "--lens")):
        r = vitrine("measure", *args)
        equal((r.returncode, r.stdout), (125, b""), args)
        holds(r.stderr.decode(), words)


@check("Ctrl-C ends it: 130")
def interrupted():
    p = subprocess.Popen([VITRINE, "measure", file("f.py", "print(1, flush=True)\nimport time\ntime.sleep(50)"), SHORT, "--wall-ms", "60000"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    # Whether the first run goes on by then, or its runner only starts: the answer is the same.
    assert wait_until(lambda: children(p.pid)), "no runner"
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=30)
    equal(p.returncode, 130)


main()
