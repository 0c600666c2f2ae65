/* Frames, read without touching what is looked at. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames.h"

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>

#include <string.h>

PyCodeObject *
frames_code(PyFrameObject *f)
{
	return f->f_frame->f_code;
}

bool
frames_is_snippets(PyFrameObject *f, const char *script)
{
	Py_ssize_t n;
	PyObject *b_file = f->f_frame->f_code->co_filename;
	const char *file = PyUnicode_AsUTF8AndSize(b_file, &n);
	size_t dir = (size_t)(strrchr(script, '/') - script) + 1;

	if (!file) {
		PyErr_Clear();
		return false;
	}
	return (size_t)n > dir && memcmp(file, script, dir) == 0;
}

PyObject *
frames_namespace(PyFrameObject *f)
{
	if (f->f_frame->f_code->co_flags & CO_OPTIMIZED)
		return NULL;
	return f->f_frame->f_locals;
}

PyObject *
frames_globals(PyFrameObject *f)
{
	return f->f_frame->f_globals;
}

bool
frames_next_local(
	PyFrameObject *f, int *at, PyObject **ret_name, PyObject **ret_value)
{
	_PyInterpreterFrame *frame = f->f_frame;
	PyCodeObject *code = frame->f_code;

	if (!(code->co_flags & CO_OPTIMIZED))
		return false;
	while (*at < code->co_nlocalsplus) {
		int i = (*at)++;
		_PyLocals_Kind kind =
			_PyLocals_GetKind(code->co_localspluskinds, i);
		PyObject *b_value = frame->localsplus[i];
		if (b_value && kind & (CO_FAST_CELL | CO_FAST_FREE) &&
			PyCell_Check(b_value))
			b_value = PyCell_GET(b_value);
		if (!b_value)
			continue;
		*ret_name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
		*ret_value = b_value;
		return true;
	}
	return false;
}
