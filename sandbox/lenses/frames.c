/* Frames, read without touching what is looked at. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames.h"

#if PY_VERSION_HEX >= PY_3_11

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= PY_3_14
#include <internal/pycore_genobject.h>
#include <internal/pycore_interpframe.h>
#endif
#include <opcode.h>

#include <string.h>

#if PY_VERSION_HEX >= PY_3_14
/* References on a frame carry tags: Include/internal/pycore_stackref.h. */
typedef _PyStackRef slot_t;
#define object_in(slot)                                                        \
	(PyStackRef_IsNullOrInt(slot) ? NULL                                   \
				      : PyStackRef_AsPyObjectBorrow(slot))
#else
typedef PyObject *slot_t;
#define object_in(slot) (slot)
#endif

static PyCodeObject *
code_of(_PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= PY_3_13
	return _PyFrame_GetCode(frame);
#else
	return frame->f_code;
#endif
}

PyCodeObject *
frames_code(PyFrameObject *f)
{
	return code_of(f->f_frame);
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
	return frames_is_code_of(frames_code(f), script);
}

PyObject *
frames_namespace(PyFrameObject *f)
{
	if (frames_code(f)->co_flags & CO_OPTIMIZED)
		return NULL;
	return f->f_frame->f_locals;
}

PyObject *
frames_globals(PyFrameObject *f)
{
	return f->f_frame->f_globals;
}

int
frames_at(PyFrameObject *f)
{
	return PyFrame_GetLasti(f);
}

unsigned
frames_depth(PyFrameObject *f)
{
	unsigned n = 0;

	for (_PyInterpreterFrame *i = f->f_frame; i; i = i->previous)
		n += !_PyFrame_IsIncomplete(i);
	return n;
}

bool
frames_is_resumed(PyFrameObject *f)
{
	_PyInterpreterFrame *frame = f->f_frame;

	return frame->owner == FRAME_OWNED_BY_GENERATOR &&
	       _PyInterpreterFrame_LASTI(frame) >
		       code_of(frame)->_co_firsttraceable;
}

#if PY_VERSION_HEX >= PY_3_12
static int
opcode(PyObject *code, int at)
{
	Py_ssize_t byte = at * (Py_ssize_t)sizeof(_Py_CODEUNIT);

	return code && at >= 0 && byte < PyBytes_GET_SIZE(code)
		       ? (unsigned char)PyBytes_AS_STRING(code)[byte]
		       : -1;
}
#endif

bool
frames_is_suspended(PyFrameObject *f)
{
	_PyInterpreterFrame *frame = f->f_frame;

	if (frame->owner != FRAME_OWNED_BY_GENERATOR)
		return false;
#if PY_VERSION_HEX >= PY_3_12
	/* Its state says so only after the event, and the instruction itself
	 * may be one that stands in for it.  3.13 has gone on to the next. */
	PyObject *code = PyCode_GetCode(code_of(frame));
	int at = _PyInterpreterFrame_LASTI(frame);
	bool yields = opcode(code, at) == YIELD_VALUE ||
		      (opcode(code, at) == RESUME &&
			      opcode(code, at - 1) == YIELD_VALUE);
	Py_XDECREF(code);
	PyErr_Clear();
	return yields;
#else
	return _PyFrame_GetGenerator(frame)->gi_frame_state == FRAME_SUSPENDED;
#endif
}

bool
frames_next_local_in(void *of, int *at, struct frames_local *ret)
{
	_PyInterpreterFrame *frame = of;
	PyCodeObject *code = code_of(frame);
	int i = *at;

	if (!(code->co_flags & CO_OPTIMIZED) || i >= code->co_nlocalsplus)
		return false;
	_PyLocals_Kind kind = _PyLocals_GetKind(code->co_localspluskinds, i);
	slot_t slot = frame->localsplus[i];
	PyObject *b_there = object_in(slot);
	bool in_cell = b_there && kind & (CO_FAST_CELL | CO_FAST_FREE) &&
		       PyCell_Check(b_there);
	*ret = (struct frames_local){
		.b_name = PyTuple_GET_ITEM(code->co_localsplusnames, i),
		.b_cell = in_cell ? b_there : NULL,
		.b_value = in_cell ? NULL : b_there};
	*at = i + 1;
	return true;
}

