/*
 * One thread at a time, in what lenses and records keep.
 *
 * With a GIL, code that calls no Python and waits for nothing is alone, and
 * this is nothing.  Without one, threads of the snippet's come at the same
 * time. What is between the two may wait for another lock of CPython's, but
 * runs no Python, which could come here again.
 */
#ifndef SANDBOX_PY_LOCK_H
#define SANDBOX_PY_LOCK_H

#include "sandbox/py/compat.h"

#ifdef Py_GIL_DISABLED
extern PyMutex py_lock_;
#endif

static inline void
py_lock(void)
{
#ifdef Py_GIL_DISABLED
	PyMutex_Lock(&py_lock_);
#endif
}

static inline void
py_unlock(void)
{
#ifdef Py_GIL_DISABLED
	PyMutex_Unlock(&py_lock_);
#endif
}

/*
 * Calls fn(arg) with the lock and while no other thread runs Python, so that
 * any object and any frame can be read.  With a GIL that is a call and no more.
 * Without one, the others are stopped, if there are any, as they are for the
 * collector: fn makes and releases no object, and walks no thread states.
 */
#ifdef Py_GIL_DISABLED
void py_alone(void (*fn)(void *arg), void *arg);
#else
static inline void
py_alone(void (*fn)(void *arg), void *arg)
{
	fn(arg);
}
#endif

#endif
