#!/usr/bin/python3
"""What runs of one warm interpreter do not share, what they do, and that it stays as it was.

A run is forked from an interpreter that was warmed long before, so everything that was drawn at random there would be drawn
for all. In the posture of a container, tests/jail/container.t runs this as well.
"""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

RUNS = 200
STARTED = time.monotonic()
server = vt.Server()

# Each is drawn once; none repeats by chance but with less than one in 2**40 for all the runs of this file.
DRAWN = """
import os, random, secrets, uuid, tempfile, multiprocessing
drawn = {
    "random": random.random(),
    "random's state": hash(random.getstate()),
    "random.Random": random.Random().random(),
    "random.SystemRandom": random.SystemRandom().random(),
    "os.urandom": os.urandom(16).hex(),
    "secrets": secrets.token_hex(16),
    "uuid1": str(uuid.uuid1()),
    "uuid4": str(uuid.uuid4()),
    "tempfile": [next(tempfile._get_candidate_names()) for _ in range(2)],
    "a temporary file": tempfile.NamedTemporaryFile().name,
    "the key of multiprocessing": bytes(multiprocessing.current_process().authkey).hex(),
}
try:
    import ssl
    drawn["ssl"] = ssl.RAND_bytes(16).hex()
except ImportError:
    pass
try:
    import numpy.random
    drawn["numpy.random"] = numpy.random.random()
    drawn["numpy's state"] = int(numpy.random.get_state()[1][0])
    drawn["numpy's generator"] = numpy.random.default_rng().random()
except ImportError:
    pass
print(repr(drawn))
"""
# What a program finds that did not begin with it: modules, every object that the collector knows (gc.freeze() hid them), how
# often each is referred to, blocks of memory in use; and the addresses, which tell that it was the same interpreter.
STATE = """
import sys
state = [sys.getallocatedblocks(), id(object())]
import gc
gc.unfreeze()
objects = gc.get_objects()
state += [len(objects), [sys.getrefcount(o) for o in objects[:-1]]]
state += [sys.getrefcount(o) for o in (None, True, False, (), "", b"", 0, 1, -1, type, object, Exception)]
state += [len(sys.modules), " ".join(sys.modules)]
state += [[len(vars(m)) for m in sys.modules.values()]]
state += [gc.get_count()[1:], gc.get_stats(), gc.callbacks, gc.garbage]
import hashlib
print(hash("vitrine"), len(objects), len(repr(state)), hashlib.sha256(repr(state).encode()).hexdigest())
"""
LAYOUT = """
import ctypes
libc = ctypes.CDLL(None)
address = lambda f: ctypes.cast(f, ctypes.c_void_p).value
stack = ctypes.c_void_p.in_dll(libc, "__libc_stack_end").value
print(hash("vitrine"), id(object()), id(None), address(libc.getpid), stack)
"""


def text(r):
    same((r["status"], r["stderr"]["text"]), ("ok", ""))
    return r["stdout"]["text"]


def random_numbers():
    seen = [eval(text(server.run(DRAWN))) for _ in range(12)]
    same({tuple(drawn) for drawn in seen}, {tuple(seen[0])}, "what was drawn")
    true("ssl" in seen[0], "no ssl in the runtime")
    for name in seen[0]:
        values = [repr(drawn[name]) for drawn in seen]
        same(len(set(values)), len(values), f"{name}: {values}")


def seeded():
    """A program that seeds gets what python3 gets: nothing was drawn before it."""
    code = "import random\nrandom.seed(7)\nprint(random.random(), random.sample(range(1000), 5))"
    want = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True).stdout
    for _ in range(3):
        same(text(server.run(code)), want)


def hash_secret():
    """Shared by the runs of one interpreter, and said so; drawn for one alone, and said so; fixed."""
    warm = [server.run("print(hash('vitrine'))") for _ in range(4)]
    same([(r["start"], r["hash_secret"], r["hash_seed"]) for r in warm], [("warm", "shared", None)] * 4)
    same(len({text(r) for r in warm}), 1, "one interpreter")
    cold = [server.run("print(hash('vitrine'))", start="cold") for _ in range(2)]
    same([(r["start"], r["hash_secret"], r["hash_seed"]) for r in cold], [("cold", "own", None)] * 2)
    same(len({text(r) for r in cold + warm}), 3)
    for seed in (0, 4294967295):
        want = subprocess.run(["/usr/bin/python3", "-c", "print(hash('vitrine'))"], env={"PYTHONHASHSEED": str(seed)},
                              capture_output=True, text=True, check=True).stdout
        r = server.run("print(hash('vitrine'))", hash_seed=seed)
        same((r["hash_secret"], r["hash_seed"], text(r)), ("fixed", seed, want))


