/*
 * What frames hold references to, one by one: tp_traverse of a frame or
 * generator does not say which variable it is, visits what is only lent to it
 * (from 3.14 on), and nothing of a frame that runs.
 */
#ifndef SANDBOX_LENSES_FRAMES_REFS_H
#define SANDBOX_LENSES_FRAMES_REFS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

struct frames_ref {
	PyObject *object; /* borrowed */
	/* "local", "stack", or the attribute of a frame object or generator
	 * that says it. */
	const char *what;
	PyObject *name; /* of the variable (borrowed), where that is "local" */
};

/* Is it one whose references are told here, and not by tp_traverse? */
bool frames_refs_has(PyObject *o);
/* Those of a generator or frame object; *at is 0 at first.  A frame that
 * belongs to neither, as one that runs, is not in it. */
bool frames_refs_next(PyObject *o, int *at, struct frames_ref *ret);
/* Those of a frame as the interpreter has it (frames_next()); nothing when a
 * generator has it, or when it is an object.  How high the stack of one that
 * calls C code is, is not always known: then it is left out. */
bool frames_refs_next_of(void *frame, int *at, struct frames_ref *ret);
/* The name of the function (borrowed) whose frame it is, or NULL. */
PyObject *frames_refs_function(PyObject *o);

#endif
