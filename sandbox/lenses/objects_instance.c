/*
 * Instances of classes that a class statement made: where each attribute is, in
 * a slot of the object, among the values that go with the class's keys, or in a
 * dict of its own.  A dict is not made for looking, which __dict__ does.
 *
 * Layout: what lies before an object, Include/internal/pycore_object.h, and its
 * values, Include/internal/pycore_dict.h, of CPython 3.11, 3.13 and 3.14.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"

#include <internal/pycore_object.h>
#include <structmember.h>
#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_dict.h>
#endif

#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects_class.h"

/* Where its attributes are, slots aside. */
struct storage {
	PyObject *dict; /* borrowed; NULL while there is none */
	bool has_place; /* for a dict or values */
	bool has_values;
	struct dict_table keys; /* with the values */
	const void *values;
	size_t bytes; /* of the values and of their order */
};

#if PY_VERSION_HEX >= PY_3_13
static void
find_managed(PyObject *o, struct storage *s)
{
	PyTypeObject *t = Py_TYPE(o);

	s->dict = (PyObject *)_PyObject_GetManagedDict(o);
	if (!(t->tp_flags & Py_TPFLAGS_INLINE_VALUES))
		return;
	PyDictValues *v = (PyDictValues *)((char *)o + t->tp_basicsize);
	if (!v->valid || s->dict)
		return;
	s->keys = dict_table_of_keys(((PyHeapTypeObject *)t)->ht_cached_keys);
	dict_table_set_values(&s->keys, v->values, v->capacity,
		(const uint8_t *)&v->values[v->capacity], v->size);
	s->has_values = true;
}
#elif PY_VERSION_HEX >= PY_3_11
static void
find_managed(PyObject *o, struct storage *s)
{
	PyTypeObject *t = Py_TYPE(o);
#if PY_VERSION_HEX >= PY_3_12
	PyDictOrValues dorv = *_PyObject_DictOrValuesPointer(o);
	PyDictValues *v = _PyDictOrValues_IsValues(dorv)
				  ? _PyDictOrValues_GetValues(dorv)
				  : NULL;
	s->dict = v ? NULL : _PyDictOrValues_GetDict(dorv);
#else
	PyDictValues *v = *_PyObject_ValuesPointer(o);
	s->dict = *_PyObject_ManagedDictPointer(o);
#endif
	if (!v)
		return;
	/* Before the values: how many there are, and how long that is. */
	const uint8_t *order = (const uint8_t *)v - 2;
	size_t prefix = order[1];
	s->keys = dict_table_of_keys(((PyHeapTypeObject *)t)->ht_cached_keys);
	size_t places = (size_t)(s->keys.usable + s->keys.nentries);
	dict_table_set_values(&s->keys, v->values, places, order, order[0]);
	s->has_values = true;
	s->values = (const char *)v - prefix;
	s->bytes = prefix + places * sizeof(PyObject *);
}
#endif

static struct storage
find_storage(PyObject *o)
{
	struct storage s = {.dict = NULL};
	Py_ssize_t at = objects_layout_dict_offset(o);

#if PY_VERSION_HEX >= PY_3_11
	if (Py_TYPE(o)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
		s.has_place = true;
		find_managed(o, &s);
		return s;
	}
#endif
	if (at > 0) {
		s.has_place = true;
		memcpy(&s.dict, (const char *)o + at, sizeof(s.dict));
	}
	return s;
}

/* Members of the object that classes declared: __slots__. */
static void
each_slot(PyObject *o, objects_instance_fn *each, void *data)
{
	for (PyTypeObject *t = Py_TYPE(o); objects_class_is_python(t);
		t = t->tp_base)
		for (const PyMemberDef *m = t->tp_members; m && m->name; m++) {
			struct objects_attribute a = {.where = "slot",
				.slot = m->name,
				.at = m->offset};
			if (m->type != T_OBJECT_EX)
				continue;
			memcpy(&a.value, (const char *)o + m->offset,
				sizeof(a.value));
			each(&a, data);
		}
}

static void
each_entry(const struct dict_table *d, const char *where,
	objects_instance_fn *each, void *data)
{
	struct dict_entry e;
	Py_ssize_t at = 0;

	while (dict_table_next(d, &at, &e)) {
		struct objects_attribute a = {.where = where,
			.key = e.key,
			.value = e.value,
			.at = d->values ? e.index : -1};
		each(&a, data);
	}
}

