/*
 * collections.deque, read where it is: an iterator of it would be an object
 * more, and an allocation of the program's.
 *
 * Layout: dequeobject and block, Modules/_collectionsmodule.c of CPython 3.9 to
 * 3.15; no header has it, so that it is checked with a deque of ours.
 */
#ifndef SANDBOX_LENSES_DEQUE_H
#define SANDBOX_LENSES_DEQUE_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

#include "base/fail.h"

struct deque_at {
	const void *block;
	Py_ssize_t index;
};

/* Looks the type up and checks the layout.  0, or -1 with the reason. */
int deque_warm(struct fail *f);
/* Is it a deque, or of a class derived from it? */
bool deque_is(PyObject *o);
struct deque_at deque_begin(PyObject *deque);
/* The next item (borrowed), as often as its size says. */
PyObject *deque_next(struct deque_at *at);

#endif
