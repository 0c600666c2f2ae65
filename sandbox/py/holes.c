/*
 * Filling the holes that warming left in pymalloc's pools, so that what a child
 * allocates comes from pools of its own, side by side, and not from the pages
 * of the zygote's objects, each of which would have to be copied for it.
 *
 * Layout: Objects/obmalloc.c of CPython 3.11 and 3.13: 64-bit builds use pools
 * of 16 KiB (of 4 KiB before 3.10), 32 size classes 16 bytes apart, and the
 * first block of a new pool comes after a header of 48 bytes.
 */
#include "sandbox/py/internal.h"

#include <string.h>

#if PY_VERSION_HEX >= PY_3_10
#define POOL_BYTES (16 * 1024)
#else
#define POOL_BYTES (4 * 1024)
#endif
#define POOL_HEADER 48
#define CLASS_BYTES 16
#define LARGEST	    512
#define MANY_BLOCKS 100000 /* more than there are holes of any size */

/* Is it the first block of a pool?  A hole there is taken for a new pool, at
 * the worst. */
static bool
begins_pool(const void *block)
{
	return ((uintptr_t)block & (POOL_BYTES - 1)) == POOL_HEADER;
}

void
py_fill_holes(void)
{
	/* PYTHONMALLOC chose another: there are no pools. */
	if (strcmp(_PyMem_GetCurrentAllocatorName(), "pymalloc") != 0)
		return;
	for (size_t size = CLASS_BYTES; size <= LARGEST; size += CLASS_BYTES) {
		void *block = PyObject_Malloc(size);
		for (int n = 0; block && !begins_pool(block) && n < MANY_BLOCKS;
			n++)
			block = PyObject_Malloc(size);
		/* The pool is kept, with all of its room but for this block. */
	}
}
