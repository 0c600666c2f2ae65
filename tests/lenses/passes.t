#!/usr/bin/python3
"""A pass of any kind is, to the program, the run that a plain interpreter makes.

Each program tells what it can see of the interpreter; the telling, and how the program ended, must be the same in every pass
as in a plain interpreter, or, where the warm interpreter differs from a plain one by nature, as in the pass that has nothing
attached.  What does differ is listed in docs/design.md, "What a program can see of a pass", and checked here to be so.
"""
import pathlib
import re

from lens import GIL, LENS_OF, PASSES, SANITIZED, VERSION, Snippet, check, equal, holds, main, side_by_side

# Told the same as by /usr/bin/python3.11 -u main.py.
AS_PLAIN = {
    "trace and profile functions": "import sys\nprint(sys.gettrace(), sys.getprofile(), sys.call_tracing(lambda: 3, ()))\ndef f(): print(sys.gettrace(), sys.getprofile())\nf()\n",
    "callbacks of the collector": "import gc\nprint(gc.callbacks, gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.garbage)\n",
    "frames": "import sys, traceback\ndef f(n):\n    return n and f(n - 1) or len(traceback.extract_stack())\nprint(f(9), sys._getframe().f_back, sys._getframe().f_trace, sys._getframe().f_trace_lines)\ntry:\n    sys._getframe(1)\nexcept ValueError as e:\n    print(e)\n",
    "how deep it may recurse": "import sys\ndef f(n):\n    try:\n        return f(n + 1)\n    except RecursionError:\n        return n\nprint(sys.getrecursionlimit(), f(0))\ndef key(n):\n    try:\n        return max([n], key=lambda n: key(n + 1))\n    except RecursionError:\n        return 0\nkey(0)\n",
    "addresses that are used again": "print(id([]) == id([]), id(object()) == id(object()), [1.5] is [1.5])\ndef f():\n    x = object()\n    return id(x)\nprint(f() == f())\na = [[] for i in range(9)]\nb = set(map(id, a))\ndel a\nprint(len(b & {id(x) for x in [[] for i in range(9)]}))\n",
    "when objects die": "import weakref\nclass A:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n)\ndef f():\n    a, b = A(1), A(2)\n    a.b = b\n    print('leave')\nf()\ntry:\n    def g():\n        a = A(3)\n        raise ValueError\n    g()\nexcept ValueError as e:\n    print(e.__traceback__.tb_next.tb_frame.f_locals['a'].n)\nprint('after')\nx = A(4)\nx = None\nfor i in range(2): y = A(5 + i)\nw = weakref.ref(y)\nprint(w() is y)\ndel y\nprint(w())\n",
    "reference counts": "import sys\na = []\nprint(sys.getrefcount(a))\ndef f(x, y=a):\n    z = x\n    return sys.getrefcount(x), sys.getrefcount(f), sys.getrefcount(sys._getframe())\nprint(f(a), f([]))\nclass A:\n    def m(self): return sys.getrefcount(self)\nb = A()\nprint(b.m(), sys.getrefcount(A))\ndef g():\n    yield sys.getrefcount(h)\nh = g()\nprint(next(h))\n",
    "its own trace function": "import sys\ndef trace(frame, event, arg):\n    if frame.f_code.co_name in 'fg': print(event, frame.f_lineno, arg if event != 'exception' else arg[0])\n    return trace\ndef g(n):\n    yield n\ndef f(n):\n    for i in g(n):\n        x = i\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        return x\nsys.settrace(trace)\nf(3)\nprint(sys.gettrace() is trace)\nsys.settrace(None)\nf(3)\nprint(sys.gettrace())\n",
    "its own profile function": "import sys\ndef profile(frame, event, arg):\n    if event != 'c_return' or arg is not sys.setprofile: print(event, frame.f_code.co_name, getattr(arg, '__name__', arg))\ndef f(n): return sorted([n], key=abs)\nsys.setprofile(profile)\nf(3)\nsys.setprofile(None)\nprint(sys.getprofile())\n",
    "its own audit hook": "import sys\ndef hook(event, args):\n    if event.startswith(('sys.', 'cpython', 'gc.')): print(event)\nsys.addaudithook(hook)\ndef f(): return 1\nf()\nsys._getframe()\n",
    "what exec and eval see": "print(sorted(n for n in globals() if n != '__builtins__'), sorted(vars()))\ndef f(a):\n    b = 1\n    exec('c = 2')\n    print(sorted(locals()), eval('a + b'))\nf(1)\nclass A:\n    x = 1\n    print(sorted(locals()))\n",
    "locals that are changed by a frame": "import sys\ndef f():\n    x = 1\n    sys._getframe().f_locals['x'] = 2\n    y = locals()\n    x = 3\n    print(x, y['x'], locals() is y)\nf()\n",
    "exceptions": "import sys\ndef f(): raise ValueError(1) from KeyError(2)\ntry:\n    f()\nexcept ValueError as e:\n    print(repr(e), repr(e.__cause__), e.__traceback__.tb_lineno, e.__traceback__.tb_next.tb_lineno, e.__context__, sys.exc_info()[0])\nprint(sys.exc_info(), hasattr(sys, 'last_value'))\nclass E(Exception):\n    def __init__(self, *a): print('made', a); super().__init__(*a)\ndef g(): raise E\ntry:\n    g()\nexcept E: pass\nx = iter([])\nnext(x, None)\n",
    "generators and coroutines": "import inspect, asyncio\ndef g():\n    x = yield 1\n    try:\n        yield x\n    finally:\n        print('finally')\na = g()\nprint(next(a), a.send(2), inspect.getgeneratorstate(a), a.gi_frame.f_lineno, a.gi_running)\na.close()\nasync def f():\n    await asyncio.sleep(0)\n    return asyncio.current_task().get_name()\nprint(asyncio.run(f()))\n",
    "asyncio's tasks": "import asyncio, gc, sys, weakref\ngc.disable()\nseen = []\nasync def f(n):\n    try:\n        await asyncio.sleep(n / 10)\n    finally:\n        t = asyncio.current_task()\n        print(n, len(asyncio.all_tasks()), t.get_name(), sys.getrefcount(t), len(gc.get_referrers(t)), len(t.get_stack()))\n    if n == 2: raise KeyError(n)\nasync def main():\n    t = [asyncio.get_running_loop().create_task(f(n)) for n in range(4)]\n    w = [weakref.ref(x, seen.append) for x in t]\n    t[3].set_name('three')\n    t[3].cancel()\n    await asyncio.gather(*t, return_exceptions=True)\n    print([x.cancelled() or repr(x.exception()) for x in t], len(seen), [sys.getrefcount(x) for x in t])\n    t.clear()\n    print(len(seen), [x() for x in w])\n    l = asyncio.Lock()\n    async with l:\n        x = asyncio.ensure_future(l.acquire())\n        await asyncio.sleep(0)\n        print(sys.getrefcount(l), sys.getrefcount(x), x.cancel())\nasyncio.run(main())\nprint(len(seen))\n",
    "the way out": "import atexit, sys\nclass A:\n    def __del__(self): print('del')\na = A()\natexit.register(print, 'atexit')\nprint('end')\nsys.exit(5)\n",
    "an exception that nobody takes": "print('before')\ndef f(x): return 1 / x\nf(0)\n",
    "threads": "import threading\ndef f():\n    print(threading.current_thread().name, threading.active_count(), threading.main_thread() is threading.current_thread())\nt = threading.Thread(target=f)\nt.start()\nt.join()\nprint(threading.active_count(), threading.getprofile(), threading.excepthook.__name__)\n",
    "children": "import os, sys\nprint('parent'); sys.stdout.flush()\npid = os.fork()\nif pid == 0:\n    def f(): print('child', sys.gettrace())\n    f()\n    os._exit(4)\nprint(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n",
    "sources": "import inspect, linecache\ndef f():\n    return 1\nprint(inspect.getsource(f), inspect.getsourcelines(f)[1], linecache.getline(__file__, 1))\n",
    "state of the interpreter": "import sys\nprint(sys.getswitchinterval(), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth(), sys.dont_write_bytecode, sys.getdlopenflags())\n",
}

