/* Python that lenses are written in. */
#include "sandbox/lenses/embed.h"

#include "sandbox/py/scope_py.h"

EMBED(shown);
EMBED(bytecode_flow);

PyObject *
embed_space(void)
{
	PyObject *space = PyDict_New();

	if (space && PyDict_SetItemString(
			     space, "__builtins__", PyEval_GetBuiltins()))
		Py_CLEAR(space);
	return space;
}

int
embed_run(PyObject *space, const char *text, const char *file)
{
	scope_py PyObject *code = Py_CompileString(text, file, Py_file_input);
	scope_py PyObject *done =
		code ? PyEval_EvalCode(code, space, space) : NULL;

	return done ? 0 : -1;
}

int
embed_run_shown(PyObject *space)
{
	return embed_run(space, embed_shown, "shown.py");
}

int
embed_run_flow(PyObject *space)
{
	return embed_run(space, embed_bytecode_flow, "bytecode_flow.py");
}
