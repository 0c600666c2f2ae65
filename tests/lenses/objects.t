#!/usr/bin/python3
"""The objects lens says what CPython says of the same objects in the same run, and changes none of them.

A program tells at its end what it knows of its objects by sys, gc and ctypes (facts.py); the capture that is made right after
that must say the same.  Tables are compared with a model of dict and set that is written here, from Objects/dictnotes.txt's and
Objects/setobject.c's description of probing.  Text is compared with repr().
"""
import json
import pathlib
import struct
import sys

from lens import VERSION, Snippet, check, equal, look, main

FACTS = pathlib.Path(__file__).with_name("facts.py").read_text()
ASK = "\nimport facts\nprint(facts.tell(globals()))\n"
MASK64 = (1 << 64) - 1
LIMITS = {"objects": 256, "items": 64, "slots": 256, "text": 160, "data": 64}


class Seen:
    """A capture, and what the program told in the same run."""

    def __init__(self, source, facts=True, **more):
        s = Snippet(source + (ASK if facts else ""), **({"facts": FACTS} if facts else {}))
        self.one = s.look("objects", **more)
        assert self.one.status == 0, (self.one.status, self.one.err.decode())
        lines = self.one.out.splitlines()
        self.told = json.loads(lines[-1]) if facts or lines and lines[-1].startswith((b"{", b"[")) else {}
        self.capture = self.one["captures"][-1]
        equal(self.capture["when"], "end")
        self.names = {n["name"]: n["object"] for n in self.capture["names"] if n["name"] != "facts"}
        self.objects = {o["object"]: o for o in self.capture["objects"]}

    def __getitem__(self, name):
        return self.objects[self.names[name]]

    def told_of(self, o):
        return self.told["facts"].get(str(o["address"]))

    def at(self, address):
        """The object of that id()."""
        (found,) = [o for o in self.objects.values() if o["address"] == address]
        return found

    def address(self, number):
        return number and self.objects[number]["address"]

    def reached(self, numbers):
        return [self.objects[n] for n in numbers]


def field(o, name):
    (found,) = [f for f in o["layout"] if f["field"] == name]
    return found


# --- What every object has -------------------------------------------------------------------------------------------

CORPUS = {
    "numbers": """
a = [0, 1, -1, 5, -5, -6, 256, 257, 2**30 - 1, 2**30, -2**30, 2**31, 2**60, 2**62 + 3, -2**90, 10**40, True, False]
f = [0.0, -0.0, 1.5, -2.25, 1e308, 5e-324, float('inf'), float('nan'), 3.141592653589793]
c = 2 + 3j
n = None
""",
    "text": """
s = ['', 'a', 'abc', 'caf\\xe9', '\\xff' * 20, '\\u0100', '\\u20ac' * 9, '\\U0001f600', 'x' * 1000, 'a\\x00b', "it's", '"', '\\'"', '\\n\\t\\\\', '\\x7f\\xa0\\xad', '\\ud800', '\\u200b']
b = [b'', b'a', b'\\x00\\xff' * 9, b'x' * 500, b"it's", b'\\n\\\\"\\'']
ba = [bytearray(), bytearray(b'x'), bytearray(b'abc' * 50)]
ba[1] += b'yz' * 9
del ba[2][:5]
""",
    "lists and tuples": """
e, one, many = [], [1], list(range(300))
grown = []
for i in range(17): grown.append(i)
shrunk = list(range(100))
del shrunk[3:]
t0, t1, t3 = (), (1,), (1, 'x', None)
nested = [[[[[[]]]]]]
me = [1]; me.append(me)
alias = [grown, grown, me]
del i
""",
    "dicts": """
empty = {}
small = {'a': 1, 'b': 2}
mixed = {1: 'x', 'y': 2, (1, 2): 3, None: 4, 2.5: 5}
big = {str(i): i for i in range(70)}
holes = {i: i for i in range(30)}
for i in range(0, 30, 3): del holes[i]
cleared = {1: 1}; cleared.clear()
popped = {1: 1, 2: 2}; popped.popitem()
again = {i: 0 for i in range(5)}
del again[2]; again[2] = 1; again[9] = 2
me = {}; me['me'] = me
del i
""",
    "sets": """
e, s, fs = set(), {1, 2, 3}, frozenset('abc')
big = set(range(100))
holes = set(range(20))
for i in range(0, 20, 2): holes.discard(i)
empty_frozen = frozenset()
strings = {'red', 'green', 'blue', 'a', 'b', 'c', 'd'}
hash(fs)
del i
""",
    "classes and instances": """
class Plain: pass
class Full:
    def __init__(self): self.a = 1; self.b = [2]
class Slots:
    __slots__ = ('x', 'y', '__weakref__')
class Mixed(Slots):
    def __init__(self): self.x = 1; self.z = 2
class MyList(list): pass
class MyInt(int): pass
class MyStr(str): pass
class MyTuple(tuple): __slots__ = ()
class MyDict(dict): __slots__ = ('q',)
class Error(Exception): pass
class Meta(type): pass
class Made(metaclass=Meta): __slots__ = ('one', 'two')
plain, full, slots, mixed, made = Plain(), Full(), Slots(), Mixed(), Made()
slots.x = plain
viewed = Full(); viewed.__dict__
ml = MyList([1, 2]); ml.extra = 1
mi, big = MyInt(5), MyInt(2**70)
ms, mt, md, er = MyStr('abc'), MyTuple((1, 2)), MyDict(a=1), Error(1, 'x')
ms.attribute = 3
md.q = 4
""",
    "what can be called": """
import functools, operator
def f(a, b=2, *c, d=[3], **e): return a
def outer():
    n = [1]
    def inner(): return n
    return inner
g = outer()
l = lambda: 0
class A:
    def m(self): pass
    @classmethod
    def c(cls): pass
    @staticmethod
    def s(): pass
    @property
    def p(self): return 1
m, c, bound, builtin = A().m, A.c, [].append, len
code, cell = f.__code__, g.__closure__[0]
part = functools.partial(f, 1)
get = operator.itemgetter(1)
f.attribute = 1
""",
    "generators and others": """
import collections, types, re, weakref, itertools
def gen(n):
    for i in range(n): yield i
async def co(): pass
async def agen(): yield 1
g0, g1, g2 = gen(3), gen(3), gen(0)
next(g1)
next(g2, None)
c, a = co(), agen()
q = collections.deque(range(70))
o = collections.OrderedDict(a=1)
d = collections.defaultdict(list)
r, s, z = range(5), slice(1, 2), 1j
view, it, proxy = {}.keys(), iter([1]), types.MappingProxyType({})
pattern = re.compile('a+')
w = weakref.ref(q)
n = types.SimpleNamespace(x=1)
chain = itertools.chain([1], [2])
e = ValueError('x')
mem = memoryview(b'abc')
c.close()
""",
}


