"""What bytecode.c records of a code object: the runtime's own dis says it."""
import dis
import opcode
import sys

HAS_POSITIONS = sys.version_info >= (3, 11)
HAS_CACHE_INFO = sys.version_info >= (3, 13)
LONGEST = 32768  # characters of a constant, so that it cannot fill the report


def row(i, line):
    positions = list(i.positions) if HAS_POSITIONS else [line, None, None, None]
    return shown(i.offset, i.opname, i.opcode, i.arg, i.argrepr, positions, i.is_jump_target)


def shown(offset, op, opcode, arg, argrepr, positions, is_target):
    return {"offset": offset, "op": op, "opcode": opcode, "arg": arg, "argrepr": argrepr, "line": positions[0],
            "positions": positions, "jump_target": is_target, "target": None, "stack": None}


def cache_rows(i):
    """From 3.13 on the entries are told with their instruction."""
    at = i.offset
    for name, size, data in i.cache_info or ():
        for n in range(size):
            at += 2
            value = int.from_bytes(data, sys.byteorder)
            yield shown(at, "CACHE", 0, 0, "" if n else f"{name}: {value}", list(i.positions), False)


def get_instructions(view, caches):
    """dis's; from 3.13 on without those of caches, which are told with them."""
    if HAS_POSITIONS and not HAS_CACHE_INFO:
        return list(dis.get_instructions(view, show_caches=caches))
    return list(dis.get_instructions(view))


def rows(found, reached, caches):
    out, line = [], None
    for i in found:
        if not HAS_POSITIONS and i.starts_line is not None:
            line = i.starts_line
        out.append(row(i, line))
        if i.opname != "CACHE":
            out[-1].update(target=target(i), stack=reached.get(i.offset))
        if caches and HAS_CACHE_INFO:
            out += cache_rows(i)
    return out


def adapted(code):
    """The names of what it has specialised, by offset: dis does not read it through a View."""
    names = getattr(dis, "_all_opname", dis.opname)
    return {at: names[op] for at, op in enumerate(code._co_code_adaptive) if at % 2 == 0}


def counter(value, special):
    """A counter of a cache, in its parts (Include/internal/pycore_code.h of 3.11, pycore_backoff.h from 3.13 on). That of a
    specialised instruction of 3.11 has no exponent: it is how often it may miss (miss_counter_start())."""
    bits = 3 if sys.version_info >= (3, 15) else 4
    if special and sys.version_info < (3, 12) and not special.endswith("_ADAPTIVE"):
        return {"value": value, "backoff": None}
    return {"value": value >> bits, "backoff": value & ((1 << bits) - 1)}


def cache(raw, at, op, special):
    """What the entries behind an instruction hold now, by the names that the opcode module has for them; of those as wide as a
    pointer the digits."""
    out = {}
    for name, size in opcode._cache_format.get(op, {}).items():
        value = int.from_bytes(raw[at + 2:at + 2 + 2 * size], sys.byteorder)
        out[name] = counter(value, special) if name == "counter" else hex(value) if size == 4 else value
        at += 2 * size
    return out or None


def add_adapted(out, code):
    """What the run made of the instructions."""
    raw = code._co_code_adaptive if HAS_POSITIONS else None
    warm = adapted(code) if HAS_POSITIONS else {}
    for r in out:
        name = warm.get(r["offset"], r["op"])
        special = name if name != r["op"] else None
        r.update(specialized=special, cache=cache(raw, r["offset"], r["op"], special) if raw and r["op"] != "CACHE" else None)


def table(code):
    """Before 3.11, blocks are set up by instructions."""
    if not HAS_POSITIONS:
        return []
    return [{"start": e.start, "end": e.end, "target": e.target, "depth": e.depth, "lasti": e.lasti}
            for e in dis._parse_exception_table(code)]


def look(code, caches, adaptive):
    view = View(code, LONGEST)
    found = get_instructions(view, caches)
    real = [i for i in found if i.opname != "CACHE"]
    reached = depths(code, real)
    out = rows(found, reached, caches)
    if adaptive:
        add_adapted(out, code)
    return {"name": code.co_name, "qualname": qualname(code), "first_line": code.co_firstlineno, "flags": flags(code),
            "stack_size": code.co_stacksize, "arg_count": code.co_argcount,
            "posonly_arg_count": code.co_posonlyargcount, "kwonly_arg_count": code.co_kwonlyargcount,
            "names": list(code.co_names), "varnames": list(code.co_varnames), "freevars": list(code.co_freevars),
            "cellvars": list(code.co_cellvars), "consts": [c.text for c in view.co_consts],
            "truncated": any(c.cut for c in view.co_consts), "exception_table": table(code),
            "blocks": blocks(code, real, reached), "instructions": out}
