/*
 * The film of a collection: its objects, from the count of each over what is
 * subtracted to what becomes of it.
 *
 * Written before the collection begins, so that it is there if a finalizer ends
 * the program.  Garbage comes first, then what it refers to and who holds that.
 */
#ifndef SANDBOX_LENSES_GC_FILM_H
#define SANDBOX_LENSES_GC_FILM_H

#include "sandbox/lenses/gc_graph.h"
#include "sandbox/lenses/lens.h"

#define GC_FILM_OBJECTS	   64 /* that are shown */
#define GC_FILM_EDGES	   256
#define GC_FILM_FINALIZERS 64

/* Writes the film, as an object, of the graph that was made last.  `collection`
 * counts from 1. */
void gc_film_write(struct jsonw *w, const struct gc_graph *g,
	const struct lens_run *run, size_t collection, int generation);

#endif
