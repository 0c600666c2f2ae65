/*
 * The collector as a fresh interpreter has it: nothing counted, nothing to
 * find, and the zygote's own objects out of its sight.
 *
 * gc.freeze() is gc_freeze_impl() of Modules/gcmodule.c (3.11).
 */
#define Py_BUILD_CORE 1
#include "sandbox/py/internal.h"

#include "sandbox/py/gc_state.h"

#include <string.h>

int
py_settle_gc(bool freeze)
{
	struct _gc_runtime_state *gc = py_gc_state();

	PyGC_Collect();
	if (freeze) {
		scope_py PyObject *module = PyImport_ImportModule("gc");
		scope_py PyObject *done =
			module ? PyObject_CallMethod(module, "freeze", NULL)
			       : NULL;
		if (!done)
			return -1;
	}
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		*py_gc_stats(i) = (struct gc_generation_stats){0};
		gc->generations[i].count = 0;
	}
	py_gc_set_count((struct py_gc_count){0});
	gc->long_lived_total = 0;
	gc->long_lived_pending = 0;
	return 0;
}

struct py_gc_count
py_gc_count(void)
{
	struct py_gc_count c = {.all = py_gc_state()->generations[0].count};

#ifdef Py_GIL_DISABLED
	c.own = (int)py_gc_thread_state()->alloc_count;
#endif
	return c;
}

void
py_gc_set_count(struct py_gc_count c)
{
	py_gc_state()->generations[0].count = c.all;
#ifdef Py_GIL_DISABLED
	py_gc_thread_state()->alloc_count = c.own;
#endif
}
