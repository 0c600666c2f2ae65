#!/usr/bin/python3
"""POST /v1/runs as Server-Sent Events: a program's output while it goes on.

That it comes while the program goes on is known without a clock: the program waits for what the client does when it has read a part.
"""
import base64
import json
import os
import pathlib
import signal
import sys

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, take, true  # noqa: E402

DOC = yaml.safe_load(pathlib.Path("api/openapi.yaml").read_text())
SCHEMAS = {"started": "RunStarted", "output": "RunOutput", "progress": "RunProgress", "result": "Run", "problem": "Problem"}
PATIENCE = 60 * vt.SLOWER
LONG = {"wall_ms": 60000}
server = vt.Server()


def send(body, at=server, kind="application/json", query=""):
    c = at.connect(PATIENCE)
    c.request("POST", "/v1/runs" + query, body if isinstance(body, str) else json.dumps(body),
              {"Content-Type": kind, "Accept": "text/event-stream"})
    return c


def events(body, at=server, **more):
    found = vt.Events(send(body, at, **more))
    same((found.reply.status, found.reply.headers["Content-Type"]), (200, "text/event-stream"))
    return found


def fit(all_of_them):
    for event, data in all_of_them:
        if event in SCHEMAS:
            schema = {"$ref": f"#/components/schemas/{SCHEMAS[event]}", "components": DOC["components"]}
            errors = [f"{e.json_path}: {e.message}"[:300] for e in jsonschema.Draft202012Validator(schema).iter_errors(data)]
            true(not errors, (event, errors[:3]))


def written(all_of_them):
    """What each stream is by its parts, as bytes."""
    found = {"stdout": b"", "stderr": b""}
    for event, data in all_of_them:
        if event == "output":
            found[data["stream"]] += data["text"].encode() if "text" in data else base64.b64decode(data["base64"])
    return found


def names(all_of_them):
    return [event for event, _ in all_of_them if event != "output"]


def while_it_runs():
    """The program goes on for as long as its client has not left; and what it wrote has been read."""
    for stream in ("stdout", "stderr"):
        e = events({"code": f"import sys, time\nprint('before', file=sys.{stream}, flush=True)\ntime.sleep(59)\n", "limits": LONG})
        same(e.event()[0], "started")
        same(e.event(), ("output", {"stream": stream, "text": "before\n"}))
        same(server.metric("runs_running"), 1)
        e.close()
        true(vt.wait_until(lambda: server.metric("runs_running") == 0, PATIENCE), "it goes on without its client")


def whole():
    """All parts together are what the result has, whatever the bytes are, however they are cut."""
    code = ("import os, sys, time\n"
            "for i in range(2000):\n"
            "    for b in '\\u00e9\\u20ac\\U0001f40d\\0'.encode():\n"
            "        os.write(1, bytes([b]))\n"
            "    if i % 100 == 0: time.sleep(0.01)\n"
            "os.write(2, b'ab\\xff\\xfecd')\n")
    all_of_them = events({"code": code, "limits": LONG}).all()
    fit(all_of_them)
    same(names(all_of_them), ["started", "progress", "result", "done"])
    parts = written(all_of_them)
    same(parts["stdout"], "\u00e9\u20ac\U0001f40d\0".encode() * 2000)
    same(parts["stderr"], b"ab\xff\xfecd")
    true(all("text" in d for e, d in all_of_them if e == "output" and d["stream"] == "stdout"), "a character was cut")
    result = dict(all_of_them)["result"]
    same(result["stdout"]["text"].encode(), parts["stdout"])
    same(base64.b64decode(result["stderr"]["base64"]), parts["stderr"])
    same((all_of_them[0][1]["id"], all_of_them[-1][1]["id"]), (result["id"], result["id"]))
    same(all_of_them[0][1]["queue_ns"], result["usage"]["queue_ns"])


def few():
    """As many parts as time goes by, not as there are writes."""
    code = "import os\nfor i in range(200000): os.write(1, b'x')\n"
    all_of_them = events({"code": code, "limits": LONG}).all()
    result = dict(all_of_them)["result"]
    same(written(all_of_them)["stdout"], b"x" * 200000)
    parts = sum(e == "output" for e, _ in all_of_them)
    # One at once, one each 25 ms, one at the end.
    true(parts <= result["usage"]["wall_ns"] / 25e6 + 2, (parts, result["usage"]))


def lenses():
    """Passes are told one by one, the program's own output once; the result is what a run answers."""
    code = "import gc\nprint('once')\nx = [1, 2]\ngc.collect()\n"
    body = {"code": code, "lenses": ["bytecode", "gc", "refcounts"], "hash_seed": 1, "start": "cold"}
    all_of_them = events(body).all()
    fit(all_of_them)
    same(written(all_of_them)["stdout"], b"once\n")
    told = [d for e, d in all_of_them if e == "progress"]
    same([d["over"] for d in told], list(range(1, told[0]["passes"] + 1)))
    true(len(told) > 1 and all(d["passes"] == len(told) for d in told), told)
    alone = server.post(body).json
    result = dict(all_of_them)["result"]
    for member in ("status", "stdout", "stderr", "exit_code", "runtime", "notes", "start", "hash_seed"):
        same(result[member], alone[member], member)
    same(result["lenses"]["bytecode"], alone["lenses"]["bytecode"])
    same(result["lenses"]["refcounts"], alone["lenses"]["refcounts"])


