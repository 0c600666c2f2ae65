"""Programs whose references are counted, and names that a C method holds once more while it is traced, before 3.12."""
from lens import VERSION

PROGRAMS = {
    "C methods that call Python": """
l = [[2], [1]]
def key(x):
    y = x
    return y[0]
l.sort(key=key)
getattr(l, 'sort')(key=key)
list.sort(l, key=key)
list.sort(*[l], key=key)
list.sort(*[l], **{'key': key})
r = map(key, l)
list.extend(*[[], r])
list.extend(n_, map(key, l)) if (n_ := []) else n_.extend(map(key, l))
s = l.sort
s(key=key)
m = map(key, l)
n = list(m)
class K(dict):
    def __missing__(self, k):
        v = [self, k]
        return v
d = K()
e = d[5]
d.setdefault(7, l)
def sub(m):
    o = m
    return 'x'
from re import compile as comp
p = comp('a')
q = p.sub(sub, 'aba')
""",
    "frames": """
from sys import _getframe
def f(x):
    g = _getframe()
    h = g
    del g, h
    return x
a = []
f(a)
""",
    "names that alias": "a = []\nb = a\nc = [a, b, {'k': a}]\nc.append(c)\ndel b\na = None\n",
    "containers and deletions": "a = object()\nl = [a] * 3\nt = (a, l)\nd = {a: a}\ns = {a}\nl.clear()\ndel t, d[a]\ns = l = None\ndel a\n",
    "functions and locals": """
a = [1]
def f(x, y=[]):
    z = x
    y.append(x)
    w = [x, y, z]
    del w
    return z
f(a)
b = f(a)
f([2])
""",
    "closures": """
def outer(x):
    y = [x]
    def inner(z):
        nonlocal y
        y = [y, z, x]
        return y
    y.append(inner)
    return inner
o = object()
i = outer(o)
r = i(o)
del i
""",
    "globals seen from functions": """
g = [0]
h = g
def f():
    global k
    k = g
    m = k
    g.append(m)
f()
f()
del h
""",
    "recursion": """
a = object()
def f(n, x):
    y = [x]
    if n:
        f(n - 1, x)
    y = x
f(4, a)
""",
    "loops": """
a = object()
l = []
for x in [a, a, object()]:
    l.append(x)
    y = x
n = [3]
while n[0]:
    n[0] -= 1
    l.append(n)
    if n[0] == 1:
        break
for z in []:
    pass
del x, y
""",
    "classes": """
a = []
class A:
    x = a
    y = [x, a]
    def m(self, p):
        q = self
        self.p = p
        return q
    class B:
        z = a
i = A()
i.m(a)
j = i.m(i)
del i.p
""",
    "generators": """
a = []
def g(x):
    y = [x]
    z = yield y
    y = z
    w = yield
    del z
i = g(a)
j = next(i)
k = object()
i.send(k)
for v in i:
    pass
h = g(k)
""",
    "exceptions": """
a = []
def f(x):
    y = [x]
    raise ValueError(y)
def g(x):
    z = x
    try:
        f(z)
    except ValueError:
        w = [x]
    return z
b = g(a)
try:
    f(b)
except ValueError:
    c = a
try:
    d = a
finally:
    e = d
""",
    "with": """
a = []
class C:
    def __init__(self, v):
        self.v = v
    def __enter__(self):
        return self.v
    def __exit__(self, *e):
        f = e
        self.v = None
with C(a) as b:
    c = b
d = c
""",
    "arguments": """
def f(*p, k=None, **q):
    r = p
    s = [q, k]
    return s
a = object()
f(a, a, k=a, m=a)
l = [a, a]
f(*l)
b = f(k=l, **{'x': a})
""",
    "unpacking and augmented assignment": "a = object()\nb, *c = a, a, a\n(d, e), f = [c, c], a\nc += [b]\nc[0], c[1] = c[1], c\ng = h = c\n",
    "weak and self references": "import weakref\nclass A:\n    pass\na = A()\nw = weakref.ref(a)\na.me = a\nb = w()\ndel b\na.me = None\n",
}
BINDS = {"C methods that call Python": {"l", "n_", "p"}, "generators": {"i"}}
# Before 3.10 the end of a with is no line of its own (PEP 626): its body's last line has run when __exit__ has.
PROGRAMS = {name: source for name, source in PROGRAMS.items() if VERSION >= (3, 10) or name != "with"}
