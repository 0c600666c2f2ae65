/* Every object that the collector keeps, by its own lists. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_walk.h"

#include "sandbox/py/gc_state.h"

static void (*each)(PyObject *o);

#if PY_VERSION_HEX >= PY_3_12
static int
visit(PyObject *o, void *data)
{
	(void)data;
	each(o);
	return 1;
}

static void
visit_all(void)
{
	PyUnstable_GC_VisitObjects(visit, NULL);
}
#else
static void
visit_list(PyGC_Head *head)
{
	/* AS_GC(), FROM_GC(): Include/internal/pycore_gc.h. */
	for (PyGC_Head *g = _PyGCHead_NEXT(head); g != head;
		g = _PyGCHead_NEXT(g))
		each((PyObject *)(g + 1));
}

static void
visit_all(void)
{
	struct _gc_runtime_state *gc = py_gc_state();

	for (int i = 0; i < NUM_GENERATIONS; i++)
		visit_list(&gc->generations[i].head);
	visit_list(&gc->permanent_generation.head);
}
#endif

void
gc_walk(void (*fn)(PyObject *o))
{
	each = fn;
	visit_all();
}
