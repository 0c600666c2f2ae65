/* Every object that the collector keeps. */
#ifndef SANDBOX_LENSES_GC_WALK_H
#define SANDBOX_LENSES_GC_WALK_H

#include "sandbox/py/compat.h"

/* Calls fn with each, in no order; while that lasts, from 3.12 on the object is
 * held once more, and without a GIL all other threads are stopped, so that fn
 * makes and releases no object, and is not called within py_alone(). */
void gc_walk(void (*fn)(PyObject *o));

#endif
