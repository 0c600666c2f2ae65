#!/usr/bin/python3
"""What the ast lens shows is what tokenize, ast, symtable and code objects say: here, in a plain interpreter of the same version.

Every source is looked at by both.  The sources are those of corpus.py, and the standard library: a fixed part of it, all of it
with VITRINE_FULL=1.  Trees are made again out of the rows and compared by ast.dump(); what is a cell, what is free and what is
global is also held against the code objects, which know nothing of symbol tables.
"""
import ast
import dis
import io
import json
import os
import pathlib
import re
import resource
import symtable
import sys
import tempfile
import tokenize
import types
import warnings

from corpus import SOURCES, library
from lens import PYTHON, VERSION, Snippet, check, equal, look, main, passes  # noqa: E402

# The order of a frozenset follows the hashes.
if os.environ.get("PYTHONHASHSEED") != "0":
    os.execve(PYTHON, [PYTHON, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})

warnings.simplefilter("ignore")
PARTS = ["tokens", "tree", "symbols", "code"]
LONGEST, MOST, ROWS, BYTES = 1000, 1000, 20000, 3 << 20  # as docs and contract have them
WORDS = ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop


def short(text):
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def first_difference(got, expected, what):
    for n, (a, b) in enumerate(zip(got, expected)):
        assert a == b, f"{what} {n}: expected {b!r:.500}, got {a!r:.500}"


def stages(one):
    return {s["part"]: s for s in one["stages"]}


def rows_of(one, part):
    """The rows of a part, and whether that is all of them: as many as its stage says."""
    rows = one.lens.get(part, [])
    equal(len(rows), stages(one)[part]["rows"], part)
    return rows, stages(one)[part]["state"] == "whole"


# --- Tokens ---------------------------------------------------------------------------------------------------------------------


def reader(source):
    """Lines as the compiler has them: all three kinds of ends are one."""
    return io.BytesIO(source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).readline


def utf8(text, column):
    """A column in characters as one in bytes; the end of a last line that has none is one behind it."""
    return len(text[:column].encode("utf-8", "surrogatepass")) + max(0, column - len(text))


def reference_tokens(source):
    encoding, _ = tokenize.detect_encoding(reader(source))
    lines = [line.decode(encoding) for line in iter(reader(source), b"")] if encoding != "utf-8-sig" else \
        source.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True)
    if encoding == "utf-8-sig":
        lines = io.StringIO("".join(lines), newline="\n").readlines()

    def place(row, column):
        return utf8(lines[row - 1] if 0 < row <= len(lines) else "", column)
    for t in tokenize.tokenize(reader(source)):
        yield {"type": tokenize.tok_name[t.type], "exact": tokenize.tok_name[t.exact_type], "string": short(t.string),
               "positions": [t.start[0], t.end[0], place(*t.start), place(*t.end)], **({"cut": True} if len(t.string) > LONGEST else {})}


def compare_tokens(one, source, path):
    rows, whole = rows_of(one, "tokens")
    expected = list(reference_tokens(source))
    first_difference(rows, expected, f"{path}: token")
    cut = any(t.get("cut") for t in expected)
    if len(expected) <= ROWS and not cut:
        equal((len(rows), whole), (len(expected), True), path)
    elif not cut:
        assert not whole and (len(rows) == ROWS or stages(one)["tokens"]["why"] == "they take more than 3 MiB"), path
    return len(rows)


# --- The tree -------------------------------------------------------------------------------------------------------------------


def written(value):
    """A constant as the lens writes it."""
    try:
        return short(repr(value))
    except ValueError:
        return f"<int of {value.bit_length()} bits>" if isinstance(value, int) else "?"


class Written(ast.NodeTransformer):
    """Constants become the texts that they are shown as."""

    def visit_Constant(self, node):
        node.value = written(node.value)
        return node

    def visit_MatchSingleton(self, node):
        node.value = written(node.value)
        return node

    def generic_visit(self, node):
        for field, value in ast.iter_fields(node):
            if isinstance(value, str):
                setattr(node, field, short(value))
        return super().generic_visit(node)


