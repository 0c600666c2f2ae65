"""What a program is like at each of its steps, by sys.settrace, f_locals and vars: for tests/lenses/steps.t.

`python3 stepper.py main.py` runs main.py as __main__ and writes to the file steps.jsonl one JSON text a step:
[event, line, function, frames], frames from the innermost outwards, each [function, [name, value]...].

A value is its repr, or for what can be shared a list: ["#", n] for the n-th object that is met in this step, met before, else
[n, kind, type, ...] with what is in it.  Nothing is kept from step to step.
"""
import _collections
import collections
import json
import sys
import types

PATH = sys.argv[1]
ATOMS = (int, float, complex, bool, type(None), str, bytes, type(...), type(NotImplemented))
USUAL = {"__module__", "__qualname__", "__dict__", "__weakref__", "__doc__", "__firstlineno__", "__static_attributes__"}
GENERATORS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)


def made_here(t):
    return t.__flags__ & 1 << 9 and t.__module__ == "__main__"


def written_in_python(t):
    """By a class statement, and not by C."""
    return t.__flags__ & 1 << 9 and t not in (collections.deque, collections.OrderedDict, collections.defaultdict, _collections._tuplegetter)


def type_name(t):
    module = t.__module__
    return t.__qualname__ if module in ("builtins", "__main__") else f"{module}.{t.__qualname__}"


class Look:
    def __init__(self, first):
        self.met, self.first = {}, first

    def pairs(self, items):
        return [[n, self.value(v)] for n, v in items]

    def values(self, items):
        return [self.value(v) for v in items]

    def closure(self, f):
        cells = []
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or ()):
            try:
                cells.append([name, self.value(cell.cell_contents)])
            except ValueError:
                cells.append([name, None])
        return cells

    def generator(self, o):
        lead = "gi" if isinstance(o, types.GeneratorType) else "cr" if isinstance(o, types.CoroutineType) else "ag"
        frame = getattr(o, lead + "_frame")
        running = getattr(o, lead + "_running")
        waits = getattr(o, lead + "_suspended", frame is not None and frame.f_lasti >= 0)
        state = "closed" if frame is None else "running" if running else "suspended" if waits else "created"
        return ["generator", type_name(type(o)), o.__qualname__, state,
                self.pairs(local(frame)) if state in ("created", "suspended") else []]

    def inside(self, o):
        t = type(o)
        if isinstance(o, list):
            return ["list", type_name(t), self.values(list.__iter__(o))]
        if isinstance(o, tuple):
            return ["tuple", type_name(t), self.values(tuple.__iter__(o))]
        if isinstance(o, dict):
            return ["dict", type_name(t), [[self.value(k), self.value(v)] for k, v in dict.items(o)]]
        if isinstance(o, (set, frozenset)):
            return ["set", type_name(t), self.values(t.__iter__(o))]
        if isinstance(o, collections.deque):
            return ["deque", type_name(t), self.values(collections.deque.__iter__(o))]
        if isinstance(o, bytearray):
            return ["bytearray", type_name(t), repr(o)]
        if isinstance(o, BaseException):
            return ["exception", type_name(t), self.values(o.args)]
        if isinstance(o, types.FunctionType) and o.__code__.co_filename == PATH:
            return ["function", type_name(t), o.__qualname__, o.__code__.co_firstlineno, self.values(o.__defaults__ or ()), self.closure(o)]
        if isinstance(o, types.MethodType) and isinstance(o.__func__, types.FunctionType) and o.__func__.__code__.co_filename == PATH:
            return ["method", type_name(t), self.value(o.__func__), self.value(o.__self__)]
        if isinstance(o, GENERATORS):
            return self.generator(o)
        if isinstance(o, type) and made_here(o):
            return ["class", type_name(t), o.__qualname__, self.values(o.__bases__),
                    self.pairs((n, v) for n, v in type.__dict__["__dict__"].__get__(o).items() if n not in USUAL)]
        if written_in_python(t):
            return ["instance", type_name(t)]
        return None

    def attributes(self, o):
        t = type(o)
        if not written_in_python(t):
            return None
        slots = [(n, m.__get__(o)) for c in t.__mro__ if written_in_python(c) for n, m in vars(c).items()
                 if isinstance(m, types.MemberDescriptorType) and has(m, o)]
        try:
            own = object.__getattribute__(o, "__dict__")
        except AttributeError:
            own = {}
        return self.pairs(slots + list(own.items()))

    def value(self, o):
        if type(o) in ATOMS:
            return repr(o)
        if id(o) in self.met:
            return ["#", self.met[id(o)]]
        n = self.met[id(o)] = len(self.met)
        inside = self.inside(o)
        if inside is None:
            self.met.pop(id(o))
            return "<"
        attributes = self.attributes(o)
        return [n, *inside] + ([attributes] if attributes is not None else [])


def has(member, o):
    try:
        member.__get__(o)
    except AttributeError:
        return False
    return True


def local(frame):
    """Versions have cells before or after other variables."""
    return sorted(((n, v) for n, v in frame.f_locals.items() if not n.startswith(".")), key=lambda pair: pair[0])


def qualname(code):
    return code.co_qualname if sys.version_info >= (3, 11) else code.co_name


def frames_of(frame, first):
    while frame:
        if frame.f_code.co_filename == PATH:
            names = local(frame)
            yield qualname(frame.f_code), [(n, v) for n, v in names if n not in first] if frame.f_code.co_name == "<module>" else names
        frame = frame.f_back


def tracer(out, first):
    def trace(frame, event, arg):
        if frame.f_code.co_filename != PATH:
            return trace if event == "call" else None
        if event == "call" and frame.f_code.co_name == "<module>":
            return trace
        look = Look(first)
        state = [[function, look.pairs(names)] for function, names in frames_of(frame, first)]
        print(json.dumps([event, frame.f_lineno, qualname(frame.f_code), state]), file=out)
        return trace

    return trace


def main():
    space = types.ModuleType("__main__")
    space.__dict__.update({"__file__": PATH, "__builtins__": __builtins__, "__annotations__": {}})
    first = set(space.__dict__)
    with open(PATH) as source, open("steps.jsonl", "w") as out:
        code = compile(source.read(), PATH, "exec")
        sys.modules["__main__"] = space
        sys.settrace(tracer(out, first))
        try:
            exec(code, space.__dict__)
        finally:
            sys.settrace(None)


main()
