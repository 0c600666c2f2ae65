#!/usr/bin/python3
"""vitrine run --lens processes: how many in words, the tree with what became of each, what was sent where, and what failed."""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = """import multiprocessing, os, signal, time
mp = multiprocessing.get_context("fork")
def inner(): os._exit(3)
def child(c):
    c.send("x" * 50)
    p = mp.Process(target=inner, name="inner")
    p.start(); p.join()
a, b = mp.Pipe()
p = mp.Process(target=child, args=(b,), name="größe")
p.start()
a.recv()
p.join()
pid = os.fork()
if pid == 0: time.sleep(60)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
"""
# As many as there may be, and one more.
MANY = """import os
r, w = os.pipe()
while True:
    try: pid = os.fork()
    except BlockingIOError: break
    if pid == 0:
        os.close(w); os.read(r, 1); os._exit(0)
os.close(w)
"""


def shown(code, *more, width=160):
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    return vitrine("run", path, "--lens", "processes", *more, env={"COLUMNS": str(width)}).stdout.decode()


def rows(text):
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines() if re.search(r"(exit \d+|SIG\w+)", line)]


@check("a tree, with how each was started and ended")
def whole():
    text = shown(CODE)
    holds(re.sub(r"\s+", " ", text), "4 processes. 1 message pickled, 65 bytes; 1 message unpickled, 65 bytes.")
    found = rows(text)
    equal([r[0] for r in found], ["1", "2 größe", "3 inner", "4"])
    indents = [len(re.match(" *", line)[0]) for line in text.splitlines() if re.search(r"(exit \d+|SIG\w+)", line)]
    equal([i - indents[0] for i in indents], [0, 2, 4, 2])
    equal([next(c for c in r if re.match("exit|SIG", c)) for r in found], ["exit 0", "exit 0", "exit 3", "SIGTERM"])
    equal([r[2:4] for r in found[1:]], [["fork", "10"], ["fork", "7"], ["fork", "13"]])
    sent = re.findall(r"^ +(\d) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\S.*)$", text.split("where it was pickled")[1], re.M)
    equal(sent, [("1", "0", "0", "1", "65", "11", "a.recv()"), ("2", "1", "65", "0", "0", "5", 'c.send("x" * 50)')])


@check("one process, in words alone")
def alone():
    holds(shown("x = 1\n"), "One process: it started no other.")


@check("a limit that is reached: an event, with its line")
def limit():
    text = shown(MANY, "--processes", "5")
    equal(re.findall(r"5 processes\..*1 could not be started\.", re.sub(r"\s+", " ", text)) != [], True)
    equal(len(re.findall("line 4: process 1 could not start another after .*: EAGAIN", text)), 1)
    equal(len(re.findall("^ +[1-5] .* fork +4 ", text, re.M)), 4)


@check("ended by a limit while the first process waits: what the other did by then is there")
def waits():
    text = shown("import multiprocessing\nmp = multiprocessing.get_context('fork')\ndef f(c):\n    c.send('x' * 50); c.recv()\na, b = mp.Pipe()\np = mp.Process(target=f, args=(b,))\np.start()\np.join()\n", "--wall-ms", "4000")
    holds(re.sub(r"\s+", " ", text), "2 processes. 1 message pickled, 65 bytes; 0 messages unpickled, 0 bytes.")
    holds(text, "the rest was left out")


@check("it fits a terminal of 80 columns")
def narrow():
    text = shown(CODE, width=80)
    equal([line for line in text.splitlines() if len(line) > 80], [])
    holds(text, "SIGTERM")
    holds(text, "exit 3")


main()
