"""Constants of code as they are shown.  It adds names to a lens's own."""

ELLIPSIS = "\u2026"


def cut(whole, longest):
    """The text; an ellipsis at its end where it was too long."""
    return whole if len(whole) <= longest else whole[:longest] + ELLIPSIS


def text(value):
    """repr(), but for an int with too many digits to be written, or something that holds one."""
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
