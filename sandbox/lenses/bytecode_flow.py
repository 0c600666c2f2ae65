"""Where the instructions of a code object may go, and how deep its stack is there: what bytecode.py shows beside dis.

Nothing is executed. dis.stack_effect() is the compiler's own word on each instruction (PyCompile_OpcodeStackEffectWithJump() in
Python/compile.c), so that what is found here is what the compiler reckoned the size of the stack from."""
import bisect
import dis

# END_ASYNC_FOR tells a monitor where the loop's SEND is (3.14+), and goes nowhere.
JUMPS = {*dis.hasjrel, *dis.hasjabs} - {dis.opmap.get("END_ASYNC_FOR")}
# Nothing comes after these but what is jumped to.
LAST = {dis.opmap.get(name) for name in (
    "RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT")}
# Before 3.11 these set up a block, whose handler is what they have for a target.
SETUPS = {dis.opmap.get(name) for name in ("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH")}
SUSPENDED = sum(flag for flag, name in dis.COMPILER_FLAG_NAMES.items() if name in ("GENERATOR", "COROUTINE", "ASYNC_GENERATOR"))


class Handlers:
    """Where an exception goes: the entries of the exception table, which are in order and do not overlap."""

    def __init__(self, code):
        self.entries = dis._parse_exception_table(code) if hasattr(dis, "_parse_exception_table") else []
        self.starts = [e.start for e in self.entries]

    def of(self, offset):
        at = bisect.bisect_right(self.starts, offset) - 1
        return self.entries[at] if at >= 0 and offset < self.entries[at].end else None


def target(i):
    return i.argval if i.opcode in JUMPS else None


def entry_depth(code):
    """A generator's frame is resumed with a value on its stack, which RETURN_GENERATOR of 3.11 is not told to push."""
    made = dis.opmap.get("RETURN_GENERATOR")
    return int(bool(code.co_flags & SUSPENDED) and made is not None and dis.stack_effect(made) == 0)


def effects(i, depth):
    """The depth after an instruction where it goes on, and where it jumps; None where it does not."""
    after = None if i.opcode in LAST else depth + dis.stack_effect(i.opcode, i.arg, jump=False)
    return after, None if target(i) is None else depth + dis.stack_effect(i.opcode, i.arg, jump=True)


def depths(code, found):
    """By offset: [before, after] or [before, after, where it jumps], of what can be reached."""
    at = {i.offset: n for n, i in enumerate(found)}
    handlers = Handlers(code)
    out, todo = {}, [(0, entry_depth(code))] if found else []
    while todo:
        n, depth = todo.pop()
        i = found[n]
        if i.offset in out:
            continue
        after, jumped = effects(i, depth)
        out[i.offset] = [depth, after] if jumped is None else [depth, after, jumped]
        if after is not None and n + 1 < len(found):
            todo.append((n + 1, after))
        if jumped is not None:
            todo.append((at[target(i)], jumped))
        entry = handlers.of(i.offset)
        if entry:
            todo.append((at[entry.target], entry.depth + entry.lasti + 1))
    return out


def leaders(found, handlers):
    """Offsets at which a basic block begins."""
    out = {0}
    for e in handlers.entries:
        out |= {e.start, e.end, e.target}
    for i, following in zip(found, [*found[1:], None]):
        if target(i) is not None:
            out.add(target(i))
        if following and (target(i) is not None or i.opcode in LAST):
            out.add(following.offset)
    return out


def block(some, end, depth, handlers):
    last = some[-1]
    entry = handlers.of(some[0].offset)
    jump = target(last)
    handler = entry.target if entry else jump if last.opcode in SETUPS else None
    return {"start": some[0].offset, "end": end, "depth": depth[0] if depth else None,
            "next": None if last.opcode in LAST else end, "jump": None if last.opcode in SETUPS else jump, "handler": handler}


def blocks(code, found, reached):
    """Basic blocks, in order: what is entered at its first instruction only, and left at its last, exceptions aside."""
    if not found:
        return []
    handlers = Handlers(code)
    first = leaders(found, handlers)
    at = [n for n, i in enumerate(found) if i.offset in first]
    ends = [*(found[n].offset for n in at[1:]), len(code.co_code)]
    return [block(found[n:m], end, reached.get(found[n].offset), handlers)
            for n, m, end in zip(at, [*at[1:], len(found)], ends)]
