#!/usr/bin/python3
"""POST /v1/measurements: snippets measured against each other.

What a ratio has to be is known by what the programs do: one does n times the work of the other, by a loop that is the same. The
bounds leave room for what a busy machine adds; that the interval itself is right, tests/unit/test_api_sign_rank.c holds.
"""
import json
import os
import pathlib
import sys

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, take, true  # noqa: E402

DOC = yaml.safe_load(pathlib.Path("api/openapi.yaml").read_text())
PATIENCE = 60 * vt.SLOWER
server = vt.Server()


def loop(n, then=""):
    return f"x = 0\nfor i in range({n}):\n    x += i & 7\n{then}"


def fits(name, value):
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOC["components"]}
    errors = [f"{e.json_path}: {e.message}"[:300] for e in jsonschema.Draft202012Validator(schema).iter_errors(value)]
    true(not errors, errors[:3])


def send(body, accept=None):
    c = server.connect(PATIENCE)
    headers = {"Content-Type": "application/json"} | ({"Accept": accept} if accept else {})
    c.request("POST", "/v1/measurements", json.dumps(body), headers)
    return c


def measured(codes, **more):
    reply = take(send({"snippets": [{"code": code} for code in codes], **more}))
    same(reply.status, 200, reply.body[:500])
    fits("Measurement", reply.json)
    return reply.json


