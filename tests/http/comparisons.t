#!/usr/bin/python3
"""POST /v1/comparisons: runs on several runtimes at a time, as one JSON and as a stream; who may have them, and what becomes of them
when a runtime or the client is lost.

There need be only one CPython here: the other runtimes are the same runner behind tests/http/relay, which gives it another id. So all
of them are the same but for addresses and times; what versions differ by, tests/unit/test_api_compare.c holds."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import sys
import tempfile
import time

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, take, true  # noqa: E402

DOC = yaml.safe_load(pathlib.Path("api/openapi.yaml").read_text())
RELAY = pathlib.Path("tests/http/relay").resolve()
ONE, TWO = "127.0.0.1", "127.0.0.2"
PATIENCE = 30 * vt.SLOWER
SLEEP = "import time; time.sleep(60)"
LONG = {"wall_ms": 60000}
FETCHED = sorted(p.parent.name for p in vt.BUILD.glob("runtimes/*/runner")) if not vt.SANITIZED else []


@contextlib.contextmanager
def serving(others=(), *args, broken=()):
    """A server with 3.11 and others, whose directory is its attribute `runners`."""
    with tempfile.TemporaryDirectory() as at:
        real = (vt.BUILD / "runner-3.11").resolve()
        os.symlink(real, f"{at}/runner-3.11")
        os.symlink(real, f"{at}/real")
        for i in others:
            os.symlink(RELAY, f"{at}/runner-{i}")
        for i in broken:
            pathlib.Path(at, f"runner-{i}").write_text("#!/bin/sh\nexit 1\n")
            os.chmod(f"{at}/runner-{i}", 0o755)
        with vt.Server("--runners", at, *args, runtimes=",".join(["3.11", *others, *broken])) as server:
            server.runners = at
            yield server


def schema_fits(name, value, but=()):
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOC["components"]}
    errors = [f"{e.json_path}: {e.message}"[:300] for e in jsonschema.Draft202012Validator(schema).iter_errors(value)]
    true(not errors, errors[:3])


def send(server, body, source=ONE, accept=None, timeout=PATIENCE):
    c = server.connect(timeout, source)
    headers = {"Content-Type": "application/json"} | ({"Accept": accept} if accept else {})
    c.request("POST", "/v1/comparisons", body if isinstance(body, bytes) else json.dumps(body), headers)
    return c


def compare(server, code, runtimes, **more):
    reply = take(send(server, {"code": code, "runtimes": runtimes, **more}))
    same(reply.status, 200, reply.body[:500])
    schema_fits("Comparison", reply.json)
    return reply.json


def stream_of(server, body, timeout=PATIENCE):
    return vt.Events(send(server, body, accept="text/event-stream", timeout=timeout))


def busy(server):
    return server.metric("runs_running") + server.metric("runs_queued")


def at_rest(server):
    true(vt.wait_until(lambda: busy(server) == 0, PATIENCE), f"{busy(server)} runs are still there")


def replies():
    """Each result is what a run answers; the aspects are those that were asked for."""
    with serving(["3.12", "3.9"]) as server:
        code = "def f(a):\n    return a\nprint(f(1))\nd, s, o = {'a': [1], 'b': 2}, {'x', 'y', 'z'}, object()\n"
        alone = server.run(code, lenses=["bytecode", "refcounts", "gc", "timing", "objects"], runtime="3.12")
        j = compare(server, code, ["3.12", "3.9", "3.11"], lenses=["bytecode", "refcounts", "gc", "timing", "objects"])
        same(j["runtimes"], ["3.12", "3.9", "3.11"])
        same([r["runtime"] for r in j["results"]], j["runtimes"])
        for r in j["results"]:
            same((list(r["run"]), r["run"]["runtime"]["id"], r["run"]["stdout"]["text"]), (list(alone), r["runtime"], "1\n"))
            same(list(r["run"]["lenses"]), list(alone["lenses"]))
        same(j["results"][0]["run"]["lenses"]["bytecode"]["code_objects"][1]["instructions"],
             alone["lenses"]["bytecode"]["code_objects"][1]["instructions"])
        # One CPython thrice: no aspect differs, and times are never judged.
        same(j["same"], {"verdict": True, "output": True, "bytecode": True, "refcounts": True, "gc": True, "timing": None, "objects": True})
        same((j["all_same"], j["baseline"]), (True, "3.12"))
        for aspect in ("verdict", "output", "bytecode", "refcounts", "gc", "objects"):
            same(j["differences"][aspect], {"groups": [["3.12", "3.9", "3.11"]], "incomplete": [], "against_baseline": []}, aspect)
        same([f["runtime"] for f in j["differences"]["timing"]["figures"]], j["runtimes"])
        true(j["id"].startswith("cmp_") and compare(server, "", ["3.11"])["id"] != j["id"], j["id"])
        # Address spaces of two processes that were not forked from one differ.
        j = compare(server, "print(object())", ["3.9", "3.11"])
        same((j["same"]["output"], j["all_same"]), (False, False))
        stdout = j["differences"]["output"]["against_baseline"][0]["stdout"]
        same((stdout["only_addresses"], [e["tag"] for e in stdout["edits"]]), (True, ["replace"]))
        same(stdout["edits"][0]["a"] + stdout["edits"][0]["b"], [r["run"]["stdout"]["text"] for r in j["results"]])
        # However a run ends.
        for program, limits in (("1/0", {}), ("while True: pass", {"cpu_ms": 100}), ("import os; os.abort()", {}), ("x = = 1", {}),
                                ("import sys; sys.stdout.buffer.write(b'\\xff')", {})):
            j = compare(server, program, ["3.9", "3.11"], limits=limits, lenses=["bytecode", "gc", "refcounts", "timing", "objects"])
            same(j["same"]["verdict"], True, program)


def everything():
    """"all" is every runner that there is, in order; one that cannot start is a problem and no more."""
    with serving(["3.12", "3.9"], broken=["3.8"]) as server:
        j = compare(server, "print(1)", "all")
        same(j["runtimes"], ["3.8", "3.9", "3.11", "3.12"])
        problem = j["results"][0]["problem"]
        same((j["results"][0]["run"], problem["status"], problem["type"]), (None, 503, "/problems/unavailable"))
        true("3.8 does not serve here: " in problem["detail"], problem)
        same((j["baseline"], j["same"], j["all_same"]), ("3.9", {"verdict": True, "output": True}, None))
        same(j["differences"]["output"]["groups"], [["3.9", "3.11", "3.12"]])
        # Of broken ones alone.
        j = compare(server, "print(1)", ["3.8"])
        same((j["baseline"], j["all_same"], j["same"]["output"]), (None, None, None))


def faults():
    with serving(["3.9"], "--per-client", "3") as server:
        def pointers(body):
            reply = take(send(server, body))
            same(reply.status, 422, reply.body)
            schema_fits("Problem", reply.json)
            return [e["pointer"] for e in reply.json["errors"]]
        same(pointers({"code": "", "runtimes": ["3.9", "2.7", "x"]}), ["/runtimes/1", "/runtimes/2"])
        same(pointers({"code": "", "runtimes": ["3.9", "3.9"]}), ["/runtimes/1"])
        same(pointers({"code": ""}), [""])
        same(pointers({"code": 1, "runtimes": "some", "limits": {"cpu_ms": 0}, "runtime": "3.9"}),
             ["/code", "/runtimes", "/limits/cpu_ms", "/runtime"])
        for body, status in ((b"{", 400), (b'{"code": "\xff"}', 400), (b"x" * (9 << 20), 413)):
            same(take(send(server, body)).status, status, body[:20])
        c = server.connect()
        same(vt.request(c, "POST", "/v1/comparisons", b"print(1)", {"Content-Type": "text/x-python"}).status, 415)
        same(vt.request(c, "GET", "/v1/comparisons").status, 405)
        # A page of another site may have this no more than a run.
        reply = vt.request(c, "POST", "/v1/comparisons", b"{}", {"Content-Type": "application/json", "Origin": "http://example.net"})
        same((reply.status, reply.json["type"]), (403, "/problems/foreign-origin"))
        # A request that asks for a stream hears of its faults by the status.
        reply = take(send(server, {"code": "", "runtimes": ["x"]}, accept="text/event-stream"))
        same((reply.status, reply.headers["Content-Type"]), (422, "application/problem+json"))
    with serving(["3.9"], "--per-client", "1") as server:
        # It could never be taken in: to come again would be of no use.
        reply = take(send(server, {"code": "", "runtimes": "all"}))
        same((reply.status, [e["pointer"] for e in reply.json["errors"]]), (422, ["/runtimes"]), reply.body)
        same(take(send(server, {"code": "", "runtimes": ["3.9"]})).status, 200)


def admission():
    """As many runs of its client as it has runtimes; in whole or not at all, and before anything is begun."""
    with serving(["3.9", "3.12"], "--slots", "1", "--queue", "9", "--per-client", "4") as server:
        first = send(server, {"code": SLEEP, "runtimes": ["3.9", "3.12"], "limits": LONG})
        true(vt.wait_until(lambda: busy(server) == 2, PATIENCE), "two runs are not two")
        same(server.metric("client_runs_most"), 2)
        begun = server.metric("runs_total")
        reply = take(send(server, {"code": "", "runtimes": "all"}))
        same((reply.status, reply.json["type"]), (429, "/problems/too-many-runs"), reply.body)
        true(int(reply.headers["Retry-After"]) >= 1, "no Retry-After")
        same((server.metric("runs_total"), busy(server)), (begun, 2), "something was begun")
        # Two have room beside two; then not even a head is read.
        second = send(server, {"code": SLEEP, "runtimes": ["3.9", "3.11"], "limits": LONG})
        true(vt.wait_until(lambda: busy(server) == 4, PATIENCE), "the second was not taken in")
        s = socket.create_connection((server.host, server.port), PATIENCE)
        s.sendall(b"POST /v1/comparisons HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
        true(s.makefile("rb").readline().startswith(b"HTTP/1.1 429 "), "the body was waited for")
        # Another client has a share of its own.
        third = send(server, {"code": SLEEP, "runtimes": ["3.9", "3.11"], "limits": LONG}, TWO)
        true(vt.wait_until(lambda: busy(server) == 6, PATIENCE), "the third was not taken in")
        for c in (first, second, third):
            c.close()
        at_rest(server)
    with serving(["3.9", "3.12"], "--slots", "1", "--queue", "1", "--per-client", "0") as server:
        reply = take(send(server, {"code": "", "runtimes": "all"}))
        same((reply.status, [e["pointer"] for e in reply.json["errors"]]), (422, ["/runtimes"]), reply.body)


def turns():
    """The only run of another client waits for one of a comparison's runs, not for all."""
    with serving(["3.9", "3.12", "3.13"], "--slots", "1") as server:
        many = send(server, {"code": SLEEP, "runtimes": "all", "limits": {"wall_ms": 1500}})
        true(vt.wait_until(lambda: busy(server) == 4, PATIENCE), "the comparison was not taken in")
        c = server.connect(PATIENCE, TWO)
        reply = vt.request(c, "POST", "/v1/runs", json.dumps({"code": "print(1)"}), {"Content-Type": "application/json"})
        same(reply.json["stdout"]["text"], "1\n")
        true(busy(server) >= 2, "its turn came last")
        same([r["run"]["status"] for r in take(many).json["results"]], ["limit"] * 4)


