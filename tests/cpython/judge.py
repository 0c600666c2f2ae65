"""Runs modules of CPython's own test suite in the jail and outside of it, and says where they differ."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "http"))
import vt  # noqa: E402

PYTHON = "/usr/bin/python3.11"
PROGRAM = (pathlib.Path(__file__).parent / "program.py").read_text()
SECONDS = 60
# The most that a request may ask for.
LIMITS = {"wall_ms": SECONDS * 1000, "cpu_ms": 60000, "memory_bytes": 2 << 30, "output_bytes": 16 << 20, "processes": 256,
          "disk_bytes": 256 << 20}
# The environment that the jail fixes.
ENV = {"PATH": "/usr/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
RANK = {"began": 0, "ok": 1, "skipped": 2, "failed": 3}


def outcomes(text, how):
    """{test: (outcome, words)} of what the program told; the module as a whole is the test "". how: why it ended, when it did
    not come to its end."""
    found = {}
    ended = None
    for line in text.splitlines():
        outcome, name, words = (line.split("\t") + ["", ""])[:3]
        if outcome == "end":
            ended = (name or "ok", words)
            continue
        name = name.removeprefix("test.")
        if RANK[outcome] >= RANK[found.get(name, ("began",))[0]]:
            found[name] = (outcome, words)
    for name, (outcome, _) in found.items():
        if outcome == "began":
            found[name] = ("cut", how)
    found[""] = ended or ("cut", how)
    return found


def inside(server, module, part=0, parts=1, resources=()):
    reply = server.post({"code": PROGRAM, "args": [module, str(part), str(parts), *resources], "limits": LIMITS}, timeout=SECONDS + 30)
    if reply.status != 200:
        raise RuntimeError(f"{module}: {reply.status} {reply.body[:300]}")
    run = reply.json
    how = f"{run['status']} {run['limit'] and run['limit']['name'] or ''} signal {run['signal']} exit {run['exit_code']}"
    return outcomes(run["stdout"]["text"], how)


def owner():
    """Who runs the tests outside: not root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def user_name():
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def usual_signals():
    """As in the jail; whoever started this may have some ignored."""
    for n in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(n, signal.SIG_DFL)


def outside(module, part=0, parts=1, resources=()):
    who = owner()
    at = tempfile.mkdtemp(dir="/var/tmp")
    try:
        pathlib.Path(at, "main.py").write_text(PROGRAM)
        if who:
            os.chown(at, who.pw_uid, who.pw_gid)
        name = who.pw_name if who else user_name()
        p = subprocess.Popen([PYTHON, "-B", "main.py", module, str(part), str(parts), *resources], cwd=at,
                             env=ENV | {"HOME": at, "USER": name, "LOGNAME": name}, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=usual_signals,
                             **({"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}))
        how = "time"
        try:
            text = p.communicate(timeout=SECONDS)[0]
            how = f"exit {p.returncode}"
        except subprocess.TimeoutExpired as e:
            text = e.stdout or b""
        finally:
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            p.wait()
        return outcomes(text.decode(), how)
    finally:
        shutil.rmtree(at, ignore_errors=True)


def differences(out, ins):
    """[(test, outcome outside, inside, words)] where the two are not the same. A class whose fixture differs has no tests on one
    side: those are `absent` there."""
    for name in sorted(out | ins):
        o, i = (side.get(name, ("absent", "")) for side in (out, ins))
        if o[0] != i[0]:
            yield name, o[0], i[0], i[1] or o[1]
