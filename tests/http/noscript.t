#!/usr/bin/python3
"""/noscript: what a browser without JavaScript sends, and the page that comes back.

Forms are encoded by urllib.parse and pages are read by html.parser, which are not ours.
"""
import html.parser
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

PATIENCE = 60 * vt.SLOWER
KIND = "application/x-www-form-urlencoded"
VOID = {"meta", "link", "input", "br"}
server = vt.Server()


class Page(html.parser.HTMLParser):
    """texts: {label or heading: text of the area or <pre> under it}; ticked; chosen; alerts."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.ticked, self.chosen, self.alert, self.buttons, self.options = {}, [], None, None, [], []
        self.open, self.words, self.title = [], "", ""
        self.feed(text)
        self.close()
        same(self.open, [], "elements that are left open")

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag not in VOID:
            self.open.append((tag, a))
        true(tag != "script" and not any(k.startswith("on") for k in a), (tag, a))
        if tag == "input" and "checked" in a:
            self.ticked.append(a["value"])
        if tag == "button":
            self.buttons.append((a["name"], a["value"]))
        if tag in ("textarea", "pre", "h2", "h3", "option"):
            self.words = ""
        if tag == "section" and a.get("role") == "alert":
            self.alert = ""

    def handle_data(self, data):
        self.words += data
        if self.alert is not None:
            self.alert += data

    def handle_endtag(self, tag):
        (was, a) = self.open.pop()
        same(tag, was)
        if tag in ("h2", "h3"):
            self.title = self.words
        # A parser of HTML drops the line end that follows these tags.
        if tag == "textarea":
            self.texts[a["name"]] = self.words.removeprefix("\n")
        if tag == "pre":
            self.texts[self.title] = self.words.removeprefix("\n")
        if tag == "option":
            self.options.append(self.words)
            if "selected" in a:
                self.chosen = self.words


def ask(method="POST", body=None, kind=KIND, at=server, **headers):
    c = at.connect(PATIENCE)
    c.request(method, "/noscript", body, ({"Content-Type": kind} if body is not None else {}) | {k.replace("_", "-"): v for k, v in headers.items()})
    return vt.take(c)


def sent(fields, status=200, at=server):
    reply = ask(body=urllib.parse.urlencode(fields, doseq=True), at=at)
    same((reply.status, reply.headers["Content-Type"]), (status, "text/html; charset=utf-8"), reply.body[:500])
    return Page(reply.body.decode())


def empty():
    reply = ask("GET")
    page = Page(reply.body.decode())
    same(reply.status, 200)
    same((page.texts, page.ticked, page.alert), ({"code": "", "stdin": "", "args": ""}, ["bytecode"], None))
    same(page.buttons, [("do", "run"), ("do", "disassemble"), ("do", "compare")])
    same(page.options, ["the usual CPython", "3.11"])
    policy = dict(p.strip().split(" ", 1) for p in reply.headers["Content-Security-Policy"].split(";"))
    same(policy, {"default-src": "'none'", "style-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'"})
    same(ask("HEAD").body, b"")
    put = ask("PUT", b"")
    same((put.status, put.headers["Allow"]), (405, "GET, HEAD, POST"))


def runs():
    """What the program wrote, how it ended, and the form as it was sent."""
    code = "import sys\nprint(sys.argv[1:], input())\nprint('<b>&amp;\"', file=sys.stderr)\nsys.exit(3)\n"
    page = sent({"code": code.replace("\n", "\r\n"), "stdin": "h\u00e9llo\r\n", "args": "a b\r\n--c", "lens": ["gc", "timing"], "do": "run"})
    same(page.texts["Standard output"], "['a b', '--c'] h\u00e9llo\n")
    same(page.texts["Standard error"], "<b>&amp;\"\n")
    true("exit" in page.texts["How it ended"] and "3" in page.texts["How it ended"], page.texts["How it ended"])
    same((page.texts["code"], page.texts["stdin"], page.texts["args"]), (code, "h\u00e9llo\n", "a b\n--c"))
    same(page.ticked, ["gc", "timing"])
    true("\x1b" not in page.texts["Lenses"] and "gc" in page.texts["Lenses"] and "timing" in page.texts["Lenses"], page.texts["Lenses"])


def hostile():
    """Whatever is sent is text, in the form and in the result; nothing of it is markup."""
    code = "print('</pre><script>alert(1)</script>&lt;\\0\\x1b[31m')\n# </textarea><img src=x onerror=alert(1)> \"' + %41 \u2028 \U0001f40d\n"
    page = sent({"code": code, "stdin": "</textarea><b>", "args": "\"><script>", "lens": "ast", "do": "run"})
    same(page.texts["code"], code)
    same((page.texts["stdin"], page.texts["args"]), ("</textarea><b>", "\"><script>"))
    true(page.texts["Standard output"].startswith("</pre><script>alert(1)</script>&lt;"), page.texts["Standard output"])


def disassembles():
    """The same instructions as dis names, and no other lens."""
    import dis
    code = "def f(a):\n    return a + 1\n"
    page = sent({"code": code, "lens": ["gc"], "do": "disassemble"})
    names = [i.opname for i in dis.get_instructions(compile(code, "main.py", "exec"))]
    at = 0
    for name in names:
        at = page.texts["Lenses"].find(name, at)
        true(at >= 0, (name, page.texts["Lenses"]))
    true("generation" not in page.texts["Lenses"], "gc was asked for, too")


def compares():
    page = sent({"code": "print(1)\n", "do": "compare"})
    true("3.11" in page.texts["Each CPython"], page.texts)


def faults():
    """A request that cannot be taken is told on the page, with what was sent still in the form."""
    page = sent({"code": "print(1)", "runtime": "2.7", "lens": ["none"], "do": "run"}, 422)
    true("none" in page.alert and page.texts["code"] == "print(1)", page.alert)
    page = sent({"code": "print(1)", "runtime": "2.7", "do": "run"}, 422)
    true("2.7 names no runtime" in page.alert, page.alert)
    page = sent({"code": "a\0b"}, 422)
    true("NUL" in page.alert, page.alert)
    for body in (b"code=%ff", b"\xff=1", b"%00=1"):
        reply = ask(body=body)
        same(reply.status, 415, body)
        true("UTF-8" in Page(reply.body.decode()).alert, body)
    same(ask(body=b"{}", kind="application/json").status, 415)
    # No field at all is an empty program.
    same(ask(body=b"").status, 200)
    same(ask(body=b"&&=&%zz=%4&x").status, 200)


def large():
    """What is too large for the form is not in it; the page stays a page."""
    reply = ask(body=urllib.parse.urlencode({"code": "print(1)", "stdin": "<" * (2 << 20)}))
    page = Page(reply.body.decode())
    true(len(reply.body) < 1 << 20 and page.texts["code"] == "", len(reply.body))
    reply = ask(body=b"code=" + b"%3C" * (3 << 20))
    same(reply.status, 413)
    # What a program writes is cut, not what is around it.
    page = sent({"code": "print('<' * 900_000)", "do": "run"})
    same(page.texts["Standard output"], "<" * 900_000 + "\n")


def strangers():
    """A page of another site can have a browser send a form; it is refused."""
    for origin in ("http://evil.example", "null"):
        reply = ask(body=b"code=print(1)", Origin=origin)
        same((reply.status, reply.json["type"]), (403, "/problems/foreign-origin"))
    same(ask(body=b"code=print(1)", Origin=f"http://127.0.0.1:{server.port}").status, 200)


def busy():
    """Refused as everybody is, in words on the page."""
    with vt.Server("--slots", "1", "--per-client", "1") as other:
        c = other.connect(PATIENCE)
        c.request("POST", "/v1/runs", '{"code": "import time; time.sleep(60)", "limits": {"wall_ms": 60000}}', {"Content-Type": "application/json"})
        true(vt.wait_until(lambda: other.metric("runs_running") == 1, PATIENCE), "it does not run")
        reply = ask(body=urllib.parse.urlencode({"code": "print(1)", "do": "run"}), at=other)
        same(reply.status, 429)
        true(int(reply.headers["Retry-After"]) >= 1, "when to try again")
        page = Page(reply.body.decode())
        true("Too many runs" in page.alert and page.texts["code"] == "print(1)", page.alert)
        c.close()


def leaves():
    """A browser's Stop ends the run."""
    c = server.connect(PATIENCE)
    c.request("POST", "/noscript", urllib.parse.urlencode({"code": "import time; time.sleep(9)", "do": "run"}), {"Content-Type": KIND})
    true(vt.wait_until(lambda: server.metric("runs_running") == 1, PATIENCE), "it does not run")
    c.close()
    true(vt.wait_until(lambda: server.metric("runs_running") == 0, PATIENCE), "it goes on")


try:
    vt.main([("an empty form", empty), ("runs", runs), ("hostile text", hostile), ("disassembles", disassembles), ("compares", compares),
             ("faults", faults), ("large", large), ("pages of strangers", strangers), ("a busy server", busy), ("a client that leaves", leaves)])
finally:
    server.stop()
