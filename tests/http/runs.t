#!/usr/bin/python3
"""POST /v1/runs and its neighbours, as docs promise them to strangers."""
import base64
import hashlib
import html.parser
import json
import os
import pathlib
import platform
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()


def text(reply, stream="stdout"):
    return reply[stream]["text"]


def ok_run():
    reply = server.post({"code": "print(input())", "stdin": "hello\n"})
    same(reply.status, 200)
    same(reply.headers["Content-Type"], "application/json")
    r = reply.json
    same((r["status"], r["exit_code"], r["signal"], r["limit"], r["exception"]), ("ok", 0, None, None, None))
    same(text(r), "hello\n")
    same(text(r, "stderr"), "")
    true(re.fullmatch(r"run_[0-9a-z]{26}", r["id"]), r["id"])
    # Debian's interpreter is the one that is embedded.
    same(r["runtime"], {"id": "3.11", "version": platform.python_version(), "gil": True})
    same((r["denied"], r["lenses"]), ([], {}))
    for name in "wall_ns", "cpu_ns", "peak_rss_bytes", "queue_ns":
        true(isinstance(r["usage"][name], int), name)
    # An interpreter's memory is more than a megabyte, and it took some time.
    true(r["usage"]["wall_ns"] > 10_000 and r["usage"]["peak_rss_bytes"] > 1 << 20, r["usage"])


def text_body():
    reply = server.post("import sys\nprint(sys.argv, sys.stdin.read())", "text/x-python; charset=utf-8",
                        "?arg=one&arg=two+2&stdin=in%C3%A9")
    same(text(reply.json), "['main.py', 'one', 'two 2'] iné\n")


def files_and_args():
    r = server.run("import util, sys; print(util.x, sys.argv[1:])", args=["a", ""],
                   files=[{"path": "util.py", "text": "x = 41 + 1\n"}])
    same(text(r), "42 ['a', '']\n")


def files_named_like_modules():
    """The script's directory is first on sys.path: what was imported ahead of need is not in the way, nor is what is in a
    package of that name. What python3 itself has imported when a script begins, is (os)."""
    r = server.run("import json, random, os, traceback\n"
                   "print(json.x, random.x, hasattr(os, 'x'), hasattr(traceback, 'x'))\n"
                   "import json.decoder\nprint(json.decoder.x)\n1/0",
                   files=[{"path": "json/__init__.py", "text": "x = 1"}, {"path": "json/decoder.py", "text": "x = 2"},
                          {"path": "random.py", "text": "x = 3"}, {"path": "os.py", "text": "x = 4"},
                          {"path": "linecache.py", "text": "print('not by itself')"}], lenses=["refcounts", "timing"])
    same((text(r), r["exception"]["line"], r["notes"]), ("1 3 False False\n2\n", 5, []), r)
    same(r["exception"]["traceback"][0]["text"], "1/0")


def exceptions():
    r = server.run("def f():\n    return 1 / 0\n\nf()\n")
    same((r["status"], r["exit_code"]), ("error", 1))
    e = r["exception"]
    same((e["type"], e["message"], e["phase"], e["line"]), ("ZeroDivisionError", "division by zero", "run", 2))
    same([(f["line"], f["function"]) for f in e["traceback"]], [(4, "<module>"), (2, "f")])
    true(text(r, "stderr").rstrip().endswith("ZeroDivisionError: division by zero"), text(r, "stderr"))
    r = server.run("x = (\n")
    same((r["status"], r["exception"]["type"], r["exception"]["phase"]), ("error", "SyntaxError", "compile"))
    r = server.run("import sys; print('so far'); sys.exit(7)")
    same((r["status"], r["exit_code"], r["exception"], text(r)), ("error", 7, None, "so far\n"))


def signals():
    r = server.run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    same((r["status"], r["signal"], r["exit_code"]), ("signal", "SIGSEGV", None))


