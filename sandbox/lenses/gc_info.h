/*
 * The dict that the collector makes for those that it tells.
 *
 * One that is made anew is counted, and goes to the free list of dicts when it
 * is dropped, which spares the count of the next: collections would come at
 * other moments than without the lens.  So such a dict is taken out of the
 * count and kept away from the free list (Modules/gcmodule.c and
 * Objects/dictobject.c of 3.11, Python/gc.c of 3.13).
 *
 * Before 3.11 the list is out of reach, and from 3.14 on it does not tell what
 * was in it: there a collection may come one object sooner or later; without a
 * GIL, when several threads collect, for each thread has a list and a count.
 */
#ifndef SANDBOX_LENSES_GC_INFO_H
#define SANDBOX_LENSES_GC_INFO_H

#include "base/fail.h"
#include "sandbox/py/compat.h"

/* Is the free list as it is read here?  0, or -1 with what is not. */
int gc_info_check(struct fail *f);

void gc_info_begin(void);
/* In a callback, before the collection or after it.  callbacks of the snippet:
 * with any, the dict is made in any case. */
void gc_info_seen(
	PyObject *info, bool after, int generation, Py_ssize_t callbacks);
void gc_info_end(void);

#endif
