#!/usr/bin/python3
"""A run is forked from the zygote that has what it imports, which is there at once; nothing else of it changes.

That a module is there is measured by CPython's own -X importtime of a python3 that is started for it, as a ratio, and not by what
we say of ourselves.
"""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

ASYNCIO = "import time\nbegan = time.process_time_ns()\nimport asyncio\nprint(time.process_time_ns() - began)"
server = vt.Server("--standby", "2")
NUMPY = server.get("/v1/runtimes").json["runtimes"][0]["numpy"]


def all_of_them():
    """All of a family that is up: two, and numpy's where there is numpy."""
    true(vt.wait_until(lambda: len(vt.zygotes(server)) == 2 + bool(NUMPY)), f"{vt.zygotes(server)}")
    return vt.zygotes(server)


def chosen():
    """By the lines of the program and of its files, and by the lenses."""
    for code, files, lenses, expected in [
            ("print(1)", [], [], "lean"), ("import sys\nprint(sys.path and 1)", [], [], "lean"),
            ("import threading\nprint(1)", [], [], "lenses"),
            ("import json\nprint(json.loads('1'))", [], [], "library"),
            ("import util", [{"path": "util.py", "text": "import asyncio\nprint(1)\n"}], [], "library"),
            ("print(1)", [{"path": "notes.txt", "text": "import asyncio\n"}], [], "lean")]:
        reply = server.post({"code": code, "files": files, "lenses": lenses}).json
        same((reply["status"], reply["stdout"]["text"], reply["zygote"]), ("ok", "1\n", expected), code)


def at_once():
    """Importing asyncio takes CPython tens of milliseconds of CPU time; finding it there next to none."""
    said = subprocess.run(["/usr/bin/python3", "-I", "-c", ASYNCIO], capture_output=True, text=True, check=True)
    reply = server.run(ASYNCIO)
    same(reply["zygote"], "library")
    true(int(reply["stdout"]["text"]) < int(said.stdout) / 10, f"{reply['stdout']}, in a python3 {said.stdout}")
    # And is what the program imports, no other: a file of its own comes first.
    reply = server.post({"code": "import json\nprint(json.mine)", "files": [{"path": "json.py", "text": "mine = 5\n"}]}).json
    same((reply["stdout"]["text"], reply["zygote"]), ("5\n", "library"))


def numpy():
    if not NUMPY:
        return "no numpy here"
    code = "import numpy as np\nprint(np.random.rand(), np.random.randint(10**9), np.random.default_rng().random(), np.__version__)"
    replies = [server.run(code) for _ in range(3)]
    same({r["zygote"] for r in replies}, {"numpy"})
    drawn = [r["stdout"]["text"].split() for r in replies]
    same({d[3] for d in drawn}, {NUMPY})
    # R-31: three runs of one zygote draw three times three numbers.
    same([len({d[i] for d in drawn}) for i in range(3)], [3, 3, 3])
    # A seed of the program's own is its own.
    seeded = {server.run("import numpy as np\nnp.random.seed(7)\nprint(np.random.rand())")["stdout"]["text"] for _ in range(2)}
    here = subprocess.run(["/usr/bin/python3.11", "-c", "import numpy as np\nnp.random.seed(7)\nprint(np.random.rand())"], capture_output=True,
                          text=True)
    same(seeded, {here.stdout})
    return None


def one_ends():
    """It takes the runner along, which is replaced; what runs meanwhile is done again, and answered once."""
    before = all_of_them()
    (runner,) = server.children()
    os.kill(before["library"], signal.SIGKILL)
    vt.wait_until(lambda: server.children() and server.children() != [runner])
    vt.wait_until(lambda: server.get("/readyz").status == 200)
    same(server.run("import json\nprint(json.dumps(1))")["stdout"]["text"], "1\n")
    # None of the family before is left.
    vt.wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in before.values()))


def runner_ends():
    """A runner that is killed takes its zygotes along."""
    before = all_of_them()
    (runner,) = server.children()
    os.kill(runner, signal.SIGKILL)
    vt.wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in before.values()))


try:
    vt.main([("chosen by imports", chosen), ("modules are there at once", at_once), ("numpy, with random numbers of its own", numpy),
             ("a zygote that ends", one_ends), ("a runner that ends", runner_ends)])
finally:
    server.stop()
