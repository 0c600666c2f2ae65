#!/usr/bin/python3
"""Steps over HTTP: as many as are promised, and in Python Tutor's format.

What a step holds is compared with sys.settrace in tests/lenses/steps.t; here it is about a reply as a whole.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import vt  # noqa: E402
from vt import same, true  # noqa: E402

server = vt.Server()

PROGRAM = """a = [1, 'it\\'s', None, 2.5, True]
b = a
def f(x):
    y = {'k': x}
    return y
class C:
    z = (1, 2)
c = C()
c.v = b'raw'
d = f(a)
print('hé')
e = {3}
"""


def steps(code, options=None, **more):
    reply = server.post({"code": code, "lenses": {"steps": options or {}}, **more})
    same(reply.status, 200)
    return reply.json["lenses"]["steps"]


def promised():
    # One line, 49,999 times two, the line of the loop once more, and the return: 100,001 with the first.
    s = steps("i = 0\nwhile i < 49998:\n    i += 1\n")
    same((s["total"], len(s["steps"]), s["truncated"]), (1 + 49998 * 2 + 1 + 1, 99999, False))


def tutor():
    t = steps(PROGRAM, {"python_tutor": True})["python_tutor"]
    same(t["code"], PROGRAM)
    first = t["trace"][0]
    same((first["event"], first["line"], first["func_name"], first["globals"], first["stdout"]), ("step_line", 1, "<module>", {}, ""))
    same({tuple(sorted(e)) for e in t["trace"]},
         {("event", "func_name", "globals", "heap", "line", "ordered_globals", "stack_to_render", "stdout")})
    last = t["trace"][-1]
    same((last["event"], last["stdout"]), ("return", "hé\n"))
    same(last["ordered_globals"], ["a", "b", "f", "C", "c", "d", "e"])
    g, heap = last["globals"], last["heap"]
    same(g["a"], g["b"])
    same(g["a"][0], "REF")

    def at(ref):
        return heap[str(ref[1])]

    same(at(g["a"]), ["LIST", 1, "it's", None, 2.5, True])
    same(at(g["e"]), ["SET", 3])
    same(at(g["d"]), ["DICT", ["k", g["a"]]])
    same(at(g["f"])[0], "FUNCTION")
    name, shown, bases, *attributes = at(g["C"])
    same((name, shown, bases, [a[0] for a in attributes]), ("CLASS", "C", ["<class 'object'>"], ["z"]))
    same(at(attributes[0][1]), ["TUPLE", 1, 2])
    same(at(g["c"]), ["INSTANCE", "C", ["v", ["IMPORTED_FAUX_PRIMITIVE", "b'raw'"]]])
    (returning,) = [e for e in t["trace"] if e["event"] == "return" and e["func_name"] == "f"]
    (frame,) = returning["stack_to_render"]
    same((frame["func_name"], frame["ordered_varnames"], frame["is_highlighted"]), ("f", ["x", "y", "__return__"], True))
    same(frame["encoded_locals"]["__return__"], frame["encoded_locals"]["y"])
    same(frame["encoded_locals"]["x"], returning["globals"]["a"])


def tutor_stops():
    t = steps("for i in range(2000):\n    x = i\n", {"python_tutor": True})["python_tutor"]["trace"]
    same((len(t), [e["event"] for e in t[998:]]), (1001, ["step_line", "step_line", "instruction_limit_reached"]))
    true("1000" in t[-1]["exception_msg"], t[-1])


def tutor_is_asked_for():
    same("python_tutor" in steps("a = 1"), False)
    reply = server.post({"code": "", "lenses": {"steps": {"python_tutor": 1}}})
    same((reply.status, reply.json["errors"][0]["pointer"]), (422, "/lenses/steps/python_tutor"))


CASES = [
    ("100,000 steps within the default limits, all of them", promised),
    ("Python Tutor's format: values, references, the heap, frames, what was printed", tutor),
    ("it ends after 1,000 steps, as the format says it", tutor_stops),
    ("it is there when it is asked for", tutor_is_asked_for),
]

try:
    vt.main(CASES)
finally:
    server.stop()
