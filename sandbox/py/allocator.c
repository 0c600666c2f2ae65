/* What differs where mimalloc allocates, as without a GIL. */
#include "sandbox/py/internal.h"

#include <stdlib.h>

#include "wire/limits.h"
#include "wire/runtime.h"

#ifdef Py_GIL_DISABLED

/* MI_SEGMENT_SIZE, Include/internal/mimalloc/mimalloc/types.h of CPython 3.13.
 */
#define SEGMENT_BYTES (32 * MIB)

void
py_set_environment(void)
{
#define SET(name, value) setenv(name, value, 1);
	RUNTIME_ENVIRONMENT(SET)
#undef SET
}

uint64_t
py_thread_bytes(void)
{
	return SEGMENT_BYTES;
}

#else

void
py_set_environment(void)
{
}

uint64_t
py_thread_bytes(void)
{
	return 0;
}

#endif
