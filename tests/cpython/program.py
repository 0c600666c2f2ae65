"""Runs one module of CPython's test suite and tells how each test ended: main.py, in the jail and outside of it.

Arguments: module, part, parts, and resources of test.support (cpu, subprocess...) that tests may use. Of the module's tests every
parts-th is run, from `part` on. One line for each end of a test on the first standard output: outcome, name, words; the last line
is `end`, or `end` and what the module as a whole said. What tests print goes to standard error.
"""
import importlib
import os
import sys
import unittest


def words_of(error):
    kind, value = error[:2]
    text = str(value).strip().split("\n")[0]
    return f"{kind.__name__}: {text}"[:300]


class Teller(unittest.TestResult):
    def __init__(self, fd):
        super().__init__()
        self.fd, self.pid = fd, os.getpid()

    def tell(self, outcome, name="", words=""):
        # A child that a test forked, and that comes back, is not the judge.
        if os.getpid() == self.pid:
            line = "\t".join(" ".join(str(s).split()) for s in (outcome, name, words)) + "\n"
            os.write(self.fd, line.encode(errors="backslashreplace"))

    def end_of(self, outcome, test, words=""):
        whole = getattr(test, "test_case", test)  # of a subtest, the test that it is in
        self.tell(outcome, whole.id(), words)

    def startTest(self, test):
        super().startTest(test)
        self.end_of("began", test)

    def addSuccess(self, test):
        self.end_of("ok", test)

    def addSkip(self, test, reason):
        self.end_of("skipped", test, reason)

    def addFailure(self, test, error):
        self.end_of("failed", test, words_of(error))

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error:
            self.end_of("failed", test, words_of(error))

    def addExpectedFailure(self, test, error):
        self.end_of("ok", test, "as expected, it failed")

    def addUnexpectedSuccess(self, test):
        self.end_of("failed", test, "it passed, which was not expected")


def flat(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from flat(one)
        else:
            yield one


def main(name, part, parts, *resources):
    # Standard output is a test's to write to, close or replace.
    teller = Teller(os.dup(1))
    os.dup2(2, 1)
    os.mkdir("work")
    os.chdir("work")
    from test import support
    support.verbose = 0
    support.use_resources = resources
    seen = 0

    def run(suite):
        nonlocal seen
        chosen = unittest.TestSuite()
        for test in flat(suite):
            if seen % int(parts) == int(part):
                chosen.addTest(test)
            seen += 1
        chosen.run(teller)

    support._run_suite = run
    try:
        module = importlib.import_module("test." + name)
        if hasattr(module, "test_main"):
            module.test_main()
        else:
            support.run_unittest(unittest.defaultTestLoader.loadTestsFromModule(module))
        teller.tell("end")
    except unittest.SkipTest as e:
        teller.tell("end", "skipped", e)
    except BaseException as e:
        teller.tell("end", "failed", words_of((type(e), e)))


if __name__ == "__main__":
    main(*sys.argv[1:])
