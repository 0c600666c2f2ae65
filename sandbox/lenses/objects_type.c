/*
 * Classes: where their instances keep things, what they define, and how the
 * order came about in which they are searched (C3).
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"

#include <structmember.h>

#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/objects_mro.h"

static bool
is_type(PyObject *o)
{
	return PyType_Check(o);
}

/* What a class statement puts there by itself. */
static bool
is_automatic(PyObject *b_name)
{
	static const char *const all[] = {"__module__", "__qualname__",
		"__dict__", "__weakref__", "__doc__", "__firstlineno__",
		"__static_attributes__"};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (objects_text_equals(b_name, all[i], strlen(all[i])))
			return true;
	return false;
}

const char *
objects_type_descriptor(PyObject *o)
{
	const PyTypeObject *t = Py_TYPE(o);

	if (t->tp_descr_get)
		return t->tp_descr_set ? "data" : "non-data";
	return t->tp_descr_set ? "data" : NULL;
}

static void
write_attribute(struct objects_heap *h, const struct dict_entry *e)
{
	struct objects_text type = {.n = 0};
	const char *descriptor = objects_type_descriptor(e->value);

	jsonw_object(h->w);
	objects_write_name(h->w, "name", e->key);
	objects_text_type(&type, Py_TYPE(e->value));
	objects_write_member(h->w, "type", &type);
	jsonw_key(h->w, "descriptor");
	if (descriptor)
		jsonw_str(h->w, descriptor);
	else
		jsonw_null(h->w);
	/* A slot's descriptor is told as the slot. */
	if (!is_automatic(e->key) && !Py_IS_TYPE(e->value, &PyMemberDescr_Type))
		objects_heap_ref(h, "object", e->value);
	jsonw_end(h->w);
}

static void
write_attributes(struct objects_heap *h, PyTypeObject *type)
{
	PyObject *b_dict = objects_class_dict(type);
	struct dict_entry e;
	Py_ssize_t at = 0, n = 0;

	jsonw_key(h->w, "attributes");
	jsonw_array(h->w);
	if (b_dict) {
		struct dict_table d = dict_table_of(b_dict);
		while (dict_table_next(&d, &at, &e)) {
			if (n++ < OBJECTS_ITEMS)
				write_attribute(h, &e);
			else
				h->dropped_items++;
		}
	}
	jsonw_end(h->w);
}

/* Slots that the class itself declares. */
static void
write_slots(struct objects_heap *h, PyTypeObject *type)
{
	jsonw_key(h->w, "slots");
	jsonw_array(h->w);
	for (const PyMemberDef *m = type->tp_members; m && m->name; m++) {
		if (m->type != T_OBJECT_EX)
			continue;
		jsonw_object(h->w);
		jsonw_key(h->w, "name");
		jsonw_str(h->w, m->name);
		objects_write_int(h->w, "offset", m->offset);
		jsonw_end(h->w);
	}
	jsonw_end(h->w);
}

/* The keys that its instances share, while their attributes come in the same
 * order. */
static void
write_shared_keys(struct objects_heap *h, PyTypeObject *type)
{
	const PyDictKeysObject *keys =
		((PyHeapTypeObject *)type)->ht_cached_keys;

	jsonw_key(h->w, "shared_keys");
	if (!keys) {
		jsonw_null(h->w);
		return;
	}
	struct dict_table d = dict_table_of_keys(keys);
	jsonw_object(h->w);
	jsonw_key(h->w, "names");
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < d.nentries && i < OBJECTS_ITEMS; i++) {
		struct objects_text t = {.n = 0};
		struct dict_entry e = dict_table_entry(&d, i);
		if (e.key)
			objects_text_str(&t, e.key);
		jsonw_strn(h->w, t.bytes, t.n);
	}
	jsonw_end(h->w);
	objects_write_int(h->w, "slots", (int64_t)d.slots);
	objects_write_int(h->w, "free", d.usable);
	objects_write_int(h->w, "bytes", (int64_t)d.keys_bytes);
	jsonw_end(h->w);
}

static void
type_details(struct objects_heap *h, PyObject *o)
{
	PyTypeObject *type = (PyTypeObject *)o;
	struct objects_text name = {.n = 0};
	bool python = objects_class_is_python(type);

	objects_text_type(&name, type);
	objects_write_member(h->w, "name", &name);
	jsonw_key(h->w, "made_by");
	jsonw_str(h->w, python ? "Python" : "C");
	objects_write_int(h->w, "basicsize", type->tp_basicsize);
	objects_write_int(h->w, "itemsize", type->tp_itemsize);
	objects_mro_write(h, type);
	/* What the interpreter and its library have is not gone into. */
	if (!objects_class_is_snippets(type))
		return;
	write_slots(h, type);
	write_shared_keys(h, type);
	write_attributes(h, type);
}

static size_t
type_blocks(PyObject *o, struct objects_block *ret)
{
	PyTypeObject *type = (PyTypeObject *)o;

	if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
		return 0;
	const PyDictKeysObject *keys =
		((PyHeapTypeObject *)type)->ht_cached_keys;
	if (!keys)
		return 0;
	struct dict_table d = dict_table_of_keys(keys);
	*ret = (struct objects_block){
		"ht_cached_keys", d.keys, d.keys_bytes, true, false};
	return 1;
}

/* One that is compiled in has no room for what a class statement adds. */
static size_t
type_bytes(PyObject *o)
{
	PyTypeObject *type = (PyTypeObject *)o;

	return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) ? 0
						      : sizeof(PyTypeObject);
}

const struct objects_kind objects_type = {
	"class", is_type, type_details, NULL, type_blocks, type_bytes};
