#!/usr/bin/python3
"""Runners that are killed and stopped under load: what runs is done again or told, the next ones work within a second,
and nothing is left behind."""
import collections
import json
import os
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()


def runner():
    """The one runner there is."""
    vt.wait_until(lambda: len(server.children()) == 1)
    (pid,) = server.children()
    return pid


class Load:
    """Clients that run snippets one after the other, each on its connection, until told to stop."""

    def __init__(self, clients):
        self.stop, self.seen, self.wrong = False, collections.Counter(), []
        self.threads = [threading.Thread(target=self.client, args=(i,)) for i in range(clients)]

    def client(self, i):
        connection = server.connect()
        n = 0
        while not self.stop:
            n += 1
            reply = server.post({"code": f"print({i}, {n})"}, connection=connection)
            self.seen[reply.status] += 1
            if reply.status == 200 and reply.json["stdout"]["text"] != f"{i} {n}\n":
                self.wrong.append(reply.json)
            elif reply.status not in (200, 503):
                self.wrong.append((reply.status, reply.body))
        connection.close()

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop = True
        for t in self.threads:
            t.join(60)
        true(not any(t.is_alive() for t in self.threads), "a client waits for ever")


def killed_under_load():
    """"The next ones work within a second" is told, not asked of a machine that others use. What is asked: what was lost is an
    interpreter, which is started anew, as a cold run does, and proved by some runs; nothing else is waited for."""
    kills = 5
    retried, starts = server.metric("runs_retried_total"), server.metric("runner_starts_total")
    with Load(4) as load:
        for _ in range(kills):
            victim = runner()
            true(vt.wait_until(lambda: server.metric("runs_running") > 0), "no load")
            began, before = time.monotonic(), load.seen[200]
            true(vt.wait_until(lambda: load.seen[200] >= before + 20, 30), "the load stands still")
            usual = time.monotonic() - began
            began = time.monotonic()
            server.run("pass", start="cold")
            start = time.monotonic() - began
            before = load.seen[200]
            os.kill(victim, signal.SIGKILL)
            began = time.monotonic()
            true(vt.wait_until(lambda: server.children() not in ([victim], []) and load.seen[200] >= before + 20, 10 * vt.SLOWER),
                 f"no runs after a kill: {load.seen}")
            took = time.monotonic() - began
            print(f"# 20 replies: {usual:.2f} s; a cold run: {start:.2f} s; 20 replies after a kill: {took:.2f} s")
            # The probes are half as many runs again, and one of them takes its time: 0.25 s of a slot.
            true(took < 3 * (1.5 * usual + start) + 0.5, "what is waited for is more than that")
    same(load.wrong, [])
    # Runs in flight were done again; 503 is allowed, but is not what usually happens.
    true(load.seen[200] > 20 * kills and load.seen[503] <= 4 * kills, load.seen)
    true(server.metric("runs_retried_total") > retried, "nothing was in flight when the runner was killed")
    same(server.metric("runner_starts_total"), starts + kills)
    true(vt.wait_until(lambda: server.get("/readyz").status == 200), "not ready again")


def a_long_run_is_done_again():
    box = {}
    t = threading.Thread(target=lambda: box.update(server.run("import time; time.sleep(0.7); print('whole')")))
    t.start()
    true(vt.wait_until(lambda: server.metric("runs_running") == 1), "it does not run")
    left = vt.descendants(server.pid)
    os.kill(runner(), signal.SIGKILL)
    t.join(30)
    same((box["status"], box["stdout"]["text"]), ("ok", "whole\n"))
    true(vt.wait_until(lambda: not any(os.path.exists(f"/proc/{p}") for p in left)), "cells outlived their runner")


