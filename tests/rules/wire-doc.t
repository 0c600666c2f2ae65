#!/usr/bin/python3
"""docs/wire.md says what the sources say.

Each table of the document is turned into a C program that asks the compiler for the same: a member or a name that is gone
does not compile, one that is new leaves a gap, and a number that differs is told.
"""
import functools
import pathlib
import re
import subprocess
import sys
import tempfile

DOC = pathlib.Path("docs/wire.md").read_text()
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
INCLUDES = ["stdio.h", "assert.h", "string.h"]
# bundle.c has the heads of a bundle for itself.
HEADERS = ["wire/msg.h", "wire/record.h", "wire/record_layout.h", "wire/limits.h", "base/io.h", "wire/bundle.c"]


def source(path):
    return pathlib.Path(path).read_text()


def table(columns, nth=0):
    """The rows of the nth table with just these column titles, their cells without backquotes."""
    title = "| " + " | ".join(columns) + " |\n"
    assert DOC.count(title) > nth, f"docs/wire.md has no table {nth + 1} of {columns}"
    body = DOC.split(title)[nth + 1].split("\n")[1:]
    rows = []
    for line in body:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")])
    assert all(len(r) == len(columns) for r in rows), f"a row of {columns} has other columns: {rows}"
    return rows


BUILT = tempfile.TemporaryDirectory()
COMPILE = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-I."]


def gcc(*argv, text=None):
    done = subprocess.run([*COMPILE, *argv], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@functools.cache
def library():
    """base and wire, but for what the programs include."""
    sources = [p for p in sorted([*pathlib.Path("base").glob("*.c"), *pathlib.Path("wire").glob("*.c")]) if str(p) not in HEADERS]
    objects = [f"{BUILT.name}/{p.stem}.o" for p in sources]
    for path, out in zip(sources, objects):
        gcc("-c", str(path), "-o", out)
    return objects


def compiled(lines):
    """What a C program prints whose main has these lines, line by line."""
    includes = "".join(f"#include <{h}>\n" for h in INCLUDES) + "".join(f'#include "{h}"\n' for h in HEADERS)
    program = f"{BUILT.name}/ask"
    text = f"{includes}int main(void)\n{{\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
    gcc("-x", "c", "-", "-x", "none", *library(), "-o", program, text=text)
    ran = subprocess.run([program], capture_output=True, text=True)
    assert ran.returncode == 0, ran
    return ran.stdout.splitlines()


def number(expression):
    return f'printf("%llu\\n", (unsigned long long)({expression}));'


def value(words):
    """10000, "8 MiB", "0x31525456, the bytes …"."""
    n, _, unit = words.split(",")[0].partition(" ")
    return int(n, 0) * UNITS.get(unit, 1)


def same(got, expected, what):
    assert got == expected, f"{what}: the document has {got}, the sources {expected}"


def numbered(columns, macro_of, nth=0, count=None):
    """Names that are numbered from 0 on: in the order of their enum, none missing."""
    rows = table(columns, nth)
    got = compiled([number(macro_of(r[1])) for r in rows] + [number(count)])
    same([r[0] for r in rows], got[:-1], f"the numbers of {columns}")
    same(str(len(rows)), got[-1], f"how many {columns[0]} there are")
    return rows


# Structs in the order of their tables, with the type that each column means.
STRUCTS = ["struct wire_head", "struct msg_hello", "struct msg_failed", "struct msg_pass", "struct msg_started",
           "struct msg_exited", "struct msg_denied", "struct head", "struct part_head", "struct record_top", "struct record_head"]
BASIC = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t", "i32": "int32_t", "char": "char",
         "struct limits": "struct limits",
         "struct msg_denied": "struct msg_denied"}


def structs():
    """Each member at its offset and of its type; together they cover the struct, so that none is missing."""
    for nth, struct in enumerate(STRUCTS):
        rows = table(["offset", "type", "field", "holds"], nth)
        before = DOC.split("| offset | type | field | holds |\n")[nth]
        same(re.findall(r"`(struct \w+)`", before)[-1], struct, f"the struct of table {nth + 1}")
        ask, at = [], 0
        for _, kind, field, _ in rows:
            base, dims = re.fullmatch(r"([a-z0-9_ ]+?)((?:\[\d+\])*)", kind).groups()
            ask.append(number(f"offsetof({struct}, {field})"))
            ask.append(number(f"__builtin_types_compatible_p(__typeof__((({struct} *)0)->{field}), {BASIC[base]}{dims})"))
            ask.append(number(f"sizeof((({struct} *)0)->{field})"))
        got = list(map(int, compiled(ask + [number(f"sizeof({struct})")])))
        for i, (offset, kind, field, _) in enumerate(rows):
            where, is_type, size = got[3 * i:3 * i + 3]
            same(int(offset), where, f"{struct}.{field}, its offset")
            same(where, at, f"{struct}: what stands before {field}")
            assert is_type, f"{struct}.{field} is no {kind}"
            at += size
        same(at, got[-1], f"{struct}, its size")