def wall_limit():
    r = server.run("import time\nprint('before', flush=True)\ntime.sleep(60)", limits={"wall_ms": 300})
    same((r["status"], text(r)), ("limit", "before\n"))
    limit = r["limit"]
    same((limit["name"], limit["allowed"]), ("wall", 300))
    # Not to its own end.
    true(300 <= limit["used"] < 60000, limit)


def cpu_limit():
    r = server.run("while True: pass", limits={"cpu_ms": 200})
    same((r["status"], r["limit"]["name"], r["limit"]["allowed"]), ("limit", "cpu", 200))
    # Processes that it waits for count as soon as they have ended; a name that looks like the kernel's table hides nothing.
    r = server.run("import ctypes, os, time\n"
                   "ctypes.CDLL(None).prctl(15, b'a) R 1 2 3 4')\n"
                   "for i in range(20):\n"
                   "    if os.fork() == 0:\n"
                   "        while time.process_time() < 0.1: pass\n"
                   "        os._exit(0)\n"
                   "    os.wait()\n"
                   "print('to its end')\n", limits={"cpu_ms": 500})
    same((r["status"], text(r), r["limit"] and r["limit"]["name"]), ("limit", "", "cpu"))
    # All together would have used 2000.
    true(500 <= r["limit"]["used"] < 2000, r["limit"])


def output_limit():
    r = server.run("import sys\nsys.stderr.write('e' * 10)\nwhile True: print('x' * 99)", limits={"output_bytes": 1000})
    same((r["status"], r["limit"]["name"], r["limit"]["allowed"]), ("limit", "output", 1000))
    true(r["limit"]["used"] > 1000, r["limit"])
    same(len(text(r)) + len(text(r, "stderr")), 1000)
    true(r["stdout"]["truncated"], "not said to be truncated")
    # To the last byte that is allowed, and no limit is met.
    r = server.run("print('x' * 999)", limits={"output_bytes": 1000})
    same((r["status"], len(text(r)), r["stdout"]["truncated"]), ("ok", 1000, False))


def disk_limit():
    """What the caller sent needs more disk than the caller allowed: bytes of one file, of several, the source, and inodes.
    tmpfs counts whole pages and has 4096 inodes in the smallest place; the least limit is 64 KiB, sixteen pages."""
    page = "x" * 4096
    least = {"disk_bytes": 65536}
    for more in ({"files": [{"path": "big", "text": page * 17}]}, {"code": "#" * 65537},
                 {"files": [{"path": f"f{i}", "text": "x"} for i in range(16)]},
                 {"files": [{"path": f"{i}/" + "d/" * 90 + "f", "text": ""} for i in range(60)]}):
        r = server.run(**{"code": "print(1)", "limits": least} | more)
        same((r["status"], r["limit"], text(r)),
             ("limit", {"name": "disk", "allowed": 65536, "used": 65536, "unit": "bytes"}, ""), str(more)[:99])
    # main.py and fifteen more pages fill it to the last one.
    r = server.run("print(1)", limits=least, files=[{"path": "big", "text": page * 15}])
    same((r["status"], text(r)), ("ok", "1\n"))


def large_output():
    # More than a pipe holds, so it must be read while it is written.
    r = server.run("import sys; sys.stdout.write('y' * 3_000_000)", limits={"output_bytes": 3_000_000})
    same((r["status"], hashlib.sha256(text(r).encode()).hexdigest()),
         ("ok", hashlib.sha256(b"y" * 3_000_000).hexdigest()))


def large_stdin():
    data = "é" * 500_000
    r = server.run("import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())", stdin=data)
    same(text(r).strip(), hashlib.sha256(data.encode()).hexdigest())


def bytes_out():
    r = server.run("import sys; sys.stdout.buffer.write(bytes(range(256)))")
    same(base64.b64decode(r["stdout"]["base64"]), bytes(range(256)))
    r = server.run("print('a\\0b')")
    same(text(r), "a\0b\n")


def nothing_is_shared():
    server.run("open('left.txt', 'w').write('x'); import builtins; builtins.mark = 1")
    r = server.run("import os, builtins; print(os.listdir('.'), hasattr(builtins, 'mark'))")
    same(text(r), "['main.py'] False\n")