def waited_out():
    """One of the runs waits for too long: that is its own affair."""
    with serving(["3.9"], "--slots", "1", "--max-wait-ms", "400") as server:
        j = compare(server, SLEEP, ["3.9", "3.11"], limits={"wall_ms": 1500})
        same(j["results"][0]["run"]["status"], "limit")
        same((j["results"][1]["problem"]["type"], j["all_same"]), ("/problems/busy", None))
        # By now it is known what such runs take, and that the second would wait for too long.
        reply = take(send(server, {"code": "", "runtimes": ["3.9", "3.11"]}))
        same((reply.status, reply.json["type"]), (503, "/problems/busy"), reply.body)
    with serving(["3.9"], "--slots", "1") as server:
        j = compare(server, SLEEP, ["3.9", "3.11"], limits={"deadline_ms": 300})
        same((j["results"][0]["run"]["limit"]["name"], j["results"][1]["problem"]["type"]), ("deadline", "/problems/deadline"))


def lost():
    """A runtime that is lost with its run, twice, is a problem; the others are as they are."""
    with serving(["3.9", "3.12"]) as server:
        pathlib.Path(server.runners, "dies-3.12").touch()
        j = compare(server, "print(1)", "all")
        same([r["runtime"] for r in j["results"] if r["problem"]], ["3.12"])
        problem = next(r["problem"] for r in j["results"] if r["problem"])
        same((problem["status"], problem["type"]), (503, "/problems/unavailable"))
        true("not the program's fault" in problem["detail"], problem)
        same((j["baseline"], j["same"]["output"], j["all_same"]), ("3.9", True, None))


