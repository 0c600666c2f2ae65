#!/usr/bin/python3
"""Input of every bad kind: each gets a problem that says what and where, and the server goes on as before."""
import http.client
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()


def problem(reply, statuses, pointer=None, words=()):
    """It is RFC 9457, has words, and points at the fault."""
    true(reply.status in statuses, f"{reply.status}: {reply.body[:300]}")
    same(reply.headers["Content-Type"], "application/problem+json")
    p = reply.json
    same(p["status"], reply.status)
    true(p["type"].startswith("/problems/") and server.get(p["type"]).status == 200, p["type"])
    true(len(p["title"]) > 5 and len(p["detail"]) > 10, p)
    if pointer is not None:
        true(pointer in [e["pointer"] for e in p["errors"]], f"{pointer} is not in {p}")
        true(all(len(e["detail"]) > 5 for e in p["errors"]), p)
    said = json.dumps(p, ensure_ascii=False)
    for word in words:
        true(word in said, f"{word!r} is not in {said}")


def goes_on():
    same(server.run("print('still here')")["stdout"]["text"], "still here\n")


def case(name, body, statuses, pointer=None, words=(), kind="application/json", query=""):
    def check():
        problem(server.post(body, kind, query), statuses, pointer, words)
        goes_on()
    return name, check


def limit(text):
    return '{"code": "1", "limits": {"wall_ms": %s}}' % text


def too_large():
    # The client is still sending when the answer comes: it must get it all the same.
    for _ in range(5):
        problem(server.post({"code": "#" * 10_000_000}), (413,), words=("8388608",))
    goes_on()


def too_large_without_a_length():
    s = socket.create_connection((server.host, server.port), 30)
    s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10):
        s.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
    s.sendall(b"0\r\n\r\n")
    got = http.client.HTTPResponse(s)
    got.begin()
    problem(vt.Reply(got.status, got.headers, got.read()), (413,), words=("8388608",))
    s.close()
    goes_on()


def no_http():
    """Noise on the port, cut requests, lengths that lie: the connection ends, the server does not."""
    for noise in (b"\x00" * 1000, b"\xff\xfe\x00garbage\r\n\r\n", b"POST /v1/runs HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                  b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                  b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
                  b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
                  b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                  b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
        s = socket.create_connection((server.host, server.port), 10)
        try:
            s.sendall(noise)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except OSError:
            pass  # cut off: also an answer
        s.close()
        goes_on()


CASES = [
    case("empty", b"", (400,)),
    case("not JSON", b"print(1)", (400,), words=("line 1",)),
    case("JSON that is cut", b'{"code": "pri', (400,)),
    case("more after the JSON", b'{"code": "1"} {"code": "2"}', (400,)),
    case("[ a hundred thousand times", b"[" * 100_000, (400,)),
    case("{ a hundred thousand times", b'{"a":' * 100_000, (400,)),
    case("invalid UTF-8", b'{"code": "\xff\xfe"}', (400,)),
    case("overlong UTF-8", b'{"code": "\xc0\xaf"}', (400,)),
    case("a raw surrogate in UTF-8", b'{"code": "\xed\xa0\x80"}', (400,)),
    case("duplicate keys", b'{"code": "1", "code": "2"}', (400, 422), words=("twice", "column 15")),
    case("an array", b"[]", (422,), pointer=""),
    case("a string", b'"print(1)"', (400, 422)),
    case("null", b"null", (400, 422)),
    case("no code", b"{}", (422,), words=("code",)),
    case("code of a wrong type", b'{"code": 1}', (422,), "/code"),
    case("code null", b'{"code": null}', (422,), "/code"),
    case("a code with a NUL", b'{"code": "print(1)\\u0000"}', (422,), "/code", ("NUL",)),
    case("a code too large", {"code": "#" * (1 << 20) + "#"}, (422,), "/code"),
    case("a lone surrogate", b'{"code": "\\ud800"}', (400, 422), words=("surrogate",)),
    case("a lone low surrogate in stdin", b'{"code": "1", "stdin": "\\udc00"}', (400, 422), words=("surrogate",)),
    case("an unknown member", b'{"code": "1", "cod": 2}', (422,), "/cod", ("cod",)),
    case("an unknown member with a path's characters", b'{"code": "1", "a/b~c": 2}', (422,), "/a~1b~0c"),
    case("an unknown lens", b'{"code": "1", "lenses": ["bytcode"]}', (422,), "/lenses/0", ("bytcode",)),
    case("an unknown option of a lens", b'{"code": "1", "lenses": {"gc": {"x": 1}}}', (422,), "/lenses/gc/x"),
    case("an unknown runtime", b'{"code": "1", "runtime": "2.7"}', (422,), "/runtime", ("2.7",)),
    case("args of a wrong type", b'{"code": "1", "args": "x"}', (422,), "/args"),
    case("an arg of a wrong type", b'{"code": "1", "args": ["a", 2]}', (422,), "/args/1"),
    case("a file outside", b'{"code": "1", "files": [{"path": "../x", "text": ""}]}', (422,), "/files/0/path"),
    case("a file with an absolute path", b'{"code": "1", "files": [{"path": "/etc/x", "text": ""}]}', (422,),
         "/files/0/path"),
    case("a wall limit of 0", limit("0"), (422,), "/limits/wall_ms"),
    case("a wall limit of -1", limit("-1"), (422,), "/limits/wall_ms"),
    case("a wall limit of 1e400", limit("1e400"), (422,), "/limits/wall_ms"),
    case("a wall limit of 1.5", limit("1.5"), (422,), "/limits/wall_ms"),
    case("a wall limit of NaN", limit("NaN"), (422,), "/limits/wall_ms", ("NaN",)),
    case("a wall limit of Infinity", limit("Infinity"), (422,), "/limits/wall_ms", ("Infinity",)),
    case('a wall limit of "5"', limit('"5"'), (422,), "/limits/wall_ms"),
    case("a wall limit of 99999999999999999999", limit("99999999999999999999"), (400, 422)),
    case("a wall limit of true", limit("true"), (422,), "/limits/wall_ms"),
    case("an unknown limit", b'{"code": "1", "limits": {"wall": 5}}', (422,), "/limits/wall"),
    case("a hash seed too large", b'{"code": "1", "hash_seed": 4294967296}', (422,), "/hash_seed"),
    case("a start of another kind", b'{"code": "1", "start": "hot"}', (422,), "/start"),
    case("every fault is listed", b'{"code": 1, "x": 1, "limits": {"cpu_ms": 0}}', (422,), "/limits/cpu_ms",
         ("/code", "/x")),
    case("a query with an unknown name", b"print(1)", (422,), words=("wal_ms",), kind="text/x-python",
         query="?wal_ms=5"),
    case("a query with a NUL", b"print(1)", (422,), words=("NUL",), kind="text/x-python", query="?stdin=a%00b"),
    case("a query with a limit that is no number", b"print(1)", (422,), words=("wall_ms",), kind="text/x-python",
         query="?wall_ms=1e3"),
    case("text with a NUL", b"print(1)\0", (400, 422), words=("NUL",), kind="text/x-python"),
    ("10 MB", too_large),
    ("10 MB in chunks", too_large_without_a_length),
    ("what is no HTTP", no_http),
]

try:
    vt.main(CASES)
finally:
    server.stop()
