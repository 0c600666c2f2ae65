#!/usr/bin/python3
"""docs/requirements.md: R-01 to R-42 once each, each with a test or with "not yet"; every test that is named is there, by its file
and by its name in it."""
import os
import pathlib
import re
import sys

TEXT = pathlib.Path("docs/requirements.md").read_text()
ROWS = re.findall(r"^\| (R-\d\d) \| (.*?) \| (.*) \|$", TEXT, re.M)
# `tests/file`, or `tests/file`: "name", "another"
NAMED = re.compile(r'`(tests/[^`]+)`(?:: ((?:"[^"]+"(?:, )?)+))?')


def all_rows():
    want = [f"R-{n:02}" for n in range(1, 43)]
    got = [row[0] for row in ROWS]
    return [] if got == want else [f"rows: {sorted(set(want) ^ set(got)) or 'not in order'}"]


def honest():
    for row, _, held in ROWS:
        if not NAMED.search(held) and "not yet" not in held.lower():
            yield f"{row} has no test and does not say so"


def there():
    for row, _, held in ROWS:
        for file, names in NAMED.findall(held):
            path = pathlib.Path(file)
            if not path.is_file():
                yield f"{row}: {file} is not there"
                continue
            if path.suffix == ".t" and not os.access(path, os.X_OK):
                yield f"{row}: {file} is not executable"
            for name in re.findall(r'"([^"]+)"', names):
                quoted = rf'\b{name}\b' if path.suffix == ".c" else f'"{re.escape(name)}"'
                if not re.search(quoted, path.read_text()):
                    yield f"{row}: {file} has no {name!r}"


def snippets():
    """Each of them is in the folders that snippets.t runs."""
    for row, _, held in ROWS:
        for file, _ in NAMED.findall(held):
            if file.endswith(".py") and not re.fullmatch(r"tests/jail/(benign|hostile)/\w+\.py", file):
                yield f"{row}: nobody runs {file}"


TESTS = [("R-01 to R-42, in order", all_rows), ("each has a test, or says that it has none", honest),
         ("every test that is named is there", there), ("snippets are where they are run", snippets)]
print("TAP version 13", f"1..{len(TESTS)}", sep="\n")
failed = 0
for n, (name, test) in enumerate(TESTS, 1):
    bad = list(test())
    failed += bool(bad)
    print(f"{'not ' if bad else ''}ok {n} - {name}")
    for words in bad:
        print("#  ", words)
sys.exit(failed > 0)
