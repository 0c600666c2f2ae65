#!/usr/bin/python3
"""Admission: who is let in, who waits, whose turn it is, and what a client costs that is slow or leaves.

No bound on time is asked of the machine. A run that is to be in the way sleeps for a minute and is ended by its client's leaving; what must
not wait for it is over long before, or the test times out."""
import http.client
import json
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, take, true  # noqa: E402

ONE, TWO, THREE = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SLEEP = {"code": "import time; time.sleep(60)", "limits": {"wall_ms": 60000}}
PATIENCE = 20 * vt.SLOWER  # for what is over at once, unless it waits for a run that sleeps


def send(server, body, source=ONE):
    """Sends a run and does not wait for the reply."""
    c = server.connect(PATIENCE, source)
    c.request("POST", "/v1/runs", json.dumps(body), {"Content-Type": "application/json"})
    return c


def counts(server):
    return server.metric("runs_running"), server.metric("runs_queued")


def until(server, running, queued):
    true(vt.wait_until(lambda: counts(server) == (running, queued), PATIENCE),
         f"{counts(server)} run and wait, not {(running, queued)}")


def occupy(server, n, source=ONE):
    """n runs that sleep, one after the other, so that they arrive in this order."""
    before = sum(counts(server))
    found = []
    for i in range(n):
        found.append(send(server, SLEEP, source))
        true(vt.wait_until(lambda: sum(counts(server)) == before + i + 1, PATIENCE), "a run was not taken in")
    return found


def leave(connections):
    for c in connections:
        c.close()


def head_only(server, source=ONE):
    """The reply to a head that announces a body, which never comes."""
    s = socket.create_connection((server.host, server.port), PATIENCE, (source, 0))
    s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
    got = http.client.HTTPResponse(s)
    got.begin()
    reply = vt.Reply(got.status, got.headers, got.read())
    s.close()
    return reply


def head_is_taken(server, source=ONE):
    """Whether the server asks for the body of a head that it might refuse."""
    s = socket.create_connection((server.host, server.port), PATIENCE, (source, 0))
    s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              b"Expect: 100-continue\r\n\r\n")
    line = s.makefile("rb").readline()
    s.close()
    return line == b"HTTP/1.1 100 Continue\r\n"


def refused(reply, status, kind):
    same((reply.status, reply.json["type"]), (status, "/problems/" + kind), reply.body)
    true(int(reply.headers["Retry-After"]) >= 1, "no Retry-After")


def full():
    """A full queue is a refusal, and it comes before the body is read, while the slots are busy."""
    with vt.Server("--slots", "1", "--queue", "2", "--per-client", "0") as server:
        waiting = occupy(server, 3)
        refused(head_only(server), 503, "busy")
        refused(head_only(server, TWO), 503, "busy")
        same(counts(server), (1, 2))
        same(server.metric('runs_refused_total{reason="queue"}'), 2)
        # Who leaves makes room: for the queued at once, for the running one by killing it.
        leave(waiting)
        until(server, 0, 0)
        same(server.run("print('room again')")["stdout"]["text"], "room again\n")


def share():
    """One address gets half of three places, rounded up; the third is for another, and then there is none."""
    with vt.Server("--slots", "1", "--queue", "2") as server:
        waiting = occupy(server, 2)
        refused(head_only(server), 429, "too-many-runs")
        same((server.metric("clients"), server.metric("client_runs_most")), (1, 2))
        waiting += occupy(server, 1, TWO)
        refused(head_only(server), 429, "too-many-runs")
        refused(head_only(server, TWO), 503, "busy")
        same((counts(server), server.metric("clients"), server.metric("client_runs_most")), ((1, 2), 2, 2))
        same([server.metric(f'runs_refused_total{{reason="{why}"}}') for why in ("client", "queue", "wait")], [2, 1, 0])
        # A probe of the posture page is a run like any other.
        refused(vt.request(server.connect(PATIENCE), "POST", "/v1/posture/probes/socket"), 429, "too-many-runs")
        leave(waiting)
        until(server, 0, 0)
        same((server.metric("clients"), server.metric("client_runs_most")), (0, 0))


