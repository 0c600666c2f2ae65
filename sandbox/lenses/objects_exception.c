/*
 * Exceptions: what they were made with, and what led to them.
 *
 * Layout: PyBaseExceptionObject, Include/cpython/pyerrors.h.
 */
#include "sandbox/lenses/objects.h"

static bool
is_exception(PyObject *o)
{
	return PyExceptionInstance_Check(o);
}

static void
exception_details(struct objects_heap *h, PyObject *o)
{
	const PyBaseExceptionObject *e = (const PyBaseExceptionObject *)o;

	objects_heap_ref(h, "args", e->args);
	objects_heap_ref(h, "cause", e->cause);
	objects_heap_ref(h, "context", e->context);
	objects_write_bool(h->w, "has_traceback", e->traceback != NULL);
}

static void
exception_layout(struct objects_layout *l, PyObject *o)
{
	static const struct objects_field all[] = {
#define F(member) OBJECTS_FIELD(PyBaseExceptionObject, member, OBJECTS_OBJECT)
		F(dict),
		F(args),
#if PY_VERSION_HEX >= PY_3_11
		F(notes),
#endif
		F(traceback),
		F(context),
		F(cause),
#undef F
		OBJECTS_FIELD(
			PyBaseExceptionObject, suppress_context, OBJECTS_UINT),
	};

	(void)o;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		objects_layout_add(l, all[i]);
}

const struct objects_kind objects_exception = {"exception", is_exception,
	exception_details, exception_layout, NULL, NULL};
