#!/usr/bin/python3
"""Locks: a run that holds all it can of files that other runs see keeps nobody waiting, and its locks end with it.

flock(2) takes a lock of any file that can be opened, the interpreter's too, and a filter does not see which file it is. So two
programs that mean to can learn of each other by it (docs/security.md says so); a program that asks for no such lock notices nothing.
In the posture of a container, tests/jail/container.t runs this as well.
"""
import fcntl
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

# Runs of another of these, in the other posture at one time, would hold what these ask for. A file that both see and no run does.
turn = open("/etc/os-release")
fcntl.flock(turn, fcntl.LOCK_EX)
server = vt.Server()
HOLD = """
import fcntl, os, resource, sys, time
places = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/", "/dev", os.getcwd(), "/tmp", "/dev/shm", sys.executable]
for top in sys.path[2:]:
    for at, _, files in os.walk(top):
        places += [at] + [os.path.join(at, f) for f in files if f.endswith((".py", ".so", ".pyc"))]
resource.setrlimit(resource.RLIMIT_NOFILE, [resource.getrlimit(resource.RLIMIT_NOFILE)[1]] * 2)
flocks = records = 0
important = ("/os.py", "/json/__init__.py", "/sqlite3/__init__.py", "/random.py", "/_json", "/_sqlite3", "/traceback.py", "/site.py")
places.sort(key=lambda p: p.count("/") > 3 and not any(i in p for i in important))
for place in places:
    for how in (os.O_RDWR, os.O_RDONLY):
        try:
            fd = os.open(place, how)
        except IsADirectoryError:
            continue
        except OSError as e:
            if e.errno == 24:
                break
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            flocks += 1
        except OSError:
            pass
        try:
            fcntl.lockf(fd, (fcntl.LOCK_EX if how == os.O_RDWR else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            records += 1
        except OSError:
            pass
        break
print(flocks, records, flush=True)
"""
# What ordinary programs do with the files that are held: importing, databases, processes, devices, locks of files of their own.
ORDINARY = """
import fcntl, json, multiprocessing, os, random, sqlite3, subprocess, sys, tempfile, traceback
open("/dev/null", "w").write("x")
open("/dev/urandom", "rb").read(1)
db = sqlite3.connect("file.db")
db.execute("create table t (a)")
db.execute("insert into t values (1)")
db.commit()
with open("mine", "w") as f:
    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
print(subprocess.run([sys.executable, "-c", "import json; print(6 * 7)"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout)
"""


def held(r):
    flocks, records = map(int, r["stdout"]["text"].split())
    same((r["status"], r["stderr"]["text"]), ("ok", ""))
    # Where files could be locked at all there are locks: what follows was tried.
    true(flocks >= 20 and records >= 20, f"{flocks} locks of flock, {records} of records")


def ordinary(**more):
    r = server.run(ORDINARY, limits={"wall_ms": 20000}, **more)
    same((r["status"], r["stdout"]["text"], r["stderr"]["text"]), ("ok", "42\n\n", ""))


def afterwards():
    for _ in range(3):  # each finds what the first found: nothing is held over
        held(server.run(HOLD))
    held(server.run(HOLD, limits={"wall_ms": 5000}))
    r = server.run(HOLD + "time.sleep(60)", limits={"wall_ms": 2000})
    same(r["limit"]["name"], "wall")
    r = server.run(HOLD + "os.fork() or os.setsid() or time.sleep(600)")
    held(server.run(HOLD))
    ordinary()


def beside():
    if server.metric("slots") == 1:
        return  # nothing goes beside a run without namespaces
    def locks():
        with open("/proc/locks") as f:
            return len(f.readlines())
    replies, before = [], locks()
    holder = threading.Thread(target=lambda: replies.append(server.run(HOLD + f"time.sleep({10 * vt.SLOWER})", limits={"wall_ms": 5000 + 10000 * vt.SLOWER})))
    holder.start()
    true(vt.wait_until(lambda: locks() >= before + 40), "no locks are held")
    ordinary()
    ordinary(lenses=["timing", "refcounts", "gc", "bytecode"])
    ordinary(start="cold")
    true(holder.is_alive(), "the locks were over before the others were")
    holder.join()
    held(replies[0])


try:
    vt.main([("they end with the run", afterwards), ("beside one that holds them", beside)])
finally:
    server.stop()
