#!/usr/bin/python3
"""SIGTERM: every run that was taken in is answered, no other is taken in, the place is free for the next server at once, and then it
ends with status 0."""
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, take, true  # noqa: E402

SECONDS = 2  # of each run: the next server starts meanwhile
PATIENCE = 30 * vt.SLOWER


def send(server, body):
    c = server.connect(PATIENCE)
    c.request("POST", "/v1/runs", json.dumps(body), {"Content-Type": "application/json"})
    return c


def refuses(server):
    """Whether nobody listens there any more."""
    try:
        socket.create_connection((server.host, server.port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def restart():
    server = vt.Server("--slots", "2")
    kept, unread = server.connect(PATIENCE), socket.create_connection((server.host, server.port), PATIENCE)
    same(server.post({"code": "print(1)"}, connection=kept).status, 200)
    # Its request is not whole: it was not taken in, and is not waited for.
    unread.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\nContent-Length: 100\r\n\r\nprint(1)")
    # Two of them run, four wait.
    runs = [send(server, {"code": f"import time\ntime.sleep({SECONDS})\nprint('run', {i})", "lenses": ["gc"] * (i == 5)})
            for i in range(6)]
    true(vt.wait_until(lambda: (server.metric("runs_running"), server.metric("runs_queued")) == (2, 4), PATIENCE), "they were not taken in")
    left = vt.descendants(server.pid)
    os.kill(server.pid, signal.SIGTERM)
    began = time.monotonic()
    true(vt.wait_until(lambda: refuses(server), PATIENCE), "it still listens")
    reply = server.post({"code": "print(2)"}, connection=kept)
    same((reply.status, reply.json["type"], reply.headers["Connection"]), (503, "/problems/unavailable", "close"), reply.body)
    true(int(reply.headers["Retry-After"]) >= 1, "no Retry-After")
    with vt.Server("--listen", f"{server.host}:{server.port}") as after:
        same(after.run("print('the next')")["stdout"]["text"], "the next\n")
        print(f"# the next one serves {time.monotonic() - began:.1f} s after the signal")
        replies = [take(c) for c in runs]
        same([(r.status, r.json["status"], r.json["stdout"]["text"]) for r in replies], [(200, "ok", f"run {i}\n") for i in range(6)])
        same([list(r.json["lenses"]) for r in replies], [[]] * 5 + [["gc"]])
        last = time.monotonic()
        same(server.process.wait(PATIENCE), 0)
        # It has nothing to wait for but its own processes.
        true(time.monotonic() - last < 10 * vt.SLOWER, "it stays after the last reply")
        true(vt.wait_until(lambda: not any(os.path.exists(f"/proc/{p}") for p in left)), "processes were left behind")
        unread.close()
    server.stop()


def slow_reader():
    """A reply that is on its way is written to its end."""
    size = 8_000_000
    server = vt.Server()
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(PATIENCE)
        s.connect((server.host, server.port))
        body = b"print('x' * %d, end='')" % size
        s.sendall(b"POST /v1/runs?output_bytes=16777216 HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\n"
                  b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        got = http.client.HTTPResponse(s)
        got.begin()
        os.kill(server.pid, signal.SIGTERM)
        true(vt.wait_until(lambda: refuses(server), PATIENCE), "it still listens")
        same(len(json.loads(got.read())["stdout"]["text"]), size)
    same(server.process.wait(PATIENCE), 0)
    server.stop()


def twice():
    """Who asks twice does not want to wait: what runs is ended, and its client told."""
    server = vt.Server()
    run = send(server, {"code": "import time; time.sleep(60)", "limits": {"wall_ms": 60000}})
    true(vt.wait_until(lambda: server.metric("runs_running") == 1, PATIENCE), "it does not run")
    os.kill(server.pid, signal.SIGTERM)
    true(vt.wait_until(lambda: refuses(server), PATIENCE), "it still listens")
    os.kill(server.pid, signal.SIGTERM)
    reply = take(run)
    same((reply.status, reply.json["type"]), (503, "/problems/unavailable"), reply.body)
    same(server.process.wait(PATIENCE), 0)
    server.stop()


def under_load():
    """Clients that never stop asking: every request that is sent is answered, by its run or by a 503, until nobody listens."""
    server = vt.Server()
    wrong, seen, lock = [], {}, threading.Lock()

    def client(i):
        c, n = server.connect(PATIENCE), 0
        while True:
            n += 1
            try:
                reply = server.post({"code": f"print({i}, {n})"}, connection=c)
            except ConnectionRefusedError:
                how = "refused"
            except (ConnectionError, http.client.HTTPException) as e:
                how = f"lost: {e!r}"
            else:
                how = str(reply.status)
                if reply.status == 200 and reply.json["stdout"]["text"] != f"{i} {n}\n":
                    wrong.append(reply.body)
                elif reply.status not in (200, 503):
                    wrong.append(reply.body)
            with lock:
                seen[how] = seen.get(how, 0) + 1
            if how != "200":
                return
    threads = [threading.Thread(target=client, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    true(vt.wait_until(lambda: seen.get("200", 0) > 40, PATIENCE), seen)
    os.kill(server.pid, signal.SIGTERM)
    for t in threads:
        t.join(PATIENCE)
    print(f"# {seen}")
    same((wrong, server.process.wait(PATIENCE)), ([], 0))
    same(sum(seen.get(how, 0) for how in ("503", "refused")), len(threads), seen)
    server.stop()


vt.main([
    ("a restart loses no run that was taken in", restart),
    ("a reply that is being read", slow_reader),
    ("asked twice", twice),
    ("under load", under_load),
])
