#!/usr/bin/python3
"""Snippets that work against a lens: each ends as in a plain interpreter, and leaves a report that can be read.

Every program is run in every pass.  Its exit status is the plain interpreter's, and so is its output unless it says what
differs between passes; whatever was recorded is JSON without a member twice, and truncated is true where something is
missing.
"""
import pathlib
import re
import tempfile

from lens import LENS_OF, PASSES, VERSION, Snippet, check, equal, main, passes, side_by_side

# There is no room for all paths of calls that importing asyncio takes.
MANY_CALLS = {"frames", "profile"} if VERSION == (3, 13) else set()

# How high the stack of code that is not in the file is, is not known there.
OTHER_CODE = {"instructions"} if VERSION == (3, 13) else set()

# name -> source, and the passes that must say that something is missing (None: that depends on how fast it is)
PROGRAMS = {
    "takes the trace function off": ("import sys\nx = []\nsys.settrace(None)\ny = x\nprint(y)\n", {"trace", "lines", "objects", "steps", "counts", "instructions"}),
    "traces itself": ("import sys\ndef t(*a): return t\nsys.settrace(t)\ndef f(): return 1\nprint(f())\n", {"trace", "lines", "objects", "steps", "counts", "instructions"}),
    "has a trace function that raises": ("import sys\ndef t(*a): raise ValueError\nsys.settrace(t)\ndef f(): return 1\ntry: f()\nexcept ValueError: print(sys.gettrace())\n", {"trace", "lines", "objects", "steps", "counts", "instructions"}),
    "profiles itself": ("import sys\nn = []\nsys.setprofile(lambda *a: n.append(1))\nlen(n)\nsys.setprofile(None)\nprint(bool(n))\n", {"frames", "tasks", "profile"} | ({"trace"} if VERSION < (3, 12) else set())),
    "takes threading's hook": ("import threading\nthreading.settrace(None)\nt = threading.Thread(target=lambda: 1)\nt.start(); t.join()\n", {"trace", "lines", "objects", "steps", "frames", "tasks", "counts", "profile", "instructions"}),
    "deletes the builtins": ("import builtins\nx = 1\nfor n in list(vars(builtins)): delattr(builtins, n)\nx = 2\n", {"adaptive"}),
    "replaces the builtins": ("import builtins\nbuiltins.len = builtins.repr = builtins.isinstance = builtins.map = None\nbuiltins.__import__ = None\nx = [1]\n", {"adaptive"}),
    "replaces modules": ("import sys\nfor n in ('gc', 'threading', 'dis', 'traceback', 'linecache', 'types', 're', 'json'):\n    sys.modules[n] = None\nprint(len(sys.modules) > 9)\n1/0\n", set()),
    "empties sys.modules": ("import sys\nm = dict(sys.modules)\nsys.modules.clear()\nprint(len(m) > 9)\nsys.modules.update(m)\n", {"objects"}),
    "breaks dis and types": ("import dis, types\ndis.get_instructions = dis._parse_exception_table = lambda *a, **k: 1/0\ntypes.CodeType = None\nx = 1\n", {"adaptive"}),
    "makes dis lie": ("import dis\nclass I:\n    def __getattr__(self, n): return self\n    def __eq__(self, o): raise ValueError\ndis.get_instructions = lambda *a, **k: [I(), I()]\nprint(1)\n", {"adaptive"}),
    "has enormous values": ("x = 1 << 3000000\ny = 'a' * 30000000\nz = [0] * 1000000\nb = b'x' * 10000000\nd = dict.fromkeys(range(100000))\nprint(len(y))\n", {"objects"}),
    "has enormous names": ("globals()['a' * 3000000] = []\nglobals()['\\0' * 999] = []\nfor i in range(5): globals()['\\ud800' * i] = []\nx = []\n", {"trace", "steps"}),
    "has names of its own making": ("class S(str):\n    def __hash__(self): return hash('x')\n    def __eq__(self, o): print('eq'); return True\nclass K:\n    def __hash__(self): return hash('y')\n    def __eq__(self, o): raise ValueError\ng = globals()\nd = {}\nd[S('s')] = 1\ng[K()] = 2\nz = []\n", set()),
    "has many names": ("for i in range(30000): globals()[f'n{i}'] = []\nx = 1\n", {"trace", "objects", "steps", "instructions"}),
    "raises in every special method": ("class A:\n    def bad(self, *a): raise ValueError('bad')\n    __eq__ = __repr__ = __str__ = __bool__ = __len__ = __iter__ = __getattr__ = __del__ = __format__ = bad\n    def __hash__(self): raise ValueError('hash')\na = A()\nb = [a, a]\ndef f(x): y = x; return y\nf(a)\nraise_ = f\n", set()),
    "raises while its threads go on": ("import sys, threading\nsys.setswitchinterval(1e-6)\ndef f():\n    for i in range(10000): x = i\nfor i in range(3): threading.Thread(target=f).start()\ndef g(n): return g(n - 1) if n else 1 / 0\ng(50)\n", {"instructions"}),
    "raises an exception that cannot be told": ("class E(Exception):\n    def __str__(self): raise ValueError\n    __repr__ = __str__\nraise E\n", set()),
    "raises what is no exception's usual": ("class M(type):\n    def __getattribute__(c, n): raise KeyError(n)\nclass E(Exception, metaclass=M): pass\nraise E('x')\n", set()),
    "leaves in the middle": ("import os\nprint('here')\ndef f(): os._exit(7)\nf()\n", {"trace", "lines", "gc", "objects", "steps", "frames", "memory", "threads", "tasks", "counts", "profile", "instructions"}),
    "kills itself": ("import os, signal\nprint('here')\nos.kill(os.getpid(), signal.SIGKILL)\n", {"trace", "lines", "gc", "objects", "steps", "frames", "memory", "threads", "tasks", "counts", "profile", "instructions", "processes"}),
    "forks": ("import os, gc\nfor i in range(4):\n    if os.fork() == 0:\n        for j in range(1000): a = []; a.append(a)\n        gc.collect()\n        os._exit(0)\nfor i in range(4): os.wait()\nprint('all')\n", set()),
    "forks a child that goes on": ("import os\npid = os.fork()\nx = [pid]\nif pid: os.wait()\nprint('parent' if pid else 'child')\n", set()),
    "leaves daemon threads": ("import threading, time\ndef f():\n    while True: x = [1]\nfor i in range(3): threading.Thread(target=f, daemon=True).start()\ntime.sleep(0.05)\nprint('end')\n", None),
    "leaves threads": ("import sys, threading\ndef f():\n    threading.main_thread().join()\n    for i in range(100): x = [i]\n    sys.stdout.write('thread\\n')\nfor i in range(3): threading.Thread(target=f).start()\nprint('end')\n", set()),
    "starts threads as it ends": ("import threading, atexit\ndef f():\n    t = threading.Thread(target=print, args=('late',))\n    try: t.start(); t.join()\n    except RuntimeError as e: print(e)\natexit.register(f)\n", set()),
    "recurses to the limit": ("def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError as e: print(e)\ndef g(n): return g(n + 1)\ng(0)\n", set()),
    "recurses in finalizers": ("class A:\n    def __init__(self, n): self.n = n\n    def __del__(self):\n        if self.n: A(self.n - 1)\nA(100)\nx = None\nfor i in range(50000): x = [x]\ndel x\nprint('ok')\n", {"steps", "instructions"}),
    "loops a million times": ("for i in range(1000000): x = i\nprint(x)\n", {"trace", "steps", "instructions"}),
    "changes f_locals": ("import sys, ctypes\ndef f():\n    x = [1]\n    fr = sys._getframe()\n    fr.f_locals['x'] = [2]\n    fr.f_locals['new'] = 3\n    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(fr), 1)\n    return x\nprint(f())\n", set()),
    "jumps between lines": ("import sys\ndef f():\n    a = 1\n    a = 2\n    return a\ndef t(fr, e, a):\n    if e == 'line' and fr.f_lineno == 4: fr.f_lineno = 5\n    return t\nsys.settrace(t)\nprint(f())\nsys.settrace(None)\n", {"trace", "lines", "objects", "steps", "counts", "instructions"}),
    "leaves generators open": ("def g(n):\n    try:\n        for i in range(n): yield [i]\n    finally: print('closed')\na = [g(3) for i in range(3)]\nfor x in a: next(x)\nasync def c(): pass\nk = g(3)\nnext(k)\n", set()),
    "throws into generators": ("def g():\n    while True:\n        try: yield\n        except ValueError: x = [1]\na = g()\nnext(a)\nfor i in range(3): a.throw(ValueError)\nb = g()\ntry: b.throw(KeyError)\nexcept KeyError: print('k')\na.close()\n", set()),
    "raises in callbacks of the collector": ("import gc\ndef f(*a): 1/0\ngc.callbacks.append(f)\ngc.collect(0)\ngc.callbacks.append(gc.callbacks.clear)\ngc.collect(0)\ngc.callbacks[:] = []\nprint(gc.callbacks)\n", set()),
    "collects within a collection": ("import gc\nclass A:\n    def __del__(self): gc.collect(); gc.callbacks.append(print) or gc.callbacks.pop()\nfor i in range(5): a = A(); a.a = a; del a; gc.collect()\nprint('ok')\n", set()),
    "has the collector work all the time": ("import gc\ngc.set_threshold(1, 1, 1)\nclass A: pass\nfor i in range(300): a = A(); a.a = [a]\nprint('ok')\n", set()),
    "replaces code": ("def f(x): return x\ndef g(a, b=2):\n    y = a\n    return y\nc = g.__code__\nf.__code__ = c.replace(co_varnames=('a', 'a', 'a'))\nf.__defaults__ = (1, 2)\nprint(f(1))\nf.__code__ = c.replace(co_name='\\ud800', co_qualname='\\ud800' * 9, co_firstlineno=-5)\nf(1)\nf.__code__ = c.replace(co_linetable=b'', co_filename='\\ud800')\nf(1)\nf.__code__ = c.replace(co_filename='')\nprint(f(1))\n", OTHER_CODE),
    "compiles under its own file's name": ("exec(compile('\\n' * 5000 + 'x = []\\ndef f(): return x\\nf()', __file__, 'exec'), {'x' * 500: 1})\nexec(compile('y = 1', __file__, 'exec'), type('D', (dict,), {'__getitem__': lambda s, k: 1/0})())\n", {"trace", "steps"} | OTHER_CODE),
    "has class bodies in odd namespaces": ("class N(dict):\n    def __setitem__(self, k, v): super().__setitem__(k, [v])\n    def __iter__(self): raise ValueError\n    def keys(self): raise ValueError\nclass M(type):\n    def __prepare__(*a): return N(__len__=None)\n    def __new__(*a): return type.__new__(type, 'T', (), {})\nclass A(metaclass=M):\n    x = 1\n    y = x\nimport collections\nclass P(type):\n    def __prepare__(*a): return collections.UserDict()\n    def __new__(*a): return 5\nclass B(metaclass=P):\n    x = 1\nprint(B)\n", set()),
    "changes globals as they are looked at": ("import threading, sys\nsys.setswitchinterval(1e-6)\nstop = []\ndef f():\n    i = 0\n    while not stop:\n        globals()[f'g{i % 50}'] = [i]; globals().pop(f'g{(i + 25) % 50}', None); i += 1\nt = threading.Thread(target=f); t.start()\nfor i in range(2000): x = [i]\nstop.append(1); t.join()\nprint('ok')\n", None),
    "clears its own module": ("import sys\nx = []\nd = globals()\nkeep = d['__builtins__']\nd.clear()\nd = 1\n", set()),
    "closes its descriptors": ("import os\nos.closerange(3, 100)\nx = 1\nprint('ok')\n", set()),
    "deletes its file": ("import os\nos.remove(__file__)\nprint('ok')\ndef f(): 1/0\ntry: f()\nexcept ZeroDivisionError: pass\n", set()),
    "works against asyncio": ("import asyncio, functools\nclass T(asyncio.Task):\n    def __hash__(self): return 1\n    def __eq__(self, o): return self is o\n    def __getattribute__(self, n): return super().__getattribute__(n)\n    def get_name(self): raise ValueError\n    _fut_waiter = _coro = _state = property(lambda self: 1/0)\nclass S(str):\n    def __eq__(self, o): raise ValueError\n    __hash__ = str.__hash__\nclass L(asyncio.SelectorEventLoop):\n    def __hash__(self): return 7\n    def __eq__(self, o): return self is o\nclass A:\n    def __await__(self):\n        try: yield\n        finally: pass\nasync def f(n):\n    await A()\n    await asyncio.sleep(0.001)\n    return n\nasync def late(): await asyncio.sleep(1000)\nl = L()\nl.set_task_factory(lambda loop, c, **k: T(c, loop=loop))\nasync def main():\n    t = asyncio.ensure_future(f(1)); t.set_name(S('x'))\n    print(await asyncio.gather(t, f(2)))\n    h = l.call_soon(h2 := functools.partial(print, 'called')); await A(); h.cancel()\n    for i in range(50): x = asyncio.ensure_future(late()); await A(); x.cancel(); del x\n    g = f(3); g.send(None)\n    try: await g\n    except RuntimeError as e: print(e)\n    asyncio.events.Handle._run, r = None, asyncio.events.Handle._run\n    asyncio.events.Handle._run = r\nl.run_until_complete(main())\nasync def left(): await l.create_future()\nx = l.create_task(left())\nx._log_destroy_pending = False\nl.run_until_complete(f(4))\ndel x\nl.close()\n", {"memory"} | MANY_CALLS),
    "breaks asyncio": ("import asyncio, asyncio.base_events as b, sys\nasync def f(): await asyncio.sleep(0); return 1\nsoon = b.BaseEventLoop._call_soon\nb.BaseEventLoop._call_soon = lambda self, callback, *a: soon(self, callback, *a)\nprint(asyncio.run(f()))\nasyncio.Task = asyncio.tasks.Task = asyncio.tasks._PyTask\nasyncio.Future = asyncio.futures.Future = asyncio.futures._PyFuture\nprint(asyncio.run(f()))\nfor n in [n for n in sys.modules if 'asyncio' in n]: del sys.modules[n]\nprint(asyncio.run(f()))\n", {"tasks", "memory"} | MANY_CALLS),
    "has a syntax that no lens sees": ("def f(:\n", set()),
}


