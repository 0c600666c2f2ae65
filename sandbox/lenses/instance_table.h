/*
 * The attributes of an instance, read where they are: in its dict, in the
 * values that stand for one that was not made (it is not made for being looked
 * at), and in its slots.
 *
 * Layout: Include/internal/pycore_object.h and pycore_dict.h of CPython 3.11,
 * 3.13 and 3.14.
 */
#ifndef SANDBOX_LENSES_INSTANCE_TABLE_H
#define SANDBOX_LENSES_INSTANCE_TABLE_H

#include "sandbox/lenses/dict_table.h"

/* False when it has neither dict nor values. */
bool instance_table_of(PyObject *o, struct dict_table *ret);

/* Walks what is bound in the slots that classes written in Python gave it, from
 * its own class on.  Begin with {0}; names and values are borrowed. */
struct instance_slots {
	size_t type;   /* in the MRO */
	Py_ssize_t at; /* in the dict of that */
};
bool instance_slots_next(PyObject *o, struct instance_slots *at,
	PyObject **ret_name, PyObject **ret_value);

#endif