# Told the same in every pass; a warm interpreter has other numbers than a plain one.
AS_CLEAN = {
    "the collector's objects": "import gc\nprint([type(o) for o in gc.get_objects()], gc.get_freeze_count())\n",
    "the collector's statistics": "import gc; print(gc.get_count()[1:], gc.get_stats(), gc.isenabled())\n",
    "modules": "import sys\nprint(sorted(sys.modules), sys.path_hooks, sys.path)\n",
    "threads": "import sys, threading\nprint(len(sys._current_frames()), [t.name for t in threading.enumerate()])\nprint(sys.getrefcount(threading))\n",
}
# Where a pass differs, and in what: from 3.12 on tracing is another, which specialises, and whose beginning is heard of.
TRACED = {"trace", "lines", "objects", "steps", "frames", "tasks", "counts", "profile", "instructions"}
DIFFERS = {
    "`threading.gettrace()`": ("import threading\nprint(threading.gettrace())\n", TRACED if VERSION >= (3, 10) else set()),
    "an audit event `sys.settrace` for each thread that is started": ("import sys, threading\nseen = []\nsys.addaudithook(lambda event, args: seen.append(event) if event == 'sys.settrace' else None)\nt = threading.Thread(target=int)\nt.start()\nt.join()\nprint(seen)\n", TRACED),
    "one more reference to the object whose C method is being called": ("import sys\nl = [1]\nl.sort(key=lambda x: print(sys.getrefcount(l)) or 1)\n", TRACED if VERSION == (3, 11) else set()),
    "`gc.get_count()`, and when the collector comes by itself": ("import gc\nprint(gc.get_count())\n", TRACED if VERSION >= (3, 11) else set()),
    "no instruction is specialised": ("import dis\ndef f(n):\n    for i in range(n): n + i\nfor j in range(30): f(30)\nprint(any('ADD_INT' in i.opname for i in dis.get_instructions(f, adaptive=True)))\n",
                                      TRACED if VERSION == (3, 11) else {"counts", "instructions"} if VERSION > (3, 11) and GIL else set()),
    "how deep recursion through C functions may go": ("class A:\n    def __getattr__(self, n): depth.append(1); return getattr(self, n + 'x')\ndepth = []\ntry: A().a\nexcept RecursionError as e: print(len(depth))\n", TRACED if VERSION == (3, 11) else set()),
    "a profile function of its own hears the end of `sys.setprofile`": ("import sys\nsys.setprofile(lambda f, e, a: print(e))\nsys.setprofile(None)\n", {"frames", "tasks", "profile"} | ({"trace"} if VERSION < (3, 12) else set())),
    "`f_trace_opcodes` of frames": ("import sys\nprint(sys._getframe().f_trace_opcodes)\n", {"counts", "instructions"}),
    "`sys._debugmallocstats()` says nothing of pymalloc": ("import os, sys\nread, write = os.pipe()\nerr = os.dup(2)\nos.dup2(write, 2)\nsys._debugmallocstats()\nos.dup2(err, 2)\nprint(b'arenas' in os.read(read, 60000))\n", {"memory"} if GIL else set()),
}
if VERSION >= (3, 12):
    DIFFERS["an audit event `sys.settrace` as the program begins"] = (AS_PLAIN.pop("its own audit hook"), TRACED)


