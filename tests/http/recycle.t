#!/usr/bin/python3
"""A warm interpreter is replaced by age and count, while it serves, and no run is the worse for it.

In the posture of a container, tests/jail/container.t runs this as well.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

HASH = "print(hash('vitrine'))"


def generation(server):
    runtimes = server.get("/v1/runtimes").json["runtimes"]
    return runtimes[0]["generation"] if runtimes else 0  # it died, and is being started again


def under_load():
    """Several clients, runs of several passes: none fails, none is done again, none sees two interpreters."""
    clients, each = 4, 50
    with vt.Server("--recycle-passes", "100", "--recycle-minutes", "0") as server:
        replies = []

        def client():
            connection = server.connect()
            for _ in range(each):
                replies.append(server.post({"code": HASH, "lenses": ["refcounts", "timing"]}, connection=connection))
            connection.close()
        same(generation(server), 1)
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        same({(r.status, r.json["status"]) for r in replies}, {(200, "ok")})
        same(len(replies), clients * each)
        # A pass in another interpreter would have printed another number, and a note would say so.
        same([r.json["notes"] for r in replies if r.json["notes"]], [])
        secrets = {r.json["stdout"]["text"] for r in replies}
        passes = server.metric("passes_total")
        # Four runs at a time with three passes each may begin while the next is warmed: half of what is possible is asked.
        true(3 <= len(secrets) <= passes / 100 + 1, f"{len(secrets)} hash secrets in {passes} passes")
        same((server.metric("runs_retried_total"), server.metric("runs_unavailable_total")), (0, 0))
        true(vt.wait_until(lambda: len(server.children()) == 1), f"old runners stay: {server.children()}")
        same(server.metric("runner_starts_total"), generation(server))
        same(server.metric("runner_renewals_total"), generation(server) - 1)
        true(generation(server) >= len(secrets), "generations are not counted")


def in_flight():
    """A run that takes long keeps its interpreter until it is over; then that one goes."""
    seconds = 45 if vt.SANITIZED else 15  # a hundred passes and the start of an interpreter are to fit in
    with vt.Server("--slots", "2", "--recycle-passes", "100", "--recycle-minutes", "0") as server:
        slots, replies = server.metric("slots"), []
        (first,) = server.children()
        before = server.run(HASH)["stdout"]["text"]
        code = "import time\nprint(hash('vitrine'), flush=True)\nend = time.monotonic() + " + str(seconds) + "\n" \
               "while time.monotonic() < end: time.sleep(.1)"
        long = threading.Thread(target=lambda: replies.append(
            server.post({"code": code, "lenses": ["bytecode"], "limits": {"wall_ms": 1000 * seconds + 3000}}, timeout=90)))
        if slots == 1:
            # Without namespaces a runner begins when nobody has the places that all write to: after the run, which is the
            # hundredth pass.
            for _ in range(99 - server.metric("passes_total")):
                server.run(HASH)
        long.start()
        true(vt.wait_until(lambda: server.metric("runs_running") == 1), "it does not run")
        if slots > 1:
            connection = server.connect()
            true(any(server.post({"code": HASH}, connection=connection).status != 200 or generation(server) > 1
                     for _ in range(1000)), "no new interpreter")
            connection.close()
            true(first in server.children() and not replies, "the run was not waited for")
            # What passed the probes does so: nobody is sent away while the new one is looked at.
            same(server.get("/readyz").status, 200)
        long.join()
        same((replies[0].status, replies[0].json["status"], replies[0].json["notes"]), (200, "ok", []))
        same(replies[0].json["stdout"]["text"], before)
        true(vt.wait_until(lambda: generation(server) == 2), "no new interpreter")
        true(vt.wait_until(lambda: first not in server.children()), "the old runner stays")
        true(server.run(HASH)["stdout"]["text"] != before, "the hash secret is the old one")
        same(server.metric("runs_retried_total"), 0)


def by_age():
    with vt.Server("--recycle-passes", "0", "--recycle-minutes", "0.02") as server:
        before = server.run(HASH)["stdout"]["text"]
        true(vt.wait_until(lambda: generation(server) >= 3, 60), "it grows old")
        true(server.run(HASH)["stdout"]["text"] != before, "the hash secret is the old one")


def cannot_start():
    """The one that serves goes on, the log says so, and it is tried again."""
    if os.environ.get("VITRINE_POSTURE") == "container":
        return  # a runner that this user could change is not started there at all
    with tempfile.TemporaryDirectory(dir="/var/tmp") as at:
        os.chmod(at, 0o755)
        (runner,) = vt.BUILD.glob("runner-*")
        there, log = pathlib.Path(at, runner.name), pathlib.Path(at, "log")
        shutil.copy2(runner, there)
        os.environ["VITRINE_TEST_LOG"] = str(log)
        with vt.Server("--runners", at, "--recycle-passes", "100", "--recycle-minutes", "0") as server:
            del os.environ["VITRINE_TEST_LOG"]
            there.rename(there.with_suffix(".good"))
            there.write_text("#!/bin/sh\nexit 1\n")
            there.chmod(0o755)
            seen = set()
            for _ in range(1000):
                began = time.monotonic()
                seen.add(server.run(HASH)["stdout"]["text"])
                if "the one before goes on" in log.read_text():
                    break
            seen |= {server.run(HASH)["stdout"]["text"] for _ in range(20)}
            same((len(seen), generation(server), server.get("/readyz").status), (1, 1, 200))
            failures = log.read_text().count("the one before goes on")
            # After a second, then after two, four and so on.
            passed = time.monotonic() - began
            true(2 ** (failures - 1) - 1 <= passed, f"it is tried again at once: {failures} times in {passed:.2f} s")
            there.with_suffix(".good").rename(there)
            true(vt.wait_until(lambda: generation(server) == 2, 30), "it is not tried again")
            true(server.run(HASH)["stdout"]["text"] not in seen, "the hash secret is the old one")
            same((server.metric("runs_retried_total"), server.metric("runs_unavailable_total")), (0, 0))


def dies():
    """A runner that dies while the one that it replaced still has a run: only what was its own is done again."""
    with vt.Server("--recycle-passes", "100", "--recycle-minutes", "0") as server:
        if server.metric("slots") == 1:
            return  # nothing goes beside a run without namespaces
        (first,) = server.children()
        replies = []
        code = "import time\nend = time.monotonic() + 5\nwhile time.monotonic() < end: time.sleep(.1)\nprint('over')"
        long = threading.Thread(target=lambda: replies.append(server.post({"code": code, "limits": {"wall_ms": 9000}})))
        long.start()
        true(any(server.run(HASH) and generation(server) > 1 for _ in range(1000)), "no new interpreter")
        (second,) = set(server.children()) - {first}
        os.kill(second, 9)
        true(vt.wait_until(lambda: generation(server) >= 3), "no third one")
        same(server.run("print(1)")["status"], "ok")
        long.join()
        same((replies[0].status, replies[0].json["stdout"]["text"]), (200, "over\n"))
        true(vt.wait_until(lambda: first not in server.children()), "the first runner stays")


def options():
    for name, values in (("passes", ("5", "-1", "x", "", "1000001")), ("minutes", ("0.001", "-1", "nan", "1e9", ""))):
        for value in values:
            done = subprocess.run([vt.BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", f"--recycle-{name}={value}"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            true(done.returncode != 0 and "neither 0 (never) nor a number" in done.stderr, (name, value, done))


vt.main([
    ("under load", under_load),
    ("a run in flight", in_flight),
    ("by age", by_age),
    ("a new interpreter that cannot start", cannot_start),
    ("a new interpreter that dies", dies),
    ("periods that are none", options),
])