def share_of_one():
    with vt.Server("--slots", "2", "--per-client", "1") as server:
        waiting = occupy(server, 1)
        reply = server.post({"code": "print(1)"})
        refused(reply, 429, "too-many-runs")
        true("1 runs of this address" in reply.json["detail"], reply.json)
        leave(waiting)
        until(server, 0, 0)
        same(server.post({"code": "print(1)"}).status, 200)


def turns(slots):
    """Others' many do not come before one's only: it gets the first slot that comes free."""
    with vt.Server("--slots", str(slots), "--queue", "20") as server:
        first = occupy(server, slots)
        many = occupy(server, 8)
        single = send(server, {"code": "print('my turn')"}, TWO)
        until(server, slots, 9)
        leave(first[:1])
        same(take(single).json["stdout"]["text"], "my turn\n")
        # And then one of the many.
        until(server, slots, 7)
        leave(first[1:] + many)
        until(server, 0, 0)


def begun_first():
    """What a client has begun is finished before it begins another: the lens's pass does not wait for the next run."""
    with vt.Server("--slots", "1") as server:
        in_the_way = occupy(server, 1)
        first = send(server, {"code": "print(1)", "lenses": ["gc"]})
        until(server, 1, 1)
        in_the_way += occupy(server, 2)
        leave(in_the_way[:1])
        reply = take(first).json
        same((reply["status"], reply["notes"], len(reply["lenses"]["gc"]["totals"])), ("ok", [], 3))
        leave(in_the_way[1:])
        until(server, 0, 0)


def waits_too_long():
    """Who has waited as long as runs may is told so, and nothing of it was ever begun."""
    with vt.Server("--slots", "1", "--max-wait-ms", "300") as server:
        passes = server.metric("passes_total")
        in_the_way = occupy(server, 1)
        reply = take(send(server, {"code": "print(1)"}))
        refused(reply, 503, "busy")
        true("300 ms" in reply.json["detail"], reply.json)
        same((counts(server), server.metric("runs_waited_out_total")), ((1, 0), 1))
        leave(in_the_way)
        until(server, 0, 0)
        # Time that goes on while a run has its slot is no waiting.
        same(server.run("import time; time.sleep(0.6); print(1)")["status"], "ok")
        same(server.metric("passes_total"), passes + 2)


def would_wait_too_long():
    """By how long the run before took: the first that would wait for too many of them is refused by its headers, and those
    before it wait on."""
    wait_ms = 20000
    with vt.Server("--slots", "1", "--max-wait-ms", str(wait_ms)) as server:
        began = time.monotonic()
        server.run("import time; time.sleep(1.5)", lenses=["gc"])
        least = 3000  # two passes, each with a slot for as long as it sleeps
        most = (time.monotonic() - began) * 1e3
        in_the_way = occupy(server, 1)
        waiting = []
        while head_is_taken(server):
            waiting += occupy(server, 1)
        # Taken in while those before it take no longer than is waited, each as long as that run had its slot.
        true(int(wait_ms / most) < len(waiting) <= int(wait_ms / least) + 1, (len(waiting), least, most))
        reply = head_only(server)
        refused(reply, 503, "busy")
        true("would wait" in reply.json["detail"], reply.json)
        # Another address comes after one of these only.
        true(head_is_taken(server, TWO), "another waits for all of them")
        same((counts(server), server.metric("runs_waited_out_total")), ((1, len(waiting)), 0))
        same(server.metric('runs_refused_total{reason="wait"}'), 2)
        leave(in_the_way + waiting)
        until(server, 0, 0)


def with_deadline(code, ms, **more):
    return {"code": code, "limits": {"deadline_ms": ms, "wall_ms": 60000}, **more}


