#!/usr/bin/python3
"""Nothing of the server, and nothing of other runs, is in the memory of a run: all of its address space is searched.

A canary is a known beginning and 24 letters drawn for each kind; a program looks for the beginning and compares a digest of what
follows, so it does not hold what it looks for. In the posture of a container, tests/jail/container.t runs this as well.
"""
import hashlib
import os
import random
import sys
import threading

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "http"), os.path.dirname(__file__)]
import memory  # noqa: E402
import vt  # noqa: E402
from vt import same, true  # noqa: E402

BEGIN = "vitrine-canary-"
LETTERS = random.SystemRandom()
KINDS = ["environment", "argument", "header", "code", "a string", "stdin", "file", "file name", "args", "output", "code at one time",
         "own"]
canary = {kind: BEGIN + "".join(LETTERS.choices("abcdefghijklmnop", k=24)) for kind in KINDS}

SEARCH = memory.WALK + r"""
import hashlib, sys
begin, digests = b"vitrine-" + b"canary-", eval(sys.argv[1])
found = set()
ranges = walk()
for first, end in ranges:
    for at, block in read(first, end):
        i = block.find(begin)
        while i >= 0:
            rest = block[i + len(begin):i + len(begin) + 24]
            found.add(digests.get(hashlib.sha256(rest).hexdigest()))
            i = block.find(begin, i + 1)
print((sorted(found - {None}), sum(end - first for first, end in ranges) >> 20, ranges), flush=True)
time.sleep(1)
"""
DIGESTS = {hashlib.sha256(text[len(BEGIN):].encode()).hexdigest(): kind for kind, text in canary.items()}

server = vt.Server("--web", f"/nonexistent/{canary['argument']}", env={**os.environ, "VITRINE_CANARY": canary["environment"]})


def other_run(kind="code", seconds=0):
    c = server.connect()
    reply = vt.request(c, "POST", "/v1/runs", vt.json.dumps({
        "code": f"# {canary[kind]}\nx = '{canary['a string']}'\nimport sys, time\ntext = sys.stdin.read()\n"
                f"print(bytes({list(canary['output'].encode())}).decode())\ntime.sleep({seconds})",
        "stdin": canary["stdin"], "args": [canary["args"]], "lenses": ["bytecode", "refcounts"] if not seconds else [],
        "files": [{"path": f"{canary['file name']}.txt", "text": canary["file"]}]}),
        {"Content-Type": "application/json", "X-Canary": canary["header"], "Authorization": f"Bearer {canary['header']}"})
    c.close()
    same((reply.status, reply.json["status"]), (200, "ok"))


def search(args, outside=lambda: None):
    reply = []
    run = threading.Thread(target=lambda: reply.append(server.run(SEARCH, args=args, limits={"wall_ms": 30000, "cpu_ms": 10000})))
    run.start()
    while run.is_alive():
        outside()
        run.join(0.05)
    same((reply[0]["status"], reply[0]["stderr"]["text"]), ("ok", ""))
    return eval(reply[0]["stdout"]["text"])


def searchable():
    if "address" in vt.SANITIZED:
        raise vt.Skip("an address sanitizer adds 16 TiB that can be read, and keeps its heap where nothing known lies near")


def from_inside():
    searchable()
    for _ in range(10):
        other_run()
    beside = threading.Thread(target=other_run, args=("code at one time", 3))
    beside.start()
    maps = {}

    def outside():
        for pid in memory.cells(server) if os.geteuid() == 0 else []:
            try:
                seen = memory.readable(pid)
            except OSError:
                continue  # it ended
            if any("memfd:report" in name for *_, name in seen):
                maps[pid] = seen
    # What finds the canary of its own run finds those of others, were they there.
    found, megabytes, ranges = search([repr(DIGESTS), canary["own"]], outside)
    beside.join()
    same(found, ["own"])
    true(megabytes > 20, f"{megabytes} MiB were searched: the interpreter's libraries alone are more")
    if os.geteuid() != 0:
        return
    # All that was there was read, but for the kernel's own pages, which write(2) cannot read; one of the processes that were
    # seen is the one that searched.
    missing = [[(hex(first), name) for first, end, _, name in seen if not name.startswith("[v")
                and not any(a <= first and end <= b for a, b in ranges)] for seen in maps.values()]
    true([] in missing, f"what was not searched: {missing}")


def from_outside():
    """Runner, inits and waiting cells, as root sees them: nothing of a run that is over."""
    searchable()
    for _ in range(10):
        other_run()
    kinds = [kind for kind in KINDS if kind not in ("code at one time", "own")]

    def seen_in(pid, wanted):
        blocks = b"".join(block for _, _, block in memory.contents(pid))
        return [kind for kind in wanted if canary[kind].encode() in blocks], len(blocks)
    (runner,) = server.children()
    true(vt.wait_until(lambda: server.metric("runs_running") == 0), "something runs")
    looked = 0
    for pid in [runner, *memory.cells(server)]:
        try:
            found, size = seen_in(pid, kinds)
        except OSError:
            continue  # it ended
        same(found, [], f"process {pid}")
        true(size > 10 << 20, f"{size} bytes of process {pid} were read")
        looked += 1
    true(looked >= 3, f"{looked} processes were looked at")
    # The server itself has had all of this: what is found there would have been found elsewhere.
    true(set(seen_in(server.pid, kinds)[0]) >= {"environment", "argument"}, "nothing is found in the server")


try:
    vt.main([("a run searches its whole address space", from_inside)]
            + [("runner, inits and waiting cells, from outside", from_outside)] * (os.geteuid() == 0))
finally:
    server.stop()
