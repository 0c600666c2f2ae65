#!/usr/bin/python3
"""What the server and its runners do on a path between request and reply, as strace(1) sees it: no file is opened by the
server, whatever a program makes in its directory, and nothing is executed but our own programs and the interpreter."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

RUNS = 20
# What others' servers followed: links, devices and pipes, sizes and depths that are not true, names that are no text.
PLANT = r"""
import os, subprocess, sys
os.symlink("/etc/passwd", "stdout")
os.symlink("/dev/urandom", "report")
os.symlink("..", "up")
os.mkfifo("result")
with open("sparse", "wb") as f:
    try:
        f.truncate(1 << 50)
    except OSError:
        pass
    try:
        f.truncate(1 << 20)
    except OSError:
        pass
for i in range(20):
    os.symlink("sparse", f"link{i}")
open(b"\xc3.txt", "w").close()
print(open("x;$(id)`id`|id&.txt").read(), sys.argv[1:], sys.stdin.read())
print(subprocess.run([sys.executable, "-c", "print('a child of its own')"], capture_output=True, text=True).stdout)
for _ in range(300):
    os.mkdir("deep")
    os.chdir("deep")
"""
SHELL = "; $(touch /tmp/x) `id` | id & > /tmp/x '\" \\ \n"
LINE = re.compile(r"^(\d+) +([\d.]+) (.*)$")


class Watched(vt.Server):
    """A server under strace; `trace` holds (pid, seconds, text) of each call that takes a path, once it has ended."""

    def __init__(self, log, *args):
        self.calls = log
        self.argv = ["strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-s", "4096", "-e", "trace=%file", "-e", "signal=none",
                     "-o", log]
        real = subprocess.Popen
        subprocess.Popen = lambda argv, **more: real(self.argv + [os.fspath(a) for a in argv], **more)
        try:
            super().__init__(*args)
        finally:
            subprocess.Popen = real
        self.ready = time.time()

    def end(self):
        self.over = time.time()
        os.kill(int(LINE.match(open(self.calls, errors="replace").readline())[1]), signal.SIGTERM)
        self.process.wait(120)
        self.process.stdout.close()
        found = [LINE.match(line) for line in open(self.calls, errors="backslashreplace")]
        self.trace = [(int(m[1]), float(m[2]), m[3]) for m in found if m]


def runs():
    for i in range(RUNS):
        r = server.run(PLANT, args=[SHELL, f"arg{i}"], stdin={"text": SHELL},
                       files=[{"path": "x;$(id)`id`|id&.txt", "text": f"file{i}"}], lenses=["bytecode", "gc"])
        same(r["stdout"]["text"], f"file{i} {[SHELL, f'arg{i}']} {SHELL}\na child of its own\n\n", r)
    server.end()


def opens():
    pid = server.trace[0][0]
    during = [text for who, when, text in server.trace if who == pid and server.ready < when < server.over]
    # libc reads the time zone once, for the Date of a reply.
    paths = {path for text in during for path in re.findall(r'"(.*?)"', text)}
    same(paths - {"", "/etc/localtime"}, set(), during)
    # That it could be seen: it reads its page and asks for its programs before.
    true(any("index.html" in text for who, _, text in server.trace if who == pid), "nothing was seen of the server at all")


def executes():
    """In order: the server, the runner, and what programs asked for: those of the probes are refused, by whatever errno, and
    ours start the interpreter."""
    done, begun = [], {}
    for who, _, text in server.trace:
        if m := re.match(r'execve(?:at)?\((?:AT_FDCWD, )?"([^"]*)"', text):
            begun[who] = m[1]
        if who in begun and ("execve" in text or "exited" in text) and re.search(r"= (-?\d+)( E\w+.*)?$", text):
            if text.rstrip().endswith("= 0"):
                done.append(begun[who])
            del begun[who]
    ours = [os.fspath(vt.BUILD / "vitrine"), os.path.abspath(vt.BUILD / "runner-3.11")]
    same(done[:2], ours, done)
    same(set(done[2:]), {"/usr/bin/python3.11"}, done)
    same(len(done[2:]), 2 * RUNS, "each run started one, in the pass of its own and in that of gc")


def links():
    """On a server with stored links: what a client sends is in no name."""
    with tempfile.TemporaryDirectory() as links_at, tempfile.TemporaryDirectory() as log_at:
        s = Watched(os.path.join(log_at, "calls"), "--links", links_at)
        c = s.connect()
        def ask(method, path, body=None, **headers):
            return vt.request(c, method, path, body, headers)
        made = ask("POST", "/v1/links", '{"link": "1:abc"}', **{"Content-Type": "application/json"}).json
        ask("POST", "/v1/links", '{"link": "1:../../x"}', **{"Content-Type": "application/json"})
        for name in (made["id"], "passwd", "..%2f..%2fetc%2fpasswd", "." * 26, "new", "0" * 26):
            for method in ("GET", "DELETE"):
                ask(method, f"/v1/links/{name}")
        s.run("print(1)")
        same(ask("DELETE", f"/v1/links/{made['id']}", Authorization=f"Bearer {made['delete_token']}").status, 204)
        s.end()
        pid = s.trace[0][0]
        calls = [text for who, when, text in s.trace if who == pid and s.ready < when < s.over and "localtime" not in text]
        named = {path for text in calls for path in re.findall(r'"(.*?)"', text)} - {""}
        same(named, {"new", made["id"]}, calls)
        # A call that took a while is told in two lines, the second without its arguments.
        opened = [text for text in calls if text.startswith("open")]
        true(opened and all("O_NOFOLLOW" in text and not text.startswith("openat(AT_FDCWD") for text in opened), calls)


try:
    able = shutil.which("strace") and subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=%file", "-o", os.devnull, "true"]).returncode == 0
except OSError:
    able = False
if not able:
    print("TAP version 13", "1..0 # SKIP strace cannot be used here", sep="\n")
    sys.exit(0)
with tempfile.TemporaryDirectory() as at:
    server = Watched(os.path.join(at, "calls"))
    try:
        vt.main([
            ("runs that plant what others followed, with words of a shell in every field", runs),
            ("the server takes no path", opens),
            ("nothing is executed but our programs and the interpreter", executes),
            ("names of links are made from hashes", links),
        ])
    finally:
        server.process.kill()
