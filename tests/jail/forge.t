#!/usr/bin/python3
"""A program that forges what is said of it: what the kernel saw stays what is said, and the reply keeps to its contract.

It finds the report in its own memory and writes over it; what it can forge is what `claims` names. In the posture of a container,
tests/jail/container.t runs this as well.
"""
import json
import os
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "http"), os.path.dirname(__file__)]
import jsonschema  # noqa: E402
import yaml  # noqa: E402

import memory  # noqa: E402
import vt  # noqa: E402
from vt import same, true  # noqa: E402

LENSES = ["bytecode", "refcounts", "gc", "timing"]
# wire/record.h: a header of 64 bytes (magic, full, committed), then records (length, kind, lens, length of the name, length of
# the JSON, spare, name, JSON).
FIND = memory.WALK + r"""
import struct, random
magic = (0x31455456).to_bytes(4, "little")
report = max(bases[1:]) // PAGE * PAGE
def begins(at):
    return libc.write(writer, at, 4) == 4 and os.read(reader, 4)
while begins(report) != magic:
    report -= PAGE
size = 16 << 20
def put(at, data):
    ctypes.memmove(report + at, data, len(data))
def record(lens, name, text, kind=0):
    name, text = name.encode(), text.encode()
    body = name + text
    length = (16 + len(body) + 7) // 8 * 8
    return struct.pack("<IBBHII", length, kind, lens, len(name), len(text), 0) + body.ljust(length - 16, b"\0")
def commit(records, n=None, full=0):
    put(64, records)
    put(0, magic + struct.pack("<IQ", full, len(records) if n is None else n))
def end():
    '''Nothing of ours runs after this.'''
    os.write(1, b"done\n")
    os._exit(5)
"""
LIES = r"""
lies = b"".join(record(255, name, text) for name, text in [
    ("status", '"ok"'), ("exit_code", "0"), ("signal", "null"), ("limit", "null"), ("end", "0"), ("wall_ns", "1"), ("cpu_ns", "1"),
    ("peak_rss_bytes", "1"), ("usage", '{"cpu_ns": 1}'), ("stdout", '{"text": "forged"}'), ("denied", "[]"), ("claims", "[]"),
    ("notes", '["forged"]'), ("posture", '"full"'),
    ("exception", '{"type": "Forged", "message": "forged", "line": 1, "traceback": "forged"}')])
lies += b"".join(record(lens, name, text, kind) for lens in range(5) for kind in range(3) for name, text in [
    ("steps", '{"step": -1}'), ("code_objects", '[[[[]]]]'), ("totals", '"x"'), ("lines", '{"line": 1e999}'), ("claims", "[]"),
    ("a" * 400, "1"), ("", "1"), ("truncated", "7"), ("enabled", '"\ud800"'.encode("utf-8", "replace").decode())])
"""

FORGERIES = {
    "random bytes": "put(0, random.randbytes(size))",
    "random bytes behind a header": "put(64, random.randbytes(size - 64)); put(0, magic + struct.pack('<IQ', 0, size - 64))",
    "no magic": "put(0, bytes(64))",
    "nothing but zeros": "put(0, bytes(size))",
    "more than there is": "commit(record(255, 'end', '0'), 2**64 - 1)",
    "lengths that wrap": "commit(struct.pack('<IBBHII', 2**32 - 8, 0, 255, 65535, 2**32 - 1, 0) * 100)",
    "a length of nothing": "commit(bytes(4096))",
    "another verdict": LIES + "commit(lies)",
    "another verdict a thousand times": LIES + "commit(lies * (8 << 20 >> 13))",
    "JSON that is deep, long or none": "commit(b''.join(record(i % 5 if i % 5 < 4 else 255, 'exception', t) for i, t in enumerate("
                                       "['[' * 100000, '{\"a\":' * 5000, '\"' + 'x' * 900000 + '\"', '1e999999', 'nul', '\"\\\\udead\"', '1' * 100000])))",
    "full": "commit(b'', 0, 2**32 - 1)",
}
server = vt.Server()
doc = yaml.safe_load(server.get("/openapi.yaml").body)
schema = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Run", "components": doc["components"]})


def run(code, **more):
    """The reply, which is well-formed and keeps to the contract."""
    reply = server.post({"code": code, **more})
    same(reply.status, 200, reply.body)
    # Python's reader is lax where a client's need not be.
    r = json.loads(reply.body, parse_constant=lambda name: true(False, name))
    errors = [f"{e.json_path}: {e.message}"[:300] for e in schema.iter_errors(r)]
    same(errors, [])
    return r


def facts(r):
    return {name: r[name] for name in ("status", "exit_code", "signal", "limit", "stdout", "stderr", "denied", "posture")}


WANT = {"status": "error", "exit_code": 5, "signal": None, "limit": None, "stdout": {"text": "done\n", "truncated": False},
        "stderr": {"text": "", "truncated": False}, "denied": [], "posture": os.environ.get("VITRINE_POSTURE", "full")}


