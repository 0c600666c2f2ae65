"""What is asked for: runs of every kind, each with a token that its reply must repeat, and what the reply must say.

A kind makes a request, and a judge of its reply, which returns None, or words that say what is not as it must be. Snippets of
tests/jail/hostile are judged by their own first lines.
"""
import hashlib
import itertools
import os
import re
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), d) for d in ("../jail", "../http")]
import snippet  # noqa: E402
import vt  # noqa: E402

NEVER_MS = 60000  # the most that can be asked for
LENSES = ("bytecode", "refcounts", "gc", "timing", "objects")


def zygotes():
    """{name: modules that it has imported before a run is forked}; each has those of the ones before it too."""
    found, so_far = {}, []
    for name, words in re.findall(r'X\([A-Z]+, "(\w+)",((?:[\s\\]*"[^"]*")+)\)', open("wire/tbl/zygotes.h").read()):
        so_far = so_far + "".join(re.findall(r'"([^"]*)"', words)).split()
        found[name] = so_far
    assert list(found)[0] == "lean" and "json" in found["library"], found
    return found


ZYGOTES = zygotes()
LIBRARY = [m for m in ZYGOTES["library"] if m not in ZYGOTES["lenses"]]


class Run:
    """One request. judge(reply) is asked about what a 200 says."""

    def __init__(self, kind, body, judge, refused=None):
        self.kind, self.body, self.judge = kind, body, judge
        self.refused = refused  # the status of a request that cannot be taken


def wants(stdout, **more):
    """A judge: the whole standard output, and members, with those of a run that went well where none are named."""
    want = {"status": "ok", "exit_code": 0, "signal": None, "limit": None, "denied": [], "notes": [], "stdout": {"text": stdout},
            "lenses": {}} | more
    return lambda reply: snippet.differs(want, reply)


def limited(stdout, name, allowed, most):
    """A judge: ended by that limit, having used at least what was allowed and less than `most`: how soon it is ended depends on what
    else the machine does, of which there is much."""
    def judge(reply):
        found = snippet.differs({"status": "limit", "limit": {"name": name, "allowed": allowed}, "stdout": {"text": stdout}}, reply)
        if not found and not allowed <= reply["limit"]["used"] < most:
            return f"limit.used: {reply['limit']['used']} of {allowed}"
        return found
    return judge


def lean(r, token):
    return {"code": f"print({token!r})"}, wants(token + "\n", zygote="lean")


def library(r, token):
    return ({"code": f"import {', '.join(r.sample(LIBRARY, 3))}\nprint({token!r})"}, wants(token + "\n", zygote="library"))


def threads(r, token):
    return ({"code": f"import threading\nt = threading.Thread(target=print, args=({token!r},))\nt.start()\nt.join()"},
            wants(token + "\n", zygote="lenses"))


def numpy(r, token):
    n = r.randrange(1000)
    return ({"code": f"import numpy as np\nprint({token!r}, np.arange({n}).sum())"}, wants(f"{token} {n * (n - 1) // 2}\n", zygote="numpy"))


def looked(r, token):
    lenses = r.sample(LENSES, r.randint(1, 4))
    code = f"import gc\nx = []\nfor i in range({r.randint(1, 30)}):\n    x = [x, i]\ngc.collect()\nprint({token!r})"

    def judge(reply):
        found = wants(token + "\n", lenses={name: {} for name in lenses})(reply)
        return found or (None if set(reply["lenses"]) == set(lenses) else f"lenses {list(reply['lenses'])}, not {lenses}")
    return {"code": code, "lenses": lenses}, judge


def stdin(r, token):
    text = token * r.randint(1, 10000)
    code = f"import hashlib, sys\nprint({token!r}, hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    return {"code": code, "stdin": text}, wants(f"{token} {hashlib.sha256(text.encode()).hexdigest()}\n")


def files(r, token):
    files = [{"path": "its/own.py", "text": f"word = {token!r}\n"}] + [
        {"path": f"data/{i}.txt", "text": token * r.randint(1, 500)} for i in range(r.randint(1, 20))]
    total = sum(len(f["text"]) for f in files[1:])
    code = "import os, sys\nimport its.own\nprint(its.own.word, sum(os.path.getsize('data/' + n) for n in os.listdir('data')), *sys.argv[1:])"
    return {"code": code, "files": files, "args": [token, "é"]}, wants(f"{token} {total} {token} é\n")


