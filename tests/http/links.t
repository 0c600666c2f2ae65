#!/usr/bin/python3
"""Links that the server stores: POST /v1/links, GET and DELETE of one, the page at /s/.  Names and digests are expected as
hashlib has them; files are written and damaged from outside, as docs/links.md says what they hold."""
import concurrent.futures
import ctypes
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
LINK = "1:eJyrVkrOT0lVslJQKijKzCvRMNSMyVOqBQBQbAbv"
YEAR = 365 * 86400


def number_in_digits(data, chars):
    """The first bits of data, five to a character; what is missing at the end is 0."""
    bits = "".join(f"{byte:08b}" for byte in data).ljust(5 * chars, "0")
    return "".join(DIGITS[int(bits[5 * i:5 * i + 5], 2)] for i in range(chars))


def id_of(link):
    return number_in_digits(hashlib.sha256(link.encode()).digest()[:16], 26)


def file_of(link, shares):
    """A file as the server writes it: shares are (token, end); 0 is never."""
    lines = "vitrine link 1\n" + "".join(f"share {hashlib.sha256(t.encode()).hexdigest()} {end}\n" for t, end in shares)
    lines += f"link {link}\n"
    return f"{lines}sha256 {hashlib.sha256(lines.encode()).hexdigest()}\n".encode()


class Links(vt.Server):
    """A server with a directory of links; it may be one that was there before."""

    def __init__(self, at, *args, **more):
        self.at = at
        super().__init__("--links", at, *args, **more)

    def ask(self, method, path, body=None, headers=None, source=None):
        c = self.connect(source=source)
        try:
            if body is not None:
                body, headers = json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
            return vt.request(c, method, path, body, headers)
        finally:
            c.close()

    def share(self, link=LINK, status=201, source=None, headers=None, **more):
        reply = self.ask("POST", "/v1/links", {"link": link, **more}, headers, source)
        same(reply.status, status, reply.body)
        return reply.json

    def read(self, link=LINK, status=200):
        reply = self.get(f"/v1/links/{id_of(link)}")
        same(reply.status, status, reply.body)
        return reply.json

    def take_back(self, id, token, status=204):
        reply = self.ask("DELETE", f"/v1/links/{id}", None, token and {"Authorization": f"Bearer {token}"})
        same(reply.status, status, reply.body)
        return reply

    def files(self):
        return sorted(os.listdir(self.at))


def directory():
    return tempfile.TemporaryDirectory(prefix="vitrine-links-")


def numbered(i):
    return f"1:{i:06}"


