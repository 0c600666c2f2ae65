#!/usr/bin/python3
"""vitrine doctor: what it says here, and on machines that lack something.

What is lacking is really lacking: system calls are refused by a filter, or user namespaces are used up by a limit, and
the doctor is started under that.
"""
import ctypes
import errno
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from filter import LIBC, SYS_LANDLOCK_CREATE_RULESET, SYS_SECCOMP, refuse
from tap import BUILD, ENV, VITRINE, check, equal, holds, main, vitrine

LAYERS = ["namespaces", "landlock", "seccomp", "rlimits", "cgroups"]


def under(prepare, *args):
    return vitrine(*args, preexec_fn=prepare)


def layers_of(report, runtime=0):
    return {layer["name"]: layer for layer in report["runtimes"][runtime]["layers"]}


@check("on this machine: the words, the JSON and the exit status agree")
def here():
    text, js = vitrine("doctor"), vitrine("doctor", "--json")
    report = json.loads(js.stdout)
    equal(text.returncode, js.returncode)
    equal(report["well"], js.returncode == 0)
    equal(b"Everything that is needed holds." in text.stdout, report["well"])
    equal([layer["name"] for layer in report["runtimes"][0]["layers"]], LAYERS)
    equal({r["id"] for r in report["runtimes"]},
          {p.name.removeprefix("runner-") for p in BUILD.glob("runner-*")} | {p.parent.name for p in BUILD.glob("runtimes/*/runner")})
    for layer in report["runtimes"][0]["layers"]:
        holds(text.stdout.decode(), layer["name"])
        if layer["name"] != "cgroups":  # used where there are some, never asked for
            equal(layer["advice"] == [], layer["holds"], layer["name"])


@check("what it says of the machine is so")
def machine():
    report = json.loads(vitrine("doctor", "--json").stdout)
    equal(report["kernel"]["release"], os.uname().release)
    abi = LIBC.syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, 1)
    equal(report["kernel"]["landlock_abi"], max(abi, 0))
    equal(report["kernel"]["max_user_namespaces"], int(open("/proc/sys/user/max_user_namespaces").read()))
    version = subprocess.run(["/usr/bin/python3.11", "-V"], capture_output=True, text=True).stdout.split()[1]
    equal([r["version"] for r in report["runtimes"] if r["id"] == "3.11"], [version])


@check("Landlock switched off: missing, exit 1, and how to switch it on; 0 when it is not needed")
def no_landlock():
    def prepare():
        refuse(SYS_LANDLOCK_CREATE_RULESET, errno.EOPNOTSUPP)

    r = under(prepare, "doctor", "--json")
    report = json.loads(r.stdout)
    equal((r.returncode, report["well"]), (1, False))
    states = {name: layer["holds"] for name, layer in layers_of(report).items()}
    equal(states, dict.fromkeys(LAYERS, True) | {"landlock": False})
    holds(" ".join(layers_of(report)["landlock"]["advice"]), "lsm=")
    words = under(prepare, "doctor").stdout.decode()
    holds(words, "lost: the second fence around the file system")
    r = under(prepare, "doctor", "--allow-missing", "landlock")
    equal(r.returncode, 0, r.stdout)
    # And the other commands do as it says.
    equal(under(prepare, "run", "-").returncode, 125)
    r = under(prepare, "run", "-", "--allow-missing", "landlock")
    equal(r.returncode, 0, r.stderr)
    assert b"landlock" not in r.stderr and b"seccomp" in r.stderr


@check("Landlock refused by what is around us: other advice")
def refused_landlock():
    report = json.loads(under(lambda: refuse(SYS_LANDLOCK_CREATE_RULESET, errno.EPERM), "doctor", "--json").stdout)
    advice = layers_of(report)["landlock"]["advice"]
    equal(len(advice), 1)
    holds(advice[0], "seccomp profile must allow landlock_create_ruleset")


@check("no system call filters: seccomp is named, exit 1")
def no_seccomp():
    r = under(lambda: refuse(SYS_SECCOMP, errno.ENOSYS), "doctor", "--json")
    report = json.loads(r.stdout)
    equal((r.returncode, report["well"], report["kernel"]["seccomp"]), (1, False, False))
    seccomp = layers_of(report)["seccomp"]
    equal(seccomp["holds"], False)
    holds(" ".join(seccomp["advice"]), "CONFIG_SECCOMP_FILTER")