def left():
    """The client leaves: all of its runs end."""
    with serving(["3.9", "3.12"], "--slots", "2") as server:
        for accept in (None, "text/event-stream"):
            c = send(server, {"code": SLEEP, "runtimes": "all", "limits": LONG}, accept=accept)
            true(vt.wait_until(lambda: (server.metric("runs_running"), server.metric("runs_queued")) == (2, 1), PATIENCE),
                 "they do not run")
            c.close()
            at_rest(server)
        same(compare(server, "print(1)", "all")["all_same"], True)


def stream():
    """Results come one by one, as runs end."""
    with serving(["3.9", "3.12"], "--slots", "1", broken=["3.8"]) as server:
        code = "import sys\nprint(sys.stdin.read())\nimport time; time.sleep(1.5)"
        s = stream_of(server, {"code": code, "stdin": "line\u2028\r\nend", "runtimes": "all", "lenses": ["gc"]})
        same((s.reply.status, s.reply.headers["Content-Type"], s.reply.headers["X-Accel-Buffering"], s.reply.headers["Cache-Control"]),
             (200, "text/event-stream", "no", "no-store"))
        true(s.reply.headers["X-Request-Id"].startswith("req_"), "no id")
        same(s.next(), (None, "begun"))
        found = []
        event, data = s.event()
        same((event, data["runtime"]), ("problem", "3.8"))
        schema_fits("ComparisonResult", data)
        while (event := s.event())[0] == "result":
            schema_fits("ComparisonResult", event[1])
            found.append(event[1]["runtime"])
            same(event[1]["run"]["stdout"]["text"], "line\u2028\r\nend\n")
            if len(found) == 1:
                true(busy(server) > 0, "they came all at once")
        same(sorted(found), ["3.11", "3.12", "3.9"])
        event, data = event
        same(event, "differences")
        schema_fits("Comparison", data)
        same((data["runtimes"], "results" in data, data["same"]["gc"]), (["3.8", "3.9", "3.11", "3.12"], False, True))
        event, done = s.event()
        same((event, done), ("done", {"id": data["id"]}))
        same(s.reply.read(), b"")  # and that is its end, not a break
        s.connection.request("GET", "/livez")  # on the same connection
        same(s.connection.getresponse().status, 200)
        s.close()
        # A client of HTTP/1.0 has the end of the connection for an end.
        raw = socket.create_connection((server.host, server.port), PATIENCE)
        body = b'{"code": "", "runtimes": ["3.9"]}'
        raw.sendall(b"POST /v1/comparisons HTTP/1.0\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: "
                    + str(len(body)).encode() + b"\r\n\r\n" + body)
        text = raw.makefile("rb").read()
        true(text.startswith(b"HTTP/1.") and b"event: done\ndata: " in text and text.endswith(b"\n\n"), text[-200:])
        # Not asked for, not given.
        for accept in ("application/json", "text/event-stream;q=0", "*/*"):
            reply = take(send(server, {"code": "", "runtimes": ["3.9"]}, accept=accept))
            same(reply.headers["Content-Type"], "application/json", accept)


