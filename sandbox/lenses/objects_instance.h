/*
 * The attributes of an instance of a class that was written in Python, one by
 * one: those in slots, then those in its dict or in the values that stand for
 * one.
 */
#ifndef SANDBOX_LENSES_OBJECTS_INSTANCE_H
#define SANDBOX_LENSES_OBJECTS_INSTANCE_H

#include "sandbox/lenses/dict_table.h"

struct objects_instance_at {
	PyObject *o;
	PyTypeObject *type; /* whose slots are walked */
	size_t slot;
	bool has_table;
	struct dict_table table;
	Py_ssize_t entry;
};

struct objects_attribute {
	const char *slot; /* its name, when it is in one */
	PyObject *key;	  /* else its key in the table; borrowed */
	PyObject *value;  /* borrowed */
};

void objects_instance_begin(struct objects_instance_at *at, PyObject *o);
/* The next that is bound. */
bool objects_instance_next(
	struct objects_instance_at *at, struct objects_attribute *ret);

#endif
