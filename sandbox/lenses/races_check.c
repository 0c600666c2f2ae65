/*
 * Does another thread go on where it is to?  Two threads of a known program
 * take turns within a window: each reads what the other has not written yet, in
 * a process of its own.
 */
#include "sandbox/lenses/races.h"

#include "sandbox/lenses/threads.h"
#include "sandbox/py/internal.h"

/* Without a switch in the window the last is 200; and with one before each
 * instruction behind a read, one of two is lost. */
static const char program[] = "n = 0\n"
			      "def f():\n"
			      "    global n\n"
			      "    for i in range(100):\n"
			      "        n += 1\n"
			      "t = [Thread(target=f) for i in range(2)]\n"
			      "for x in t: x.start()\n"
			      "for x in t: x.join()\n";

static int
look(struct fail *f)
{
	static struct races_said said;
	const struct races_schedule s = {
		.kind = RACES_INSIDE, .seed = 1, .within = 65536};
	scope_py PyObject *code =
		Py_CompileString(program, "/known.py", Py_file_input);
	scope_py PyObject *threading = PyImport_ImportModule("threading");
	scope_py PyObject *thread =
		threading ? PyObject_GetAttrString(threading, "Thread") : NULL;
	scope_py PyObject *space =
		thread ? Py_BuildValue("{s:O,s:O}", "__builtins__",
				 PyEval_GetBuiltins(), "Thread", thread)
		       : NULL;
	const struct lens_run r = {.code = code,
		.source = program,
		.source_len = sizeof(program) - 1};

	if (!code || !space || races_windows_begin(&r, 5)) {
		PyErr_Print();
		return fail_set(f, "threading cannot be had to try it");
	}
	races_switch_begin(&s, &said);
	races_trace_begin(s.kind, &said);
	scope_py PyObject *done = PyEval_EvalCode(code, space, space);
	if (!done) {
		PyErr_Print();
		return fail_set(f, "a known program with threads fails");
	}
	PyObject *b_n = PyDict_GetItemString(space, "n");
	long n = b_n ? PyLong_AsLong(b_n) : -1;
	if (said.started != 2 || said.switches == 0 ||
		said.within[0] != said.switches)
		return fail_set(f,
			"threads are not switched where they are to be: "
			"%u of them, %u switches",
			said.started, said.switches);
	if (n < 1 || n >= 200)
		return fail_set(
			f, "nothing is lost by a switch: %ld of 200", n);
	return 0;
}

int
races_check(struct fail *f)
{
	return py_apart(look, f);
}
