"""What ast.c records: each part of the lens is a generator of rows, which are written as they come.

A place is [line, end line, column, end column], columns in bytes of UTF-8: so the compiler counts them in the tree and
in code.  tokenize counts characters, which are turned into bytes here.
"""
import dis
import symtable
import sys
import tokenize
import types
import warnings

ONLY_AST = 0x400  # PyCF_ONLY_AST; without the module ast, which takes longer to import than a snippet to parse
LONGEST = 1000  # characters of a text
MOST = 1000  # names of one scope or code object, and constants
MOST_INSTRUCTIONS = 50_000  # that are looked at for what they do with names
SCOPES = {symtable.LOCAL: "local", symtable.CELL: "cell", symtable.FREE: "free",
          symtable.GLOBAL_EXPLICIT: "global explicit", symtable.GLOBAL_IMPLICIT: "global implicit"}
WHAT = ("parameter", "imported", "assigned", "referenced", "annotated", "declared_global", "nonlocal", "namespace",
        "type_parameter", "free_class", "comp_iter", "comp_cell")  # Symbol.is_...(), as far as this version has them


class Row(dict):
    """A row that says when something of it was cut."""

    def short(self, whole):
        """The text, cut when it is too long."""
        shown = cut(whole, LONGEST)
        if shown is not whole:
            self["cut"] = True
        return shown

    def few(self, texts):
        """The first of the texts, some of which may be None, when there are too many."""
        if len(texts) > MOST:
            self["cut"] = True
        return [t and self.short(t) for t in texts[:MOST]]


class Lines:
    """The lines of the source as tokenize decodes them."""

    def __init__(self, source):
        self.raw = source.splitlines(keepends=True)
        self.encoding = tokenize.detect_encoding(iter(self.raw).__next__)[0]
        self.go(0)

    def go(self, row):
        raw = self.raw[row - 1] if 1 <= row <= len(self.raw) else b""
        if row == 1 and raw.startswith(tokenize.BOM_UTF8):
            raw = raw[3:]
        encoding = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        self.row, self.line, self.characters, self.bytes = row, raw.decode(encoding, "replace"), 0, 0

    def column(self, row, column):
        """How many bytes of UTF-8 a column in characters is.  From where it was asked for last, since that is mostly
        before it: a line may be as long as a source."""
        if row != self.row:
            self.go(row)
        if self.line.isascii():
            return column
        if column < self.characters:
            self.characters = self.bytes = 0
        now = min(column, len(self.line))
        self.bytes += len(self.line[self.characters:now].encode("utf-8", "surrogatepass"))
        self.characters = now
        return self.bytes + column - now  # an end of line that is not written is behind the line

    def place(self, start, end):
        return [start[0], end[0], self.column(*start), self.column(*end)]


def tokens(source):
    lines = Lines(source)
    read = iter(lines.raw).__next__
    for token in tokenize.tokenize(read):
        row = Row(type=tokenize.tok_name[token.type], exact=tokenize.tok_name[token.exact_type],
                  positions=lines.place(token.start, token.end))
        row["string"] = row.short(token.string)
        yield row


def parse(source, name):
    return compile(source, name, "exec", ONLY_AST, True)


def is_word(node):
    """Load, Add, Is and the like: there is no more to them than their names, and they stand nowhere."""
    return not node._fields and not node._attributes


def place_of(node):
    if "lineno" not in node._attributes:
        return None
    return [node.lineno, node.end_lineno, node.col_offset, node.end_col_offset]


