#!/usr/bin/python3
"""Sources that are made to exhaust what reads them: tokenizer, parser, compiler and lenses are jailed and limited as the run is.

Each is run with every lens, so that every kind of pass compiles it, the one that only compiles as well; it ends as under
python3, or at a limit, and the server does not notice. In the posture of a container, tests/jail/container.t runs this as well.
"""
import os
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

CPU_MS = 800
# Those that use up their time in each pass take seconds: with VITRINE_HEAVY=1 only, but for one.
SLOW = ["powers in a row", "many names", "many functions", "f-strings"]
LIMITS = {"cpu_ms": CPU_MS, "wall_ms": 8000}
SOURCES = {
    "brackets without end": "(" * 100000,
    "brackets that are closed": "[" * 5000 + "]" * 5000,
    "brackets within what the tokenizer takes": "(" * 190 + "1" + ")" * 190,
    "minus signs": "-" * 100000 + "1",
    "not, and not": "not " * 100000 + "1",
    "a long sum": "a = 1\nprint(" + "a+" * 100000 + "a)",
    "a long sum of constants": "print(" + "1+" * 100000 + "1)",
    "a chain of calls": "f = lambda: f\nf" + "()" * 100000,
    "a chain of attributes": "a" + ".a" * 100000,
    "a chain of comparisons": "print(" + "1<" * 50000 + "1)",
    "powers of powers": "x = 9**9**9",
    "powers in a row": "x = " + "+".join(["10**10**7"] * 20),
    "shifts": "x = 1 << 10**12",
    "a repeated tuple": "x = ((((0,) * 9999,) * 9999,) * 9999,) * 9999",
    "a repeated string": "x = 'x' * 10**12",
    "a long integer": "x = " + "9" * 500000,
    "a line of nearly a megabyte": "x = '" + "x" * 1000000 + "'",
    "a comment of nearly a megabyte": "#" + "x" * 1000000,
    "many lines": "\n" * 1000000,
    "many names": "\n".join(f"a{i}=1" for i in range(60000)),
    "many constants": "x = [" + ",".join(f"{i}.5" for i in range(80000)) + "]",
    "functions in functions": "\n".join(" " * i + "def f():" for i in range(99)) + "\n" + " " * 99 + "pass",
    "functions in functions, too many": "\n".join(" " * i + "def f():" for i in range(1200)) + "\n" + " " * 1200 + "pass",
    "many functions": "def f(): pass\n" * 20000,
    "lambdas in lambdas": "x = " + "lambda: " * 5000 + "0",
    "comprehensions in comprehensions": "x = " + "[" * 60 + "0" + " for i in ()]" * 60,
    "f-strings": "x = f'" + "{1}" * 100000 + "'",
    "f-strings in f-strings": "x = " + "f'{" * 3 + "0" + "}'" * 3,
    "a deep format": "x = f'{1:" + "{1:" * 1000 + "}" * 1000 + "}'",
    "decorators": "@f\n" * 100000 + "def g(): pass",
    "many arguments": "def f(" + ",".join(f"a{i}" for i in range(50000)) + "): pass",
    "blocks in blocks": "\n".join(" " * i + "if 1:" for i in range(99)) + "\n" + " " * 99 + "pass",
    "loops in loops": "\n".join(" " * i + "for i in ():" for i in range(30)) + "\n" + " " * 30 + "pass",
    "tries in tries": "\n".join(" " * i + "try:" for i in range(90)),
    "else without end": "if 0: pass\n" + "elif 0: pass\n" * 50000,
    "patterns": "match 0:\n case " + "[" * 150 + "0" + "]" * 150 + ": pass",
    "a pattern of alternatives": "match 0:\n case " + "|".join(str(i) for i in range(50000)) + ": pass",
    "names of the whole of Unicode": "x = '\\N{" + "A" * 100000 + "}'",
    "escapes": "x = '" + "\\q" * 100000 + "'",
    "a deep annotation": "x: " + "a[" * 150 + "0" + "]" * 150,
    "an encoding that is none": "# coding: " + "x" * 100000,
}
server = vt.Server()


def under_python(source):
    """Exit status of python3 with the memory that a run has; None when it takes longer than a run may."""
    def bound():
        resource.setrlimit(resource.RLIMIT_DATA, (256 << 20, 256 << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    with tempfile.NamedTemporaryFile("w", suffix=".py") as f:
        f.write(source)
        f.flush()
        done = subprocess.run(["/usr/bin/python3", f.name], stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=bound)
    if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL
        return None, ""
    return done.returncode, done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1].split(":")[0]


def exhausts(name):
    def case():
        source = SOURCES[name]
        reply = server.post({"code": source, "lenses": ["bytecode", "refcounts", "gc", "timing"], "limits": LIMITS}, timeout=120)
        same(reply.status, 200, reply.body[:300])
        r = reply.json
        status, words = under_python(source)
        if r["status"] == "limit":
            # The limit that is named was met; python3 has no such, and may have come to an end a little later.
            true(r["limit"]["name"] in ("cpu", "wall", "memory"), r["limit"])
            true(status is None or r["limit"]["name"] == "memory" or r["usage"]["cpu_ns"] >= CPU_MS * 10**6 * 0.9,
                 (r["limit"], r["usage"], status))
        elif status is not None:
            got = r["exit_code"] if r["signal"] is None else -r["signal"]["number"]
            same((got, (r["exception"] or {}).get("type", "")), (status, words if status else ""),
                 r["stderr"]["text"][-300:])
        true(r["usage"]["cpu_ns"] <= (CPU_MS + 1000) * 10**6, r["usage"])
    return case


def lives():
    same(server.run("print(6 * 7)")["stdout"]["text"], "42\n")
    same((server.metric("runner_starts_total"), server.metric("runs_retried_total"), server.metric("runs_unavailable_total")),
         (1, 0, 0))
    same(server.get("/readyz").status, 200)
    true(vt.resident(server.pid) < 200 << 20, vt.resident(server.pid))


try:
    names = [name for name in SOURCES if name not in SLOW or os.environ.get("VITRINE_HEAVY")]
    vt.main([(name, exhausts(name)) for name in names] + [("the server and its warm interpreter did not notice", lives)])
finally:
    server.stop()
