#!/usr/bin/python3
"""Thousands of runs leave the server's memory, descriptors and processes as they were."""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

# AddressSanitizer keeps what is freed for a while, and counts leaks itself: then its word is taken.
SANITIZED = b"__asan_init" in (vt.BUILD / "vitrine").read_bytes()
WARM = int(os.environ.get("VITRINE_SOAK_WARM", "500"))
RUNS = int(os.environ.get("VITRINE_SOAK_RUNS", "1000" if SANITIZED else "5000"))
CLIENTS = 4
# What malloc keeps differs by a little from run to run.  A leak of one descriptor's worth of bookkeeping (about 100
# bytes) in each of 5,000 runs would pass this; one of a request's body, a report or a result would not.
SLACK = 512 * 1024

server = vt.Server()
failures = []


def client(n):
    connection = server.connect()
    for i in range(n):
        reply = server.post({"code": f"print({i})"}, connection=connection)
        if reply.status != 200 or reply.json["stdout"]["text"] != f"{i}\n":
            failures.append((reply.status, reply.body[:300]))
    connection.close()


def load(runs):
    began = time.monotonic()
    threads = [threading.Thread(target=client, args=(runs // CLIENTS,)) for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    seconds = time.monotonic() - began
    print(f"# {runs} runs in {seconds:.1f} s: {runs / seconds:.0f} a second")


def measure():
    """(processes, descriptors of the server, of the runner, memory of the server, of the runner), at rest."""
    (runner,) = server.children()
    processes = vt.processes_at_rest(server)
    return (processes, vt.descriptors(server.pid), vt.descriptors(runner), vt.resident(server.pid),
            vt.resident(runner))


def soak():
    load(WARM)
    before = measure()
    load(RUNS)
    after = measure()
    print(f"# before {before}, after {after}: processes, descriptors of server and runner, bytes of server and runner")
    same(failures, [])
    same(after[:3], before[:3], "processes, descriptors")
    true(SANITIZED or after[3] - before[3] < SLACK, f"the server grew by {after[3] - before[3]} bytes")
    true(SANITIZED or after[4] - before[4] < SLACK, f"the runner grew by {after[4] - before[4]} bytes")
    same(server.metric("runner_starts_total"), 1)


def large():
    """The same with bodies, output and reports of some size, and every lens."""
    body = {"code": "import sys\nfor i in range(50):\n    x = [i] * i\nsys.stdout.write('x' * 200_000)",
            "stdin": "i" * 200_000, "lenses": ["bytecode", "refcounts", "gc", "timing"]}

    def some(n):
        c = server.connect()
        for _ in range(n):
            same(server.post(body, connection=c).json["status"], "ok")
        c.close()
    some(30)
    before = measure()
    some(60)
    after = measure()
    print(f"# before {before}, after {after}")
    same(after[:3], before[:3], "processes, descriptors")
    # 60 times 200 kB of input and output each would be 24 MB.
    true(SANITIZED or after[3] - before[3] < 4 << 20, f"the server grew by {after[3] - before[3]} bytes")


def ends_well():
    """Status 0: what it owned was given back, where a sanitizer looks."""
    same(server.stop(), 0)


try:
    vt.main([(f"{RUNS} runs on {CLIENTS} connections", soak), ("large runs with every lens", large),
             ("the server ends with status 0", ends_well)])
finally:
    if server.process.poll() is None:
        server.stop()
