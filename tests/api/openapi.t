#!/usr/bin/python3
"""The contract as a document: api/openapi.yaml parses, its references lead somewhere, its examples and the replies of
the built program fit its schemas, and its names, bounds and defaults are those of the tables in wire/."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

import jsonschema
import yaml

BUILD = pathlib.Path(os.environ.get("VITRINE_BUILD", "build"))
DOC = yaml.safe_load(pathlib.Path("api/openapi.yaml").read_text())
SCHEMAS = DOC["components"]["schemas"]
results = []


def check(name):
    """Runs the function at once and notes how it went."""
    def run(fn):
        try:
            results.append((name, None, fn()))
        except Exception as e:  # every failure is a result
            results.append((name, f"{type(e).__name__}: {e}", None))
        return fn
    return run


def equal(got, want):
    if got != want:
        raise AssertionError(f"{got!r} is not {want!r}")


def validator(schema):
    whole = {**schema, "components": DOC["components"]}
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


def refusal(name, instance):
    """Why the instance does not fit the schema, or None."""
    errors = [f"{e.json_path}: {e.message}" for e in validator({"$ref": f"#/components/schemas/{name}"}).iter_errors(instance)]
    return "; ".join(errors)[:600] or None


def nodes(node, path=()):
    yield path, node
    if isinstance(node, dict):
        for k, v in node.items():
            yield from nodes(v, path + (k,))
    elif isinstance(node, list):
        for i, v in enumerate(node):
            yield from nodes(v, path + (i,))


def table(path, name):
    """The rows of an X-macro table: lists of their arguments as text."""
    text = pathlib.Path(path).read_text().replace("\\\n", " ")
    body = re.search(rf"#define {name}\(X\)(.*)", text)[1]
    body = re.sub(r'"\s+"', "", body)
    return [[a.strip() for a in re.findall(r'(?:"[^"]*"|[^,"])+', row)] for row in re.findall(r"X\(((?:\"[^\"]*\"|[^()\"])*)\)", body)]


def define(name):
    return number(re.search(rf"#define {name}\s+(.*)", pathlib.Path("wire/limits.h").read_text())[1])


def number(text):
    value = text.replace("KIB", "1024").replace("MIB", "1024 ** 2").replace("GIB", "1024 ** 3")
    assert re.fullmatch(r"[0-9*() ]+", value), text
    return eval(value)  # digits, stars and brackets only


@check("it is OpenAPI 3.1, and every operation has a summary, an id and a success")
def _():
    assert DOC["openapi"].startswith("3.1.")
    operations = [op for path in DOC["paths"].values() for method, op in path.items() if method != "parameters"]
    assert len(operations) >= 8
    assert all(op["summary"] and op["operationId"] and {"200", "204"} & set(op["responses"]) for op in operations)
    equal(len({op["operationId"] for op in operations}), len(operations))


@check("every reference leads somewhere, and every component is used")
def _():
    seen = set()
    for path, node in nodes(DOC):
        if path and path[-1] == "$ref":
            at = DOC
            for part in node.removeprefix("#/").split("/"):
                at = at[part]
            seen.add("/".join(node.split("/")[:4]))
    for kind, members in DOC["components"].items():
        for name in members:
            assert f"#/components/{kind}/{name}" in seen, f"{kind}/{name} is not used"


@check("every schema is one")
def _():
    for name, schema in SCHEMAS.items():
        validator(schema)


@check("every required member is described")
def _():
    for path, node in nodes(SCHEMAS):
        if isinstance(node, dict) and isinstance(node.get("required"), list) and "properties" in node:
            for member in node["required"]:
                assert member in node["properties"], f"{path}: {member}"


@check("every example fits its schema")
def _():
    count = 0
    for path, node in nodes(DOC):
        if not (isinstance(node, dict) and "schema" in node and path[-2] == "content"):
            continue
        examples = [e["value"] for e in node.get("examples", {}).values()]
        examples += [node["example"]] if "example" in node else []
        for example in examples:
            errors = list(validator(node["schema"]).iter_errors(example))
            assert not errors, f"{path}: {errors[0].json_path}: {errors[0].message}"
            count += 1
    assert count >= 12, f"only {count} examples"


@check("every reply that is JSON has an example")
def _():
    for path, node in nodes(DOC):
        if isinstance(node, dict) and "schema" in node and path[-2] == "content" and "json" in path[-1]:
            assert "example" in node or "examples" in node, path


@check("lenses are those of wire/tbl/lenses.h")
def _():
    names = [row[1].strip() for row in table("wire/tbl/lenses.h", "LENS_TABLE")]
    assert len(names) >= 4
    equal(SCHEMAS["LensName"]["enum"], names)
    equal(list(SCHEMAS["LensOptions"]["properties"]), names)
    equal(list(SCHEMAS["Lenses"]["properties"]), names)


@check("layers are those of wire/tbl/layers.h")
def _():
    equal(SCHEMAS["LayerName"]["enum"], [row[1].strip('"') for row in table("wire/tbl/layers.h", "LAYER_TABLE")])


@check("limits, their defaults and their bounds are those of wire/limits.h, in body and query")
def _():
    rows = table("wire/limits.h", "LIMITS_TABLE")
    assert len(rows) >= 6
    equal(list(SCHEMAS["Limits"]["properties"]), [row[0] for row in rows] + ["deadline_ms"])
    for member, fallback, low, high in rows:
        s = SCHEMAS["Limits"]["properties"][member]
        equal((member, s["default"], s["minimum"], s["maximum"]), (member, number(fallback), number(low), number(high)))
        equal(DOC["components"]["parameters"][member]["schema"]["$ref"], f"#/components/schemas/Limits/properties/{member}")
    s = SCHEMAS["Limits"]["properties"]["deadline_ms"]
    equal((s["default"], s["minimum"], s["maximum"]), (None, define("MIN_DEADLINE_MS"), define("MAX_DEADLINE_MS")))


@check("sizes are those of wire/limits.h")
def _():
    p = SCHEMAS["RunRequest"]["properties"]
    equal(p["code"]["maxLength"], define("MAX_CODE_BYTES"))
    equal(p["stdin"]["oneOf"][0]["maxLength"], define("MAX_STDIN_BYTES"))
    equal(p["args"]["maxItems"], define("MAX_ARGS"))
    equal(p["args"]["items"]["maxLength"], define("MAX_ARG_BYTES"))
    equal(p["files"]["maxItems"], define("MAX_FILES"))
    equal(SCHEMAS["File"]["properties"]["path"]["maxLength"], define("MAX_PATH_BYTES"))
    equal(SCHEMAS["File"]["properties"]["text"]["maxLength"], define("MAX_FILE_BYTES"))
    names = SCHEMAS["LensOptions"]["properties"]["refcounts"]["properties"]["names"]
    objects = SCHEMAS["LensOptions"]["properties"]["objects"]["properties"]
    equal((names["maxItems"], objects["names"]["maxItems"]), (define("MAX_NAMES"),) * 2)
    equal((SCHEMAS["VariableName"]["maxLength"], objects["attributes"]["items"]["maxLength"]), (define("MAX_NAME_BYTES"),) * 2)
    equal([objects[n]["maxItems"] for n in ("at", "keys", "attributes")], [define("MAX_ASKED")] * 3)
    equal(objects["at"]["items"]["maximum"], define("MAX_CODE_BYTES") + 1)
    link = SCHEMAS["LinkRequest"]["properties"]["expires_in_s"]
    most = dict(re.findall(r"#define (MAX_LINK_\w+)\s+(\d+)", pathlib.Path("api/link.h").read_text()))
    equal((SCHEMAS["LinkText"]["maxLength"], link["maximum"]), (int(most["MAX_LINK_BYTES"]), int(most["MAX_LINK_SECONDS"])))
    usual = re.search(r"#define USUAL_SECONDS \((\d+) \* (\d+)ULL\)", pathlib.Path("api/link.c").read_text())
    equal(link["default"], int(usual[1]) * int(usual[2]))
    equal(define("MAX_BODY_BYTES"), 8 << 20)
    assert "8 MiB" in DOC["paths"]["/v1/runs"]["post"]["requestBody"]["description"]


@check("members and lens options are those that the parser knows")
def _():
    source = pathlib.Path("api/request.c").read_text()
    body = re.search(r"\} members\[\] = \{(.*?)\};", source, re.S)[1]
    members = re.findall(r'\{"(\w+)"', body)
    equal(list(SCHEMAS["RunRequest"]["properties"]), members)
    equal(list(SCHEMAS["ComparisonRequest"]["properties"]), ["runtimes" if m == "runtime" else m for m in members])
    equal(SCHEMAS["ComparisonRequest"]["properties"]["runtimes"]["oneOf"][0]["maxItems"], define("MAX_COMPARED"))
    source = pathlib.Path("api/measure_request.c").read_text()
    body = re.search(r"struct request_form form = (.*?);", source, re.S)[1]
    schema = SCHEMAS["MeasurementRequest"]["properties"]
    equal(set(schema), set(members) - {"code", "lenses"} | set(re.findall(r'\{"(\w+)"', body)))
    equal(schema["snippets"]["maxItems"], define("MAX_MEASURED"))
    equal(list(schema["snippets"]["items"]["properties"]), re.findall(r'\{"(\w+)"', re.search(r"struct member members\[\] = (.*?);", source, re.S)[1]))
    ranks = pathlib.Path("api/sign_rank.h").read_text()
    equal([schema["rounds"][k] for k in ("minimum", "maximum")],
          [int(re.search(rf"#define SIGN_RANK_{k}\s+(\d+)", ranks)[1]) for k in ("LEAST", "MOST")])
    equal([schema["rounds"]["default"], *(schema["budget_ms"][k] for k in ("default", "minimum", "maximum"))],
          [int(re.search(rf"#define {k}\s+(\d+)", source)[1])
           for k in ("USUAL_ROUNDS", "USUAL_BUDGET_MS", "LEAST_BUDGET_MS", "MOST_BUDGET_MS")])
    for limit in ("COMPARE_ENTRIES", "COMPARE_TEXT_BYTES"):
        value = re.search(rf"#define {limit}\s+(\d+)", pathlib.Path("api/compare_parts.h").read_text())[1]
        assert value in SCHEMAS["Differences"]["properties"]["against_baseline"]["items"]["properties"]["truncated"]["description"], limit
    source = "".join(p.read_text() for p in pathlib.Path("api").glob("request_*.c"))
    for lens, options in SCHEMAS["LensOptions"]["properties"].items():
        found = re.search(rf"member (?:request_)?{lens}_options\[\w*\] = \{{(.*?)\}};", source, re.S)
        equal(list(options.get("properties", {})), re.findall(r'\{"(\w+)"', found[1]) if found else [])


@check("query parameters are those that the parser knows")
def _():
    source = pathlib.Path("api/request_text.c").read_text()
    body = re.search(r"\} parameters\[\] = \{(.*?)\};", source, re.S)[1]
    names = re.findall(r'\{"(\w+)"', body) + list(SCHEMAS["Limits"]["properties"])
    equal([p["$ref"].rpartition("/")[2] for p in DOC["paths"]["/v1/runs"]["post"]["parameters"]], names)


@check("every path that the server answers is described")
def _():
    served = set()
    for path in pathlib.Path("server").glob("routes*.c"):
        served |= {(m.lower(), at) for m, at in re.findall(r'\{"([A-Z]+)",\s*"(/[^"]*)"', path.read_text())}
    assert ("post", "/v1/runs") in served, served
    described = {(method, path) for path, item in DOC["paths"].items() for method in item}
    equal(served - described, set())


@check("every kind of problem that the sources make is listed")
def _():
    listed = {t.removeprefix("/problems/") for t in SCHEMAS["Problem"]["properties"]["type"]["enum"]}
    made = set()
    for path in [*pathlib.Path("api").glob("*.c"), *pathlib.Path("server").glob("*.c")]:
        made |= set(re.findall(r'problem_new\(\s*\d+,\s*"([\w-]+)"', path.read_text()))
    assert {"not-json", "invalid-request", "not-utf8"} <= made, made
    equal(made - listed, set())


@check("bad requests do not fit the schema")
def _():
    for bad in ({}, {"code": 1}, {"code": "", "x": 1}, {"code": "\0"}, {"code": "", "stdin": None},
                {"code": "", "stdin": {"text": "", "base64": ""}}, {"code": "", "args": ["\0"]},
                {"code": "", "files": [{"path": "main.py", "text": ""}]}, {"code": "", "files": [{"path": "/a", "text": ""}]},
                {"code": "", "files": [{"path": "a"}]}, {"code": "", "lenses": ["nope"]}, {"code": "", "lenses": ["gc", "gc"]},
                {"code": "", "lenses": {"gc": {"x": 1}}}, {"code": "", "lenses": {"refcounts": {"names": ["1a"]}}},
                {"code": "", "lenses": {"refcounts": {"names": []}}}, {"code": "", "limits": {"wall_ms": 0}},
                *({"code": "", "lenses": {"refcounts": o}} for o in ({"causes": 1}, {"holders": "yes"}, {"at": [0]}, {"at": [1, 1]})),
                *({"code": "", "lenses": {"objects": o}} for o in ({"names": [""]}, {"at": [0]}, {"at": [1, 1]}, {"keys": [1.5]}, {"keys": [None]},
                                                                   {"attributes": ["a"]}, {"attributes": ["a..b"]}, {"attributes": [".a"]}, {"growth": 1})),
                {"code": "", "limits": {"wall_ms": 1.5}}, {"code": "", "limits": {"wall_ms": "5"}},
                {"code": "", "hash_seed": -1}, {"code": "", "start": "hot"}, {"code": "", "runtime": ""}):
        assert refusal("RunRequest", bad), f"{bad} fits"
    for good in ({"code": ""}, {"code": "", "hash_seed": None, "stdin": {"base64": "AP8="}, "limits": {"cpu_ms": 2000.0}},
                 {"code": "", "lenses": {"refcounts": {"names": ["_a1", "\u00e9"]}, "bytecode": {"adaptive": True}}},
                 {"code": "", "lenses": {"refcounts": {"causes": True, "holders": False, "at": [1, 2]}}},
                 {"code": "", "lenses": {"objects": {"names": ["a"], "at": [1, 2], "keys": ["", 1, -2**63, 2**63 - 1], "attributes": ["a.b", "\u00e9.a.b"], "growth": False}}}):
        why = refusal("RunRequest", good)
        assert not why, f"{good}: {why}"


PROGRAMS = {
    "ok": "import gc\ndef f():\n    a = []\n    return a\ntry:\n    f()\nfinally:\n    gc.collect()\nprint('x')\n",
    "objects": "import functools, collections\nclass A:\n    __slots__ = ('s',)\nclass B(A):\n    def f(self, a=1, *, b=2): return lambda: a\n    p = property(f)\nb = B(); b.x = [b]; b.y = {1: 2, 'k': {3}}\nfor i in range(9): b.x.append(i)\ndef g():\n    yield 1\ng1 = g(); next(g1)\nm, n, c = b.f, len, b.f()\nt = (1.5, b'x', bytearray(3), '\\xe9', ValueError(1), functools.partial(g), collections.deque([1]), None, frozenset('ab'))\n",
    "error": "def f():\n    raise ValueError('no')\nf()\n",
    "compile": "x = = 1\n",
    "exit": "import sys; sys.stdout.buffer.write(b'\\xff'); sys.exit(3)\n",
    "signal": "import os; os.kill(os.getpid(), 11)\n",
}


def reply_of(source):
    with tempfile.TemporaryDirectory() as at:
        path = pathlib.Path(at, "main.py")
        path.write_text(source)
        lenses = [a for name in SCHEMAS["LensName"]["enum"] for a in ("--lens", name)]
        done = subprocess.run([BUILD / "vitrine", "run", "--json", *lenses, "--causes", "--holders", path], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert done.stdout, done.stderr.decode(errors="replace")[-400:]
        return json.loads(done.stdout)


for name, source in PROGRAMS.items():
    title = f"a real reply fits the schema: {name}"
    if not os.access(BUILD / "vitrine", os.X_OK):
        results.append((title + " # SKIP the program is not built", None, None))
        continue

    @check(title)
    def _():
        reply = reply_of(source)
        why = refusal("Run", reply)
        assert not why, why
        equal(set(reply["lenses"]), set(SCHEMAS["LensName"]["enum"]))
        if name == "objects":
            counts = reply["lenses"]["refcounts"]
            assert any(s["changes"] for s in counts["steps"]) and counts["holders"][0]["objects"][0]["holders"], counts
        equal(reply["status"], {"ok": "ok", "objects": "ok", "signal": "signal"}.get(name, "error"))


print("TAP version 13")
print(f"1..{len(results)}")
for i, (name, why, _) in enumerate(results, 1):
    print(f"{'not ok' if why else 'ok'} {i} - {name}")
    if why:
        print("\n".join("# " + line for line in why.splitlines()))
raise SystemExit(any(why for _, why, _ in results))
