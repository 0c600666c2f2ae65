#!/usr/bin/python3
"""What the bytecode lens shows is what dis shows: here, in a plain interpreter of the same version.

Every code object of every source is looked at by both and compared, member by member.  The sources are those below, and
the standard library: a fixed part of it, all of it with VITRINE_FULL=1.
"""
import dis
import json
import os
import pathlib
import re
import sys
import tempfile
import types
import warnings

from corpus import SOURCES, library
from lens import GIL, PYTHON, RUNTIME, VERSION, Snippet, check, equal, look, main, passes  # noqa: E402

# The order of a frozenset follows the hashes.
if os.environ.get("PYTHONHASHSEED") != "0":
    os.execve(PYTHON, [PYTHON, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})

warnings.simplefilter("ignore")
LONGEST = 32768  # characters of a constant
RECORD = 8 << 20  # bytes of a code object


def nested(code):
    yield code
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            yield from nested(c)


def in_order(m):
    return f"frozenset({sorted(m[1].split(', '))})"


# A set among the constants may be made once more of its elements, or be one that was there before (intern_one_constant() in
# Objects/codeobject.c without a GIL, and in 3.15): which of those that collide comes first is then not the source's to say.
REMADE = VERSION >= (3, 15) or not getattr(sys, "_is_gil_enabled", lambda: True)()


def plain(text):
    """Without addresses; a set with None, whose hash is one, or that is made anew in one order, of a long one the beginning."""
    text = re.sub(r"(<code object [^\n]*?) at 0x[0-9a-f]+", r"\1", text)
    if "frozenset({" in text and (REMADE or "None" in text or "Ellipsis" in text):
        text = re.sub(r"frozenset\(\{(.*?)\}\)", in_order, text)
        text = re.sub(r"frozenset\(\{.*…$", "frozenset({…", text) if REMADE else text
    return text