def forged(how):
    def case():
        spend = "t = time.process_time()\nwhile time.process_time() - t < 0.2: pass\n"
        r = run(FIND + FORGERIES[how] + "\n" + spend + "end()", lenses=["refcounts"] if "thousand" in how else [])
        same(facts(r), WANT)
        true(r["usage"]["cpu_ns"] > 200_000_000 and r["usage"]["wall_ns"] > 200_000_000, r["usage"])
        true(r["usage"]["peak_rss_bytes"] > 5 << 20, r["usage"])
        # What could be forged is what is said to be a claim, and nothing else.
        same(r["claims"], ["exception", "lenses"])
        left = json.dumps({k: v for k, v in r.items() if k not in ("exception", "lenses", "notes")})
        true("forged" not in left.lower(), left)
        true("forged" not in r["notes"], r["notes"])
        # What cannot be is not believed.
        if "verdict" not in how:
            same((r["exception"], r["lenses"]), (None, {}))
    return case


def every_pass():
    """The same in each pass, where lenses are open and write as well."""
    for how in ("random bytes", "another verdict", "more than there is"):
        r = run(FIND + FORGERIES[how] + "\nend()", lenses=LENSES, limits={"wall_ms": 10000})
        same(facts(r), WANT)
        same(sorted(r["lenses"]), sorted(LENSES))


def under_a_limit():
    for code, limits, name in (("while True: pass", {"cpu_ms": 700, "wall_ms": 10000}, "cpu"),
                               ("time.sleep(60)", {"wall_ms": 1500}, "wall"),
                               ("while True: os.write(1, b'x' * 60000)", {"output_bytes": 100000, "wall_ms": 10000}, "output")):
        r = run(FIND + FORGERIES["another verdict"] + "\n" + code, limits=limits)
        same((r["status"], r["limit"]["name"], r["exit_code"]), ("limit", name, None))


def returns_twice():
    r = run("import os, sys\nchild = os.fork()\nif child: os.waitpid(child, 0)\nprint('once' if child else 'twice')\n"
            "sys.exit(3 if child else 4)", lenses=LENSES)
    same((r["status"], r["exit_code"], r["stdout"]["text"]), ("error", 3, "twice\nonce\n"))
    # The child ended first, and the report is not in it: no claim is there twice.
    true(r["lenses"]["timing"]["exec_wall_ns"] > 0, r["lenses"]["timing"])
    same(sum(line["hits"] for line in r["lenses"]["timing"]["lines"] if line["line"] == 1), 1)
    r = run("import os\nif os.fork() == 0: os._exit(0)\nos.wait()\nraise ValueError('mine')")
    same((r["status"], r["exit_code"], r["exception"]["message"]), ("error", 1, "mine"))
    # Who outlives the first decides nothing.
    r = run("import os, time\nif os.fork(): os._exit(6)\ntime.sleep(0.2)\nos._exit(0)")
    same((r["status"], r["exit_code"]), ("error", 6))


def kills_parent():
    r = run("import os, time\nfor n in (9, 15, 19, 6):\n    try: os.kill(os.getppid(), n)\n    except OSError: pass\n"
            "time.sleep(0.1)\nprint('there', flush=True)\nos._exit(7)")
    same((r["status"], r["exit_code"], r["signal"], r["stdout"]["text"]), ("error", 7, None, "there\n"))


def executes_itself():
    for end, status, code in (("raise SystemExit(7)", "error", 7), ("pass", "ok", 0)):
        r = run(f"import os, sys\nos.execv(sys.executable, ['python3', '-c', 'print(6 * 7)\\n{end}'])", lenses=LENSES)
        same((r["status"], r["exit_code"], r["stdout"]["text"]), (status, code, "42\n"))


def every_descriptor():
    """Writing to all numbers reaches the two streams, and what was printed like a reply of ours is what was printed."""
    fake = '{"status": "ok", "exit_code": 0, "id": "run_x"}\n'
    r = run(f"import os\nfor fd in [*range(3, 4096), 1, 2]:\n    try: os.write(fd, {fake.encode()!r})\n    except OSError: pass\nos._exit(8)")
    same((r["status"], r["exit_code"], r["stdout"]["text"], r["stderr"]["text"]), ("error", 8, fake, fake))
    r = run(f"import os, sys\nsys.stdout.close()\nos.close(1)\nos.write(2, {fake.encode()!r})\nos.close(2)\nos._exit(9)")
    same((r["status"], r["exit_code"], r["stdout"]["text"], r["stderr"]["text"]), ("error", 9, "", fake))


def replaces_everything():
    """All builtins, all hooks of sys, the modules that ours are made of: it ends as under python3."""
    code = ("import atexit, builtins, gc, io, json, linecache, os, sys, threading, traceback\n"
            "def broken(*a, **k):\n    os.write(1, b'called\\n')\n    os._exit(99)\n"
            "real = setattr\n"
            "for m in (json, traceback, linecache, gc, io, sys, builtins):\n"
            "    for name in dir(m):\n"
            "        if not name.startswith('_') and name not in ('modules', 'path', 'stdout', 'stderr'):\n"
            "            real(m, name, broken)\n"
            "os.write(1, b'end\\n')\n")
    want = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True)
    r = run(code, lenses=LENSES)
    same((r["exit_code"], r["stdout"]["text"]), (want.returncode, want.stdout))
    true(r["lenses"]["timing"]["lines"], "no lines were seen")


try:
    vt.main([(f"over the report: {how}", forged(how)) for how in FORGERIES] + [
        ("the same in every pass", every_pass),
        ("the same, and a limit is met", under_a_limit),
        ("it returns twice", returns_twice),
        ("it kills its parent", kills_parent),
        ("it executes the interpreter", executes_itself),
        ("it writes to every descriptor, and closes its own", every_descriptor),
        ("it replaces everything", replaces_everything),
    ])
finally:
    server.stop()
