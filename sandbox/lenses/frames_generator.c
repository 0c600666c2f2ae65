/*
 * Frames of generators, coroutines and asynchronous generators, while they
 * wait.
 *
 * Layout: PyGenObject, Include/cpython/genobject.h of CPython 3.11 and 3.13,
 * Include/internal/pycore_interpframe_structs.h of 3.14; Include/genobject.h of
 * 3.9.  The other two begin in the same way.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames.h"

#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= PY_3_14
#include <internal/pycore_interpframe.h>
#endif
#endif

static bool
is_generator(PyObject *o)
{
	return PyGen_CheckExact(o) || PyCoro_CheckExact(o) ||
	       PyAsyncGen_CheckExact(o);
}

#if PY_VERSION_HEX >= PY_3_11

static enum frames_state
state_of(const PyGenObject *g)
{
	if (g->gi_frame_state == FRAME_CREATED)
		return FRAMES_CREATED;
	if (g->gi_frame_state < FRAME_EXECUTING)
		return FRAMES_SUSPENDED;
	return g->gi_frame_state == FRAME_EXECUTING ? FRAMES_RUNNING
						    : FRAMES_CLOSED;
}

bool
frames_generator(PyObject *o, struct frames_generator *ret)
{
	PyGenObject *g = (PyGenObject *)o;

	if (!is_generator(o))
		return false;
	*ret = (struct frames_generator){
		.state = state_of(g), .qualname = g->gi_qualname};
	_PyInterpreterFrame *frame = (_PyInterpreterFrame *)&g->gi_iframe;
#if PY_VERSION_HEX < PY_3_12
	ret->code = g->gi_code;
#else
	ret->code =
		ret->state == FRAMES_CLOSED ? NULL : _PyFrame_GetCode(frame);
#endif
	if (ret->state == FRAMES_CLOSED)
		return true;
	ret->frame = frame;
	ret->line = PyCode_Addr2Line(ret->code,
		_PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT));
	return true;
}

bool
frames_generator_stack(
	const struct frames_generator *g, int *at, PyObject **ret_value)
{
	_PyInterpreterFrame *frame = g->frame;

	if (!frame || g->state == FRAMES_RUNNING)
		return false;
	int i = g->code->co_nlocalsplus + *at;
#if PY_VERSION_HEX >= PY_3_14
	if (&frame->localsplus[i] >= frame->stackpointer)
		return false;
	_PyStackRef slot = frame->localsplus[i];
	*ret_value = PyStackRef_IsNullOrInt(slot)
			     ? NULL
			     : PyStackRef_AsPyObjectBorrow(slot);
#else
	if (i >= frame->stacktop)
		return false;
	*ret_value = frame->localsplus[i];
#endif
	(*at)++;
	return true;
}

#else

bool
frames_generator(PyObject *o, struct frames_generator *ret)
{
	PyGenObject *g = (PyGenObject *)o;
	PyFrameObject *frame;

	if (!is_generator(o))
		return false;
	frame = g->gi_frame;
	*ret = (struct frames_generator){
		.state = !frame		      ? FRAMES_CLOSED
			 : g->gi_running      ? FRAMES_RUNNING
			 : frame->f_lasti < 0 ? FRAMES_CREATED
					      : FRAMES_SUSPENDED,
		.qualname = g->gi_qualname,
		.code = (PyCodeObject *)g->gi_code,
		.line = frame ? PyFrame_GetLineNumber(frame) : 0,
		.frame = frame};
	return true;
}

bool
frames_generator_stack(
	const struct frames_generator *g, int *at, PyObject **ret_value)
{
	PyFrameObject *frame = g->frame;

	if (!frame || !frame->f_stacktop || g->state == FRAMES_RUNNING ||
		frame->f_valuestack + *at >= frame->f_stacktop)
		return false;
	*ret_value = frame->f_valuestack[(*at)++];
	return true;
}

#endif

#if PY_VERSION_HEX >= PY_3_14 && !defined(Py_GIL_DISABLED)

static _PyInterpreterFrame *
frame_in(PyObject *o)
{
	struct frames_generator g;

	if (PyFrame_Check(o)) {
		_PyInterpreterFrame *frame = ((PyFrameObject *)o)->f_frame;
		return frame && frame->owner == FRAME_OWNED_BY_FRAME_OBJECT
			       ? frame
			       : NULL;
	}
	return frames_generator(o, &g) ? g.frame : NULL;
}

size_t
frames_uncounted(PyObject *o, PyObject **ret, size_t max)
{
	_PyInterpreterFrame *frame = frame_in(o);
	size_t n = 0;

	if (!frame)
		return 0;
	for (_PyStackRef *slot = frame->localsplus; slot < frame->stackpointer;
		slot++) {
		if (PyStackRef_IsNullOrInt(*slot) ||
			PyStackRef_RefcountOnObject(*slot))
			continue;
		if (n < max)
			ret[n] = PyStackRef_AsPyObjectBorrow(*slot);
		n++;
	}
	return n;
}

#else

size_t
frames_uncounted(PyObject *o, PyObject **ret, size_t max)
{
	(void)o;
	(void)ret;
	(void)max;
	return 0;
}

#endif
