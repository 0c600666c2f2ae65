#!/usr/bin/python3
"""Rules that the tree keeps: which room may include which, how long a file may be, what no file may name."""
import json
import pathlib
import re
import subprocess
import sys

# Room: the rooms it may include. The most exact path wins.
ROOMS = {
    "base": ["base"],
    "wire": ["base", "wire"],
    "api": ["base", "wire", "api"],
    "server": ["base", "wire", "api", "server"],
    "sandbox": ["base", "wire", "sandbox"],
    "sandbox/jail": ["base", "wire", "sandbox/jail", "sandbox/gcov.h"],
    "sandbox/py": ["base", "wire", "sandbox/py", "sandbox/lenses", "sandbox/gcov.h"],
    "sandbox/lenses": ["base", "wire", "sandbox/py", "sandbox/lenses"],
}
# Header: the paths that may include it.
LIBRARIES = {
    "Python.h": ["sandbox/py/", "sandbox/lenses/", "tests/lenses/"],
    "microhttpd.h": ["server/http_inside.h"],
    "jansson.h": ["api/", "server/", "tests/"],
    "nettle/sha2.h": ["server/link_hash.c"],
    "nettle/memops.h": ["server/link_hash.c"],
    "seccomp.h": ["sandbox/jail/seccomp.c"],
}
MAX_LINES = 500
# Written in halves, so that this file does not name them.
MACHINE = ["/wo" + "rk/", "/tmp" + "/w/", ".py" + "env", "/roo" + "t/.", "deb.deb" + "ian.org", "registry.np" + "mjs",
           "snapshot.deb" + "ian", "deb.node" + "source", "py" + "pi.org"]


def tracked():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True)
    names = listed.stdout.split("\n") if listed.returncode == 0 else [
        str(p) for p in pathlib.Path(".").rglob("*") if not str(p).startswith(("build/", ".git/", "web/node_modules/"))]
    return [p for p in map(pathlib.Path, sorted(names)) if p.is_file() and str(p) != "."]


FILES = tracked()
SOURCES = [p for p in FILES if p.suffix in (".c", ".h")]


def text(path):
    return path.read_text(errors="replace")


def room_of(path):
    return max((r for r in ROOMS if str(path).startswith(r + "/")), key=len, default=None)


def rooms():
    for path in SOURCES:
        if not (room := room_of(path)):
            continue
        for name in re.findall(r'^\s*#\s*include "([^"]+)"', text(path), re.M):
            if not any(name == ok or name.startswith(ok + "/") for ok in ROOMS[room]):
                yield f"{path} includes {name}: {room}/ may include {', '.join(ROOMS[room])}"


def libraries():
    for path in SOURCES:
        for name in re.findall(r"^\s*#\s*include <([^>]+)>", text(path), re.M):
            allowed = LIBRARIES.get(name)
            if allowed is not None and not str(path).startswith(tuple(allowed)):
                yield f"{path} includes <{name}>, which is for {', '.join(allowed)}"


def lengths():
    for path in SOURCES:
        lines = text(path).count("\n")
        if lines > MAX_LINES and not str(path).startswith("tests/unit/"):
            yield f"{path} has {lines} lines, more than {MAX_LINES}"


def guards():
    for path in SOURCES:
        if path.suffix == ".h" and not re.search(r"^#ifndef [A-Z0-9_]+_H$", text(path), re.M) and "/tbl/" not in str(path):
            yield f"{path} has no include guard"


def machine():
    for path in FILES:
        content = text(path)
        for word in MACHINE:
            if word in content:
                line = content[:content.index(word)].count("\n") + 1
                yield f"{path}:{line} names {word}, which is of one machine or one network"


def clocks():
    """What lasts is measured by a clock that does not jump: CLOCK_MONOTONIC, by base/io.h, or one of CPU time. What is to
    hold when the machine was started again has no other than the wall's: server/wall.h, for the ends of stored links."""
    for path in SOURCES:
        if str(path) != "server/wall.c" and path.suffix == ".c" and room_of(path):
            for word in re.findall(r"\bCLOCK_REALTIME\w*|\bgettimeofday\b|\btime\(NULL\)|\bTFD_TIMER_ABSTIME\b", text(path)):
                yield f"{path} uses {word}: that clock jumps"
        if '"server/wall.h"' in text(path) and path.stem not in ("wall", "links", "routes_links"):
            yield f"{path} includes server/wall.h, which is for stored links"


def lock_file():
    packages = json.loads(text(pathlib.Path("web/package-lock.json")))["packages"]
    for name, package in packages.items():
        if "resolved" in package:
            yield f"web/package-lock.json: {name} comes from an address"
        if name and "integrity" not in package:
            yield f"web/package-lock.json: {name} has no hash"


def executables():
    for path in FILES:
        runs = bool(path.stat().st_mode & 0o111)
        starts = path.read_bytes()[:2] == b"#!"
        if runs != starts:
            yield f"{path} is {'' if runs else 'not '}executable and {'starts' if starts else 'does not start'} with #!"
        if starts and re.match(r"#!\s*/usr/bin/env python", text(path)):
            yield f"{path} takes whatever python is first on PATH"


RULES = [("rooms include in one direction", rooms), ("libraries stay where they belong", libraries),
         ("files are short", lengths), ("headers have guards", guards), ("nothing of one machine is named", machine),
         ("no clock that jumps", clocks), ("npm packages by hash, not by address", lock_file), ("what starts with #! can be started", executables)]
print("TAP version 13", f"1..{len(RULES)}", sep="\n")
bad = False
for n, (name, rule) in enumerate(RULES, 1):
    found = list(rule())
    bad = bad or bool(found)
    print(f"{'not ' if found else ''}ok {n} - {name}")
    print(*("# " + f for f in found), sep="\n", end="\n" if found else "")
sys.exit(bad)
