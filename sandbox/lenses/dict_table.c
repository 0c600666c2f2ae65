/* The hash table of a dict, read where it is. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/dict_table.h"

#include <string.h>

#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_dict.h>
#else
/* Objects/dict-common.h of CPython 3.9. */
typedef struct {
	Py_hash_t me_hash;
	PyObject *me_key, *me_value;
} PyDictKeyEntry;
struct _dictkeysobject {
	Py_ssize_t dk_refcnt, dk_size;
	void *dk_lookup;
	Py_ssize_t dk_usable, dk_nentries;
	char dk_indices[];
};
#endif

#define PERTURB_SHIFT 5 /* Objects/dictobject.c */

static size_t
usable_fraction(size_t slots)
{
	return (slots << 1) / 3;
}

#if PY_VERSION_HEX >= PY_3_11
static void
read_keys(struct dict_table *d, const PyDictKeysObject *k)
{
	size_t index_area = (size_t)1 << k->dk_log2_index_bytes;

	d->slots = (size_t)1 << k->dk_log2_size;
	d->index_bytes = (unsigned)(index_area / d->slots);
	d->kind = k->dk_kind == DICT_KEYS_GENERAL   ? DICT_GENERAL
		  : k->dk_kind == DICT_KEYS_UNICODE ? DICT_UNICODE
						    : DICT_SPLIT;
	d->entry_bytes = d->kind == DICT_GENERAL ? sizeof(PyDictKeyEntry)
						 : sizeof(PyDictUnicodeEntry);
	d->entries = k->dk_indices + index_area;
	d->keys_bytes = sizeof(*k) + index_area +
			usable_fraction(d->slots) * d->entry_bytes;
}
#else
static void
read_keys(struct dict_table *d, const PyDictKeysObject *k)
{
	d->slots = (size_t)k->dk_size;
	d->index_bytes = d->slots <= 0xff	  ? 1
			 : d->slots <= 0xffff	  ? 2
			 : d->slots <= 0xffffffff ? 4
						  : 8;
	d->kind = DICT_GENERAL;
	d->entry_bytes = sizeof(PyDictKeyEntry);
	d->entries = k->dk_indices + d->slots * d->index_bytes;
	d->keys_bytes = sizeof(*k) + d->slots * d->index_bytes +
			usable_fraction(d->slots) * d->entry_bytes;
}
#endif

struct dict_table
dict_table_of_keys(const PyDictKeysObject *keys)
{
	struct dict_table d = {.keys = keys,
		.usable = keys->dk_usable,
		.nentries = keys->dk_nentries,
		.refs = keys->dk_refcnt,
		.indices = keys->dk_indices};

	read_keys(&d, keys);
	return d;
}

void
dict_table_set_values(struct dict_table *d, PyObject *const *values,
	size_t nvalues, const uint8_t *order, size_t norder)
{
	d->values = values;
	d->nvalues = nvalues;
	d->order = order;
	d->norder = norder;
	d->used = 0;
	for (Py_ssize_t i = 0; i < d->nentries && (size_t)i < nvalues; i++)
		d->used += values[i] != NULL;
}

struct dict_table
dict_table_of(PyObject *dict)
{
	const PyDictObject *o = (const PyDictObject *)dict;
	struct dict_table d = dict_table_of_keys(o->ma_keys);
#if PY_VERSION_HEX < PY_3_13
	size_t places = (size_t)(d.usable + d.nentries);
#endif

	if (o->ma_values) {
#if PY_VERSION_HEX >= PY_3_13
		const PyDictValues *v = o->ma_values;
		dict_table_set_values(&d, v->values, v->capacity,
			(const uint8_t *)&v->values[v->capacity], v->size);
#elif PY_VERSION_HEX >= PY_3_11
		/* Before the values: their order, how many, and how long that
		 * is. */
		const uint8_t *v = (const uint8_t *)o->ma_values;
		dict_table_set_values(
			&d, o->ma_values->values, places, v - 2, v[-2]);
#else
		dict_table_set_values(&d, o->ma_values, places, NULL, 0);
		d.kind = DICT_SPLIT;
#endif
	}
	d.used = o->ma_used;
	return d;
}

static Py_hash_t
str_hash(PyObject *key)
{
	return PyUnicode_Check(key) ? ((PyASCIIObject *)key)->hash : -1;
}

struct dict_entry
dict_table_entry(const struct dict_table *d, Py_ssize_t i)
{
	struct dict_entry e = {.index = i, .hash = -1};
	const char *at = (const char *)d->entries + (size_t)i * d->entry_bytes;

	if (d->entry_bytes == sizeof(PyDictKeyEntry)) {
		PyDictKeyEntry k;
		memcpy(&k, at, sizeof(k));
		e.hash = k.me_hash;
		e.key = k.me_key;
		e.value = k.me_value;
	} else {
		PyObject *k[2]; /* PyDictUnicodeEntry */
		memcpy(k, at, sizeof(k));
		e.key = k[0];
		e.value = k[1];
		if (e.key)
			e.hash = str_hash(e.key);
	}
	if (d->values)
		e.value = (size_t)i < d->nvalues ? d->values[i] : NULL;
	return e;
}

/* The number of the i-th entry in the order of iteration. */
static Py_ssize_t
ordered(const struct dict_table *d, Py_ssize_t i)
{
	if (!d->order)
		return i < d->nentries ? i : -1;
	if ((size_t)i >= d->norder)
		return -1;
#if PY_VERSION_HEX >= PY_3_13
	return d->order[i];
#else
	return *(d->order - 1 - i); /* it grows downwards */
#endif
}

bool
dict_table_next(
	const struct dict_table *d, Py_ssize_t *at, struct dict_entry *ret)
{
	Py_ssize_t i;

	while ((i = ordered(d, *at)) >= 0 && i < d->nentries) {
		(*at)++;
		*ret = dict_table_entry(d, i);
		if (ret->key && ret->value)
			return true;
	}
	return false;
}

Py_ssize_t
dict_table_index(const struct dict_table *d, size_t slot)
{
	switch (d->index_bytes) {
	case 1:
		return ((const int8_t *)d->indices)[slot];
	case 2:
		return ((const int16_t *)d->indices)[slot];
	case 4:
		return ((const int32_t *)d->indices)[slot];
	default:
		return (Py_ssize_t)((const int64_t *)d->indices)[slot];
	}
}

PyObject *
dict_table_text(PyObject *dict, const char *name)
{
	struct dict_table d = dict_table_of(dict);
	struct dict_entry e;
	Py_ssize_t at = 0;

	while (dict_table_next(&d, &at, &e))
		if (PyUnicode_CheckExact(e.key) && py_unicode_is_ready(e.key) &&
			PyUnicode_CompareWithASCIIString(e.key, name) == 0)
			return e.value;
	return NULL;
}

struct dict_probe
dict_table_probe(const struct dict_table *d, Py_hash_t hash)
{
	size_t mask = d->slots - 1;

	return (struct dict_probe){(size_t)hash & mask, mask, (size_t)hash};
}

void
dict_table_probe_next(struct dict_probe *p)
{
	p->perturb >>= PERTURB_SHIFT;
	p->slot = (p->slot * 5 + p->perturb + 1) & p->mask;
}
