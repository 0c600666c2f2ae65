#!/usr/bin/python3
"""A snippet runs as `python3 main.py` would run it.

Each program below is run by Debian's own interpreter in an empty directory, and by `vitrine run --json`; standard output,
standard error and exit status must be the same, the directory's name aside.  The reference is started in the same
environment that the jail fixes, with -u: what was printed before a kill or os._exit must be seen. Its signals are as a
terminal's shell leaves them, whatever this test was started from (a background job has SIGINT ignored).
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

BUILD = os.environ.get("VITRINE_BUILD", "build")
BOX = os.environ.get("VITRINE_WORKDIR", "/box")
PYTHON = "/usr/bin/python3.11"
ENV = {"PATH": "/usr/bin", "HOME": BOX, "LANG": "C.UTF-8", "USER": "vitrine", "LOGNAME": "vitrine",
       "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# name -> source, or (source, stdin)
PROGRAMS = {
    "prints": "print('hello')",
    "is empty": "",
    "raises": "def f():\n    return g()\ndef g():\n    return 1/0\nf()",
    "raises its own": "class E(Exception): pass\nraise E('x', 1)",
    "raises from": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e",
    "raises while handling": "try:\n    {}['a']\nexcept KeyError:\n    int('x')",
    "raises a group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "adds a note": "e = ValueError(1)\ne.add_note('a note')\nraise e",
    "prints while it is printed": "import sys\nclass E(Exception):\n    def __str__(self):\n        print('out')\n        print('err', file=sys.stderr)\n        return 'words\\nin two lines'\ne = E(1)\ne.add_note('a note')\nraise e",
    "a key that prints": "class K:\n    def __repr__(self):\n        print('repr')\n        return 'K()'\n{}[K()]",
    "a cause that prints": "class E(Exception):\n    def __str__(self):\n        print(self.args)\n        return 'E'\nraise E(1) from E(2)",
    "cannot be printed": "class E(Exception):\n    def __str__(self): raise ValueError\nraise E(1)",
    "looks at stderr while it is printed": "import sys\nclass E(Exception):\n    def __str__(self):\n        sys.stderr.flush()\n        sys.stderr.buffer.write(b'raw\\n')\n        return str((sys.stderr.fileno(), sys.stderr.encoding, sys.stderr.isatty()))\nraise E",
    "another stderr": "import sys\nclass S:\n    def write(self, s): sys.__stdout__.write('|' + s)\n    def flush(self): print('flush')\nsys.stderr = S()\n1/0",
    "no stderr": "import sys\nsys.stderr = None\n1/0",
    "stderr that is replaced meanwhile": "import sys\nclass E(Exception):\n    def __str__(self):\n        sys.stderr = sys.stdout\n        return 'E'\nimport atexit\natexit.register(lambda: print('last', file=sys.stderr))\nraise E",
    "last exception": "import atexit, sys\natexit.register(lambda: print(repr(sys.last_value), sys.last_traceback.tb_lineno))\n1/0",
    "excepthook that prints it": "import sys\nclass E(Exception):\n    def __str__(self):\n        print('str')\n        return 'E'\nsys.excepthook = lambda t, v, tb: print('hook', v)\nraise E",
    "is a syntax error": "x = (1,\nprint('a'",
    "is an indentation error": "def f():\nreturn 1",
    "is a tab error": "if 1:\n\tx = 1\n        y = 2",
    "warns of a syntax": "print('a' is 'a')",
    "exits 0": "import sys; sys.exit()",
    "exits 3": "import sys; sys.exit(3)",
    "exits 256": "import sys; sys.exit(256)",
    "exits -1": "import sys; sys.exit(-1)",
    "exits with words": "import sys; sys.exit('words')",
    "exits with an object": "raise SystemExit([1, 2])",
    "os._exit": "import os; print('kept'); os._exit(7)",
    "exit in a thread": "import sys, threading\nt = threading.Thread(target=sys.exit)\nt.start(); t.join(); print('on')",
    "atexit": "import atexit\natexit.register(print, 'one')\natexit.register(print, 'two')\nprint('main')",
    "atexit that raises": "import atexit\n@atexit.register\ndef f(): 1/0",
    "del at exit": "class A:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n)\na = A(1)\nb = A(2)\nc = [A(3)]\nc.append(c)\ndel c",
    "del of a global in a function": "class A:\n    def __del__(self): print('del')\ndef f(): return a\na = A()\nprint(f() is a)",
    "thread left running": "import threading, time\ndef f():\n    time.sleep(0.05)\n    print('late')\nthreading.Thread(target=f).start()\nprint('main')",
    "daemon thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('main')",
    "thread raises": "import threading\nt = threading.Thread(target=lambda: 1/0, name='T')\nt.start(); t.join()",
    "excepthook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\n1/0",
    "excepthook that raises": "import sys\ndef hook(*a): raise ValueError('in hook')\nsys.excepthook = hook\n1/0",
    "unraisable": "class A:\n    def __del__(self): raise ValueError('in del')\nA()\nprint('on')",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "its own KeyboardInterrupt": "class K(KeyboardInterrupt): pass\nraise K",
    "stdout that cannot be flushed": "import sys\nclass S:\n    def write(self, s): sys.__stdout__.write(s)\nsys.stdout = S()\nprint('on')",
    "recursion": "def f(): return f()\ntry:\n    f()\nexcept RecursionError as e:\n    print(e)",
    "recursion uncaught": "def f(n): return f(n + 1)\nf(0)",
    "deep recursion": "import sys\nsys.setrecursionlimit(20000)\ndef f(n): return n and 1 + f(n - 1)\nprint(f(15000))",
    "latin-1 cookie": "# coding: latin-1\nprint('a')",
    "byte order mark": "\ufeffprint('bom')",
    "unicode": "print('h\u00e9llo \u2603 \U0001f600'); print(ascii('\u2603'))",
    "surrogates": "import sys\nprint('\\udc80abc', file=sys.stderr)\nsys.stdout.buffer.write(b'\\x00x\\n')",
    "surrogate to stdout": "print('\\ud800')",
    "input": ("print(input('? ')); print(input())", "one\ntwo\n"),
    "input at the end": ("input()", ""),
    "stdin lines": ("import sys\nfor line in sys.stdin: print(line.strip()[::-1])", "abc\ndef\n"),
    "main names": "print(sorted(k for k in globals()))\nprint(__name__, __file__, __spec__, __package__, __doc__, __cached__, type(__loader__).__name__)",
    "docstring": "'''doc'''\nprint(__doc__)",
    "annotations": "x: int = 1\nprint(__annotations__)",
    "main module": "import sys, __main__\nprint(__main__ is sys.modules['__main__'], __main__.__dict__ is globals())",
    "inspect": "import inspect\ndef f():\n    return len(inspect.stack())\nprint(inspect.getsource(f), f(), inspect.currentframe().f_back)",
    "getframe": "import sys\ntry:\n    sys._getframe(1)\nexcept ValueError as e:\n    print(e)",
    "pickle": "import pickle\nclass A: pass\nprint(pickle.loads(pickle.dumps(A())).__class__)",
    "argv": "import sys\nprint(sys.argv, sys.path[0], sys.executable)",
    "signals": "import signal\nfor s in ('SIGTERM', 'SIGINT', 'SIGPIPE', 'SIGCHLD', 'SIGXFSZ', 'SIGUSR1', 'SIGALRM'):\n    print(s, signal.getsignal(getattr(signal, s)))\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, []))",
    "flags": "import sys\nprint(sys.flags.utf8_mode, sys.flags.isolated, sys.flags.hash_randomization, sys.flags.optimize, sys.flags.safe_path)",
    "encodings": "import sys\nprint(sys.stdout.encoding, sys.stdout.errors, sys.stdin.errors, sys.stderr.errors, sys.getfilesystemencoding(), sys.stdout.isatty())",
    "gc state": "import gc\nprint(gc.isenabled(), gc.get_threshold(), gc.garbage, gc.callbacks, gc.get_debug())",
    "gc of a cycle": "import gc\nclass A: pass\ngc.disable()\na = A(); a.a = a\ndel a\nprint(gc.collect())",
    "refcount": "import sys\na = []\nb = a\nprint(sys.getrefcount(a))\ndef f(x): return sys.getrefcount(x)\nprint(f(a), f([]))",
    "identity": "a = 256; b = 256; print(a is b)\nx = 'ab'; y = 'a' + 'b'; print(x is y)",
    "closed stdout": "import sys\nsys.stdout.close()",
    "asyncio": "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    raise ValueError('in task')\nasyncio.run(f())",
    "never awaited": "async def f(): pass\nf()\nprint('on')",
    "generator left open": "def g():\n    try:\n        yield 1\n    finally:\n        print('closed')\nx = g()\nnext(x)",
    "weakref callback at exit": "import weakref\nclass A: pass\na = A()\nw = weakref.finalize(a, print, 'finalized')\nprint('main')",
    "logging": "import logging\nlogging.warning('careful')",
    "warnings": "import warnings\nwarnings.warn('careful')",
    "faulthandler": "import faulthandler\nfaulthandler.enable()\nprint(faulthandler.is_enabled())",
    "help": "help(len)",
    "site": "exit(4)",
    "trace functions": "import sys\nprint(sys.gettrace(), sys.getprofile())",
}


# Programs for which vitrine is started with every signal ignored and blocked: python3 main.py is not.
UNSIGNALLED = {"signals, from a process that ignores and blocks all": PROGRAMS["signals"]}
SETTABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


def at_default():
    """In a new process: dispositions and mask of a program that a shell starts in the foreground."""
    for number in SETTABLE:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def at_none():
    """In a new process: deaf to signals."""
    for number in SETTABLE:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, SETTABLE)


def reference(source, stdin):
    with tempfile.TemporaryDirectory() as directory:
        pathlib.Path(directory, "main.py").write_text(source)
        done = subprocess.run([PYTHON, "-u", "main.py"], cwd=directory, input=stdin.encode(), capture_output=True,
                              env={**ENV, "PYTHONDONTWRITEBYTECODE": "1"}, preexec_fn=at_default, timeout=60)
        place = directory.encode()
    return done.stdout.replace(place, BOX.encode()), done.stderr.replace(place, BOX.encode()), done.returncode


def bytes_of(stream):
    import base64
    return base64.b64decode(stream["base64"]) if "base64" in stream else stream["text"].encode()


def ours(source, stdin, prepare):
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "main.py")
        path.write_text(source)
        given = pathlib.Path(directory, "stdin")
        given.write_text(stdin)
        done = subprocess.run([f"{BUILD}/vitrine", "run", "--json", f"--stdin={given}", str(path)], capture_output=True,
                              preexec_fn=prepare, timeout=60)
        try:
            reply = json.loads(done.stdout)
        except ValueError:
            return b"", done.stderr, f"no reply, exit {done.returncode}"
    code = reply["exit_code"]
    if reply["signal"]:
        code = -getattr(signal, reply["signal"])
    return bytes_of(reply["stdout"]), bytes_of(reply["stderr"]), code


def addresses(text):
    """Addresses, process and thread numbers differ from run to run."""
    import re
    return re.sub(rb"0x[0-9a-f]+", b"0x", text)


CASES = [(name, program, at_default) for name, program in PROGRAMS.items()]
CASES += [(name, program, at_none) for name, program in UNSIGNALLED.items()]
print("TAP version 13", f"1..{len(CASES)}", sep="\n")
bad = 0
for n, (name, program, prepare) in enumerate(CASES, 1):
    source, stdin = program if isinstance(program, tuple) else (program, "")
    want, got = reference(source, stdin), ours(source, stdin, prepare)
    fine = all(addresses(w) == addresses(g) if isinstance(w, bytes) else w == g for w, g in zip(want, got))
    bad += not fine
    print(f"{'' if fine else 'not '}ok {n} - {name}")
    if not fine:
        for what, w, g in zip(("stdout", "stderr", "exit"), want, got):
            if w != g:
                print(f"#   {what}: python3 {w!r}\n#   {' ' * len(what)}  vitrine {g!r}")
    sys.stdout.flush()
sys.exit(bad > 0)