def messages():
    rows = table(["type", "name", "sender", "state", "body bytes", "descriptors"])
    ask = ["#define X(id, type, sender, state, nfd) printf(\"%d %s %s %s %zu %d\\n\", MSG_##id, #id, #sender, #state, "
           "sizeof(type), (int)(nfd));", "MESSAGE_TABLE(X)", "#undef X"]
    same([" ".join([r[0], r[1], r[2].upper(), *r[3:]]) for r in rows], compiled(ask), "the messages")


def constants():
    heads = [next(r for r in table(["offset", "type", "field", "holds"], n) if r[2] == "magic") for n in (0, 7, 9)]
    names = ["WIRE_MAGIC", "BUNDLE_MAGIC", "RECORD_MAGIC"]
    same([value(h[3]) for h in heads], list(map(int, compiled([number(n) for n in names]))), "the magic numbers")
    for h in heads:
        same(h[3].split("bytes ")[1].encode(), value(h[3]).to_bytes(4, "little"), "the bytes of a magic number")
    said = {r"The largest datagram has (\d+) bytes": "MSG_MAX_BYTES", r"more than (\d+) descriptors are": "IO_MAX_FDS",
            r"`protocol` \| (\d+), the version": "WIRE_VERSION", r"kept ready, at most (\d+) \|": "MAX_STANDBY",
            r"that cannot be had, (\d+) when it is none": "LAYER_COUNT", r"; (\d+) for the run itself": "RECORD_RUN"}
    found = {name: re.findall(words, DOC) for words, name in said.items()}
    for name, truth in zip(found, compiled([number(n) for n in found])):
        same(found[name], [truth], name)


def enums():
    numbered(["index", "name", "is"], lambda n: f"PASS_FD_{n}", count="PASS_FD_COUNT")
    numbered(["cause", "name", "means"], lambda n: f"END_{n}", count="END_COUNT")
    numbered(["kind", "id", "name", "value"], lambda n: f"BUNDLE_{n}", count="BUNDLE_KINDS")
    numbered(["kind", "id", "means"], lambda n: f"RECORD_{n}", count="RECORD_KINDS")


def lists():
    passes = numbered(["pass", "id", "name", "runs"], lambda n: f"PASS_{n}", count="PASS_COUNT")
    layers = numbered(["layer", "id", "name"], lambda n: f"LAYER_{n}", count="LAYER_COUNT")
    zygotes = numbered(["zygote", "id", "name"], lambda n: f"ZYGOTE_{n}", count="ZYGOTE_COUNT")
    ask = [f'printf("%s %s\\n", pass_name(PASS_{p[1]}), pass_runs(PASS_{p[1]}) ? "yes" : "no");' for p in passes]
    ask += [f'puts(layer_name(LAYER_{y[1]}));' for y in layers]
    ask += [f'puts(zygote_name(ZYGOTE_{z[1]}));' for z in zygotes]
    said = [f"{p[2]} {p[3]}" for p in passes] + [y[2] for y in layers] + [z[2] for z in zygotes]
    same(said, compiled(ask), "the names of passes, layers and zygotes")


def limits():
    rows = table(["member", "default", "least", "most"])
    ask = ["#define X(member, fallback, low, high) printf(\"%s %llu %llu %llu\\n\", #member, (unsigned long long)(fallback), "
           "(unsigned long long)(low), (unsigned long long)(high));", "LIMITS_TABLE(X)", "#undef X"]
    same([" ".join([r[0], *(str(value(c)) for c in r[1:])]) for r in rows], compiled(ask), "the limits of a run")


