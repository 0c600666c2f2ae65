#!/usr/bin/python3
"""tests/run can fail: each way in which a test program can go wrong, and the exact last line."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

RUN = pathlib.Path("tests/run").resolve()
GOOD = "echo 1..2; echo 'ok 1 - a'; echo 'ok 2 - b'"
# name, the test programs' scripts, exit code, last line, a line that has to be in the output
CASES = [
    ("all pass", [GOOD], 0, "2 passed, 0 failed, 0 skipped", "cli/t0"),
    ("a result fails", ["echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 - b is wrong'; exit 1"], 1,
     "1 passed, 1 failed, 0 skipped", "FAILED b is wrong"),
    ("not ok, but the exit code is 0", ["echo 1..1; echo 'not ok 1 - a'"], 1, "0 passed, 1 failed, 0 skipped", "FAILED a"),
    ("no result, but exit 0", ["echo 1..1"], 1, "0 passed, 1 failed, 0 skipped", "1 results were planned, 0 were given"),
    ("too many results", ["echo 1..1; echo ok 1; echo ok 2"], 1, "2 passed, 1 failed, 0 skipped", "2 were given"),
    ("no plan", ["echo 'ok 1 - a'"], 1, "1 passed, 1 failed, 0 skipped", "no plan"),
    ("no output", ["exit 0"], 1, "0 passed, 1 failed, 0 skipped", "no plan"),
    ("results pass, exit code 3", [GOOD + "; exit 3"], 1, "2 passed, 1 failed, 0 skipped", "exited with 3"),
    ("results pass, then a signal", [GOOD + "; kill -SEGV $$"], 1, "2 passed, 1 failed, 0 skipped", "died of SIGSEGV"),
    ("bail out", ["echo 1..1; echo ok 1; echo 'Bail out! no disk'"], 1, "1 passed, 1 failed, 0 skipped", "Bail out! no disk"),
    ("no end", [GOOD + "; sleep 60"], 1, "2 passed, 1 failed, 0 skipped", "no end after"),
    ("results on standard error do not count", ["echo 1..1; echo 'ok 1 - a' >&2"], 1, "0 passed, 1 failed, 0 skipped", "0 were given"),
    ("a skipped result", ["echo 1..2; echo ok 1; echo 'ok 2 - b # SKIP no network'"], 0, "1 passed, 0 failed, 1 skipped", "1 skipped"),
    ("a skipped program", ["echo '1..0 # SKIP no browser'"], 0, "0 passed, 0 failed, 1 skipped", "1 skipped"),
    ("one of two fails", [GOOD, "echo 1..1; echo 'not ok 1 - x'; exit 1"], 1, "2 passed, 1 failed, 0 skipped", "FAILED x"),
    ("what failed is said again at the end", [GOOD, "echo 1..1; echo 'not ok 1 - x'; echo '# in that line'; echo '# y is 3'; exit 1"], 1,
     "2 passed, 1 failed, 0 skipped", "\nfailed: cli/t1: x: y is 3\n"),
    ("there is no test", [], 1, "0 passed, 1 failed, 0 skipped", "no test ran"),
]


def run(scripts, arguments=(), timeout="3", names="cli/t{}", **more):
    with tempfile.TemporaryDirectory() as at:
        for i, script in enumerate(scripts):
            path = pathlib.Path(at, "tests", names.format(i) + ".t")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        env = {**os.environ, "VITRINE_TEST_TIMEOUT": timeout, "VITRINE_BUILD": "none", "VITRINE_COVERS": "", **more}
        return subprocess.run([RUN, *arguments], cwd=at, env=env, capture_output=True, text=True)


def check(scripts, code, last, holds):
    done = run(scripts)
    lines = done.stdout.splitlines()
    if done.returncode != code:
        return f"exit {done.returncode}, expected {code}: {done.stdout}{done.stderr}"
    if not lines or lines[-1] != last:
        return f"last line {lines[-1:]}, expected {last!r}"
    return None if holds in done.stdout else f"{holds!r} is not in {done.stdout!r}"


def check_left_behind():
    """A program's background processes end with it, and do not hold up the run."""
    began = time.monotonic()
    with tempfile.NamedTemporaryFile() as mark:
        done = run([f"(sleep 30; echo late > {mark.name}) & " + GOOD], timeout="60")
        took = time.monotonic() - began
        return None if done.returncode == 0 and took < 20 else f"exit {done.returncode} after {took:.0f} s"


def check_filter():
    done = run([GOOD, "echo 1..1; echo 'not ok 1'; exit 1"], ["cli/t0"])
    return None if done.stdout.endswith("\n2 passed, 0 failed, 0 skipped\n") else done.stdout


def check_quick():
    """Without the long ones, each of which there is; that they are left out is said."""
    real = subprocess.run([RUN, "--list"], capture_output=True, text=True, env=os.environ | {"VITRINE_QUICK": "0"}).stdout.split()
    quick = run([GOOD], names="soak/soak", VITRINE_QUICK="1")
    whole = run([GOOD], names="soak/soak", VITRINE_QUICK="0")
    listed = subprocess.run([RUN, "--list"], capture_output=True, text=True, env=os.environ | {"VITRINE_QUICK": "1"}).stdout.split()
    if "left to `make test`: soak/soak\n" not in quick.stdout or not whole.stdout.endswith("2 passed, 0 failed, 0 skipped\n"):
        return quick.stdout + whole.stdout
    long = {name for name in real if name not in listed}
    return None if len(long) > 3 and "soak/soak" in long else f"of {real} these are long: {long}"


def check_covers():
    """A lens that was compared with the machine's CPython only, where another was asked for: that is a failure."""
    enough = run([GOOD], names="lenses/x{}", VITRINE_COVERS="3.11")
    short = run([GOOD], names="lenses/x{}", VITRINE_COVERS="3.11 3.14")
    none = run([GOOD], VITRINE_COVERS="3.11")
    for done, last, words in ((enough, "2 passed, 0 failed, 0 skipped", "compared with their own interpreters: 3.11"),
                              (short, "2 passed, 1 failed, 0 skipped", "not compared, though it was to be: 3.14"),
                              (none, "2 passed, 1 failed, 0 skipped", "not compared, though it was to be: 3.11")):
        if done.stdout.splitlines()[-1] != last or words not in done.stdout or done.returncode != (", 0 failed" not in last):
            return done.stdout
    return None


checks = [(c[0], lambda c=c: check(*c[1:])) for c in CASES]
checks += [("what a program leaves behind", check_left_behind), ("an argument chooses", check_filter),
           ("the tests of every day", check_quick), ("which CPythons were to be compared with", check_covers)]
print("TAP version 13", f"1..{len(checks)}", sep="\n")
bad = 0
for n, (name, test) in enumerate(checks, 1):
    words = test()
    bad += bool(words)
    print(f"{'not ' if words else ''}ok {n} - {name}")
    if words:
        print("#", words.replace("\n", "\n# "))
sys.exit(bad > 0)