def no_namespaces(stranger=True):
    """In a user namespace of ours, in which none may be made any more, with a /dev/shm where runs can be, or cannot."""
    ready, go = os.pipe(), os.pipe()
    root, outer = os.geteuid() == 0, os.getpid()
    uid, gid = os.geteuid(), os.getegid()
    mapper = os.fork() if root else None
    if mapper == 0:  # ids of others can be mapped from outside only
        os.read(ready[0], 1)
        for kind in ("uid", "gid"):
            pathlib.Path(f"/proc/{outer}/{kind}_map").write_text(pathlib.Path(f"/proc/self/{kind}_map").read_text())
        os.write(go[1], b"1")
        os._exit(0)
    if LIBC.unshare(0x10000000):  # CLONE_NEWUSER
        raise OSError(ctypes.get_errno(), "unshare")
    if root:
        os.write(ready[1], b"1")
        os.read(go[0], 1)
        os.waitpid(mapper, 0)
    else:
        pathlib.Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")
    if LIBC.unshare(0x20000) or LIBC.mount(b"tmpfs", b"/dev/shm", b"tmpfs", 0, b"mode=1777"):  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "a /dev/shm")
    if stranger:
        pathlib.Path("/dev/shm/stranger").touch()


@check("user namespaces switched off by sysctl: does not start, exit 1, and the sysctl that helps")
def no_userns():
    r = under(no_namespaces, "doctor", "--json")
    report = json.loads(r.stdout)
    equal((r.returncode, report["well"]), (1, False))
    equal(report["kernel"]["max_user_namespaces"], 0)
    equal(report["kernel"]["user_namespace_error"], os.strerror(errno.ENOSPC))
    equal(report["runtimes"][0]["starts"], False)
    states = {name: layer["holds"] for name, layer in layers_of(report).items()}
    equal(states, {"namespaces": False, "landlock": None, "seccomp": None, "rlimits": None, "cgroups": None})
    advice = layers_of(report)["namespaces"]["advice"]
    equal(len(advice), 1, advice)
    holds(advice[0], "sysctl -w user.max_user_namespaces=")
    words = under(no_namespaces, "doctor").stdout.decode()
    holds(words, "does not start")
    holds(words, "Not everything that is needed holds")
    r = under(no_namespaces, "run", "-")
    equal(r.returncode, 125)
    holds(r.stderr.decode(), "`vitrine doctor` says what to do about it")


@check("without user namespaces, and with a /dev/shm of its own: the posture of a container")
def no_userns_but_shm():
    # The machine's own runtime: others are left out there, and said to be.
    with tempfile.TemporaryDirectory() as d:
        pathlib.Path(d).chmod(0o755)
        pathlib.Path(d, "runner-3.11").symlink_to(BUILD / "runner-3.11")
        r = under(lambda: no_namespaces(stranger=False), "doctor", "--json", "--runners", d)
    report = json.loads(r.stdout)
    if report["kernel"]["landlock_abi"] < 6:
        return "Landlock keeps no signals in before Linux 6.12"
    equal((r.returncode, report["well"], report["runtimes"][0]["posture"]), (0, True, "container"))
    layer = layers_of(report)["namespaces"]
    equal(layer["holds"], False)
    holds(layer["note"], "in /dev/shm/vitrine")


@check("no runner, or one that is no runner: exit 1 and which")
def runners():
    with tempfile.TemporaryDirectory() as d:
        r = vitrine("doctor", "--runners", d)
        equal((r.returncode, r.stdout), (1, b""))
        holds(r.stderr.decode(), "no runner-* program")
        path = pathlib.Path(d, "runner-9.9")
        path.write_text("#!/bin/sh\nexit 3\n")
        path.chmod(0o755)
        r = vitrine("doctor", "--runners", d, "--json")
        report = json.loads(r.stdout)
        equal((r.returncode, report["well"]), (1, False))
        equal([(x["id"], x["starts"]) for x in report["runtimes"]], [("9.9", False)])


@check("a wrong command line: exit 2")
def wrong():
    for args in (["--frob"], ["--allow-missing", "walls"], ["--color", "pink"]):
        equal(vitrine("doctor", *args).returncode, 2, args)


main()
