#!/usr/bin/python3
"""A jail without one of its layers is noticed: for each name in base/sabotage.h, a build without it lets at least one hostile
snippet through that the whole jail stops (tests/jail/snippets.t runs the same ones).

Each build also has to run a program that does no harm: what fails must fail for the layer's sake. Snippets that would hurt the
machine without their layer (fork bombs, kill(-1)) are not used here.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from snippet import HERE, ONLY_IN_A_CONTAINER, cgroups, check  # noqa: E402

BUILD = os.environ.get("VITRINE_BUILD", "build")
# Layer: the hostile snippets that are tried. One has to fail.
TRIED = {
    "capabilities": ["privileges"],
    "cgroups": ["memory_together"],
    "close_fds": ["descriptors"],
    "dumpable": ["privileges"],
    "environment": ["environment"],
    "groups": ["privileges"],
    "landlock": ["exec_other"],
    "landlock_scope": ["signal_init"],
    "net_namespace": ["abstract_name"],
    "no_new_privs": [],
    "pid_namespace": ["pids"],
    "readonly_root": ["root_changed"],
    "rlimits": ["memory"],
    "scratch_noexec": ["library_dropped"],
    "scratch_size": ["disk_together"],
    "seccomp": ["first_statement", "sockets", "foreign_abi", "foreign_abi_x32"],
    "session": ["session"],
    "user_id": ["owner"],
}
ROOT_ONLY = ("groups", "user_id")  # what is not root has nothing to give up


def with_groups():
    if os.geteuid() == 0:
        os.setgroups([4, 24])


def starts(build):
    return check(HERE / "benign/files.py", build)


def layer(name):
    """None, or what is wrong; and what noticed."""
    build = f"{BUILD}/sab-{name}"
    served = subprocess.run([f"{build}/vitrine", "serve", "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    if served.returncode == 0 or "on purpose" not in served.stderr:
        return "it serves", None
    if name == "no_new_privs":
        # The kernel takes neither Landlock nor a filter from whoever could gain privileges: nothing is run at all.
        words = starts(build)
        return (None, f"no run: {words}") if words and re.search("landlock|seccomp", words) else (f"it runs: {words}", None)
    if words := starts(build):
        return f"it runs nothing at all: {words}", None
    found = [f"{s}: {words}" for s in TRIED[name] if (words := check(HERE / f"hostile/{s}.py", build, with_groups))]
    return (None, "\n# ".join(found)) if found else (f"nobody noticed: {', '.join(TRIED[name])}", None)


def names():
    """Those of the header, and each of them is tried, here or by tests/jail/container.t."""
    header = re.findall(r"^\tX\((\w+)\)", pathlib.Path("base/sabotage.h").read_text(), re.M)
    if {n.lower() for n in header} != set(TRIED) | set(ONLY_IN_A_CONTAINER):
        return f"tried: {sorted(TRIED)}; in the header: {header}"
    return None


def whole():
    """The build that is shipped has nothing of it: constants of the preprocessor, folded away."""
    if b"on purpose" in pathlib.Path(BUILD, "vitrine").read_bytes():
        return "the whole build refuses to serve, too"
    return None


if os.environ.get("VITRINE_SAN") or BUILD != "build":
    print("TAP version 13", "1..0 # SKIP a plain build only", sep="\n")
    sys.exit(0)
plain = {name: v for name, v in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")}
made = subprocess.run(["flock", "build", "make", "-j2", "sabotage"], capture_output=True, text=True, env=plain)
print("TAP version 13", f"1..{len(TRIED) + 3}", sep="\n")
failed = 0
results = [("the builds are made", lambda: made.returncode and made.stderr[-2000:]), ("each layer of base/sabotage.h is tried", names),
           ("the whole build is not sabotaged", whole)]
for n, (name, test) in enumerate(results + [(f"without {name}", name) for name in TRIED], 1):
    if test in ROOT_ONLY and os.geteuid() != 0:
        print(f"ok {n} - {name} # SKIP needs root at the start")
        continue
    if test == "cgroups" and not cgroups(BUILD):
        print(f"ok {n} - {name} # SKIP no control groups can be made here")
        continue
    words, noticed = layer(test) if isinstance(test, str) else (test(), None)
    failed += bool(words)
    print(f"{'not ' if words else ''}ok {n} - {name}")
    if words or noticed:
        print("#", (words or noticed).strip())
    sys.stdout.flush()
sys.exit(failed > 0)
