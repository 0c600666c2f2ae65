/* Can the value stack be read while an instruction is traced? */
#include "sandbox/lenses/instructions.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/internal.h"

static const char program[] = "def f(a, b):\n"
			      "    return [a, b]\n"
			      "f(70000, 80000)\n";

static bool seen;

/* Both are on it before the list is built. */
static int
trace(PyObject *self, PyFrameObject *f, int what, PyObject *arg)
{
	static const long want[] = {70000, 80000};
	PyObject *b_value;
	int at = 0, same = 0;

	(void)self;
	(void)arg;
	if (what == PyTrace_CALL)
		return frames_trace_instructions(f);
	if (what != PyTrace_OPCODE)
		return 0;
	while (at < 2 && instructions_stack_next(f, &at, &b_value))
		same += b_value && PyLong_CheckExact(b_value) &&
			PyLong_AsLong(b_value) == want[at - 1];
	seen |= same == 2 && !instructions_stack_next(f, &at, &b_value);
	return 0;
}

/* The module's code, and that of its function. */
static bool
know(PyObject *code)
{
	PyObject *b_consts = ((PyCodeObject *)code)->co_consts;
	bool all = instructions_codes_know(code);

	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(b_consts); i++) {
		PyObject *b_one = PyTuple_GET_ITEM(b_consts, i);
		if (PyCode_Check(b_one))
			all = instructions_codes_know(b_one) && all;
	}
	return all;
}

static int
look(struct fail *f)
{
	scope_py PyObject *code =
		Py_CompileString(program, "/known.py", Py_file_input);
	scope_py PyObject *space =
		Py_BuildValue("{s:O}", "__builtins__", PyEval_GetBuiltins());

	if (!code || !space || !know(code))
		return fail_set(f, "a known program cannot be read");
	tracing_begin(trace, NULL);
	scope_py PyObject *done = PyEval_EvalCode(code, space, space);
	tracing_end();
	if (!done) {
		PyErr_Print();
		return fail_set(f, "a known program fails");
	}
	return seen ? 0
		    : fail_set(f, "the value stack cannot be read while an "
				  "instruction is traced");
}

int
instructions_check(struct fail *f)
{
	return py_apart(look, f);
}