def deadline_in_the_queue():
    """A deadline goes on while a run waits, and when it is over nothing of the run is begun."""
    with vt.Server("--slots", "1") as server:
        passes = server.metric("passes_total")
        in_the_way = occupy(server, 1)
        reply = take(send(server, with_deadline("print(1)", 300)))
        refused(reply, 503, "deadline")
        true("300 ms" in reply.json["detail"] and "not begun" in reply.json["detail"], reply.json)
        same((counts(server), server.metric("runs_late_total")), ((1, 0), 1))
        leave(in_the_way)
        until(server, 0, 0)
        same(server.metric("passes_total"), passes + 1)


def deadline_of_a_run():
    with vt.Server("--slots", "2") as server:
        r = take(send(server, with_deadline("import time\nprint('so far', flush=True)\ntime.sleep(60)", 1000))).json
        same((r["status"], r["stdout"]["text"], r["limit"]["name"], r["limit"]["allowed"], r["limit"]["unit"]),
             ("limit", "so far\n", "deadline", 1000, "ms"), r)
        true(r["limit"]["used"] >= 1000, r["limit"])
        # Waiting counts: what it waited for ended long after it came, and what is left is less than the whole.
        blocker = occupy(server, 2)
        waits = send(server, with_deadline("import time\ntime.sleep(60)", 3000))
        until(server, 2, 1)
        true(vt.wait_until(lambda: server.metric("queue_oldest_seconds") > 1, PATIENCE), "it does not wait")
        leave(blocker)
        r = take(waits).json
        same((r["status"], r["limit"]["name"]), ("limit", "deadline"), r)
        true(r["limit"]["used"] >= 3000, r["limit"])
        true(r["usage"]["queue_ns"] > 1e9 and r["usage"]["wall_ns"] < 2.9e9, r["usage"])
        # One that is over in time hears nothing of it.
        r = take(send(server, with_deadline("print(1)", 60000, lenses=["gc"]))).json
        same((r["status"], r["limit"], r["notes"]), ("ok", None, []))


def deadline_of_a_lens():
    """The run itself was over; the lens's pass is ended, or not begun. The verdict is the run's."""
    with vt.Server("--slots", "1") as server:
        # Three passes of more than two seconds, one after the other; there is time for more than one and less than two.
        r = take(send(server, with_deadline("import time\ntime.sleep(2)", 3500, lenses=["gc", "refcounts"]))).json
        same((r["status"], r["limit"]), ("ok", None), r)
        same(sorted(note.split(" (")[0] for note in r["notes"]),
             ["The extra run for the lens gc was not made, because the deadline was over before its turn.",
              "The extra run for the lens refcounts was ended by the deadline limit"])
        same((r["lenses"]["gc"]["truncated"], r["lenses"]["refcounts"]["truncated"]), (True, True))


def deadline_while_lost():
    """The interpreter is lost after the deadline: the run is not made again, and its client hears why."""
    with vt.Server("--slots", "1") as server:
        (runner,) = server.children()
        os.kill(runner, signal.SIGSTOP)
        began = time.monotonic()
        waits = send(server, with_deadline("print(1)", 200))
        until(server, 1, 0)
        vt.wait_until(lambda: time.monotonic() > began + 1, 2)
        os.kill(runner, signal.SIGKILL)
        reply = take(waits)
        refused(reply, 503, "deadline")
        true("by no fault of the program" in reply.json["detail"], reply.json)
        same(server.metric("runs_retried_total"), 0)
        same(server.run("print(1)")["stdout"]["text"], "1\n")


def leaving_the_queue():
    """Who leaves while waiting is taken out, and nothing of it is ever begun."""
    with vt.Server("--slots", "1") as server:
        passes = server.metric("passes_total")
        running = occupy(server, 1)
        waiting = occupy(server, 3)
        leave(waiting)
        until(server, 1, 0)
        leave(running)
        until(server, 0, 0)
        same(server.run("print(1)")["status"], "ok")
        # That one and the one that ran.
        same(server.metric("passes_total"), passes + 2)


