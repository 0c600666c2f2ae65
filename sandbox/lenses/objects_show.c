/*
 * Values as text, without asking them: as repr() has it for CPython's own types
 * (Objects/unicodeobject.c, bytesobject.c and so on), and no address, which
 * says nothing that can be compared.
 */
#include "sandbox/lenses/objects.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects_int.h"
#include "sandbox/py/scope_py.h"

#define DEEPEST 3 /* containers in containers */

static void show(struct objects_text *t, PyObject *o, int depth);

static void
show_float(struct objects_text *t, double v)
{
	char *text = PyOS_double_to_string(v, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);

	if (text)
		objects_text_put(t, text);
	else
		PyErr_Clear();
	PyMem_Free(text);
}

/* Objects/complexobject.c has the rules; its function calls nothing else. */
static void
show_complex(struct objects_text *t, PyObject *o)
{
	scope_py PyObject *text = PyComplex_Type.tp_repr(o);

	if (text)
		objects_text_str(t, text);
	else
		PyErr_Clear();
}

static void
show_int(struct objects_text *t, PyObject *o)
{
	char text[OBJECTS_INT_TEXT];

	if (objects_int_text(o, text))
		objects_text_put(t, text);
	else {
		snprintf(text, sizeof(text), "<int of %zu bits>",
			objects_int_bits(o));
		objects_text_put(t, text);
	}
}

static void
show_items(struct objects_text *t, const char *open, PyObject *const *items,
	Py_ssize_t n, const char *close, int depth)
{
	objects_text_put(t, open);
	if (depth >= DEEPEST && n > 0)
		objects_text_put(t, "…");
	for (Py_ssize_t i = 0; i < n && depth < DEEPEST && !t->cut; i++) {
		if (i > 0)
			objects_text_put(t, ", ");
		show(t, items[i], depth + 1);
	}
	objects_text_put(t, close);
}

static void
show_dict(struct objects_text *t, PyObject *o, int depth)
{
	struct dict_table d = dict_table_of(o);
	Py_ssize_t i = 0;
	struct dict_entry e;

	objects_text_put(t, "{");
	if (depth >= DEEPEST && d.used > 0)
		objects_text_put(t, "…");
	for (bool any = false;
		depth < DEEPEST && !t->cut && dict_table_next(&d, &i, &e);
		any = true) {
		if (any)
			objects_text_put(t, ", ");
		show(t, e.key, depth + 1);
		objects_text_put(t, ": ");
		show(t, e.value, depth + 1);
	}
	objects_text_put(t, "}");
}

static void
show_set(struct objects_text *t, PyObject *o, int depth)
{
	const PySetObject *s = (const PySetObject *)o;
	bool frozen = PyFrozenSet_Check(o), any = false;

	if (!s->used) {
		objects_text_put(t, frozen ? "frozenset()" : "set()");
		return;
	}
	objects_text_put(t, frozen ? "frozenset({" : "{");
	if (depth >= DEEPEST)
		objects_text_put(t, "…");
	for (Py_ssize_t i = 0; depth < DEEPEST && i <= s->mask && !t->cut;
		i++) {
		const setentry *e = &s->table[i];
		if (!e->key || e->hash == -1)
			continue;
		if (any)
			objects_text_put(t, ", ");
		show(t, e->key, depth + 1);
		any = true;
	}
	objects_text_put(t, frozen ? "})" : "}");
}

/* A value of one of the types that have a literal, or nearly. */
static bool
show_literal(struct objects_text *t, PyObject *o, int depth)
{
	if (PyLong_Check(o))
		show_int(t, o);
	else if (PyFloat_Check(o))
		show_float(t, PyFloat_AS_DOUBLE(o));
	else if (PyComplex_Check(o))
		show_complex(t, o);
	else if (PyUnicode_Check(o))
		objects_text_repr(t, o);
	else if (PyBytes_Check(o))
		objects_text_bytes(
			t, PyBytes_AS_STRING(o), PyBytes_GET_SIZE(o));
	else if (PyList_Check(o))
		show_items(t, "[", ((PyListObject *)o)->ob_item,
			PyList_GET_SIZE(o), "]", depth);
	else if (PyTuple_Check(o))
		show_items(t, "(", ((PyTupleObject *)o)->ob_item,
			PyTuple_GET_SIZE(o),
			PyTuple_GET_SIZE(o) == 1 ? ",)" : ")", depth);
	else if (PyDict_Check(o))
		show_dict(t, o, depth);
	else if (PyAnySet_Check(o))
		show_set(t, o, depth);
	else
		return false;
	return true;
}

static bool
has_own_literal(PyObject *o)
{
	return PyLong_CheckExact(o) || PyFloat_CheckExact(o) ||
	       PyComplex_CheckExact(o) || PyUnicode_CheckExact(o) ||
	       PyBytes_CheckExact(o) || PyList_CheckExact(o) ||
	       PyTuple_CheckExact(o) || PyDict_CheckExact(o) ||
	       PyAnySet_CheckExact(o);
}

