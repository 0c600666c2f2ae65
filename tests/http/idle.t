#!/usr/bin/python3
"""What a runtime costs that nobody asks for, a minute after it was last asked: no cell waits, and it has little memory.

Memory is the kernel's proportional set size (proc_pid_smaps_rollup(5)).
"""
import pathlib
import re

import vt
from vt import same, true

MOST_IDLE_BYTES = 15e6
FETCHED = sorted(p.parent.name for p in vt.BUILD.resolve().glob("runtimes/*/runner")) if not vt.SANITIZED else []


def pss(pid):
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) * 1024


def idle_memory():
    """Each further runtime, a minute after the last run: its processes, all together."""
    if not FETCHED:
        return "no runtime was fetched"
    with vt.Server(runtimes=",".join(["3.11", *FETCHED])) as server:
        true(vt.wait_until(lambda: server.get("/readyz").status == 200, 60), "it is not ready")
        for id in FETCHED:
            same(server.run("print(1)", runtime=id)["stdout"]["text"], "1\n")
        runners = {vt.name(p).removeprefix("runner-"): p for p in server.children()}
        true(vt.wait_until(lambda: not any(vt.descendants(runners[id]) for id in FETCHED), 90), "cells wait after a minute")
        sizes = {id: pss(runners[id]) for id in FETCHED}
        print(f"# idle, in MB: {({id: round(n / 1e6, 1) for id, n in sizes.items()})}")
        true(max(sizes.values()) <= MOST_IDLE_BYTES, sizes)
        # And each serves at once.
        for id in FETCHED:
            same(server.run("print(1)", runtime=id)["stdout"]["text"], "1\n")
    return None


vt.main([("a runtime that nobody asks for takes at most 15 MB", idle_memory)])
