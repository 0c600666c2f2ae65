/*
 * In which part of its holder an object is: by which key, index, name or
 * attribute.  Everything is read where it is, and only compared.
 */
#include "sandbox/lenses/refcounts.h"

#include <frameobject.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"

static struct objects_text *
new_place(struct refcounts_where *w)
{
	if (++w->n > REFCOUNTS_PLACES)
		return NULL;
	w->place[w->n - 1] = (struct objects_text){.n = 0};
	return &w->place[w->n - 1];
}

void
refcounts_where_add(struct refcounts_where *w, const char *place)
{
	struct objects_text *t = new_place(w);

	if (t)
		objects_text_put(t, place);
}

static void
add_item(struct refcounts_where *w, Py_ssize_t i)
{
	char text[32];

	snprintf(text, sizeof(text), "[%zd]", i);
	refcounts_where_add(w, text);
}

static void
find_in_array(struct refcounts_where *w, PyObject *const *items, Py_ssize_t n,
	const PyObject *b_object)
{
	for (Py_ssize_t i = 0; i < n && i < OBJECTS_SCAN; i++)
		if (items[i] == b_object)
			add_item(w, i);
}

static void
find_in_dict(struct refcounts_where *w, PyObject *b_dict, PyObject *b_object)
{
	struct dict_table d = dict_table_of(b_dict);
	struct dict_entry e;
	Py_ssize_t at = 0;

	while (dict_table_next(&d, &at, &e)) {
		if (e.key == b_object)
			refcounts_where_add(w, "key");
		struct objects_text *t =
			e.value == b_object ? new_place(w) : NULL;
		struct objects_text key = {.n = 0};
		if (!t)
			continue;
		objects_show_value(&key, e.key);
		objects_text_put(t, "[");
		objects_text_put(t, key.bytes);
		objects_text_put(t, "]");
	}
}

struct search {
	struct refcounts_where *w;
	const PyObject *b_object;
	bool dict; /* are attributes in a dict its own? */
};

static void
compare_attribute(const struct objects_attribute *a, void *data)
{
	const struct search *s = data;
	struct objects_text *t;

	if (a->value != s->b_object ||
		(strcmp(a->where, "dict") == 0 && !s->dict) ||
		!(t = new_place(s->w)))
		return;
	objects_text_put(t, ".");
	if (a->slot)
		objects_text_put(t, a->slot);
	else
		objects_text_str(t, a->key);
}

static void
compare_part(PyObject *b_part, const char *as, PyObject *b_name, void *data)
{
	const struct search *s = data;

	(void)b_name;
	if (b_part == s->b_object)
		refcounts_where_add(s->w, as);
}

void
refcounts_where_find(
	struct refcounts_where *w, PyObject *b_holder, PyObject *b_object)
{
	struct search s = {w, b_object, false};

	w->n = 0;
	if (PyDict_Check(b_holder)) {
		w->kind = "item";
		find_in_dict(w, b_holder, b_object);
	} else if (PyList_Check(b_holder)) {
		w->kind = "item";
		find_in_array(w, ((PyListObject *)b_holder)->ob_item,
			PyList_GET_SIZE(b_holder), b_object);
	} else if (PyTuple_Check(b_holder)) {
		w->kind = "item";
		find_in_array(w, ((PyTupleObject *)b_holder)->ob_item,
			PyTuple_GET_SIZE(b_holder), b_object);
	} else if (PyAnySet_Check(b_holder)) {
		w->kind = "item";
	} else if (PyCell_Check(b_holder)) {
		w->kind = "cell";
	} else {
		w->kind = "attribute";
	}
	refcounts_where_parts(b_holder, compare_part, &s);
	bool instance = objects_class_is_python(Py_TYPE(b_holder)) &&
			!PyType_Check(b_holder);
	if (instance)
		objects_instance_each(b_holder, compare_attribute, &s);
	if (PyType_HasFeature(Py_TYPE(b_holder), Py_TPFLAGS_HEAPTYPE) &&
		(PyObject *)Py_TYPE(b_holder) == b_object)
		refcounts_where_add(w, ".__class__");
	/* What is in a dict is that dict's, unless this is of values that the
	 * instance has in itself (from 3.13 on). */
	s.dict = true;
	if (instance && !w->n)
		objects_instance_each(b_holder, compare_attribute, &s);
	if (!w->n && strcmp(w->kind, "attribute") == 0)
		w->kind = "other";
}

/* --- parts ---------------------------------------------------------------- */

struct teller {
	refcounts_part *fn;
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

void
refcounts_where_parts(PyObject *b_holder, refcounts_part *fn, void *data)
{
	struct teller t = {fn, data};
	PyObject *b_dict;

	if (PyFunction_Check(b_holder)) {
		parts_of_function(&t, b_holder);
	} else if (PyMethod_Check(b_holder)) {
		tell(&t, PyMethod_GET_SELF(b_holder), ".__self__");
		tell(&t, PyMethod_GET_FUNCTION(b_holder), ".__func__");
	} else if (PyType_Check(b_holder)) {
		parts_of_type(&t, b_holder);
	} else if (PyCode_Check(b_holder)) {
		parts_of_code(&t, b_holder);
	} else if (PyModule_Check(b_holder)) {
		tell(&t, PyModule_GetDict(b_holder), ".__dict__");
	} else if (PyCell_Check(b_holder)) {
		tell(&t, PyCell_GET(b_holder), ".cell_contents");
	} else if (PyTraceBack_Check(b_holder)) {
		const PyTracebackObject *tb = (PyTracebackObject *)b_holder;
		tell(&t, (PyObject *)tb->tb_next, ".tb_next");
		tell(&t, (PyObject *)tb->tb_frame, ".tb_frame");
	} else if (PyExceptionInstance_Check(b_holder)) {
		parts_of_exception(&t, b_holder);
	} else if (objects_class_is_python(Py_TYPE(b_holder)) &&
		   objects_instance_has_place(b_holder, &b_dict)) {
		tell(&t, b_dict, ".__dict__");
	}
}

/* --- immortal objects ----------------------------------------------------- */

/* By whom PEP 683 is used: Objects/longobject.c, unicodeobject.c, typeobject.c,
 * tupleobject.c, bytesobject.c of 3.12 and later. */
const char *
refcounts_where_immortal(PyObject *o)
{
	if (o == Py_None || o == Py_True || o == Py_False || o == Py_Ellipsis ||
		o == Py_NotImplemented)
		return "a constant of the language";
	if (PyLong_CheckExact(o))
		return "an int that is made once";
	if (PyUnicode_CheckExact(o))
		return PyUnicode_GET_LENGTH(o) < 2 ? "a text that is made once"
						   : "an interned text";
	if (PyBytes_CheckExact(o) && PyBytes_GET_SIZE(o) < 2)
		return "bytes that are made once";
	if (PyTuple_CheckExact(o) && !PyTuple_GET_SIZE(o))
		return "the empty tuple";
	if (PyType_Check(o) &&
		!PyType_HasFeature((PyTypeObject *)o, Py_TPFLAGS_HEAPTYPE))
		return "a type that C declares";
#ifdef Py_GIL_DISABLED
	return "several threads share it, and no GIL is there";
#else
	return "the interpreter made it so";
#endif
}