def made_again(rows):
    """The tree that the rows tell of."""
    made = []
    for row in rows:
        if row["type"] is None:
            made.append(None)
        else:
            kind = getattr(ast, row["type"])
            node = kind.__new__(kind)  # from 3.15 on it cannot be made without its fields
            for field in node._fields:
                setattr(node, field, None)
            for field, value in row["values"].items():
                setattr(node, field, word(value) if field in ("ctx", "op", "ops") else value)
            if row["positions"]:
                node.lineno, node.end_lineno, node.col_offset, node.end_col_offset = row["positions"]
            made.append(node)
        if row["parent"] is not None:
            put(made[row["parent"]], row, made[-1])
    return made[0]


def word(value):
    """Load, Add, [Lt, Is]: nodes by their names."""
    return [word(v) for v in value] if isinstance(value, list) else getattr(ast, value)()


def put(parent, row, node):
    if row["index"] is None:
        setattr(parent, row["field"], node)
        return
    if getattr(parent, row["field"]) is None:
        setattr(parent, row["field"], [])
    elements = getattr(parent, row["field"])
    equal(len(elements), row["index"], "the elements of a list come in order")
    elements.append(node)


def without_empty(node):
    """What is None and what is an empty list look the same in the rows, which have neither."""
    for n in ast.walk(node):
        for field in n._fields:
            if getattr(n, field, None) == []:
                setattr(n, field, None)
    return node