def cold_and_seed():
    # CPython's own answer with that seed.
    want = subprocess.run(["/usr/bin/python3", "-c", "print(hash('vitrine'))"], env={"PYTHONHASHSEED": "7"},
                          capture_output=True, text=True, check=True).stdout
    r = server.run("print(hash('vitrine'))", hash_seed=7)
    same((r["status"], text(r)), ("ok", want))
    a = text(server.run("print(hash('vitrine'))", start="cold"))
    b = text(server.run("print(hash('vitrine'))", start="cold"))
    true(a != b, "two cold starts share a hash secret")
    true(vt.wait_until(lambda: len(server.children()) == 1), f"cold runners stay: {server.children()}")


def all_lenses():
    r = server.run("a = []\nfor i in range(3):\n    a.append(i)\nprint(a)",
                   lenses=["bytecode", "refcounts", "gc", "timing", "objects"])
    same((r["status"], text(r)), ("ok", "[0, 1, 2]\n"))
    same(sorted(r["lenses"]), ["bytecode", "gc", "objects", "refcounts", "timing"])
    same(r["lenses"]["bytecode"]["code_objects"][0]["name"], "<module>")
    lines = {entry["line"]: entry["hits"] for entry in r["lenses"]["timing"]["lines"]}
    same(lines[3], 3, "the loop's body ran")
    (capture,) = r["lenses"]["objects"]["captures"]
    same([(n["name"], capture["objects"][n["object"] - 1]["value"]) for n in capture["names"]], [("a", "[0, 1, 2]"), ("i", "2")])


def side_by_side():
    """Runs that sleep go at the same time; each gets its own answer."""
    slots = server.metric("slots")
    answers = [None] * slots

    def one(i):
        answers[i] = text(server.run(f"import time; time.sleep(1); print({i})"))
    threads = [threading.Thread(target=one, args=(i,)) for i in range(slots)]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(answers, [f"{i}\n" for i in range(slots)])
    true(time.monotonic() - began < slots * 1 * 0.8, "they ran one after the other")


def clean_is_alone():
    """The pass whose times are shown has no other pass of its run beside it, whatever else comes and goes meanwhile."""
    c = server.connect()
    c.request("POST", "/v1/runs", json.dumps({"code": "import time; time.sleep(60)", "lenses": ["gc"], "limits": {"wall_ms": 60000}}),
              {"Content-Type": "application/json"})
    true(vt.wait_until(lambda: server.metric("runs_running") == 1), "it does not run")
    passes = server.metric("passes_total")
    server.run("print(1)")
    # The one of the other run; slots are free.
    same((server.metric("passes_total"), server.metric("runs_running")), (passes + 1, 1))
    c.close()
    true(vt.wait_until(lambda: server.metric("runs_running") == 0), "it still runs")


def other_kinds():
    reply = server.post(b"print(1)", "text/plain")
    same((reply.status, reply.headers["Content-Type"], reply.json["type"]),
         (415, "application/problem+json", "/problems/unsupported-media-type"))
    reply = server.get("/v1/runs")
    same((reply.status, reply.headers["Allow"], reply.json["status"]), (405, "POST", 405))
    reply = server.get("/livez", "DELETE")
    same((reply.status, reply.headers["Allow"]), (405, "GET, HEAD"))
    reply = server.get("/nowhere")
    same((reply.status, reply.json["type"]), (404, "/problems/not-found"))
    for path in "/../vitrine", "/%2e%2e/vitrine", "/assets/../../vitrine", "//etc/passwd", "/.":
        same(server.get(path).status, 404, path)


def every_problem_has_a_page():
    for slug in "not-json", "invalid-request", "body-too-large", "unsupported-media-type", "busy", "too-many-runs", "not-found":
        reply = server.get("/problems/" + slug)
        same(reply.status, 200, slug)
        true(len(reply.body) > 30, slug)
    same(server.get("/problems/none-such").status, 404)


