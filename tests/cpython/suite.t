#!/usr/bin/python3
"""CPython's own tests end in the jail as they do outside of it, but for what docs/security.md lists, with the layer that causes it.

Each module is run in the jail and by Debian's interpreter at the same time, and compared test by test, in both directions: what
differs is in the table, and what is in the table differs. Faults that a second look does not show were of the moment, which is
said. Every day some modules, many more with VITRINE_HEAVY=1 (`make test-cpython`), where each pattern of the table must name a
test; or those that are arguments.
"""
import concurrent.futures
import fnmatch
import os
import pathlib
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import judge  # noqa: E402
import table  # noqa: E402
from modules import EVERY_DAY, PARTS, WHOLE  # noqa: E402

HEAVY = bool(os.environ.get("VITRINE_HEAVY"))
TESTS = pathlib.Path("/usr/lib/python3.11/test")


def once(server, pool, module, part, parts):
    out = pool.submit(judge.outside, module, part, parts)
    ins = judge.inside(server, module, part, parts)
    return out.result(), ins


def look(server, pool, module, parts, some):
    """Both sides of a module; `some` parts of it."""
    out, ins = {}, {}
    for part in range(some):
        for whole, new in zip((out, ins), once(server, pool, module, part, parts)):
            # The module ends well when each part does.
            end = min(whole.get("", ("ok", "")), new.pop(""), key=lambda e: e[0] == "ok")
            whole.update(new)
            whole[""] = end
    # The module as a whole has a name, too.
    return [{name or module: end for name, end in side.items()} for side in (out, ins)]


def check(server, pool, rows, posture, module, parts, some):
    """Faults and remarks, how the tests of a module end outside, and the differences."""
    faults, remarks = None, []
    for _ in range(2):
        out, ins = look(server, pool, module, parts, some)
        found = list(judge.differences(out, ins))
        now = table.judged(rows, posture, out, found)
        if out[module][0] == "cut":
            now.append(f"{module}: it does not come to its end outside: {out[module][1]}")
        stays = now if faults is None else [f for f in now if f.split(": ")[0] in {g.split(": ")[0] for g in faults}]
        remarks += [f"once only: {f}" for f in faults or [] if f.split(": ")[0] not in {g.split(": ")[0] for g in stays}]
        faults = stays
        if not faults:
            break
    return faults, remarks, out, found


def main():
    if os.environ.get("VITRINE_SAN"):
        print("TAP version 13", "1..0 # SKIP a plain build only: a sanitizer's memory is not what these tests reckon with", sep="\n")
        return 0
    if not (TESTS / "test_builtin.py").exists():
        print("Bail out! libpython3.11-testsuite is not installed: scripts/deps test")
        return 1
    rows = table.rows()
    whole = {m: (PARTS.get(m, 1),) * 2 for m in sys.argv[1:] or WHOLE}
    chosen = whole if sys.argv[1:] else EVERY_DAY | whole if HEAVY else EVERY_DAY
    print("TAP version 13", f"1..{len(chosen) + 1}", sep="\n", flush=True)
    bad, seen, differ, began = 0, {}, 0, time.monotonic()
    with judge.vt.Server("--slots", "1") as server, concurrent.futures.ThreadPoolExecutor(1) as pool:
        posture = server.get("/v1/posture").json["runtimes"][0]["posture"]
        judge.vt.same(posture, os.environ.get("VITRINE_POSTURE", posture), "posture")
        for n, (module, (parts, some)) in enumerate(chosen.items(), 1):
            faults, remarks, out, found = check(server, pool, rows, posture, module, parts, some)
            seen |= {name: (was, "") for name, was, *_ in found} | out
            differ += len(found)
            bad += bool(faults)
            print(f"{'not ' if faults else ''}ok {n} - {module}, {posture}: {len(out) - 1} tests, {len(found)} end differently")
            print(*("# " + line for line in remarks + faults), sep="\n", end="\n" if remarks + faults else "", flush=True)
    # A pattern that names no test at all is of no use.
    idle = [p for row in rows if posture in row.postures for p in row.patterns
            if HEAVY and not sys.argv[1:] and not fnmatch.filter(seen, p.partition(": ")[0])]
    passed = sum(end[0] == "ok" for end in seen.values())
    faults = [f"`{p}` names no test" for p in idle] + ["nearly nothing passes outside"] * (passed < 0.8 * len(seen))
    print(f"{'not ' if faults else ''}ok {len(chosen) + 1} - the table names tests that there are, and most of them pass outside")
    print(f"# {len(seen) - len(chosen)} tests, {passed} pass outside, {differ} end differently, {time.monotonic() - began:.0f} s")
    print(*("# " + f for f in faults), sep="\n", end="\n" if faults else "")
    return 1 if bad or faults else 0


sys.exit(main())
