/* One thread at a time, in what lenses and records keep. */
#include "sandbox/py/lock.h"

#include "sandbox/py/child.h"

#ifdef Py_GIL_DISABLED
PyMutex py_lock_;

struct call {
	void (*fn)(void *arg);
	void *arg;
};

/* For the first object that there is; then it is enough. */
static int
call_once(PyObject *o, void *arg)
{
	const struct call *c = arg;

	(void)o;
	c->fn(c->arg);
	return 0;
}

/* _PyEval_StopTheWorld() is not to be had from outside of libpython.  What can
 * be had that does it: PyUnstable_GC_VisitObjects(), Python/gc_free_threading.c
 * of 3.13.  A thread that is alone has nobody who could make another. */
void
py_alone(void (*fn)(void *arg), void *arg)
{
	const PyThreadState *self = PyThreadState_Get();

	py_lock();
	if (!self->next && !self->prev)
		fn(arg);
	else
		PyUnstable_GC_VisitObjects(call_once, &(struct call){fn, arg});
	py_unlock();
}
#endif

void
py_forked(void)
{
	/* Who had it is not in this process. */
#ifdef Py_GIL_DISABLED
	py_lock_ = (PyMutex){0};
#endif
}