def beside_it():
    runtimes = server.get("/v1/runtimes").json["runtimes"]
    same([(r["id"], r["version"]) for r in runtimes], [("3.11", platform.python_version())])
    same([lens["name"] for lens in server.get("/v1/lenses").json["lenses"]],
         re.findall(r"^\tX\([A-Z]+, (\w+),", pathlib.Path("wire/tbl/lenses.h").read_text(), re.M))
    posture = server.get("/v1/posture").json
    layers = {layer["name"]: layer["holds"] for layer in posture["runtimes"][0]["layers"]}
    del layers["cgroups"]  # where there are some
    same(layers, {"namespaces": True, "landlock": True, "seccomp": True, "rlimits": True})
    same(server.get("/livez").status, 200)
    ready = server.get("/readyz")
    same((ready.status, ready.json["status"]), (200, "ready"))
    same([p["name"] for p in ready.json["probes"] if not p["passed"]], [])
    true({"run", "host-file", "exec", "socket"} <= {p["name"] for p in ready.json["probes"]}, ready.json)


def metrics():
    before = server.metric("runs_total")
    server.run("print(1)")
    same(server.metric("runs_total"), before + 1)


def openapi():
    reply = server.get("/openapi.yaml")
    same((reply.status, reply.headers["Content-Type"]), (200, "application/yaml"))
    same(reply.body, pathlib.Path("api/openapi.yaml").read_bytes())


