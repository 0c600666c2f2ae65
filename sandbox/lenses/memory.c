/*
 * memory: what CPython's allocators gave out, line by line, the peak, what
 * stayed until the end, and pymalloc's pools by size.
 *
 * All domains are hooked, from the beginning of the script to its end.  What is
 * not seen: libc's malloc() called by others than CPython, as numpy's arrays,
 * and objects that come out of a free list, which take no memory; from 3.13 on
 * those are heard of.
 */
#include "sandbox/lenses/memory.h"

#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/lens.h"
#include "sandbox/py/lock.h"

static bool began;

static int
warm(struct fail *f)
{
	return memory_pools_warm(f) || frames_check(f) ? -1 : 0;
}

static void
begin(const struct lens_run *r)
{
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_MEMORY, true);
	if (memory_blocks_begin() || memory_tally_begin() ||
		memory_places_begin((PyCodeObject *)r->code))
		return;
	began = true;
	memory_pools_look(false);
	memory_hooks_begin(r->records);
}

static void
end(const struct lens_run *r)
{
	if (!began)
		return;
	bool whole = memory_hooks_end();
	memory_hooks_without(memory_pools_look, true);
	whole &= memory_types_find();
	py_lock();
	memory_tally_write(r->records);
	whole &= memory_tally_write_rows(r->records, true);
	memory_pools_write(r->records);
	py_unlock();
	whole &= !memory_tally_dropped() && !memory_places_full();
	lens_truncated(r, LENS_MEMORY, !whole);
}

const struct lens_ops lens_memory = {
	.id = LENS_MEMORY, .warm = warm, .begin = begin, .end = end};