def same_facts(source):
    seen = Seen(source)
    equal(seen.names.keys(), seen.told["names"].keys())
    looked = 0
    for name, address in seen.told["names"].items():
        equal(seen[name]["address"], address, name)
        # The facts' own: `names`, the queue, the argument. What the interpreter shares, others hold meanwhile.
        if seen[name]["kind"] in ("list", "dict", "set", "bytearray"):
            equal(seen[name]["refcount"], seen.told["counts"][name] - 3, f"references of {name}")
    for o in seen.objects.values():
        told = seen.told_of(o)
        if not told:
            continue
        looked += 1
        equal(o["type"], told["type"], o)
        equal(o["size_bytes"], told["size"], f"sys.getsizeof of {o}")
        equal(o["gc_tracked"], told["tracked"] if told["gc_made"] else None, o)
        counted = sum(b["bytes"] for b in o["blocks"] if b["counted"])
        # int.__sizeof__ and str.__sizeof__ know nothing of what a class statement adds, type.__sizeof__ nothing of slots.
        if o["kind"] == "class":
            counted -= 40 * (told["slots"] or 0)
        # What C types have beside their objects is their own affair, and more than a dict has of an OrderedDict.
        known = o["kind"] != "other" and o["type"] != "collections.OrderedDict"
        if known and ("instance" not in o or o["kind"] not in ("int", "str")):
            equal(o["head_bytes"] + o["object_bytes"] + counted, o["size_bytes"], f"the parts of {o}")
        memory = bytes.fromhex(told["raw"])
        for f in o["layout"]:
            at = told["before"] + f["offset"]
            if f["field"] in ("ob_refcnt", "_gc_next", "_gc_prev", "__flags__") or at + f["bytes"] > len(memory):
                continue  # they go on while it is told
            there = memory[at:at + f["bytes"]]
            if "hex" in f:
                equal(bytes.fromhex(f["hex"]), there[:LIMITS["data"]], f)
            elif "address" in f:
                equal(f["address"], int.from_bytes(there, "little"), f)
            else:
                equal(f["value"] % (1 << 8 * f["bytes"]), int.from_bytes(there, "little"), f)
            if "object" in f:
                equal(seen.objects[f["object"]]["address"], f["address"], f)
    addresses = [o["address"] for o in seen.objects.values()]
    equal(len(set(addresses)), len(addresses), "each object is there once")
    equal(seen.one["truncated"], any(seen.capture["dropped"].values()))
    assert looked >= len(seen.told["names"])
    return looked


for name, source in CORPUS.items():
    def facts(source=source):
        print(f"# {same_facts(source)} objects")
    check(f"{name}: addresses, references, sizes, tracking and every field of memory as the program sees them")(facts)


# --- Values as text --------------------------------------------------------------------------------------------------

SHOWN = """
x = [0, -7, 10**30, -(2**500), True, None, ..., NotImplemented, 1.0, -0.0, 1e22, 1e-7, float('inf'), 0.1,
     '', "it's", 'say "x"', '\\'"', '\\n\\r\\t\\\\\\x00\\x1f\\x7f\\x80\\xa0\\xe9\\u2028\\u20ac\\U0001f600\\ud800', 'caf\\xe9',
     b'', b"it's", b'\\x00\\xff\\n\\\\', bytearray(b'x'), (), (1,), (1, 2), [], [1, [2]], {}, {'a': [1]}, set(), {1}, frozenset(), frozenset({2}),
     {1: {2: 3}}, len, print, int, str, object, (1).__add__ and int.from_bytes]
"""


@check("text: as repr() has it")
def _():
    space = {}
    exec(SHOWN, space)
    seen = Seen(SHOWN, facts=False)
    got = [o["value"] for o in seen.reached(seen["x"]["list"]["items"])]
    for text, value in zip(got, space["x"], strict=True):
        expected = repr(value)
        if expected.startswith("<built-in method"):  # with an address
            expected = "<built-in method from_bytes of class int>" if value == int.from_bytes else expected
        equal(text, expected)


