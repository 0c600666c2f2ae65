"""What instructions.c tells of main.py's code objects, so that a step can name an instruction by its offset."""
import dis


class Shown:
    """A constant as its text, for dis: which gives up at an int with very many digits."""

    def __init__(self, value):
        self.text = cut(text(value), 160)

    def __repr__(self):
        return self.text


class View:
    """A code object whose constants are Shown."""

    def __init__(self, code):
        self.code = code
        self.co_consts = [Shown(c) for c in code.co_consts]

    def __getattr__(self, name):
        return getattr(self.code, name)


def outline(code):
    rows, line = [], None
    for i in dis.get_instructions(View(code)):
        positions = getattr(i, "positions", None)
        line = positions.lineno if positions else i.starts_line or line
        rows.append({"offset": i.offset, "op": i.opname, "arg": i.argrepr, "line": line})
    return {"function": qualname(code), "first_line": code.co_firstlineno, "instructions": rows}
