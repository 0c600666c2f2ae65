/*
 * The collector's state, of which each CPython has another layout.
 *
 * Layout: struct _gc_runtime_state, Include/internal/pycore_gc.h of
 * CPython 3.9, 3.11 and 3.13, pycore_interp_structs.h of 3.14 and 3.15.
 */
#ifndef SANDBOX_PY_GC_STATE_H
#define SANDBOX_PY_GC_STATE_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include "sandbox/py/compat.h"

#include <internal/pycore_interp.h>
#ifdef Py_GIL_DISABLED
#include <internal/pycore_tstate.h>
#endif

static inline struct _gc_runtime_state *
py_gc_state(void)
{
	return &PyInterpreterState_Get()->gc;
}

#ifdef Py_GIL_DISABLED
/* What it keeps for each thread: objects are counted there first (gc_alloc()
 * and record_allocation(), Python/gc_free_threading.c of 3.13). */
static inline struct _gc_thread_state *
py_gc_thread_state(void)
{
	return &((_PyThreadStateImpl *)PyThreadState_Get())->gc;
}
#endif

/* What it counted in a generation, since the interpreter began. */
static inline struct gc_generation_stats *
py_gc_stats(int generation)
{
#if PY_VERSION_HEX >= PY_3_15
	/* A ring of sums, of which the last is the one that counts. */
	struct gc_stats *s = py_gc_state()->generation_stats;

	return generation == 0 ? &s->young.items[s->young.index]
			       : &s->old[generation - 1]
					  .items[s->old[generation - 1].index];
#else
	return &py_gc_state()->generation_stats[generation];
#endif
}

#endif
