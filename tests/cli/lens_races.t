#!/usr/bin/python3
"""vitrine run --lens races: how often in words, outcomes with the kinds of runs that they came of, and how one came about."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
COUNT = """import threading
n = 0
def work():
    global n
    for i in range(30):
        n += 1
ts = [threading.Thread(target=work) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print("größe", n)
"""
LOCKS = """import threading
a, b = threading.Lock(), threading.Lock()
def one():
    with a:
        with b: pass
def two():
    with b:
        with a: pass
ts = [threading.Thread(target=f) for f in (one, two)]
for t in ts: t.start()
for t in ts: t.join()
"""


def shown(code, *more, width=120):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "races", "--wall-ms", "30000", "--cpu-ms", "20000", *more, env={"COLUMNS": str(width)}).stdout.decode()


def words(text):
    return re.sub(r"\s+", " ", text)


@check("outcomes, the most frequent first, with the kinds that they were seen in")
def outcomes():
    text = shown(COUNT, "--schedules", "24")
    n = int(re.search(r"24 runs with 4 threads came to (\d+) outcomes\.", words(text))[1])
    rows = re.findall(r"^ +(\d+) +(\d+|·) +(\d+|·) +(\d+|·) +exit 0 +größe (\d+)$", text, re.M)
    equal(len(rows), min(n, 12))
    counts = [int(r[0]) for r in rows]
    equal(counts, sorted(counts, reverse=True))
    for row in rows:
        equal(sum(int(c) for c in row[1:4] if c != "·"), int(row[0]))
    # With a GIL and from 3.10 on only what is forced inside is lost.
    equal(rows[0][1:], ("8", "8", rows[0][3], "90"))
    equal({r[1:3] for r in rows[1:]}, {("·", "·")})


@check("what is read and written, and how an outcome came about")
def example():
    text = shown(COUNT, "--schedules", "24")
    window = re.search(r"^ +6 +n +update +(\d+) +n \+= 1$", text.split("read and then written")[1], re.M)
    assert int(window[1]) > 0
    told = text.split("\n  run ")
    assert 2 <= len(told) <= 4, text
    holds(words(told[1]), "forced switch")
    rows = re.findall(r"^ +(\d) +(\d) +(\d+) +([A-Z_]+) +(\S.*)$", told[1], re.M)
    assert rows, told[1]
    for a, b, line, _, source in rows:
        equal(source, COUNT.split("\n")[int(line) - 1].strip())
        assert a != b


@check("one that gets stuck: where its threads are")
def stuck():
    text = shown(LOCKS, "--schedules", "90")
    assert re.search(r"^ +\d+ +· +(\d+|·) +\d+ +stuck *$", text, re.M), text
    told = next(t for t in text.split("\n  run ") if "ended: stuck" in t)
    equal({(int(line), source) for line, source in re.findall(r"^ +[12] +(\d+) +[A-Z_]+ +(with .*)$", told, re.M)}, {(5, "with b: pass"), (8, "with a: pass")})


@check("one thread: there is nothing to switch; a line that is asked for; a fault of an option")
def alone():
    holds(words(shown("x = 1\n")), "1 run of 60 with 1 thread came to 1 outcome. It started no thread: there is nothing to switch.")
    holds(shown(COUNT, "--schedules", "6", "--race-line", "6", "--race-seed", "3"), "n += 1")
    path = pathlib.Path(HERE.name, "prog.py")
    holds(vitrine("run", path, "--schedules", "1001").stderr.decode(), "from 1 to 1000")


@check("a limit that ends it early is said, and what there was is shown")
def limited():
    text = shown(COUNT, "--schedules", "1000", "--wall-ms", "1500")
    assert re.search(r"\d+ runs? of 1000 with 4 threads came to \d+ outcomes?\. Its (time was over|CPU time was used up)", words(text)), text
    holds(text, "the rest was left out")
    holds(words(shown(COUNT, "--processes", "1")), "There could be no process for more.")


@check("it fits a terminal of 80 columns")
def narrow():
    text = shown(COUNT, "--schedules", "24", width=80)
    equal([line for line in text.splitlines() if len(line) > 80], [])
    holds(text, "größe 90")


main()
