"""The table of docs/security.md that says which of CPython's own tests end differently in the jail."""
import fnmatch
import pathlib
import re

PATH = pathlib.Path(__file__).parent.parent.parent / "docs/security.md"
HEAD = "| tests | postures | layer | why |"
LAYERS = ("root", "scratch", "namespaces", "landlock", "seccomp", "rlimits", "runner")
POSTURES = {"full": ("full",), "container": ("container",), "both": ("full", "container")}


class Row:
    def __init__(self, line):
        self.line = line
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) != 4:
            raise ValueError(f"not four cells: {line}")
        self.patterns, words, self.layers, self.why = re.findall(r"`([^`]+)`", cells[0]), cells[1], cells[2].split(", "), cells[3]
        # `both, at times`: what differs by chance is not held to differ.
        self.postures, self.always = POSTURES[words.removesuffix(", at times")], not words.endswith(", at times")
        if not self.patterns or not self.why or not set(self.layers) <= set(LAYERS):
            raise ValueError(f"without tests, a known layer or a reason: {line}")


def rows():
    text = PATH.read_text()
    if text.count(HEAD) != 1:
        raise ValueError(f"{PATH} has not one table that begins with {HEAD}")
    lines = text[text.index(HEAD):].split("\n\n")[0].splitlines()[2:]
    return [Row(line) for line in lines]


def fits(pattern, name, words):
    """`name` names tests that all differ; `name: words`, those of them that differ and say so."""
    tests, _, said = pattern.partition(": ")
    return fnmatch.fnmatchcase(name, tests) and (not said or fnmatch.fnmatchcase(words, said))


def judged(table, posture, out, found):
    """Faults of one module's outcomes: [words]. found: the differences. A pattern has to name tests that differ, and no others but
    those which do not pass outside either: about these this machine can tell nothing."""
    faults = []
    patterns = [(row, p) for row in table if posture in row.postures for p in row.patterns]
    for name, was, now, words in found:
        if not any(fits(p, name, words) for _, p in patterns):
            faults.append(f"{name}: {was} outside, {now} in the jail: {words}")
    differ = {name for name, *_ in found}
    for row, p in patterns:
        tests, _, said = p.partition(": ")
        passing = [name for name in fnmatch.filter(out, tests) if out[name][0] == "ok"]
        if not row.always:
            continue
        if not said:
            faults += [f"{name}: listed by `{p}`, and does not differ" for name in passing if name not in differ]
        elif passing and not any(fits(p, name, words) for name, _, _, words in found):
            faults.append(f"`{p}`: nothing differs and says so")
    return faults
