/*
 * A rehearsal: a program is run as a snippet will be, and nothing is left of
 * it.  Most of the time that a short snippet takes is the copying of pages on
 * their first writes, and the mapping of pages on their first use; a cell that
 * waits has this behind it.  In the zygote, several in a row bring what all
 * cells share into the state that it comes to anyhow: strings are interned,
 * caches of code are filled, free lists are what they will be.
 *
 * What it prints goes to /dev/null.  It draws no random number, imports nothing
 * new, and its objects are gone, with its __main__, before the order comes.
 */
#include "sandbox/py/internal.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/scope.h"

static const char program[] =
	"import sys\n"
	"from collections import defaultdict\n"
	"def f(a, *b, key=None, **c):\n"
	"    return [x + 1 for x in range(a) if x % 3]\n"
	"class A:\n"
	"    n = 0\n"
	"    def __init__(self, x):\n"
	"        self.x = x\n"
	"    def __repr__(self):\n"
	"        return f'A({self.x!r})'\n"
	"class B(A):\n"
	"    def __init__(self, x, y):\n"
	"        super().__init__(x)\n"
	"        self.y = y\n"
	"    @property\n"
	"    def both(self):\n"
	"        yield from (self.x, self.y)\n"
	"def outer():\n"
	"    n = 0\n"
	"    def inner():\n"
	"        nonlocal n\n"
	"        n += 1\n"
	"        return n\n"
	"    return inner\n"
	"d = {}\n"
	"for i in range(60):\n"
	"    d[i] = str(i), i * 1.5\n"
	"try:\n"
	"    d['missing']\n"
	"except KeyError as e:\n"
	"    print(type(e).__name__, e)\n"
	"count = defaultdict(list)\n"
	"for word in 'a few words and a few more'.split():\n"
	"    count[word].append(len(word))\n"
	"print(f(40), list(B(1, [2]).both), B(1, 2), outer()(), sep='; ')\n"
	"print(f'{d!r:>10} {3.14159:.2f}', sorted({3, 1, 2}, key=lambda x: "
	"-x))\n"
	"print(sum(x * x for x in range(10)), 'x'.join('abc'), b'x' * 9, "
	"2 ** 100, dict(count))\n";

/* Its output goes where nobody reads. */
static int
open_null(void)
{
	scope_fd int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	return null < 0 || dup2(null, 1) < 0 ? -1 : 0;
}

static int
play(const char *script)
{
	const struct py_pass nothing = {.script = script};
	scope_py PyObject *name = PyUnicode_FromString(script);

	if (!name || py_set_arguments(&nothing) || py_set_path(script))
		return -1;
	PyObject *b_dict = py_make_main(script);
	scope_py PyObject *code =
		Py_CompileStringObject(program, name, Py_file_input, NULL, -1);
	scope_py PyObject *done =
		b_dict && code ? PyEval_EvalCode(code, b_dict, b_dict) : NULL;
	py_flush();
	if (b_dict)
		PyDict_Clear(b_dict);
	return done ? 0 : -1;
}

int
py_rehearse(const char *script)
{
	int rc = open_null() || play(script) ? -1 : 0;
	PyObject *b_path = PySys_GetObject("path");

	if (rc == 0 && (!b_path || PyList_SetSlice(b_path, 0, 1, NULL)))
		rc = -1;
	/* Its cycles are not the snippet's to find. */
	py_settle_gc(false);
	return rc;
}