def cut(text):
    """A long constant, as the contract has it."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def qualname(code):
    return code.co_qualname if VERSION >= (3, 11) else code.co_name


def table(code):
    """Before 3.11 there is none: blocks are set up by instructions."""
    entries = dis._parse_exception_table(code) if VERSION >= (3, 11) else ()
    return [{m: getattr(e, m) for m in ("start", "end", "target", "depth", "lasti")} for e in entries]


def one_instruction(i, line, offset=None, op=None, opcode=None, arg=None, argrepr=None):
    """A member of "instructions", of what dis gives; or one beside it, of which more is said."""
    positions = list(i.positions) if VERSION >= (3, 11) else [line, None, None, None]
    own = op is None
    return {"offset": i.offset if own else offset, "op": i.opname if own else op, "opcode": i.opcode if own else opcode,
            "arg": i.arg if own else arg, "argrepr": plain(cut(i.argrepr if own else argrepr)),
            "line": positions[0], "positions": positions, "jump_target": i.is_jump_target if own else False}


def instructions(code, caches):
    """What dis.get_instructions() gives.  Before 3.11 a line is told where it begins; from 3.13 on entries of caches are told
    with their instruction, and dis.dis(show_caches=True) writes them as lines of their own."""
    line = None
    for i in dis.get_instructions(code, **({"show_caches": caches} if (3, 11) <= VERSION < (3, 13) else {})):
        if VERSION < (3, 11):
            line = i.starts_line if i.starts_line is not None else line
        yield one_instruction(i, line)
        at = i.offset
        for name, size, data in i.cache_info or () if caches and VERSION >= (3, 13) else ():
            for n in range(size):
                at += 2
                yield one_instruction(i, line, at, "CACHE", 0, 0, "" if n else f"{name}: {int.from_bytes(data, sys.byteorder)}")


def reference(code, caches=False):
    """The members of a code object, from the code object and dis."""
    constants = [repr(c) for c in code.co_consts]
    return {
        "name": code.co_name, "qualname": qualname(code), "first_line": code.co_firstlineno,
        "flags": dis.pretty_flags(code.co_flags).split(", ") if code.co_flags else [],
        "stack_size": code.co_stacksize, "arg_count": code.co_argcount,
        "posonly_arg_count": code.co_posonlyargcount, "kwonly_arg_count": code.co_kwonlyargcount,
        "names": list(code.co_names), "varnames": list(code.co_varnames), "freevars": list(code.co_freevars),
        "cellvars": list(code.co_cellvars), "consts": [plain(cut(c)) for c in constants], "truncated": any(cut(c) != c for c in constants),
        "exception_table": table(code), "instructions": list(instructions(code, caches)),
    }


# What nothing comes after, by the documents of dis.
LAST = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT"}
SETUPS = {"SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"}


def check_targets(rows, code):
    """Where jumps go: argval of dis. END_ASYNC_FOR of 3.14 and later only names its SEND."""
    told = {i.offset: i.argval for i in dis.get_instructions(code)
            if i.opcode in {*dis.hasjrel, *dis.hasjabs} and i.opname != "END_ASYNC_FOR"}
    equal({i["offset"]: i["target"] for i in rows if i["target"] is not None}, told)


def edges(rows, code):
    """Each way from one instruction to another: (of which, to which offset, how deep the stack is told to be there)."""
    for i, after in zip(rows, [*rows[1:], None]):
        if i["stack"] is None:
            continue
        before, *to = i["stack"]
        if i["op"] in LAST:
            equal(to[0], None, i)
        else:
            equal(to[0] - before, dis.stack_effect(i["opcode"], i["arg"], jump=False), i)
            yield i, after["offset"], to[0]
        equal(len(to), 1 if i["target"] is None else 2, i)
        if i["target"] is not None:
            equal(to[1] - before, dis.stack_effect(i["opcode"], i["arg"], jump=True), i)
            yield i, i["target"], to[1]
        for e in table(code):
            if e["start"] <= i["offset"] < e["end"]:  # the exception, and where it was raised when that is kept
                yield i, e["target"], e["depth"] + e["lasti"] + 1


def check_stack(rows, code):
    """The compiler's own reckoning judges: whichever way an instruction is come to, the stack is as deep there, and at its deepest
    it is what the frame has room for: of nearly all code, for room is made too for what is left out later. From 3.13 on there is room
    for one at least. True when it is as deep."""
    by_offset = {i["offset"]: i for i in rows}
    deepest = 0
    for i, to, depth in edges(rows, code):
        assert by_offset[to]["stack"] is not None, (i, to)
        equal(by_offset[to]["stack"][0], depth, (qualname(code), i, to))
        deepest = max(deepest, depth, i["stack"][0])
    came = {0, *(to for _, to, _ in edges(rows, code))}
    equal({i["offset"] for i in rows if i["stack"] is not None}, came, qualname(code))
    room = code.co_stacksize
    assert deepest <= room, (qualname(code), deepest, room)
    return deepest == room or VERSION >= (3, 13) and (deepest, room) == (0, 1)


def check_blocks(blocks, rows, code):
    """They follow each other without a gap; all that is jumped to, and what comes after a jump, begins one; what they lead to too."""
    starts = [b["start"] for b in blocks]
    equal([b["end"] for b in blocks], [*starts[1:], len(code.co_code)])
    at = dict(zip(starts, blocks))
    handlers = {i["offset"]: e["target"] for i in rows for e in table(code) if e["start"] <= i["offset"] < e["end"]}
    lead = 0
    for i, after in zip(rows, [*rows[1:], None]):
        lead = i["offset"] if i["offset"] in at else lead
        b = at[lead]
        assert i["target"] is None or i["target"] in at, i
        equal(handlers.get(i["offset"]), None if i["op"] in SETUPS else b["handler"] if VERSION >= (3, 11) else None, i)
        if i["offset"] == lead:
            equal(b["depth"], i["stack"] and i["stack"][0], i)
        ends = after is None or after["offset"] in at
        assert ends or i["target"] is None and i["op"] not in LAST, i
        if ends:
            equal(b["next"], None if i["op"] in LAST else after["offset"], i)
            equal(b["handler" if i["op"] in SETUPS else "jump"], i["target"], i)


AS_DEEP = {True: 0, False: 0}  # code objects whose stack is as deep as the compiler said


def check_flow(shown, code):
    """Takes away what is beside dis, once it is right."""
    rows = [i for i in shown["instructions"] if i["op"] != "CACHE"]
    check_targets(rows, code)
    AS_DEEP[check_stack(rows, code)] += 1
    check_blocks(shown.pop("blocks"), rows, code)
    for i in shown["instructions"]:
        assert i["op"] != "CACHE" or (i["target"], i["stack"]) == (None, None), i
        del i["target"], i["stack"]


def normal(shown):
    shown["consts"] = [plain(c) for c in shown["consts"]]
    for i in shown["instructions"]:
        i["argrepr"] = plain(i["argrepr"])
    return shown


def difference(got, expected):
    """Where two values first part, in words."""
    if isinstance(got, dict) and isinstance(expected, dict) and got.keys() == expected.keys():
        return next((f".{k}{d}" for k in got if (d := difference(got[k], expected[k]))), "")
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        return next((f"[{n}]{d}" for n, (a, b) in enumerate(zip(got, expected)) if (d := difference(a, b))), "")
    return "" if type(got) is type(expected) and got == expected else f": expected {expected!r:.300}, got {got!r:.300}"


def compare(one, path, caches=False):
    """Compares a pass with the reference; the number of instructions."""
    codes = list(nested(compile(path.read_bytes(), str(path), "exec", dont_inherit=True)))
    shown = one.lens.get("code_objects", [])
    assert not one.cut, f"{path}: something was left out"
    equal([s["qualname"] for s in shown], [qualname(c) for c in codes], f"{path}: code objects in order")
    for s, c in zip(shown, codes):
        check_flow(s, c)
        where = difference(normal(s), reference(c, caches))
        assert not where, f"{path}: {qualname(c)}{where}"
    equal(one["truncated"], any(s["truncated"] for s in shown), path)
    return sum(len(s["instructions"]) for s in shown)


@check("the standard library")
def _():
    files = list(dict.fromkeys(library()))
    total = 0
    for at in range(0, len(files), 20):
        batch = files[at:at + 20]
        for one, path in zip(passes("static", batch)[0], batch):
            total += compare(one, path)
    assert AS_DEEP[False] < AS_DEEP[True] / 100, AS_DEEP
    # An eighteenth of what is installed, which differs.
    assert len(files) > 15 and total > 15_000, (len(files), total)
    print(f"# {len(files)} files, {total} instructions; as deep as the compiler said: {AS_DEEP}")


def big_dict(n):
    return "x = {\n" + "".join(f"'k{i}': {i},\n" for i in range(n)) + "}\n"


@check("sources with what is rare")
def _():
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for n, source in enumerate(SOURCES.values()):
            files.append(pathlib.Path(directory, f"s{n}.py").resolve())
            files[-1].write_bytes(source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape"))
        for name, path, one in zip(SOURCES, files, passes("static", files)[0]):
            assert compare(one, path) > 0, name


@check("the rare is in them: EXTENDED_ARG twice over, tables, columns")
def _():
    # A check of this test's own sources, so that they are what they say.
    def instructions(name):
        return [i for c in nested(compile(SOURCES[name], "", "exec")) for i in dis.get_instructions(c)]
    assert any(i.opname == "LOAD_CONST" and i.arg > 255 for i in instructions("many constants"))
    assert any("JUMP" in i.opname and i.arg > 65535 for i in instructions("a jump over 65536 code units"))
    if VERSION < (3, 11):
        return
    assert any(i.positions.col_offset and i.positions.col_offset > 65535 for i in instructions("positions beyond 255"))
    assert any(i.positions.lineno and i.positions.lineno > 70000 for i in instructions("lines far apart"))
    equal(max(len(dis._parse_exception_table(c)) for c in nested(compile(SOURCES["nested finally"], "", "exec"))) > 10, True)


@check("with caches")
def _():
    if VERSION < (3, 11):
        return "there are none before 3.11"
    for name in ("match", "async", "classes", "operators", "long branches"):
        s = Snippet(SOURCES[name])
        one = s.look("static", options=["bytecode.show_caches=1"])
        assert any(i["op"] == "CACHE" for c in one["code_objects"] for i in c["instructions"])
        compare(one, s.path, caches=True)


@check("a source that is no program: nothing, and the exception")
def _():
    one = look("def f(:\n", "static")
    equal(one.lens, {})
    equal((one.run["exception"]["type"], one.run["exception"]["phase"], one.run["exception"]["line"]), ("SyntaxError", "compile", 1))


@check("nothing runs in the static pass")
def _():
    one = look("print('ran')\n1/0\n", "static")
    equal((one.out, one.status, "exception" in one.run), (b"", 0, False))


def module(one):
    return one["code_objects"][0]


@check("a constant of 32768 characters is whole, one more is cut and said so")
def _():
    for n, cut in ((LONGEST, False), (LONGEST + 1, True)):
        text = "a" * (n - 2)  # and two quotation marks
        one = look(f"x = '{text}'\ny = 'b'\n", "static")
        shown = repr(text) if not cut else repr(text)[:LONGEST] + "…"
        equal(module(one)["consts"][0], shown)
        equal([i["argrepr"] for i in module(one)["instructions"] if i["op"] == "LOAD_CONST"][:2], [shown, "'b'"])
        equal((module(one)["truncated"], one["truncated"]), (cut, cut))


@check("an int that may not be written as digits hides nothing")
def _():
    # dis itself raises here: repr() of such an int is refused.
    source = f"x = 0x1{'0' * 5000}\ny = (1, 0x1{'0' * 5000}, 'a'), (0x1{'0' * 5000},)\nz = x in {{0x1{'0' * 5000}}}\ndef f(): return 3\n"
    code = compile(source, "", "exec")
    if not hasattr(sys, "get_int_max_str_digits"):
        return "this version writes every int"
    try:
        list(dis.get_instructions(code))
        raise AssertionError("dis can write it: this check is out of date")
    except ValueError:
        pass
    one = look(source, "static")
    big = "<int of 20001 bits>"
    equal({big, f"((1, {big}, 'a'), ({big},))", f"frozenset({{{big}}})"} - set(module(one)["consts"]), set())
    equal([i["offset"] for i in module(one)["instructions"]], [found[0] for found in dis._unpack_opargs(code.co_code)])
    equal([c["name"] for c in one["code_objects"]], ["<module>", "f"])
    equal(one["truncated"], False)


@check("a code object larger than a record keeps the instructions that fit")
def _():
    source = big_dict(30_000)
    code = compile(source, "", "exec")
    whole = reference(code)
    assert len(json.dumps(whole)) > RECORD
    one = look(source + "def f(): pass\n", "static")
    shown = normal(module(one))
    assert shown["truncated"] is True and one["truncated"] is True
    for i in shown["instructions"]:
        del i["target"], i["stack"]
    n = len(shown["instructions"])
    assert len(whole["instructions"]) // 4 <= n < len(whole["instructions"]), n
    equal(difference(shown["instructions"], whole["instructions"][:n]), "")
    equal(difference(shown["names"], [*whole["names"], "f"]), "")
    equal([c["name"] for c in one["code_objects"]], ["<module>", "f"])


@check("a report that is full says so")
def _():
    one = look("\n".join(f"def f{i}():\n " + ";".join(f"a{j}" for j in range(2000)) for i in range(60)), "static")
    assert one["truncated"] is True if "truncated" in one.lens else one.cut
    assert one.cut and len(one["code_objects"]) > 15, len(one["code_objects"])
    assert all(not c["truncated"] for c in one["code_objects"][1:15])


WARM = {
    "loops": "def f(n):\n    t = 0\n    for i in range(n):\n        t += i * 2\n    return t\nfor j in range(20): f(30)\n",
    "attributes": "class A:\n    x = 1\n    def __init__(self): self.y = 2\n    def m(self): return self.x + self.y\na = A()\nfor i in range(100): a.m(); a.y = i; A.x\n",
    "calls": "def g(a, b=1): return a\ndef h(): return g(1), g(1, 2), len([]), isinstance(1, int), str(1), type(1), [].append(1), 'a'.join('b')\nfor i in range(100): h()\n",
    "containers": "d = {'a': 1}\nl = [1, 2]\nt = (1, 2)\ndef f():\n    d['a']; l[0]; t[1]; d['b'] = 1; l[0] = 2; a, b = t; c, *e = l\n    return 'a' + 'b' == 'ab', 1 < 2, 1.5 + d['a'] * 2.0\nfor i in range(100): f()\n",
    "many types": "def f(a, b): return a + b\nfor i in range(200):\n    f(1, 2); f('a', 'b'); f(1.0, 2.0); f([1], [2])\n",
    "few times": "def f(a): return a + 1\nfor i in range(6): f(1)\n",
    "never called": "def f(a): return a + 1\n",
    "generators": "def g(n):\n    for i in range(n): yield i\nfor i in range(30):\n    for j in g(10): pass\n[k for i in range(30) for k in (1, 2)]\n",
    "methods and globals": "import math\nx = 1\ndef f(): return math.sqrt(x) + abs(-x)\nfor i in range(50): f()\n",
    "ended by an exception": "def f(a):\n    for i in range(100): a += i\n    raise ValueError(a)\nfor i in range(10):\n    try: f(i)\n    except ValueError: pass\nf(0)\n",
    "ended by exit": "import sys\ndef f(a): return a * a\nfor i in range(100): f(i)\nsys.exit(3)\n",
    "a constant that repr refuses": f"x = 0x1{'0' * 5000}\nfor i in range(100): i + 1\n",
}
SPECIALIZE = """
import dis, json, sys, types
with open("main.py", "rb") as f:
    code = compile(f.read(), "main.py", "exec", dont_inherit=True)
