/* Frames, read without touching what is looked at. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames.h"

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <opcode.h>

#include <string.h>

PyCodeObject *
frames_code(PyFrameObject *f)
{
	return f->f_frame->f_code;
}

static bool
is_of(PyCodeObject *code, const char *script)
{
	const char *file = PyUnicode_AsUTF8(code->co_filename);

	if (!file)
		PyErr_Clear();
	return file && strcmp(file, script) == 0;
}

bool
frames_in_script(PyFrameObject *f, const char *script)
{
	return is_of(f->f_frame->f_code, script);
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
frames_is_resumed(PyFrameObject *f)
{
	_PyInterpreterFrame *frame = f->f_frame;

	return frame->owner == FRAME_OWNED_BY_GENERATOR &&
	       _PyInterpreterFrame_LASTI(frame) >
		       frame->f_code->_co_firsttraceable;
}

bool
frames_is_suspended(PyFrameObject *f)
{
	_PyInterpreterFrame *frame = f->f_frame;

	return frame->owner == FRAME_OWNED_BY_GENERATOR &&
	       _PyFrame_GetGenerator(frame)->gi_frame_state == FRAME_SUSPENDED;
}

bool
frames_next_local(
	PyFrameObject *f, int *at, PyObject **ret_name, PyObject **ret_value)
{
	_PyInterpreterFrame *frame = f->f_frame;
	PyCodeObject *code = frame->f_code;
	int i = *at;

	if (!(code->co_flags & CO_OPTIMIZED) || i >= code->co_nlocalsplus)
		return false;
	_PyLocals_Kind kind = _PyLocals_GetKind(code->co_localspluskinds, i);
	PyObject *b_value = frame->localsplus[i];
	if (b_value && kind & (CO_FAST_CELL | CO_FAST_FREE) &&
		PyCell_Check(b_value))
		b_value = PyCell_GET(b_value);
	*ret_name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
	*ret_value = b_value;
	*at = i + 1;
	return true;
}

bool
frames_has_on_stack(PyFrameObject *f, const PyObject *o)
{
	const _PyInterpreterFrame *frame = f->f_frame;
	const PyCodeObject *code = frame->f_code;

	for (int i = 0; i < code->co_stacksize; i++)
		if (frame->localsplus[code->co_nlocalsplus + i] == o)
			return true;
	return false;
}

bool
frames_calls_with_dict(PyFrameObject *f)
{
	_Py_CODEUNIT at = *f->f_frame->prev_instr;

	return _Py_OPCODE(at) == CALL_FUNCTION_EX && _Py_OPARG(at) & 1;
}

int
frames_here(const char *script, PyObject **ret_function)
{
	_PyInterpreterFrame *frame = PyThreadState_Get()->cframe->current_frame;

	for (; frame; frame = frame->previous) {
		if (_PyFrame_IsIncomplete(frame) ||
			!is_of(frame->f_code, script))
			continue;
		*ret_function = frame->f_code->co_qualname;
		return PyCode_Addr2Line(
			frame->f_code, _PyInterpreterFrame_LASTI(frame) *
					       (int)sizeof(_Py_CODEUNIT));
	}
	*ret_function = NULL;
	return 0;
}
