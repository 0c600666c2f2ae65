#!/usr/bin/python3
"""refcounts with causes: each change is one that sys.getrefcount() tells of at the same instruction.

The judge is a plain interpreter that traces itself: at each event of sys.settrace(), each instruction among them, it asks
sys.getrefcount() of all names there are, and takes off what it holds itself: one for the argument, and before 3.13 the copies in
f_locals, which CPython makes for a trace function that is written in Python.
"""
import itertools
import json

from lens import VERSION, Snippet, check, equal, look, main
from refcount_programs import BINDS, PROGRAMS

SHARED = 900 if VERSION >= (3, 11) else 40  # as in refcounts.t
CAUSES = ["refcounts.causes=1"]

JUDGE = r"""
import json, sys
from sys import getrefcount
g = {'__name__': '__main__', '__builtins__': __builtins__}
before = set(g)
copies = sys.version_info < (3, 13)
frames, last, place, out = [], {}, None, []
left = []  # copies of frames that are left, which generators and tracebacks may keep

def look(entered=False, beginning=()):
    for i in reversed(range(len(left))):
        if getrefcount(left[i]) == 2:  # ours, and the argument's
            del left[i]
    for _, f in frames:
        f.f_locals  # made anew
    now = {(0, n): g for n in g if n not in before}
    for number, f in frames:
        if f.f_locals is not g:
            now.update({(number, n): f.f_locals for n in list(f.f_locals) if n[:1] != '.'})
    owner = {number: (f.f_code.co_qualname if hasattr(f.f_code, 'co_qualname') else f.f_code.co_name) for number, f in frames}
    held = {}
    if copies:
        for copy in [*left, *(f.f_locals for f in (*(f for _, f in frames), *beginning) if f.f_code.co_flags & 1)]:
            for n in copy:
                held[id(copy[n])] = held.get(id(copy[n]), 0) + 1
    for key in [*now, *(k for k in last if k not in now and (k[0] == 0 or k[0] in owner))]:
        was = last.get(key)
        if key in now:
            space = now[key]
            at = id(space[key[1]])
            n = getrefcount(space[key[1]]) - 1 - held.get(at, 0)
            is_ = (at, n)
        else:
            is_ = None
        if is_ == was:
            continue
        how = ('unbound' if is_ is None else ('entered' if entered and key[0] == frames[-1][0] else 'bound') if was is None else
               'counted' if was[0] == is_[0] else 'rebound')
        out.append([key[1], owner.get(key[0]), key[0], was and was[1], is_ and is_[1], how, place])
        if is_:
            last[key] = is_
        else:
            del last[key]

total = 0
def trace(frame, event, arg):
    global place, total
    del arg
    if frame.f_code.co_filename != 'main.py' or event == 'exception':
        return trace if frame.f_code.co_filename == 'main.py' else None
    code = frame.f_code
    if event == 'call':
        frame.f_trace = trace  # which it has to have for that, from 3.13 on
        frame.f_trace_opcodes = True
        if place and not place[3]:
            place = [*place[:3], 'begins']
        left[:] = [copy for copy in left if copy is not frame.f_locals]
        look(beginning=[frame])
        total += 1
        frames.append((total, frame))
        look(True)
        return trace
    look()
    if event == 'opcode':
        place = [code.co_qualname if hasattr(code, 'co_qualname') else code.co_name, frame.f_lineno, frame.f_lasti, None]
    if event == 'return':
        for key in [k for k in last if k[0] == frames[-1][0]]:
            del last[key]
        gone = frames.pop()[1]
        if copies and gone.f_code.co_flags & 1:
            left.append(gone.f_locals)
        place = place and [*place[:3], 'ends']
    return trace

code = compile(open('main.py').read(), 'main.py', 'exec')
sys.settrace(trace)
try:
    exec(code, g)
finally:
    sys.settrace(None)
    json.dump(out, sys.__stdout__)
"""


def is_own(change, binds):
    """Not shared with the whole interpreter, and not the compiler's."""
    return not (change[0].startswith("__") or change[0] in binds or any(isinstance(n, int) and n > SHARED or n == "immortal" for n in change[3:5]))


def grouped(changes, binds):
    """What one instruction did is in no order."""
    own = [c for c in changes if is_own(c, binds)]
    return [(place, sorted((c[:6] for c in those), key=repr)) for place, those in itertools.groupby(own, key=lambda c: c[6])]


def place_of(c):
    return c["instruction"] and [c["function"], c["line"], c["instruction"]["offset"], c.get("call")]


def changes_of(one):
    return [[c["name"], c.get("of"), c.get("frame", 0), c["from"], c["to"], c["how"], place_of(c)] for s in one["steps"] for c in s["changes"]]


def judged(source, binds=()):
    s = Snippet(source)
    done = s.plain(code=JUDGE)
    equal((done.returncode, done.stderr), (0, b""), "the judge")
    one = s.look("trace", options=CAUSES)
    equal((one.status, one["truncated"]), (0, False))
    said, got = grouped(json.loads(done.stdout), binds), grouped(changes_of(one), binds)
    for n, (a, b) in enumerate(zip(got, said)):
        equal(a, b, f"change {n + 1}")
    equal(len(got), len(said), "number of changes")
    return one


def followed(one):
    """From step to step the changes of a name add up to what its count is then."""
    now, seen = {}, 0
    for s in one["steps"]:
        for c in s["changes"]:
            key = c.get("frame", 0), c["name"]
            if key in now or c["from"] is None:
                equal(c["from"], now.get(key), f"step {s['step']}: {c}")
            now[key] = c["to"]
        for name, n in s["counts"].items():
            key = (s["frame"], name) if (s["frame"], name) in now else (0, name)
            equal(now.get(key), n, f"step {s['step']}: {name}")
            seen += 1
    return seen


for name, source in PROGRAMS.items():
    if name == "frames" or name == "closures" and VERSION < (3, 11):
        continue  # the judge holds frames; in 3.9 a trace function of Python's puts an argument in a cell back in its own place, too

    @check(f"{name}: each change is sys.getrefcount()'s, at the same instruction")
    def _(source=source, binds=BINDS.get(name, ()) if VERSION < (3, 12) else ()):
        assert followed(judged(source, binds)) > 5


def bare(step):
    own = {k: n for k, n in step["counts"].items() if n == "immortal" or n < SHARED}
    return {**{k: v for k, v in step.items() if k not in ("frame", "changes", "dropped_changes")}, "counts": own}


@check("without causes there is nothing of it, and with them the counts are the same")
def _():
    for source in PROGRAMS.values():
        plain, more = look(source, "trace"), look(source, "trace", options=CAUSES)
        equal([bare(s) for s in more["steps"]], [bare(s) for s in plain["steps"]])
        assert all(set(s) == {"step", "line", "function", "event", "counts"} for s in plain["steps"])


main()
