/*
 * Where a key is looked for in the dicts and sets that names are bound to: slot
 * after slot, and what is found there.  The key is a str or an int that was
 * asked for, so its hash is CPython's own; what is in the table tells its hash,
 * and is asked whether it is equal only when CPython wrote how that is done.
 */
#include "sandbox/lenses/objects_ask.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/py/scope_py.h"

/* What stands in a slot. */
enum found { EMPTY, DUMMY, OTHER_HASH, OTHER_KEY, SAME_KEY, NOT_ASKED };

static const char *const words[] = {[EMPTY] = "empty",
	[DUMMY] = "dummy",
	[OTHER_HASH] = "other hash",
	[OTHER_KEY] = "same hash, other key",
	[SAME_KEY] = "same key",
	[NOT_ASKED] = "same hash, not asked"};

/* "s" and a text, or "i" and a number. */
static PyObject *
make_key(const char *value, size_t n)
{
	char digits[32];

	if (n && value[0] == 's')
		return PyUnicode_DecodeUTF8(
			value + 1, (Py_ssize_t)n - 1, "replace");
	if (n < 2 || n > sizeof(digits))
		return NULL;
	memcpy(digits, value + 1, n - 1);
	digits[n - 1] = '\0';
	return PyLong_FromString(digits, NULL, 10);
}

static bool
is_plain(PyObject *o)
{
	return PyUnicode_CheckExact(o) || PyLong_CheckExact(o) ||
	       PyBool_Check(o) || PyFloat_CheckExact(o) ||
	       PyBytes_CheckExact(o) || PyComplex_CheckExact(o) || o == Py_None;
}

static enum found
compare(PyObject *b_key, PyObject *b_there, Py_hash_t hash, Py_hash_t there)
{
	if (b_there == b_key)
		return SAME_KEY;
	if (there != hash)
		return OTHER_HASH;
	if (!is_plain(b_there))
		return NOT_ASKED;
	int equal = PyObject_RichCompareBool(b_there, b_key, Py_EQ);
	PyErr_Clear();
	return equal == 1 ? SAME_KEY : OTHER_KEY;
}

/* The steps that are written; true when there are no more. */
struct steps {
	struct objects_heap *h;
	PyObject *key; /* borrowed */
	Py_hash_t hash;
	bool indexed; /* a dict: a slot has the number of an entry */
	size_t n;
	enum found last;
};

static bool
step(struct steps *s, size_t slot, Py_ssize_t index, PyObject *b_there,
	Py_hash_t there)
{
	struct jsonw *w = s->h->w;

	if (s->n++ == OBJECTS_PATH) {
		s->h->dropped_items++;
		s->last = NOT_ASKED;
		return true;
	}
	if (index == DICT_EMPTY)
		s->last = EMPTY;
	else if (index == DICT_DUMMY)
		s->last = DUMMY;
	else
		s->last = compare(s->key, b_there, s->hash, there);
	jsonw_object(w);
	objects_write_int(w, "slot", (int64_t)slot);
	if (index >= 0 && s->indexed)
		objects_write_int(w, "index", index);
	objects_write_hash(w, index >= 0 ? there : -1);
	objects_heap_ref(s->h, "key", index >= 0 ? b_there : NULL);
	jsonw_key(w, "there");
	jsonw_str(w, words[s->last]);
	jsonw_end(w);
	return s->last == EMPTY || s->last == SAME_KEY || s->last == NOT_ASKED;
}

static void
probe_dict(struct steps *s, PyObject *o)
{
	struct dict_table d = dict_table_of(o);
	struct dict_probe p = dict_table_probe(&d, s->hash);

	for (;;) {
		Py_ssize_t index = dict_table_index(&d, p.slot);
		struct dict_entry e = {.hash = -1};
		if (index >= 0)
			e = dict_table_entry(&d, index);
		if (step(s, p.slot, index, e.key, e.hash))
			return;
		dict_table_probe_next(&p);
	}
}

static void
probe_set(struct steps *s, PyObject *o)
{
	const PySetObject *set = (const PySetObject *)o;
	struct objects_set_probe p = objects_set_probe(set, s->hash);

	for (;;) {
		const setentry *e = &set->table[p.base + p.next];
		Py_ssize_t index = !e->key	   ? DICT_EMPTY
				   : e->hash == -1 ? DICT_DUMMY
						   : 0;
		if (step(s, p.base + p.next, index, e->key, e->hash))
			return;
		objects_set_probe_next(&p);
	}
}

static void
write_probe(
	struct objects_heap *h, const struct objects_name *name, PyObject *key)
{
	struct objects_text text;
	struct steps s = {.h = h,
		.key = key,
		.hash = PyObject_Hash(key),
		.indexed = PyDict_Check(name->value)};

	objects_show_value(&text, key);
	jsonw_object(h->w);
	objects_write_name(h->w, "name", name->name);
	objects_heap_ref(h, "object", name->value);
	objects_write_member(h->w, "key", &text);
	objects_write_hash(h->w, s.hash);
	jsonw_key(h->w, "steps");
	jsonw_array(h->w);
	if (PyDict_Check(name->value))
		probe_dict(&s, name->value);
	else
		probe_set(&s, name->value);
	jsonw_end(h->w);
	jsonw_key(h->w, "found");
	if (s.last == NOT_ASKED)
		jsonw_null(h->w);
	else
		jsonw_bool(h->w, s.last == SAME_KEY);
	jsonw_end(h->w);
}

/* Each key in each table that a name is bound to, by its first name. */
static void
probe_all(struct objects_heap *h, PyFrameObject *f, PyObject *key)
{
	struct objects_walk at = {.local = 0};
	struct objects_name name;
	PyObject *seen[OBJECTS_ITEMS];
	size_t n = 0, i;

	while (objects_capture_next(f, &at, &name)) {
		if ((!PyDict_Check(name.value) &&
			    !PyAnySet_Check(name.value)) ||
			!objects_capture_wants(name.name))
			continue;
		for (i = 0; i < n && seen[i] != name.value; i++)
			;
		if (i < n)
			continue;
		if (n == OBJECTS_ITEMS) {
			h->dropped_items++;
			break;
		}
		seen[n++] = name.value;
		write_probe(h, &name, key);
	}
}

void
objects_ask_probes(
	struct objects_heap *h, const struct lens_run *r, PyFrameObject *f)
{
	const char *value;
	size_t at = 0, n;

	jsonw_key(h->w, "probes");
	jsonw_array(h->w);
	while ((value = lens_option(r, "objects.keys", &at, &n))) {
		scope_py PyObject *key = make_key(value, n);
		if (key)
			probe_all(h, f, key);
		PyErr_Clear();
	}
	jsonw_end(h->w);
}
