/*
 * The hash table of a dict, read where it is: no key is hashed, and none is
 * asked whether it is equal.
 *
 * Layout: struct _dictkeysobject and struct _dictvalues,
 * Include/internal/pycore_dict.h of CPython 3.11, 3.13 and 3.14; before 3.11
 * Objects/dict-common.h of 3.9, which no package has, so that it is written
 * down in dict_table.c.
 */
#ifndef SANDBOX_LENSES_DICT_TABLE_H
#define SANDBOX_LENSES_DICT_TABLE_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dict_table_kind { DICT_GENERAL, DICT_UNICODE, DICT_SPLIT };
/* What an index may be beside the number of an entry. */
#define DICT_EMPTY (-1)
#define DICT_DUMMY (-2)

struct dict_table {
	const PyDictKeysObject *keys;
	PyObject *const *values; /* of a split table, one for each entry */
	size_t nvalues;		 /* places there */
	const uint8_t *order;	 /* of insertion; NULL: that of the entries */
	size_t norder;
	enum dict_table_kind kind;
	Py_ssize_t used;     /* items */
	Py_ssize_t usable;   /* entries that can still be made */
	Py_ssize_t nentries; /* made, deleted ones included */
	Py_ssize_t refs; /* dicts, instances and types that share the keys */
	size_t slots;	 /* a power of two */
	unsigned index_bytes; /* of one index */
	const void *indices, *entries;
	size_t entry_bytes, keys_bytes;
};

struct dict_entry {
	Py_ssize_t index;
	Py_hash_t hash;	 /* -1: not known */
	PyObject *key;	 /* borrowed; NULL where it was deleted */
	PyObject *value; /* likewise; NULL: not in this dict */
};

/* The table of a dict. */
struct dict_table dict_table_of(PyObject *dict);
/* Keys alone, as a type has them for its instances. */
struct dict_table dict_table_of_keys(const PyDictKeysObject *keys);
/* Takes the values of an instance: `order` may be NULL. */
void dict_table_set_values(struct dict_table *d, PyObject *const *values,
	size_t nvalues, const uint8_t *order, size_t norder);
/* The entry of a number below nentries. */
struct dict_entry dict_table_entry(const struct dict_table *d, Py_ssize_t i);
/* Items in the order of iteration; *at is 0 at first. */
bool dict_table_next(
	const struct dict_table *d, Py_ssize_t *at, struct dict_entry *ret);
/* What stands in a slot: the number of an entry, DICT_EMPTY or DICT_DUMMY. */
Py_ssize_t dict_table_index(const struct dict_table *d, size_t slot);
/* The value of an exact str key with this ASCII text; borrowed, or NULL. */
PyObject *dict_table_text(PyObject *dict, const char *name);

/* The slots in which a hash is looked for, one after the other. */
struct dict_probe {
	size_t slot, mask, perturb;
};
struct dict_probe dict_table_probe(const struct dict_table *d, Py_hash_t hash);
void dict_table_probe_next(struct dict_probe *p);

#endif
