/* How an object refers to another: by which attribute, key or index. */
#ifndef SANDBOX_LENSES_GC_HOW_H
#define SANDBOX_LENSES_GC_HOW_H

#include "sandbox/lenses/objects.h"

/* ".next", "[3]", "['key']", "local x"…: the nth (from 0) of the references
 * from one object to another, as its tp_traverse goes through them.  False
 * where there is no name for it. */
bool gc_how(PyObject *from, PyObject *to, size_t nth, struct objects_text *ret);

#endif
