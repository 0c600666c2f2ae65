#!/usr/bin/python3
"""The posture of a plain container: tests of SUITES once more, or of those that are named, without namespaces.

What a container under Docker's default profile gives is made here: a user without privileges, a filter that refuses
namespaces and mounts, and a small file system at /dev/shm, as every container has one; and one at /box, unless
VITRINE_WORKDIR is where runs have to be without it. Needs root, for making that.
"""
import errno
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

os.environ["VITRINE_POSTURE"] = "container"
sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), "..", "cli")]
import snippet  # noqa: E402
from filter import ALLOW, EQUAL, ERRNO, LIBC, LOAD, RETURN, install  # noqa: E402

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"))
USER = 10001
WORKDIR = os.environ.get("VITRINE_WORKDIR", "/box")
SUITES = [
    "jail/snippets.t",
    "jail/as_main.t",
    "jail/canary.t",
    "jail/compiler.t",
    "jail/facts.t",
    "jail/forge.t",
    "jail/hygiene.t",
    "jail/limits.t",
    "jail/locks.t",
    "http/apart.t",
    "http/posture.t",
    "http/recycle.t",
    "cpython/suite.t",
]
# Noticed by this posture alone, or by it as well.
SABOTAGED = {"landlock_scope": ["signal_init"], "scratch_size": ["disk_pieces"], **snippet.ONLY_IN_A_CONTAINER}
# Numbers of arch/x86/entry/syscalls/syscall_64.tbl; BITS of linux/bpf_common.h.
REFUSED = {"unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "sethostname": 170, "open_tree": 428,
           "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442}
CLONE, CLONE3, CLONE_NEW = 56, 435, 0x7E020000
BITS = 0x45


def install_filter():
    program = [(LOAD, 0, 0, 0)]
    for number in REFUSED.values():
        program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    program += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    program += [(EQUAL, 0, 3, CLONE), (LOAD, 0, 0, 16), (BITS, 0, 1, CLONE_NEW), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    program += [(RETURN, 0, 0, ALLOW)]
    install(program)


def mount(path, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=64m,nosuid,nodev,noexec,{options}", "tmpfs", path], check=True)


def become():
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    install_filter()


def doctor():
    said = subprocess.run(["build/vitrine", "doctor", "--json"], stdout=subprocess.PIPE, text=True, preexec_fn=become)
    (runtime,) = json.loads(said.stdout)["runtimes"]
    return said.returncode, runtime


def refuses():
    """Where a run could write is not to be had: no start, and each place with its reason."""
    stranger = pathlib.Path("/dev/shm/stranger")
    stranger.write_text("not ours")
    status, runtime = doctor()
    stranger.unlink()
    said = runtime.get("reason", "")
    if status != 1 or runtime["starts"] or "/box" not in said or "others have files in /dev/shm" not in said:
        return f"exit {status}, {runtime}"
    return None


def says():
    """What stands in for namespaces is told, with the place."""
    status, runtime = doctor()
    note = {layer["name"]: layer for layer in runtime["layers"]}["namespaces"]["note"]
    # Beside another directory than /box stands why.
    said = "in /box; " if WORKDIR == "/box" else f"in {WORKDIR} (/box"
    if (status, runtime["posture"]) != (0, "container") or said not in note:
        return f"exit {status}, {runtime}"
    return None


def inside(at, suites):
    """In mount and PID namespaces of its own, as root: becomes what a container would be."""
    mount("/dev/shm", "mode=1777")
    mount("/mnt", "mode=1777")  # for a socket of the tests
    os.chdir(at)
    checks = [("it says how it is done", says)]
    if WORKDIR == "/box":
        mount("/box", f"mode=700,uid={USER},gid={USER}")
    else:
        checks.insert(0, ("without a place to write to, it refuses", refuses))
    lines = []
    for name, check in checks:
        words = check()
        lines += [f"{'not ' if words else ''}ok - {name}"] + ([f"# {words}"] if words else [])
    bad = any(line.startswith("not") for line in lines)
    become()
    os.environ |= {"VITRINE_BUILD": "build", "HOME": "/"}
    for suite in suites:
        done = subprocess.run([f"tests/{suite}"], capture_output=True, text=True, errors="replace")
        bad |= done.returncode
        lines += done.stdout.splitlines()
        if done.stderr:
            print(done.stderr, file=sys.stderr)
    for name, snippets in SABOTAGED.items():
        if not os.path.exists(f"build/sab-{name}"):
            lines.append(f"ok - without {name} # SKIP a plain build only")
            continue
        words = noticed(name, snippets)
        bad |= bool(words)
        lines += [f"{'not ' if words else ''}ok - without {name}"] + [f"# {words}"] * bool(words)
    # What was written is gone, and nobody is left but this process.
    end = time.monotonic() + 10
    while (others := [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]) and time.monotonic() < end:
        reap()
        time.sleep(0.01)
    ours = {"/dev/shm/.vitrine", WORKDIR}
    left = [p for place in {"/dev/shm", WORKDIR} for p in map(str, pathlib.Path(place).iterdir()) if p not in ours]
    lines.append(f"{'not ' if left or others else ''}ok - nothing is left behind")
    lines += [f"# {left} {others}"] if left or others else []
    results = [line for line in lines if re.match("(not )?ok", line)]
    print("TAP version 13", f"1..{len(results)}", sep="\n")
    n = 0
    for line in lines:
        if line in ("TAP version 13",) or line.startswith("1.."):
            continue
        if re.match("(not )?ok", line):
            n += 1
            line = re.sub(r"^((?:not )?ok)(?: \d+)? - ", rf"\1 {n} - ", line)
        print(line)
    return 1 if bad or left or others else 0


def sabotaged():
    """Directories of builds without one layer; a plain build has them."""
    if os.environ.get("VITRINE_SAN") or str(BUILD) != "build":
        return []
    plain = {name: v for name, v in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")}
    subprocess.run(["flock", "build", "make", "-j2", f"SABOTAGE={' '.join(SABOTAGED)}", "sabotage"], check=True, env=plain,
                   stdout=subprocess.DEVNULL)
    return [f"sab-{name}" for name in SABOTAGED]


def noticed(name, snippets):
    """None when a build without that layer lets one of the snippets through, and runs what does no harm."""
    build = f"build/sab-{name}"
    if words := snippet.check(snippet.HERE / "benign/files.py", build):
        return f"it runs nothing at all: {words}"
    if not any(snippet.check(snippet.HERE / f"hostile/{s}.py", build) for s in snippets):
        return f"nobody noticed: {', '.join(snippets)}"
    return None


def reap():
    """This process is the first of its namespace: what lost its parent is its to bury."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def skip(why):
    print(f"1..0 # SKIP {why}")
    return 0


def main():
    if sys.argv[1:2] == ["inside"]:
        return inside(sys.argv[2], sys.argv[3:])
    if os.geteuid() != 0:
        return skip("only root can make what a container has")
    made = WORKDIR == "/box" and not os.path.exists("/box")
    try:
        if made:
            os.makedirs("/box", exist_ok=True)
    except OSError as e:
        return skip(f"/box cannot be made: {e}")
    # The checkout may lie where others cannot look.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as at:
        os.chmod(at, 0o755)
        for build in (".", *sabotaged()):
            os.makedirs(f"{at}/build/{build}", exist_ok=True)
            for path in (BUILD / build / "vitrine", *(BUILD / build).glob("runner-*")):
                shutil.copy2(path, f"{at}/build/{build}")
        for area in ("jail", "http", "cli", "cpython"):
            shutil.copytree(f"tests/{area}", f"{at}/tests/{area}")
        os.mkdir(f"{at}/docs")
        shutil.copy("docs/security.md", f"{at}/docs")
        this = f"{at}/tests/jail/container.t"
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                               "--mount-proc", this, "inside", at, *(sys.argv[1:] or SUITES)])
    if made:
        os.rmdir("/box")
    return done.returncode


sys.exit(main())
