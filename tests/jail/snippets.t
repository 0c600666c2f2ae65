#!/usr/bin/python3
"""Benign and hostile snippets in the jail, each with its expected outcome in its first line.

The expectation is a subset of the reply's JSON, reasoned out in the snippet's comments. Each snippet is run by
`vitrine run --json`, in a runner of its own.
"""
import importlib.util, json, os, pathlib, subprocess, sys

BUILD = os.environ.get("VITRINE_BUILD", "build")
HERE = pathlib.Path(__file__).parent


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


def check(path):
    as_root = ["--", "root"] if os.geteuid() == 0 else []
    options = (header(path, "limits") or "").split()
    run = subprocess.run([f"{BUILD}/vitrine", "run", "--json", *options, str(path), *as_root], capture_output=True, text=True,
                         env={**os.environ, "VITRINE_CANARY": "canary-in-the-environment"}, timeout=60)
    try:
        reply = json.loads(run.stdout)
    except ValueError:
        return f"no JSON (exit {run.returncode}): {run.stderr.strip()[-300:]}"
    found = differs(json.loads(header(path, "expect")), reply)
    return found and f"{found}; stderr: {reply.get('stderr')}"


paths = sorted(HERE.glob("benign/*.py")) + sorted(HERE.glob("hostile/*.py"))
print("TAP version 13", f"1..{len(paths)}", sep="\n")
bad = 0
for n, path in enumerate(paths, 1):
    name = f"{path.parent.name} {path.stem}"
    if header(path, "needs") == "numpy" and not importlib.util.find_spec("numpy"):
        print(f"ok {n} - {name} # SKIP numpy is not installed")
        continue
    # The shadow of an address sanitizer is larger than any limit.
    if header(path, "needs") == "memory limit" and os.environ.get("VITRINE_SAN"):
        print(f"ok {n} - {name} # SKIP a sanitized build has no memory limit")
        continue
    words = check(path)
    bad += bool(words)
    print(f"{'not ' if words else ''}ok {n} - {name}")
    if words:
        print("#", words)
    sys.stdout.flush()
sys.exit(bad > 0)
