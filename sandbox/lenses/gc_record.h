/* What is written of collections, and of which there is a film. */
#ifndef SANDBOX_LENSES_GC_RECORD_H
#define SANDBOX_LENSES_GC_RECORD_H

#include "sandbox/lenses/lens.h"

void gc_record_begin(const struct lens_run *run);
/* Before a collection: why it comes. */
void gc_record_start(int generation);
/* Before it, and after all others heard of it: what it will find.  `info` is
 * the dict that they were told with. */
void gc_record_look(int generation, const PyObject *info);
/* After it; it took so many nanoseconds. */
void gc_record_stop(int generation, PyObject *info, int64_t took);
/* Thresholds, totals, pauses.  Returns whether something was left out. */
bool gc_record_end(void);

#endif
