#!/usr/bin/python3
"""vitrine run: what goes in, what comes out, the tables, the exit status.

What is expected comes from Debian's own CPython, run beside it, or from reasoning that stands with the check.
"""
import dis
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import types
import unicodedata
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
from tap import ENV, PYTHON, VITRINE, check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
LENSES = re.findall(r'^\tX\([A-Z]+, (\w+),', pathlib.Path("wire/tbl/lenses.h").read_text(), re.M)
STATUS = re.compile(rb"\n(?:ok|error|limit|signal|cancelled)[^\n]*(?:\n  [^\n]*)?\n$")


def source(text, name="prog.py"):
    path = pathlib.Path(HERE.name, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def python(path, *args, env=None):
    return subprocess.run([PYTHON, path, *args], capture_output=True, env=ENV | (env or {}), check=False)


@check("what the program prints comes out byte for byte, and nothing else on standard output")
def streams():
    path = source("import os, sys\nos.write(1, bytes(range(256)))\nos.write(2, b'\\xff\\0e')\n")
    there, here = python(path), vitrine("run", path)
    equal(here.stdout, there.stdout)
    assert here.stderr.startswith(there.stderr), here.stderr
    assert STATUS.search(b"\n" + here.stderr[len(there.stderr):]), here.stderr


@check("arguments, standard input and files reach the program")
def inputs():
    source("def f():\n    return 'util'\n", "d/pkg/util.py")
    path = source("import sys\nfrom pkg.util import f\nprint(sys.argv[1:], sys.stdin.buffer.read(), f())\n", "d/prog.py")
    r = vitrine("run", path, "a", "--stdin", "-", "--file", path.parent / "pkg/util.py", "--", "--lens", "-x", stdin=b"\xffin")
    equal(r.stdout, b"['a', '--lens', '-x'] b'\\xffin' util\n", r.stderr)
    equal(vitrine("run", "-", stdin=b"import sys; print(repr(sys.stdin.read()))").stdout, b"''\n")


@check("exit statuses")
def statuses():
    for code, expected in [
        ("pass", 0),
        ("raise SystemExit(3)", 3),
        ("1 / 0", 1),
        ("x = (", 1),
        ("while True: pass", 124),
        ("import os\nos.kill(os.getpid(), 11)", 128 + signal.SIGSEGV),
        ("import signal\nsignal.raise_signal(signal.SIGTERM)", 128 + signal.SIGTERM),
    ]:
        equal(vitrine("run", "-", "--wall-ms", 500, stdin=code.encode()).returncode, expected, code)
    equal(vitrine("run", "-", "--output-bytes", 10, stdin=b"print('x' * 100)").returncode, 124, "output")
    r = vitrine("run", "-", "--deadline-ms", 300, stdin=b"print('so far', flush=True)\nwhile True: pass")
    equal((r.returncode, r.stdout), (124, b"so far\n"), "deadline")
    holds(r.stderr, b"limit deadline")
    # Starting an interpreter takes longer than a millisecond.
    r = vitrine("run", "-", "--deadline-ms", 1, "--cold", stdin=b"print('never')")
    equal((r.returncode, r.stdout), (124, b""), "a deadline before the start")
    holds(r.stderr, b"before the program had begun")


@check("our own faults: 125, words on standard error, nothing on standard output")
def faults():
    ok, latin = source("pass\n"), pathlib.Path(HERE.name, "latin.py")
    latin.write_bytes(b"# one\nx = '\xe9'\n")
    for args, words in [
        (["nothing.py"], "nothing.py: No such file or directory"),
        ([latin], "line 2 is not UTF-8 (byte 11 of the file is 0xe9)"),
        ([], "FILE"),
        ([ok, "--wall-ms", "0"], "--wall-ms: "),
        ([ok, "--memory-bytes", "much"], "--memory-bytes: "),
        ([ok, "--processes", "99999999999999999999"], "--processes: "),
        ([ok, "--hash-seed", "-1"], "--hash-seed: "),
        ([ok, "--lens", "gc,frob"], "--lens: "),
        ([ok, "--names", "a b"], "--names: "),
        ([ok, "--runtime", "2.7"], "--runtime 2.7: "),
        ([ok, "--color", "pink"], "--color"),
        ([ok, "--allow-missing", "walls"], "--allow-missing: "),
        ([ok, "--stdin", "nothing.txt"], "--stdin: nothing.txt: No such file or directory"),
        ([ok, "--runners", HERE.name], "no runner-"),
        (["-", "--stdin", "-"], "--stdin -: "),
    ]:
        r = vitrine("run", *args)
        equal((r.returncode, r.stdout), (125, b""), args)
        holds(r.stderr.decode(), words)
    # All that is wrong is said at once.
    equal(vitrine("run", ok, "--wall-ms", 0, "--cpu-ms", 0).stderr.count(b"vitrine run: --"), 2)


@check("an interrupt cancels the run and leaves nobody behind")
def interrupt():
    p = subprocess.Popen([VITRINE, "run", source("while True: pass\n")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    children = pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children")
    # Signals are taken before the runner is started.
    end = time.monotonic() + 30
    while not (kids := children.read_text().split()):
        assert time.monotonic() < end and p.poll() is None
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=30)
    equal(p.returncode, 128 + signal.SIGINT)
    for kid in kids:
        assert not os.path.exists(f"/proc/{kid}"), f"{kid} is still there"


@check("output comes while the program goes on, which waits for ever; with --json it does not")
def live():
    path = source("import sys, time\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\ntime.sleep(600)\n")
    p = subprocess.Popen([VITRINE, "run", path, "--wall-ms", "60000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
    equal((p.stdout.readline(), p.stderr.readline()), (b"out\n", b"err\n"))
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=60)
    equal((out, p.returncode), (b"", 128 + signal.SIGINT))
    assert b"err" not in err and STATUS.search(b"\n" + err), err
    p = subprocess.Popen([VITRINE, "run", path, "--wall-ms", "2000", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
    out, err = p.communicate(timeout=60)
    equal((json.loads(out)["stdout"]["text"], json.loads(out)["limit"]["name"], err), ("out\n", "wall", b""))


def shape(j):
    """Names and types, without the values."""
    if isinstance(j, dict):
        return {k: shape(v) for k, v in j.items()}
    if isinstance(j, list):
        return [shape(v) for v in j]
    return type(j).__name__


@check("--json is what POST /v1/runs answers")
def as_json():
    code = "class A: pass\na = A()\na.a = a\ndel a\nimport gc\ngc.collect()\nprint(1)\n"
    r = vitrine("run", source(code), "--json", "--lens", ",".join(LENSES))
    equal((r.stdout.count(b"\n"), r.stderr), (1, b""))
    server = subprocess.Popen([VITRINE, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=ENV)
    try:
        url = server.stdout.readline().split()[-1]
        body = json.dumps({"code": code, "lenses": LENSES}).encode()
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(url + "readyz")
                break
            except OSError:
                assert time.monotonic() < end and server.poll() is None
        with urllib.request.urlopen(urllib.request.Request(url + "v1/runs", body, {"Content-Type": "application/json"})) as f:
            there = json.load(f)
    finally:
        server.terminate()
        server.wait()
    equal(shape(json.loads(r.stdout)), shape(there))
    equal(list(json.loads(r.stdout)), list(there))


def code_objects(code):
    yield code
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            yield from code_objects(c)


HARD = '''import sys

def outer(n, *, key=None):
    def inner():
        return n + key
    try:
        return inner()
    except TypeError as e:
        raise ValueError("é日本") from e
    finally:
        sys.stdout.flush()

class A:
    async def f(self):
        async with self as x:
            yield [y async for y in x if y]

print([outer(i, key=1) for i in range(3)])
'''


def anonymous(s):
    return re.sub(r"0x[0-9a-f]+", "0x", s)


@check("bytecode: every instruction that dis shows, in its order, and the source beside the first of each line")
def bytecode():
    out = vitrine("run", source(HARD), "--lens", "bytecode", env={"COLUMNS": "400"}).stdout.decode()
    lines = [anonymous(line) for line in out.split("\nbytecode\n")[1].splitlines()]
    text, at = HARD.splitlines(), 0
    for code in code_objects(compile(HARD, "/box/main.py", "exec", dont_inherit=True)):
        at = next(i for i in range(at, len(lines)) if lines[i].startswith(code.co_qualname + "  line "))
        holds(lines[at], f"line {code.co_firstlineno}, stack {code.co_stacksize}")
        at += 2
        shown = None
        for i in dis.get_instructions(code):
            tail = f"{i.offset} +{'› ' if i.is_jump_target else ''}{i.opname}"
            tail += "" if i.arg is None else f" +{i.arg}"
            tail += f" {re.escape(anonymous(i.argrepr))}" if i.argrepr else ""
            found = re.search(f"(^| ){tail} +([0-9]+)(?:→([0-9]+))?(?:/[0-9]+)?$", lines[at])
            assert found, f"{i} is not {lines[at]!r}"
            before, after = found[2], found[3]
            effects = {dis.stack_effect(i.opcode, i.arg, jump=jump) for jump in (False, True)}
            assert int(after) - int(before) in effects if after else i.opname in ("RETURN_VALUE", "RAISE_VARARGS", "RERAISE"), lines[at]
            line = i.positions.lineno
            if line is not None and line != shown:
                shown = line
                begin = f"{line}  {text[line - 1].strip()}" if line else "0"
                holds(re.sub(" +", " ", lines[at]), re.sub(" +", " ", begin))
            at += 1
        for e in dis._parse_exception_table(code):
            at += lines[at].strip() == "exceptions"
            holds(lines[at], f"raised from {e.start} to {e.end}: go to {e.target} with the stack at {e.depth}")
            equal("offset pushed" in lines[at], e.lasti)
            at += 1


@check("--adaptive shows what the running code specialised to")
def adaptive():
    code = "def f(n):\n    t = 0\n    for i in range(n):\n        t = t + i\n    return t\nf(1000)\n"
    space = {}
    exec(compile(code, "main.py", "exec"), space)
    special = {i.opname for i in dis.get_instructions(space["f"], adaptive=True)}
    special -= {i.opname for i in dis.get_instructions(space["f"])}
    assert special, "nothing specialises in this Python"
    out = vitrine("run", source(code), "--adaptive").stdout.decode()
    for name in special:
        holds(out, name)


@check("refcounts: a column for each name, changes beside the counts")
def refcounts():
    # a: its name; then b; then the list c; then b is gone; c alone holds none of its own.
    code = "a = object()\nb = a\nc = [a]\ndel b\nc.clear()\n"
    out = vitrine("run", source(code), "--lens", "refcounts").stdout.decode()
    rows = [re.split(" {2,}", line.strip()) for line in out.splitlines()[3:]]
    equal(rows[0], ["1", "1", "<module>", "a = object()", "1 new"])
    equal(rows[1], ["2", "2", "<module>", "b = a", "2 +1", "2 new"])
    equal(rows[2], ["3", "3", "<module>", "c = [a]", "3 +1", "3 +1", "1 new"])
    equal(rows[3], ["4", "4", "<module>", "del b", "2 -1", "- gone", "1"])
    equal(rows[4], ["5", "5", "<module>", "c.clear()", "1 -1", "1"])
    only = vitrine("run", source(code), "--names", "b").stdout.decode()
    equal(only.splitlines()[2].split(), ["step", "line", "function", "source", "b"])


@check("refcounts: names of Python's own come last, objects of its own are said to be")
def of_pythons_own():
    # CPython 3.11 makes small integers with _PyObject_IMMORTAL_REFCNT, and a class body sets __module__ first.
    code = "class C:\n    one = 1\n    other = object()\n"
    lines = vitrine("run", source(code), "--lens", "refcounts", env={"COLUMNS": "120"}).stdout.decode().splitlines()
    equal([line.split()[4:] for line in lines if line.split()[:1] == ["step"]],
          [["one", "other", "C", "__module__", "__qualname__"]])
    counts = json.loads(vitrine("run", source(code), "--lens", "refcounts", "--json").stdout)["lenses"]["refcounts"]["steps"]
    assert max(step["counts"].get("one", 0) for step in counts) > 999999999
    assert any("static new" in line for line in lines), lines
    holds("\n".join(lines), "static: CPython has had the object from the start")


@check("refcounts: names that do not fit follow in tables of their own")
def bands():
    names = [f"name_{i:02}" for i in range(40)]
    code = "".join(f"{n} = object()\n" for n in names)
    out = vitrine("run", source(code), "--lens", "refcounts", env={"COLUMNS": "90"}).stdout.decode()
    heads = [line.split()[4:] for line in out.splitlines() if line.split()[:1] == ["step"]]
    assert len(heads) > 3
    equal(sum(heads, []), names)


@check("gc: the words agree with what gc.collect() says")
def collector():
    code = ("import gc\ngc.disable()\nclass A: pass\nfor _ in range(5):\n    a = A()\n    a.a = a\ndel a\n"
            "print(gc.collect())\n")
    freed, _, table = vitrine("run", source(code), "--lens", "gc", env={"COLUMNS": "200"}).stdout.decode().partition("\n")
    assert int(freed) >= 5
    holds(table, f"It ran 1 time: 1 of generation 2; {freed} objects freed, 0 objects could not be.")
    (row,) = [re.split(" {2,}", line.strip()) for line in table.splitlines() if "print(gc.collect())" in line]
    equal(row[:7], ["1", "2", "8", "<module>", "print(gc.collect())", freed, "0"])


@check("timing: hits of each line, shares that sum up")
def timing():
    code = "t = 0\nfor i in range(100):\n    t += i\n"
    out = vitrine("run", source(code), "--lens", "timing").stdout.decode()
    rows = re.findall(r"^ +(\d+)  .*?  +(\d+)  +[\d.]+ [nµm]?s +(\d+) %", out, re.M)
    # The loop's own line is met once more than its body: when the range is exhausted.
    equal([(line, hits) for line, hits, _ in rows], [("1", "1"), ("2", "101"), ("3", "100")])
    assert 98 <= sum(int(share) for *_, share in rows) <= 102, rows


SHELF = """import sys
class Base: pass
class Left(Base): pass
class Right(Base): pass
class Shelf(Left, Right):
    __slots__ = ('rows', 'size')
    def add(self, row, n=1):
        self.rows.append(row)
shelf = Shelf()
shelf.rows = []
for i in range(5): shelf.add(i)
table = {8: 'a', 16: 'b'}
del table[8]
plain = Left()
plain.x = shelf
big = 2 ** 70
sizes = [sys.getsizeof(o) for o in (shelf, shelf.rows, table, plain, big)]
print(*sizes)
"""


@check("objects: the names in a table, with the sizes that the program finds itself")
def objects():
    r = vitrine("run", source(SHELF), "--lens", "objects", env={"COLUMNS": "100"})
    printed, _, tables = r.stdout.decode().partition("\n")
    shelf, rows_size, table, plain, big = printed.split()
    rows = {cells[0]: cells[1:] for line in tables.partition("At the end")[2].partition("\n\n")[0].splitlines() if len(cells := re.split(" {2,}", line.strip())) > 3}
    equal(rows["shelf"][1:4], ["Shelf", "<Shelf object>", shelf])
    equal((rows["table"][1:4], rows["big"][1:4]), (["dict", "{16: 'b'}", table], ["int", str(2**70), big]))
    equal(rows["plain"][3], plain)
    # sys.getsizeof does not count where the attributes of plain are; something is owned beside it.
    assert int(rows["plain"][4]) > int(plain), rows["plain"]
    # A list of five, grown by append, has eight places: Objects/listobject.c.
    holds(tables, "█████░░░ 5 of 8 places")
    holds(tables, f"{rows_size} bytes: 16 before it, 40 the object, 64 ob_item")
    # 8 and 16 both belong in slot 0 of 8; 16 went on to slot 1 (5 * 0 + 1 + (16 >> 5)), where it stays.
    holds(tables, "slot     0   1   2   3   4   5   6   7\n    entry    ✗   1   ·   ·   ·   ·   ·   ·\n")
    assert re.search(r"\n +1 +16 +16 +'b' +0 → 1\n", tables), tables
    holds(tables, "Shelf → Left → Right → Base → object")
    holds(tables, "take Right, not Base  from [Base object] [Right Base object] [Right]")
    # After the count, the type and the weak references of Base.
    holds(tables, "slot rows at byte 24")
    assert re.search(r"rows +slot, byte \d+ +#\d+ +\[0, 1, 2, 3, 4\]", tables)
    assert re.search(r"shelf\.rows|self\.rows +list +0 → 4 → 8 +8", tables), tables
    holds(tables, "defaults: n = 1")


@check("objects: lines, keys, attributes and names as they are asked for")
def asked():
    path = source(SHELF)
    out = vitrine("run", path, "--at", "8", "--names", "self", "--keys", "16,x", "--attributes", "self.rows,self.add,self.none", env={"COLUMNS": "120"}).stdout.decode()
    holds(out, "Before line 8 in Shelf.add: self.rows.append(row)\n")
    holds(out, ", time 5: ")
    holds(out, "self.rows: class Shelf yes (data descriptor) — slot: [0, 1, 2, 3]")
    holds(out, "self.add: class Shelf yes (non-data descriptor), instance values no — method, which would be <function Shelf.add>")
    holds(out.replace("\n    ", " "), "class object no, instance values no — AttributeError")
    out = vitrine("run", path, "--lens", "objects", "--keys", "16,x", "--no-growth").stdout.decode()
    holds(out, "table[16], hash 16: slot 0: dummy → slot 1: 16 (same key) — found")
    assert re.search(r"table\['x'\], hash -?\d+: slot \d.*— not there", out.replace("\n    ", " ")), out
    assert "Room for items" not in out
    # Names are for the lenses that take them.
    both = json.loads(vitrine("run", path, "--json", "--lens", "objects,refcounts", "--names", "big").stdout)["lenses"]
    equal([n["name"] for n in both["objects"]["captures"][0]["names"]], ["big"])
    equal(set().union(*(s["counts"] for s in both["refcounts"]["steps"])), {"big"})
    equal(list(json.loads(vitrine("run", path, "--json", "--lens", "objects", "--names", "big").stdout)["lenses"]), ["objects"])
    r = vitrine("run", path, "--at", "0")
    equal((r.returncode, b"--at" in r.stderr, b"whole number" in r.stderr), (125, True, True))
    r = vitrine("run", path, "--attributes", "a")
    equal((r.returncode, b"--attributes" in r.stderr), (125, True))


def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@check("no line is wider than the terminal, wide characters included")
def widths():
    code = HARD + "名前の長い変数 = '日本語' * 30  # " + "漢字" * 60 + "\ne\u0301 = 1\n"
    for width in (80, 100, 131):
        r = vitrine("run", source(code), "--lens", ",".join(LENSES), "--at", "3", "--keys", "漢字", "--attributes", "C.x,e.y", env={"COLUMNS": str(width)})
        tables = r.stdout.decode().split("\nbytecode\n")[1]
        widest = max(tables.splitlines() + r.stderr.decode().splitlines(), key=columns)
        assert columns(widest) <= width, f"{columns(widest)} columns at {width}: {widest!r}"
        # Used, not merely kept: something is cut at each of these widths.
        holds(tables, "…")
        assert max(map(columns, tables.splitlines())) == width


def in_terminal(*args, rows=24, cols=77, env=None):
    """What appears on a terminal of that size."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        os.execve(VITRINE, [VITRINE, *map(str, args)], ENV | {"TERM": "xterm"} | (env or {}))
    seen = b""
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if not more:
            break
        seen += more
    os.close(fd)
    os.waitpid(pid, 0)
    return seen.decode()


@check("colours on a terminal, not elsewhere, not with NO_COLOR; the width is the terminal's")
def colours():
    path = source(HARD)
    coloured = in_terminal("run", path, "--lens", "bytecode")
    holds(coloured, "\x1b[")
    plain = in_terminal("run", path, "--lens", "bytecode", env={"NO_COLOR": "1"})
    assert "\x1b" not in plain
    equal(max(columns(line.rstrip("\r")) for line in plain.split("\n")), 77)
    assert "\x1b" not in in_terminal("run", path, "--lens", "bytecode", env={"TERM": "dumb"})
    r = vitrine("run", path, "--lens", "bytecode")
    assert b"\x1b" not in r.stdout + r.stderr
    r = vitrine("run", path, "--lens", "bytecode", "--color", "always")
    assert b"\x1b[" in r.stdout and b"\x1b[" in r.stderr


@check("a stranger's control characters are shown, not sent")
def controls():
    code = "x = '\x1b]0;title\x07 \x1b[31m \u202e \x7f'\ndel x\n"
    r = vitrine("run", source(code), "--lens", ",".join(LENSES))
    shown = r.stdout.decode()
    bad = [c for c in shown if (unicodedata.category(c) in ("Cc", "Cf")) and c != "\n"]
    equal(bad, [])
    holds(shown, "␛[31m")


@check("--hash-seed is PYTHONHASHSEED")
def seed():
    path = source("print(hash('vitrine'))\n")
    for n in ("0", "7"):
        equal(vitrine("run", path, "--hash-seed", n).stdout, python(path, env={"PYTHONHASHSEED": n}).stdout)
    assert len({vitrine("run", path, "--cold").stdout for _ in range(3)}) > 1


@check("nothing of our environment reaches the program")
def environment():
    path = source("import os\nprint(os.environ)\nprint(open('/proc/self/environ').read() if os.path.exists('/proc/self/environ') else '')\n")
    assert b"tell-nobody" not in vitrine("run", path, env={"SECRET": "tell-nobody"}).stdout


main()
