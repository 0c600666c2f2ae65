"""What instructions.c tells of main.py's code objects, so that a step can name an instruction by its offset."""
import dis
import sys

LONGEST = 160  # characters of a constant


class Shown:
    """A constant as its text, for dis: which gives up at an int with very many digits."""

    def __init__(self, value):
        self.text = f"<code object {value.co_name}>" if hasattr(value, "co_code") else cut(text(value), LONGEST)

    def __repr__(self):
        return self.text


class View:
    """A code object whose constants are Shown."""

    def __init__(self, code):
        self.code = code
        self.co_consts = [Shown(c) for c in code.co_consts]

    def __getattr__(self, name):
        return getattr(self.code, name)


def numbers(pairs):
    return b"".join(n.to_bytes(4, sys.byteorder) for pair in pairs for n in pair)


def outline(code):
    """The code object; and in numbers of 32 bits: pairs of where an instruction with EXTENDED_ARG before it begins, and where it is
    itself; pairs of an offset and how many values are on the stack before the instruction there."""
    rows, line, prefixes, real = [], None, [], []
    found = [i for i in dis.get_instructions(View(code)) if i.opname != "CACHE"]
    for i in found:
        positions = getattr(i, "positions", None)
        line = positions.lineno if positions else i.starts_line or line
        rows.append({"offset": i.offset, "op": i.opname, "arg": i.argrepr, "line": line})
        if i.opname == "EXTENDED_ARG":
            prefixes.append(i.offset)
        else:
            real += [(p, i.offset) for p in prefixes]
            prefixes = []
    told = {"function": qualname(code), "first_line": code.co_firstlineno, "instructions": rows}
    deep = [(offset, stack[0]) for offset, stack in depths(code, found).items()]
    return told, numbers(real), numbers(deep)
