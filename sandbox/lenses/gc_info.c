/* The dict that the collector makes for those that it tells. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_info.h"

#if PY_VERSION_HEX >= PY_3_11 && PY_VERSION_HEX < PY_3_14

#include <internal/pycore_dict.h>

#include <stddef.h>

#include "sandbox/py/gc_state.h"

#if PY_VERSION_HEX >= PY_3_13
#define free_list items
typedef struct _Py_dict_freelist free_dicts;
#else
typedef struct _Py_dict_state free_dicts;
#endif

static PyObject *kept; /* one that would not have been made */

static free_dicts *
dicts(void)
{
#ifdef Py_GIL_DISABLED
	return &((_PyThreadStateImpl *)PyThreadState_Get())->freelists.dicts;
#elif PY_VERSION_HEX >= PY_3_13
	return &PyInterpreterState_Get()->object_state.freelists.dicts;
#else
	return &PyInterpreterState_Get()->dict_state;
#endif
}

#ifdef Py_GIL_DISABLED
typedef Py_ssize_t counter;
#define LEAST PY_SSIZE_T_MIN /* what is freed is taken off */

static counter *
count(void)
{
	return &py_gc_thread_state()->alloc_count;
}

/* Each collection empties the list.  What is made before one goes with it. */
static bool
is_new(const PyObject *info, bool after, bool emptied)
{
	(void)info;
	(void)emptied;
	return after;
}
#else
typedef int counter;
#define LEAST 0

static counter *
count(void)
{
	return &py_gc_state()->generations[0].count;
}

/* Was the dict made anew?  Only when the free list had none.  One that was its
 * last is still in the slot that it was taken from. */
static bool
is_new(const PyObject *info, bool after, bool emptied)
{
	(void)after;
	return emptied ||
	       (!dicts()->numfree && (PyObject *)dicts()->free_list[0] != info);
}
#endif

static void
drop_kept(void)
{
	counter counted = *count();
	int had = dicts()->numfree;

	dicts()->numfree = PyDict_MAXFREELIST; /* full: it is freed */
	Py_CLEAR(kept);
	dicts()->numfree = had;
	*count() = counted;
}

/* What an emptied list leaves in its slot is freed: a dict made anew may come
 * to lie there. */
static void
forget_freed(void)
{
	if (!dicts()->numfree)
		dicts()->free_list[0] = NULL;
}

int
gc_info_check(struct fail *f)
{
	PyObject *dict = PyDict_New();
	int had = dicts()->numfree;

	Py_XDECREF(dict);
	if (dicts()->numfree != had + 1 ||
		(PyObject *)dicts()->free_list[had] != dict)
		return fail_set(f, "the free list of dicts is not as expected");
	return 0;
}

void
gc_info_begin(void)
{
	forget_freed();
}

void
gc_info_seen(PyObject *info, bool after, int generation, Py_ssize_t callbacks)
{
	bool emptied = after && generation == NUM_GENERATIONS - 1;

	drop_kept();
	if (!callbacks && is_new(info, after, emptied)) {
		kept = Py_NewRef(info);
		if (*count() > LEAST)
			(*count())--;
	}
	if (emptied)
		forget_freed();
}

void
gc_info_end(void)
{
	drop_kept();
}

#else

int
gc_info_check(struct fail *f)
{
	(void)f;
	return 0;
}

void
gc_info_begin(void)
{
}

void
gc_info_seen(PyObject *info, bool after, int generation, Py_ssize_t callbacks)
{
	(void)info;
	(void)after;
	(void)generation;
	(void)callbacks;
}

void
gc_info_end(void)
{
}

#endif