def large(r, token):
    n = r.randint(100_000, 1_000_000)
    return ({"code": f"import sys\nsys.stdout.write({token!r} + 'x' * {n})", "limits": {"output_bytes": 2_000_000}}, wants(token + "x" * n))


def largest(r, token):
    """Much of everything: input, output, and what every lens has to say."""
    text = token * (200_000 // len(token))
    code = ("import sys\nfor i in range(50):\n    x = [i] * i\n"
            "sys.stdout.write(sys.stdin.read())")

    def judge(reply):
        found = wants(text, lenses={name: {} for name in LENSES})(reply)
        return found or (None if len(reply["lenses"]["refcounts"]["steps"]) > 100 else "lenses.refcounts.steps")
    return {"code": code, "stdin": text, "lenses": list(LENSES)}, judge


def raises(r, token):
    return ({"code": f"def f():\n    raise ValueError({token!r})\nf()"},
            wants("", status="error", exit_code=1, exception={"type": "ValueError", "message": token, "line": 2}))


def exits(r, token):
    n = r.randint(1, 99)
    return {"code": f"import sys\nprint({token!r})\nsys.exit({n})"}, wants(token + "\n", status="error", exit_code=n)


def signals(r, token):
    return ({"code": f"import os\nprint({token!r}, flush=True)\nos.kill(os.getpid(), 11)"},
            lambda reply: snippet.differs({"status": "signal", "signal": "SIGSEGV", "stdout": {"text": token + "\n"}}, reply))


def wall(r, token):
    # Long enough for a busy machine to come to the first line.
    return ({"code": f"import time\nprint({token!r}, flush=True)\ntime.sleep(60)", "limits": {"wall_ms": 3000}},
            limited(token + "\n", "wall", 3000, 60000))


def cpu(r, token):
    return ({"code": f"print({token!r}, flush=True)\nwhile True: pass", "limits": {"cpu_ms": 100}},
            limited(token + "\n", "cpu", 100, 10000))


def output(r, token):
    text = f"{token}\n" * 200
    return ({"code": f"while True: print({token!r})", "limits": {"output_bytes": 1000}}, limited(text[:1000], "output", 1000, 1 << 30))


def memory(r, token):
    return ({"code": f"print({token!r}, flush=True)\nx = bytearray(200 << 20)", "limits": {"memory_bytes": 64 << 20}},
            lambda reply: snippet.differs({"status": "error", "stdout": {"text": token + "\n"}, "exception": {
                "type": "MemoryError", "limit": {"name": "memory", "allowed": 64 << 20}}}, reply))


def disk(r, token):
    """The scratch full to the last byte, in a place that is chosen by chance: ENOSPC is 28."""
    place = r.choice(("full", "/tmp/full", "/dev/shm/full"))
    code = (f"try:\n    with open({place!r}, 'wb', 0) as f:\n        while True: f.write(bytes(65536))\n"
            f"except OSError as e:\n    print({token!r}, e.errno)")
    return {"code": code, "limits": {"disk_bytes": 1 << 20}}, wants(f"{token} 28\n")


def processes(r, token):
    code = (f"import os, time\nn = 0\ntry:\n    while os.fork(): n += 1\n    time.sleep(60)\n"
            f"except BlockingIOError:\n    print({token!r}, n)")
    # Five, and the program itself is one of them.
    return {"code": code, "limits": {"processes": 5}}, wants(f"{token} 4\n")


def deadline(r, token):
    """Over while it runs; or while it waits, which is a 503 that says so."""
    return ({"code": f"import time\nprint({token!r}, flush=True)\ntime.sleep(60)", "limits": {"deadline_ms": 500}},
            lambda reply: snippet.differs({"status": "limit", "limit": {"name": "deadline", "allowed": 500}}, reply))


HASH = subprocess.run(["/usr/bin/python3.11", "-c", "print(hash('a'))"], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True).stdout


def cold(r, token):
    return ({"code": f"print({token!r}, hash('a'))", "start": "cold", "hash_seed": 7},
            wants(f"{token} {HASH}", start="cold", hash_seed=7))


def denied(r, token):
    return ({"code": f"import socket\ntry: socket.socket()\nexcept OSError as e: print({token!r}, e.errno)"},
            wants(f"{token} 1\n", denied=[{"syscall": "socket", "count": 1, "errno": "EPERM"}]))


WRONG = (({"lenses": ["none"]}, 422), ({"limits": {"wall_ms": 0}}, 422), ({"codes": ""}, 422), ({"files": [{"path": "../x", "text": ""}]}, 422))


def wrong(r, token):
    """Cannot be taken. The token is the request's own, and is not repeated."""
    more, status = r.choice(WRONG)
    return {"code": f"print({token!r})"} | more, status


# --- tests/jail/hostile ------------------------------------------------------

# The word of a snippet is put before its first line, which is a comment; it comes out at the head of its standard error.
def hostile_kind(path):
    limits = snippet.limits(path)
    # A time that one alone keeps is too short for many on a busy machine: those that are ended by it get five seconds, the others none
    # that they could meet.
    enough = max(limits["wall_ms"], 5000) if "wall_ms" in limits else NEVER_MS
    body = {"code": path.read_text(), "limits": limits | {"wall_ms": enough}}
    if os.geteuid() == 0:
        body["args"] = ["root"]

    def kind(r, token):
        first = f"__import__('os').write(2, b'{token}') #"

        def judge(reply):
            if not reply["stderr"]["text"].startswith(token):
                return f"stderr: {reply['stderr']['text'][:200]!r} does not begin with {token}"
            error = reply["stderr"] | {"text": reply["stderr"]["text"].removeprefix(token)}
            limit = reply["limit"]
            if limit and (limit["name"], limit["allowed"]) == ("wall", enough):
                limit = limit | {"allowed": limits.get("wall_ms")}
            return snippet.judge(path, reply | {"stderr": error, "limit": limit})
        return body | {"code": first + body["code"]}, judge
    return kind


def hostile(build):
    """{name: kind} of those that can be had here."""
    snippet.hold_all()
    found = {}
    for path in sorted(snippet.HERE.glob("hostile/*.py")):
        needs = snippet.header(path, "needs")
        if (needs == "memory limit" and vt.SANITIZED or needs == "control groups" and not snippet.cgroups(build)
                or needs == "i386" and not snippet.foreign_abi()):
            continue
        found[path.stem] = hostile_kind(path)
    return found


# How often each comes; hostile ones share a weight, and those that take a second or fill hundreds of megabytes a smaller one.
BENIGN = {lean: 400, library: 80, threads: 60, numpy: 60, looked: 60, stdin: 50, files: 50, large: 20, largest: 5, raises: 40, exits: 40, signals: 20,
          wall: 8, cpu: 8, output: 20, memory: 15, disk: 20, processes: 6, deadline: 6, cold: 2, denied: 20, wrong: 15}
HOSTILE, HEAVY_HOSTILE = 80, 10
HEAVY = {"cpu", "cpu_children", "denied_killed", "denied_many", "fork_bomb", "memory_objects", "memory_pieces", "memory_shared", "memory_together",
         "pids", "files_many", "inodes"}


class Mix:
    def __init__(self, build, numpy_here):
        self.hostile = hostile(build)
        light = sorted(set(self.hostile) - HEAVY)
        kinds = {k.__name__: (k, w) for k, w in BENIGN.items() if numpy_here or k is not numpy}
        if vt.SANITIZED:  # the shadow of an address sanitizer is larger than any limit
            del kinds["memory"]
        for name in self.hostile:
            share = HOSTILE / len(light) if name in light else HEAVY_HOSTILE / (len(self.hostile) - len(light))
            kinds[f"hostile {name}"] = (self.hostile[name], share)
        self.names, self.weights = list(kinds), [w for _, w in kinds.values()]
        self.kinds = {name: kind for name, (kind, _) in kinds.items()}

    def pick(self, r, token):
        (name,) = r.choices(self.names, self.weights)
        body, judge = self.kinds[name](r, token)
        body = {"limits": {}} | body
        if not set(body["limits"]) & {"wall_ms", "deadline_ms"} and name != "wrong":
            body["limits"] = body["limits"] | {"wall_ms": NEVER_MS}
        return Run(name, body, None, judge) if isinstance(judge, int) else Run(name, body, judge)


class Packages:
    """Runs that import everything which a zygote has, and print hello: each is forked from that zygote, and is refused nothing. One
    zygote after the other, so that each has as many."""

    def __init__(self, numpy_here):
        self.zygotes = [z for z in ZYGOTES if numpy_here or z != "numpy"]
        self.turn = itertools.cycle(self.zygotes)

    def pick(self, r, token):
        zygote = next(self.turn)
        code = f"import {', '.join(ZYGOTES[zygote])}\n" if ZYGOTES[zygote] else ""
        return Run(f"all of {zygote}", {"code": f"{code}print('hello', {token!r})"}, wants(f"hello {token}\n", zygote=zygote))