def end(done, path):
    """What a run printed, where it was left aside, and its exit code."""
    place = str(path.parent).encode()
    status = done.returncode if hasattr(done, "returncode") else done.status >> 8 if done.status >= 256 else -done.status
    out, err = (done.stdout, done.stderr) if hasattr(done, "stdout") else (done.out, done.err)
    return tuple(re.sub(rb"0x[0-9a-f]+", b"0x", text.replace(place, b"")) for text in (out, err)) + (status,)


def in_each(s, reference):
    def one_pass(kind):
        one = s.look(kind, lenses="" if kind == "clean" else LENS_OF[kind])
        equal(end(one, s.path), reference, kind)
    side_by_side(one_pass, PASSES)


for name, source in AS_PLAIN.items():
    def as_plain(name=name, source=source):
        if SANITIZED and name.startswith("addresses"):
            return "a sanitizer's malloc uses no address again"
        s = Snippet(source)
        in_each(s, end(s.plain(), s.path))
    check(f"{name}: in every pass as in a plain interpreter")(as_plain)

for name, source in AS_CLEAN.items():
    def as_clean(source=source):
        s = Snippet(source)
        in_each(s, end(s.look("clean", lenses=""), s.path))
    check(f"{name}: in every pass as in the undisturbed one")(as_clean)


@check("what differs is as the design says, and in no other pass")
def _():
    design = pathlib.Path("docs/design.md").read_text().partition("### What a program can see of a pass")[2].partition("\n## ")[0]
    for name, (source, differ) in DIFFERS.items():
        s = Snippet(source)
        clean = end(s.look("clean", lenses=""), s.path)
        equal({k for k in PASSES[1:] if end(s.look(k), s.path) != clean}, differ, name)
        if VERSION == (3, 11):  # those of the others: docs/runtimes.md
            holds(design, f"| {name} | {', '.join(sorted(differ)).upper()} |")


@check("the static pass runs nothing: no output, whatever the program")
def _():
    for source in AS_PLAIN.values():
        equal(end(Snippet(source).look("static"), pathlib.Path("/x/y")), (b"", b"", 0))


main()
