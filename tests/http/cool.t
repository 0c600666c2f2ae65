#!/usr/bin/python3
"""A runtime that is not kept warm makes what it imports ahead of need at the first need, lets it go when there is none, and loses no run.

Which zygotes there are is read from /proc; what runs come to is what their programs print.
"""
import os
import pathlib
import signal
import subprocess
import threading
import time

import vt
from vt import same, true

LIBRARY = "import json\nprint(json.dumps([1]))"


def cool(seconds, *more):
    """A server that keeps nothing warm."""
    return vt.Server("--warm", "", "--rest-seconds", str(seconds), *more)


def gone(server, name="library", seconds=20):
    return vt.wait_until(lambda: name not in vt.zygotes(server), seconds)


def asked(server, code=LIBRARY, expected="[1]\n", zygote="library", **more):
    reply = server.run(code, **more)
    same((reply["status"], reply["stdout"]["text"], reply["zygote"]), ("ok", expected, zygote))


def first_need():
    with cool(600) as server:
        # The one that told which lenses work here is gone as well.
        true(vt.wait_until(lambda: not vt.zygotes(server)), vt.zygotes(server))
        asked(server, "print(1)", "1\n", "lean")
        same(vt.zygotes(server), {})
        asked(server)
        made = vt.zygotes(server)
        same(set(made), {"library"})
        asked(server)
        asked(server, lenses=["refcounts"], code="x = []", expected="", zygote=server.run("x = []", lenses=["refcounts"])["zygote"])
        same(vt.zygotes(server)["library"], made["library"], "it stays")


def let_go():
    with cool(3) as server:
        asked(server)
        (runner,), first = server.children(), vt.zygotes(server)["library"]
        cells = vt.descendants(first)
        true(gone(server), "it stays")
        true(vt.wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in (first, *cells))), "something of it stays")
        same(server.children(), [runner], "the runner goes on")
        asked(server)
        true(vt.zygotes(server)["library"] != first, "it is another")
        same(server.metric("runner_starts_total"), 1)
        same([str(at) for at in groups_of(server.pid, first)], [])


def groups_of(server, zygote):
    """Control groups that a zygote made for its cells (docs: its pid is the beginning of their names)."""
    return list(pathlib.Path("/sys/fs/cgroup").glob(f"**/*vitrine*{server}*/{zygote}-*"))


def while_it_runs():
    """What it runs when it is let go is finished, while another serves what comes."""
    with cool(1) as server:
        slow = {}
        code = "import json, sys\nsys.stdin.readline()\nimport time\ntime.sleep(8)\nprint(json.dumps([2]))"

        def run():
            slow["reply"] = server.run(code, stdin="x\n", limits={"wall_ms": 20000})
        t = threading.Thread(target=run)
        t.start()
        true(vt.wait_until(lambda: "library" in vt.zygotes(server)), "it is not there")
        first = vt.zygotes(server)["library"]
        # It hears so after a second, and is there while its run is.
        time_begun = time.monotonic()
        true(vt.wait_until(lambda: time.monotonic() - time_begun > 2), "")
        asked(server)
        same(len([p for p in vt.children(server.children()[0]) if vt.name(p) == "zygote library"]), 2)
        t.join()
        same((slow["reply"]["status"], slow["reply"]["stdout"]["text"], slow["reply"]["zygote"]), ("ok", "[2]\n", "library"))
        true(vt.wait_until(lambda: not os.path.exists(f"/proc/{first}")), "the first stays")


def killed_while_it_runs():
    """It was let go, and what it runs is done again elsewhere when it is killed."""
    with cool(1) as server:
        slow = {}

        def run():
            slow["reply"] = server.run("import json, time\ntime.sleep(3)\nprint(json.dumps([3]))", limits={"wall_ms": 20000})
        t = threading.Thread(target=run)
        t.start()
        true(vt.wait_until(lambda: "library" in vt.zygotes(server)), "it is not there")
        first, begun = vt.zygotes(server)["library"], time.monotonic()
        true(vt.wait_until(lambda: time.monotonic() - begun > 2), "")
        os.kill(first, signal.SIGKILL)
        t.join()
        same((slow["reply"]["status"], slow["reply"]["stdout"]["text"]), ("ok", "[3]\n"))
        same(server.metric("runner_starts_total"), 2)


def at_that_moment():
    """Orders that come about when one is let go: none is lost, and each is answered by such a zygote."""
    with cool(1) as server:
        pids = set()
        for n in range(16):
            asked(server)
            pids.add(vt.zygotes(server).get("library"))
            # Around the second that it has, up to 24 ms before and after, by steps of 3.
            until = time.monotonic() + 0.976 + 0.003 * n
            true(vt.wait_until(lambda: time.monotonic() >= until), "")
        true(len(pids - {None}) > 1, f"it was never let go: {pids}")
        same(server.metric("runner_starts_total"), 1)


def refused():
    done = subprocess.run([vt.BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", "--runtimes", "3.11", "--warm", "3.11,4.0"],
                          capture_output=True, text=True, timeout=60)
    true(done.returncode != 0 and "4.0 is to be kept warm, and not served" in done.stderr, (done.returncode, done.stderr))


vt.main([("made at the first need, and kept", first_need), ("let go when there is none, and made again", let_go),
         ("let go while it runs something", while_it_runs),
         ("let go, and killed while it runs something", killed_while_it_runs), ("orders at the moment that it is let go", at_that_moment),
         ("one that is not served cannot be kept warm", refused)])
