/*
 * Types, read without asking them: no metaclass of the snippet's is called, and
 * nothing is looked up by a hash.
 *
 * Layout: struct _typeobject and PyHeapTypeObject, Include/cpython/object.h;
 * what lies before an object: Include/internal/pycore_object.h,
 * _PyType_PreHeaderSize().
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"

#include <internal/pycore_object.h>

#include <structmember.h>

#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/py/scope_py.h"

/* tp_dealloc of what a class statement makes: subtype_dealloc(). */
static destructor python_dealloc;

int
objects_class_warm(struct fail *f)
{
	scope_py PyObject *type = PyObject_CallFunction(
		(PyObject *)&PyType_Type, "s(){}", "sample");

	if (!type)
		return fail_set(f, "no class can be made");
	python_dealloc = ((PyTypeObject *)type)->tp_dealloc;
	return 0;
}

PyObject *
objects_class_dict(PyTypeObject *type)
{
#if PY_VERSION_HEX >= PY_3_12
	/* Of static types, each interpreter has one of its own. */
	PyObject *b_dict = PyType_GetDict(type);

	Py_XDECREF(b_dict);
	return b_dict;
#else
	return type->tp_dict;
#endif
}

PyObject *
objects_class_entry(PyTypeObject *type, const char *name)
{
	PyObject *b_dict = objects_class_dict(type);

	return b_dict ? dict_table_text(b_dict, name) : NULL;
}

bool
objects_class_is_python(PyTypeObject *type)
{
	return type->tp_flags & Py_TPFLAGS_HEAPTYPE &&
	       type->tp_dealloc == python_dealloc;
}

bool
objects_class_is_snippets(PyTypeObject *type)
{
	return objects_class_is_python(type) &&
	       objects_text_equals(objects_class_entry(type, "__module__"),
		       "__main__", strlen("__main__"));
}

PyObject *
objects_class_member(PyObject *o, const char *name)
{
	PyObject *b_value;

	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
		for (const PyMemberDef *m = t->tp_members; m && m->name; m++) {
			if ((m->type != T_OBJECT && m->type != T_OBJECT_EX) ||
				strcmp(m->name, name) != 0)
				continue;
			memcpy(&b_value, (const char *)o + m->offset,
				sizeof(b_value));
			return b_value;
		}
	return NULL;
}

PyObject *
objects_class_get(PyObject *o, const char *name)
{
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
		for (const PyGetSetDef *g = t->tp_getset; g && g->name; g++)
			if (strcmp(g->name, name) == 0 && g->get) {
				PyObject *value = g->get(o, g->closure);
				PyErr_Clear();
				return value;
			}
	return NULL;
}

/* Calls a method that C wrote, and takes no arguments. */
static Py_ssize_t
call_sizeof(PyObject *b_method, PyObject *o)
{
	const PyMethodDef *def = ((PyMethodDescrObject *)b_method)->d_method;
	int kind = def->ml_flags & (METH_NOARGS | METH_METHOD);

	if (kind != METH_NOARGS)
		return -1;
	scope_py PyObject *n = def->ml_meth(o, NULL);
	Py_ssize_t size = n && PyLong_Check(n) ? PyLong_AsSsize_t(n) : -1;
	PyErr_Clear();
	return size;
}

/* One that C made for its own type, and that was not put there by a class
 * statement for another. */
static bool
is_own_method(PyObject *b_method, PyTypeObject *type)
{
	return b_method && Py_IS_TYPE(b_method, &PyMethodDescr_Type) &&
	       PyDescr_TYPE(b_method) == type;
}

Py_ssize_t
objects_class_sizeof(PyObject *o)
{
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base) {
		PyObject *b_method = objects_class_entry(t, "__sizeof__");
		if (!is_own_method(b_method, t))
			continue;
		Py_ssize_t n = call_sizeof(b_method, o);
		return n < 0 ? -1 : n + (Py_ssize_t)objects_class_head_bytes(o);
	}
	return -1;
}

/* Those that the collector does not keep (a static type) have nothing there. */
size_t
objects_class_head_bytes(PyObject *o)
{
#if PY_VERSION_HEX >= PY_3_11
	return _PyObject_IS_GC(o) ? _PyType_PreHeaderSize(Py_TYPE(o)) : 0;
#else
	return PyObject_IS_GC(o) ? sizeof(PyGC_Head) : 0;
#endif
}