def layout():
    """A cold start shares nothing that can be guessed: hash secret, heap, program, libraries, stack."""
    # With an interpreter of its own each, places repeat once in 2**22 or less (the stack; mmap has 28 bits).
    cold = [text(server.run(LAYOUT, start="cold")).split() for _ in range(3)]
    true(len(cold[0]) == 5, cold)
    for column in zip(*cold):
        same(len(set(column)), 3, f"what cold starts share: {cold}")
    warm = [text(server.run(LAYOUT)).split() for _ in range(3)]
    same([row[0] for row in warm], [warm[0][0]] * 3)
    true(not set(warm[0]) & set(sum(cold, [])), "a cold start is like the warm ones")


def stays():
    connection = server.connect()
    states = []
    for _ in range(RUNS):
        reply = server.post({"code": STATE}, connection=connection).json
        states.append(text(reply))
    connection.close()
    different = [n for n, s in enumerate(states) if s != states[0]]
    same(different, [], f"{states[0]!r} became {states[different[0]] if different else ''!r}, runs")
    _, objects, size, _ = states[0].split()
    true(int(objects) > 5000 and int(size) > 10000, f"too little was looked at: {states[0]}")


def memory_of(pid):
    """{address: page} of what a process can write, but for its stack, its own variables, which hold what it does now, and the
    pages that it shares with its cells: the interpreter, that is, and all that was allocated."""
    found, own = {}, None
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in open(f"/proc/{pid}/maps"):
            first, last, mode, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", line).groups()
            # What a program has no values for lies after what it has, without a name.
            if "/runner-" in name or first == own and not name:
                own = last
            elif mode.startswith("rw-p") and name != "[stack]":
                memory.seek(int(first, 16))
                block = memory.read(int(last, 16) - int(first, 16))
                for n in range(0, len(block), 4096):
                    found[int(first, 16) + n] = block[n:n + 4096]
    return found


def untouched():
    """Seen from outside: what was written in the warm interpreter's memory while it made runs."""
    if "address" in vt.SANITIZED:
        raise vt.Skip("an address sanitizer writes to its shadow, and to its heap's own lists, whenever the runner allocates")
    (runner,) = server.children()
    server.run("print(1)")
    before = memory_of(runner)
    for n in range(50):
        server.run(f"import json, random\nx = [str(i) for i in range({n})]\nprint(json.dumps(x), random.random())\n1 / ({n} % 2)")
    after = memory_of(runner)
    same(sorted(after), sorted(before), "addresses")
    written = {hex(at): sum(a != b for a, b in zip(page, after[at])) for at, page in before.items() if page != after[at]}
    # An interpreter that ran as little as `None` would have written to reference counts on many pages. A lock may be held.
    true(len(before) > 1000 and sum(written.values()) <= 32, f"bytes written of {len(before)} pages: {written}")


def uptime():
    """How long the machine has been up: clocks of a time namespace begin with the runner, some seconds ago."""
    code = "import time\nprint(*(time.clock_gettime(c) for c in (time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME)), time.time())"
    since = time.monotonic() - STARTED
    for start in ("warm", "cold"):
        mono, boot, now = map(float, text(server.run(code, start=start)).split())
        true(0 <= mono < since + 60 and 0 <= boot < since + 60, f"{mono} {boot}, the server was started {since} s ago")
        true(abs(now - time.time()) < 60, "the time of day is the machine's")
    # A machine that came up with the tests shows nothing.
    true(time.monotonic() > since + 60 or time.clock_gettime(time.CLOCK_BOOTTIME) < 600, "the two cannot be told apart")


CASES = [
    ("what is drawn at random", random_numbers),
    ("what is drawn from a seed", seeded),
    ("the hash secret is shared, a run's own, or fixed, and said to be", hash_secret),
    ("a cold start shares no address with another", layout),
    ("the last of many runs finds what the first did", stays),
]
try:
    if "cgroup, time" in server.get("/v1/posture").json["runtimes"][0]["layers"][0]["how"]:
        CASES.insert(3, ("how long the machine has been up is not told", uptime))
    if os.geteuid() == 0:
        CASES.append(("the warm interpreter's memory is not written to", untouched))
    vt.main(CASES)
finally:
    server.stop()
