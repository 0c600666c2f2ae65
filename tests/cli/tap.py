"""Checks that print TAP, and what the tests of the command line share."""
import ctypes
import os
import pathlib
import subprocess
import sys
import traceback

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build")).resolve()
VITRINE = str(BUILD / "vitrine")
PYTHON = "/usr/bin/python3"
SYS_SECCOMP, SYS_LANDLOCK_CREATE_RULESET = 317, 444  # arch/x86/entry/syscalls/syscall_64.tbl
LIBC = ctypes.CDLL(None, use_errno=True)
# What decides on widths and colours is set by each check.
ENV = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM", "VITRINE_LISTEN")}


def vitrine(*args, stdin=b"", env=None, **more):
    """A finished process, its output as bytes."""
    return subprocess.run([VITRINE, *map(str, args)], input=stdin, capture_output=True, env=ENV | (env or {}),
                          timeout=120, **more)


def refuse(number, err):
    """From now on the system call has that errno, here and in what is started: seccomp(2)'s oldest form."""
    program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | err), (0x06, 0, 0, 0x7FFF0000)]
    text = b"".join(i[0].to_bytes(2, "little") + bytes(i[1:3]) + i[3].to_bytes(4, "little") for i in program)
    buffer = ctypes.create_string_buffer(text, len(text))

    class Fprog(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    fprog = Fprog(len(program), ctypes.addressof(buffer))
    if LIBC.prctl(38, 1, 0, 0, 0) or LIBC.prctl(22, 2, ctypes.byref(fprog)):
        raise OSError(ctypes.get_errno(), "prctl")


def equal(got, expected, what=""):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def holds(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


CHECKS = []


def check(name):
    def keep(function):
        CHECKS.append((name, function))
        return function
    return keep


def main():
    print("TAP version 13", f"1..{len(CHECKS)}", sep="\n", flush=True)
    bad = 0
    for n, (name, function) in enumerate(CHECKS, 1):
        try:
            skip = function()
            print(f"ok {n} - {name}" + (f" # SKIP {skip}" if skip else ""))
        except Exception:
            bad += 1
            print(f"not ok {n} - {name}")
            print(*("# " + line for line in traceback.format_exc().splitlines()), sep="\n")
        sys.stdout.flush()
    sys.exit(1 if bad else 0)