def ended():
    """One that a limit ends has said what it wrote, and the result says which limit."""
    for code, limits, name in (("print('a', flush=True)\nimport time\ntime.sleep(60)", {"wall_ms": 1500}, "wall"),
                               ("print('a', flush=True)\nwhile True: pass", {"cpu_ms": 300, "wall_ms": 60000}, "cpu"),
                               ("while True: print('a' * 99)", {"output_bytes": 5000, "wall_ms": 60000}, "output")):
        all_of_them = events({"code": code, "limits": limits}).all()
        fit(all_of_them)
        result = dict(all_of_them)["result"]
        same((result["status"], result["limit"]["name"]), ("limit", name))
        same(written(all_of_them)["stdout"].decode(), result["stdout"]["text"])
        true(result["stdout"]["text"].startswith("a"), result["stdout"])


def cut():
    """Output that is cut amid a character: its bytes are there as far as they go."""
    all_of_them = events({"code": "print('\u20ac' * 9)", "limits": {"output_bytes": 10}}).all()
    result = dict(all_of_them)["result"]
    same(result["stdout"], {"text": "\u20ac" * 3, "truncated": True})
    same(written(all_of_them)["stdout"], ("\u20ac" * 4).encode()[:10])


def source():
    """A source as it is, with its options in the query."""
    all_of_them = events("print(input())", kind="text/x-python", query="?stdin=hello&lens=gc").all()
    same(written(all_of_them)["stdout"], b"hello\n")
    same(list(dict(all_of_them)["result"]["lenses"]), ["gc"])


def made_again():
    """A runner that dies amid a run: what was output is void, and comes once more; the second time the run could not be made."""
    with vt.Server() as other:
        e = events({"code": "print('begun', flush=True)\nimport time\ntime.sleep(59)\n", "limits": LONG}, other)
        seen = []
        for _ in range(2):
            while (event := e.event())[0] != "output":
                seen.append(event[0])
            same(event[1], {"stream": "stdout", "text": "begun\n"})
            (runner,) = other.children()
            os.kill(runner, signal.SIGKILL)
        rest = e.all()
        fit(rest)
        same(seen + names(rest), ["started", "again", "started", "problem", "done"])
        same((rest[-2][1]["status"], rest[-2][1]["type"]), (503, "/problems/unavailable"))


def refused():
    """What is wrong with a request is no stream, and a deadline that is over before it begins is a problem in one."""
    for body, status in (({"code": 1}, 422), ({"code": "1", "runtime": "2.7"}, 422), ("{", 400)):
        reply = take(send(body))
        same((reply.status, reply.headers["Content-Type"]), (status, "application/problem+json"))
    c = server.connect(PATIENCE)
    for accept in ("application/json", "*/*", "text/event-stream;q=0"):
        reply = vt.request(c, "POST", "/v1/runs", json.dumps({"code": "print(1)"}), {"Content-Type": "application/json", "Accept": accept})
        same((reply.status, reply.json["stdout"]["text"]), (200, "1\n"))


def late():
    with vt.Server("--slots", "1") as other:
        first = events({"code": "import time\nprint(1, flush=True)\ntime.sleep(59)", "limits": LONG}, other)
        same([first.event()[0], first.event()[0]], ["started", "output"])
        second = events({"code": "print(2)", "limits": {"deadline_ms": 300}}, other).all()
        fit(second)
        same(names(second), ["problem", "done"])
        same((second[0][1]["status"], second[0][1]["type"]), (503, "/problems/deadline"))
        first.close()


def unread():
    """A client that reads nothing keeps nobody: the run ends, others go on, and all of it is there when it is read after all."""
    code = "import sys\nfor i in range(64): sys.stdout.write('x' * (1 << 17)); sys.stdout.flush()\n"
    e = events({"code": code, "limits": LONG | {"output_bytes": 16 << 20}})
    true(vt.wait_until(lambda: server.metric("runs_running") == 0, PATIENCE), "it waits for its client")
    same(server.run("print(1)")["stdout"]["text"], "1\n")
    all_of_them = e.all()
    same(len(written(all_of_them)["stdout"]), 8 << 20)
    same(all_of_them[-1][0], "done")


def stopping():
    """A server that goes down lets it come to its end."""
    other = vt.Server()
    e = events({"code": "import time\nprint(1, flush=True)\ntime.sleep(1)\nprint(2)"}, other)
    same([e.event()[0], e.event()[0]], ["started", "output"])
    other.process.send_signal(signal.SIGTERM)
    rest = e.all()
    same(written(rest)["stdout"], b"2\n")
    same(rest[-1][0], "done")
    same(other.process.wait(PATIENCE), 0)


try:
    vt.main([("while it runs", while_it_runs), ("all parts together", whole), ("few parts", few), ("with lenses", lenses),
             ("ended by a limit", ended), ("cut amid a character", cut), ("a source as it is", source), ("made again", made_again),
             ("refused", refused), ("late", late), ("not read", unread), ("a server that goes down", stopping)])
finally:
    server.stop()
