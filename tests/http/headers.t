#!/usr/bin/python3
"""Requests that are refused by their headers, and targets in odd forms: the answers of RFC 9110, 9112 and 9457."""
import http.client
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()
BODY = b'{"code": "print(1)"}'
POST = b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SIZED = POST + b"Content-Length: %d\r\n" % len(BODY)


def ask(request, where=server):
    """The reply to bytes as they are."""
    s = socket.create_connection((where.host, where.port), 20)
    s.sendall(request)
    got = http.client.HTTPResponse(s)
    got.begin()
    reply = vt.Reply(got.status, got.headers, got.read())
    s.close()
    return reply


def refused(reply, status, kind):
    same((reply.status, reply.headers["Content-Type"]), (status, "application/problem+json"), reply.body[:200])
    same((reply.json["type"], reply.json["status"]), ("/problems/" + kind, status))
    same(server.get(reply.json["type"]).status, 200, "the page of the problem")
    same(reply.json["request_id"], reply.headers["X-Request-Id"])


def framing():
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    same(ask(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunked).status, 200, "chunked alone")
    for head in SIZED + b"Transfer-Encoding: chunked\r\n\r\n", POST + b"Transfer-Encoding: gzip\r\n\r\n", \
            POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n":
        reply = ask(head + chunked)
        refused(reply, 400, "not-http")
        # What follows could be read as a request of its own.
        same(reply.headers["Connection"], "close")


def coding():
    refused(ask(SIZED + b"Content-Encoding: gzip\r\n\r\n" + BODY), 415, "unsupported-media-type")
    same(ask(SIZED + b"Content-Encoding: identity\r\n\r\n" + BODY).status, 200)


def origin():
    """Whatever name a browser found the server by: what counts is whose page asks."""
    def status(value, where=server):
        return ask(SIZED + b"Origin: " + value + b"\r\n\r\n" + BODY, where).status

    for value in b"http://127.0.0.1:%d" % server.port, b"http://localhost", b"https://LOCALHOST:1", b"http://[::1]:8080", \
            b"http://127.9.9.9", b"http://vitrine.localhost":
        same(status(value), 200, value)
    for value in b"http://example.org", b"http://localhost.example.org", b"http://127.0.0.1.example.org", b"null", b"", \
            b"http://0.0.0.0", b"http://[::2]", b"http://" + b"a" * 300, b"http://mylocalhost":
        same(status(value), 403, value)
    refused(ask(SIZED + b"Origin: http://example.org:%d\r\n\r\n" % server.port + BODY), 403, "foreign-origin")
    with vt.Server("--anonymous") as open_one:
        same(status(b"http://example.org", open_one), 200)


def no_leave_for_others():
    """A page elsewhere that asks its browser whether it may: nothing says yes."""
    reply = ask(b"OPTIONS /v1/runs HTTP/1.1\r\nHost: x\r\nOrigin: http://example.org\r\n"
                b"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n")
    true(reply.status >= 400, reply.status)
    same([h for h in reply.headers if h.lower().startswith("access-control")], [])


def targets():
    same(ask(b"GET http://example.org/livez HTTP/1.1\r\nHost: x\r\n\r\n").json, {"status": "alive"})
    same(ask(b"GET http://example.org HTTP/1.1\r\nHost: x\r\n\r\n").headers["Content-Type"], "text/html; charset=utf-8")
    # A NUL does not end a path: what stands before could be guarded by its name.
    for path in b"/livez%00", b"/livez%00/x", b"/%00", b"/metrics%00.png", b"%00":
        refused(ask(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n"), 404, "not-found")
    for path in b"/livez/", b"//livez", b"/LIVEZ", b"/livez;a", b"*", b"/a%0d%0aX-Injected:%20y", b"/%ff":
        reply = ask(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        refused(reply, 404, "not-found")
        true("X-Injected" not in reply.headers, reply.headers)


def methods():
    for path in "/", "/index.html", "/e/", "/problems/busy", "/livez", "/v1/lenses", "/openapi.yaml":
        for method in "POST", "PUT", "DELETE", "PATCH", "OPTIONS":
            reply = server.get(path, method)
            refused(reply, 405, "method-not-allowed")
            same(reply.headers["Allow"], "GET, HEAD", path)
    for method in "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS":
        reply = server.get("/v1/runs", method)
        same((reply.status, reply.headers["Allow"]), (405, "POST"))
        same(reply.body == b"", method == "HEAD")
    refused(server.get("/nothing", "POST"), 404, "not-found")


def one_after_the_other():
    """Requests sent together on one connection are answered in their order."""
    s = socket.create_connection((server.host, server.port), 20)
    s.sendall(SIZED + b"\r\n" + BODY + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    f = s.makefile("rb")
    seen = []
    for _ in range(3):
        seen.append(int(f.readline().split()[1]))
        length = 0
        while (line := f.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        f.read(length)
    same(seen, [200, 200, 404])
    s.close()


def frames():
    """Who may have a page in a frame: nobody, but that of /e/ who may ask for runs."""
    def ancestors(path, where=server):
        reply = where.get(path)
        same(reply.status, 200, path)
        *rest, last = reply.headers["Content-Security-Policy"].split("; ")
        same(rest, ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
                    "base-uri 'none'", "form-action 'none'"], path)
        name, *who = last.split()
        same(name, "frame-ancestors", path)
        return who

    machine = ["'self'", *(f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost"))]
    with vt.Server("--anonymous") as open_one:
        for path in "/", "/index.html", "/posture", "/posture.html":
            same(ancestors(path), ["'none'"], path)
            same(ancestors(path, open_one), ["'none'"], path)
        # By whatever name it has.
        for path in "/e/", "/e", "/e.html":
            same(ancestors(path), machine, path)
            same(ancestors(path, open_one), ["*"], path)
        same(server.get("/e/").body, (vt.BUILD / "web/e.html").read_bytes())
        for path in "/e/x", "/e//", "/E/":
            refused(server.get(path), 404, "not-found")


CASES = [
    ("where a body ends is told once", framing),
    ("an encoded body", coding),
    ("pages of other sites get no runs, unless anybody may", origin),
    ("no leave for pages of other sites", no_leave_for_others),
    ("pages in frames", frames),
    ("targets in odd forms", targets),
    ("wrong methods, on pages as well", methods),
    ("requests sent together", one_after_the_other),
]

try:
    vt.main(CASES)
finally:
    server.stop()