def unread():
    """A client that does not read costs no slot, and one that leaves in the middle of much ends the rest."""
    with serving(["3.9", "3.12", "3.13"], "--slots", "1") as server:
        code = "import sys, time\nsys.stdout.write('x' * (8 << 20)); sys.stdout.flush()\ntime.sleep(60)"
        body = {"code": code, "runtimes": "all", "limits": {"wall_ms": 3000 * vt.SLOWER, "output_bytes": 16 << 20}}
        s = stream_of(server, body)
        while (event := s.next())[0] is None:
            pass  # the first result is whole here, of eight million bytes
        same(len(event[1]["run"]["stdout"]["text"]), 8 << 20)
        true(busy(server) == 3, "they are not one after the other")
        # Of the second nothing is read: what is sent fills the socket.
        true(vt.wait_until(lambda: busy(server) == 2, PATIENCE), "the second does not end")
        end = time.monotonic() + 2 * 3 * vt.SLOWER
        s.close()
        at_rest(server)
        true(time.monotonic() < end, "they went on to their end")
        same(compare(server, "print(1)", "all")["all_same"], True)


def heartbeat():
    """While nothing is there to be sent, a comment says that the connection lives."""
    with serving(["3.9"]) as server:
        s = stream_of(server, {"code": SLEEP, "runtimes": ["3.9"], "limits": LONG}, timeout=60)
        same(s.next(), (None, "begun"))
        began = time.monotonic()
        same(s.next(), (None, "waiting"))
        true(time.monotonic() - began > 10, "it beats too fast")
        s.close()
        at_rest(server)


