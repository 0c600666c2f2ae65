#!/usr/bin/python3
"""Runs do not see each other's files, and what they leave behind goes with them, however they end.

In the posture of a container they share the places that they write to, one after the other: tests/jail/container.t runs
this there.
"""
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()
LIST = "import os\nprint(sorted(os.listdir('.')))"
# Files, and processes that nothing of the run's own would end.
LEAVE = """import os, time
os.mkdir("deep")
os.chdir("deep")
for _ in range(300):
    os.mkdir("deeper")
    os.chdir("deeper")
open("left", "w").write("x")
os.chmod(".", 0)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
print("left", flush=True)
"""


def listed():
    return server.run(LIST)["stdout"]["text"]


def at_rest():
    return vt.processes_at_rest(server)


def side_by_side():
    code = "import os, time\nopen('mine', 'x').close()\ntime.sleep(0.1)\nprint(sorted(os.listdir('.')))"
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(server.run(code)["stdout"]["text"])) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(seen, ["['main.py', 'mine']\n"] * 8)


def ends():
    before = at_rest()
    same(server.run(LEAVE)["stdout"]["text"], "left\n")
    same((at_rest(), listed()), (before, "['main.py']\n"))


def closed():
    """A run that makes its own directory unusable keeps nobody out."""
    before = at_rest()
    for _ in range(5):
        same(server.run("import os\nos.chmod(os.getcwd(), 0)\nprint('closed')")["stdout"]["text"], "closed\n")
    same((at_rest(), listed()), (before, "['main.py']\n"))


def shared_memory():
    """Nothing in /dev/shm is left for the next run: neither a file, nor what was written to one that is there always."""
    put = """import os
for name in os.listdir('/dev/shm') + ['sem.mine', '.vitrine']:
    try: os.chmod(f'/dev/shm/{name}', 0o600)
    except OSError: pass
    try: open(f'/dev/shm/{name}', 'w').write('a word to the next')
    except OSError: pass
print(len(open('/dev/shm/.vitrine').read()))"""
    look = "import os\nprint([open(f'/dev/shm/{n}').read() for n in os.listdir('/dev/shm') if not os.path.isdir(f'/dev/shm/{n}')])"
    same(server.run(put)["stdout"]["text"], "18\n")
    true(server.run(look)["stdout"]["text"] in ("[]\n", "['']\n"), "a word was left")


def killed():
    before = at_rest()
    r = server.run(LEAVE + "time.sleep(60)", limits={"wall_ms": 1000})
    same((r["limit"]["name"], r["stdout"]["text"]), ("wall", "left\n"))
    same((at_rest(), listed()), (before, "['main.py']\n"))


def runner_killed():
    before = at_rest()
    replies = []
    run = threading.Thread(target=lambda: replies.append(
        server.post({"code": LEAVE + "time.sleep(60)", "limits": {"wall_ms": 2000}})))
    run.start()
    true(vt.wait_until(lambda: len(vt.descendants(server.pid)) > before), "it does not run")
    (runner,) = server.children()
    os.kill(runner, signal.SIGKILL)
    run.join()
    # It was done again, from its start: its files were not there any more.
    same((replies[0].status, replies[0].json["stdout"]["text"]), (200, "left\n"))
    same((at_rest(), listed()), (before, "['main.py']\n"))


try:
    vt.main([
        ("runs at a time see their own files", side_by_side),
        ("a run that ends", ends),
        ("a run that closes its directory", closed),
        ("a run that writes to /dev/shm", shared_memory),
        ("a run that is killed", killed),
        ("a run whose runner is killed", runner_killed),
    ])
finally:
    server.stop()