def tree(source, name):
    """The nodes, each before those below it.  One that stands for nothing in a list, as the key of {**a}, is None."""
    root, n = parse(source, name), 0
    node_type = type(root).__mro__[-2]
    left = [(root, None, None, None)]
    while left:
        node, parent, field, index = left.pop()
        row = Row(type=node and type(node).__name__, parent=parent, field=field, index=index,
                  positions=node and place_of(node), values={})
        below = []
        for f in node._fields if node else ():
            value = getattr(node, f, None)
            if isinstance(value, list) and any(isinstance(v, node_type) and not is_word(v) for v in value):
                below += [(v, n, f, i) for i, v in enumerate(value)]
            elif isinstance(value, node_type) and not is_word(value):
                below.append((value, n, f, None))
            elif isinstance(value, list):
                if value:
                    row["values"][f] = row.few([type(v).__name__ if isinstance(v, node_type) else v for v in value])
            elif isinstance(value, node_type):
                row["values"][f] = type(value).__name__
            elif is_constant(node, f):
                row["values"][f] = row.short(text(value))
            elif value is not None:
                row["values"][f] = row.short(value) if isinstance(value, str) else value
        left += reversed(below)
        yield row
        n += 1


def is_constant(node, field):
    return field == "value" and type(node).__name__ in ("Constant", "MatchSingleton")


def inside(code):
    """The code objects among the constants of one."""
    return [c for c in code.co_consts if isinstance(c, types.CodeType)]


class Codes:
    """The code objects, each before those inside it, by their numbers."""

    def __init__(self, code):
        self.all, self.parents, self.within = [], [], []
        left = [(code, None)] if code else []
        while left:
            code, parent = left.pop()
            n = len(self.all)
            self.all.append(code)
            self.parents.append(parent)
            self.within.append([])
            if parent is not None:
                self.within[parent].append(n)
            left += [(c, n) for c in reversed(inside(code))]
        self.used = set()
        self.instructions = 0

    def of(self, table, around, free):
        """The one that was made of a symbol table: in the one of the table around it, by its name, its line or that of
        a decorator before it, and its free variables.  None when there is none, or it cannot be told."""
        if table.get_type() == "module":
            return 0 if self.all else None
        name, line, best = table.get_name(), table.get_lineno(), None
        names = name, f"<{name}>", f"<generic parameters of {name}>"
        for n in self.within[around] if around is not None else ():
            code = self.all[n]
            if n in self.used or code.co_name not in names or set(code.co_freevars) != free:
                continue
            if code.co_firstlineno == line:
                best = n
                break
            if code.co_firstlineno < line and (best is None or self.all[best].co_firstlineno < code.co_firstlineno):
                best = n
        self.used.add(best)
        return best

    def uses(self, n):
        """For each variable the names of the instructions that use it, or None when there are too many to look at."""
        code = self.all[n]
        self.instructions += len(code.co_code) // 2
        if self.instructions > MOST_INSTRUCTIONS:
            return None
        found = {}
        # Without constants, which dis may not be able to write.
        for i in dis.get_instructions(code.replace(co_consts=(None,) * len(code.co_consts))):
            if not is_of_variables(i):
                continue
            for name in i.argval if isinstance(i.argval, tuple) else (i.argval,):
                found.setdefault(name, {})[i.opname] = None
        return found


def is_of_variables(i):
    if i.opcode in dis.haslocal or i.opcode in dis.hasfree:
        return True
    return i.opcode in dis.hasname and ("GLOBAL" in i.opname or i.opname in ("LOAD_NAME", "STORE_NAME", "DELETE_NAME"))


def symbol(row, name, flags, namespaces, uses):
    s = symtable.Symbol(name, flags, namespaces)
    return {"name": row.short(name), "scope": SCOPES.get((flags >> symtable.SCOPE_OFF) & symtable.SCOPE_MASK),
            "flags": [w for w in WHAT if getattr(s, "is_" + w, bool)()],
            "ops": None if uses is None else list(uses.get(name, ()))}


def in_order(symbols):
    """Names as they were met; those that only pass through come last, and out of a set: in one order."""
    own = (1 << symtable.SCOPE_OFF) - 1
    return sorted(symbols, key=lambda name: "" if symbols[name] & own else name)


