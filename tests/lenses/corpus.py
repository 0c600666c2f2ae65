"""Sources for lenses that look at what is compiled: the standard library, and those with what is rare."""
import hashlib
import os
import pathlib

from lens import RUNTIME, VERSION

LIBRARY = pathlib.Path(f"/usr/lib/python{RUNTIME}")
FULL = os.environ.get("VITRINE_FULL") == "1"


def library():
    """Files of the standard library: all, or every eighteenth by a hash of its name, and none that is very large."""
    for path in sorted(LIBRARY.rglob("*.py")):
        number = hashlib.sha256(str(path.relative_to(LIBRARY)).encode()).digest()[0]
        if not FULL and (number % 18 or path.stat().st_size > 200_000):
            continue
        try:
            compile(path.read_bytes(), "", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue  # lib2to3 keeps some on purpose
        yield path.resolve()


def names(n):
    return [f"name_{i}" for i in range(n)]


NEW = {"match": (3, 10), "exception groups": (3, 11), "async": (3, 11), "stars": (3, 11), "type parameters": (3, 12), "nested f-strings": (3, 12),
       "type defaults": (3, 13), "template strings": (3, 14), "except without brackets": (3, 14)}  # syntax, since
SOURCES = {
    "empty": "",
    "blank": "\n\n   \n# nothing\n",
    "only a docstring": '"""doc"""',
    "only pass": "pass",
    "a byte order mark": b"\xef\xbb\xbfx = '\xc3\xa9'\n",
    "a coding cookie": b"# coding: latin-1\nx = '\xe9'\n",
    "future annotations": "from __future__ import annotations\ndef f(a: int, *b: 'x', c: list[int] = 1) -> None: x: int = a\n",
    "future flags that are always on": "from __future__ import division, generator_stop\nx = 1 / 2\n",
    "barry": "from __future__ import barry_as_FLUFL\nx = 1\n",
    "match": """
def f(x):
    match x:
        case 0 | 1 | True: return 'small'
        case {'a': [1, *rest], **more} if rest: return more
        case str() as s: return s
        case Point(x=0, y=[a, b, *_]): return a
        case (1, 2, None, -3.5, 1+2j): return 'tuple'
        case [[[]], *_]: return []
        case a.b.c: return 1
        case _: return None
""",
    "exception groups": """
def f():
    try:
        g()
    except* (ValueError, TypeError) as e:
        raise
    except* OSError:
        pass
    else:
        return 1
    finally:
        h()
""",
    "nested finally": """
def f(x):
    for i in x:
        try:
            try:
                if i: continue
                elif x: break
                return 1
            finally:
                try: a()
                finally: b()
        except (A, B) as e:
            with c() as d, e() as (f, *g): raise X from e
        except:
            try: return 2
            finally: continue
        else:
            h()
    else:
        j()
""",
    "async": """
async def f(x):
    a = [i async for i in x if await i]
    b = {i: [j async for j in i] for i in await x}
    c = (i async for i in x)
    async with x as y, z:
        async for i in y:
            yield i
        else:
            await z
    try:
        await x
    finally:
        await y
""",
    "generators": """
def f():
    x = yield
    y = yield from g(x)
    z = lambda: (yield)
    try:
        yield (yield x), y
    except GeneratorExit:
        return z
    return (a for b in c for a in b if a if b)
""",
    "lambdas and walrus": """
f = lambda a, /, b=1, *c, d, e=2, **g: (x := a) + (lambda: x)()
print([y := 1, y**2], [z for i in range(3) if (z := i)])
def h():
    nonlocal_ = 1
    def i():
        nonlocal nonlocal_
        nonlocal_ = (lambda: nonlocal_)
        global f
        del f
    return i
""",
    "classes": """
@a
@b(c)
class A(B, *C, metaclass=M, **D):
    '''doc'''
    x: int = 1
    y: 'str'
    __slots__ = ('x',)
    def f(self): return super().f(), __class__
    class Inner:
        def g(self, /, *, __mangled=1): return self.__private
    z = [x for x in range(3)]
    def h(self): del self.x, self[1:2, ..., ::3]
""",
    "stars": """
a, *b, c = d
[*a], {*b}, (*c,), {**d, 'e': 1}
f(*a, **b); f(a, *b, c=1, **d); f(a=1, b=2)
x[1, *y] = z
def g(*args: *Ts): pass
for a, (b, *c) in d: pass
return_ = [*a, *b]
""",
    "f-strings": "x = f'{a!r:>{w}} {b=} {c!s} {d!a:} {{}} {e:%Y-%m}'; y = f''; z = f'{1}{2}' 'a'\n",
    "nested f-strings": "x = f'{f\"{f'{a + b}'!r}\"}' f'{'é' + \"'\":{w}.{p}}' f\"\"\"{\n  a # why\n  :\n}\"\"\"\n",
    "type parameters": "class A[T: (int, str), *Ts, **P](B[T]):\n    x: T\n    def f[U: T](self, y: U) -> T: return lambda: (y, __class__)\ntype L[K] = dict[K, L]\n@a\n@b(c)\ndef g[V](v: V): return [v for v in v]\n",
    "type defaults": "type L[K = int, *Ts = *tuple[K], **P = [K]] = dict[K, L]\n",
    "template strings": "x = t'{a!r:>{w}} {b=} é {c!s}' t'{{}}'\n",
    "except without brackets": "try: pass\nexcept A, B: pass\n",
    "decorated on the way": "def d(f): return f\nclass A:\n    @d\n    @d\n    def f(self): return [self.x for x in (lambda: self)()]\n    @d\n    class B:\n        @property\n        def g(self): return super().g\n",
    "lambdas of one line": "f = lambda a: (lambda: a), lambda b: (lambda: b), lambda: (lambda c: c)\ng = [lambda x=i: (x, y) for i in (lambda: 3)() for y in (lambda: i)()]\n",
    "cells": "def f(a, b, /, c, *d, e, **g):\n    h = i = 1\n    def j():\n        nonlocal h\n        h = a, c, d, e, g\n        class K:\n            h = h\n            i = i\n            def l(self): return i, K, self.__m\n        return K\n    global n\n    n = o = j\n    del i\n    return {x: o for x in b}\n",
    "operators": "a @= b; a //= ~b; a **= -c; a <<= not d; x = a < b <= c != d is not e not in f; y = a if b else c or d and e\n",
    "constants": "x = (1, 2.5, -0.0, 1e400, 3j, b'a\\x00', 'a\\u2603\\ud800', None, ..., True, (1, (2,)), frozenset); y = z in {1, 'a', None}; 1 + 2 * 3; 'a' * 3; -1; (1,) * 3\n",
    "assert and del": "assert a, 'b'\nassert (a, b)\ndel a, (b, c), d.e, f[1]\n",
    "imports": "import a.b.c as d, e.f\nfrom . import g\nfrom ..h import (i as j, k)\ndef f():\n    from l import m\n",
    "star import": "from os import *\n",
    "names outside ASCII": "größe = 1\nclass Ünï: ñ = größe\ndef 关于(变量): return 变量.属性\nﬁ = 2\n",
    "positions beyond 255": "x = (" + " " * 300 + "a + b" + " " * 5000 + "- c.d(e)[f])\n" + "y = ('é' * 3" + " " * 70000 + "+ z)\n",
    "lines far apart": "def f():\n    a\n" + "\n" * 70000 + "    b(\n" + "\n" * 300 + "c)\n    d\n",
    "tokens over many lines": "f(\n a,\n  b\n .c(\n   d\n)[\n1:\n2]\n)\n",
    "many constants": "def f():\n" + "".join(f"    x = {i}.5\n" for i in range(300)) + "    return 'last'\n",
    "many names": "def f():\n" + "".join(f"    {n}()\n" for n in names(300)) + "def g(a):\n" + "".join(f"    a.{n}\n" for n in names(300)),
    "many locals": "def f():\n" + "".join(f"    {n} = {i}\n" for i, n in enumerate(names(300))) + "    return lambda: (" + ", ".join(names(300)) + ")\n",
    "a jump over 65536 code units": "def f(a):\n    while a:\n        if a: break\n" + "        a.b(a)\n" * 7000 + "    return a\n",
    "long branches": "def f(a):\n    try:\n        for i in a:\n            with i:\n" + "                a.b(i)\n" * 2000 + "    except A:\n        pass\n",
    "arguments": "def f(" + ", ".join(names(300)) + "): return f(" + ", ".join(f"{n}={n}" for n in names(300)) + ")\n",
    "nested 60 deep": "".join("    " * i + f"def f{i}(a{i}):\n" for i in range(60)) + "    " * 60 + "return a0, a59\n",
    "nested 300 lambdas deep": "x = " + "lambda: " * 300 + "1\n",
    "the same code twice": "f = lambda: 1\ng = lambda: 1\nf = lambda: 1; g = lambda: 1\n",
    "unreachable": "def f():\n    return 1\n    while 1: pass\nif 0: a\nwhile 0: b\nif __debug__: c\nelse: d\n",
    "a long loop condition": "while a and b or c and (d or e) and not (f or g): h\n",
}


SOURCES = {name: source for name, source in SOURCES.items() if VERSION >= NEW.get(name, (3, 0))}
