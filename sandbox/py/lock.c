/* One thread at a time, in what lenses and records keep. */
#include "sandbox/py/lock.h"

#include "sandbox/py/child.h"

#ifdef Py_GIL_DISABLED
PyMutex py_lock_;
#endif

void
py_forked(void)
{
	/* Who had it is not in this process. */
#ifdef Py_GIL_DISABLED
	py_lock_ = (PyMutex){0};
#endif
}