def page():
    reply = server.get("/")
    same((reply.status, reply.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
    same(reply.body, (vt.BUILD / "web/index.html").read_bytes())
    policy = reply.headers["Content-Security-Policy"]
    true("default-src 'none'" in policy and "script-src 'self';" in policy, policy)
    same(reply.headers["X-Content-Type-Options"], "nosniff")
    asset = re.search(r'"(/?assets/[^"]+\.js)"', reply.body.decode())[1].lstrip("/")
    plain = server.get("/" + asset)
    same(plain.body, (vt.BUILD / "web" / asset).read_bytes())
    for accept, coding, suffix in (("br, gzip", "br", ".br"), ("gzip", "gzip", ".gz"), ("br;q=0, gzip", "gzip", ".gz"),
                                   ("identity", None, "")):
        reply = server.get("/" + asset, headers={"Accept-Encoding": accept})
        same(reply.headers["Content-Encoding"], coding, accept)
        same(reply.body, (vt.BUILD / "web" / (asset + suffix)).read_bytes(), accept)
        same(reply.headers["Vary"], "Accept-Encoding")
        again = server.get("/" + asset, headers={"Accept-Encoding": accept, "If-None-Match": reply.headers["ETag"]})
        same((again.status, again.body), (304, b""), accept)


def oembed():
    def ask(**query):
        return server.get("/oembed?" + urllib.parse.urlencode(query))

    at = f"{server.host}:{server.port}"
    link = f"http://{at}/e/?lens=gc&theme=dark#1:eJyrVkrOT0lVslJQKijKzCvRMNSMyVOqBQBQbAbv"
    reply = ask(url=link, maxwidth=600, maxheight=300, format="json", other="x")
    same((reply.status, reply.headers["Content-Type"]), (200, "application/json"))
    same({k: v for k, v in reply.json.items() if k != "html"},
         {"version": "1.0", "type": "rich", "title": "A Python snippet in Vitrine", "provider_name": "Vitrine",
          "provider_url": f"http://{at}/", "width": 600, "height": 300})
    frames = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attributes: frames.append((tag, dict(attributes)))
    parser.feed(reply.json["html"])
    same([tag for tag, _ in frames], ["iframe"])
    same((frames[0][1]["src"], frames[0][1]["width"], frames[0][1]["height"]), (link, "600", "300"))
    same(server.get(frames[0][1]["src"].partition(at)[2].partition("#")[0]).status, 200)
    # The longest link that a page makes.
    same(ask(url=f"http://{at}/#1:{'x' * 32768}").status, 200)
    for query, status, kind in (({"url": "http://example.org/#1:x"}, 404, "not-found"), ({"url": f"http://{at}/"}, 404, "not-found"),
                                ({"url": f"http://{at}/#1:{'x' * 32769}"}, 404, "not-found"),
                                ({"url": link, "format": "xml"}, 501, "not-implemented"), ({}, 422, "invalid-request"),
                                ({"url": link, "maxwidth": "0"}, 422, "invalid-request"),
                                ({"url": link, "maxheight": "-1"}, 422, "invalid-request"),
                                ({"url": link, "maxheight": "1e3"}, 422, "invalid-request")):
        reply = ask(**query)
        same((reply.status, reply.json["type"]), (status, f"/problems/{kind}"), str(query)[:100])
        same(server.get(reply.json["type"]).status, 200)


def head():
    c = server.connect()
    for path in "/livez", "/", "/v1/lenses":
        want = vt.request(c, "GET", path)
        got = vt.request(c, "HEAD", path)
        same((got.status, got.body, got.headers["Content-Length"]), (200, b"", str(len(want.body))), path)
    c.close()


def request_ids():
    ids = {server.get("/livez").headers["X-Request-Id"] for _ in range(5)}
    same(len(ids), 5)
    reply = server.post("{")
    same(reply.json["request_id"], reply.headers["X-Request-Id"])


def client_leaves():
    """Its run is killed, not waited for."""
    s = socket.create_connection((server.host, server.port), 10)
    body = b"import time; time.sleep(60)"
    s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\nContent-Length: %d\r\n\r\n%s"
              % (len(body), body))
    true(vt.wait_until(lambda: server.metric("runs_running") == 1), "it does not run")
    s.close()
    true(vt.wait_until(lambda: server.metric("runs_running") == 0, 5), "it still runs")


def refusals_to_start():
    where = f"127.0.0.1:{server.port}"
    for args, words in ((["--listen", where], "in use"), (["--listen", "0.0.0.0:0"], "--anonymous"),
                        (["--listen", "127.0.0.1:0", "--runners", "/usr"], "runner"),
                        (["--listen", "nonsense"], "host:port"), (["--listen", "127.0.0.1:"], "a port is"),
                        (["--listen", "127.0.0.1:99999"], "65535"), (["--listen", "127.0.0.1:80x"], "a port is")):
        done = subprocess.run([vt.BUILD / "vitrine", "serve", *args], capture_output=True, text=True, timeout=30)
        same((done.returncode, done.stdout), (1, ""), args)
        true(words in done.stderr, done.stderr)


CASES = [
    ("a link as a frame, by oEmbed", oembed),
    ("a snippet runs: the members that contract.md fixes", ok_run),
    ("text/x-python with its options in the query", text_body),
    ("files and arguments", files_and_args),
    ("files that are named like modules", files_named_like_modules),
    ("exceptions, syntax errors, exit codes", exceptions),
    ("a signal of its own making", signals),
    ("the wall limit, and what was printed until then", wall_limit),
    ("the CPU limit", cpu_limit),
    ("the output limit, both streams together", output_limit),
    ("the disk limit, for what comes with the request", disk_limit),
    ("output larger than a pipe", large_output),
    ("stdin larger than a pipe", large_stdin),
    ("bytes that are no text, and NUL", bytes_out),
    ("one run leaves nothing to the next", nothing_is_shared),
    ("cold starts and hash seeds", cold_and_seed),
    ("all four lenses", all_lenses),
    ("runs go side by side", side_by_side),
    ("the undisturbed pass is alone", clean_is_alone),
    ("415, 405, 404", other_kinds),
    ("each problem's type leads to a page", every_problem_has_a_page),
    ("runtimes, lenses, posture, readiness", beside_it),
    ("metrics count", metrics),
    ("the contract itself", openapi),
    ("the page, its codings, its policy", page),
    ("HEAD", head),
    ("request ids", request_ids),
    ("a client that leaves", client_leaves),
    ("reasons not to start", refusals_to_start),
]

try:
    vt.main(CASES)
finally:
    server.stop()
