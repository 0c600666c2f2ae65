#!/usr/bin/python3
"""vitrine run --lens tasks: what became of asyncio's tasks in words, by task, over time, what held the loop up, what was waited for."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
# The first two overlap; the third keeps the loop for itself at line 6.
CODE = '''import asyncio, time
async def wait(n):
    await asyncio.sleep(n)
async def hog():
    await asyncio.sleep(0)
    time.sleep(0.2)
async def main():
    t = asyncio.get_running_loop().create_task(wait(0.6), name="größe")
    await asyncio.gather(t, wait(0.6), hog())
    await asyncio.ensure_future(bad())
async def bad(): raise KeyError(1)
try: asyncio.run(main())
except KeyError: pass
'''
STUCK = '''import asyncio
async def a(): await t["b"]
async def b(): await t["a"]
async def main():
    t["a"], t["b"] = asyncio.ensure_future(a()), asyncio.ensure_future(b())
    await asyncio.Event().wait()
t = {}
asyncio.run(main())
'''


def shown(code, *options, width=200):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "tasks", *options, env={"COLUMNS": str(width)}).stdout.decode()


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


@check("in words: how many, how they ended, what held the loop up; and the tasks")
def words():
    text = shown(CODE)
    said = " ".join(text.split())
    holds(said, "7 tasks: 5 returned, 2 ended by an exception. The loop ran for ")
    assert re.search(r"It was held up 1 time for 50 ms or more; longest for 2\d\d ms, in time.sleep, called at line 6\.", said), text
    table = rows(text, "task")
    equal([r[:4] for r in table[:1]], [["1", "Task-1", "main", "12"]])
    equal(table[1][1], "größe")
    equal([(r[0], *r[2:5]) for r in table[1:5]],
          [("2", "wait", "8", "1"), ("3", "wait", "9", "1"), ("4", "hog", "9", "1"), ("5", "bad", "10", "1")])
    equal([r[-1] for r in table], ["KeyError", "returned", "returned", "returned", "KeyError", "returned", "returned"])


@check("over time: two wait at once; while one has the loop for itself, nothing else")
def lanes():
    text = shown(CODE)
    lines = re.findall(r"^ +(\d+)  ([█▏▒░·]+)$", text, re.M)
    equal([n for n, _ in lines], [str(n) for n in range(1, 8)])
    equal({len(lane) for _, lane in lines}, {100})
    lane = dict(lines)
    # 0.2 of 0.6 s and a little.
    assert 15 <= lane["4"].count("█") <= 45, text
    for n in ("2", "3"):
        assert lane[n].count("░") >= 70, text
    equal(lane["4"].count("░"), 0, "it never waits: " + text)
    narrow = re.findall(r"^ +\d+  ([█▏▒░·]+)$", shown(CODE, width=60), re.M)
    equal({len(x) for x in narrow}, {48})


@check("what held the loop up, and what was waited for, with the lines")
def tables():
    text = shown(CODE)
    held = rows(text, "at")
    equal([r[2:] for r in held], [["task 4", "time.sleep", "6", "time.sleep(0.2)"]])
    waits = [r[3:] for r in rows(text, "times")]
    holds(str(waits), "['tasks, gather', '9', 'await asyncio.gather(t, wait(0.6), hog())']")
    holds(str(waits), "['sleep for 600 ms', '3', 'await asyncio.sleep(n)']")
    assert "who still waited" not in text, text


@check("how long it takes to count is said by an option")
def option():
    assert "what held the loop up" not in shown(CODE, "--blocked-ms=5000")
    holds(" ".join(shown(CODE, "--blocked-ms=5000").split()), "Nothing held it up for 5000 ms or more.")
    done = vitrine("run", pathlib.Path(HERE.name, "prog.py"), "--lens", "tasks", "--blocked-ms=0")
    equal(done.returncode, 125)
    holds(done.stderr.decode(), "--blocked-ms: It must be a whole number from 1 to 60000 milliseconds")


@check("ended while it waits for ever: who waits for whom")
def stuck():
    text = shown(STUCK, "--wall-ms=1000")
    said = " ".join(text.split())
    holds(said, "In a circle, each waits for the next: 2 → 3 → 2. Nothing was left that could go on")
    left = text.partition("who still waited at the end")[2]
    equal([r for r in rows(left, "for")],
          [["1", "lock, Event.wait", "6", "await asyncio.Event().wait()"], ["2", "task", "3", "2", 'async def a(): await t["b"]'],
           ["3", "task", "2", "3", 'async def b(): await t["a"]']])
    holds(text, "still waiting")


@check("without a loop it is said, and nothing else")
def nothing():
    text = shown("print(1)\n")
    equal(text.split("tasks\n")[1].strip().split("\n")[0], "No event loop of asyncio ran: there are no tasks.")
    assert "runs   " not in text, text


@check("--virtual-clock: sleeping takes no time, in the run itself; a module of the program's own stays its own")
def virtual_clock():
    text = shown("import asyncio, time\nbegan = time.monotonic()\nasyncio.run(asyncio.sleep(500))\nprint('after', round(time.monotonic() - began))\n",
                 "--virtual-clock")
    said = " ".join(text.split())
    equal(text.splitlines()[0], "after 500")
    holds(said, "The clock is virtual: 500 s of waiting took no time.")
    own = pathlib.Path(HERE.name, "asyncio.py")
    own.write_text("mine = 7\n")
    text = shown("import asyncio, time\ntime.sleep(500)\nprint(asyncio.mine)\n", "--virtual-clock", "--file", own)
    equal(text.splitlines()[0], "7")
    assert "virtual" not in shown("import time\ntime.sleep(0.01)\n")


main()
