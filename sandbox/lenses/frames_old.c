/* Frames before 3.11, when each was an object. */
#include "sandbox/lenses/frames.h"

#if PY_VERSION_HEX < PY_3_11

#include <frameobject.h>
#include <opcode.h>

#include <string.h>

PyCodeObject *
frames_code(PyFrameObject *f)
{
	return f->f_code;
}

bool
frames_is_code_of(PyCodeObject *code, const char *script)
{
	const char *file = PyUnicode_AsUTF8(code->co_filename);

	if (!file)
		PyErr_Clear();
	return file && strcmp(file, script) == 0;
}

bool
frames_in_script(PyFrameObject *f, const char *script)
{
	return frames_is_code_of(f->f_code, script);
}

bool
frames_next_free(PyObject *code, int *at, PyObject **ret_name)
{
	PyObject *b_names = ((PyCodeObject *)code)->co_freevars;

	if (*at >= PyTuple_GET_SIZE(b_names))
		return false;
	*ret_name = PyTuple_GET_ITEM(b_names, (*at)++);
	return true;
}

PyObject *
frames_owner(PyFrameObject *f)
{
	return f->f_gen;
}

bool
frames_next_on_stack(PyFrameObject *f, int *at, PyObject **ret_value)
{
	PyObject **slot = f->f_valuestack + *at;

	if (!f->f_stacktop || slot >= f->f_stacktop)
		return false;
	*ret_value = *slot;
	++*at;
	return true;
}

bool
frames_number_on_stack(PyFrameObject *f, int at, int64_t *ret)
{
	(void)f;
	(void)at;
	(void)ret;
	return false;
}

PyObject *
frames_namespace(PyFrameObject *f)
{
	return (f->f_code->co_flags & CO_OPTIMIZED) ? NULL : f->f_locals;
}

PyObject *
frames_globals(PyFrameObject *f)
{
	return f->f_globals;
}

int
frames_at(PyFrameObject *f)
{
	return f->f_lasti;
}

unsigned
frames_depth(PyFrameObject *f)
{
	unsigned n = 0;

	for (; f; f = f->f_back)
		n++;
	return n;
}

bool
frames_is_resumed(PyFrameObject *f)
{
	return f->f_gen && f->f_lasti >= 0;
}

/* The instruction that it is at. */
static int
opcode_at(const PyFrameObject *f, int *ret_arg)
{
	const unsigned char *code =
		(const unsigned char *)PyBytes_AS_STRING(f->f_code->co_code);

	if (f->f_lasti < 0)
		return -1;
	*ret_arg = code[f->f_lasti + 1];
	return code[f->f_lasti];
}

bool
frames_is_suspended(PyFrameObject *f)
{
	int arg, op = opcode_at(f, &arg);

	/* While it waits in a yield from, it is at the instruction before. */
	if (op == YIELD_VALUE || op == YIELD_FROM)
		return f->f_gen != NULL;
	const char *code = PyBytes_AS_STRING(f->f_code->co_code);
	Py_ssize_t next = f->f_lasti + 2;
	return f->f_gen && next < PyBytes_GET_SIZE(f->f_code->co_code) &&
	       (unsigned char)code[next] == YIELD_FROM;
}

/* The name of the i-th fast local: locals, cells and free variables follow each
 * other (Objects/frameobject.c, 3.9). */
static PyObject *
local_name(const PyCodeObject *code, Py_ssize_t i)
{
	if (i < code->co_nlocals)
		return PyTuple_GET_ITEM(code->co_varnames, i);
	i -= code->co_nlocals;
	Py_ssize_t cells = PyTuple_GET_SIZE(code->co_cellvars);
	return i < cells ? PyTuple_GET_ITEM(code->co_cellvars, i)
			 : PyTuple_GET_ITEM(code->co_freevars, i - cells);
}

bool
frames_next_local_in(void *of, int *at, struct frames_local *ret)
{
	PyFrameObject *f = of;
	PyCodeObject *code = f->f_code;
	Py_ssize_t n = code->co_nlocals + PyTuple_GET_SIZE(code->co_cellvars) +
		       PyTuple_GET_SIZE(code->co_freevars);
	int i = *at;

	if (!(code->co_flags & CO_OPTIMIZED) || i >= n)
		return false;
	PyObject *b_there = f->f_localsplus[i];
	bool in_cell =
		b_there && i >= code->co_nlocals && PyCell_Check(b_there);
	*ret = (struct frames_local){.b_name = local_name(code, i),
		.b_cell = in_cell ? b_there : NULL,
		.b_value = in_cell ? NULL : b_there};
	*at = i + 1;
	/* An argument that is a cell is not in its own place any more. */
	if (i < code->co_nlocals && !b_there && code->co_cell2arg)
		for (Py_ssize_t c = 0; c < PyTuple_GET_SIZE(code->co_cellvars);
			c++)
			if (code->co_cell2arg[c] == i)
				return frames_next_local_in(f, at, ret);
	return true;
}

bool
frames_next_local(PyFrameObject *f, int *at, struct frames_local *ret)
{
	return frames_next_local_in(f, at, ret);
}

bool
frames_has_on_stack(PyFrameObject *f, const PyObject *o)
{
	for (int i = 0; i < f->f_code->co_stacksize; i++)
		if (f->f_valuestack[i] == o)
			return true;
	return false;
}

bool
frames_calls_with_dict(PyFrameObject *f)
{
	int arg = 0;

	return opcode_at(f, &arg) == CALL_FUNCTION_EX && arg & 1;
}

bool
frames_next(PyThreadState *thread, void **at, struct frames_at *ret)
{
	PyFrameObject *f = *at;

	f = f ? f->f_back : thread->frame;
	if (!f)
		return false;
	*ret = (struct frames_at){f->f_code, f->f_lasti};
	*at = f;
	return true;
}

static int
place(PyFrameObject *f, const char *script, PyObject **ret_function)
{
	for (; f; f = f->f_back)
		if (frames_in_script(f, script)) {
			*ret_function = f->f_code->co_name;
			return PyFrame_GetLineNumber(f);
		}
	*ret_function = NULL;
	return 0;
}

int
frames_here(const char *script, PyObject **ret_function)
{
	return place(PyEval_GetFrame(), script, ret_function);
}

int
frames_caller(const char *script, PyObject **ret_function)
{
	return place(PyEval_GetFrame()->f_back, script, ret_function);
}

#endif