def symbols(source, name, codes):
    """The tables of names, each before those of the scopes inside it."""
    left, n = [(symtable.symtable(source, name, "exec"), None, None)], 0
    while left:
        table, parent, around = left.pop()
        flags, children = table._table.symbols, table.get_children()
        free = {s for s, f in flags.items() if (f >> symtable.SCOPE_OFF) & symtable.SCOPE_MASK == symtable.FREE}
        code = codes.of(table, around, free)
        row = Row(name=None, type=str(table.get_type()), line=table.get_lineno(), parent=parent, code=code,
                  nested=table.is_nested(), optimized=table.is_optimized())
        row["name"] = row.short(table.get_name())
        if len(flags) > MOST:
            row["cut"] = True
        spaces = {}
        for c in children:
            spaces.setdefault(c.get_name(), []).append(c)
        uses = None if code is None else codes.uses(code)
        row["symbols"] = [symbol(row, s, flags[s], spaces.get(s), uses) for s in in_order(flags)[:MOST]]
        left += [(c, n, code) for c in reversed(children)]
        yield row
        n += 1


def constant(value):
    """A code object without its address, which differs from run to run."""
    if isinstance(value, types.CodeType):
        return f"<code object {value.co_name}, line {value.co_firstlineno}>"
    return text(value)


def code_rows(codes):
    for code, parent in zip(codes.all, codes.parents):
        row = Row(name=None, qualname=None, parent=parent, first_line=code.co_firstlineno,
                  arg_count=code.co_argcount, posonly_arg_count=code.co_posonlyargcount,
                  kwonly_arg_count=code.co_kwonlyargcount, stack_size=code.co_stacksize,
                  flags=flags(code))
        row["name"] = row.short(code.co_name)
        row["qualname"] = row.short(qualname(code))
        for names in ("varnames", "cellvars", "freevars", "names"):
            row[names] = row.few(getattr(code, "co_" + names))
        row["consts"] = row.few([constant(c) for c in code.co_consts[:MOST + 1]])
        yield row


def look(source, name, code):
    """The parts that begin with the source, and what is told of an error."""
    # As the compiler's own reader does.
    source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    codes = Codes(code)
    warnings.simplefilter("ignore")  # those of the compiler were given when it compiled
    return {"tokens": tokens(source), "tree": tree(source, name), "symbols": symbols(source, name, codes),
            "code": code_rows(codes), "told": lambda error: told(error, source)}


def told(error, source):
    """An error as a row, and whether the source is at fault."""
    message, start, end = str(error), (None, None), (None, None)
    if isinstance(error, SyntaxError):
        message, (start, end) = str(error.msg), places_of(error)
    elif isinstance(error, tokenize.TokenError):
        message, start = error.args
    if is_of_tokenize(error):
        start = start[0], start[1] + 1
    elif isinstance(error, SyntaxError):
        start, end = in_bytes(start, end, source)
    row = Row(type=type(error).__name__)
    row["message"] = row.short(message)
    row["positions"] = [start[0] or None, end[0] or None, from_zero(start), from_zero(end)]
    return row, isinstance(error, (SyntaxError, tokenize.TokenError, ValueError))


def is_of_tokenize(error):
    """The tokenizer that is written in Python, before 3.12, counts columns from 0."""
    return sys.version_info < (3, 12) and (
        isinstance(error, tokenize.TokenError) or getattr(error, "filename", None) == "<tokenize>")


def places_of(error):
    """Line and column of the beginning and of the end, which 3.9 does not know."""
    return ((error.lineno, error.offset), (getattr(error, "end_lineno", None), getattr(error, "end_offset", None)))


def from_zero(place):
    return place[1] - 1 if place[0] and place[1] and place[1] > 0 else None


def in_bytes(start, end, source):
    """Places of an error of the compiler with columns in bytes.  What comes after the parser counts so.  The parser counts
    characters, but before 3.12 not always when it is given bytes: so it is asked again."""
    try:
        lines = Lines(source)
        parse(b"".join(lines.raw).decode(lines.encoding), "<source>")  # by its name it would read the file again
    except SyntaxError as again:
        if again.lineno == start[0]:
            return [(row, 1 + lines.column(row, column - 1) if row and column and column > 0 else column)
                    for row, column in places_of(again)]
    except Exception:
        pass  # it is no text, or too deep
    return start, end
