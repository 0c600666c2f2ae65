/*
 * A frame's instructions, told to a trace function of C's.
 *
 * From 3.13 on they are asked for by the frame's attribute when it has a trace
 * function of its own (frame_settrace_opcodes(), Objects/frameobject.c), as one
 * of Python's leaves there after the call event; ours leaves none.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames.h"

#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_frame.h>
#endif

static PyObject *attribute;

int
frames_trace_warm(struct fail *f)
{
	attribute = PyUnicode_InternFromString("f_trace_opcodes");
	return attribute ? 0 : fail_set(f, "no memory");
}

int
frames_trace_instructions(PyFrameObject *f)
{
	PyObject *had = f->f_trace;

	if (!had)
		f->f_trace = Py_None;
	int rc = PyObject_SetAttr((PyObject *)f, attribute, Py_True);
	f->f_trace = had;
	return rc;
}