static void
each_of(PyObject *o, const struct storage *s, objects_instance_fn *each,
	void *data)
{
	each_slot(o, each, data);
	if (s->has_values)
		each_entry(&s->keys, "values", each, data);
	else if (s->dict && PyDict_Check(s->dict)) {
		struct dict_table d = dict_table_of(s->dict);
		each_entry(&d, "dict", each, data);
	}
}

void
objects_instance_each(PyObject *o, objects_instance_fn *each, void *data)
{
	struct storage s = find_storage(o);

	each_of(o, &s, each, data);
}

void
objects_instance_each_of_local(
	void *frame, const char *name, objects_instance_fn *each, void *data)
{
	struct frames_local local;
	int at = 0;

	while (frames_next_local_in(frame, &at, &local)) {
		PyObject *b_o = frames_local_value(&local);
		if (!objects_text_equals(local.b_name, name, strlen(name)))
			continue;
		if (b_o && PyType_HasFeature(Py_TYPE(b_o), Py_TPFLAGS_HEAPTYPE))
			objects_instance_each(b_o, each, data);
		return;
	}
}

bool
objects_instance_has_place(PyObject *o, PyObject **ret_dict)
{
	struct storage s = find_storage(o);

	*ret_dict = s.dict;
	return s.has_place;
}

struct writing {
	struct objects_heap *h;
	size_t n;
};

static void
write_attribute(const struct objects_attribute *a, void *data)
{
	struct writing *w = data;
	struct jsonw *j = w->h->w;

	if (w->n++ >= OBJECTS_ITEMS) {
		w->h->dropped_items++;
		return;
	}
	jsonw_object(j);
	if (a->slot) {
		jsonw_key(j, "name");
		jsonw_str(j, a->slot);
	} else if (PyUnicode_Check(a->key))
		objects_write_name(j, "name", a->key);
	else
		objects_heap_ref(w->h, "key", a->key);
	jsonw_key(j, "where");
	jsonw_str(j, a->where);
	if (a->at >= 0)
		objects_write_int(j, a->slot ? "offset" : "index", a->at);
	objects_heap_ref(w->h, "object", a->value);
	jsonw_end(j);
}

void
objects_instance_write(struct objects_heap *h, PyObject *o)
{
	struct storage s = find_storage(o);

	objects_heap_ref(h, "class", (PyObject *)Py_TYPE(o));
	jsonw_key(h->w, "storage");
	jsonw_str(h->w, s.dict	       ? "dict"
			: s.has_values ? "values"
			: s.has_place  ? "empty"
				       : "slots");
	objects_heap_ref(h, "dict", s.dict);
	jsonw_key(h->w, "attributes");
	jsonw_array(h->w);
	each_of(o, &s, write_attribute, &(struct writing){h, 0});
	jsonw_end(h->w);
	if (s.has_values)
		objects_write_int(
			h->w, "values_capacity", (int64_t)s.keys.nvalues);
}

/* In 3.11 and 3.12 the values are elsewhere; from 3.13 on they follow the
 * object.  sys.getsizeof counts neither. */
size_t
objects_instance_blocks(PyObject *o, struct objects_block *ret)
{
	size_t n = 0;

	if (!objects_class_is_python(Py_TYPE(o)) || PyType_Check(o))
		return 0;
#if PY_VERSION_HEX >= PY_3_13
	if (Py_TYPE(o)->tp_flags & Py_TPFLAGS_INLINE_VALUES)
		ret[n++] = (struct objects_block){"values",
			(const char *)o + Py_TYPE(o)->tp_basicsize,
			_PyInlineValuesSize(Py_TYPE(o)), false, false};
#else
	struct storage s = find_storage(o);
	if (s.values)
		ret[n++] = (struct objects_block){
			"values", s.values, s.bytes, false, false};
#endif
	return n;
}

static bool
is_instance(PyObject *o)
{
	return objects_class_is_python(Py_TYPE(o));
}

const struct objects_kind objects_instance = {
	"instance", is_instance, NULL, NULL, NULL, NULL};
