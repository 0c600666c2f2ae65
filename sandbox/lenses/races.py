"""Where a program reads what it then writes: races_windows.c asks.

The syntax tree says what belongs together, the instructions at which offsets it is done.  A window is open before each
instruction behind the one that loads, up to the one that stores: another thread that comes there changes what was loaded.
"""
import ast
import dis
import sys

HAS_POSITIONS = sys.version_info >= (3, 11)
# Instructions after which 3.9 does not look whether another thread wants the GIL: those that end by FAST_DISPATCH()
# (Python/ceval.c).  After all others it does, but not before these that follow.
FAST = {"NOP", "LOAD_FAST", "LOAD_CONST", "STORE_FAST", "POP_TOP", "ROT_TWO", "ROT_THREE", "ROT_FOUR", "DUP_TOP", "DUP_TOP_TWO",
        "IS_OP", "CONTAINS_OP", "JUMP_FORWARD", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "JUMP_IF_FALSE_OR_POP",
        "JUMP_IF_TRUE_OR_POP", "EXTENDED_ARG"}
NOT_BEFORE = {"SETUP_FINALLY", "SETUP_WITH", "BEFORE_ASYNC_WITH", "YIELD_FROM"}
# From 3.10 on it looks after these: CHECK_EVAL_BREAKER() of 3.10 to 3.12, CHECK_PERIODIC() of Python/bytecodes.c from 3.13 on.
CALLS = {"CALL", "CALL_KW", "CALL_FUNCTION", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX", "CALL_METHOD"}
BACK = {"JUMP_BACKWARD", "JUMP_ABSOLUTE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "POP_JUMP_BACKWARD_IF_FALSE",
        "POP_JUMP_BACKWARD_IF_TRUE", "POP_JUMP_BACKWARD_IF_NONE", "POP_JUMP_BACKWARD_IF_NOT_NONE"}
AFTER, AFTER_BACK, NEVER_BEFORE = 1, 2, 4  # races.h
WINDOWS = 100  # that are looked for
TEXT = 60  # characters of a name
# Methods by which a check is acted upon.
ACTS = {"add", "append", "appendleft", "clear", "discard", "extend", "get_nowait", "insert", "pop", "popitem", "popleft", "put",
        "put_nowait", "remove", "setdefault", "update"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
SHARED = (ast.Name, ast.Attribute, ast.Subscript)


class Instruction:
    __slots__ = ("offset", "op", "value", "line", "place")

    def __init__(self, i, line):
        self.offset, self.op, self.value, self.line, self.place = i.offset, i.opname, i.argval, line, None
        if HAS_POSITIONS:
            p = i.positions
            self.line, self.place = p.lineno, (p.lineno, p.end_lineno, p.col_offset, p.end_col_offset)


def instructions(code):
    out, line = [], None
    for i in dis.get_instructions(code):
        if not HAS_POSITIONS and i.starts_line is not None:
            line = i.starts_line
        out.append(Instruction(i, line))
    return out


def inside(nodes):
    """These nodes and those in them, in the order of the text, but not what another function does."""
    for node in nodes:
        yield node
        if not isinstance(node, FUNCTIONS):
            yield from inside(ast.iter_child_nodes(node))


def key(node):
    """What two nodes have in common that are the same place: "self.n"."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return None


def loads(nodes):
    """key -> the first node that loads it; of d[k] and k in d also d."""
    found = {}
    for node in inside(nodes):
        if isinstance(node, SHARED) and isinstance(node.ctx, ast.Load):
            found.setdefault(key(node), node)
    return found


def targets(statement):
    """What a statement writes, tuples taken apart."""
    if isinstance(statement, ast.Assign):
        left = list(statement.targets)
    elif isinstance(statement, ast.Delete):
        left = list(statement.targets)
    elif isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
        left = [statement.target]
    else:
        left = []
    while left:
        node = left.pop(0)
        if isinstance(node, (ast.Tuple, ast.List)):
            left[:0] = node.elts
        elif isinstance(node, ast.Starred):
            left.insert(0, node.value)
        elif isinstance(node, SHARED):
            yield node


class Window:
    def __init__(self, kind, name, load, store, shown):
        self.kind, self.name, self.load, self.store, self.shown = kind, name, load, store, shown


def updates(body):
    """x += 1, x = f(x), and y = x ... x = g(y)."""
    came = {}  # name of a local -> key -> node that loaded what it was made of
    for node in inside(body):
        if isinstance(node, ast.AugAssign):
            yield Window("update", key(node.target), node.target, node.target, (node, node))
        if not isinstance(node, (ast.Assign, ast.AugAssign)) or node.value is None:
            continue
        direct = loads([node.value])
        made_of = dict(direct)
        for name in direct:
            made_of.update((k, n) for k, n in came.get(name, {}).items() if k not in direct)
        for target in targets(node):
            name = key(target)
            if name in made_of and isinstance(node, ast.Assign):
                first = node if name in direct else made_of[name]
                yield Window("update", name, made_of[name], target, (first, node))
            if isinstance(target, ast.Name):
                came[name] = {**came.get(name, {}), **made_of} if isinstance(node, ast.AugAssign) else made_of


def acts(body, name):
    """The first that changes what the name stands for."""
    for node in inside(body):
        for target in targets(node):
            if key(target) == name or (isinstance(target, ast.Subscript) and key(target.value) == name):
                return target
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ACTS and key(node.func.value) == name:
            return node
    return None


def checks(body):
    """if x ...: x = 1; if k not in d: d[k] = 1; while l: l.pop()."""
    for node in inside(body):
        if not isinstance(node, (ast.If, ast.While)):
            continue
        for name, load in loads([node.test]).items():
            act = acts(node.body + node.orelse, name)
            if act:
                yield Window("check", name, load, act, (node.test, act))


def bodies(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.body


def place(node):
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def is_of(i, node, ops, value):
    if not i.op.startswith(ops):
        return False
    if HAS_POSITIONS:
        return i.place == place(node)
    return i.line is not None and node.lineno <= i.line <= node.end_lineno and (value is None or i.value == value)


def value_of(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def loading(code, node):
    if isinstance(node, ast.Name):
        ops = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR", "LOAD_FAST")
    elif isinstance(node, ast.Attribute):
        ops = ("LOAD_ATTR", "LOAD_METHOD")
    else:
        ops = ("BINARY_SUBSCR", "BINARY_OP", "BINARY_SLICE")
    return [i for i in code if is_of(i, node, ops, value_of(node))]


def storing(code, node):
    if isinstance(node, ast.Call):
        return [i for i in code if is_of(i, node, ("CALL",), None)][-1:]
    if isinstance(node, ast.Name):
        ops = ("STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "DELETE_GLOBAL", "DELETE_NAME", "DELETE_DEREF")
    elif isinstance(node, ast.Attribute):
        ops = ("STORE_ATTR", "DELETE_ATTR")
    else:
        ops = ("STORE_SUBSCR", "STORE_SLICE", "DELETE_SUBSCR")
    return [i for i in code if is_of(i, node, ops, value_of(node))]


def spans(code, window):
    """Pairs of the instructions that load and store: a finally block is there twice."""
    found = loading(code, window.load)
    for store in storing(code, window.store):
        before = [i for i in found if i.offset < store.offset]
        if before:
            yield before[-1], store


def looks(op):
    """Does this CPython look, around an instruction, whether another thread wants the GIL?"""
    if sys.version_info < (3, 10):
        return (0 if op in FAST else AFTER) | (NEVER_BEFORE if op in NOT_BEFORE else 0)
    return AFTER if op in CALLS or op == "RESUME" else AFTER_BACK if op in BACK else 0


def breaks(code, rows):
    """A byte for each unit."""
    out = bytearray(len(code.co_code) // 2)
    for i in rows:
        out[i.offset // 2] = looks(i.op)
    return bytes(out)


def names(code, rows):
    """The instruction at each unit."""
    out = [None] * (len(code.co_code) // 2)
    for i in rows:
        out[i.offset // 2] = i.op
    return out


def qualname(code):
    return getattr(code, "co_qualname", code.co_name)


def told(i):
    return {"offset": i.offset, "op": i.op, "line": i.line}


def windows(code, source):
    """What is shown of each, and (its number, number of the code, first and last unit) of each place in the code."""
    codes = list(every(code))
    listed = [instructions(c) for c in codes]
    shown, marks, whole = [], [], True
    tree = ast.parse(source)
    found = [w for body in bodies(tree) for find in (updates, checks) for w in find(body)]
    for window in sorted(found, key=lambda w: (w.shown[0].lineno, w.shown[0].col_offset)):
        for n, (c, rows) in enumerate(zip(codes, listed)):
            pairs = list(spans(rows, window))
            if not pairs:
                continue
            whole = len(shown) < WINDOWS
            if not whole:
                break
            first, last = window.shown
            shown.append({"window": len(shown) + 1, "kind": window.kind, "name": window.name[:TEXT], "function": qualname(c),
                          "line": first.lineno, "end_line": last.end_lineno, "column": first.col_offset,
                          "end_column": last.end_col_offset, "load": told(pairs[0][0]), "store": told(pairs[0][1])})
            marks += [(len(shown), n, load.offset // 2 + 1, store.offset // 2) for load, store in pairs]
            break
    return shown, marks, whole


def look(code, source):
    """(code objects, flags of their units, names of their instructions, windows, marks, are those all)"""
    codes = list(every(code))
    listed = [instructions(c) for c in codes]
    try:
        found = windows(code, source)
    except RecursionError:
        found = [], [], False
    return (codes, [breaks(c, r) for c, r in zip(codes, listed)], [names(c, r) for c, r in zip(codes, listed)], *found)
