/*
 * gc: when the cyclic garbage collector ran, at which line, what it found.
 *
 * The collector calls what is in a list that gc.callbacks shows.  In this pass
 * it has another list, with a function of ours, which calls what is in the
 * snippet's in turn: so gc.callbacks is the snippet's alone.  Function and list
 * were made in the zygote and are frozen; none is counted or seen.
 *
 * Before a collection, what it will find is worked out (gc_graph.c), and of
 * some it is written down, object by object (gc_film.c, with gc_how.c and
 * gc_finalizers.c).  Why it came is in gc_trigger.c; what is written, in
 * gc_record.c; what the collector makes in order to tell, in gc_info.c.
 */
#define Py_BUILD_CORE 1
#include "base/io.h"
#include "sandbox/lenses/lens.h"

#include "sandbox/lenses/deque.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/gc_check.h"
#include "sandbox/lenses/gc_info.h"
#include "sandbox/lenses/gc_record.h"
#include "sandbox/lenses/gc_trigger.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/py/gc_state.h"
#include "sandbox/py/lock.h"

static struct {
	struct lens_run run;
	PyObject *ours;	  /* the list with our callback */
	PyObject *theirs; /* the list that is gc.callbacks */
	int64_t began;
} lens;

/* As invoke_gc_callback() does it. */
static void
call_theirs(PyObject *const *args)
{
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lens.theirs); i++) {
		scope_py PyObject *f = py_list_item(lens.theirs, i);
		if (!f)
			break; /* another thread took it out meanwhile */
		scope_py PyObject *done = PyObject_Vectorcall(f, args, 2, NULL);
		if (!done)
			PyErr_WriteUnraisable(f);
	}
}

static int
generation_of(PyObject *info)
{
	PyObject *b_value = PyDict_GetItemString(info, "generation");
	long n = b_value ? PyLong_AsLong(b_value) : -1;

	assert(n >= 0 && n < NUM_GENERATIONS);
	return (int)n;
}

static PyObject *
callback(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
	(void)self;
	assert(n == 2 && lens.theirs);
	int generation = generation_of(args[1]);

	if (PyUnicode_CompareWithASCIIString(args[0], "start") == 0) {
		gc_info_seen(args[1], false, generation,
			PyList_GET_SIZE(lens.theirs));
		gc_record_start(generation);
		call_theirs(args);
		gc_record_look(generation, args[1]);
		lens.began = io_now_ns();
	} else {
		int64_t took = io_now_ns() - lens.began;
		gc_info_seen(args[1], true, generation,
			PyList_GET_SIZE(lens.theirs));
		py_lock();
		gc_record_stop(generation, args[1], took);
		py_unlock();
		call_theirs(args);
	}
	Py_RETURN_NONE;
}

static int
warm(struct fail *f)
{
	static PyMethodDef def = {"vitrine",
		(PyCFunction)(void (*)(void))callback, METH_FASTCALL, NULL};
	scope_py PyObject *function = PyCFunction_New(&def, NULL);

	lens.ours = PyList_New(0);
	if (!function || !lens.ours || PyList_Append(lens.ours, function))
		return fail_set(f, "no memory");
	/* It says the line that a collection came at. */
	return gc_check(f) || gc_trigger_warm(f) || frames_check(f) ||
			       objects_class_warm(f) || deque_warm(f)
		       ? -1
		       : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_GC, true);
	gc_record_begin(r);
	lens.theirs = py_gc_state()->callbacks;
	gc_info_begin();
	gc_trigger_begin();
	py_gc_state()->callbacks = lens.ours;
}

static void
end(const struct lens_run *r)
{
	(void)r;
	/* A collection of another thread may still be in our callback. */
	py_gc_state()->callbacks = lens.theirs;
	gc_trigger_end();
	gc_info_end();
	py_lock();
	bool truncated = gc_record_end();
	py_unlock();
	lens_truncated(&lens.run, LENS_GC, truncated);
}

const struct lens_ops lens_gc = {
	.id = LENS_GC, .warm = warm, .begin = begin, .end = end};
