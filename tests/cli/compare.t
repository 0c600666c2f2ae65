#!/usr/bin/python3
"""vitrine compare: the table, what differs, the exit status.

The other Pythons are Debian's behind tests/http/relay, which gives it another id; so programs differ by what two processes that were
not forked from one differ by (addresses), and what versions differ by is held in tests/unit/test_api_compare.c."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from tap import BUILD, VITRINE, check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
RELAY = pathlib.Path("tests/http/relay").resolve()


def runners(*others, broken=()):
    at = pathlib.Path(tempfile.mkdtemp(dir=HERE.name))
    for name in ("runner-3.11", "real"):
        os.symlink(BUILD / "runner-3.11", at / name)
    for i in others:
        os.symlink(RELAY, at / f"runner-{i}")
    for i in broken:
        (at / f"runner-{i}").write_text("#!/bin/sh\nexit 1\n")
        (at / f"runner-{i}").chmod(0o755)
    return at


THREE = runners("3.9", "3.13")


def compare(code, *args, at=THREE, **more):
    return vitrine("compare", "-", "--runners", at, *args, stdin=code.encode(), **more)


def rows(r):
    """{title: [cell of each Python]} of the table, by the columns of its head."""
    lines = r.stdout.decode().split("\n\n")[0].splitlines()
    starts = [m.start() for m in re.finditer(r"\S+", lines[0])]
    cut = [[line[a:b].strip() for a, b in zip([0] + starts, starts + [None])] for line in lines]
    return {row[0]: row[1:] for row in cut}


@check("a table with a column for each Python; 0 when none differs")
def table():
    r = compare("print(1)", "--lens", "bytecode,refcounts,gc,timing")
    equal(r.returncode, 0, r.stderr)
    t = rows(r)
    equal(t[""], ["3.9", "3.11", "3.13"])
    equal(t["ended"], ["ok"] * 3)
    for aspect in ("verdict", "output", "bytecode", "refcounts", "gc"):
        equal(t[aspect], ["same"] * 3, aspect)
    assert "timing" not in t
    for figure in ("CPU", "wall", "compile", "run, CPU"):
        assert all(re.fullmatch(r"[\d.]+ (ns|µs|ms|s)", cell) for cell in t[figure]), t[figure]
    equal(r.stderr, b"the same\n")
    # What is asked for, in that order.
    equal(rows(compare("", "--runtimes", "3.13,3.9"))[""], ["3.13", "3.9"])
    equal(rows(compare("", "--runtimes", "3.13", "--runtimes", "3.11"))[""], ["3.13", "3.11"])


@check("what differs, line by line; 1")
def differs():
    r = compare("print('a')\nprint(object())\n", "--runtimes", "3.11,3.9")
    equal(r.returncode, 1, r.stderr)
    t = rows(r)
    equal((t["verdict"], t["output"]), (["same"] * 2, ["same", "stdout: addresses"]))
    body = r.stdout.decode().split("\n\n")[1]
    assert re.fullmatch(r"output  -3\.11 \+3\.9\n  @ stdout, line 2 \| 2\n  - <object object at 0x\w+>\n  \+ <object object at 0x\w+>\n", body), body
    equal(r.stderr, b"they differ: output\n")
    # Bytes that are not text, and a stranger's control characters.
    r = compare("import os\nos.write(1, b'\\xff' + str(id(object())).encode())", "--runtimes", "3.11,3.9")
    equal(r.returncode, 1)
    holds(r.stdout.decode(), "bytes that are not text, from byte ")
    r = compare("print('\\x1b[31m', id(object()))", "--runtimes", "3.11,3.9")
    assert b"\x1b" not in r.stdout, r.stdout


@check("how a program ends is no matter of the exit status; where it cannot be told, 1")
def ends():
    r = compare("raise ValueError('no')", "--runtimes", "3.11,3.9")
    equal((r.returncode, rows(r)["ended"]), (0, ["error ValueError"] * 2), r.stdout)
    r = compare("import os; os.kill(os.getpid(), 11)", "--runtimes", "3.11,3.9")
    equal((r.returncode, rows(r)["ended"]), (0, ["signal SIGSEGV"] * 2))
    # Both printed as much as they may.
    r = compare("while True: print('x')", "--output-bytes", 100, "--runtimes", "3.11,3.9")
    equal((r.returncode, rows(r)["ended"], rows(r)["output"]), (1, ["limit output"] * 2, ["same so far"] * 2))
    holds(r.stderr, b"not all is there")


@check("one that is broken is said so, and the others are compared; 125")
def broken():
    at = runners("3.9", broken=["3.8"])
    r = compare("print(1)", at=at)
    equal(r.returncode, 125)
    equal(rows(r)["ended"], ["no run", "ok", "ok"])
    equal(rows(r)["output"], ["", "same", "same"])
    holds(r.stderr.decode(), "vitrine compare: 3.8: The runtime 3.8 does not serve here: ")
    equal(compare("print(1)", "--runtimes", "3.9,3.11", at=at).returncode, 0)


@check("--json is what HTTP answers")
def as_json():
    r = compare("print(1)", "--json", "--lens", "gc", "--runtimes", "3.9,3.11")
    j = json.loads(r.stdout)
    equal((r.returncode, r.stderr, r.stdout.count(b"\n")), (0, b"", 1))
    equal((j["runtimes"], j["all_same"], j["same"]), (["3.9", "3.11"], True, {"verdict": True, "output": True, "gc": True}))
    equal([one["run"]["stdout"]["text"] for one in j["results"]], ["1\n"] * 2)
    equal(compare("print(object())", "--json").returncode, 1)


@check("arguments, standard input and files reach each of them")
def inputs():
    path = pathlib.Path(HERE.name, "util.py")
    path.write_text("x = 'util'\n")
    r = compare("import sys, util\nprint(sys.argv[1:], util.x, 1 / 0 if len(sys.argv) < 2 else '')", "a", "--file", path, "--json", "--", "-b")
    equal([one["run"]["stdout"]["text"] for one in json.loads(r.stdout)["results"]], ["['a', '-b'] util \n"] * 3)


@check("our own faults: 125, words on standard error, nothing on standard output")
def faults():
    for args, words in [
        (["--runtimes", "3.11,2.7"], "--runtimes: 2.7 names no runtime that is here"),
        (["--runtimes", "3.11,3.11"], "--runtimes: The runtime 3.11 is there twice"),
        (["--runtimes", ""], "--runtimes: "),
        (["--wall-ms", "0"], "--wall-ms: "),
        (["--lens", "frob"], "--lens: "),
        (["--runners", HERE.name], "no runner-"),
    ]:
        r = compare("pass", *args)
        equal((r.returncode, r.stdout), (125, b""), args)
        holds(r.stderr.decode(), words)
    equal(vitrine("compare").returncode, 125)


@check("an interrupt ends all of the runs, and leaves nobody behind")
def interrupt():
    p = subprocess.Popen([VITRINE, "compare", "-", "--runners", THREE, "--wall-ms", "60000"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(b"while True: pass")
    p.stdin.close()
    p.stdin = None
    children = pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children")
    end = time.monotonic() + 30
    while len(children.read_text().split()) < 3:  # the runners; signals are taken before
        assert time.monotonic() < end and p.poll() is None
        time.sleep(0.01)
    kids = children.read_text().split()
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=60)
    equal(p.returncode, 128 + signal.SIGINT)
    assert not any(pathlib.Path("/proc", kid).exists() for kid in kids), kids


main()
