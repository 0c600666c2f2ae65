/*
 * What a collection is about to find, worked out as the collector does it, and
 * without touching anything: counts are taken down in a table of our own, never
 * in the headers of objects.
 *
 * deduce_unreachable(), move_legacy_finalizers() and what they call:
 * Modules/gcmodule.c of CPython 3.9 and 3.11, Python/gc.c of 3.13, 3.14.5 and
 * 3.15.  Without a GIL there is another collector, whose objects are in no
 * list: there is no graph.
 */
#ifndef SANDBOX_LENSES_GC_GRAPH_H
#define SANDBOX_LENSES_GC_GRAPH_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Objects of a collection that is looked at.  Not more than an uint16_t. */
#define GC_GRAPH_MAX 16384

enum gc_verdict {
	GC_GARBAGE,	  /* nothing outside leads to it */
	GC_ROOT,	  /* referred to from outside of what is collected */
	GC_REACHED,	  /* a root leads to it */
	GC_UNCOLLECTABLE, /* garbage that a tp_del keeps */
	GC_VERDICTS
};

struct gc_node {
	PyObject *o;	 /* borrowed, until the collection begins */
	Py_ssize_t refs; /* its count */
	Py_ssize_t left; /* gc_refs: without those from within */
	uint16_t via;	 /* what it was reached by first; a root by itself */
	uint8_t verdict; /* enum gc_verdict */
	bool called;	 /* a weak reference whose callback will be called */
};

/* In the order in which the collector goes through them.  Behind them, weak
 * references of older generations that are called. */
struct gc_graph {
	struct gc_node nodes[GC_GRAPH_MAX];
	size_t n, called;
	size_t sums[GC_VERDICTS];
};

/* How many objects a collection of this generation looks at, the younger ones
 * with it; `but` is none of them.  -1 where that cannot be told. */
Py_ssize_t gc_graph_count(int generation, const PyObject *but);
/* The graph of such a collection, until the next call; NULL when there are too
 * many objects, or there is none to be had here. */
const struct gc_graph *gc_graph_make(int generation, const PyObject *but);

/* Calls fn for each reference from one object of the graph to another, in the
 * order in which the collector subtracts them.  False when fn said to stop. */
typedef bool gc_graph_edge(size_t from, size_t to, void *data);
void gc_graph_edges(gc_graph_edge *fn, void *data);
/* Its number in the graph, or -1. */
Py_ssize_t gc_graph_find(const PyObject *o);
/* Notes a weak reference whose callback will be called.  False when there is no
 * room for it. */
bool gc_graph_call(PyObject *ref);

/* After the collection: how many of what it took for garbage, and of those weak
 * references, are among what was put behind the list of survivors.  Nothing is
 * read of an object. */
struct gc_alive {
	Py_ssize_t objects, refs;
};
struct gc_alive gc_graph_alive(int generation);

#endif
