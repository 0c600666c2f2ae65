"""What a program can say of its own objects, by CPython's own functions and by reading raw memory.

A program of tests/lenses/objects.t imports this at its end, so that it is asked in the very run that the lens looks at:
print(facts.tell(globals())).
"""
import ctypes
import gc
import json
import sys

WORD = 8
CUT = 400  # bytes of one object that are read


class Slotted:
    __slots__ = ("slot",)


def raw(address, n):
    return ctypes.string_at(address, n).hex()


def inside(o):
    """What it refers to, as far as the lens shows it."""
    if isinstance(o, (list, tuple)):
        return list(o)
    if isinstance(o, dict):
        return [x for pair in o.items() for x in pair]
    if isinstance(o, (set, frozenset)):
        return list(o)
    return []


def one(o):
    kind = type(o)
    gc_made = bool(kind.__flags__ & 1 << 14) and not (kind is type and not o.__flags__ & 1 << 9)
    # What has its items in itself ends with them; others after their struct.
    n = kind.__sizeof__(o) if isinstance(o, (int, float, str, bytes, tuple)) else kind.__basicsize__
    before = 4 * WORD if gc_made else 0
    module = "" if kind.__module__ in ("builtins", "__main__") else kind.__module__ + "."
    return {"type": module + kind.__qualname__, "size": sys.getsizeof(o), "tracked": gc.is_tracked(o), "gc_made": gc_made,
            "slots": len([m for m in vars(o).values() if type(m) is type(Slotted.slot)]) if isinstance(o, type) else None, "before": before, "raw": raw(id(o) - before, min(CUT, before + n))}


def tell(space, skip=("facts",)):
    """JSON: facts of every object that is reached from names, by id; and of each name its id and number of references."""
    names = {n: v for n, v in space.items() if not n.startswith("__") and n not in skip}
    facts, queue = {}, list(names.values())
    counts = {n: sys.getrefcount(space[n]) for n in names}
    for o in queue:
        if str(id(o)) in facts:
            continue
        facts[str(id(o))] = one(o)
        queue.extend(inside(o))
    # Each value is held by `names` and `queue` too, but was counted before the queue went on.
    return json.dumps({"names": {n: id(v) for n, v in names.items()}, "counts": counts, "facts": facts})
