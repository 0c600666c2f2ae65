"""Passes of snippets by the harness, and what came of them."""
import concurrent.futures
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from tap import check, equal, holds, main  # noqa: E402,F401

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build")).resolve()
# Of the machine's, or of the runtime in whose root this runs (tests/in-runtime).
RUNTIME = os.environ.get("VITRINE_RUNTIME", "3.11")
HARNESS = str(BUILD / "runtimes" / RUNTIME / "lens-harness" if "VITRINE_RUNTIME" in os.environ else BUILD / "tests" / "lens-harness")
PYTHON = f"/usr/bin/python{RUNTIME}"
GIL = not RUNTIME.endswith("t")
VERSION = tuple(map(int, RUNTIME.rstrip("t").split(".")))
ENV = {"PATH": "/usr/bin", "HOME": "/box", "LANG": "C.UTF-8"}
SANITIZED = bool(os.environ.get("VITRINE_SAN"))
TABLES = pathlib.Path(__file__).resolve().parents[2] / "wire" / "tbl"
# Every pass in which a program runs, and a lens that looks in it: of several the first.
PASSES = re.findall(r'^\tX\([A-Z]+, "(\w+)", 1,', (TABLES / "passes.h").read_text(), re.M)
LENS_OF = {kind.lower(): name for name, kind in reversed(re.findall(r"^\tX\([A-Z]+, (\w+), ([A-Z]+),", (TABLES / "lenses.h").read_text(), re.M))}
LENS_OF["adaptive"] = "bytecode"


def no_duplicates(pairs):
    """The server refuses an object that has a member twice; so does this."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(f"a member is there twice: {[k for k, _ in pairs]}")
    return made


class Pass:
    """What one pass of one file left behind."""

    def __init__(self, lines):
        self.lens, self.run, self.file, self.status, self.cut = {}, {}, None, None, None
        for line in lines:
            r = json.loads(line, object_pairs_hook=no_duplicates)
            if "file" in r:
                self.file, self.status, self.cut = r["file"], r["status"], r["cut"]
                continue
            into = self.run if r["lens"] == "run" else self.lens
            if r["item"]:
                into.setdefault(r["member"], []).append(r["value"])
            else:
                into[r["member"]] = r["value"]

    def __getitem__(self, member):
        return self.lens[member]


class Harness:
    """A warm interpreter that serves one command after another; made when it is first needed, one for each hash seed and thread."""

    SECONDS = 300  # for one command
    idle = {}

    def __init__(self, seed):
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen([HARNESS, "--serve", f"--hash-seed={seed}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.stderr)

    @classmethod
    def run(cls, seed, args):
        """The finished command, as of subprocess.run()."""
        waiting = cls.idle.setdefault(seed, [])
        one = waiting.pop() if waiting else cls(seed)
        done = one.command(args)
        if done.returncode == 0:
            waiting.append(one)
        return done

    def command(self, args):
        pipes = [os.pipe(), os.pipe()]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            # To the end, which is when nobody can write any more.
            read = [pool.submit(lambda r=r: open(r, "rb").read()) for r, _ in pipes]
            try:
                ended = self.reply([f"--stdout=/proc/{os.getpid()}/fd/{pipes[0][1]}", f"--stderr=/proc/{os.getpid()}/fd/{pipes[1][1]}", *args])
            finally:
                for _, w in pipes:
                    os.close(w)
            out, err = (r.result() for r in read)
        self.stderr.seek(0)
        return subprocess.CompletedProcess(args, ended, out, err + self.stderr.read())

    def reply(self, args):
        """0 when it is done, otherwise how the harness ended."""
        try:
            self.process.stdin.write(b"".join(os.fsencode(a) + b"\0" for a in args) + b"\0")
            self.process.stdin.flush()
        except BrokenPipeError:
            return self.process.wait()
        if not select.select([self.process.stdout], [], [], self.SECONDS)[0]:
            self.process.kill()
            raise subprocess.TimeoutExpired(args, self.SECONDS)
        return 0 if self.process.stdout.readline() == b"done\n" else self.process.wait() or 1


def passes(kind, files, lenses=None, options=(), args=(), seed=0, **more):
    """The files' passes, one by one, and the finished process.  With more for subprocess.run(), by a process of its own."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as records:
        argv = [f"--pass={kind}", f"--lenses={LENS_OF[kind] if lenses is None else lenses}", f"--records={records.name}",
                *(f"--option={o}" for o in options), *(f"--arg={a}" for a in args), *map(str, files)]
        if more:
            done = subprocess.run([HARNESS, f"--hash-seed={seed}", *argv], capture_output=True, timeout=300, **more)
        else:
            done = Harness.run(seed, argv)
        assert done.returncode == 0, f"the harness ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        found, lines = [], []
        for line in records:
            lines.append(line)
            if line.startswith('{"file": '):
                found.append(Pass(lines))
                lines = []
    assert not lines and len(found) == len(files), f"{len(found)} passes of {len(files)} files"
    return found, done


class Snippet:
    """A source in a directory of its own."""

    def __init__(self, source, **files):
        self.directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.directory.name, "main.py").resolve()
        self.path.write_bytes(source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape"))
        for name, text in files.items():
            self.path.with_name(name + ".py").write_text(text)

    def look(self, kind, **more):
        """One pass: what it recorded, with its output as .out and .err."""
        (one,), done = passes(kind, [self.path], **more)
        one.out, one.err = done.stdout, done.stderr
        return one

    def plain(self, *options, code=None, seed=0, **more):
        """The same by Debian's interpreter, or another program that may look at it."""
        what = ["main.py"] if code is None else ["-c", code]
        return subprocess.run([PYTHON, "-u", *options, *what], cwd=self.path.parent, capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL,
                              env={**ENV, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": str(seed)}, **more)


def look(source, kind, **more):
    return Snippet(source).look(kind, **more)


def side_by_side(function, items):
    """function of each item, two at a time; what one raises is raised here."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(function, items))
