/*
 * What CPython holds because it is traced, and would not hold otherwise.
 *
 * A method of a C type that is called as o.m() is a descriptor and its object.
 * With tracing on, trace_call_function() (Python/ceval.c, 3.11) binds the two
 * for the time of the call, to have something to tell a profiler.  When the
 * method calls Python in turn (list.sort with a key, generator.send), that is
 * seen as one more reference to the object.  A C profile function sees these
 * bound methods come and go.
 *
 * From 3.12 on they are bound while a profiler is told, and no longer: nothing
 * is held, and there is nothing to see.
 */
#ifndef SANDBOX_LENSES_CALLS_H
#define SANDBOX_LENSES_CALLS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

#if PY_VERSION_HEX < PY_3_12
#define CALLS_PROFILE calls_profile
#else
#define CALLS_PROFILE NULL
#endif

/* The profile function: CALLS_PROFILE is NULL where there is none. */
int calls_profile(PyObject *self, PyFrameObject *f, int what, PyObject *arg);
/* A line of this frame begins, or the frame is left: its calls are over. */
void calls_over(PyFrameObject *f);
/* How often the object is held in that way. */
Py_ssize_t calls_hold(PyObject *o);
/* Is it one of those that hold it? */
bool calls_has(const PyObject *method);

#endif
