"""What a benchmark measures with: the load program, the kernel's accounts of processes, percentiles."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"))
LOAD, PASS, BARE = (BUILD / "bench" / name for name in ("load", "pass", "bare"))
RUNNER = BUILD / "runner-3.11"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def lines(program, *arguments, request=b""):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, input=request)
    if done.returncode:
        sys.exit(f"bench: {program.name} {' '.join(map(str, arguments))} failed")
    return done.stdout.decode().splitlines()


class Load:
    """What a call of the load program came to: ns of each answer and each refusal, and of all together."""

    def __init__(self, said):
        *each, total = said
        self.answered = [int(line) for line in each if not line.startswith("refused")]
        self.refused = [int(line.split()[1]) for line in each if line.startswith("refused")]
        self.seconds = int(total.split()[1]) / 1e9

    @property
    def per_second(self):
        return len(self.answered) / self.seconds


def http(peer, clients, requests, rate=0):
    """`requests` of a peer's request; rate 0: each as soon as the one before was answered."""
    return Load(lines(LOAD, "http", peer.address, peer.port, clients, requests, rate, peer.expected, request=peer.request))


def starts(clients, count, *argv):
    return Load(lines(LOAD, "exec", clients, count, *argv))


def passes(standby, pause_ms, count, code, expected):
    """ns of each pass, without HTTP; the first is colder than any other, and left out."""
    return list(map(int, lines(PASS, RUNNER, standby, pause_ms, count + 1, code, expected)))[1:]


def bare(pause_ms, count, code, expected):
    """ns of each fork and run of a warm interpreter without any jail."""
    return list(map(int, lines(BARE, pause_ms, count + 1, code, expected)))[1:]


def percentiles(each):
    """ms; a percentile with fewer than two samples beyond it is not told."""
    each = sorted(each)
    found = {"count": len(each)}
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)):
        if len(each) * (1 - share) >= 2:
            found[f"{name}_ms"] = each[min(len(each) - 1, int(len(each) * share))] / 1e6
    return found


def family(pid):
    """A process and all below it."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for task in pathlib.Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                todo += map(int, task.read_text().split())
            except OSError:
                pass
    return found


def cpu_ms(pid):
    """CPU time of a process, of all below it, and of all that they have reaped (proc(5), stat, fields 14 to 17)."""
    total = 0
    for one in family(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total * TICK_MS


def memory_kib(pid, name):
    """Pss, Rss, Private_Dirty… of a process (proc(5), smaps_rollup)."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1])


class Server:
    """A server of this build, on a port of its own."""

    def __init__(self, *options):
        self.log = tempfile.TemporaryFile("w+")
        began = time.monotonic()
        self.process = subprocess.Popen([BUILD / "vitrine", "serve", "--listen", "127.0.0.1:0", *options],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        self.start_s = time.monotonic() - began
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            self.log.seek(0)
            sys.exit(f"bench: the server said {line!r}\n{self.log.read()}")
        self.port = int(found[1])
        self.pid = self.process.pid

    def runtimes(self):
        """The ids of those that serve."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/runtimes") as reply:
            return [r["id"] for r in json.load(reply)["runtimes"]]

    def cells(self):
        """The runner, and of its own cells, not those of its zygotes, the inits and the children."""
        (runner,) = (p for p in family(self.pid)[1:] if len(family(p)) > 1 and self._parent(p) == self.pid)
        inits = [p for p in family(runner)[1:] if self._parent(p) == runner and not self._name(p).startswith("zygote")]
        return runner, inits, [p for p in family(runner)[1:] if self._parent(p) in inits]

    @staticmethod
    def _name(pid):
        try:
            return pathlib.Path(f"/proc/{pid}/comm").read_text()
        except OSError:
            return "zygote"  # or another that ended meanwhile

    @staticmethod
    def _parent(pid):
        try:
            return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return None  # it ended meanwhile

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def median(values):
    return statistics.median(values) if values else float("nan")


def bare_cpu_ms(count, code, expected):
    """CPU time of a bare fork and run, warming left out."""
    def used(n):
        before = os.times()
        lines(BARE, 0, n, code, expected)
        after = os.times()
        return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000

    return (used(count + 1) - used(1)) / count
