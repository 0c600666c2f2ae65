"""What the tests over HTTP share: a server of their own, requests, and TAP."""
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import traceback
import urllib.parse

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"))
START_SECONDS = 60
SANITIZED = os.environ.get("VITRINE_SAN", "")  # by what: "address,undefined"
SLOWER = 4 if SANITIZED else 1  # for what has to be done in a time


class Skip(Exception):
    """Raised by a case that cannot be had here, with the reason."""


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def request(connection, method, path, body=None, headers=None):
    """One request on a connection that is kept; a Reply."""
    connection.request(method, path, body, headers or {})
    got = connection.getresponse()
    return Reply(got.status, got.headers, got.read())


def take(connection):
    """The reply to what was sent on it, which then is closed."""
    got = connection.getresponse()
    reply = Reply(got.status, got.headers, got.read())
    connection.close()
    return reply


class Events:
    """The Server-Sent Events that answer what was sent on a connection: (event, data), and comments as (None, text)."""

    def __init__(self, connection):
        self.connection = connection
        self.reply = connection.getresponse()

    def next(self):
        event, data = None, None
        while line := self.reply.readline().decode().rstrip("\n"):
            if line.startswith(":"):
                true(self.reply.readline() == b"\n", "a comment is not alone")
                return None, line[1:].strip()
            key, _, value = line.partition(": ")
            event, data = (value, data) if key == "event" else (event, json.loads(value))
        return (event, data) if event else None

    def event(self):
        while (found := self.next()) and not found[0]:
            pass
        return found

    def all(self):
        found = []
        while event := self.event():
            found.append(event)
        return found

    def close(self):
        self.reply.close()
        self.connection.close()


class Server:
    """`vitrine serve` on a free port, ready; ends with the with block.
    prepare is called in the new process; runtimes: one does not wait for others that were fetched."""

    def __init__(self, *args, env=None, prepare=None, runtimes="3.11"):
        self.log = open(os.environ.get("VITRINE_TEST_LOG", os.devnull), "ab")
        self.process = subprocess.Popen(
            [BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", "--runtimes", runtimes, *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, env=env, preexec_fn=prepare)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        self.line = self.process.stdout.readline().decode() if ready else ""
        if not self.line.startswith("vitrine: serving on http://"):
            self.process.kill()
            raise RuntimeError(f"the server said {self.line!r}")
        where = urllib.parse.urlsplit(self.line.split()[-1])
        self.host, self.port = where.hostname, where.port
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, seconds=30):
        """Asks it to end; its exit status."""
        self.process.terminate()  # nothing, when it has ended
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()
            self.log.close()

    def connect(self, timeout=60, source=None):
        """A connection; from another address of ours, as another client, where one is named: all of 127/8 is loopback."""
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout,
                                          source_address=source and (source, 0))

    def get(self, path, method="GET", headers=None):
        c = self.connect()
        try:
            return request(c, method, path, None, headers)
        finally:
            c.close()

    def post(self, body, kind="application/json", query="", connection=None, timeout=60):
        """POST /v1/runs; body is bytes, text, or what becomes JSON."""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        c = connection or self.connect(timeout)
        try:
            return request(c, "POST", "/v1/runs" + query, body, {"Content-Type": kind})
        finally:
            if not connection:
                c.close()

    def run(self, code, **more):
        """Runs code; the reply's JSON, which must be a 200."""
        reply = self.post({"code": code, **more})
        if reply.status != 200:
            raise AssertionError(f"{reply.status}: {reply.body[:500]}")
        return reply.json

    def children(self):
        return children(self.pid)

    def metric(self, name):
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(f"vitrine_{name} "):
                value = line.split()[1]
                return float(value) if "." in value else int(value)
        raise AssertionError(f"no metric {name}")


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid):
    found = []
    for child in children(pid):
        found.append(child)
        try:
            found += descendants(child)
        except OSError:
            pass  # it ended meanwhile
    return found


def name(pid):
    """What a process calls itself; nothing when it ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def zygotes(server):
    """{name: pid} of the children of a server's runner that call themselves zygotes; none while there is no runner."""
    found = {}
    for pid in server.children()[:1] and children(server.children()[0]):
        called = name(pid)
        if called.startswith("zygote "):
            found[called.removeprefix("zygote ")] = pid
    return found


def processes_at_rest(server, seconds=30):
    """How many processes a server has when it is ready, each of its zygotes has a cell that waits, and no more come or go."""
    true(wait_until(lambda: server.get("/readyz").status == 200, seconds), "it is not ready")
    counts = []

    def settled():
        counts.append(len(descendants(server.pid)))
        return len(counts) > 20 and len(set(counts[-20:])) == 1 and len(zygotes(server)) >= 2 and all(
            len(descendants(pid)) >= 2 for pid in zygotes(server).values())
    true(wait_until(settled, seconds), f"no rest: {counts[-20:]}, {zygotes(server)}")
    return counts[-1]


def resident(pid):
    """Bytes of memory of one process."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def wait_until(true, seconds=10):
    """Polls for what nobody tells us of; whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return bool(true())


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {str(got)[:2000]!r}, not {str(want)[:2000]!r}")


def true(value, what):
    if not value:
        raise AssertionError(what)


def main(cases):
    """Runs [(name, function)] and prints TAP."""
    failed = 0
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    print("TAP version 13")
    print(f"1..{len(cases)}")
    for number, (name, case) in enumerate(cases, 1):
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)
