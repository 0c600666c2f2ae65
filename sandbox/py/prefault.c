/*
 * Touching ahead of need what a run will touch: most of the time that a short
 * snippet takes is the copying of pages on its first writes.  What is run here
 * leaves nothing behind: its names live in a dict that is dropped, it prints
 * nothing, draws no random number and imports nothing.
 */
#include "sandbox/py/internal.h"

static const char warm_up[] =
	"def f(a, *b, **c):\n"
	"    return [x + 1 for x in range(a)]\n"
	"class A:\n"
	"    def __init__(self):\n"
	"        self.x = {}\n"
	"    def g(self):\n"
	"        yield from f(3)\n"
	"d = {}\n"
	"for i in range(60):\n"
	"    d[i] = str(i), i * 1.5\n"
	"try:\n"
	"    d['missing']\n"
	"except KeyError as e:\n"
	"    d = repr(e)\n"
	"f(40), list(A().g()), f'{d!r:>10}', sorted({3, 1, 2}), b'x' * 9\n";

void
py_prefault(void)
{
	scope_py PyObject *space = PyDict_New();

	if (space && PyDict_SetItemString(space, "__builtins__",
			     PyEval_GetBuiltins()) == 0) {
		scope_py PyObject *done =
			PyRun_String(warm_up, Py_file_input, space, space);
	}
	PyErr_Clear();
	/* Its cycles are not the snippet's to find. */
	Py_CLEAR(space);
	py_settle_gc(false);
}