@check("text: long ones are cut, deep ones are left out, and all are short")
def _():
    seen = Seen("a = 'x' * 10**6\nb = list(range(10**5))\nc = {i: 'y' * 100 for i in range(1000)}\nd = [[[[[1]]]]]\ne = 10**1000\nf = '\\u20ac' * 100\ng = b'x' * 10**6\n", facts=False)
    for name in "abcfg":
        text = seen[name]["value"]
        assert text.endswith("…") and 100 < len(text.encode()) <= LIMITS["text"] + 3, (name, text)
    equal((seen["d"]["value"], seen["e"]["value"]), ("[[[[…]]]]", "<int of 3322 bits>"))
    assert seen["f"]["value"] == "'" + "€" * ((LIMITS["text"] - 1) // 3) + "…"


# --- Details of each kind --------------------------------------------------------------------------------------------

@check("int: sign, digits of 30 bits, and the cache of small ones")
def _():
    numbers = [0, 1, -1, -5, -6, 256, 257, 2**30 - 1, 2**30, -2**30, 2**60, 10**40, -10**40]
    # id() of one that is made anew tells whether it is the shared one.
    seen = Seen(f"x = {numbers}\nshared = [int(str(n)) is int(str(n)) for n in x]\n", facts=False)
    shared = [o["value"] == "True" for o in seen.reached(seen["shared"]["list"]["items"])]
    for n, is_shared, o in zip(numbers, shared, seen.reached(seen["x"]["list"]["items"]), strict=True):
        d, digits = o["int"], []
        rest = abs(n)
        while rest:
            digits.append(rest & (1 << sys.int_info.bits_per_digit) - 1)
            rest >>= sys.int_info.bits_per_digit
        equal((d["sign"], d["digits"], d["digit_count"], d["bits"]), ((n > 0) - (n < 0), digits, len(digits), n.bit_length()), n)
        equal((d["digit_bits"], d["cached"]), (sys.int_info.bits_per_digit, is_shared), n)


@check("float: the bits of IEEE 754")
def _():
    values = [0.0, -0.0, 1.0, -2.5, 1e300, 5e-324, float("inf"), float("nan")]
    seen = Seen("x = [0.0, -0.0, 1.0, -2.5, 1e300, 5e-324, float('inf'), float('nan')]\n", facts=False)
    for v, o in zip(values, seen.reached(seen["x"]["list"]["items"]), strict=True):
        (bits,) = struct.unpack("<Q", struct.pack("<d", v))
        equal(o["float"], {"bits": f"{bits:016x}", "sign": bits >> 63, "exponent": bits >> 52 & 0x7ff, "fraction": f"{bits & (1 << 52) - 1:013x}"}, v)


@check("str: width by its widest character, interning, and the hash that is kept")
def _():
    source = """
import sys
texts = ['', 'a', 'abc_1', 'not a name', 'caf\\xe9', '\\u20ac', '\\U0001f600', 'x' * 500]
made = ''.join(['no', 't_interned'])
interned = sys.intern(''.join(['now_', 'it_is']))
hashed = ''.join(['has', 'hed'])
number = hash(hashed)
unhashed = ''.join(['un', 'hashed'])
utf8 = ''.join(['\\xe9', '\\u20ac'])
import ctypes
ctypes.pythonapi.PyUnicode_AsUTF8.argtypes = [ctypes.py_object]
before = sys.getsizeof(utf8)
ctypes.pythonapi.PyUnicode_AsUTF8(utf8)
after = sys.getsizeof(utf8)
"""
    seen = Seen(source, facts=False)
    texts = ["", "a", "abc_1", "not a name", "caf\xe9", "\u20ac", "\U0001f600", "x" * 500]
    for text, o in zip(texts, seen.reached(seen["texts"]["list"]["items"]), strict=True):
        top = ord(max(text, default="\0"))
        width = 1 if top < 256 else 2 if top < 65536 else 4
        d = o["str"]
        equal((d["length"], d["char_bytes"], d["ascii"], d["compact"]), (len(text), width, text.isascii(), True), text)
        encoding = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[width]
        equal(bytes.fromhex(d["data"]), text.encode(encoding)[:LIMITS["data"]], text)
    # An expression at run time interns nothing; sys.intern() and the compiler do, of what looks like a name.
    equal([seen[n]["str"]["interned"] for n in ("made", "unhashed")], ["no", "no"])
    assert seen["interned"]["str"]["interned"] in ("mortal", "immortal")
    words = [o["str"]["interned"] != "no" for o in seen.reached(seen["texts"]["list"]["items"])]
    equal(words[2:4], [True, False])
    equal(str(seen["hashed"]["str"]["hash"]), seen["number"]["value"])
    equal(seen["unhashed"]["str"]["hash"], None)
    equal((seen["utf8"]["str"]["utf8_kept"], seen["made"]["str"]["utf8_kept"]), (True, False))
    equal(seen["utf8"]["size_bytes"], int(seen["after"]["value"]))
    equal([(b["block"], b["bytes"]) for b in seen["utf8"]["blocks"]], [("utf8", int(seen["after"]["value"]) - int(seen["before"]["value"]))])


@check("list: the capacity that sys.getsizeof tells, and what is in it")
def _():
    source = "import sys\nempty = sys.getsizeof([])\nsizes = []\nlists = []\n"
    source += "for n in (0, 1, 2, 4, 5, 8, 9, 16, 17, 60):\n    a = []\n    for i in range(n): a.append(i)\n    lists.append(a); sizes.append(sys.getsizeof(a))\n"
    source += "exact = [None] * 7\ncut = list(range(50))\ndel cut[10:]\nfilled = list(range(20)) + [1]\n"
    seen = Seen(source, facts=False)
    empty = int(seen["empty"]["value"])
    sizes = [int(o["value"]) for o in seen.reached(seen["sizes"]["list"]["items"])]
    lengths = [0, 1, 2, 4, 5, 8, 9, 16, 17, 60]
    for n, size, o in zip(lengths, sizes, seen.reached(seen["lists"]["list"]["items"]), strict=True):
        equal((o["list"]["length"], o["list"]["capacity"]), (n, (size - empty) // 8))
        equal([seen.objects[i]["value"] for i in o["list"]["items"]], [str(i) for i in range(n)])
    # 0, 4, 8, 16, 24, 32, 40, 52, 64: Objects/listobject.c, list_resize().
    equal([o["list"]["capacity"] for o in seen.reached(seen["lists"]["list"]["items"])], [0, 4, 4, 4, 8, 8, 16, 16, 24, 64])
    equal((seen["exact"]["list"]["length"], seen["exact"]["list"]["capacity"]), (7, 7))
    equal(len({*seen["exact"]["list"]["items"]}), 1)


class Model:
    """A dict with one table of indices, as Objects/dictobject.c has it: inserts, deletes and grows."""

    def __init__(self):
        self.size, self.indices, self.entries, self.usable, self.used = 8, [-1] * 8, [], 5, 0

    def probe(self, h):
        h &= MASK64
        i, perturb = h & self.size - 1, h
        while True:
            yield i
            perturb >>= 5
            i = (5 * i + perturb + 1) & self.size - 1

    def find(self, key, h):
        for slot in self.probe(h):
            at = self.indices[slot]
            if at == -1:
                return None
            if at >= 0 and self.entries[at] and self.entries[at][0] == key:
                return slot

    def place(self, h):
        return next(slot for slot in self.probe(h) if self.indices[slot] < 0)

    def grow(self):
        live = [e for e in self.entries if e]
        want = self.used * 3
        self.size = 8
        while self.size < want:
            self.size *= 2
        self.indices, self.entries, self.usable = [-1] * self.size, live, 2 * self.size // 3 - len(live)
        for at, (_, h) in enumerate(live):
            self.indices[self.place(h)] = at

    def set(self, key, h):
        if self.find(key, h) is not None:
            return
        if self.usable <= 0:
            self.grow()
        self.indices[self.place(h)] = len(self.entries)
        self.entries.append((key, h))
        self.usable -= 1
        self.used += 1

    def delete(self, key, h):
        slot = self.find(key, h)
        self.entries[self.indices[slot]] = None
        self.indices[slot] = -2
        self.used -= 1

    def path(self, key, h):
        found = []
        for slot in self.probe(h):
            found.append(slot)
            at = self.indices[slot]
            if at == -1 or (at >= 0 and self.entries[at] and self.entries[at][0] == key):
                return found


OPERATIONS = {
    "a few": [("set", k) for k in (3, 11, 19, 27)],
    "grown": [("set", k) for k in range(40)],
    "collisions": [("set", k << 8) for k in range(18)],
    "deleted": [("set", k) for k in range(20)] + [("delete", k) for k in range(0, 20, 2)],
    "deleted and made again": [("set", 8 * k) for k in range(5)] + [("delete", 8), ("set", 8), ("delete", 0), ("set", 99), ("delete", 99)],
    "many deletions, then growth": [op for k in range(60) for op in (("set", k * 7919), ("set", -k - 2), ("delete", -k - 2))],
    "negative": [("set", -k - 2) for k in range(25)],
}


@check("dict: indices, entries, deleted ones and the path of each key, as a model has them")
def _():
    for name, operations in OPERATIONS.items():
        source = "d = {}\n" + "".join(f"d[{k}] = None\n" if op == "set" else f"del d[{k}]\n" for op, k in operations)
        model = Model()
        for op, k in operations:
            getattr(model, op)(k, k)  # an int is its own hash; -1 is not used
        seen = Seen(source, facts=False)
        d = seen["d"]["dict"]
        equal((d["slots"], d["used"], d["entry_count"], d["entries_free"]), (model.size, model.used, len(model.entries), model.usable), name)
        equal(d["indices"], model.indices, name)
        equal(d["dummies"], model.indices.count(-2), name)
        for e, want in zip(d["entries"], model.entries):
            if want is None:
                equal((e["key"], e["value"], e["hash"]), (None, None, None), name)
                continue
            key, h = want
            equal((seen.objects[e["key"]]["value"], e["hash"], e["path"]), (str(key), h, model.path(key, h)), name)
            equal(seen.objects[e["value"]]["value"], "None")


@check("dict: strings, in a table for them alone until another key comes")
def _():
    seen = Seen("a = {'x': 1, 'y': 2, 'z': 3}\nb = {'x': 1, 2: 'y'}\nk = [hash(n) for n in a]\n", facts=False)
    hashes = [int(o["value"]) for o in seen.reached(seen["k"]["list"]["items"])]
    d = seen["a"]["dict"]
    equal([e["hash"] for e in d["entries"]], hashes)
    model = Model()
    for h in hashes:
        model.set(h, h)
    equal((d["indices"], [e["path"] for e in d["entries"]]), (model.indices, [model.path(h, h) for h in hashes]))
    if VERSION >= (3, 11):
        equal((d["table"], d["entry_bytes"], seen["b"]["dict"]["table"], seen["b"]["dict"]["entry_bytes"]), ("unicode", 16, "general", 24))


@check("set: slots, placeholders and the path of each key")
def _():
    for operations in OPERATIONS.values():
        source = "s = set()\n" + "".join(f"s.add({k})\n" if op == "set" else f"s.discard({k})\n" for op, k in operations)
        seen = Seen(source + "n = len(s)\n", facts=False)
        s = seen["s"]["set"]
        table = {e["slot"]: e for e in s["entries"]}
        live = {k for k in table if table[k]["key"]}
        equal((s["used"], str(s["used"]), len(table) - len(live)), (len(live), seen["n"]["value"], s["dummies"]))
        expected = set()
        for op, k in operations:
            expected.add(k) if op == "set" else expected.discard(k)
        equal({int(seen.objects[table[k]["key"]]["value"]) for k in live}, expected)
        for slot in live:
            e, want = table[slot], []
            # set_lookkey(): nine more in a row where they fit, then on.
            h = perturb = e["hash"] & MASK64
            i = h & s["slots"] - 1
            while slot not in want:
                row = range(i, i + 10) if i + 9 <= s["slots"] - 1 else range(i, i + 1)
                for j in row:
                    want.append(j)
                    if j == slot:
                        break
                perturb >>= 5
                i = (5 * i + 1 + perturb) & s["slots"] - 1
            equal(e["path"], want)
            # Nothing before it on its way was ever empty.
            assert all(j in table for j in want), (want, table)


# --- Classes, instances, functions, generators -----------------------------------------------------------------------

MROS = """
class A: pass
class B(A): pass
class C(A): pass
class D(B, C): pass
class E(C): pass
class F(D, E): pass
class X(list): pass
class Y(X, A): pass
class Meta(type):
    def mro(cls): return [cls, object, *(c for c in type.mro(cls)[1:-1])]
class Own(A, metaclass=Meta): pass
class Z(ValueError, KeyError): pass
classes = {n: c for n, c in list(globals().items()) if isinstance(c, type)}
import json
print(json.dumps({n: [[k.__qualname__ for k in c.__mro__], [k.__qualname__ for k in c.__bases__]] for n, c in classes.items()}))
del classes, json
"""


@check("class: the MRO as type.__mro__ has it, and the steps of C3 that lead there")
def _():
    seen = Seen(MROS, facts=False)
    assert len(seen.told) > 10
    for name, (mro, bases) in seen.told.items():
        c = seen[name]["class"]
        equal((c["mro"], c["bases"], c["made_by"]), (mro, bases, "Python"), name)
        if name == "Own":
            equal((c["mro_by"], c["merge"]), ("other", []))
            continue
        equal((c["mro_by"], bool(c["merge"])), ("C3", len(bases) > 1), name)
        if len(bases) < 2:
            continue
        # The first lists are the MROs of the bases, and the bases; each step takes the first head that is in no tail.
        lists = c["merge"][0]["lists"]
        equal(lists[-1], bases)
        for base, line in zip(bases, lists):
            equal(line, seen.told[base][0] if base in seen.told else [base, "LookupError"][:1 + (base == "KeyError")] + ["Exception", "BaseException", "object"])
        order = [name]
        for step in c["merge"]:
            equal(step["lists"], lists, name)
            heads = [line[0] for line in lists]
            tails = [k for line in lists for k in line[1:]]
            taken = next(h for h in heads if h not in tails)
            over = heads[:heads.index(taken)]
            equal((step["taken"], step["passed_over"]), (taken, over), name)
            order.append(taken)
            lists = [rest for line in lists if (rest := line[1:] if line[0] == taken else line)]
        equal((lists, order), ([], mro))


INSTANCES = """
import gc, json
class Values:
    def __init__(self): self.one = [1]; self.two = [2]
class Slots:
    __slots__ = ('x', 'y')
class Both(Slots):
    pass
class L(list): pass
v, opened, empty = Values(), Values(), Values.__new__(Values)
opened.__dict__
s = Slots(); s.x = []
b = Both(); b.y = {}; b.z = set()
l = L(); l.tag = []
odd = Values.__new__(Values); odd.__dict__[1] = 2; odd.__dict__['n'] = 3
many = Values()
for i in range(40): setattr(many, f'a{i}', i)
at = {name: {m: getattr(o, '__class__').__dict__[m].__get__ and id(getattr(o, m)) for m in members} for name, o, members in (('s', s, ['x']), ('b', b, []))}
refers = {n: [id(x) for x in gc.get_referents(o) if x is not type(o)] for n, o in (('v', v), ('opened', opened), ('s', s), ('b', b), ('l', l))}
print(json.dumps([refers, {'v': id(Values), 's': id(Slots)}, {'x': Slots.x.__get__ and Slots.__basicsize__}]))
del i
"""


@check("instance: where attributes are, as the collector is told of them")
def _():
    seen = Seen(INSTANCES, facts=False)
    refers, classes, _ = seen.told

    def known(o):
        """Addresses that the instance part tells of."""
        i = o["instance"]
        inside = [] if i["dict"] else [seen.address(a["object"]) for a in i["attributes"] if a["where"] == "values"]
        return sorted(inside + [seen.address(a["object"]) for a in i["attributes"] if a["where"] == "slot" and a["object"]]
                      + ([seen.address(i["dict"])] if i["dict"] else []))

    for name in ("v", "opened", "s", "b"):
        # From 3.13 on the values of an instance are told even when its dict has them.
        got, want = known(seen[name]), sorted(refers[name])
        assert got == want or (VERSION >= (3, 13) and seen[name]["instance"]["dict"] and set(got) <= set(want)), (name, got, want)
    for name, where in classes.items():
        equal(seen.address(seen[name]["instance"]["class"]), where)
    storage = {n: seen[n]["instance"]["storage"] for n in ("v", "opened", "s", "b", "odd")}
    equal((storage["opened"], storage["s"], storage["odd"]), ("dict", "slots", "dict"))
    if VERSION >= (3, 11):
        equal((storage["v"], storage["b"]), ("values", "values"))
    equal([(a["name"], a["where"], a["object"] is not None) for a in seen["s"]["instance"]["attributes"]], [("x", "slot", True), ("y", "slot", False)])
    equal([a["name"] for a in seen["v"]["instance"]["attributes"]], ["one", "two"])
    equal([a["name"] for a in seen["b"]["instance"]["attributes"]], ["x", "y", "z"])
    odd = seen["odd"]["instance"]["attributes"]
    equal(["name" in a for a in odd], [False, True])
    equal((seen.objects[odd[0]["key"]]["value"], odd[1]["name"]), ("1", "n"))
    equal(len(seen["many"]["instance"]["attributes"]), 42)
    equal(seen["l"]["kind"], "list")


@check("instance: looking makes no dict of its attributes")
def _():
    # A second look, at the end, finds what the first left.
    source = "class A:\n    def __init__(self): self.x = [1]\na = A()\nb = 1\nc = 2\n"
    one = look(source, "objects", options=["objects.at=4", "objects.at=5"])
    states = [[o["instance"]["storage"] for o in c["objects"] if o["type"] == "A"] for c in one["captures"]]
    equal(len(states), 3)
    equal(states, [states[0]] * 3)
    if VERSION >= (3, 11):
        equal(states[0], ["values"])


FUNCTIONS = """
import json
def f(a, b=[1], *c, d={2: 3}, e, **g): pass
def outer(x):
    y, z = [x], [2]
    def inner(): return x, y, z
    z = [3]
    return inner
g = outer([4])
class A:
    def m(self): pass
a = A()
bound, builtin, module_level = a.m, [].append, len
def ids(fn):
    return [id(fn.__code__), [id(x) for x in fn.__defaults__ or ()], {k: id(v) for k, v in (fn.__kwdefaults__ or {}).items()},
            {n: [id(c), id(c.cell_contents)] for n, c in zip(fn.__code__.co_freevars, fn.__closure__ or ())}]
told = {'f': ids(f), 'g': ids(g), 'outer': ids(outer)}
print(json.dumps([told, [id(bound.__func__), id(bound.__self__)], id(builtin.__self__), [f.__code__.co_firstlineno, f.__code__.co_argcount, f.__code__.co_kwonlyargcount, f.__code__.co_stacksize, len(f.__code__.co_code)]]))
"""


@check("function: defaults, closure cells and code as its attributes say")
def _():
    seen = Seen(FUNCTIONS, facts=False)
    functions, method, self_of, code = seen.told
    for name, (code_id, defaults, kwdefaults, closure) in functions.items():
        fn = seen[name]["function"]
        equal(seen.address(fn["code"]), code_id)
        equal([seen.address(d["object"]) for d in fn["defaults"]], defaults)
        equal({d["name"]: seen.address(d["object"]) for d in fn["kwdefaults"]}, kwdefaults)
        equal({c["name"]: [seen.address(c["object"]), seen.address(seen.objects[c["object"]]["cell"]["contents"])] for c in fn["closure"]}, closure)
    equal([d["name"] for d in seen["f"]["function"]["defaults"]], ["b"])
    m = seen["bound"]["method"]
    equal([seen.address(m["function"]), seen.address(m["self"])], method)
    equal(seen.address(seen["builtin"]["builtin"]["self"]), self_of)
    c = seen.objects[seen["f"]["function"]["code"]]["code"]
    equal([c[k] for k in ("first_line", "arg_count", "kwonly_arg_count", "stack_size", "code_bytes")], code)


GENERATORS = """
import inspect, json
def g(n):
    k = [n]
    for i in range(n):
        x = yield i
        k.append(x)
def h(n):
    r = yield from g(n)
created, suspended, closed, delegating, never = g(3), g(3), g(0), h(2), h(1)
next(suspended); suspended.send([7])
next(closed, None)
next(delegating)
async def c(m):
    await w(m)
class W:
    def __await__(self): yield 1
async def w(m):
    await W()
coro = c([1])
coro.send(None)
async def ag():
    yield [1]
agen = ag()
def running():
    yield run
run = running()
told = {n: [inspect.getgeneratorstate(o), o.gi_frame and o.gi_frame.f_lineno, {k: id(v) for k, v in inspect.getgeneratorlocals(o).items()}, o.gi_yieldfrom and id(o.gi_yieldfrom)]
        for n, o in (('created', created), ('suspended', suspended), ('closed', closed), ('delegating', delegating), ('never', never), ('run', run))}
told['coro'] = [inspect.getcoroutinestate(coro), coro.cr_frame.f_lineno, {k: id(v) for k, v in inspect.getcoroutinelocals(coro).items()}, id(coro.cr_await)]
told['agen'] = ['GEN_CREATED', agen.ag_frame.f_lineno, {}, None]
print(json.dumps(told))
"""


@check("generator: state, line, variables and what it waits for, as inspect says")
def _():
    seen = Seen(GENERATORS, facts=False)
    for name, (state, line, variables, waits) in seen.told.items():
        g = seen[name]["generator"]
        equal(g["state"], state.partition("_")[2].lower(), name)
        equal(g["line"], line, name)
        equal({v["name"]: seen.address(v["object"]) for v in g["locals"] if v["object"]}, variables, name)
        equal(seen.address(g["waits_for"]), waits, name)
        if waits:  # it is on top of the stack
            equal(seen.address(g["stack"][-1]), waits, name)
    # A for loop's iterator is on the stack while it waits.
    equal([o["type"] for o in seen.reached(seen["suspended"]["generator"]["stack"])], ["range_iterator"])
    equal(seen["created"]["generator"]["stack"], [])


@check("exception, module, and others by what the collector is told")
def _():
    seen = Seen("""
import gc, json, collections, functools, math
try:
    try: 1/0
    except ZeroDivisionError as z: raise KeyError('k') from z
except KeyError as e: error = e
d = collections.deque([[1], [2]])
p = functools.partial(print, [3], k=[4])
cycle = functools.partial(print); holder = [cycle]; q = functools.partial(holder.append)
print(json.dumps([id(error.args), id(error.__cause__), id(error.__context__), {n: [id(x) for x in gc.get_referents(o) if x is not type(o)] for n, o in (('d', d), ('p', p))}]))
""", facts=False)
    args, cause, context, referents = seen.told
    e = seen["error"]["exception"]
    equal([seen.address(e[k]) for k in ("args", "cause", "context")], [args, cause, context])
    equal((e["has_traceback"], seen["error"]["value"]), (True, "KeyError('k')"))
    for name, wanted in referents.items():
        o = seen[name]["other"]
        equal({seen.address(m["object"]) for m in o["members"]} - {None} | {seen.address(n) for n in o["refers_to"]}, set(wanted), name)
    equal((seen["math"]["module"]["name"], seen["math"]["kind"]), ("math", "module"))


# --- Over time -------------------------------------------------------------------------------------------------------

GROWING = """
import sys, json
watched = {}
def note(name, o):
    seen = watched.setdefault(name, [])
    if not seen or seen[-1] != sys.getsizeof(o): seen.append(sys.getsizeof(o))
a = []
for i in range(100):
    a.append(i)
    note('a', a)
while a:
    a.pop()
    note('a', a)
d = {}
for i in range(70):
    d[i] = i
    note('d', d)
s = set()
for i in range(70):
    s.add(i)
    note('s', s)
class Box:
    def __init__(self): self.items = []
    def put(self, x): self.items.append(x)
box = Box()
def work(n):
    own = []
    for i in range(n):
        box.put(i)
        note('box.items', box.items)
        own.append(i)
        note('own', own)
work(30)
print(json.dumps({'sizes': watched, 'empty': [sys.getsizeof([]), sys.getsizeof({}), sys.getsizeof(set())]}))
"""


@check("growth: every change of room, in order, as sys.getsizeof sees it")
def _():
    seen = Seen(GROWING, facts=False)
    growth = [g for g in seen.one["growth"] if g["name"] not in ("watched", "seen")]
    empty = seen.told["empty"]
    for name, sizes in seen.told["sizes"].items():
        of_it = [g for g in growth if g["name"] in (name, {"box.items": "self.items"}.get(name))]
        address = {g["address"] for g in of_it}
        equal(len(address), 1, name)
        # Each begins where the one before it ended.
        for one, then in zip(of_it, of_it[1:]):
            equal(then["from"], one["to"], name)
        equal(of_it[0]["from"], None)
        steps = [g for g in of_it if g["from"] is not None]
        if name == "d":
            # Its entries are two thirds of the slots of 24 bytes, beside an index of one byte each.
            header = sizes[0] - empty[1] - 8 - 5 * 24 + (empty[1] - empty[1])
            got = [empty[1] + header + g["to"] * (1 if g["to"] <= 128 else 2) + 2 * g["to"] // 3 * 24 for g in steps]
        elif name == "s":
            got = [empty[2]] + [empty[2] + 16 * g["to"] for g in steps]
        else:
            got = [empty[0] + 8 * g["to"] for g in steps]
        equal(got, [x for i, x in enumerate(sizes) if name != "s" or i or x == empty[2]], name)
        assert all(g["bytes"] == 8 * g["to"] for g in steps if g["kind"] == "list"), name
    lines = {g["name"]: g["line"] for g in growth if g["from"] is not None}
    source = GROWING.splitlines()
    equal({n: source[line - 1].strip() for n, line in lines.items()},
          {"a": "a.pop()", "d": "d[i] = i", "s": "s.add(i)", "self.items": "def put(self, x): self.items.append(x)", "own": "own.append(i)"})
    equal({g["function"] for g in growth if g["name"] == "own"}, {"work"})


@check("growth: bytearray, a dict that gets another kind of key, and slots")
def _():
    seen = Seen("""
b = bytearray()
for i in range(40): b.append(i)
class S:
    __slots__ = ('rows',)
s = S(); s.rows = []
for i in range(5):
    s.rows.append(i)
import sys, json
d = {'a': 1}
sizes = [sys.getsizeof(d)]
d[1] = 2
sizes.append(sys.getsizeof(d))
e = [1]
e = [1, 2]
print(json.dumps(sizes))
""", facts=False)
    growth = seen.one["growth"]
    equal([g["name"] for g in growth if g["kind"] == "list" and g["name"] != "sizes"], ["s.rows"] * 3)
    equal([g["to"] for g in growth if g["name"] == "s.rows"], [0, 4, 8])
    assert [g["to"] for g in growth if g["kind"] == "bytearray"][-1] >= 41
    if VERSION >= (3, 11):
        first, then = [g for g in growth if g["kind"] == "dict"]
        equal((first["table"], then["table"], then["from"]), ("unicode", "general", first["to"]))
        equal(then["bytes"] - first["bytes"], seen.told[1] - seen.told[0])


AT = """
def f(n):
    rows = []
    for i in range(n):
        rows.append(i)
    return rows
x = [0]
f(3)
y = f(2)
class A:
    inside = 1
    there = 2
z = 1
"""


@check("at: before the line runs, with the variables there, each time")
def _():
    one = look(AT, "objects", options=["objects.at=5", "objects.at=8", "objects.at=12", "objects.at=99"])
    got = []
    for c in one["captures"]:
        values = {o["object"]: o["value"] for o in c["objects"]}
        got.append((c["when"], c["line"], c["function"], c["hit"], {n["name"]: values[n["object"]] for n in c["names"] if values[n["object"]][0] != "<"},
                    {n["name"] for n in c["names"] if n["scope"] == "local"}))
    f = {"n", "rows", "i"}
    want = [("line", 8, "<module>", 1, {"x": "[0]"}, set())]
    want += [("line", 5, "f", k + 1, {"n": "3", "rows": str(list(range(k))), "i": str(k), "x": "[0]"}, f) for k in range(3)]
    want += [("line", 5, "f", k + 4, {"n": "2", "rows": str(list(range(k))), "i": str(k), "x": "[0]"}, f) for k in range(2)]
    if VERSION < (3, 11):
        want = [w[:2] + w[2:] for w in want]
    inside = {"x": "[0]", "y": "[0, 1]", "inside": "1", "__module__": "'__main__'", "__qualname__": "'A'"}
    if VERSION >= (3, 13):
        inside |= {"__firstlineno__": "10"}
    equal(got[:-2], want)
    equal(got[-2][:5], ("line", 12, "A", 1, inside))
    equal(got[-1][0], "end")
    equal(one["lines"], [{"line": n, "hits": h, "captured": h} for n, h in ((5, 5), (8, 1), (12, 1), (99, 0))])
    equal(one["truncated"], False)


@check("at: references as the program counts them, tracing aside")
def _():
    one = look("import sys\nl = [3, 1]\nm = l\ncounts = []\ndef key(x):\n    counts.append(sys.getrefcount(l) - 1)\n    return x\nl.sort(key=key)\n", "objects", options=["objects.at=6", "objects.names=l"])
    counts = [[o["refcount"] for o in c["objects"] if o["kind"] == "list"][0] for c in one["captures"]]
    plain = Snippet("import sys\nl = [3, 1]\nm = l\ncounts = []\ndef key(x):\n    counts.append(sys.getrefcount(l) - 1)\n    return x\nl.sort(key=key)\nprint(counts)\n").plain()
    equal(counts[:-1], json.loads(plain.stdout))


@check("at: the first sixteen times of a line, and sixty-four in all; the end is there")
def _():
    source = "for i in range(100):\n" + "".join(f"    a{k} = {k}\n" for k in range(8))
    one = look(source, "objects", options=[f"objects.at={k + 2}" for k in range(8)])
    equal(one["lines"], [{"line": k + 2, "hits": 100, "captured": 8} for k in range(8)])
    equal((len(one["captures"]), one["captures"][-1]["when"], one["truncated"], one.cut), (65, "end", True, False))
    one = look("for i in range(100):\n    a = i\n", "objects", options=["objects.at=2"])
    equal(one["lines"], [{"line": 2, "hits": 100, "captured": 16}])


@check("at: in threads as well")
def _():
    one = look("import threading\ndef f(n):\n    x = [n]\n    return x\nt = [threading.Thread(target=f, args=(i,)) for i in range(3)]\nfor i in t: i.start()\nfor i in t: i.join()\n", "objects", options=["objects.at=4", "objects.names=x"])
    equal(sorted(c["objects"][0]["value"] for c in one["captures"][:-1]), ["[0]", "[1]", "[2]"])


# --- Probes and lookups ----------------------------------------------------------------------------------------------

@check("probes: the slots of a key, in dicts as the model goes and in sets as they lie")
def _():
    keys = [0, 8, 16, 3, 24, 1024, -1]
    one = look("d = {i * 8: i for i in range(5)}\ndel d[16]\ns = {0, 8, 16, 99}\nt = {'x': 1}\nalias = d\n", "objects",
               options=[f"objects.keys=i{k}" for k in keys] + ["objects.keys=sx", "objects.keys=s"])
    capture = one["captures"][-1]
    model = Model()
    for k in range(5):
        model.set(8 * k, 8 * k)
    model.delete(16, 16)
    words = {-1: "empty", -2: "dummy"}
    probes = {(p["name"], p["key"]): p for p in capture["probes"]}
    equal({n for n, _ in probes}, {"d", "s", "t"})
    for k in keys:
        h = -2 if k == -1 else k
        p = probes["d", str(k)]
        equal((p["hash"], [s["slot"] for s in p["steps"]], p["found"]), (h, model.path(k, h), k in (0, 8, 24)), k)
        for s in p["steps"]:
            at = model.indices[s["slot"]]
            entry = at >= 0 and model.entries[at]
            equal((s.get("index"), s["hash"]), (at if at >= 0 else None, entry[1] if entry else None))
            equal(s["there"], words.get(at) or ("same key" if entry[0] == k else "other hash"), k)
        equal(probes["s", str(k)]["found"], k in {0, 8, 16, 99}, k)
    equal((probes["t", "'x'"]["found"], probes["t", "''"]["found"], probes["t", "3"]["found"]), (True, False, False))
    equal(probes["t", "'x'"]["steps"][-1]["there"], "same key")


@check("probes: a key of a class of its own is not asked; one of CPython's is")
def _():
    one = look("class K:\n    def __hash__(self): return 5\n    def __eq__(self, o): print('asked'); return True\nd = {K(): 1}\ne = {5.0: 1, 1 << 61: 2}\nf = {(1 << 61) - 1 + 5: 1}\n", "objects", options=["objects.keys=i5"])
    probes = {p["name"]: p for p in one["captures"][-1]["probes"]}
    equal(one.out, b"")
    equal((probes["d"]["found"], probes["d"]["steps"][-1]["there"]), (None, "same hash, not asked"))
    equal((probes["e"]["found"], probes["e"]["steps"][-1]["there"]), (True, "same key"))
    # The hash of an int is its rest modulo 2**61 - 1.
    equal((probes["f"]["found"], probes["f"]["steps"][0]["there"]), (False, "same hash, other key"))


LOOKUPS = """
import json, math, types
class Base:
    shared = [1]
    def method(self): pass
    @property
    def prop(self): print('called'); return 1
    @classmethod
    def cm(cls): pass
    @staticmethod
    def sm(): pass
    hidden = 'class'
class Data:
    def __get__(self, *a): print('called'); return 1
    def __set__(self, *a): pass
class NonData:
    def __get__(self, *a): print('called'); return 1
class Derived(Base):
    __slots__ = ('slot', 'unset')
    d, nd, nd2 = Data(), NonData(), NonData()
    def __init__(self):
        self.slot, self.own, self.hidden = [2], [3], [4]
        self.__dict__['nd2'] = [5]
        self.__dict__['d'] = [6]
o = Derived()
class Plain:
    def __init__(self): self.next = None
p = Plain(); p.next = o
class Fallback:
    def __getattr__(self, n): print('called'); return 1
class Own:
    def __getattribute__(self, n): print('called'); return 1
class Meta(type):
    meta = [7]
    def of_meta(cls): pass
    @property
    def mp(cls): print('called'); return 1
class Made(metaclass=Meta):
    inside = [8]
f, w = Fallback(), Own()
own_slot = Derived.slot
class Thief:
    stolen = own_slot
t = Thief()
m = types.ModuleType('m'); m.x = [9]
l = [1]
"""
# expression -> (where it is found, result); what decides is told in the reference's chapter 3.3.2.
RESULTS = {
    "o.shared": (["class Derived no", "class Base yes", "instance"], "class"), "o.method": (["class Derived no", "class Base yes", "instance"], "method"),
    "o.prop": (["class Derived no", "class Base yes"], "data descriptor"), "o.cm": (["class Derived no", "class Base yes", "instance"], "class method"),
    "o.sm": (["class Derived no", "class Base yes", "instance"], "static method"), "o.hidden": (["class Derived no", "class Base yes", "instance yes"], "instance"),
    "o.slot": (["class Derived yes"], "slot"), "o.unset": (["class Derived yes"], "AttributeError"), "o.own": (["class Derived no", "class Base no", "class object no", "instance yes"], "instance"),
    "o.d": (["class Derived yes"], "data descriptor"), "o.nd": (["class Derived yes", "instance"], "descriptor"), "o.nd2": (["class Derived yes", "instance yes"], "instance"),
    "o.none": (["class Derived no", "class Base no", "class object no", "instance"], "AttributeError"), "f.none": (["class Fallback no", "class object no", "instance"], "__getattr__"),
    "w.none": ([], "__getattribute__"), "Made.inside": (["metaclass Meta no", "metaclass type no", "metaclass object no", "class Made yes"], "class"),
    "Made.meta": (["metaclass Meta yes", "class Made no", "class object no"], "class"), "Made.of_meta": (["metaclass Meta yes", "class Made no", "class object no"], "method"),
    "Made.mp": (["metaclass Meta yes"], "data descriptor"), "Base.method": (["metaclass type no", "metaclass object no", "class Base yes"], "class"),
    "Base.prop": (["metaclass type no", "metaclass object no", "class Base yes"], "class"), "m.x": (["class module no", "class object no", "module yes"], "instance"),
    "l.append": (["class list yes"], "method"), "t.stolen": (["class Thief yes"], "data descriptor"), "o.__dict__": None, "math.pi": (["class module no", "class object no", "module yes"], "instance"),
}


@check("lookups: the places in their order and what decides, and nothing is called")
def _():
    assert len(RESULTS) <= 32
    found = {}
    names = list(RESULTS)
    for part in (names[:16], names[16:]):
        one = look(LOOKUPS, "objects", options=[f"objects.attributes={n}" for n in part])
        equal((one.out, one.status), (b"", 0))
        found |= {x["expression"]: x["steps"] for x in one["captures"][-1]["lookups"]}
    for name, want in RESULTS.items():
        if want is None:
            continue
        (step,) = found[name]
        places = [p["place"].split()[0] + (f" {p['name']}" if "name" in p else "") + (" yes" if p["found"] else " no") for p in step["tried"]]
        # A place that is the object's own, and has nothing.
        places = [p.removesuffix(" no") if p.startswith("instance") else p for p in places]
        equal((places, step["result"]), want, name)
        assert (step["object"] is None) == (step["result"] in ("method", "data descriptor", "descriptor", "class method", "AttributeError", "__getattr__", "__getattribute__")), step


@check("lookups: what they come to is what getattr() gives")
def _():
    source = LOOKUPS + "print(json.dumps({e: id(eval(e)) for e in ('o.shared', 'o.sm', 'o.hidden', 'o.slot', 'o.own', 'o.nd2', 'Made.inside', 'Made.meta', 'Base.method', 'Base.prop', 'm.x', 'p.next.own', 'p.next.slot', 'math.pi')}))\n"
    told = json.loads(look(source, "clean", lenses="").out)
    seen = Seen(source, facts=False, options=[f"objects.attributes={n}" for n in told])
    told = seen.told
    assert len(told) == 14
    for x in seen.capture["lookups"]:
        equal(seen.address(x["steps"][-1]["object"]), told[x["expression"]], x["expression"])
        equal((x["bound"], len(x["steps"])), (True, x["expression"].count(".")))


@check("lookups: a name that is not bound, a chain that has to be called for, many classes")
def _():
    one = look("class A:\n    def f(self): pass\na = A()\nclasses = [A]\nfor i in range(70): classes.append(type(f'C{i}', (classes[-1],), {}))\nb = classes[-1]()\n", "objects",
               options=["objects.attributes=none.x", "objects.attributes=a.f.__name__", "objects.attributes=b.f"])
    none, chain, many = one["captures"][-1]["lookups"]
    equal((none["bound"], none["steps"]), (False, []))
    equal([s["result"] for s in chain["steps"]], ["method"])
    equal(len(many["steps"][0]["tried"]), 65)
    equal(many["steps"][0]["tried"][-1]["found"], False)


# --- numpy -----------------------------------------------------------------------------------------------------------

ARRAYS = """
import json, sys
import numpy as np
a = np.arange(12.).reshape(3, 4)
b = a[1:, ::2]
c = np.array([1, -2, 3], dtype=np.int16)
d = np.array(['x', 'yy'])
e = np.zeros((0, 3))
g = np.array(7)
h = np.array([1, 'x', None], dtype=object)
t = a.T
r = c[::-1]
u = np.array([1, 2], dtype='>u4')
y = np.array([True, False])
z = np.frombuffer(b'abcdefgh', dtype=np.uint16)
class My(np.ndarray): pass
m = np.zeros(3).view(My)
big = np.zeros(10**6, dtype=np.uint8)
arrays = {n: o for n, o in list(globals().items()) if isinstance(o, np.ndarray)}
def of(o):
    return [o.__array_interface__['data'][0], list(o.shape), list(o.strides), o.dtype.str, o.itemsize, o.size, o.base is not None and id(o.base) or None,
            sorted(n for n in ('C_CONTIGUOUS', 'F_CONTIGUOUS', 'OWNDATA', 'ALIGNED', 'WRITEABLE', 'WRITEBACKIFCOPY') if o.flags[n]), sys.getsizeof(o), id(o)]
print(json.dumps({n: of(o) for n, o in arrays.items()}))
del arrays
"""


@check("numpy: data, shape, strides, dtype, flags and base as the array says")
def _():
    s = Snippet("import numpy\n")
    if s.plain().returncode:
        return "numpy is not installed"
    seen = Seen(ARRAYS, facts=False)
    assert len(seen.told) > 12
    for name, (data, shape, strides, dtype, itemsize, size, base, flags, getsizeof, address) in seen.told.items():
        o = seen[name]
        a = o["array"]
        equal((a["data"], a["shape"], a["strides"], a["dtype"], a["itemsize"], a["elements"], sorted(a["flags"])), (data, shape, strides, dtype, itemsize, size, flags), name)
        equal((seen.address(a["base"]), o["size_bytes"], o["address"], a["owns_data"]), (base, getsizeof, address, "OWNDATA" in flags), name)
        equal(o["head_bytes"] + o["object_bytes"] + sum(b["bytes"] for b in o["blocks"] if b["counted"]), getsizeof, name)
        equal((field(o, "nd")["value"], field(o, "data")["address"]), (len(shape), data), name)
    equal(seen["b"]["array"]["offset_in_base"], 32)  # one row of four doubles
    equal([seen[n]["value"] for n in "abcru"], ["<array <f8 3×4: 0, 1, 2, 3, 4, 5, 6, 7, …>", "<array <f8 2×2: 4, 6, 8, 10>", "<array <i2 3: 1, -2, 3>", "<array <i2 3: 3, -2, 1>", "<array >u4 2: …>"])
    equal((seen["y"]["value"], seen["g"]["value"], seen["z"]["value"]), ("<array |b1 2: True, False>", "<array <i8: 7>", "<array <u2 4: …>"))


# --- What works against it -------------------------------------------------------------------------------------------

LOUD = """
def loud(*a, **k):
    print('called'); raise SystemExit(3)
class Meta(type):
    __repr__ = __hash__ = __eq__ = __getattribute__ = __instancecheck__ = __subclasscheck__ = __dir__ = __sizeof__ = __bool__ = loud
    mro = type.mro
def body(extra):
    return {n: loud for n in ('__repr__', '__str__', '__eq__', '__ne__', '__getattr__', '__getattribute__', '__sizeof__', '__len__', '__iter__', '__next__', '__bool__', '__contains__',
                              '__getitem__', '__dir__', '__format__', '__index__', '__int__', '__float__', '__call__', '__get__', '__reduce__', '__missing__', '__bytes__')} | extra
A = type.__new__(Meta, 'A', (), body({'__class__': property(loud), '__dict__': property(loud), 'p': property(loud), 'x': 1}))
bases = list, dict, set, frozenset, tuple, int, str, bytes, float, bytearray, ValueError, Meta
kinds = [type.__new__(Meta, 'K' + base.__name__, (base,), body({})) for base in bases]
made = [b.__new__(k) for b, k in zip(bases[:-1], kinds)]
class Name(str):
    __hash__ = loud
    __eq__ = loud
a = object.__new__(A)
class Key:
    def __init__(self): self.quiet = True
    def __hash__(self):
        if not self.quiet: loud()
        return 5
    def __eq__(self, o): return loud() if not self.quiet else self is o
k1, k2 = Key(), Key()
table, bag = {k1: 1, k2: 2, 'x': 3}, {k1, k2, 'y'}
k1.quiet = k2.quiet = False
class Odd:
    __slots__ = ('a', '__dict__')
    __getattribute__ = loud
odd = object.__new__(Odd)
def gen():
    try: yield 1
    except GeneratorExit: pass
g = gen(); next(g)
"""


@check("hostile objects: none is called, and each is shown")
def _():
    seen = Seen(LOUD, facts=False, options=["objects.keys=i5", "objects.keys=sx", "objects.attributes=a.p", "objects.attributes=a.__class__", "objects.attributes=odd.a", "objects.at=40"])
    equal((seen.one.out, seen.one.err), (b"", b""))
    equal(seen["a"]["value"], "<A object>")
    kinds = [o["kind"] for o in seen.reached(seen["made"]["list"]["items"])]
    equal(kinds, ["list", "dict", "set", "set", "tuple", "int", "str", "bytes", "float", "bytearray", "exception"])
    values = [o["value"] for o in seen.reached(seen["made"]["list"]["items"])]
    equal(values[:3], ["Klist([])", "Kdict({})", "Kset(set())"])
    assert all(o["size_bytes"] > 0 for o in seen.objects.values())
    equal(len(seen["table"]["dict"]["entries"]), 3)
    probes = {(p["name"], p["key"]): p["found"] for p in seen.capture["probes"]}
    equal((probes["table", "5"], probes["bag", "5"], probes["table", "'x'"]), (None, None, True))


@check("hostile objects: ends, output and the order of hashes are as without the lens")
def _():
    for source in (LOUD + "print('end')\n", "print(list({'a', 'b', 'c', 'd'}), list({str(i): i for i in range(9)}), hash('x'))\n", "class A:\n    def __del__(self): print('del')\na = A()\nb = [a]; b.append(b)\ndel a, b\nx = [1]\n"):
        s = Snippet(source)
        for seed in (0, 7):
            plain, one = s.plain(seed=seed), s.look("objects", seed=seed, options=["objects.at=3", "objects.attributes=a.x", "objects.keys=sa"])
            equal((one.out, one.err, one.status), (plain.stdout, plain.stderr, plain.returncode << 8))


BIG = {
    "many objects": ("x = [[[i, j] for i in range(10**3)] for j in range(100)]\n", "objects"),
    "a deep list": ("x = []\nfor i in range(10**5): x = [x]\n", "objects"),
    "a long chain": ("class N:\n    def __init__(self, n): self.next = n\nx = None\nfor i in range(10**5): x = N(x)\n", "objects"),
    "a large dict": ("x = {i: str(i) for i in range(10**6)}\n", "items"),
    "a large set": ("x = set(range(10**6))\n", "items"),
    "a long list": ("x = [None] * 10**7\n", "items"),
    "a long text": ("x = 'a' * 10**8\ny = '\\U0001f600' * 10**7\nz = b'x' * 10**8\n", None),
    "a large int": ("x = 1 << 10**7\n", "items"),
    "keys that collide": ("class K:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return 0\n    def __eq__(self, o): return self is o\nx = {K(i): i for i in range(300)}\ny = {K(i) for i in range(300)}\n", "items"),
    "many names": ("for i in range(1000): globals()[f'n{i}'] = i\n", "names"),
    "many attributes": ("class A: pass\na = A()\nfor i in range(1000): setattr(a, f'x{i}', i)\n", "items"),
    "many classes": ("class A: pass\nc = [A]\nfor i in range(300): c.append(type(f'C{i}', (c[-1],), {'a': i}))\nD = c[-1]\n", "items"),
    "many bases": ("b = [type(f'B{i}', (), {}) for i in range(100)]\nD = type('D', tuple(b), {})\n", "items"),
    "a cycle of everything": ("class A: pass\na = A(); l = [a]; d = {'l': l}; t = (d, l); a.t = t; a.a = a; f = lambda x=a: x; a.f = f\ns = {f}; a.s = s\ndef g(): yield g1\ng1 = g(); next(g1)\na.g = g1\n", None),
    "names like no names": ("globals()['\\ud800'] = 1\nglobals()['a' * 10**6] = 2\nglobals()['\\0'] = 3\nclass A: pass\na = A()\nsetattr(a, '\\ud800', 1)\nvars(a)['x\\0'] = 2\nA.__qualname__ = 'q' * 10**6\n", None),
    "a frozen zoo": ("import types, typing, enum, dataclasses, abc, collections.abc\nclass E(enum.Enum): A = 1; B = 2\n@dataclasses.dataclass(slots=True)\nclass P:\n    x: int\n    y: list = dataclasses.field(default_factory=list)\np = P(1)\nT = typing.TypeVar('T')\nn = typing.NamedTuple('N', [('a', int)])(1)\ns = types.SimpleNamespace(a=1)\nc = collections.ChainMap({}, {})\nclass Abs(abc.ABC):\n    @abc.abstractmethod\n    def f(self): pass\ne = E.A\n", None),
}


for name, (source, dropped) in BIG.items():
    def big(name=name, source=source, dropped=dropped):
        if VERSION < (3, 11) and "slots=True" in source:
            source = source.replace("(slots=True)", "")
        if name.startswith("keys that") or dropped:
            pass
        seen = Seen(source, facts=False)
        equal(seen.one.cut, False)
        gone = {k for k, n in seen.capture["dropped"].items() if n}
        assert (dropped in gone) if dropped else True, (gone, dropped)
        equal(seen.one["truncated"], bool(gone) or seen.one["truncated"])
        text = json.dumps(seen.capture)
        assert len(seen.objects) <= LIMITS["objects"] and len(text) < 3 << 20, (len(seen.objects), len(text))
        # Every number that is referred to is there, unless bytes ran out before it.
        for n in seen.capture["names"]:
            assert n["object"] in seen.objects, n
        print(f"# {len(seen.objects)} objects in {len(text)} bytes")
    check(f"bounded: {name}")(big)


@check("bounded: a program that runs long is let go of, and its end is seen")
def _():
    one = look("x = []\ny = {}\nfor i in range(3 * 10**6):\n    z = i\nx.append(1)\n", "objects")
    equal((one.status, one["captures"][-1]["when"], one["truncated"]), (0, "end", True))
    values = {o["value"] for o in one["captures"][-1]["objects"]}
    assert {"[1]", "2999999"} <= values


@check("ended before its end: what was, at the lines asked for and shortly before")
def _():
    one = look("import os, time\nx = []\nx.append(1)\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end:\n    x.append(2)\nos._exit(3)\n", "objects", options=["objects.at=3"])
    equal((one.status, one["truncated"], [c["when"] for c in one["captures"]]), (3 << 8, True, ["line"]))
    running = one["running"]
    equal((running["when"], running["line"] in (5, 6)), ("running", True))
    x = running["objects"][[n["name"] for n in running["names"]].index("x")]
    assert x["value"].startswith("[1, 2, 2") and x["list"]["length"] > 100, x["value"]
    assert [g["to"] for g in one["growth"] if g["name"] == "x"][:3] == [0, 4, 8]


@check("ended by a signal, before anything: nothing, and it says so")
def _():
    one = look("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "objects")
    equal((one.status, one.lens), (9, {"truncated": True}))


@check("an exception that nobody takes: the end is seen, its names as they were")
def _():
    one = look("x = [1]\ndef f():\n    y = [2]\n    x.append(y)\n    1/0\nf()\n", "objects")
    equal((one.status, one["captures"][-1]["when"], one["truncated"]), (1 << 8, "end", False))
    equal(one["captures"][-1]["objects"][0]["value"], "[1, [2]]")


@check("growth off: nothing is attached until the end, and the end is the same")
def _():
    programs = ("import threading\nprint(threading.gettrace())\n", "import sys\nl = [1]\nl.sort(key=lambda x: print(sys.getrefcount(l)) or 1)\n", "import gc\nprint(gc.get_count())\n",
                "import dis\ndef f(n):\n    for i in range(n): n + i\nfor j in range(30): f(30)\nprint(any('ADD_INT' in i.opname for i in dis.get_instructions(f, **({} if dis.sys.version_info < (3, 11) else {'adaptive': True}))))\n")
    for source in programs:
        s = Snippet(source)
        clean, one = s.look("clean", lenses=""), s.look("objects", options=["objects.growth=0"])
        equal((one.out, one.status), (clean.out, clean.status))
        equal((one["captures"][-1]["when"], "growth" in one.lens, one["truncated"]), ("end", False, False))


@check("names: only those that were asked for, wherever they are")
def _():
    one = look("a = [1]\nb = [2]\ndef f(b):\n    c = b\n    return c\nf(3)\ncaf\xe9 = 4\n", "objects", options=["objects.names=b", "objects.names=caf\xe9", "objects.names=none", "objects.at=5"])
    at, end = one["captures"]
    equal([(n["name"], n["scope"]) for n in at["names"]], [("b", "local"), ("b", "global")])
    equal([n["name"] for n in end["names"]], ["b", "caf\xe9"])


main()
