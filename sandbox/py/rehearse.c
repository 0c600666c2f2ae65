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

/* In a cell: what any run does.  More of it is paid by every run, and gains
 * only those that do the same. */
static const char part[] = "def f(a):\n"
			   "    return [x + 1 for x in range(a)]\n"
			   "d = {'a': 1}\n"
			   "print(f(4), f'{d!r}', sep='; ')\n";

/* In the zygote. */
static const char whole[] =
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

/* What programs that import the modules of a zygote do with them. */
static const char *const more[ZYGOTE_COUNT] = {
	[ZYGOTE_LIBRARY] = "import json\n"
			   "print(json.dumps({'a': [1, 2.5, None]}))\n",
	[ZYGOTE_NUMPY] = "import numpy as np\n"
			 "a = np.arange(12.).reshape(3, 4)\n"
			 "print(a @ a.T, a.sum(), a[a > 3].mean(), a.dtype)\n",
};

/* Its output goes where nobody reads. */
static int
open_null(void)
{
	scope_fd int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	return null < 0 || dup2(null, 1) < 0 ? -1 : 0;
}

static int
execute(const char *text, PyObject *name, PyObject *space)
{
	scope_py PyObject *code =
		Py_CompileStringObject(text, name, Py_file_input, NULL, -1);
	scope_py PyObject *done =
		code ? PyEval_EvalCode(code, space, space) : NULL;

	return done ? 0 : -1;
}

static int
play(const char *script, bool all)
{
	const struct py_pass nothing = {.script = script};
	const char *extra = all ? more[py_kept.zygote] : NULL;
	scope_py PyObject *name = PyUnicode_FromString(script);

	if (!name || py_set_arguments(&nothing) || py_set_path(script))
		return -1;
	PyObject *b_dict = py_make_main(script);
	if (!b_dict)
		return -1;
	int rc = execute(all ? whole : part, name, b_dict) ||
				 (extra && execute(extra, name, b_dict))
			 ? -1
			 : 0;
	py_rehearse_shutdown(script);
	PyDict_Clear(b_dict);
	return rc;
}

int
py_rehearse(const char *script, bool all)
{
	int rc = open_null() || play(script, all) ? -1 : 0;
	PyObject *b_path = PySys_GetObject("path");

	if (rc == 0 && (!b_path || PyList_SetSlice(b_path, 0, 1, NULL)))
		rc = -1;
	/* Without a GIL a module is the collector's to free. */
	if (rc == 0 &&
		PyDict_DelItemString(PyImport_GetModuleDict(), "__main__"))
		rc = -1;
	/* Its cycles are not the snippet's to find. */
	py_settle_gc(false);
	return rc;
}