def bounds():
    rows = table(["limit", "value", "of"])
    # All of it but the units and the table above.
    defined = [n for n in re.findall(r"^#define (\w+)[ \t]+\S", source("wire/limits.h"), re.M) if not n.endswith("IB")]
    same([r[0] for r in rows], defined, "the limits of wire/limits.h")
    same([value(r[1]) for r in rows], list(map(int, compiled([number(n) for n in defined]))), "their values")


def defined(path, name):
    """The value of a macro of a source file, from the macros of that file."""
    macros = re.findall(r"^#define \w+[ \t]+.*$", source(path), re.M)
    return int(compiled(["\n" + "\n".join(macros) + "\n" + number(name)])[0])


def waits():
    rows = table(["who", "for", "at most", "then"])
    s = 1_000_000_000
    truth = [f"{defined('server/runner.c', 'START_NS') // s} s", f"{defined('server/flight.c', 'HUNG_NS') // s} s", "wall_ms",
             f"{defined('server/flight.c', 'ASKED_NS') // s} s",
             f"{defined('server/flight.c', 'HUNG_NS') // s} s", f"{defined('server/runner.c', 'LEAVE_NS') // s} s",
             f"{defined('sandbox/zygote.c', 'PROVE_TIMEOUT_MS') // 1000} s"]
    same([r[2] for r in rows], truth, "how long each side waits")
    same(re.findall(r"at most (\d+) cells", DOC), [str(defined("sandbox/zygote.c", "MAX_CELLS"))], "how many cells")
    again = re.findall(r"at once if it lived a second, else after (\d+) ms and then twice as long each time, up to (\d+) s", DOC)
    same(again, [(str(defined("server/runtime.c", "FIRST_BACKOFF_NS") * 1000 // s),
                  str(defined("server/runtime.c", "LAST_BACKOFF_NS") // s))], "when a runner is started again")
    same(defined("server/runtime.c", "LONG_LIFE_NS"), s, "a second")


def options():
    rows = [r[0].removeprefix("--") for r in table(["option", "means"])]
    read = re.findall(r'\{"([a-z-]+)", required_argument', source("sandbox/runner.c"))
    given = re.findall(r'\(char \*\)"--([a-z-]+)"', source("server/runner_spawn.c"))
    same(sorted(rows), sorted(read), "the options that a runner reads")
    same(rows, given, "the options that a server gives")


def spelled(heading):
    """The bytes of the example under a heading of that kind."""
    part = DOC.split(heading)[1].split("```")[1]
    part = re.sub(r"\((\d+) zeros\)", lambda m: "00 " * int(m[1]), part)
    return bytes.fromhex(part)


def dump(expression, n):
    return f'for (size_t i = 0; i < {n}; i++) printf("%02x", ((unsigned char *){expression})[i]);\nputs("");'


def examples():
    got = compiled([
        "struct buf b = {0}; struct fail f; bundle_begin(&b);",
        'if (bundle_add(&b, BUNDLE_CODE, "", 0, "print(1)", 8, &f) || bundle_check(b.data, b.len, &f)) return 1;',
        dump("b.data", "b.len"),
        "static char map[4096] __attribute__((aligned(8))); struct record_writer w; record_init(&w, map, sizeof(map));",
        'jsonw_int(record_begin(&w, RECORD_SET, RECORD_RUN, "compile_ns"), 7); if (!record_commit(&w)) return 1;',
        dump("map", "record_length((void *)map, sizeof(map))")])
    same(spelled("The bundle of `print(1)`:").hex(), got[0], "the bundle of the example")
    same(spelled("The report of a run").hex(), got[1], "the report of the example")


CHECKS = [("structs: members, offsets, types, sizes", structs), ("messages: number, sender, state, size, descriptors", messages),
          ("magic numbers and other constants", constants), ("descriptors, causes, kinds", enums),
          ("passes, layers, zygotes", lists), ("limits of a run", limits), ("limits of everything", bounds),
          ("how long each side waits", waits), ("a runner's arguments", options), ("the examples, byte for byte", examples)]
print("TAP version 13", f"1..{len(CHECKS)}", sep="\n")
bad = 0
for n, (name, check) in enumerate(CHECKS, 1):
    words = ""
    try:
        check()
    except (AssertionError, IndexError, KeyError, StopIteration, ValueError, AttributeError) as e:
        words = f"{type(e).__name__}: {e}"
    bad += bool(words)
    print(f"{'not ' if words else ''}ok {n} - {name}")
    if words:
        print("#", words.replace("\n", "\n# "))
sys.exit(bad > 0)
