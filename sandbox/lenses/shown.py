"""Code objects, and how things of them are shown.  Its names are added to those of the lenses that show some."""
import dis
import types

ELLIPSIS = "\u2026"


def cut(whole, longest):
    """The text; an ellipsis at its end where it was too long."""
    return whole if len(whole) <= longest else whole[:longest] + ELLIPSIS


def text(value):
    """repr() of a constant, but for an int with too many digits to be written, or something that holds one."""
    try:
        return repr(value)
    except ValueError:
        pass
    if isinstance(value, int):
        return f"<int of {value.bit_length()} bits>"
    if isinstance(value, slice):
        parts = value.start, value.stop, value.step
        return "slice(" + ", ".join(map(text, parts)) + ")"
    inner = ", ".join(map(text, value))
    if isinstance(value, frozenset):
        return "frozenset({" + inner + "})"
    return "(" + inner + (",)" if len(value) == 1 else ")")


class Shown:
    """A constant as it is shown: its text is made once, and never too long.

    dis itself gives up at an int with more digits than sys.set_int_max_str_digits() allows."""

    def __init__(self, value, longest):
        whole = text(value)
        self.text = cut(whole, longest)
        self.cut = self.text is not whole

    def __repr__(self):
        return self.text


class View:
    """A code object whose constants are Shown, for dis."""

    def __init__(self, code, longest):
        self.code = code
        self.co_consts = [Shown(c, longest) for c in code.co_consts]

    def __getattr__(self, name):
        return getattr(self.code, name)


def qualname(code):
    """Before 3.11 a code object knows only its name."""
    return getattr(code, "co_qualname", code.co_name)


def flags(code):
    return dis.pretty_flags(code.co_flags).split(", ") if code.co_flags else []


def every(code):
    """The code object, then those among its constants, in their order."""
    left = [code]
    while left:
        code = left.pop()
        yield code
        left += [c for c in reversed(code.co_consts) if isinstance(c, types.CodeType)]
