#!/usr/bin/python3
"""vitrine run --lens ast: the tables of tokens, nodes, scopes and code objects.

What is expected comes from Debian's own tokenize, ast, symtable and dis.
"""
import ast
import io
import os
import pathlib
import re
import sys
import tempfile
import tokenize
import types

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

HERE = tempfile.TemporaryDirectory()
CODE = '''def outer(a, b=1):
    """é"""
    def inner(c):
        nonlocal b
        b += a * c
        return [len(x) for x in "日本"]
    return inner

class A:
    x: int = 0
'''


def shown(code, *options):
    """The lines under each part's heading."""
    path = pathlib.Path(HERE.name, "prog.py")
    path.write_text(code)
    out = vitrine("run", path, "--lens", "ast", *options, env={"COLUMNS": "200"}).stdout.decode()
    parts = re.split(r"^(tokens|tree|symbols|code)  ", out.split("\nast\n", 1)[1], flags=re.M)
    return {name: text.splitlines() for name, text in zip(parts[1::2], parts[2::2])}


@check("tokens: each in its order, with its place and its exact name; the source beside the first of a line")
def tokens():
    head, titles, *rows = shown(CODE)["tokens"]
    expected = list(tokenize.tokenize(io.BytesIO(CODE.encode()).readline))
    equal(head, f"{len(expected)} tokens")
    equal(titles.split(), ["line", "source", "columns", "token", "string"])
    lines, last = CODE.splitlines(), 0
    for row, t in zip(rows, expected):
        text = lines[t.start[0] - 1] if 0 < t.start[0] <= len(lines) else ""
        # Columns are bytes.
        begin, end = len(text[:t.start[1]].encode()), len((lines[t.end[0] - 1] if 0 < t.end[0] <= len(lines) else "")[:t.end[1]].encode())
        end += t.type in (tokenize.NEWLINE, tokenize.NL)
        kind, exact = tokenize.tok_name[t.type], tokenize.tok_name[t.exact_type]
        string = t.string.replace("\n", "␊")
        holds(row, f" {begin}-{end}  {kind}")
        assert re.search(rf"{kind} +{exact + ' +' if exact != kind else ''}{re.escape(string)}$" if string.strip() else kind, row), (row, t)
        if t.start[0] not in (0, last):
            last = t.start[0]
            assert re.match(rf" +{last}  {re.escape(text)}", row), (row, text)
    equal(len(rows) - 1, len(expected))


def nodes(node, depth=0, label=""):
    yield depth, label + type(node).__name__, node
    for field, value in ast.iter_fields(node):
        for i, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and (child._fields or child._attributes):
                yield from nodes(child, depth + 1, f"{field}[{i}]: " if isinstance(value, list) else f"{field}: ")


@check("tree: each node under the one that has it, with its field, its line and its values")
def tree():
    head, titles, *rows = shown(CODE, "--parts", "tree")["tree"]
    expected = list(nodes(ast.parse(CODE)))
    equal((head, titles.split()), (f"{len(expected)} nodes", ["line", "columns", "node"]))
    column = titles.index("node")
    for row, (depth, label, node) in zip(rows, expected):
        at = row[:column].split()
        equal(at[:1], [str(node.lineno)] if hasattr(node, "lineno") else [], row)
        words = row[column:]
        equal(len(words) - len(words.lstrip()), 2 * depth, row)
        equal(words.split("  ")[0] if depth == 0 else words.strip().split("  ")[0], label, row)
        if isinstance(node, ast.Name):
            holds(words, f'id="{node.id}"  ctx={type(node.ctx).__name__}')
        if isinstance(node, ast.Constant):
            holds(words, f"value={node.value!r}")
    equal(list(shown(CODE, "--parts", "tree")), ["tree"])


@check("scopes: what each name is, and the instructions that use it")
def scopes():
    text = "\n".join(shown(CODE)["symbols"])
    # By the rules of binding: a and b are used inside, so they are cells of outer, and free in inner.
    outer = text.split("\n  outer  function, line 1")[1].split("\n\n")[0]
    inner = text.split("\n  inner  function in outer, line 3, nested")[1].split("\n\n")[0]
    for scope, name, words in ((outer, "a", "cell +parameter"), (outer, "inner", "local +assigned, referenced, namespace +STORE_FAST LOAD_FAST"),
                               (inner, "a", "free +referenced +LOAD_DEREF"), (inner, "b", "free .*nonlocal +LOAD_DEREF STORE_DEREF"), (inner, "c", "local +parameter")):
        assert re.search(rf"^  {name} +{words}", scope, re.M), (name, scope)


@check("code objects lie in each other, with their lists")
def code():
    rows = shown(CODE)["code"][1:]

    def walk(c, depth=0):
        yield depth, c
        for k in c.co_consts:
            if isinstance(k, types.CodeType):
                yield from walk(k, depth + 1)
    at = 0
    for n, (depth, c) in enumerate(walk(compile(CODE, "x", "exec"))):
        begin = "  " * (depth + 1) + f"{c.co_name}  code object {n}, line {c.co_firstlineno}"
        at = next(i for i in range(at, len(rows)) if rows[i].startswith(begin)) + 1
        for title, names in (("locals", c.co_varnames), ("cells", c.co_cellvars), ("free", c.co_freevars), ("names", c.co_names)):
            if names:
                equal(rows[at].split(maxsplit=1), [title, ", ".join(names)])
                at += 1


@check("where a source is no program it says which part ended, and where")
def errors():
    parts = shown("x = (1,\n é @)\n")
    equal(parts["tree"], ["0 nodes", "  SyntaxError: invalid syntax (line 2, column 5)", ""])
    holds("\n".join(parts["symbols"]), "not reached")
    assert len(parts["tokens"]) > 10
    parts = shown("x = 1\nreturn x\n")
    holds("\n".join(parts["code"]), "SyntaxError: 'return' outside function (line 2, column 0)")
    parts = shown("a\n" * 11000)
    holds(parts["tree"][1], "not all is shown: there are more than 20000")


main()
