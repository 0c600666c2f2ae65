#!/usr/bin/python3
"""What a run came to is told in its last system call when there never was another process or thread in its cell, and once all
are reaped when there was. Each program is run both ways, and the facts are what the program did to itself.

Run in the posture of a container, too (tests/jail/container.t), where all are reaped first.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "http"))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

MIB = 1 << 20
# Not alone: there was a thread, or there is a process, when the main one ends.
THREAD = "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()\n"
PROCESS = "import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    print('late')\n    os._exit(9)\n"
ALONE = ""
server = vt.Server()


def ways(code, **limits):
    for before in (ALONE, THREAD, PROCESS):
        yield server.run(before + code, limits=limits)


def status():
    """exit(3) and waitpid(2): the low eight bits."""
    for code, expected in [("import os\nos._exit(7)", 7), ("import sys\nsys.exit(300)", 300 & 0xFF), ("import sys\nsys.exit(-1)", 0xFF),
                           ("raise ValueError", 1), ("print('x')", 0), ("import os\nos._exit(256)", 0)]:
        for reply in ways(code):
            same((reply["status"], reply["exit_code"], reply["signal"]), ("error" if expected else "ok", expected, None), code)


def own_signal():
    for reply in ways("import os, signal\nprint('before', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"):
        same((reply["status"], reply["signal"], reply["stdout"]["text"]), ("signal", "SIGKILL", "before\n"))


def output():
    """All of it, up to the last flush; what a process that is left would have said is not waited for."""
    for reply in ways("import atexit, sys\natexit.register(print, 'last')\nsys.stdout.write('x' * 200_000)"):
        same((reply["status"], len(reply["stdout"]["text"]), reply["stdout"]["text"][-6:]), ("ok", 200_005, "xlast\n"))


def memory():
    """The peak, also of what was given back: a bytearray that was written to is resident."""
    for reply in ways("held = bytearray(b'x') * (64 << 20)\ndel held"):
        true(64 * MIB <= reply["usage"]["peak_rss_bytes"] < 160 * MIB, reply["usage"])
    for reply in ways("pass"):
        true(MIB < reply["usage"]["peak_rss_bytes"] < 64 * MIB, reply["usage"])


def cpu():
    """What it says of itself counts from its making on, which is part of nobody's use."""
    code = "import time\nbegan = time.process_time_ns()\nwhile time.process_time_ns() - began < 300_000_000: pass\n"
    for reply in ways(code):
        usage = reply["usage"]
        true(300_000_000 <= usage["cpu_ns"] <= usage["wall_ns"] + 20_000_000, usage)


def refused():
    """Counted up to the last call."""
    code = "import ctypes\nfor i in range(5): ctypes.CDLL(None).syscall(101, 0, 0, 0, 0)"  # ptrace, unistd_64.h
    for reply in ways(code):
        same([d["count"] for d in reply["denied"] if d["syscall"] == "ptrace"], [5], str(reply["denied"]))


try:
    vt.main([("exit status", status), ("a signal of its own", own_signal), ("output", output), ("peak of memory", memory),
             ("CPU time", cpu), ("refused calls", refused)])
finally:
    server.stop()
