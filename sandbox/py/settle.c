/*
 * The collector as a fresh interpreter has it: nothing counted, nothing to
 * find, and the zygote's own objects out of its sight.
 *
 * Layout: struct _gc_runtime_state, Include/internal/pycore_gc.h of CPython
 * 3.11; gc.freeze() is gc_freeze_impl() of Modules/gcmodule.c.
 */
#define Py_BUILD_CORE 1
#include "sandbox/py/internal.h"

#include <internal/pycore_interp.h>

#include <string.h>

int
py_settle_gc(bool freeze)
{
	struct _gc_runtime_state *gc = &PyInterpreterState_Get()->gc;

	PyGC_Collect();
	if (freeze) {
		scope_py PyObject *module = PyImport_ImportModule("gc");
		scope_py PyObject *done =
			module ? PyObject_CallMethod(module, "freeze", NULL)
			       : NULL;
		if (!done)
			return -1;
	}
	memset(gc->generation_stats, 0, sizeof(gc->generation_stats));
	for (int i = 0; i < NUM_GENERATIONS; i++)
		gc->generations[i].count = 0;
	gc->long_lived_total = 0;
	gc->long_lived_pending = 0;
	return 0;
}

int
py_gc_count(void)
{
	return PyInterpreterState_Get()->gc.generations[0].count;
}

void
py_gc_set_count(int count)
{
	PyInterpreterState_Get()->gc.generations[0].count = count;
}
