#!/usr/bin/python3
"""The virtual clock of the lens tasks: sleeping takes as long as ever by the program's clocks, and no time.

What a program with sleeps prints is held against a plain interpreter, in which each second is a hundredth of one: the same things in
the same order, at the same times by its own clock.  That time is real where something besides the clock could end a wait is held
against clock_gettime(), which is never put forward.
"""
import re
import time

from lens import VERSION, Snippet, check, equal, look, main

CLOCK = ["tasks.virtual_clock=1"]
NS = 1_000_000_000
# Seconds of S each; what it prints are whole ones.
PROGRAM = r"""
import asyncio, socket, time
S = 1.0
began = time.monotonic()
def say(*what): print(*what, int((time.monotonic() - began) / S), flush=True)
async def wait(name, n):
    await asyncio.sleep(n * S)
    say(name)
    return name
async def producer(queue):
    for i in range(3):
        await asyncio.sleep(10 * S)
        await queue.put(i)
async def consumer(queue):
    for i in range(3): say('got', await queue.get())
async def main():
    say(await asyncio.gather(wait('a', 30), wait('b', 10), wait('c', 20)))
    try: await asyncio.wait_for(asyncio.sleep(3600 * S), 50 * S)
    except asyncio.TimeoutError: say('late')
    queue = asyncio.Queue()
    await asyncio.gather(producer(queue), consumer(queue))
    lock = asyncio.Lock()
    async def hold(name):
        async with lock: await wait(name, 5)
    await asyncio.gather(hold('first'), hold('second'))
    time.sleep(15 * S)
    say('slept')
    a, b = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=a)
    asyncio.get_running_loop().call_later(20 * S, b.send, b'x')
    say(await reader.read(1))
    writer.close()
    b.close()
asyncio.run(main())
say('end')
"""


# Whole seconds that have passed at each line, by reasoning.
SECONDS = [10, 20, 30, 30, 80, 90, 100, 110, 115, 120, 135, 155, 155]


def apart(text):
    """What each line says, and the seconds at its end."""
    said = [line.rsplit(" ", 1) for line in text.splitlines()]
    return [what for what, _ in said], [int(s) for _, s in said]


def plain(source):
    return Snippet(source).plain().stdout.decode()


def real(code, **more):
    """Real seconds that the program says, of a pass with a virtual clock."""
    one = look(code, "clean", lenses="", options=CLOCK, **more)
    found = re.findall(r"real ([0-9.]+)", one.out.decode())
    assert found, (one.out, one.err)
    return float(found[0])


REAL = "import time\ndef real(): return time.clock_gettime(time.CLOCK_MONOTONIC)\nbegan = real()\n"


@check("a program that waits prints what it prints without, at the same times by its clock")
def same():
    said, slow = apart(plain(PROGRAM.replace("S = 1.0", "S = 0.02")))
    assert all(want <= s < want + 25 for want, s in zip(SECONDS, slow)), slow
    for kind, lenses in (("clean", ""), ("tasks", "tasks"), ("lines", "timing")):
        began = time.monotonic()
        one = look(PROGRAM, kind, lenses=lenses, options=CLOCK)
        equal(apart(one.out.decode()), (said, SECONDS))
        # By reasoning: 155 seconds are not to be waited for, whatever else this machine does.
        assert time.monotonic() - began < 60


@check("the lens has times by that clock, and says what was skipped")
def times():
    one = look(PROGRAM, "tasks", options=CLOCK)
    t = one["totals"]
    # All sleeps but the two milliseconds in which sockets may have something.
    assert 154.9 * NS < t["skipped_ns"] <= 155.1 * NS, t
    assert 155 * NS <= t["ns"] < 215 * NS, t
    by_line = {}
    for w in one["waits"]:
        if w["kind"] == "sleep" and w["line"]:
            by_line[w["line"]] = by_line.get(w["line"], 0) + w["ns"]
    # 30, 10, 20, 5 and 5 in one line, three of 10 in the other; from 3.12 on wait_for() has the caller's own task wait.
    equal([round(ns / NS) for _, ns in sorted(by_line.items())], [70, 30] + [50] * (VERSION >= (3, 12)))
    (loop,) = one["loops"]
    assert loop["idle_ns"] >= 139 * NS, loop
    (held,) = [b for b in one["blocked"] if b["ns"] > 10 * NS]
    equal((round(held["ns"] / NS), held["call"]["line"]), (15, PROGRAM[:PROGRAM.index("time.sleep")].count("\n") + 1))
    equal(look(PROGRAM.replace("S = 1.0", "S = 0.01"), "tasks")["totals"]["skipped_ns"], None)


