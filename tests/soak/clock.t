#!/usr/bin/python3
"""CLOCK_REALTIME jumps by a day, forward and back, while runs go on, wait and are limited: nothing that lasts is the longer or the
shorter for it. The clock is that of the server, its runner and its runs alone (place.py), which is looked at first."""
import email.utils
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import place  # noqa: E402
import vt  # noqa: E402
from vt import same, true  # noqa: E402

DAY = 86400
# Less than an hour is no jump: what the machine takes its time for.
HOUR_NS = 3600 * 10**9
PATIENCE = 30 * vt.SLOWER
WHEN = "import time\nprint(time.time())"


def date(server):
    return email.utils.parsedate_to_datetime(server.get("/livez").headers["Date"]).timestamp()


def near(got, want, what):
    true(abs(got - want) < 3600, f"{what} says {got}, not {want}")


def takes_effect():
    with place.Place() as server:
        for shift in (0, DAY, -DAY, 0):
            server.set_clock(shift)
            # The Date is what libmicrohttpd takes from time(2) in the server, the other what CPython takes from
            # clock_gettime(2) in a process that came from the runner's zygote.
            near(date(server), time.time() + shift, "the server")
            for lenses in [], ["gc"]:
                near(float(server.run(WHEN, lenses=lenses)["stdout"]["text"]), time.time() + shift, "a run")
            near(float(server.run(WHEN, start="cold")["stdout"]["text"]), time.time() + shift, "a cold run")


def jump_amid(server, shift, body):
    """The reply to a run during which the clock jumps there and back; what it printed first says that it runs."""
    box = {}
    t = threading.Thread(target=lambda: box.update(reply=server.post(body)))
    t.start()
    true(vt.wait_until(lambda: server.metric("runs_running") == 1, PATIENCE), "it does not run")
    server.set_clock(shift)
    t.join(PATIENCE)
    true("reply" in box, "not answered")
    return box["reply"].json


def numbers(value):
    """All numbers in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [value] if isinstance(value, (int, float)) else []


def limits():
    sleeps = "import time\nprint('begun', flush=True)\ntime.sleep({})\nprint('over')"
    with place.Place() as server:
        for shift in (DAY, -DAY):
            server.set_clock(0)
            r = jump_amid(server, shift, {"code": sleeps.format(1), "limits": {"wall_ms": 20000, "deadline_ms": 40000}})
            same((r["status"], r["stdout"]["text"]), ("ok", "begun\nover\n"), r)
            true(10**9 <= r["usage"]["wall_ns"] < 20 * 10**9, r["usage"])
            server.set_clock(0)
            r = jump_amid(server, shift, {"code": sleeps.format(60), "limits": {"wall_ms": 1000}})
            same((r["status"], r["limit"]["name"]), ("limit", "wall"), r)
            true(1000 <= r["limit"]["used"] < 20000, r["limit"])
            server.set_clock(0)
            r = jump_amid(server, shift, {"code": sleeps.format(60), "limits": {"deadline_ms": 1000}})
            same((r["status"], r["limit"]["name"]), ("limit", "deadline"), r)
            true(1000 <= r["limit"]["used"] < 20000, r["limit"])
            server.set_clock(0)
            r = jump_amid(server, shift, {"code": "while True: pass", "limits": {"cpu_ms": 500, "wall_ms": 20000}})
            same((r["status"], r["limit"]["name"]), ("limit", "cpu"), r)
            true(500 <= r["limit"]["used"] < 20000, r["limit"])
            server.set_clock(0)
            r = jump_amid(server, shift, {"code": sleeps.format(1), "lenses": ["timing", "gc"]})
            same((r["status"], r["notes"]), ("ok", []), r)
            true(max(numbers([r["lenses"], r["usage"]["wall_ns"], r["usage"]["queue_ns"]])) < HOUR_NS, r["lenses"])
            true(min(numbers(r["lenses"])) >= 0, r["lenses"])
        same((server.metric("runs_retried_total"), server.metric("runs_unavailable_total")), (0, 0))
        same(server.metric("runner_starts_total"), 1)


def queue():
    """Who waits is not sent away by a jump forward, and is by his time after one back."""
    sleep = {"code": "import time; time.sleep(60)", "limits": {"wall_ms": 60000}}
    for shift, wait_ms in (DAY, 60000), (-DAY, 1000):
        with place.Place("--slots", "1", "--max-wait-ms", str(wait_ms)) as server:
            c = server.connect(PATIENCE)
            c.request("POST", "/v1/runs", json.dumps(sleep), {"Content-Type": "application/json"})
            true(vt.wait_until(lambda: server.metric("runs_running") == 1, PATIENCE), "it does not run")
            box = {}
            t = threading.Thread(target=lambda: box.update(reply=server.post({"code": "print('my turn')"})))
            t.start()
            true(vt.wait_until(lambda: server.metric("runs_queued") == 1, PATIENCE), "it does not wait")
            server.set_clock(shift)
            near(date(server), time.time() + shift, "the server")
            if shift > 0:
                true(server.metric("queue_oldest_seconds") < 3600, "it has waited for a day")
                c.close()
            t.join(PATIENCE)
            reply = box["reply"]
            same(reply.status, 200 if shift > 0 else 503, reply.body)
            true(("my turn" if shift > 0 else "1000 ms") in reply.body.decode(), reply.body)
            c.close()


def age():
    """An interpreter is not replaced for a day that never was, and is by its own time when the clock went back."""
    with place.Place("--recycle-minutes", "60") as server:
        server.set_clock(DAY)
        near(date(server), time.time() + DAY, "the server")
        server.run("print(1)")
        same(server.metric("runner_starts_total"), 1)
    with place.Place("--recycle-passes", "0", "--recycle-minutes", "0.02") as server:
        server.set_clock(-DAY)
        before = server.metric("runner_renewals_total")
        true(vt.wait_until(lambda: server.metric("runner_renewals_total") >= before + 2, 60), "it does not grow old")


def connections():
    """One that is kept and silent is not closed for a minute that never was."""
    with place.Place() as server:
        kept = server.connect(PATIENCE)
        same(server.post({"code": "print(1)"}, connection=kept).status, 200)
        there = kept.sock.getsockname()
        server.set_clock(DAY)
        near(date(server), time.time() + DAY, "the server")
        same((server.post({"code": "print(1)"}, connection=kept).status, kept.sock.getsockname()), (200, there))


if vt.SANITIZED:
    print("TAP version 13", "1..0 # SKIP an address sanitizer has to be loaded first", sep="\n")
    sys.exit(0)
vt.main([
    ("the clock that is set is the server's and its runs'", takes_effect),
    ("limits, deadlines, lenses", limits),
    ("waiting", queue),
    ("the age of an interpreter", age),
    ("connections", connections),
])
