/*
 * Objects that others refer to by a member of a struct of CPython's own, and by
 * which attribute a program has it: Include/cpython/funcobject.h, code.h,
 * pyerrors.h and so on, of 3.9 and 3.11 to 3.15.
 */
#include "sandbox/lenses/objects.h"

#include <frameobject.h>

#include "sandbox/lenses/frames.h"

struct teller {
	objects_part *fn;
	void *data;
};

static void
tell(const struct teller *t, PyObject *b_part, const char *as)
{
	if (b_part)
		t->fn(b_part, as, NULL, t->data);
}

static void
parts_of_function(const struct teller *t, PyObject *o)
{
	const PyFunctionObject *f = (PyFunctionObject *)o;
	int at = 0;

	tell(t, f->func_code, ".__code__");
	tell(t, f->func_globals, ".__globals__");
#if PY_VERSION_HEX >= PY_3_11
	tell(t, f->func_builtins, ".__builtins__");
#endif
	tell(t, f->func_defaults, ".__defaults__");
	tell(t, f->func_kwdefaults, ".__kwdefaults__");
	tell(t, f->func_closure, ".__closure__");
	tell(t, f->func_dict, ".__dict__");
	tell(t, f->func_annotations, ".__annotations__");
	tell(t, f->func_doc, ".__doc__");
	tell(t, f->func_name, ".__name__");
	tell(t, f->func_qualname, ".__qualname__");
	tell(t, f->func_module, ".__module__");
	for (PyObject *b_name;
		f->func_closure && at < PyTuple_GET_SIZE(f->func_closure);) {
		PyObject *b_cell = PyTuple_GET_ITEM(f->func_closure, at);
		if (!frames_next_free(f->func_code, &at, &b_name))
			break;
		t->fn(b_cell, "cell", b_name, t->data);
	}
}

static void
parts_of_exception(const struct teller *t, PyObject *o)
{
	const PyBaseExceptionObject *e = (PyBaseExceptionObject *)o;

	tell(t, e->args, ".args");
	tell(t, e->dict, ".__dict__");
	tell(t, e->traceback, ".__traceback__");
	tell(t, e->context, ".__context__");
	tell(t, e->cause, ".__cause__");
#if PY_VERSION_HEX >= PY_3_11
	tell(t, e->notes, ".__notes__");
#endif
}

static void
parts_of_type(const struct teller *t, PyObject *o)
{
	PyTypeObject *type = (PyTypeObject *)o;

	tell(t, objects_class_dict(type), ".__dict__");
	tell(t, type->tp_mro, ".__mro__");
	tell(t, type->tp_bases, ".__bases__");
	tell(t, (PyObject *)type->tp_base, ".__base__");
}

static void
parts_of_code(const struct teller *t, PyObject *o)
{
	const PyCodeObject *c = (PyCodeObject *)o;

	tell(t, c->co_consts, ".co_consts");
	tell(t, c->co_names, ".co_names");
	tell(t, c->co_filename, ".co_filename");
	tell(t, c->co_name, ".co_name");
#if PY_VERSION_HEX >= PY_3_11
	tell(t, c->co_localsplusnames, ".co_varnames");
	tell(t, c->co_qualname, ".co_qualname");
#else
	tell(t, c->co_varnames, ".co_varnames");
	tell(t, c->co_freevars, ".co_freevars");
	tell(t, c->co_cellvars, ".co_cellvars");
	tell(t, c->co_code, ".co_code");
#endif
}

/* Of those that C makes of a type. */
static bool
is_descriptor(PyObject *o)
{
	return Py_IS_TYPE(o, &PyGetSetDescr_Type) ||
	       Py_IS_TYPE(o, &PyMemberDescr_Type) ||
	       Py_IS_TYPE(o, &PyMethodDescr_Type) ||
	       Py_IS_TYPE(o, &PyWrapperDescr_Type);
}

void
objects_parts_each(PyObject *o, objects_part *fn, void *data)
{
	struct teller t = {fn, data};
	PyObject *b_dict;

	if (PyFunction_Check(o)) {
		parts_of_function(&t, o);
	} else if (PyMethod_Check(o)) {
		tell(&t, PyMethod_GET_SELF(o), ".__self__");
		tell(&t, PyMethod_GET_FUNCTION(o), ".__func__");
	} else if (PyType_Check(o)) {
		parts_of_type(&t, o);
	} else if (PyCode_Check(o)) {
		parts_of_code(&t, o);
	} else if (PyCFunction_Check(o)) {
		tell(&t, ((PyCFunctionObject *)o)->m_self, ".__self__");
		tell(&t, ((PyCFunctionObject *)o)->m_module, ".__module__");
	} else if (is_descriptor(o)) {
		tell(&t, (PyObject *)PyDescr_TYPE(o), ".__objclass__");
	} else if (PyWeakref_Check(o)) {
		tell(&t, ((PyWeakReference *)o)->wr_callback, ".__callback__");
	} else if (PyModule_Check(o)) {
		tell(&t, PyModule_GetDict(o), ".__dict__");
	} else if (PyCell_Check(o)) {
		tell(&t, PyCell_GET(o), ".cell_contents");
	} else if (PyTraceBack_Check(o)) {
		const PyTracebackObject *tb = (PyTracebackObject *)o;
		tell(&t, (PyObject *)tb->tb_next, ".tb_next");
		tell(&t, (PyObject *)tb->tb_frame, ".tb_frame");
	} else if (PyExceptionInstance_Check(o)) {
		parts_of_exception(&t, o);
	} else if (objects_class_is_python(Py_TYPE(o)) &&
		   objects_instance_has_place(o, &b_dict)) {
		tell(&t, b_dict, ".__dict__");
	}
}
