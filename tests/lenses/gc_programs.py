"""Programs in which the collector runs often, over objects of many kinds."""

# Each module of the standard library that is used makes types, functions, closures and cycles of its own.
USES = {
    "asyncio": "async def one(n):\n    await asyncio.sleep(0)\n    return [n]\nasync def all_of():\n    return await asyncio.gather(*map(one, range(50)))\n"
               "for i in range(3): asyncio.run(all_of())",
    "argparse": "for i in range(20):\n    p = argparse.ArgumentParser()\n    p.add_argument('-x', type=int)\n    p.parse_args(['-x', '3'])",
    "json": "for i in range(50): json.loads(json.dumps({'a': [1, {'b': [2] * 9}]}))",
    "ast": "for i in range(20): ast.dump(ast.parse('def f(x):\\n  return [y for y in x if y]'))",
    "re": "for i in range(40): re.compile('(a|b)*c{%d}' % i).match('ababcc')",
    "collections": "for i in range(30): collections.namedtuple('N', 'a b c')(1, 2, 3)\nd = collections.OrderedDict((i, [i]) for i in range(500))",
    "dataclasses": "for i in range(10):\n    @dataclasses.dataclass\n    class D:\n        a: int\n        b: list = None\n    [D(i, [i]) for i in range(50)]",
    "enum": "for i in range(10): enum.Enum('E', 'A B C D')",
    "functools": "@functools.lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(200)\np = [functools.partial(f, i) for i in range(300)]",
    "itertools": "x = [itertools.chain([i], itertools.count(i)) for i in range(500)]\nt = [itertools.tee(iter(y), 3) for y in x]",
    "unittest": "class T(unittest.TestCase):\n    def test(self): self.assertEqual([1], [1])\nfor i in range(5): T('test').run(unittest.TestResult())",
    "threading": "def work(): [[i] for i in range(500)]\nt = [threading.Thread(target=work) for i in range(5)]\n[x.start() for x in t]; [x.join() for x in t]",
    "io": "for i in range(200):\n    f = io.TextIOWrapper(io.BufferedWriter(io.BytesIO())); f.me = f; f.write('x')",
    "weakref": "class A: pass\nd = weakref.WeakValueDictionary(); s = weakref.WeakSet()\nfor i in range(300):\n    a = A(); a.a = a; d[i] = a; s.add(a)\n"
               "    weakref.finalize(a, len, [])",
    "contextlib": "for i in range(100):\n    with contextlib.ExitStack() as s:\n        s.callback(print, end=''); s.me = s",
    "decimal": "x = [decimal.Decimal(i) / 7 for i in range(500)]; c = [decimal.Context() for i in range(50)]",
    "xml.etree.ElementTree": "for i in range(20):\n    e = xml.etree.ElementTree.fromstring('<a><b c=\"1\"/><b/></a>' ); e.append(e)",
    "pickle": "for i in range(50): pickle.loads(pickle.dumps([{'a': [i]}, (1, [2])]))",
    "inspect": "for i in range(10): inspect.signature(inspect.signature)",
    "typing": "T = typing.TypeVar('T')\nfor i in range(30):\n    class G(typing.Generic[T]): pass\n    G[int]",
    "string": "for i in range(50): string.Template('$a $b').substitute(a=1, b=2)",
    "traceback": "def f(n):\n    if n: f(n - 1)\n    else: 1 / 0\nfor i in range(50):\n    try: f(10)\n    except ZeroDivisionError as e: kept = e; e.me = e; traceback.format_exc()",
    "queue": "q = queue.Queue()\nfor i in range(300): q.put([q])",
    "random": "x = [random.Random(i) for i in range(100)]",
    "heapq": "h = []\nfor i in range(500): heapq.heappush(h, [-i, h])",
    "types": "x = [types.SimpleNamespace(a=i) for i in range(300)]\nfor y in x: y.me = y\nm = [types.ModuleType('m%d' % i) for i in range(50)]",
}
PROGRAMS = [f"import gc\ngc.set_threshold({threshold}, 3, 3)\nimport {name}\n{body}\nx = t = None\nprint(gc.collect() >= 0)\n"
            for name, body in USES.items() for threshold in (40, 333)]

# What changes the world while the collector works, or just before.
OWN = ["""
import gc
gc.disable()
class A:
    def __del__(self):
        self.more = [[i] for i in range(100)]
        self.other.clear()
for i in range(20):
    a = A(); a.other = [a, a]; del a
    print(gc.collect(i % 3))
""", """
import gc
gc.set_threshold(30)
def grows():
    x = yield
    while True:
        y = [x]; y.append(y); x = yield y
gens = [grows() for i in range(20)]
for g in gens: next(g)
for i in range(50):
    for g in gens: g.send(g)
    gens[i % 20] = grows(); next(gens[i % 20])
""", """
import gc
def callback(phase, info):
    a = []; a.append(a)
    kept.append(phase)
    if len(kept) % 3 == 0: kept.clear()
kept = []
gc.callbacks.append(callback)
gc.set_threshold(50)
for i in range(3000): b = [i]; b.append(b)
""", """
import gc
gc.set_threshold(25, 2, 2)
class Meta(type): pass
for i in range(100):
    class C(metaclass=Meta):
        def f(self): return super().__init__()
        p = property(lambda self: C)
        s = staticmethod(len); c = classmethod(print)
    C.me = C; C().x = C
gc.freeze()
for i in range(300): a = {}; a[1] = a; b = (a,); a[2] = b; c = {(i, i): frozenset([i])}
gc.unfreeze()
print(gc.collect() > 0)
""", """
import gc
gc.set_threshold(1)
deep = []
for i in range(5000): deep = [deep]
last = deep
while last: last = last[0]
last.append(deep)
del deep, last
print(gc.collect())
"""]

# The collector comes while things are being made: at another moment in each.
MAKES = """
    class Meta(type): pass
    class C(list, metaclass=Meta):
        __slots__ = ('a', 'b')
        def f(self, x=[], *, k={}): return super().__init__()
    try: raise ValueError([1], {2: C})
    except ValueError as e: kept = e
    c = C(); c.a = c; c.b = kept; c.append(c)
    g = (x for x in [c, kept]); next(g)
    async def co(): await co()
    w = co(); w.close()
    f = lambda: (c, g, f)
    t = type('T', (C,), {'me': f}); t.me2 = t
    d = {i: [i] for i in range(9)}; d[0] = d; s = {(1, 2), frozenset([3])}; m = c.append; d[1] = m
    import types; n = types.SimpleNamespace(d=d); n.n = n; p = property(f, f); i = iter([p, n]); d[2] = i
    del c, g, f, t, d, s, m, n, p, i, kept
"""
OWN += [f"import gc\nfirst = [[] for i in range({n})]\ngc.freeze()\ngc.set_threshold({threshold}, 1, 1)\nfor i in range(3):{MAKES}"
        for threshold in (1, 2, 3) for n in range(5)]
