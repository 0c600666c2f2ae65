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
        self.told = json.loads(self.one.out.splitlines()[-1]) if facts else {}
        self.capture = self.one["captures"][-1]
        equal(self.capture["when"], "end")
        self.names = {n["name"]: n["object"] for n in self.capture["names"] if n["name"] != "facts"}
        self.objects = {o["object"]: o for o in self.capture["objects"]}

    def __getitem__(self, name):
        return self.objects[self.names[name]]

    def told_of(self, o):
        return self.told["facts"].get(str(o["address"]))

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
        if o["kind"] != "other":
            equal(o["head_bytes"] + o["object_bytes"] + counted, o["size_bytes"], f"the parts of {o}")
        memory = bytes.fromhex(told["raw"])
        for f in o["layout"]:
            at = told["before"] + f["offset"]
            if f["field"] in ("ob_refcnt", "_gc_next", "_gc_prev") or at + f["bytes"] > len(memory):
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


main()
