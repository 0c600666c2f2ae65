#!/usr/bin/python3
"""Each limit under, at and over its edge: what is allowed is had to the last byte, one more is not, and the reply says which.

Where the edge is follows from what the kernel does at it, said beside each. Run in the posture of a container, too
(tests/jail/container.t).
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import SLOWER, same, true  # noqa: E402

BOX = os.environ.get("VITRINE_WORKDIR", "/box")
CONTAINER = os.environ.get("VITRINE_POSTURE") == "container"
RUNNER_ID = 61000  # wire/limits.h: who a runner is when the server is root
MIB = 1 << 20
server = vt.Server()


def run(code, **limits):
    return server.run(code, limits=limits)


def ended(reply):
    limit = reply["limit"]
    return reply["status"], limit and (limit["name"], limit["allowed"], limit["unit"])


def met(reply):
    limit = reply["exception"]["limit"]
    return reply["status"], reply["exception"]["type"], (limit["name"], limit["allowed"], limit["unit"])


# --- Limits that end a run ---------------------------------------------------

# Tells its CPU time until it is ended: what it said last is less than what it used.
SPIN = """import time
while True:
    print(time.process_time_ns())
    end = time.monotonic() + .01
    while time.monotonic() < end: pass
"""


def said_last(reply):
    return int(reply["stdout"]["text"].split("\n")[-2])


def wall():
    same(ended(run("import time\ntime.sleep(.2)\nprint('woke')", wall_ms=5000)), ("ok", None))
    reply = run("print('before', flush=True)\nimport time\ntime.sleep(60)\nprint('after')", wall_ms=400)
    same((ended(reply), reply["stdout"]["text"]), (("limit", ("wall", 400, "ms")), "before\n"))
    true(reply["limit"]["used"] >= 400 and reply["usage"]["wall_ns"] >= 400_000_000, f"ended early: {reply['limit']}")


def wall_usage():
    """A run that is ended from outside has used what it has used."""
    reply = run(SPIN, wall_ms=600)
    same(ended(reply), ("limit", ("wall", 600, "ms")))
    usage = reply["usage"]
    # What it says counts from its making on, a few milliseconds before the order.
    true(said_last(reply) - 100_000_000 <= usage["cpu_ns"] <= usage["wall_ns"] + 20_000_000, f"{usage}, it said {said_last(reply)}")
    # A bytearray that was written to is resident.
    held = run("held = bytearray(b'x') * (64 << 20)\nprint('held', flush=True)\nwhile True: pass", wall_ms=2000 * SLOWER)
    same(held["stdout"]["text"], "held\n")
    true(held["usage"]["peak_rss_bytes"] >= 64 * MIB, held["usage"])


def cpu():
    """Sleeping is free; what is waited for and what is killed counts."""
    same(ended(run("import time\ntime.sleep(.5)\nprint(1)", cpu_ms=400)), ("ok", None))
    under = run("import time\nwhile time.process_time() < .2: pass", cpu_ms=1500)
    same(ended(under), ("ok", None))
    true(100_000_000 <= under["usage"]["cpu_ns"] < 1_500_000_000, under["usage"])
    over = run(SPIN, cpu_ms=400)
    same(ended(over), ("limit", ("cpu", 400, "ms")))
    # Fewer would be unjust, and so would many more: it is looked at before it can be over, and ended then.
    true(400 <= over["limit"]["used"] <= 800, over["limit"])


def output():
    """To the byte, both streams together."""
    code = "import sys\nsys.stdout.buffer.write(b'o' * {})\nsys.stdout.buffer.flush()\nsys.stderr.buffer.write(b'e' * {})\nsys.stderr.buffer.flush()"
    for out, err in ((9_999, 0), (10_000, 0), (0, 10_000), (6_000, 4_000)):
        reply = run(code.format(out, err), output_bytes=10_000)
        same((ended(reply), len(reply["stdout"]["text"]), len(reply["stderr"]["text"])), (("ok", None), out, err))
        same((reply["stdout"]["truncated"], reply["stderr"]["truncated"]), (False, False))
    for out, err, kept in ((10_001, 0, (10_000, 0)), (0, 10_001, (0, 10_000))):
        reply = run(code.format(out, err), output_bytes=10_000)
        true(len(reply["stdout"]["text"] + reply["stderr"]["text"]) == 10_000, "what fits is kept")
        same((ended(reply), len(reply["stdout"]["text"]), len(reply["stderr"]["text"])), (("limit", ("output", 10_000, "bytes")), *kept))
        true(reply["limit"]["used"] >= 10_001, reply["limit"])


# --- Limits that a program meets as exceptions -------------------------------

# Private pages, 64 KiB a piece, until there are no more (mm/mmap.c, may_expand_vm: RLIMIT_DATA).
MAP = """import mmap
held = []
try:
    while True: held.append(mmap.mmap(-1, 1 << 16, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
except OSError as e:
    print(len(held) << 16, e.errno)
"""


def memory():
    if vt.SANITIZED:
        raise vt.Skip("a sanitized build has no memory limit")  # sandbox/jail/rlimits.c

    def had(limit):
        reply = run(MAP, memory_bytes=limit, wall_ms=20_000)
        same(reply["status"], "ok", reply["stdout"])
        size, error = map(int, reply["stdout"]["text"].split())
        same(error, 12)  # ENOMEM
        return size
    small, large = had(100 * MIB), had(164 * MIB)
    true(60 * MIB < small <= 100 * MIB, f"{small} of {100 * MIB}: the interpreter has the rest")
    # The list and malloc's arenas may need a little more of it.
    true(abs(large - small - 64 * MIB) <= MIB, f"64 MiB more are {large - small} bytes more")
    reply = run("held = bytearray(40 << 20)\nprint('held', flush=True)\nmore = bytearray(200 << 20)", memory_bytes=128 * MIB)
    same((met(reply), reply["stdout"]["text"]), (("error", "MemoryError", ("memory", 128 * MIB, "bytes")), "held\n"))
    true(reply["exception"]["limit"]["used"] == reply["usage"]["peak_rss_bytes"], reply["exception"])
    true(any("MemoryError" in n and "limits.memory_bytes" in n for n in reply["notes"]), reply["notes"])


def memory_side_by_side():
    """Four near their limit, at one time, and each has what it was promised."""
    code = "import time\nheld = bytearray(b'x') * (200 << 20)\ntime.sleep(.3)\nprint(len(held), held[-1])"
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(run(code, memory_bytes=256 * MIB))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same([(ended(r), r["stdout"]["text"]) for r in replies], [(("ok", None), f"{200 << 20} 120\n")] * 4)


FORKS = """import os, time
n = 0
try:
    while True:
        if os.fork() == 0: time.sleep(60)
        n += 1
except BlockingIOError:
    print(n)
"""
THREADS = """import threading
stop, n = threading.Event(), 0
try:
    while True:
        threading.Thread(target=stop.wait).start()
        n += 1
except RuntimeError as e:
    print(n, e)
finally:
    stop.set()
"""


def processes():
    """The first process is one of them; threads count as processes, as the kernel has it (RLIMIT_NPROC, setrlimit(2))."""
    for allowed in (1, 2, 9, 64):
        same(run(FORKS, processes=allowed)["stdout"]["text"], f"{allowed - 1}\n", f"{allowed} processes")
        same(run(THREADS, processes=allowed)["stdout"]["text"], f"{allowed - 1} can't start new thread\n", f"{allowed} threads")
    # One that ended makes room.
    again = "import os\nfor _ in range(30):\n    pid = os.fork()\n    if not pid: os._exit(0)\n    os.waitpid(pid, 0)\nprint('all')"
    same(run(again, processes=2)["stdout"]["text"], "all\n")
    same(met(run("import os\nos.fork()", processes=1)), ("error", "BlockingIOError", ("processes", 1, "processes")))
    same(met(run("import threading\nthreading.Thread().start()", processes=1)),
         ("error", "RuntimeError", ("processes", 1, "processes")))


def strangers():
    """Who else has the id of the runner takes nothing of it."""
    def become():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(RUNNER_ID, RUNNER_ID, RUNNER_ID)
            os.setresuid(RUNNER_ID, RUNNER_ID, RUNNER_ID)
    others = [subprocess.Popen(["sleep", "60"], preexec_fn=become) for _ in range(40)]
    try:
        same(run(FORKS, processes=9)["stdout"]["text"], "8\n")
    finally:
        for other in others:
            other.kill()
            other.wait()


def open_files():
    """wire/limits.h allows 256, and three are the streams."""
    code = "held = []\ntry:\n    while True: held.append(open('/dev/null'))\nexcept OSError as e:\n    print(len(held), e.errno)"
    same(run(code)["stdout"]["text"], "253 24\n")  # EMFILE
    reply = run("import os\nwhile True: os.dup(1)")
    same(met(reply), ("error", "OSError", ("open_files", 256, "descriptors")))
    true(any("256 descriptors" in n for n in reply["notes"]), reply["notes"])


WRITE = """import sys
n = 0
try:
    with open('{}', 'wb', 0) as f:
        while True:
            n += f.write(b'x' * 4096)
except OSError as e:
    print(n, e.errno)
"""


def disk():
    """In pages (tmpfs(5)), those of main.py among them. A container's places are not ours to size: each file is limited there."""
    size = 1 * MIB
    for at in [f"{BOX}/f"] if CONTAINER else [f"{BOX}/f", "/tmp/f", "/dev/shm/f"]:
        same(run(WRITE.format(at), disk_bytes=size)["stdout"]["text"],
             f"{size} 27\n" if CONTAINER else f"{size - 4096} 28\n", at)  # EFBIG, ENOSPC
    reply = run("with open('f', 'wb', 0) as f:\n    while True: f.write(b'x' * 4096)", disk_bytes=size)
    same(met(reply), ("error", "OSError", ("disk", size, "bytes")))
    true(any("limits.disk_bytes" in n for n in reply["notes"]), reply["notes"])


def sparse():
    """A hole takes no room, but a file is not longer than all may be (RLIMIT_FSIZE)."""
    code = "import os\nf = open('f', 'wb', 0)\ntry:\n    os.truncate(f.fileno(), {})\n    print(os.stat('f').st_size)\nexcept OSError as e:\n    print(e.errno)"
    same(run(code.format(MIB), disk_bytes=MIB)["stdout"]["text"], f"{MIB}\n")
    same(run(code.format(MIB + 1), disk_bytes=MIB)["stdout"]["text"], "27\n")
    same(run(code.format(1 << 42), disk_bytes=MIB)["stdout"]["text"], "27\n")


# --- The end -----------------------------------------------------------------

# Processes that leave no way out untried: sessions, orphans, ignored signals, stopped ones. They bear a name to be known by.
LEAVE = """import ctypes, os, signal, sys, time
for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(s, signal.SIG_IGN)
ctypes.CDLL(None).prctl(15, b'vt-left-NAME', 0, 0, 0)
ready, told = os.pipe()
for n in range(12):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(told, b'x')
            if n % 3 == 0: os.kill(os.getpid(), signal.SIGSTOP)
            while n % 3 == 1: pass
            time.sleep(600)
        os._exit(0)
got = b''
while len(got) < 12: got += os.read(ready, 12)
print('left', flush=True)
HOW
"""


def named(name):
    found = []
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() == name:
                found.append(int(comm.parent.name))
        except OSError:
            pass  # it ended meanwhile
    return found


def no_survivor():
    """The reply comes after the last process of the run: nothing has to be waited for."""
    for n, (how, limits) in enumerate((("", {}), ("os._exit(3)", {}), ("os.kill(os.getpid(), 9)", {}), ("time.sleep(60)", {"wall_ms": 2000 * SLOWER}),
                                       ("while True: pass", {"cpu_ms": 900 * SLOWER}), ("while True: print('x' * 9999)", {}))):
        name = f"vt-left-{os.getpid() % 1000}{n}"
        reply = run(LEAVE.replace("vt-left-NAME", name).replace("HOW", how), **limits)
        left = named(name)
        same((left, reply["stdout"]["text"][:5]), ([], "left\n"), how)
    # They can be seen while they live.
    name = f"vt-left-{os.getpid() % 1000}x"
    seen = []
    looking = threading.Thread(target=lambda: seen.append(vt.wait_until(lambda: len(named(name)) >= 12, 20)))
    looking.start()
    run(LEAVE.replace("vt-left-NAME", name).replace("HOW", "time.sleep(60)"), wall_ms=3000 * SLOWER)
    looking.join()
    same((seen, named(name)), ([True], []))


flooded = {}


def floods():
    """Sixteen that print without end: the server keeps what is allowed of each."""
    run("print(1)")
    flooded["before"] = vt.resident(server.pid)
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(run("import os\nwhile True: os.write(1, b'\\0' * 65536)"))) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same([(ended(r), len(r["stdout"]["text"])) for r in replies], [(("limit", ("output", MIB, "bytes")), MIB)] * 16)


def after_floods():
    """And gives it back."""
    if "address" in vt.SANITIZED:
        raise vt.Skip("an address sanitizer keeps what was freed, to see it used again")

    def peak():
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{server.pid}/status").read_text())[1]) << 10
    before = flooded["before"]
    # 1 MiB each, and a reply of it, where a NUL is six bytes (\u0000), as a text and as what is sent: 1 + 6 + 6, and room to grow.
    true(peak() - before < 16 * 32 * MIB, f"{peak() - before} bytes at the peak")
    true(vt.wait_until(lambda: vt.resident(server.pid) - before < 4 * MIB), f"{vt.resident(server.pid) - before} bytes are kept")


CASES = [
    ("wall", wall), ("what was used, when it was ended from outside", wall_usage), ("cpu", cpu), ("output", output),
    ("memory", memory), ("memory, four runs side by side", memory_side_by_side), ("processes and threads", processes),
    ("processes of strangers with the same id", strangers), ("open files", open_files), ("disk", disk), ("sparse files", sparse),
    ("nobody is left when the reply comes", no_survivor), ("sixteen floods", floods),
    ("the server's memory after them", after_floods),
]

try:
    vt.main(CASES)
finally:
    server.stop()