space = {"__name__": "__main__", "__builtins__": __builtins__}
try:
    exec(code, space)
except BaseException:
    pass
class View:  # a code object without its constants, which dis may not be able to write
    def __init__(self, code): self.code, self.co_consts = code, [None] * len(code.co_consts)
    def __getattr__(self, name): return getattr(self.code, name)
def nested(code):
    yield code
    for c in code.co_consts:
        if isinstance(c, types.CodeType): yield from nested(c)
def found(code, **more):
    try:
        return list(dis.get_instructions(code, **more))
    except ValueError:
        return list(dis.get_instructions(View(code), **more))
def names(code, adaptive):
    return [i.opname for i in found(code, adaptive=adaptive)]
def caches(code):  # by offset of what they belong to: [name, value] of each
    out = {}
    if sys.version_info >= (3, 13):
        for i in found(code, adaptive=True):
            out[i.offset] = [[name, int.from_bytes(data, sys.byteorder)] for name, size, data in i.cache_info or ()]
        return out
    for i in found(code, adaptive=True, show_caches=True):
        if i.opname != "CACHE":
            row = out[i.offset] = []
        elif i.argrepr:
            name, value = i.argrepr.split(": ")
            row.append([name, int(value)])
    return out
codes = list(nested(code))
json.dump({"special": [[b if a != b else None for a, b in zip(names(c, False), names(c, True))] for c in codes],
           "caches": [caches(c) for c in codes]}, sys.__stdout__)
