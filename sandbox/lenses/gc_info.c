/* The dict that the collector makes for those that it tells. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_info.h"

#if PY_VERSION_HEX >= PY_3_11 && PY_VERSION_HEX < PY_3_14 &&                   \
	!defined(Py_GIL_DISABLED)

#include <internal/pycore_dict.h>
#include <internal/pycore_interp.h>

#include <stddef.h>

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
#if PY_VERSION_HEX >= PY_3_13
	return &PyInterpreterState_Get()->object_state.freelists.dicts;
#else
	return &PyInterpreterState_Get()->dict_state;
#endif
}

static int *
count(void)
{
	return &PyInterpreterState_Get()->gc.generations[0].count;
}

static void
drop_kept(void)
{
	int counted = *count(), had = dicts()->numfree;

	dicts()->numfree = PyDict_MAXFREELIST; /* full: it is freed */
	Py_CLEAR(kept);
	dicts()->numfree = had;
	*count() = counted;
}

/* Was the dict made anew?  Only when the free list had none.  One that was its
 * last is still in the slot that it was taken from. */
static bool
is_new(const PyObject *info, bool after_full)
{
	return after_full ||
	       (!dicts()->numfree && (PyObject *)dicts()->free_list[0] != info);
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
gc_info_seen(PyObject *info, bool after_full, Py_ssize_t callbacks)
{
	drop_kept();
	if (!callbacks && is_new(info, after_full)) {
		kept = Py_NewRef(info);
		if (*count() > 0)
			(*count())--;
	}
	if (after_full)
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
gc_info_seen(PyObject *info, bool after_full, Py_ssize_t callbacks)
{
	(void)info;
	(void)after_full;
	(void)callbacks;
}

void
gc_info_end(void)
{
}

#endif