@check("every clock that tells the time goes on alike")
def clocks():
    one = look("import time\nbefore = [time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns(), time.perf_counter_ns()]\n"
               "time.sleep(1000)\ntime.sleep(0.5)\n"
               "after = [time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns(), time.perf_counter_ns()]\n"
               "print([round((b - a) / (1 if isinstance(a, float) else 10**9), 1) for a, b in zip(before, after)])\n"
               "print([time.time, time.sleep, time.monotonic.__self__ is time, time.sleep.__module__])\n",
               "clean", lenses="", options=CLOCK)
    equal(one.out.decode().splitlines(), ["[1000.5, 1000.5, 1000.5, 1000.5, 1000.5, 1000.5]",
                                          "[<built-in function time>, <built-in function sleep>, True, 'time']"])


@check("what is no time to sleep is refused as ever")
def refused():
    code = "import time\nfor v in (-1, float('nan'), 1e30, 'x', None, 10**400):\n    try: time.sleep(v)\n    except Exception as e: print(type(e).__name__, e)\n" \
           "try: time.sleep()\nexcept TypeError as e: print(e)\ntry: time.sleep(1, 2)\nexcept TypeError as e: print(e)\ntime.sleep(0)\ntime.sleep(True)\n"
    equal(look(code, "clean", lenses="", options=CLOCK).out.decode(), plain(code))


@check("time is real while there is another thread")
def threads():
    assert real(REAL + "import threading\nstop = threading.Event()\nt = threading.Thread(target=stop.wait)\nt.start()\n"
                "time.sleep(0.3)\nprint('real', real() - began)\nstop.set()\nt.join()\n") >= 0.3
    assert real(REAL + "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()\ntime.sleep(300)\nprint('real', real() - began)\n") < 100
    # The loop waits for a thread; that is over before its timeout, which is not to come first.
    one = look("import asyncio, time\nasync def main():\n    print(await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.2), 100))\nasyncio.run(main())\n",
               "clean", lenses="", options=CLOCK)
    equal(one.out, b"None\n")


@check("time is real while there is a child, and an alarm")
def children():
    assert real(REAL + "import os\nr, w = os.pipe()\npid = os.fork()\nif not pid:\n    os.close(w)\n    os.read(r, 1)\n    os._exit(0)\n"
                "time.sleep(0.3)\nprint('real', real() - began)\nos.close(w)\nos.waitpid(pid, 0)\n") >= 0.3
    one = look("import signal, time\ndef ring(*_): raise KeyError('rang')\nsignal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.2)\n"
               "try: time.sleep(30)\nexcept KeyError as e: print(e)\nbegan = time.monotonic()\ntime.sleep(30)\nprint(round(time.monotonic() - began))\n",
               "clean", lenses="", options=CLOCK)
    equal(one.out.decode(), "'rang'\n30\n")


@check("the program's own use of a selector waits, and by keyword")
def selectors():
    assert real(REAL + "import selectors\ns = selectors.DefaultSelector()\nprint(s.select(0.1), s.select(timeout=0.2))\nprint('real', real() - began)\n") >= 0.3
    code = "import selectors\ns = selectors.DefaultSelector()\nprint(s.select(-1), s.select(timeout=0))\nfor more in ((1, 2), ()):\n" \
           "    try: s.select(*more, x=1)\n    except TypeError: print('refused')\n"
    equal(look(code, "clean", lenses="", options=CLOCK).out.decode(), plain(code))


main()