static bool
show_constant(struct objects_text *t, PyObject *o)
{
	const struct {
		PyObject *o;
		const char *text;
	} all[] = {{Py_None, "None"}, {Py_True, "True"}, {Py_False, "False"},
		{Py_Ellipsis, "Ellipsis"},
		{Py_NotImplemented, "NotImplemented"}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (o == all[i].o) {
			objects_text_put(t, all[i].text);
			return true;
		}
	return false;
}

/* "<word name>" */
static void
show_named(struct objects_text *t, const char *word, PyObject *b_name)
{
	objects_text_put(t, "<");
	objects_text_put(t, word);
	objects_text_put(t, " ");
	if (b_name && PyUnicode_Check(b_name))
		objects_text_str(t, b_name);
	else
		objects_text_put(t, "?");
	objects_text_put(t, ">");
}

static void
show_method(struct objects_text *t, PyObject *o, int depth)
{
	const PyMethodObject *m = (const PyMethodObject *)o;

	objects_text_put(t, "<bound method ");
	if (PyFunction_Check(m->im_func))
		objects_text_str(
			t, ((PyFunctionObject *)m->im_func)->func_qualname);
	else
		show(t, m->im_func, depth + 1);
	objects_text_put(t, " of ");
	if (depth < DEEPEST)
		show(t, m->im_self, depth + 1);
	else
		objects_text_put(t, "…");
	objects_text_put(t, ">");
}

static void
show_builtin(struct objects_text *t, PyObject *o)
{
	const PyCFunctionObject *f = (const PyCFunctionObject *)o;
	bool method = f->m_self && !PyModule_Check(f->m_self);

	objects_text_put(
		t, method ? "<built-in method " : "<built-in function ");
	objects_text_put(t, f->m_ml->ml_name);
	if (method) {
		objects_text_put(t, " of ");
		if (PyType_Check(f->m_self))
			objects_text_put(t, "class ");
		objects_text_type(t, PyType_Check(f->m_self)
					     ? (PyTypeObject *)f->m_self
					     : Py_TYPE(f->m_self));
		objects_text_put(t, PyType_Check(f->m_self) ? "" : " object");
	}
	objects_text_put(t, ">");
}

static void
show_class(struct objects_text *t, PyTypeObject *type)
{
	objects_text_put(t, "<class '");
	objects_text_type(t, type);
	objects_text_put(t, "'>");
}

static PyObject *
module_name(PyObject *module)
{
	PyObject *b_dict = PyModule_GetDict(module);

	return b_dict ? dict_table_text(b_dict, "__name__") : NULL;
}

/* range and slice, by what their types tell of them. */
static void
show_members(struct objects_text *t, PyObject *o, int depth)
{
	static const char *const names[] = {"start", "stop", "step"};

	objects_text_type(t, Py_TYPE(o));
	objects_text_put(t, "(");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		PyObject *b_value = objects_class_member(o, names[i]);
		/* repr() leaves a step of one out. */
		if (i == 2 && PyRange_Check(o) && b_value &&
			PyLong_CheckExact(b_value) &&
			PyLong_AsLong(b_value) == 1)
			break;
		objects_text_put(t, i ? ", " : "");
		show(t, b_value, depth + 1);
	}
	PyErr_Clear();
	objects_text_put(t, ")");
}

static const char *
generator_word(PyObject *o)
{
	return PyGen_CheckExact(o)    ? "generator object"
	       : PyCoro_CheckExact(o) ? "coroutine object"
				      : "async_generator object";
}

static void
show_other(struct objects_text *t, PyObject *o, int depth)
{
	struct frames_generator g;

	PyObject *b_args = PyExceptionInstance_Check(o)
				   ? ((PyBaseExceptionObject *)o)->args
				   : NULL;

	if (b_args && PyTuple_Check(b_args)) {
		objects_text_type(t, Py_TYPE(o));
		show_items(t, "(", ((PyTupleObject *)b_args)->ob_item,
			PyTuple_GET_SIZE(b_args), ")", depth);
	} else if (PyRange_Check(o) || PySlice_Check(o))
		show_members(t, o, depth);
	else if (PyType_Check(o))
		show_class(t, (PyTypeObject *)o);
	else if (PyFunction_Check(o))
		show_named(
			t, "function", ((PyFunctionObject *)o)->func_qualname);
	else if (PyMethod_Check(o))
		show_method(t, o, depth);
	else if (PyCFunction_Check(o))
		show_builtin(t, o);
	else if (PyModule_Check(o))
		show_named(t, "module", module_name(o));
	else if (PyCode_Check(o))
		show_named(t, "code object", py_qualname((PyCodeObject *)o));
	else if (frames_generator(o, &g))
		show_named(t, generator_word(o), g.qualname);
	else if (!objects_numpy_show(t, o)) {
		objects_text_put(t, "<");
		objects_text_type(t, Py_TYPE(o));
		objects_text_put(t, " object>");
	}
}

/* Depth is bounded by DEEPEST, for containers, and what shows another object
 * counts as one. */
static void
show(struct objects_text *t, PyObject *o, int depth)
{
	if (t->cut)
		return;
	if (!o)
		objects_text_put(t, "?");
	else if (show_constant(t, o))
		;
	else if (PyByteArray_CheckExact(o)) {
		objects_text_put(t, "bytearray(");
		objects_text_bytes(
			t, PyByteArray_AS_STRING(o), PyByteArray_GET_SIZE(o));
		objects_text_put(t, ")");
	} else if (has_own_literal(o))
		show_literal(t, o, depth);
	else {
		size_t before = t->n;
		objects_text_type(t, Py_TYPE(o));
		objects_text_put(t, "(");
		if (show_literal(t, o, depth)) {
			objects_text_put(t, ")");
			return;
		}
		t->n = before;
		t->cut = false;
		t->bytes[before] = '\0';
		show_other(t, o, depth);
	}
}

void
objects_show_value(struct objects_text *t, PyObject *o)
{
	*t = (struct objects_text){.n = 0};
	show(t, o, 0);
}