def thrice():
    """Three times the work takes three times as long, and is told so; a third of it a third."""
    j = measured([loop(60000), loop(180000), loop(20000)], rounds=12, budget_ms=30000)
    same((j["ended"], j["rounds"], j["same_output"], j["failed"], j["notes"]), ("rounds", 12, True, None, []))
    same([s["name"] for s in j["snippets"]], ["A", "B", "C"])
    same([(r["snippet"], r["baseline"]) for r in j["ratios"]], [("B", "A"), ("C", "A")])
    for r, factor, verdict in zip(j["ratios"], (3, 1 / 3), ("slower", "faster")):
        cpu = r["cpu"]
        same(cpu["verdict"], verdict)
        true(factor / 1.5 < cpu["ratio"] < factor * 1.5, cpu)
        true(cpu["low"] <= cpu["ratio"] <= cpu["high"] and cpu["level"] >= 0.95, cpu)
    for s in j["snippets"]:
        for clock in ("cpu_ns", "wall_ns"):
            samples = sorted(s[clock]["samples"])
            same((len(samples), s[clock]["least"], s[clock]["most"]), (12, samples[0], samples[-1]))
            same(s[clock]["median"], (samples[5] + samples[6]) // 2)
        same((s["run"]["status"], s["run"]["lenses"]), ("ok", {}))


SIZED = "import sys\nn = int(sys.argv[-1])\n"


def counted():
    """What each does, the same each time: three times the turns of a loop take three times its instructions."""
    j = measured([loop(1000), loop(3000)], rounds=6)
    counts = [s["counts"] for s in j["snippets"]]
    same([[c["size"] for c in rows] for rows in counts], [[None], [None]])
    same([s["growth"] for s in j["snippets"]], [None, None])
    (a,), (b,) = counts
    per_turn, rest = divmod(b["instructions"] - a["instructions"], 2000)
    same((rest, 0 <= a["instructions"] - 1000 * per_turn < 20), (0, True))
    true(5 <= per_turn <= 12, per_turn)
    same(measured([loop(1000), loop(3000)], rounds=6)["snippets"][1]["counts"], [b])
    same([s["counts"] for s in measured([loop(1000), loop(3000)], rounds=6, counts=False)["snippets"]], [[], []])


def growing():
    """By counts, whatever the machine does: a queue that is a list moves n^2 bytes, one that is a deque none; a dict asks for n hashes;
    calls that call twice grow by a power."""
    queue = SIZED + "q = list(range(n))\nwhile q: q.pop(0)\n"
    deque = SIZED + "from collections import deque\nq = deque(range(n))\nwhile q: q.popleft()\n"
    index = SIZED + "d = {}\nfor i in range(n): d[i] = i\n"
    j = measured([queue, deque, index], rounds=6, sizes=[64, 128, 256, 512, 1024], budget_ms=60000)
    same(j["notes"], [])
    same([[c["size"] for c in s["counts"]] for s in j["snippets"]], [[64, 128, 256, 512, 1024]] * 3)
    a, b, c = (s["growth"] for s in j["snippets"])
    same((a["moved_bytes"]["class"], a["moved_bytes"]["decided"]), ("n^2", True))
    same(b["moved_bytes"]["class"], "1")
    same(c["hashes"]["class"], "n")
    for growth in a, b, c:
        same((growth["instructions"]["class"], growth["instructions"]["decided"], growth["instructions"]["base"]), ("n", True, None))
    # n pointers of eight bytes, n times, by halves: 4 n^2.
    for row in j["snippets"][0]["counts"]:
        true(1 < row["moved_bytes"] / (4 * row["size"] ** 2) < 1.8, row)
    for row in j["snippets"][2]["counts"]:
        true(row["size"] <= row["hashes"] <= row["size"] + 20, row)
    # The rounds were made with the largest: as many turns as that.
    true(j["rounds"] == 6 and len(j["ratios"]) == 2, j["ended"])


def alone():
    """One snippet is not measured, but counted."""
    j = measured(["def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nimport sys\nprint(fib(int(sys.argv[1])), len(sys.argv))\n"], sizes=[5, 7, 9, 11, 13])
    same((j["rounds"], j["ratios"], j["ended"], j["snippets"][0]["cpu_ns"]["samples"], j["snippets"][0]["run"]["stdout"]["text"]),
         (0, [], "rounds", [], "233 2\n"))
    fit = j["snippets"][0]["growth"]["instructions"]
    same((fit["class"], fit["decided"]), ("b^n", True))
    true(abs(fit["base"] - (1 + 5 ** 0.5) / 2) < 0.03, fit)


def not_counted():
    """One that takes too long while it is counted, on a machine of any speed: it asks whether it is. And one that asks for the time."""
    endless = "import sys\na = [0] * 5000\nwhile sys._getframe().f_trace_opcodes: pass\n"
    j = measured([endless, "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass\n"],
                 rounds=6, limits={"cpu_ms": 1500, "wall_ms": 60000}, budget_ms=60000)
    a, b = (s["counts"][0] for s in j["snippets"])
    same((a["instructions"], a["comparisons"]), (None, None))
    true(a["allocations"] is not None and b["instructions"] > 0, (a, b))
    same((j["rounds"], j["failed"]), (6, None))
    true(any("A was not counted to its end" in n for n in j["notes"]), j["notes"])


def waiting():
    """A program that waits takes no CPU time, and time on the wall."""
    j = measured(["import time\ntime.sleep(0.01)\n", "import time\ntime.sleep(0.05)\n"], rounds=6, budget_ms=60000)
    true(j["ratios"][0]["wall"]["verdict"] == "slower" and j["ratios"][0]["wall"]["low"] > 1.5, j["ratios"])
    for s in j["snippets"]:
        true(s["cpu_ns"]["median"] < s["wall_ns"]["median"] / 2, s["cpu_ns"])


def alike():
    """What does the same takes about the same. (One interval of twenty may miss 1; none may be far from it.)"""
    j = measured([loop(60000, "print(x)\n"), loop(60000, "print(x)\n")], rounds=12)
    cpu = j["ratios"][0]["cpu"]
    true(cpu["low"] < 1.15 and cpu["high"] > 0.87, cpu)


def fresh():
    """Each run is in an interpreter of its own: what one leaves behind the next does not find."""
    code = "import sys, builtins\nassert not hasattr(builtins, 'left')\nbuiltins.left = 1\nopen('left.txt', 'x').close()\n"
    same(measured([code, code], rounds=6, budget_ms=60000)["rounds"], 6)


def fails():
    """The first run that does not end well ends it, and is shown."""
    j = measured([loop(10), "1 / 0"])
    same((j["ended"], j["rounds"], j["failed"]["snippet"]), ("failed", 0, "B"))
    same((j["failed"]["run"]["status"], j["failed"]["run"]["exception"]["type"]), ("error", "ZeroDivisionError"))
    same((j["ratios"][0]["cpu"], j["snippets"][1]["run"], j["same_output"]), (None, None, None))
    j = measured([loop(10), "while True: pass"], limits={"cpu_ms": 100})
    same((j["ended"], j["failed"]["run"]["limit"]["name"]), ("failed", "cpu"))
    # One that fails only now and then: later than the first round, or this test would say nothing.
    j = measured(["import os\nif os.urandom(1)[0] < 40: raise ValueError\n", "pass"], rounds=100, budget_ms=60000)
    same((j["ended"], j["failed"]["snippet"], j["failed"]["run"]["exception"]["type"]), ("failed", "A", "ValueError"))


def prints():
    j = measured(["print(1)", "print(2)"], rounds=6)
    same(j["same_output"], False)
    true(any("do not print the same" in note for note in j["notes"]), j["notes"])


def budget():
    """No round begins after it; too few for an interval are none, and it is said what to do."""
    j = measured(["import time\ntime.sleep(0.2)"] * 2, rounds=50, budget_ms=500)
    same(j["ended"], "budget")
    true(j["rounds"] < 6 and j["ratios"][0]["wall"] is None, j["rounds"])
    true(any("budget_ms (500)" in note for note in j["notes"]), j["notes"])


def stream():
    c = send({"snippets": [{"code": "pass", "name": "one"}, {"code": "pass", "name": "two"}], "rounds": 6}, "text/event-stream")
    got = c.getresponse()
    same((got.status, got.headers["Content-Type"]), (200, "text/event-stream"))
    events = [block.split("\n") for block in got.read().decode().split("\n\n") if block and not block.startswith(":")]
    events = [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in events]
    same([name for name, _ in events], ["round"] * 6 + ["count"] * 2 + ["result", "done"])
    result = events[-2][1]
    fits("Measurement", result)
    for k, (_, told) in enumerate(events[:6]):
        same((told["round"], told["of"]), (k + 1, 6))
        same(told["cpu_ns"], [s["cpu_ns"]["samples"][k] for s in result["snippets"]])
        same(told["wall_ns"], [s["wall_ns"]["samples"][k] for s in result["snippets"]])
    for (_, told), snippet in zip(events[6:8], result["snippets"]):
        fits("MeasuredCounts", told)
        same(told, snippet["counts"][0] | {"snippet": snippet["name"]})
    same(events[-1][1], {"id": result["id"]})


def stops():
    """A server that goes down begins no further round, answers by those that there are, and loses nothing."""
    other = vt.Server()
    c = other.connect(PATIENCE)
    body = {"snippets": [{"code": "import time\ntime.sleep(0.1)"}] * 2, "rounds": 100, "budget_ms": 60000}
    c.request("POST", "/v1/measurements", json.dumps(body), {"Content-Type": "application/json"})
    true(vt.wait_until(lambda: other.metric("runs_total") >= 40), "it does not run")
    same(other.stop(), 0)
    reply = take(c)
    same((reply.status, reply.json["ended"]), (200, "stopped"))
    fits("Measurement", reply.json)
    true("goes down" in reply.json["notes"][0], reply.json["notes"])
    true(6 <= reply.json["rounds"] < 50, reply.json["rounds"])


def leaves():
    """The run that goes on ends with its client, and no other begins."""
    c = send({"snippets": [{"code": "import time\ntime.sleep(50)"}] * 2, "limits": {"wall_ms": 60000}})
    true(vt.wait_until(lambda: server.metric("runs_running") == 1), "it does not run")
    c.close()
    true(vt.wait_until(lambda: server.metric("runs_running") == 0 and server.metric("runs_queued") == 0), "it goes on")
    before = server.metric("runs_total")
    same(server.run("print(1)")["stdout"]["text"], "1\n")
    same(server.metric("runs_total"), before + 1)


def refused():
    """Every fault is listed with its place."""
    def faults(body):
        reply = take(send(body))
        same(reply.status, 422, reply.body[:300])
        return {e["pointer"]: e["detail"] for e in reply.json["errors"]}
    same(set(faults({})), {""})
    same(set(faults({"snippets": [{"code": "1"}]})), {"/snippets"})
    same(set(faults({"snippets": [{"code": "1"}] * 7})), {"/snippets"})
    same(set(faults({"snippets": [{"code": "1"}, {}, 3], "rounds": 5, "budget_ms": 1e9, "lenses": ["gc"], "code": "1"})),
         {"/snippets/1", "/snippets/2", "/rounds", "/budget_ms", "/lenses", "/code"})
    same(set(faults({"snippets": [{"code": "1", "name": "x"}, {"code": "2", "name": "x"}]})), {"/snippets/1"})
    same(set(faults({"snippets": [{"code": "1", "name": ""}, {"code": "a\0b"}]})), {"/snippets/0/name", "/snippets/1/code"})
    same(set(faults({"snippets": [{"code": "1"}], "sizes": [1, 2, 3]})), {"/sizes"})
    same(set(faults({"snippets": [{"code": "1"}], "sizes": [4, 8, 8, 0, 10 ** 10, "9", 20], "counts": False})),
         {"/sizes/2", "/sizes/3", "/sizes/4", "/sizes/5", "/counts"})
    same(set(faults({"snippets": [{"code": "1"}], "sizes": list(range(1, 18))})), {"/snippets", "/sizes"})
    same(set(faults({"snippets": [{"code": "1"}], "sizes": [1, 2, 3, 4], "args": ["x"] * 64})), {"/args"})
    same(set(faults({"snippets": [{"code": "1"}], "counts": 1})), {"/snippets", "/counts"})
    same(list(faults({"snippets": [{"code": "1"}] * 2, "runtime": "2.7"})), ["/runtime"])
    c = server.connect(PATIENCE)
    c.request("POST", "/v1/measurements", "print(1)", {"Content-Type": "text/x-python"})
    same(take(c).status, 415)


try:
    vt.main([("three times the work", thrice), ("what each does, counted", counted), ("how counts grow", growing), ("one alone", alone),
             ("what was not counted to its end", not_counted), ("programs that wait", waiting), ("programs that are alike", alike),
             ("each run is in a fresh interpreter", fresh), ("a run that fails ends it", fails), ("what they print", prints),
             ("the budget", budget), ("as a stream", stream), ("a server that goes down", stops), ("a client that leaves", leaves), ("what is wrong with a request", refused)])
finally:
    server.stop()