def in_order(tree):
    """Nodes, each before those below it."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        left += [n for n in reversed(list(ast.iter_child_nodes(node))) if not isinstance(n, WORDS)]


def compare_tree(one, source, path):
    rows, whole = rows_of(one, "tree")
    tree = ast.parse(source)
    types_ = [type(n).__name__ for n in in_order(tree)]
    shown = [r["type"] for r in rows if r["type"] is not None]
    first_difference(shown, types_, f"{path}: node")
    if len(types_) < ROWS * 0.95 and not stages(one)["tree"]["why"]:
        equal((len(shown), whole), (len(types_), True), path)
    if whole:
        # As deep as the tree is, which the recursion of ast.dump() has to be.
        sys.setrecursionlimit(20_000)
        got = ast.dump(without_empty(made_again(rows)), include_attributes=True)
        expected = ast.dump(without_empty(Written().visit(tree)), include_attributes=True)
        if got != expected:
            at = next(i for i, (a, b) in enumerate(zip(got + "\0", expected + "\0")) if a != b)
            raise AssertionError(f"{path}: expected …{expected[at - 200:at + 100]}, got …{got[at - 200:at + 100]}")
    return len(rows)


# --- Scopes and code ------------------------------------------------------------------------------------------------------------


def preorder(root, inside):
    left = [(root, None)]
    n = -1
    while left:
        one, parent = left.pop()
        n += 1
        yield one, parent
        left += [(c, n) for c in reversed(inside(one))]


def calm(text):
    """None and Ellipsis are hashed by where they are, so that their place in a frozenset is another in each process."""
    if "frozenset({" in text and ("None" in text or "Ellipsis" in text):
        text = re.sub(r"frozenset\(\{(.*?)\}\)", lambda m: f"frozenset({sorted(m[1].split(', '))})", text)
    return text


def codes_in(code):
    return [c for c in code.co_consts if isinstance(c, types.CodeType)]


PREDICATES = ["parameter", "imported", "assigned", "referenced", "annotated", "declared_global", "nonlocal", "namespace",
              "type_parameter", "free_class", "comp_iter", "comp_cell"]


def reference_symbol(table, name):
    s = table.lookup(name)
    return {p for p in PREDICATES if hasattr(s, "is_" + p) and getattr(s, "is_" + p)()}


def scope_by_api(table, name):
    """The scope as far as the public interface of symtable tells it: a cell is a local there, before 3.15."""
    s = table.lookup(name)
    if s.is_free():
        return {"free"}
    if s.is_declared_global():
        return {"global explicit"}
    if s.is_global() and not (table.get_type() == "module" and s.is_local()):
        return {"global implicit"}
    return {"local", "cell"}


def by_code(code, name):
    """The scope by the code object alone, or None where it does not tell."""
    if name in code.co_cellvars:
        return {"cell"}
    if name in code.co_freevars:
        return {"free"}
    if name in code.co_varnames:
        return {"local"}
    return None


def uses(code):
    found = {}
    for i in dis.get_instructions(code.replace(co_consts=(None,) * len(code.co_consts))):
        if i.opname.startswith(("LOAD_", "STORE_", "DELETE_", "MAKE_")) and not re.search("ATTR|METHOD|CONST|SMALL_INT", i.opname):
            for name in i.argval if isinstance(i.argval, tuple) else (i.argval,):
                if isinstance(name, str) and i.opname in dis.opmap:
                    found.setdefault(name, []).append(i.opname)
    return {name: list(dict.fromkeys(ops)) for name, ops in found.items()}


def codes_of(one, source, path):
    """The code objects, compared with the rows."""
    rows, whole = rows_of(one, "code")
    codes = list(preorder(compile(source, str(path), "exec", dont_inherit=True), codes_in))
    for row, (code, parent) in zip(rows, codes):
        where = f"{path}: {code.co_name}"
        equal((row["parent"], row["name"], row["qualname"], row["first_line"]),
              (parent, short(code.co_name), short(code.co_qualname if VERSION >= (3, 11) else code.co_name), code.co_firstlineno), where)
        equal((row["arg_count"], row["posonly_arg_count"], row["kwonly_arg_count"], row["stack_size"]),
              (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_stacksize), where)
        equal(row["flags"], dis.pretty_flags(code.co_flags).split(", ") if code.co_flags else [], where)
        for names in ("varnames", "cellvars", "freevars", "names"):
            equal(row[names], [short(n) for n in getattr(code, "co_" + names)][:MOST], f"{where}: {names}")
        equal(list(map(calm, row["consts"])),
              [calm(short(f"<code object {c.co_name}, line {c.co_firstlineno}>" if isinstance(c, types.CodeType) else written(c)))
               for c in code.co_consts][:MOST], where)
    if whole:
        equal(len(rows), len(codes), path)
    return codes


def compare_symbols(one, source, path, codes):
    """How many tables there are, and of how many of them the code object is told."""
    rows, whole = rows_of(one, "symbols")
    top = symtable.symtable(source, str(path), "exec")
    tables = list(preorder(top, lambda t: t.get_children()))
    if whole:
        equal(len(rows), len(tables), path)
    seen = set()
    budget = 50_000  # instructions that are looked at
    for row, (table, parent) in zip(rows, tables):
        where = f"{path}: {table.get_name()} in line {table.get_lineno()}"
        equal((row["name"], row["type"], row["line"], row["nested"], row["optimized"], row["parent"]),
              (short(table.get_name()), str(table.get_type()), table.get_lineno(), table.is_nested(), table.is_optimized(), parent), where)
        symbols = {s["name"]: s for s in row["symbols"]}
        assert len(symbols) == len(row["symbols"]), where
        if not row.get("cut"):
            equal(set(symbols), set(table.get_identifiers()), where)
        for name, s in symbols.items():
            equal(set(s["flags"]), reference_symbol(table, name), f"{where}: {name}")
            assert s["scope"] in scope_by_api(table, name), f"{where}: {name} is {s['scope']}, by symtable {scope_by_api(table, name)}"
        if row["code"] is None:
            assert all(s["ops"] is None for s in row["symbols"]), where
            continue
        assert row["code"] not in seen, f"{where}: its code object is told of two tables"
        seen.add(row["code"])
        code, around = codes[row["code"]]
        budget -= len(code.co_code) // 2
        compare_with_code(rows, row, table, code, around, symbols, where, budget >= 0)
    # 3.14 has a scope for the annotations of each function, whether there are any or not.
    idle = sum(r["type"] == "annotation" and r["code"] is None for r in rows)
    return len(rows) - idle, sum(r["code"] is not None for r in rows)


def compare_with_code(rows, row, table, code, around, symbols, where, looked):
    if row["parent"] is not None:
        equal(rows[row["parent"]]["code"], around, where)
    if table.get_type() == "function":
        n = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        equal(set(table.get_parameters()), set(code.co_varnames[:n]), where)
    used = uses(code)
    for name, s in symbols.items():
        if looked:
            equal(s["ops"], used.get(name, []), f"{where}: {name}")
        else:
            assert s["ops"] is None
        told = by_code(code, name)
        if table.get_type() == "function" and told is not None:
            assert s["scope"] in told, f"{where}: {name} is {s['scope']}, by its code {told}"
        if s["scope"] in ("cell", "free") and table.get_type() in ("function", "module"):
            assert told is not None, f"{where}: {name} is {s['scope']}, and its code does not know it"
        if s["scope"] in ("global explicit", "global implicit") and table.get_type() == "function":
            assert not any("FAST" in op or "DEREF" in op for op in s["ops"] or ()), f"{where}: {name}: {s}"


# --- All of it ------------------------------------------------------------------------------------------------------------------


def compare(one, path):
    """Compares a pass with the reference; numbers of tokens, nodes, tables, and tables with code."""
    source = path.read_bytes()
    assert not one.cut, f"{path}: something was left out"
    equal([s["part"] for s in one["stages"]], PARTS, path)
    equal([s["error"] for s in one["stages"]], [None] * 4, path)
    equal(one["truncated"], any(s["state"] != "whole" for s in one["stages"]), path)
    codes = codes_of(one, source, path)
    return (compare_tokens(one, source, path), compare_tree(one, source, path), *compare_symbols(one, source, path, codes))


@check("the standard library")
def _():
    files = list(dict.fromkeys(library()))
    totals = [0, 0, 0, 0]
    for at in range(0, len(files), 20):
        batch = files[at:at + 20]
        for one, path in zip(passes("static", batch, lenses="ast")[0], batch):
            totals = [a + b for a, b in zip(totals, compare(one, path))]
    # An eighteenth of what is installed, which differs.
    assert len(files) > 15 and totals[0] > 15_000 and totals[1] > 15_000, (len(files), totals)
    # Scopes whose code cannot be told apart from its neighbours', or that the compiler leaves out as never reached.
    assert totals[3] > 0.99 * totals[2], totals
    print(f"# {len(files)} files, {totals[0]} tokens, {totals[1]} nodes, {totals[2]} tables, {totals[3]} with their code")


@check("sources with what is rare")
def _():
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for n, source in enumerate(SOURCES.values()):
            files.append(pathlib.Path(directory, f"s{n}.py").resolve())
            files[-1].write_bytes(source if isinstance(source, bytes) else source.encode("utf-8", "surrogateescape"))
        for name, path, one in zip(SOURCES, files, passes("static", files, lenses="ast")[0]):
            assert compare(one, path)[1] > 0, name


@check("ends of lines of all three kinds, and none, are lines as the compiler counts them")
def _():
    s = Snippet(b"a = 1\rb = 2\r\nif c:\r  d = '''x\r\ny\rz'''\r\r\n\n# last")
    one = s.look("static", lenses="ast")
    compare(one, s.path)
    # By hand: a in line 1, b in 2, d in 4, its string up to 6.
    lines = {t["string"]: t["positions"][:2] for t in one["tokens"] if t["type"] == "NAME"}
    equal({n: lines[n][0] for n in "abcd"}, {"a": 1, "b": 2, "c": 3, "d": 4})
    equal([t["positions"] for t in one["tokens"] if t["type"] == "STRING"], [[4, 6, 6, 4]])


@check("columns are bytes of UTF-8, in all parts")
def _():
    source = "x = 'é🐍' + größe\n"
    one = look(source, "static", lenses="ast")
    # é is two bytes, the snake four: the string takes 4 to 12, the name 15 to 22.
    equal([t["positions"][2:] for t in one["tokens"] if t["type"] in ("STRING", "NAME")], [[0, 1], [4, 12], [15, 22]])
    equal([r["positions"] for r in one["tree"] if r["type"] in ("Constant", "Name")], [[1, 1, 0, 1], [1, 1, 4, 12], [1, 1, 15, 22]])


@check("a name becomes an instruction, as the interpreter's tutorial has it")
def _():
    # By the language reference, 4.2.2, and dis: a parameter that is used inside is a cell, there it is free; what is bound
    # is local; what is not is global.
    one = look("def outer(a, b):\n    def inner():\n        return a, len\n    c = b\n    return inner\n", "static", lenses="ast")
    outer, inner = ({s["name"]: (s["scope"], s["ops"]) for s in t["symbols"]} for t in one["symbols"] if t["type"] == "function")
    equal({n: scope for n, (scope, _) in outer.items()}, {"a": "cell", "b": "local", "c": "local", "inner": "local"})
    equal({n: scope for n, (scope, _) in inner.items()}, {"a": "free", "len": "global implicit"})
    equal(inner["len"][1], ["LOAD_GLOBAL"])
    equal(inner["a"][1], ["LOAD_DEREF"])
    assert any("FAST" in op for op in outer["b"][1]) and not any("DEREF" in op for op in outer["b"][1]), outer


# --- Sources that are no programs -----------------------------------------------------------------------------------------------

NO_PROGRAMS = {  # source -> the part that is where it ends, the text that the error points at
    "def f(:\n": ("tree", ":"),
    "größe = 1\nx = (größe, @)\n": ("tree", "@"),
    "def f():\n    é = 1; nonlocal ö\n": ("symbols", "nonlocal ö"),
    "é = 1; return é\n": ("code", "return é"),
    b"# coding: latin-1\n\xe9 = (\xe9, @)\n": ("tree", "@"),
    b"\xef\xbb\xbf\xc3\xa9 = (1, @)\n": ("tree", "@"),
    "def f():\n  é; global a; a = 1\n  b; break\n": ("code", "break"),
}


@check("a source that is no program is shown up to where it ends")
def _():
    for source, (part, text) in NO_PROGRAMS.items():
        raw = source if isinstance(source, bytes) else source.encode()
        s = Snippet(source)
        one = s.look("static", lenses="ast,bytecode")
        after = PARTS.index(part)
        equal([t["state"] for t in one["stages"] if t["part"] != "tokens"],
              (["whole"] * 3)[:after - 1] + ["failed"] + (["unreached"] * 3)[:3 - after], source)
        error = stages(one)[part]["error"]
        try:
            compile(raw, str(s.path), "exec")
            raise AssertionError(source)
        except SyntaxError as e:
            equal((error["type"], error["message"], error["positions"][0]), (type(e).__name__, e.msg, e.lineno), source)
        line = raw.decode(tokenize.detect_encoding(reader(raw))[0]).splitlines()[error["positions"][0] - 1].encode()
        assert line[error["positions"][2]:].decode().startswith(text), (source, error)
        first_difference(one["tokens"], list(prefix(reference_tokens(raw))), source)
        equal(one["truncated"], False, source)
        # The lens before it has nothing to say, and the exception is told as ever.
        equal((one.run["exception"]["phase"], one.status), ("compile", 1 << 8))


def prefix(items):
    """What comes before an error."""
    try:
        yield from items
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return


BROKEN_TOKENS = ["x = (1,\n  'é', 2\n", "if x:\n    é\n  ü\n", "'''é\nö", "f(x\n\n\n", b"x = 1\n\xff = 2\n", b"# coding: nothing\nx\n", b"a\n\0b\n"]


@check("tokens are shown up to the error of the tokenizer, and where it is")
def _():
    for source in BROKEN_TOKENS:
        raw = source if isinstance(source, bytes) else source.encode()
        one = look(source, "static", lenses="ast")
        try:
            expected = list(prefix(reference_tokens(raw)))
        except (SyntaxError, UnicodeDecodeError):
            expected = []  # the reference reads all lines beforehand
        try:
            for _ in tokenize.tokenize(reader(raw)):
                pass
            error = None
        except Exception as e:
            error = e
        shown, stage = one.lens.get("tokens", []), stages(one)["tokens"]
        if isinstance(error, UnicodeDecodeError) or expected:
            first_difference(shown, expected, source)
        equal(stage["state"], "failed" if error else "whole", source)
        if isinstance(error, tokenize.TokenError):
            row, column = error.args[1]
            equal(stage["error"]["positions"][:1], [row], source)
            # The tokenizer in C counts from 1, and says 0 where it does not know.
            equal(stage["error"]["positions"][2], column if VERSION < (3, 12) else column - 1 if column else None, source)
        equal(one["truncated"], False, source)


@check("the place of an indentation is that of the line's first character")
def _():
    one = look("if x:\n    é\n  ü\n", "static", lenses="ast")
    e = stages(one)["tokens"]["error"]
    equal((e["type"], e["positions"][0]), ("IndentationError", 3))


# --- What is asked for ----------------------------------------------------------------------------------------------------------


@check("only the parts that are asked for")
def _():
    everything = look("x = 1\n", "static", lenses="ast").lens
    for some in (["tokens"], ["tree", "code"], ["symbols"], PARTS):
        one = look("x = 1\n", "static", lenses="ast", options=[f"ast.parts={p}" for p in some])
        equal([s["part"] for s in one["stages"]], some)
        equal({p: v for p, v in one.lens.items() if p in PARTS}, {p: everything[p] for p in some})
    one = look("f(\n", "static", lenses="ast", options=["ast.parts=code"])
    equal([(s["part"], s["state"], s["error"]["type"]) for s in one["stages"]], [("code", "failed", "SyntaxError")])


@check("nothing of the snippet runs, whatever its files are called")
def _():
    names = ["ast", "dis", "collections", "io", "functools", "linecache", "traceback", "contextlib", "keyword", "symtable", "tokenize", "types", "warnings", "weakref", "enum", "re", "token", "codecs", "opcode"]
    for source in ("print('ran')\n1/0\n", "print('ran'\n"):
        s = Snippet(source, **{n: "print('ran')\nraise SystemExit(9)\n" for n in names})
        for lenses in ("ast", "bytecode", "bytecode,ast"):
            one = s.look("static", lenses=lenses)
            equal((one.out, b"ran" in one.err.replace(source.encode().strip(), b"")), (b"", False))
        equal(len(one["tokens"]) > 4, True)


@check("the bytecode lens shows the same beside it")
def _():
    for source in (SOURCES["classes"], SOURCES["cells"]):
        s = Snippet(source)
        alone, beside = s.look("static"), s.look("static", lenses="bytecode,ast")

        def plain(one):
            return re.sub(r" at 0x[0-9a-f]+", "", repr(one["code_objects"]))
        equal(plain(beside), plain(alone))
        equal(beside["truncated"], False)


@check("the compiler's warnings are given once, as without the lens")
def _():
    s = Snippet("x = '\\d'\nassert (x, 1)\ny = x is 3\n")
    equal(s.look("static", lenses="ast,bytecode").err, s.look("static").err)
    assert s.look("static").err.count(b"Warning") >= 2


# --- Bounds ---------------------------------------------------------------------------------------------------------------------


@check("20000 rows are whole, one more is cut and said so")
def _():
    # ENCODING, NAME and NEWLINE of each line, ENDMARKER; Module, and Expr and Name of each line.
    lines = (ROWS - 2) // 2
    for more in (0, 1):
        one = look("a\n" * (lines + more), "static", lenses="ast", options=["ast.parts=tokens"])
        stage = stages(one)["tokens"]
        equal((stage["rows"], stage["state"], stage["why"]), (ROWS, "cut", "there are more than 20000") if more else (ROWS, "whole", None))
        equal((len(one["tokens"]), one["truncated"]), (ROWS, bool(more)))
    for n in ((ROWS - 1) // 2, (ROWS - 1) // 2 + 1):
        one = look("a\n" * n, "static", lenses="ast", options=["ast.parts=tree"])
        whole = 1 + 2 * n <= ROWS
        equal((len(one["tree"]), stages(one)["tree"]["state"], one["truncated"]), (min(1 + 2 * n, ROWS), "whole" if whole else "cut", not whole))


@check("a text of 1000 characters is whole, one more is cut and said so")
def _():
    for n in (LONGEST, LONGEST + 1):
        name = "é" * n
        one = look(f"{name} = '{'a' * (n - 2)}'\n", "static", lenses="ast")
        cut = n > LONGEST
        expected = short(name)
        equal(one["tokens"][1]["string"], expected)
        equal([r["values"]["id"] for r in one["tree"] if r["type"] == "Name"], [expected])
        equal([r["values"]["value"] for r in one["tree"] if r["type"] == "Constant"], [short(repr("a" * (n - 2)))])
        equal(one["symbols"][0]["symbols"][0]["name"], expected)
        equal(one["code"][0]["names"], [expected])
        equal({s["state"] for s in one["stages"]}, {"cut" if cut else "whole"})
        equal((one["truncated"], one["tokens"][1].get("cut")), (cut, True if cut else None))


@check("1000 names of a scope are whole, one more is cut and said so")
def _():
    for n in (MOST, MOST + 1):
        one = look("def f():\n    " + ";".join(f"n{i} = 1" for i in range(n)), "static", lenses="ast", options=["ast.parts=symbols", "ast.parts=code"])
        (table,), code = [t for t in one["symbols"] if t["type"] == "function"], one["code"][1]
        equal((len(table["symbols"]), table.get("cut")), (MOST, True if n > MOST else None))
        equal((len(code["varnames"]), code.get("cut")), (MOST, True if n > MOST else None))
        equal(one["truncated"], n > MOST)


@check("3 MiB of a part are enough")
def _():
    # A row of the code objects is some 240 bytes.
    one = look("".join(f"def a{i}():0\n" for i in range(20_000 - 1)), "static", lenses="ast", options=["ast.parts=code"])
    stage = stages(one)["code"]
    equal((stage["state"], stage["why"], one["truncated"]), ("cut", "they take more than 3 MiB", True))
    size = sum(len(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()) for row in one["code"])
    assert BYTES < size < BYTES + 100_000, size


M = 1 << 20
HOSTILE = {
    "one long line that is not ASCII": "é=1;" * (M // 60),
    "an identifier as long as a source may be": "a" * M,
    "a string over half a million lines": '"""' + "\n" * (M // 2) + '"""',
    "nothing but ends of lines": "\n" * M,
    "nothing but brackets": "(" * M,
    "nothing but lines that go on": "\\\n" * (M // 2 - 1) + "x",
    "many functions": "".join(f"def a{i}():0\n" for i in range(4000)),
    "many scopes that one name passes through": "def f():\n x = 1\n" + "".join(" " * (i + 1) + f"def g{i}():\n" for i in range(18)) + " " * 30 + "return x\n",
    "many free names": "def f():\n " + ";".join(f"a{i}=1" for i in range(2000)) + "\n def g(): return " + ",".join(f"a{i}" for i in range(2000)) + "\n",
    "an int of a million bits": "x = 0x" + "f" * 250_000,
    "deep on the right": "x = " + "(" * 80 + "1" + ")" * 80,
    "unclosed f-strings": "f'{" * 1000,
    "form feeds": "\f x = 1\n\f\ny = 2\n",
    "bytes that are no text": bytes(range(1, 256)) * 40,
    "surrogates, escaped": "x = '\\ud800'\ny = '\\N{SNOWMAN}'\n",
    "a coding of two bytes": "# coding: shift_jis\nx = '\u3042'\n".encode("shift_jis"),
    "a coding with states": b"# coding: iso2022_jp\nx = '\x1b$B$\"\x1b(B'\n",
    "utf-7": b"# coding: utf-7\nx = '+AOk-'\n",
    "a mark and a coding that disagree": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
}


@check("sources that work against it: the lens ends, what it says is JSON, and bytecode is as without it")
def _():
    for name, source in HOSTILE.items():
        s = Snippet(source)
        alone, one = s.look("static"), s.look("static", lenses="bytecode,ast")
        equal((one.status, one.out, one.cut), (alone.status, alone.out, alone.cut), name)
        if one.cut:
            continue  # the bytecode has filled the report
        equal([t["part"] for t in one.lens.get("stages", [])], PARTS, name)
        equal(len(one.lens.get("code_objects", [])), len(alone.lens.get("code_objects", [])), name)
        for part in PARTS:
            rows_of(one, part)
        missing = any(t["state"] == "cut" or t["error"] and t["error"]["type"] in ("MemoryError", "RecursionError") for t in one["stages"])
        equal(one["truncated"], missing, name)


@check("where memory does not suffice for a part, it says so, and the others go on")
def _():
    # 130,000 nodes, of some 500 bytes each and more for the compiler; the tokens that are shown take no room.
    s = Snippet("{" + "**a," * (M // 8) + "}")
    one = s.look("static", lenses="ast", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (100 << 20,) * 2))
    states = {t["part"]: (t["state"], (t["error"] or {}).get("type")) for t in one["stages"]}
    equal(states["tokens"], ("cut", None))
    assert ("failed", "MemoryError") in states.values(), states
    equal((one["truncated"], one.out), (True, b""))


main()
