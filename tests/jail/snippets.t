#!/usr/bin/python3
"""Benign and hostile snippets in the jail, each with its expected outcome in its first line.

The expectation is a subset of the reply's JSON, reasoned out in the snippet's comments. Each snippet is run by
`vitrine run --json`, in a runner of its own.
"""
import importlib.util
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from snippet import HERE, cgroups, check, foreign_abi, header  # noqa: E402

BUILD = os.environ.get("VITRINE_BUILD", "build")

paths = sorted(HERE.glob("benign/*.py")) + sorted(HERE.glob("hostile/*.py"))
print("TAP version 13", f"1..{len(paths)}", sep="\n")
bad = 0
for n, path in enumerate(paths, 1):
    name = f"{path.parent.name} {path.stem}"
    if header(path, "needs") == "numpy" and not importlib.util.find_spec("numpy"):
        print(f"ok {n} - {name} # SKIP numpy is not installed")
        continue
    # The shadow of an address sanitizer is larger than any limit.
    if header(path, "needs") == "memory limit" and os.environ.get("VITRINE_SAN"):
        print(f"ok {n} - {name} # SKIP a sanitized build has no memory limit")
        continue
    if header(path, "needs") == "control groups" and not cgroups(BUILD):
        print(f"ok {n} - {name} # SKIP no control groups can be made here")
        continue
    if header(path, "needs") == "i386" and not foreign_abi():
        print(f"ok {n} - {name} # SKIP the i386 ABI cannot be entered on this machine")
        continue
    words = check(path, BUILD)
    bad += bool(words)
    print(f"{'not ' if words else ''}ok {n} - {name}")
    if words:
        print("#", words)
    sys.stdout.flush()
sys.exit(bad > 0)
