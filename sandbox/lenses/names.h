/*
 * A set of names that holds no references, so that a name that is also a value
 * is not counted once more for being looked at.
 */
#ifndef SANDBOX_LENSES_NAMES_H
#define SANDBOX_LENSES_NAMES_H

#include <Python.h>

#include <stdbool.h>

struct names {
	PyObject **slot; /* a power of two of them, NULL where empty */
	size_t size, used;
};

/* Empties the set; its memory is kept. */
void names_clear(struct names *n);
/* Adds a str (no subclass, which could have a __hash__ of its own).  False when
 * it was there already, or there is no memory. */
bool names_add(struct names *n, PyObject *b_name);

#endif
