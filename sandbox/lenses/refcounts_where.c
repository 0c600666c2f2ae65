/*
 * In which part of its holder an object is: by which key, index, name or
 * attribute.  Everything is read where it is, and only compared.
 */
#include "sandbox/lenses/refcounts.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"

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
	objects_parts_each(b_holder, compare_part, &s);
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
