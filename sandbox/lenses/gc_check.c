/* The collector's state, held against what the module gc says of it. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_check.h"

#include "sandbox/lenses/gc_info.h"
#include "sandbox/py/gc_state.h"
#include "sandbox/py/internal.h"

#define wrong(f, what)                                                         \
	fail_set(f, "the collector's state is not as expected: %s", what)

static long
item(PyObject *sequence, Py_ssize_t i)
{
	scope_py PyObject *o =
		sequence ? PySequence_GetItem(sequence, i) : NULL;
	long n = o ? PyLong_AsLong(o) : -1;

	PyErr_Clear();
	return n;
}

/* Numbers that nothing else has, so that they are not found by chance. */
static int
check_thresholds(PyObject *gc, struct fail *f)
{
	scope_py PyObject *set = PyObject_CallMethod(
		gc, "set_threshold", "iii", 1009, 1013, 1019);
	scope_py PyObject *said =
		PyObject_CallMethod(gc, "get_threshold", NULL);

	if (!set || item(said, 0) != 1009)
		return wrong(f, "gc.set_threshold()");
	for (int i = 0; i < NUM_GENERATIONS; i++)
		if (py_gc_state()->generations[i].threshold != item(said, i))
			return wrong(f, "the thresholds");
	return 0;
}

static int
check_count(PyObject *gc, struct fail *f)
{
	const struct py_gc_count set = {.all = 307};

	py_gc_set_count(set);
	scope_py PyObject *said = PyObject_CallMethod(gc, "get_count", NULL);
	/* Calling it may take an object or two. */
	if (item(said, 0) < set.all || item(said, 0) > set.all + 8)
		return wrong(f, "how many objects were counted");
	py_gc_set_count((struct py_gc_count){0});
	for (int i = 0; i < 100; i++) {
		PyObject *o = PyType_GenericAlloc(&PyProperty_Type, 0);
		if (!o)
			return fail_set(f, "no memory"); /* they are kept */
	}
	struct py_gc_count now = py_gc_count();
	if (now.all + now.own < 100 || now.all + now.own > 108)
		return wrong(f, "how many objects are counted");
	return 0;
}

static long
number(PyObject *dict, const char *key)
{
	PyObject *b_value = dict ? PyDict_GetItemString(dict, key) : NULL;

	return b_value ? PyLong_AsLong(b_value) : -1;
}

/* One generation more often than the next, and each finds something. */
static int
check_statistics(PyObject *gc, struct fail *f)
{
	for (int i = 0; i < NUM_GENERATIONS; i++)
		for (int n = 0; n <= i; n++) {
			scope_py PyObject *list = Py_BuildValue("[[]]");
			if (!list || PyList_Append(list, list))
				return fail_set(f, "no memory");
			Py_CLEAR(list);
			scope_py PyObject *done =
				PyObject_CallMethod(gc, "collect", "i", i);
			if (!done)
				return wrong(f, "gc.collect()");
		}
	scope_py PyObject *said = PyObject_CallMethod(gc, "get_stats", NULL);
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		const struct gc_generation_stats *s = py_gc_stats(i);
		scope_py PyObject *dict =
			said ? PySequence_GetItem(said, i) : NULL;
		if (s->collections < i + 1 ||
			number(dict, "collections") != s->collections ||
			number(dict, "collected") != s->collected ||
			number(dict, "uncollectable") != s->uncollectable)
			return wrong(f, "the statistics");
	}
	return 0;
}

static int
look(struct fail *f)
{
	scope_py PyObject *gc = PyImport_ImportModule("gc");
	scope_py PyObject *callbacks =
		gc ? PyObject_GetAttrString(gc, "callbacks") : NULL;

	if (!callbacks || py_gc_state()->callbacks != callbacks)
		return wrong(f, "gc.callbacks");
	PyGC_Disable();
	return check_thresholds(gc, f) || check_count(gc, f) ||
			       check_statistics(gc, f) || gc_info_check(f)
		       ? -1
		       : 0;
}

int
gc_check(struct fail *f)
{
	return py_apart(look, f);
}