def stopping():
    """A server that is told to stop finishes what was taken in; told again, it ends at once."""
    with serving(["3.9"]) as server:
        s = stream_of(server, {"code": "import time; time.sleep(2); print(1)", "runtimes": "all"})
        same(s.next(), (None, "begun"))
        true(vt.wait_until(lambda: busy(server) == 2, PATIENCE), "they do not run")
        server.process.send_signal(signal.SIGTERM)
        events = []
        while event := s.event():
            events.append(event[0])
        same(events, ["result", "result", "differences", "done"])
        s.close()
        same(server.process.wait(PATIENCE), 0)
    with serving(["3.9"]) as server:
        s = stream_of(server, {"code": SLEEP, "runtimes": "all", "limits": LONG})
        same(s.next(), (None, "begun"))
        waits = send(server, {"code": SLEEP, "runtimes": "all", "limits": LONG})
        true(vt.wait_until(lambda: busy(server) == 4, PATIENCE), "they do not run")
        server.process.send_signal(signal.SIGTERM)
        true(vt.wait_until(lambda: refuses(server), PATIENCE), "it does not stop")
        server.process.send_signal(signal.SIGTERM)
        same(server.process.wait(PATIENCE), 0)
        try:
            left_over = s.reply.read()
        except (http.client.IncompleteRead, ConnectionError) as e:
            left_over = getattr(e, "partial", b"")
        true(b"event: done" not in left_over, "it was cut, and says that it was not")
        waits.close()


def refuses(server):
    try:
        socket.create_connection((server.host, server.port), 1).close()
        return False
    except OSError:
        return True


def at_once():
    """Six warm runtimes take what the slowest of them takes, and a fifth more: they go side by side. The program waits and does not
    compute, so that cores are free however many there are."""
    with serving([f"3.{n}" for n in (8, 9, 10, 12, 13)], "--slots", "6") as server:
        code = f"import time; time.sleep({2 * vt.SLOWER})"
        compare(server, "print(1)", "all")  # all are warm

        def took(fn):
            began = time.monotonic()
            fn()
            return time.monotonic() - began
        single = max(took(lambda: server.run(code, runtime=i)) for i in ("3.11", "3.13"))
        together = took(lambda: compare(server, code, "all"))
        print(f"# one {single:.3f} s, six together {together:.3f} s")
        true(together < 1.2 * single, f"one takes {single:.3f} s, six together {together:.3f} s")


# Prints of each code object what it is and what dis says its instructions are.
DIS = """import dis, math, types
def area(rows):
    total = 0
    for i, row in enumerate(rows):
        if i % 2 and row:
            continue
        total += sum([x * i for x in row])
    return total
def safe(f, *args):
    try:
        return f(*args)
    except ValueError as e:
        return f'{e}'
print(area([[1, 2], [3]]), safe(math.sqrt, -1))
def show(code):
    for i in dis.get_instructions(code):
        print(code.co_name, i.opname, sep='|')
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            show(c)
show(area.__code__), show(safe.__code__)
"""