# Two variables of one name are a member twice, which a reader refuses.
WITHOUT = {"replaces code": {"steps"}}


def told(text, place):
    return re.sub(rb"0x[0-9a-f]+", b"0x", text.replace(str(place).encode(), b""))


def endure(source, missing, without):
    plain = Snippet(source)
    done = plain.plain()
    status = done.returncode << 8 if done.returncode >= 0 else -done.returncode
    # Nothing can be said after the end of one that leaves at once.
    unsaid = {"adaptive"} if status in (7 << 8, 9) else set()

    def one_pass(kind):
        s = Snippet(source)
        one = s.look(kind, lenses="" if kind == "clean" else LENS_OF[kind])
        equal((one.status, told(one.out, s.path.parent)), (status, told(done.stdout, plain.path.parent)), kind)
        assert not (one.err and not done.stderr), (kind, one.err)
        if kind != "clean" and missing is not None and one.run.get("exception", {}).get("phase") != "compile":
            equal(one.lens.get("truncated"), None if kind in unsaid else kind in missing, kind)

    side_by_side(one_pass, [k for k in PASSES if k not in without])


for name, (source, missing) in PROGRAMS.items():
    check(f"one that {name}")(lambda source=source, missing=missing, without=WITHOUT.get(name, ()): endure(source, missing, without))