bool
frames_next_local(PyFrameObject *f, int *at, struct frames_local *ret)
{
	return frames_next_local_in(f->f_frame, at, ret);
}

bool
frames_next_free(PyObject *code, int *at, PyObject **ret_name)
{
	PyCodeObject *c = (PyCodeObject *)code;
	/* They are the last. */
	int i = c->co_nlocalsplus - c->co_nfreevars + *at;

	if (i >= c->co_nlocalsplus)
		return false;
	*ret_name = PyTuple_GET_ITEM(c->co_localsplusnames, i);
	++*at;
	return true;
}

PyObject *
frames_owner(PyFrameObject *f)
{
	if (f->f_frame->owner != FRAME_OWNED_BY_GENERATOR)
		return NULL;
#if PY_VERSION_HEX >= PY_3_14
	return (PyObject *)_PyGen_GetGeneratorFromFrame(f->f_frame);
#else
	return (PyObject *)_PyFrame_GetGenerator(f->f_frame);
#endif
}

/* One behind the last slot that is in use; 0 where that is not known. */
static int
stack_top(_PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= PY_3_14
	return frame->stackpointer
		       ? (int)(frame->stackpointer - frame->localsplus)
		       : 0;
#else
	return frame->stacktop;
#endif
}

bool
frames_next_slot(PyFrameObject *f, int *at, PyObject **ret_value)
{
	const PyCodeObject *code = code_of(f->f_frame);

	if (*at >= code->co_stacksize)
		return false;
	*ret_value =
		object_in(f->f_frame->localsplus[code->co_nlocalsplus + *at]);
	++*at;
	return true;
}

bool
frames_next_on_stack(PyFrameObject *f, int *at, PyObject **ret_value)
{
	int i = *at + code_of(f->f_frame)->co_nlocalsplus;

	return i < stack_top(f->f_frame) && frames_next_slot(f, at, ret_value);
}

bool
frames_number_on_stack(PyFrameObject *f, int at, int64_t *ret)
{
#if PY_VERSION_HEX >= PY_3_14
	_PyStackRef slot =
		f->f_frame->localsplus[code_of(f->f_frame)->co_nlocalsplus +
				       at - 1];

	if (!PyStackRef_IsTaggedInt(slot))
		return false;
	*ret = PyStackRef_UntagInt(slot);
	return true;
#else
	(void)f;
	(void)at;
	(void)ret;
	return false;
#endif
}

#if PY_VERSION_HEX < PY_3_12
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
#endif

static _PyInterpreterFrame *
innermost_of(PyThreadState *thread)
{
#if PY_VERSION_HEX >= PY_3_13
	return thread->current_frame;
#else
	return thread->cframe->current_frame;
#endif
}

static _PyInterpreterFrame *
innermost(void)
{
	return innermost_of(PyThreadState_Get());
}

/* As PyCode_Addr2Line() counts: in bytes. */
static int
instruction_of(_PyInterpreterFrame *frame)
{
	return _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
}

bool
frames_next(PyThreadState *thread, void **at, struct frames_at *ret)
{
	_PyInterpreterFrame *frame = *at;

	frame = frame ? frame->previous : innermost_of(thread);
	while (frame && _PyFrame_IsIncomplete(frame))
		frame = frame->previous;
	if (!frame)
		return false;
	*ret = (struct frames_at){code_of(frame), instruction_of(frame)};
	*at = frame;
	return true;
}

static int
place(_PyInterpreterFrame *frame, const char *script, PyObject **ret_function)
{
	for (; frame; frame = frame->previous) {
		if (_PyFrame_IsIncomplete(frame) ||
			!frames_is_code_of(code_of(frame), script))
			continue;
		*ret_function = code_of(frame)->co_qualname;
		return PyCode_Addr2Line(code_of(frame), instruction_of(frame));
	}
	*ret_function = NULL;
	return 0;
}

int
frames_here(const char *script, PyObject **ret_function)
{
	return place(innermost(), script, ret_function);
}

int
frames_caller(const char *script, PyObject **ret_function)
{
	return place(innermost()->previous, script, ret_function);
}

#endif
