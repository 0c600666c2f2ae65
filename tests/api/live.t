#!/usr/bin/python3
"""The contract against a running server: what it answers fits api/openapi.yaml, and it takes exactly the requests that
fit the schema, but for rules that a schema cannot say."""
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import jsonschema
import yaml

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"))
DOC = yaml.safe_load(pathlib.Path("api/openapi.yaml").read_text())
results = []


def check(name, fn, *args):
    try:
        fn(*args)
        results.append((name, None))
    except Exception as e:  # every failure is a result
        results.append((name, f"{type(e).__name__}: {e}"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


BASE = f"http://127.0.0.1:{free_port()}"


def call(method, path, body=None, kind=None):
    request = urllib.request.Request(BASE + path, data=body, method=method, headers={"Content-Type": kind} if kind else {})
    try:
        reply = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as e:
        reply = e
    return reply.status, reply.headers.get_content_type(), reply.read()


def follow(node):
    while "$ref" in node:
        at = DOC
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def schema_errors(schema, value):
    return [f"{e.json_path}: {e.message}"[:300] for e in jsonschema.Draft202012Validator({**schema, "components": DOC["components"]}).iter_errors(value)]


def answer(method, path, body=None, kind=None):
    """Calls, holds the reply against the contract, and returns its status and value."""
    status, got, text = call(method, path, body, kind)
    operation = DOC["paths"][path.partition("?")[0]][method.lower()]
    assert str(status) in operation["responses"], f"{status} is not described: {text[:300]}"
    content = follow(operation["responses"][str(status)])["content"]
    assert got in content, f"{got} is not described for {status}"
    if "json" not in got:
        return status, text.decode()
    value = json.loads(text)
    errors = schema_errors(content[got]["schema"], value)
    assert not errors, f"{status}: {errors[:3]}"
    return status, value


def run(request):
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return answer("POST", "/v1/runs", body, "application/json")


def gets(path):
    status, _ = answer("GET", path)
    assert status == 200, status


ALL = list(DOC["components"]["schemas"]["LensOptions"]["properties"])
RUNS = {
    "ok": ({"code": "import gc\nx = [1]\ngc.collect()\nprint(x)", "lenses": ALL}, "ok"),
    "adaptive": ({"code": "def f(n):\n    return n + 1\nfor i in range(99): f(i)", "lenses": {"bytecode": {"adaptive": True, "show_caches": True}}}, "ok"),
    "error": ({"code": "def f(): 1/0\nf()", "lenses": ALL}, "error"),
    "syntax error": ({"code": "x = = 1", "lenses": ALL}, "error"),
    "deep exception": ({"code": "def f(): f()\nf()"}, "error"),
    "str of the exception raises": ({"code": "class E(Exception):\n    def __str__(self): raise self\nraise E"}, "error"),
    "bytes": ({"code": "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + b'\\xff\\0')", "stdin": {"base64": "AP8="}}, "ok"),
    "output": ({"code": "while True: print(1)", "limits": {"output_bytes": 100}, "lenses": ALL}, "limit"),
    "wall": ({"code": "a = 1\nwhile True: pass", "limits": {"wall_ms": 300}, "lenses": ALL}, "limit"),
    "cpu": ({"code": "while True: pass", "limits": {"cpu_ms": 100}}, "limit"),
    "deadline": ({"code": "while True: pass", "limits": {"deadline_ms": 300}, "lenses": ALL}, "limit"),
    "signal": ({"code": "import os; os.abort()", "lenses": ALL}, "signal"),
    "overflow": ({"code": "import sys\nsys.setrecursionlimit(10**6)\nclass A:\n    def __getattr__(self, n): return getattr(self, n)\nA().a\n", "lenses": ["frames"]}, "signal"),
    "tasks": ({"code": "import asyncio, time\nasync def f(n):\n    await asyncio.sleep(n / 100)\n    time.sleep(0.02)\nasync def main():\n    await asyncio.gather(f(1), f(2))\n    await asyncio.to_thread(time.sleep, 0.01)\n    await asyncio.ensure_future(f(3))\n    raise KeyError\nasyncio.run(main())\n", "lenses": {"tasks": {"blocked_ms": 10}}}, "error"),
    "threads": ({"code": "import threading, time\ndef f():\n    for i in range(10**6): x = i\n    time.sleep(0.01)\nts = [threading.Thread(target=f, daemon=d) for d in (True, False)]\nfor t in ts: t.start()\nfor t in ts: t.join()\n", "lenses": ["threads"]}, "ok"),
    "processes": ({"code": "import multiprocessing, os\nmp = multiprocessing.get_context('fork')\na, b = mp.Pipe()\np = mp.Process(target=b.send, args=([1],))\np.start(); a.recv(); p.join()\nif os.fork() == 0: os.abort()\nos.wait()\ntry: os.posix_spawn('/x', ['x'], {})\nexcept OSError: pass\n", "lenses": ["processes"]}, "ok"),
    "races": ({"code": "import threading\nn = 0\na, b = threading.Lock(), threading.Lock()\ndef f(x, y):\n    global n\n    with x:\n        with y: n += 1\n    1 / 0\nts = [threading.Thread(target=f, args=p) for p in ((a, b), (b, a))]\nfor t in ts: t.start()\nfor t in ts: t.join()\nprint(n)\n", "lenses": {"races": {"schedules": 20, "seed": 7, "line": 7}}}, "ok"),
    "cold": ({"code": "print(hash('a'))", "hash_seed": 0, "args": ["a"], "files": [{"path": "d/x.py", "text": ""}]}, "ok"),
}


def one_run(request, want):
    assert not schema_errors({"$ref": "#/components/schemas/RunRequest"}, request)
    status, reply = run(request)
    assert (status, reply["status"]) == (200, want), (status, reply)
    assert set(reply["lenses"]) == set(request.get("lenses", ()))


def code(**more):
    return {"code": "", **more}


AGREE = [
    {}, [], 5, {"code": None}, {"code": 1}, code(x=1), {"code": "\0"}, code(stdin=None), code(stdin={}), code(stdin={"text": "", "base64": ""}),
    code(stdin={"base64": "***"}), code(stdin={"text": "", "x": 1}), code(args="a"), code(args=[1]), code(args=["\0"]), code(args=[""] * 65), code(args=[""] * 64),
    code(files={}), code(files=[{}]), code(files=[{"path": "a"}]), code(files=[{"path": "main.py", "text": ""}]), code(files=[{"path": "/a", "text": ""}]),
    code(files=[{"path": "a", "text": "", "base64": ""}]), code(files=[{"path": "", "text": ""}]), code(files=[{"path": "p" * 201, "text": ""}]),
    code(files=[{"path": "p" * 200, "text": ""}]), code(files=[{"path": "a", "text": 1}]), code(files=[{"path": "a", "base64": "AA=="}]),
    code(runtime=3.11), code(runtime=""), code(runtime="x" * 16), code(start="hot"), code(start=None), code(hash_seed=-1), code(hash_seed=4294967296),
    code(hash_seed="0"), code(hash_seed=None), code(hash_seed=1.5), code(lenses=["nope"]), code(lenses=["gc", "gc"]), code(lenses=[]), code(lenses={}),
    code(lenses="gc"), code(lenses={"gc": True}), code(lenses={"gc": None}), code(lenses={"gc": {"x": 1}}), code(lenses={"bytecode": {"adaptive": 1}}),
    code(lenses={"refcounts": {"names": []}}), code(lenses={"refcounts": {"names": ["1a"]}}), code(lenses={"refcounts": {"names": ["a b"]}}),
    code(lenses={"refcounts": {"names": ["a", "a"]}}), code(lenses={"refcounts": {"names": ["_a1", "\u00e9"]}}), code(lenses={"refcounts": {"names": "a"}}),
    code(limits=None), code(limits={"wall_ms": None}), code(limits={"wall_ms": "5"}), code(limits={"wall_ms": 1.5}), code(limits={"wall_ms": True}),
    code(limits={"cpu_ms": 2000.0}), code(limits={"wall": 1}),
    code(limits={"deadline_ms": None}), code(limits={"deadline_ms": 600000}), code(limits={"deadline_ms": "5"}), code(limits={"deadline_ms": 1.5}),
]
for member, s in DOC["components"]["schemas"]["Limits"]["properties"].items():
    AGREE += [code(limits={member: v}) for v in (s["minimum"] - 1, s["maximum"] + 1, -1, 0)]


def agrees(request):
    fits = not schema_errors({"$ref": "#/components/schemas/RunRequest"}, request)
    status, reply = run(request)
    assert status == (200 if fits else 422), f"the schema {'takes' if fits else 'refuses'} it: {status} {reply}"


# What a schema cannot say, and where the fault is.
BEYOND = {
    "a path with ..": (code(files=[{"path": "a/../b", "text": ""}]), ["/files/0/path"]),
    "a path twice": (code(files=[{"path": "a", "text": ""}, {"path": "a", "text": ""}]), ["/files/1/path"]),
    "base64 cut": (code(stdin={"base64": "AAA"}), ["/stdin/base64"]),
    "no such runtime": (code(runtime="9.9"), ["/runtime"]),
    "NaN": (b'{"code": "", "limits": {"wall_ms": NaN}}', ["/limits/wall_ms"]),
    "1e400": (b'{"code": "", "limits": {"wall_ms": 1e400, "cpu_ms": -1e400}}', ["/limits/wall_ms", "/limits/cpu_ms"]),
    "two faults": (code(a=1, args=[2]), ["/a", "/args/0"]),
}


def points_at(request, pointers):
    status, reply = run(request)
    assert status == 422, status
    assert [e["pointer"] for e in reply["errors"]] == pointers, reply


NOT_JSON = {
    "nothing": b"", "cut": b'{"code": "a', "deep": b"[" * 100000, "deep objects": b'{"a":' * 100000, "not UTF-8": b'{"code": "\xff"}',
    "a member twice": b'{"code": "", "code": ""}', "a lone surrogate": b'{"code": "\\ud800"}', "more behind it": b'{"code": ""} {}',
}


def not_json(body):
    status, reply = run(body)
    assert (status, reply["type"]) == (400, "/problems/not-json"), (status, reply)
    assert not body or "byte offset" in reply["detail"], reply


def as_text():
    status, reply = answer("POST", "/v1/runs?arg=a&arg=b&lens=gc,timing&stdin=x&wall_ms=5000", b"import sys; print(sys.argv[1:], input())", "text/x-python")
    assert (status, reply["stdout"]["text"]) == (200, "['a', 'b'] x\n"), (status, reply)
    assert set(reply["lenses"]) == {"gc", "timing"}
    status, reply = answer("POST", "/v1/runs?wall_ms=0&nope=1", b"", "text/x-python")
    assert [e["pointer"] for e in reply["errors"]] == ["/limits/wall_ms", "/nope"], reply
    assert answer("POST", "/v1/runs", b"\xff", "text/x-python")[0] == 400
    assert answer("POST", "/v1/runs", b"x", "text/plain")[0] == 415
    assert answer("POST", "/v1/runs", b"x" * (10 << 20), "application/json")[0] == 413


def defaults():
    _, posture = answer("GET", "/v1/posture")
    for member, s in DOC["components"]["schemas"]["Limits"]["properties"].items():
        assert posture["limits"][member] == {k: s[k] for k in ("default", "minimum", "maximum")}, member


def main():
    for path in ("/v1/runtimes", "/v1/lenses", "/v1/posture", "/livez", "/readyz", "/metrics", "/openapi.yaml"):
        check(f"GET {path}", gets, path)
    check("the limits in force are those of the contract", defaults)
    for name, (request, want) in RUNS.items():
        check(f"a run: {name}", one_run, request, want)
    for request in AGREE:
        check(f"schema and server agree: {json.dumps(request)[:80].replace('#', '')}", agrees, request)
    for name, (request, pointers) in BEYOND.items():
        check(f"a fault is pointed at: {name}", points_at, request, pointers)
    for name, body in NOT_JSON.items():
        check(f"not JSON: {name}", not_json, body)
    check("the source as text/x-python", as_text)


def until_ready(server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if call("GET", "/readyz")[0] == 200:
                return True
        except OSError:
            pass  # not listening yet
        time.sleep(0.05)
    return False


print("TAP version 13")
if not os.access(BUILD / "vitrine", os.X_OK):
    print("1..1\nok 1 - a running server # SKIP the program is not built")
    raise SystemExit
server = subprocess.Popen([BUILD / "vitrine", "serve", "--listen", BASE.removeprefix("http://")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    if until_ready(server):
        main()
    else:
        results.append(("the server becomes ready", f"it did not; its exit code is {server.poll()}"))
finally:
    server.terminate()
    server.wait(60)
print(f"1..{len(results)}")
for i, (name, why) in enumerate(results, 1):
    print(f"{'not ok' if why else 'ok'} {i} - {name}")
    if why:
        print("\n".join("# " + line for line in why[:1500].splitlines()))
raise SystemExit(any(why for _, why in results))
