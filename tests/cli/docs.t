#!/usr/bin/python3
"""What the documents say of the program is so: the manual, the commands, the links, the layers, the source tour."""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import check, equal, holds, main, vitrine

MANUAL = pathlib.Path("docs/man/vitrine.1")
DOCS = sorted([*pathlib.Path(".").glob("*.md"), *pathlib.Path("docs").glob("*.md"), *pathlib.Path("deploy").glob("*.md")])
SCREENSHOT = pathlib.Path("docs/screenshot.png")
# argp has these of its own.
ALWAYS = {"--help", "--usage"}


@check("the manual is without faults: mandoc -Tlint")
def lint():
    r = subprocess.run(["mandoc", "-Tlint", "-Wwarning", MANUAL], capture_output=True, text=True)
    equal((r.returncode, r.stdout), (0, ""))


def helped(command):
    text = vitrine(command, "--help").stdout.decode()
    return set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", text, re.M)) - ALWAYS


def documented(command):
    """Options of the list under the command's own heading in the manual."""
    part = MANUAL.read_text().split(f".Ss vitrine {command}\n")[1]
    part = re.split(r"^\.S[sh] ", part, maxsplit=1, flags=re.M)[0]
    return {"--" + name for name in re.findall(r"^\.It Fl -([a-z-]+)", part, re.M)}


@check("the manual has the options that --help prints, and no others")
def options():
    for command in ("serve", "run", "compare", "measure", "doctor"):
        assert helped(command), command
        equal(documented(command), helped(command), command)


@check("the manual names every lens, every layer and every command")
def names():
    text = MANUAL.read_text()
    report = json.loads(vitrine("doctor", "--json").stdout)["runtimes"][0]
    tables = [(pathlib.Path("wire/tbl", f), re.compile(pattern, re.M)) for f, pattern in (("lenses.h", r"^\tX\([A-Z]+, (\w+),"), ("layers.h", r'X\(\w+,\s*"(\w+)"'))]
    for path, pattern in tables:
        found = pattern.findall(path.read_text())
        assert found, path
        for name in found:
            holds(text, f"Cm {name}")
    equal([layer["name"] for layer in report["layers"]], tables[1][1].findall(tables[1][0].read_text()))
    for command in re.findall(r"^  (\w+) +\S", vitrine("--help").stdout.decode(), re.M):
        holds(text, f".Ss vitrine {command}\n")


@check("the exit statuses in the manual are those of the source")
def statuses():
    source = pathlib.Path("server/cli_options.h").read_text()
    text = MANUAL.read_text()
    for name in ("CLI_EXIT_FAULT", "CLI_EXIT_LIMIT", "CLI_EXIT_DIFFER"):
        value = re.search(rf"#define {name} (\d+)", source)[1]
        holds(text, f".It {value}\n")


def blocks(path):
    """Shell lines of a document."""
    return [line for block in re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.M | re.S) for line in block.splitlines()]


@check("every make target in the documents is one")
def targets():
    makefile = pathlib.Path("Makefile").read_text()
    known = set(re.findall(r"^([a-z-]+)(?: [a-z-]+)*:", makefile, re.M))
    said = set()
    for path in DOCS:
        text = "\n".join(blocks(path)) + "\n".join(re.findall(r"`([^`\n]+)`", path.read_text()))
        for line in re.findall(r"(?:^|= |\w )?make((?: +[A-Za-z_=,0-9/.-]+)*)", text):
            said |= {word for word in line.split() if re.fullmatch(r"[a-z-]+", word)}
    assert {"run", "test"} <= said, said
    equal(said - known, set())


@check("every vitrine command in the documents is understood")
def commands():
    known = {c: helped(c) for c in ("serve", "run", "compare", "measure", "doctor")}
    seen = 0
    for path in DOCS:
        text = path.read_text()
        for words in re.findall(r"(?:build/)?vitrine ((?:serve|run|compare|doctor)\b[^`\n#;]*)", text):
            command, *rest = words.split()
            for option in re.findall(r"(?:^| )(--[a-z-]+)", " " + " ".join(rest)):
                assert option in known[command], f"{path}: vitrine {command} {option}"
                seen += 1
    assert seen > 3


def anchors(path):
    heads = re.findall(r"^#+ (.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@check("adding a lens: each file that the page names is there")
def adding_a_lens():
    page = pathlib.Path("docs/adding-a-lens.md").read_text()
    named = set(re.findall(r"`([\w<>*./-]+\.(?:c|h|t|py|md|tsx?|yaml|1)|[\w/]+/run)`", page))
    assert len(named) > 20, named
    # Short of a directory where the sentence has it; and each lens that there is has one of those that bear its name.
    lenses = re.findall(r"^\tX\([A-Z]+, (\w+),", pathlib.Path("wire/tbl/lenses.h").read_text(), re.M)
    for name in sorted(named):
        places = [name, "docs/" + name, "sandbox/lenses/" + name]
        if "<name>" in name:
            places = [name.replace("<name>", lens) for lens in lenses]
        assert any(any(pathlib.Path(".").glob(place)) for place in places), f"docs/adding-a-lens.md names {name}"


@check("links between the documents, and to files, resolve")
def links():
    broken = []
    for path in DOCS:
        text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            to = path if not file else path.parent / file
            if not to.exists() or (anchor and to.suffix == ".md" and anchor not in anchors(to)):
                broken.append(f"{path}: {target}")
    equal(broken, [])


@check("files that the documents name in running text are there")
def files():
    rooms = "|".join(["base", "wire", "api", "server", "sandbox", "web", "tests", "docs", "deploy", "scripts"])
    missing = []
    for path in DOCS:
        if path.name == "CHANGELOG.md":
            continue
        for name in re.findall(rf"`((?:{rooms})/[\w./-]+)`", path.read_text()):
            there = [pathlib.Path(name + end) for end in ("", ".c", ".h")]
            if not any(p.exists() for p in there):
                missing.append(f"{path}: {name}")
    equal(missing, [])


@check("the README's reply has the members of a real one, in their order")
def reply():
    text = pathlib.Path("README.md").read_text()
    shown = json.loads(re.search(r"```json\n(.*?)```", text, re.S)[1])
    asked = json.loads(re.search(r"-d '(.*?)'", text, re.S)[1])
    r = vitrine("run", "-", "--json", "--lens", ",".join(asked["lenses"]), stdin=asked["code"].encode())
    real = json.loads(r.stdout)
    equal(list(shown), list(real))
    # All but what differs from run to run and from machine to machine.
    for own in ("id", "usage", "confinement", "runtime"):
        equal(type(shown.pop(own)), type(real.pop(own)))
    equal(shown, real)


@check("the screenshot is there")
def screenshot():
    equal(SCREENSHOT.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")


main()
