/* Why the collector runs. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_trigger.h"

#include "sandbox/py/gc_state.h"
#include "sandbox/py/internal.h"

typedef PyObject *(*collect_function)(
	PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

enum called {
	NOT_CALLED,
	CALLED,
	/* A generation that is told by an __index__, in which objects may be
	 * made, and the collector run of itself. */
	MAYBE_CALLED
};

static struct {
	PyMethodDef *def;
	collect_function theirs;
} trigger;

static _Thread_local enum called called;

static bool
is_number(PyObject *o)
{
	return PyLong_CheckExact(o) || PyBool_Check(o);
}

static PyObject *
ours(PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	Py_ssize_t all = n + (names ? PyTuple_GET_SIZE(names) : 0);
	enum called before = called;

	called = CALLED;
	for (Py_ssize_t i = 0; i < all; i++)
		if (!is_number(args[i]))
			called = MAYBE_CALLED;
	PyObject *done = trigger.theirs(module, args, n, names);
	called = before;
	return done;
}

int
gc_trigger_warm(struct fail *f)
{
	scope_py PyObject *gc = PyImport_ImportModule("gc");
	scope_py PyObject *collect =
		gc ? PyObject_GetAttrString(gc, "collect") : NULL;

	if (!collect || !PyCFunction_CheckExact(collect))
		return fail_set(f, "gc.collect is not as expected");
	trigger.def = ((PyCFunctionObject *)collect)->m_ml;
	if (trigger.def->ml_flags != (METH_FASTCALL | METH_KEYWORDS))
		return fail_set(f, "gc.collect is called in another way");
	trigger.theirs = (collect_function)(void (*)(void))trigger.def->ml_meth;
	return 0;
}

void
gc_trigger_begin(void)
{
	trigger.def->ml_meth = (PyCFunction)(void (*)(void))ours;
}

void
gc_trigger_end(void)
{
	trigger.def->ml_meth = (PyCFunction)(void (*)(void))trigger.theirs;
}

#ifdef Py_GIL_DISABLED
static bool
is_due(int generation)
{
	struct py_gc_count c = py_gc_count();

	(void)generation;
	return c.all + c.own > py_gc_state()->generations[0].threshold;
}
#else
/* The oldest that was counted too often; the last one only when a quarter as
 * many objects as it has are new there. */
static bool
is_due(int generation)
{
	const struct _gc_runtime_state *gc = py_gc_state();
	int i = NUM_GENERATIONS - 1;

	for (; i >= 0; i--) {
		if (gc->generations[i].count <= gc->generations[i].threshold)
			continue;
		if (i < NUM_GENERATIONS - 1 ||
			gc->long_lived_pending >= gc->long_lived_total / 4)
			break;
	}
	return i == generation;
}
#endif

const char *
gc_trigger_of(int generation)
{
	switch (called) {
	case CALLED:
		return "gc.collect()";
	case MAYBE_CALLED:
		return "unknown";
	case NOT_CALLED:
		break;
	}
	return PyGC_IsEnabled() && is_due(generation) ? "allocation"
						      : "interpreter";
}

void
gc_trigger_counts(int *ret)
{
	struct py_gc_count c = py_gc_count();

	ret[0] = c.all + c.own;
	for (int i = 1; i < NUM_GENERATIONS; i++)
		ret[i] = py_gc_state()->generations[i].count;
}
