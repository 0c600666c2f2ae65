"""Checks that print TAP, and what the tests of the command line share."""
import os
import pathlib
import subprocess
import sys
import time
import traceback

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build")).resolve()
VITRINE = str(BUILD / "vitrine")
PYTHON = "/usr/bin/python3"
# What decides on widths and colours is set by each check.
ENV = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM", "VITRINE_LISTEN")}


def vitrine(*args, stdin=b"", env=None, **more):
    """A finished process, its output as bytes."""
    return subprocess.run([VITRINE, *map(str, args)], input=stdin, capture_output=True, env=ENV | (env or {}),
                          timeout=120, **more)


def equal(got, expected, what=""):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def holds(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


CHECKS = []
SLOW = 3  # seconds; what takes more is told, to be looked at


def check(name):
    def keep(function):
        CHECKS.append((name, function))
        return function
    return keep


def main():
    print("TAP version 13", f"1..{len(CHECKS)}", sep="\n", flush=True)
    bad = 0
    for n, (name, function) in enumerate(CHECKS, 1):
        began = time.monotonic()
        try:
            skip = function()
            print(f"ok {n} - {name}" + (f" # SKIP {skip}" if skip else ""))
        except Exception:
            bad += 1
            print(f"not ok {n} - {name}")
            print(*("# " + line for line in traceback.format_exc().splitlines()), sep="\n")
        if (took := time.monotonic() - began) > SLOW:
            print(f"# that took {took:.1f} s")
        sys.stdout.flush()
    sys.exit(1 if bad else 0)
