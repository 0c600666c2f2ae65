#!/usr/bin/python3
"""vitrine run --lens threads: who had the GIL in words, by thread, over time, by line and one after the other."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
# Two that are busy, and one that waits for a lock.
CODE = '''import threading, time
lock = threading.Lock()
def busy(n):
    for i in range(n): x = i
def sleeper():
    lock.acquire()
lock.acquire()
s = threading.Thread(target=sleeper, name="sleeper")
s.start()
t = threading.Thread(target=busy, args=(3000000,), name="größe")
t.start()
busy(3000000)
lock.release()
t.join()
'''


def shown(code, width=200):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "threads", env={"COLUMNS": str(width)}).stdout.decode()


def rows(text, title):
    """The rows of the table that has this title, cells apart."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if re.match(rf" +{title}  ", line))
    found = []
    for line in lines[at + 1:]:
        if not line.strip() or "…" in line[:4]:
            break
        found.append(re.split(r" {2,}", line.strip()))
    return found


@check("in words: how often it was let go and how; the numbers are those of the tables")
def words():
    text = shown(CODE)
    said = re.search(r"The GIL was let go (\d+) times: (\d+) forced, (\d+) by the thread itself, 2 as a thread ended. It went to another "
                     r"thread \d+ times. In [\d.]+ ms nobody had it for [\d.]+ \S+. Switch interval: 5.00 ms.", " ".join(text.split()))
    assert said, text
    total, forced, itself = map(int, said.groups())
    equal(total, forced + itself + 2)
    time = r"[\d.]+ \S+ +"
    threads = re.findall(rf"^ +(\d) +(\S+) +(?:(\d+) +)?{time}{time}{time}(\d+) +(\d+) ", text, re.M)
    equal([row[:3] for row in threads], [("1", "MainThread", ""), ("2", "sleeper", "9"), ("3", "größe", "11")])
    equal((sum(int(row[3]) for row in threads), sum(int(row[4]) for row in threads)), (forced, itself))


@check("over time: a row for each thread, who has it and who waits for it")
def lanes():
    text = shown(CODE)
    holds(text, "█ has the GIL   ░ waits for it   · is away")
    found = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if re.match(r" +\d  [█░·]+$", line)]
    equal([(n, len(lane)) for n, lane in found], [("1", 100), ("2", 100), ("3", 100)])
    lane = {n: lane for n, lane in found}
    # The two that are busy wait for each other; the third waits for a lock, which is not for the GIL.
    assert "░" in lane["1"] and "█" in lane["3"] and "░" in lane["3"], found
    assert lane["2"].count("·") > 50, found
    # One has it at a time.
    assert not any(a == b == "█" for a, b in zip(lane["1"], lane["3"])), found


@check("by line: where it was let go, with the source and the library's line")
def places():
    text = shown(CODE)
    table = text[text.index("where it was let go"):text.index("who had it")]
    (busy,) = [line for line in table.splitlines() if "for i in range(n): x = i" in line]
    assert re.match(r" +[1-9]\d* +0 +0 ns +[\d.]+ ms +4 ", busy), busy
    (lock,) = [line for line in table.splitlines() if "    lock.acquire()" in line]
    assert re.match(r" +0 +1 +[\d.]+ ms .* 6 ", lock), lock
    # It waits there until the thread has begun.
    holds([line for line in table.splitlines() if "t.start()" in line][0], "Condition.wait, threading.py:")


@check("one after the other: what a thread lets go of again and again at a line is one row")
def groups():
    text = shown("import os\nr, w = os.pipe()\nfor i in range(50):\n    os.write(w, b'x')\nos.close(r)\n")
    table = rows(text, "at +waited")
    equal([row[2] for row in table if "os.write(w, b'x')" in row], ["50"])
    equal(table[-1][-1], "has it")
    assert not re.search(r"█ has", text), "one thread needs no row over time"


@check("80 columns: no line is wider")
def narrow():
    for line in shown(CODE, 80).splitlines():
        assert len(line) <= 80, line


main()