# What refcounts does when it is asked for; and programs that leave frames while they are not traced.
MORE = ["refcounts.causes=1", "refcounts.holders=1", *(f"refcounts.at={n}" for n in range(1, 9))]
UNSEEN = {
    "has the hook of threading trace again, in another frame":
        "import sys, threading\nhook = threading.gettrace() if hasattr(threading, 'gettrace') else threading._trace_hook\ndef f(n):\n    x = [n]\n    sys.settrace(None)\n    return x\n"
        "def g(n):\n    y = [n]\n    if hook: hook(None, 'call', None)\n    z = y\n    return h(z)\ndef h(z):\n    return [z]\nfor i in range(50):\n    a = f(i)\n    del a\n    b = g(i)\nprint(b)\n",
    "takes names away as it goes": "for i in range(300):\n    globals()[''.join(['n', str(i)])] = [i]\n    if i % 3: del globals()[''.join(['n', str(i)])]\nx = [1]\ndel x\nx = [2]\nglobals().clear()\n",
    "frees code as it runs": "for i in range(50):\n    s = {}\n    exec(compile('def f(p):\\n    q = p\\n    return q\\nr = f([1])\\ndel f\\n', __file__, 'exec'), s)\nprint(s['r'])\n",
}
for name, (source, _) in [*PROGRAMS.items(), *((k, (v, None)) for k, v in UNSEEN.items())]:
    @check(f"one that {name}, with all that refcounts can tell")
    def _(source=source):
        plain, s = Snippet(source), Snippet(source)
        done, one = plain.plain(), s.look("trace", options=MORE)
        equal((one.status, told(one.out, s.path.parent)), (done.returncode << 8 if done.returncode >= 0 else -done.returncode, told(done.stdout, plain.path.parent)))
        assert not (one.err and not done.stderr), one.err


@check("each of them, only compiled: nothing is printed, nothing is missing")
def _():
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory, f"s{n}.py") for n in range(len(PROGRAMS))]
        for path, (source, _) in zip(files, PROGRAMS.values()):
            path.write_text(source)
        found, done = passes("static", files)
        equal((done.stdout, done.stderr.count(b"SyntaxError")), (b"", 1))
        equal([one.lens.get("truncated") for one in found], [None if "exception" in one.run else False for one in found])


main()