"""


def adaptive(function):
    return function if VERSION >= (3, 11) else lambda: "nothing is specialised before 3.11"


def check_cache(shown, told, special):
    """What dis tells of the caches of the same program in another process. Versions of types, keys and functions, and addresses,
    are each process's own; counters are not. How one is put together: pycore_code.h of 3.11 and 3.12, later pycore_backoff.h."""
    if not told:  # dis of 3.11 and 3.12 tells of none that is not specialised
        assert shown is None or VERSION < (3, 13) and not special, (shown, special)
        return
    equal(list(shown), [name for name, _ in told])
    for name, value in told:
        if name != "counter":
            assert isinstance(shown[name], str) == (name == "descr"), (name, shown)
            continue
        bits = 3 if VERSION >= (3, 15) else 4
        whole = shown["counter"]["value"]
        if shown["counter"]["backoff"] is None:
            assert VERSION < (3, 12) and special and not special.endswith("_ADAPTIVE"), (special, shown)
        else:
            whole = whole << bits | shown["counter"]["backoff"]
        equal(whole, value, (special, shown))


@check("adaptive: counters of what always met the same, of what did not, and of what was never come to")
@adaptive
def _():
    if not GIL:
        return "nothing is specialised without a GIL"
    source = "def same(a, b): return a + b\ndef other(a, b): return a + b\nfor i in range(500):\n    same(1, 2)\n    other(*[(1, 2), ('a', 'b'), ([], []), (1.0, 2.0), ((), ())][i % 5])\ndef never(a, b): return a + b\n"
    one = look(source, "adaptive")
    same, other, never = (next(i for i in c["instructions"] if i["op"] == "BINARY_OP") for c in one["code_objects"][1:])
    # miss_counter_start() of 3.11; ADAPTIVE_COOLDOWN_VALUE and _BACKOFF of pycore_code.h later: neither was ever counted down.
    equal(same["cache"]["counter"], {"value": 53, "backoff": None} if VERSION < (3, 12) else {"value": 52, "backoff": 0})
    equal(same["specialized"], "BINARY_OP_ADD_INT")
    assert other["cache"]["counter"] != same["cache"]["counter"], other
    # Quickened code of 3.11 begins at 0; ADAPTIVE_WARMUP_VALUE and _BACKOFF of pycore_code.h later.
    equal((never["specialized"], never["cache"]["counter"]), (None, {"value": 0, "backoff": 0} if VERSION < (3, 12) else {"value": 1, "backoff": 1}))


