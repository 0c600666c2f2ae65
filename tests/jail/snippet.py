"""A snippet of this directory: run by `vitrine run --json`, compared with the expectation in its first line."""
import atexit
import json
import os
import pathlib
import socket
import subprocess

HERE = pathlib.Path(__file__).parent
BOX = os.environ.get("VITRINE_WORKDIR", "/box")
POSTURE = os.environ.get("VITRINE_POSTURE")
# Layers of base/sabotage.h that only the posture of a container leans on, and the snippets that notice their loss there.
ONLY_IN_A_CONTAINER = {"socket_pairs": ["datagram_path"]}


outside = []


def hold(kind, name):
    """Takes a socket that a snippet must not reach. Another test that holds the name serves as well."""
    held = socket.socket(socket.AF_UNIX, kind)
    try:
        held.bind(name)
    except OSError:
        return
    outside.append(held)
    if not name.startswith("\0"):
        atexit.register(os.unlink, name)


def hold_all():
    if not outside:
        hold(socket.SOCK_STREAM, "\0vitrine-outside")
        if POSTURE:  # container.t has a /mnt of its own
            hold(socket.SOCK_DGRAM, "/mnt/vitrine-outside")


def differs(want, got, at="reply"):
    """None when `want` is a subset of `got`, else words that say where not."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return f"{at}: {got!r} is not an object"
        for key, value in want.items():
            if key not in got:
                return f"{at}.{key} is missing"
            if found := differs(value, got[key], f"{at}.{key}"):
                return found
        return None
    return None if want == got else f"{at}: expected {want!r}, got {got!r}"


def header(path, name):
    for line in path.read_text().splitlines():
        if line.startswith(f"# {name}: "):
            return line.split(": ", 1)[1]
    return None


def cgroups(build):
    """Are there control groups for runs here?"""
    said = subprocess.run([f"{build}/vitrine", "doctor", "--json"], stdout=subprocess.PIPE, text=True, timeout=60)
    layers = json.loads(said.stdout)["runtimes"][0]["layers"]
    return any(layer["name"] == "cgroups" and layer["holds"] for layer in layers)


def judge(path, reply, posture=POSTURE, box=BOX):
    """None, or words that say what is not as expected."""
    # What differs without namespaces is said beside what is so with them.
    want = posture and header(path, f"expect in a {posture}") or header(path, "expect")
    found = differs(json.loads(want.replace("/box/", f"{box}/")), reply)
    return found and f"{found}; stderr: {reply.get('stderr')}"


def limits(path):
    """The member of a request that its options mean."""
    words = (header(path, "limits") or "").replace("=", " ").split()
    return {name.removeprefix("--").replace("-", "_"): int(value) for name, value in zip(words[::2], words[1::2])}


def foreign_abi():
    """Some virtual machines answer the interrupt of the i386 ABI with a fault, whoever asks."""
    return subprocess.run(["/usr/bin/python3", HERE / "hostile/foreign_abi.py"], capture_output=True).returncode >= 0


def check(path, build, prepare=None):
    """None, or words that say what is not as expected. prepare is called in the new process."""
    hold_all()
    as_root = ["--", "root"] if os.geteuid() == 0 else []
    options = (header(path, "limits") or "").split()
    run = subprocess.run([f"{build}/vitrine", "run", "--json", *options, str(path), *as_root], capture_output=True, text=True,
                         env={**os.environ, "VITRINE_CANARY": "canary-in-the-environment"}, timeout=60, preexec_fn=prepare)
    try:
        reply = json.loads(run.stdout)
    except ValueError:
        return f"no JSON (exit {run.returncode}): {run.stderr.strip()[-300:]}"
    return judge(path, reply)