def applied(edits, a):
    """What edits make of a: what they put in is theirs, what they leave is a's."""
    made, at = [], 0
    for e in edits:
        same(e["a"], a[e["a_from"]:e["a_to"]])
        made += a[at:e["a_from"]] + e["b"]
        at = e["a_to"]
    return made + a[at:]


def versions():
    """On CPythons that do differ: what each of them says of itself, and what came in with which, by What's New."""
    if not FETCHED:
        raise vt.Skip("there is one CPython here; make runtimes")
    with vt.Server(runtimes=",".join(["3.11", *FETCHED])) as server:
        ids = [r["id"] for r in server.get("/v1/runtimes").json["runtimes"]]
        same(sorted(ids), sorted(["3.11", *FETCHED]))
        j = compare(server, DIS, ids, lenses=["bytecode", "gc", "refcounts"])
        runs = {r["runtime"]: r["run"] for r in j["results"]}
        same([i for i in ids if runs[i]["status"] != "ok"], [])
        own, lines = {}, {}
        for i in ids:
            lines[i] = runs[i]["stdout"]["text"].splitlines(keepends=True)
            for name, op in (line.strip().split("|") for line in lines[i][1:]):
                own.setdefault((i, name), []).append(op)
        version = {i: tuple(map(int, runs[i]["runtime"]["version"].split("rc")[0].split("a")[0].split("b")[0].split(".")[:2])) for i in ids}
        base = j["baseline"]
        same(base, ids[0])
        # 3.14: sqrt says what it wants.  3.12: [x for x in y] is no function any more (PEP 709).
        for i in ids:
            true(("nonnegative" in lines[i][0]) == (version[i] >= (3, 14)), lines[i][0])
            true(((i, "<listcomp>") in own) == (version[i] < (3, 12)), i)
        for d in j["differences"]["output"]["against_baseline"]:
            if not d["truncated"]:
                for i in d["runtimes"]:
                    same(applied(d["stdout"]["edits"], lines[base]), lines[i], i)
        grouped = [i for g in j["differences"]["bytecode"]["groups"] for i in g]
        same(sorted(grouped), sorted(ids))
        checked = 0
        for d in j["differences"]["bytecode"]["against_baseline"]:
            for i in d["runtimes"]:
                names = {c["qualname"]: c for c in d["code_objects"]}
                true("area" in names and "safe" in names, "functions that differ are missing")
                for name in ("area", "safe"):
                    # Of the base what dis said there, with its edits, is what dis said on the other.
                    edits = [{**e, "a": [t.split()[0] for t in e["a"]], "b": [t.split()[0] for t in e["b"]]} for e in names[name]["edits"]]
                    same(applied(edits, own[base, name]), own[i, name], (i, name))
                    same(names[name]["instructions"], {"a": len(own[base, name]), "b": len(own[i, name])})
                    checked += 1
                inlined = (version[base] < (3, 12)) != (version[i] < (3, 12))
                same([c["only"] for c in d["code_objects"] if c["qualname"].endswith("<listcomp>")],
                     ["a" if version[base] < (3, 12) else "b"] * inlined if inlined else
                     [None] * any(c["qualname"].endswith("<listcomp>") for c in d["code_objects"]), i)
        true(checked >= 2, "no versions differ in their bytecode")


vt.main([
    ("each result is what a run answers, and beside them what differs", replies),
    ("all runtimes, and one that is broken among them", everything),
    ("what is wrong with a request", faults),
    ("taken in as a whole or not at all", admission),
    ("nobody waits for a whole comparison", turns),
    ("a run that waits for too long", waited_out),
    ("a runtime that is lost", lost),
    ("a client that leaves", left),
    ("a stream of results", stream),
    ("a stream that nobody reads", unread),
    ("a comment while there is nothing else", heartbeat),
    ("a server that stops", stopping),
    ("six runtimes at once", at_once),
    ("versions that differ", versions),
])