@check("adaptive: what each instruction had become, as after the same run in a plain interpreter")
@adaptive
def _():
    seen = set()
    for name, source in WARM.items():
        s = Snippet(source)
        one = s.look("adaptive")
        done = s.plain(code=SPECIALIZE)
        assert done.stdout, done.stderr.decode()
        said = json.loads(done.stdout)
        equal([[i["specialized"] for i in c["instructions"]] for c in one["code_objects"]], said["special"], name)
        static = s.look("static")
        for a, b, caches in zip(one["code_objects"], static["code_objects"], said["caches"]):
            for i in a["instructions"]:
                check_cache(i["cache"], caches[str(i["offset"])], i["specialized"])
                del i["cache"]
                seen.add(i.pop("specialized"))
            equal(difference(normal(a), normal(b)), "", name)
        equal(one["truncated"], False)
    if not GIL:  # "The specializing adaptive interpreter is disabled in the free-threaded build" (What's New In 3.13)
        equal(seen, {None})
        return
    equal({None, "BINARY_OP_ADD_INT", "LOAD_ATTR_INSTANCE_VALUE", "STORE_SUBSCR_DICT", "PRECALL_NO_KW_LEN" if VERSION < (3, 12) else "CALL_LEN"} - seen, set())
    assert len(seen) > 30, sorted(map(str, seen))


@check("adaptive: a program that breaks dis breaks the lens only")
def _():
    one = look("import dis\nfor i in range(100): i + 1\ndis.get_instructions = None\nprint('done')\n", "adaptive")
    equal((one.out, one.status, one.run["end"], one["truncated"]), (b"done\n", 0, 0, True))


main()