def slow_writers():
    """Clients that send byte by byte have no slot, and are served once they are there."""
    with vt.Server("--slots", "1") as server:
        body = b"print('after all')"
        slow = []
        for _ in range(8):
            s = socket.create_connection((server.host, server.port), PATIENCE)
            s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\nContent-Length: %d\r\n\r\n" % len(body))
            slow.append(s)
        for i in range(len(body) - 1):
            for s in slow:
                s.sendall(body[i:i + 1])
            same(take(send(server, {"code": f"print({i})"}, TWO)).json["stdout"]["text"], f"{i}\n")
        same((counts(server), server.metric("clients")), ((0, 0), 0))
        for s in slow:
            s.sendall(body[-1:])
            got = http.client.HTTPResponse(s)
            got.begin()
            same(json.loads(got.read())["stdout"]["text"], "after all\n")
            s.close()


def large_bodies():
    """Large bodies that are sent and never end keep others of their size out, for all together have a bound, but no small one."""
    with vt.Server() as server:
        large, part = b"#" * 1_000_000, b"#" * (8 << 20)
        slow = []
        for _ in range(16):
            s = socket.create_connection((server.host, server.port), PATIENCE)
            s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\nContent-Length: %d\r\n\r\n" % len(part))
            s.sendall(part[1:])
            slow.append(s)
        true(vt.wait_until(lambda: server.post(large, "text/x-python").status == 503, PATIENCE), "there is no bound")
        refused(server.post(large, "text/x-python"), 503, "busy")
        same(server.run("print('small')")["stdout"]["text"], "small\n")
        leave(slow)
        true(vt.wait_until(lambda: server.post(large, "text/x-python").status == 200, PATIENCE), "what is gone is still counted")


def slow_readers():
    """Clients that do not read their replies have no slot; the replies, larger than what the kernel keeps, wait for them."""
    with vt.Server("--slots", "1") as server:
        size = 12_000_000
        body = b"print('x' * %d, end='')" % size
        slow = []
        for n in range(3):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(PATIENCE)
            s.connect((server.host, server.port))
            s.sendall(b"POST /v1/runs?output_bytes=16777216 HTTP/1.1\r\nHost: x\r\nContent-Type: text/x-python\r\n"
                      b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            slow.append(s)
            # Its reply has begun, so its run is over; it goes no further.
            got = http.client.HTTPResponse(s)
            got.begin()
            slow[n] = (s, got)
            until(server, 0, 0)
            same(take(send(server, {"code": f"print({n})"}, TWO)).json["stdout"]["text"], f"{n}\n")
        same(server.metric("http_requests_busy"), 1 + len(slow))  # theirs, and this one
        for s, got in slow:
            same(len(json.loads(got.read())["stdout"]["text"]), size)
            s.close()


def oldest():
    """What waits is told of by a number, for whoever watches; so are the clients, and no address of theirs."""
    with vt.Server("--slots", "1") as server:
        running = occupy(server, 1)
        same(server.metric("queue_oldest_seconds"), 0.0)
        waiting = occupy(server, 2)
        true(vt.wait_until(lambda: server.metric("queue_oldest_seconds") > 0.2), "it does not grow")
        text = server.get("/metrics").body.decode()
        true("127.0.0" not in text, text)
        leave(waiting)
        until(server, 1, 0)
        same(server.metric("queue_oldest_seconds"), 0.0)
        leave(running)


def main():
    vt.main([
        ("a full queue refuses before the body", full),
        ("one address has its share, and another finds room", share),
        ("a share of one", share_of_one),
        ("one among many is next: one slot", lambda: turns(1)),
        ("one among many is next: three slots", lambda: turns(3)),
        ("what has begun goes first", begun_first),
        ("who waits too long is never begun", waits_too_long),
        ("who would wait too long is refused at once", would_wait_too_long),
        ("a deadline in the queue", deadline_in_the_queue),
        ("a deadline of what runs", deadline_of_a_run),
        ("a deadline of lenses", deadline_of_a_lens),
        ("a deadline, and a runner that is lost", deadline_while_lost),
        ("who leaves while waiting is never begun", leaving_the_queue),
        ("slow writers take no slot", slow_writers),
        ("large bodies that do not end leave room for small ones", large_bodies),
        ("slow readers take no slot", slow_readers),
        ("the oldest wait is a metric", oldest),
    ])


main()
