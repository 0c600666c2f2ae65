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
