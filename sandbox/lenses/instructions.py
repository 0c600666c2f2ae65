"""What instructions.c tells of main.py's code objects, so that a step can name an instruction by its offset."""
import dis
import sys

LONGEST = 160  # characters of a constant


def argument(i):
    """As dis shows it; code by its name alone, for its address says nothing."""
    return i.argrepr.partition(" at 0x")[0] + ">" if i.argrepr.startswith("<code object ") else i.argrepr


def numbers(pairs):
    return b"".join(n.to_bytes(4, sys.byteorder) for pair in pairs for n in pair)


def outline(code):
    """The code object; and in numbers of 32 bits: pairs of where an instruction with EXTENDED_ARG before it begins, and where it is
    itself; pairs of an offset and how many values are on the stack before the instruction there."""
    rows, line, prefixes, real = [], None, [], []
    found = [i for i in dis.get_instructions(View(code, LONGEST)) if i.opname != "CACHE"]
    for i in found:
        positions = getattr(i, "positions", None)
        line = positions.lineno if positions else i.starts_line or line
        rows.append({"offset": i.offset, "op": i.opname, "arg": argument(i), "line": line})
        if i.opname == "EXTENDED_ARG":
            prefixes.append(i.offset)
        else:
            real += [(p, i.offset) for p in prefixes]
            prefixes = []
    told = {"function": qualname(code), "first_line": code.co_firstlineno, "instructions": rows}
    deep = [(offset, stack[0]) for offset, stack in depths(code, found).items()]
    return told, numbers(real), numbers(deep)