def twice_lost():
    """A run whose runner is lost twice is told so, by a 503 that says it may be sent again."""
    box = {}
    t = threading.Thread(target=lambda: box.update(reply=server.post({"code": "import time; time.sleep(30)"})))
    t.start()
    for _ in range(2):
        passes, starts = server.metric("passes_total"), server.metric("runner_starts_total")
        true(vt.wait_until(lambda: server.metric("runs_running") == 1 and server.get("/readyz").status == 200),
             "it does not run")
        victim = runner()
        os.kill(victim, signal.SIGKILL)
        # The next runner, with the run on it, or else the answer.
        true(vt.wait_until(lambda: server.metric("runner_starts_total") == starts + 1
                           and (server.metric("passes_total") > passes or not t.is_alive())), "not done again")
    t.join(30)
    reply = box["reply"]
    same((reply.status, reply.json["type"]), (503, "/problems/unavailable"))
    true(int(reply.headers["Retry-After"]) > 0, "no Retry-After")
    same(server.run("print(1)")["stdout"]["text"], "1\n")


def hung_runner():
    """A runner that does not answer is taken for lost, and replaced."""
    victim = runner()
    os.kill(victim, signal.SIGSTOP)
    began = time.monotonic()
    reply = server.post({"code": "print('after all')"})
    same((reply.status, reply.json.get("stdout")), (200, {"text": "after all\n", "truncated": False}))
    true(time.monotonic() - began < 30, "it took too long")
    true(victim not in server.children(), "the hung runner is still there")


def cells_killed():
    """Cells that die while they wait, or while they run, are our fault or the machine's: the server goes on."""
    with Load(2) as load:
        for _ in range(10):
            for pid in vt.descendants(server.pid):
                if pid not in server.children():
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            time.sleep(0.05)  # let some load through between two strikes
        before = load.seen[200]
        true(vt.wait_until(lambda: load.seen[200] > before + 20), f"no runs any more: {load.seen}")
    true(vt.wait_until(lambda: server.metric("runs_running") == 0), "runs are left")
    same(server.run("print(1)")["stdout"]["text"], "1\n")


def vanishing_clients():
    """Clients that send a run and leave, many at a time."""
    for _ in range(20):
        connections = []
        for _ in range(10):
            c = server.connect()
            c.request("POST", "/v1/runs", json.dumps({"code": "while True: print('x')"}),
                      {"Content-Type": "application/json"})
            connections.append(c)
        for c in connections:
            c.close()
    true(vt.wait_until(lambda: server.metric("runs_running") + server.metric("runs_queued") == 0), "runs are left")
    same(server.run("print(1)")["stdout"]["text"], "1\n")


def leaving_amid_a_request():
    """Clients that leave when they have sent the head, or half of the body: their connections go with them, not by the minute that a
    silent client has."""
    before = vt.descriptors(server.pid)
    for body in "", '{"code": "pri':
        for _ in range(50):
            with socket.create_connection((server.host, server.port), 60) as s:
                s.sendall(b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
                          + body.encode())
        true(vt.wait_until(lambda: vt.descriptors(server.pid) <= before), f"{vt.descriptors(server.pid)} descriptors, before {before}")


def nothing_left():
    """No process but the runner, its zygotes and their waiting cells, no descriptor but those of the start."""
    fresh = vt.Server()
    try:
        vt.processes_at_rest(fresh)

        def same_as_fresh():
            return (vt.descriptors(server.pid) == vt.descriptors(fresh.pid)
                    and len(vt.descendants(server.pid)) == len(vt.descendants(fresh.pid)))
        true(vt.wait_until(same_as_fresh),
             f"{vt.descriptors(server.pid)} descriptors, {len(vt.descendants(server.pid))} processes; fresh "
             f"{vt.descriptors(fresh.pid)}, {len(vt.descendants(fresh.pid))}")
    finally:
        fresh.stop()


try:
    vt.main([
        ("a runner killed under load, five times", killed_under_load),
        ("a long run is done again from its start", a_long_run_is_done_again),
        ("a run that is lost twice is a 503", twice_lost),
        ("a runner that hangs", hung_runner),
        ("cells that are killed", cells_killed),
        ("clients that vanish", vanishing_clients),
        ("clients that leave amid a request", leaving_amid_a_request),
        ("nothing is left behind", nothing_left),
    ])
finally:
    server.stop()
