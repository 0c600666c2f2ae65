/*
 * Why the collector runs: because the program called gc.collect(), because so
 * many objects were made, or because code in C asked for it.
 *
 * gc.collect() is known by being called: in this pass its method is one of
 * ours, which notes that and calls theirs.  That objects were too many is what
 * gc_collect_generations() or gc_select_generation() asks (Modules/gcmodule.c
 * of CPython 3.9 and 3.11, Python/gc.c of 3.13 and later).
 */
#ifndef SANDBOX_LENSES_GC_TRIGGER_H
#define SANDBOX_LENSES_GC_TRIGGER_H

#include "base/fail.h"
#include "sandbox/py/compat.h"

/* Zygote.  0, or -1 with what is not as expected. */
int gc_trigger_warm(struct fail *f);
void gc_trigger_begin(void);
void gc_trigger_end(void);

/* In a callback before a collection: "allocation", "gc.collect()",
 * "interpreter", or "unknown". */
const char *gc_trigger_of(int generation);
/* What gc.get_count() would say, for each generation. */
void gc_trigger_counts(int *ret);

#endif