def stored():
    with directory() as at, Links(at) as s:
        before = time.time()
        reply = s.ask("POST", "/v1/links", {"link": LINK})
        same(reply.status, 201)
        made = reply.json
        same(set(made), {"id", "url", "expires_at", "delete_token"})
        same((made["id"], made["url"], reply.headers["Location"], reply.headers["Cache-Control"]),
             (id_of(LINK), f"/s/{id_of(LINK)}", f"/v1/links/{id_of(LINK)}", "no-store"))
        true(re.fullmatch(f"[{DIGITS}]{{32}}", made["delete_token"]), made)
        end = time.mktime(time.strptime(made["expires_at"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        true(before + 30 * 86400 - 2 < end < time.time() + 30 * 86400 + 2, made)
        reply = s.get(made["url"].replace("/s/", "/v1/links/"))
        same(reply.json, {"id": made["id"], "link": LINK, "expires_at": made["expires_at"]})
        same(reply.headers["Cache-Control"], "private, max-age=300, immutable")
        etag = reply.headers["ETag"]
        again = s.get(f"/v1/links/{made['id']}", headers={"If-None-Match": etag})
        same((again.status, again.body), (304, b""))
        # Its end is part of what is told, and so of the tag.
        longer = s.share(status=200, expires_in_s=None)
        same((longer["id"], longer["expires_at"]), (made["id"], None))
        true(longer["delete_token"] != made["delete_token"], "two shares have one token")
        same(s.read()["expires_at"], None)
        true(s.get(f"/v1/links/{made['id']}", headers={"If-None-Match": etag}).status == 200, "the old tag still holds")
        same(s.files(), [id_of(LINK)])
        path = os.path.join(at, id_of(LINK))
        same(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        # The tokens themselves are nowhere, and the file is what docs/links.md says.
        same(open(path, "rb").read(), file_of(LINK, [(made["delete_token"], int(end)), (longer["delete_token"], 0)]))


def requests():
    with directory() as at, Links(at) as s:
        def refused(status, kind, body, pointer=None):
            reply = s.ask("POST", "/v1/links", body)
            same((reply.status, reply.json["type"]), (status, f"/problems/{kind}"), reply.body)
            if pointer is not None:
                same([e["pointer"] for e in reply.json["errors"]], pointer)
        refused(422, "invalid-request", {}, [""])
        refused(422, "invalid-request", [], [""])
        refused(422, "invalid-request", {"link": 1, "expires_in_s": 0, "more": 1}, ["/link", "/expires_in_s", "/more"])
        for bad in ("", "1:", "2:abc", "x", "1:ab c", "1:é", "1:a=", "1:\0", "1:a/b", "1:" + "a" * 32769):
            refused(422, "invalid-request", {"link": bad}, ["/link"])
        for bad in (0, -1, YEAR + 1, 1.5, "1", True):
            refused(422, "invalid-request", {"link": LINK, "expires_in_s": bad}, ["/expires_in_s"])
        same(s.get("/v1/links").status, 405)
        reply = vt.request(s.connect(), "POST", "/v1/links", "1:abc", {"Content-Type": "text/plain"})
        same(reply.status, 415)
        same(s.files(), [])
        largest = "1:" + "a" * 32768
        s.share(largest)
        same(s.read(largest)["link"], largest)
        # Names that are none, and one that is of nothing.
        for name in ("x", "..", "%2e%2e", id_of(LINK), id_of(LINK).upper(), "new", id_of(largest) + "0", id_of(largest)[:-1]):
            same(s.get(f"/v1/links/{name}").status, 404, name)


def off():
    with vt.Server() as s:
        same(s.get("/v1/runtimes").json["links"], False)
        for method, path in (("POST", "/v1/links"), ("GET", f"/v1/links/{id_of(LINK)}"), ("DELETE", f"/v1/links/{id_of(LINK)}"),
                             ("GET", f"/s/{id_of(LINK)}")):
            reply = s.get(path, method)
            same((reply.status, "--links" in reply.json["detail"]), (404, True), reply.body)


def page():
    with directory() as at, Links(at) as s:
        same(s.get("/v1/runtimes").json["links"], True)
        home, short = s.get("/"), s.get(f"/s/{id_of(LINK)}")
        same((short.status, short.body, short.headers["Content-Security-Policy"]),
             (200, home.body, home.headers["Content-Security-Policy"]))


def taken_back():
    with directory() as at, Links(at) as s:
        one, two = s.share(), s.share(status=200)
        other = s.share("1:other")
        id = one["id"]
        wrong = [s.take_back(id, token, 404) for token in ("x", "", None, other["delete_token"], one["delete_token"] + "x",
                                                          one["delete_token"][:-1], hashlib.sha256(one["delete_token"].encode()).hexdigest())]
        unknown = s.take_back(id_of("1:no"), one["delete_token"], 404)
        same({r.json["detail"] for r in wrong}, {unknown.json["detail"]}, "it tells which of them it was")
        same(s.take_back(id, one["delete_token"]).body, b"")
        same(s.read()["link"], LINK)  # the other share holds it
        s.take_back(id, one["delete_token"], 404)
        s.take_back(id, two["delete_token"])
        s.read(status=404)
        same(s.files(), [id_of("1:other")])
        same(s.share()["id"], id)  # it may come again, with another token
        s.take_back(id, two["delete_token"], 404)


def restarted():
    with directory() as at:
        with Links(at) as s:
            made, gone = s.share(expires_in_s=None), s.share("1:gone")
            s.take_back(gone["id"], gone["delete_token"])
        # What a crash leaves behind, and what is nobody's.
        for name, data in (("new", b"half"), ("notes.txt", b"mine")):
            open(os.path.join(at, name), "wb").write(data)
        with Links(at) as s:
            same(s.read(), {"id": made["id"], "link": LINK, "expires_at": None})
            s.read("1:gone", 404)
            same(s.files(), sorted([made["id"], "notes.txt"]))
            s.process.kill()
        with Links(at) as s:
            s.take_back(made["id"], made["delete_token"])
            same(s.files(), ["notes.txt"])


def over():
    now = int(time.time())
    with directory() as at:
        os.chmod(at, 0o700)
        for link, shares in (("1:past", [("a", now - 9)]), ("1:half", [("a", now - 9), ("b", now + 9999)]), ("1:ever", [("a", 0)])):
            open(os.path.join(at, id_of(link)), "wb").write(file_of(link, shares))
        with Links(at) as s:
            same(s.files(), sorted(map(id_of, ("1:half", "1:ever"))))
            s.read("1:past", 404)
            true(s.read("1:half")["expires_at"], "it has an end")
            same(s.read("1:ever")["expires_at"], None)
            s.take_back(id_of("1:half"), "a", 404)  # that share is over, and nobody's any more
            s.take_back(id_of("1:half"), "b")
            made = s.share(expires_in_s=1)
            same(int(re.search(r"max-age=(\d+)", s.get(f"/v1/links/{made['id']}").headers["Cache-Control"])[1]) <= 1, True)
            # By the server's own timer: nobody asks for it.
            true(vt.wait_until(lambda: made["id"] not in os.listdir(at), 10), "it is still there")
            s.read(status=404)
            # What ends sooner does not shorten what holds.
            s.share(expires_in_s=None)
            s.share(expires_in_s=1, status=200)
            same(s.read()["expires_at"], None)


def damaged():
    with directory() as at:
        with Links(at) as s:
            s.share(), s.share("1:other"), s.share("1:gone")
            path = os.path.join(at, id_of(LINK))
            whole = open(path, "rb").read()
            other = open(os.path.join(at, id_of("1:other")), "rb").read()

            def broken(data):
                open(path, "wb").write(data)
                reply = s.get(f"/v1/links/{id_of(LINK)}")
                same((reply.status, reply.json["type"]), (500, "/problems/link-damaged"), data)
            for cut in (0, 1, 14, 15, 40, len(whole) - 70, len(whole) - 1):
                broken(whole[:cut])
            at_link = whole.index(b"link 1:") + 10
            for i in (0, 20, 90, at_link, len(whole) - 5):
                broken(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1:])
            broken(whole + b"x")
            broken(b"x" * 100_000)
            broken(other)  # whole, and another's
            broken(file_of("1:..", [("a", 0)]))
            # Not a file at all; what a link leads to is not looked at.
            for plant in (lambda: os.symlink(os.path.join(at, id_of("1:other")), path), lambda: os.symlink("/etc/passwd", path),
                          lambda: os.mkfifo(path), lambda: os.mkdir(path)):
                os.remove(path)
                plant()
                reply = s.get(f"/v1/links/{id_of(LINK)}")
                same((reply.status, reply.json["type"]), (500, "/problems/link-damaged"))
                if os.path.isdir(path):
                    os.rmdir(path)
                    open(path, "wb").write(b"")
            os.remove(os.path.join(at, id_of("1:gone")))
            s.read("1:gone", 404)
            same(s.read("1:other")["link"], "1:other")
        with Links(at) as s:
            same(s.get(f"/v1/links/{id_of(LINK)}").status, 500)
            # Whoever has the content makes it whole again; a link that was planted is replaced and not followed.
            os.remove(path)
            target = os.path.join(at, "target")
            open(target, "w").write("as it was")
            os.symlink(target, path)
            os.symlink(target, os.path.join(at, "new"))
            s.share()
            same(s.read()["link"], LINK)
            same((os.path.islink(path), open(target).read()), (False, "as it was"))


def full():
    with directory() as at, Links(at, "--links-max", "3", "--links-per-client", "0") as s:
        made = [s.share(numbered(i)) for i in range(3)]
        reply = s.ask("POST", "/v1/links", {"link": numbered(3)})
        same((reply.status, reply.json["type"]), (507, "/problems/links-full"))
        s.share(numbered(2), 200)  # needs no name of its own
        s.take_back(made[0]["id"], made[0]["delete_token"])
        same(s.metric("links"), 2)
        s.share(numbered(3))
        same((s.metric("links"), s.metric("links_bytes")),
             (3, sum(os.path.getsize(os.path.join(at, name)) for name in s.files())))
    # Of bytes: 8 KiB for each, all in all; a file of a link of 20,000 characters has some more.
    with directory() as at, Links(at, "--links-max", "3") as s:
        s.share("1:" + "a" * 20_000)
        same(s.ask("POST", "/v1/links", {"link": "1:" + "b" * 20_000}).status, 507)
        s.share(LINK)
    # Of shares of one content.
    with directory() as at, Links(at, "--links-per-client", "0") as s:
        for i in range(256):
            s.share(status=200 if i else 201)
        reply = s.ask("POST", "/v1/links", {"link": LINK})
        same((reply.status, "256" in reply.json["detail"]), (507, True))
        same(s.read()["link"], LINK)


def disk_full():
    """A file system of 64 KiB, in a mount namespace of the server's own."""
    libc = ctypes.CDLL(None, use_errno=True)
    newns, private, recursive = 0x20000, 1 << 18, 1 << 14

    with directory() as at:
        def mount():
            if libc.unshare(newns) or libc.mount(b"none", b"/", None, private | recursive, None) or \
                    libc.mount(b"none", at.encode(), b"tmpfs", 0, b"size=65536,mode=0700"):
                raise OSError(ctypes.get_errno(), "no file system of its own")
        if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
            raise vt.Skip("no mount namespace can be made here")
        with Links(at, prepare=mount) as s:
            at_there = f"/proc/{s.pid}/root{at}"
            first = s.share()
            size, status, i = "a" * 8000, 201, 0
            while status == 201:
                reply = s.ask("POST", "/v1/links", {"link": numbered(i) + size})
                status, i = reply.status, i + 1
            same((status, reply.json["type"], 1 < i < 9), (507, "/problems/links-full", True), reply.body)
            # Nothing half is there, what was stored is whole, and what is taken back makes room.
            same(len(os.listdir(at_there)), i)
            same(s.read()["link"], LINK)
            for k in range(i - 1):
                same(s.read(numbered(k) + size)["link"], numbered(k) + size)
            s.read(numbered(i - 1) + size, 404)
            s.take_back(first["id"], first["delete_token"])


def together():
    with directory() as at, Links(at) as s:
        def share(i):
            return s.ask("POST", "/v1/links", {"link": LINK}, source=f"127.0.0.{i + 1}")
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            replies = list(pool.map(share, range(64)))
        same(sorted(r.status for r in replies), [200] * 63 + [201])
        same({r.json["id"] for r in replies}, {id_of(LINK)})
        tokens = [r.json["delete_token"] for r in replies]
        same(len(set(tokens)), 64)
        same(s.files(), [id_of(LINK)])
        for token in tokens[1:]:
            s.take_back(id_of(LINK), token)
        same(s.read()["link"], LINK)
        s.take_back(id_of(LINK), tokens[0])
        same(s.files(), [])


def often():
    with directory() as at, Links(at, "--links-per-client", "2") as s:
        s.share("1:a", source="127.0.0.2"), s.share("1:b", source="127.0.0.2")
        reply = s.ask("POST", "/v1/links", {"link": "1:c"}, source="127.0.0.2")
        same((reply.status, reply.json["type"]), (429, "/problems/too-many-links"))
        # Two in an hour: one more comes after half of it.
        true(1700 < int(reply.headers["Retry-After"]) <= 1800, reply.headers["Retry-After"])
        s.share("1:c", source="127.0.0.3")


def origins():
    with directory() as at, Links(at) as s:
        mine = s.share(headers={"Origin": f"http://127.0.0.1:{s.port}"})
        for origin in ("http://example.org", "null"):
            reply = s.ask("POST", "/v1/links", {"link": "1:no"}, {"Origin": origin})
            same((reply.status, reply.json["type"]), (403, "/problems/foreign-origin"))
            reply = s.ask("DELETE", f"/v1/links/{mine['id']}", None,
                          {"Origin": origin, "Authorization": f"Bearer {mine['delete_token']}"})
            same(reply.status, 403)
        same(s.files(), [mine["id"]])
        same(s.get(f"/v1/links/{mine['id']}").headers["Access-Control-Allow-Origin"], None)


def runs_see_nothing():
    with directory() as at, Links(at) as s:
        s.share()
        look = "import os\nfor p in " + repr([at, os.path.dirname(at), "/proc/self/fd"]) + """:
    try:
        print(p, [os.readlink(os.path.join(p, n)) if 'fd' in p else n for n in os.listdir(p)])
    except OSError as e:
        print(p, type(e).__name__)
"""
        out = s.run(look)["stdout"]["text"]
        true(at + " FileNotFoundError" in out or at + " PermissionError" in out, out)
        true(id_of(LINK) not in out, out)


def refusals():
    def says(at, words, *args, prepare=None):
        done = subprocess.run([vt.BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", "--links", at, *args],
                              capture_output=True, text=True, timeout=60, preexec_fn=prepare)
        same((done.returncode, words in done.stderr), (1, True), done.stderr)
    with directory() as at:
        os.chmod(at, 0o750)
        says(at, "chmod 700")
        os.chmod(at, 0o700)
        file = os.path.join(at, "file")
        open(file, "w").close()
        says(file, "Not a directory")
        says(os.path.join(at, "no", "such"), "cannot make")
        says("/usr/share/vitrine-links", "of which runs see a part")
        true(not os.path.isdir("/usr/share/vitrine-links"), "it was made before it was refused")
        says(os.fspath(vt.BUILD / "web"), "Vitrine's own")
        with Links(at):
            says(at, "in use by another server")
        if os.geteuid() == 0:
            os.chown(at, 12345, 12345)
            says(at, "belongs to the user 12345")
            os.chown(at, 0, 0)
        # One that is not there is made, for this user only.
        made = os.path.join(at, "made")
        with Links(made):
            same(stat.S_IMODE(os.stat(made).st_mode), 0o700)


vt.main([
    ("a link is stored, told with its end, and shared once more", stored),
    ("what is no link is refused with its place, and a name that is none is not there", requests),
    ("without --links there are none, and it is said", off),
    ("the page is at the short address", page),
    ("with its token a share is taken back, with another not", taken_back),
    ("a server that is started again has them, after a kill too", restarted),
    ("what is over is gone: at start, by itself, and share by share", over),
    ("a damaged file is never shown, and what was planted in its place not followed", damaged),
    ("what is full says so", full),
    ("a disk that is full", disk_full),
    ("64 clients at once with the same content", together),
    ("one address has so many in an hour", often),
    ("pages of other sites", origins),
    ("nothing of them reaches a run", runs_see_nothing),
    ("directories that are refused, in words", refusals),
])
