/*
 * What runs before garbage is freed, in this order: callbacks of weak
 * references to it that are no garbage themselves, then finalizers, each in the
 * order of the collector's list.
 *
 * handle_weakrefs(), finalize_garbage(): Modules/gcmodule.c of CPython 3.9 and
 * 3.11, Python/gc.c of 3.13, 3.14.5 and 3.15.
 */
#ifndef SANDBOX_LENSES_GC_FINALIZERS_H
#define SANDBOX_LENSES_GC_FINALIZERS_H

#include "base/jsonw.h"
#include "sandbox/lenses/gc_graph.h"

struct gc_finalizer {
	size_t node;
	const char *kind; /* "weakref callback", "__del__" or "C" */
	PyObject *b_ref;  /* the weak reference, else NULL */
};

/* Calls fn for the first `most` of them; returns how many there are. */
typedef void gc_finalizers_fn(const struct gc_finalizer *z, void *data);
size_t gc_finalizers_each(const struct gc_graph *g, size_t most,
	gc_finalizers_fn *fn, void *data);
/* Writes the member: "__del__", "C" (a generator's, a file's), "tp_del", or
 * null for an object without, or one that was finalized before. */
void gc_finalizers_write_kind(struct jsonw *w, const char *key, PyObject *o);

#endif
