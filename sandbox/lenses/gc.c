/*
 * gc: when the cyclic garbage collector ran, at which line, what it found.
 *
 * The collector calls what is in a list that gc.callbacks shows.  In this pass
 * it has another list, with a function of ours, which calls what is in the
 * snippet's in turn: so gc.callbacks is the snippet's alone.  Function and list
 * were made in the zygote and are frozen; none is counted or seen.
 *
 * What the collector makes in order to tell is in gc_info.c.
 */
#define Py_BUILD_CORE 1
#include "base/io.h"
#include "sandbox/lenses/lens.h"

#include <string.h>
#include <time.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/gc_check.h"
#include "sandbox/lenses/gc_info.h"
#include "sandbox/py/gc_state.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

/* What is left of the report for the last words. */
#define RESERVE (64 * KIB)

static struct {
	struct lens_run run;
	PyObject *ours;	  /* the list with our callback */
	PyObject *theirs; /* the list that is gc.callbacks */
	struct gc_generation_stats before[NUM_GENERATIONS];
	int64_t began;
	bool truncated;
} lens;

static long
number(PyObject *info, const char *key)
{
	PyObject *b_value = PyDict_GetItemString(info, key);

	return b_value ? PyLong_AsLong(b_value) : -1;
}

static void
write_number(struct jsonw *w, const char *key, PyObject *info)
{
	jsonw_key(w, key);
	jsonw_int(w, number(info, key));
}

/* Where the program is: at a line of the script, which may have called what
 * made the collector run. */
static void
write_place(struct jsonw *w)
{
	PyObject *b_function;
	int line = frames_here(lens.run.script, &b_function);
	const char *name = b_function ? PyUnicode_AsUTF8(b_function) : NULL;

	jsonw_key(w, "line");
	if (line > 0)
		jsonw_int(w, line);
	else
		jsonw_null(w);
	jsonw_key(w, "function");
	if (name)
		jsonw_str(w, name);
	else
		jsonw_null(w);
}

static void
write_collection(PyObject *info, int64_t duration)
{
	struct record_writer *r = lens.run.records;

	if (r->size - r->start < RESERVE) {
		lens.truncated = true;
		return;
	}
	struct jsonw *w = record_begin(r, RECORD_ITEM, LENS_GC, "collections");

	jsonw_object(w);
	write_number(w, "generation", info);
	write_place(w);
	write_number(w, "collected", info);
	write_number(w, "uncollectable", info);
	jsonw_key(w, "duration_ns");
	jsonw_int(w, duration);
	jsonw_end(w);
	if (!record_commit(r))
		lens.truncated = true;
	PyErr_Clear();
}

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

static PyObject *
callback(PyObject *self, PyObject *const *args, Py_ssize_t n)
{
	(void)self;
	assert(n == 2 && lens.theirs);
	int generation = (int)number(args[1], "generation");

	if (PyUnicode_CompareWithASCIIString(args[0], "start") == 0) {
		gc_info_seen(args[1], false, generation,
			PyList_GET_SIZE(lens.theirs));
		call_theirs(args);
		lens.began = io_now_ns();
	} else {
		int64_t took = io_now_ns() - lens.began;
		gc_info_seen(args[1], true, generation,
			PyList_GET_SIZE(lens.theirs));
		py_lock();
		if (!lens.truncated)
			write_collection(args[1], took);
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
	return gc_check(f) || frames_check(f) ? -1 : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_GC, true);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		lens.before[i] = *py_gc_stats(i);
	lens.theirs = py_gc_state()->callbacks;
	gc_info_begin();
	py_gc_state()->callbacks = lens.ours;
}

static void
write_thresholds(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "thresholds");

	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		jsonw_int(w, py_gc_state()->generations[i].threshold);
	jsonw_end(w);
	record_commit(r);
}

static void
write_totals(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "totals");

	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		const struct gc_generation_stats *now = py_gc_stats(i);
		jsonw_object(w);
		jsonw_key(w, "collections");
		jsonw_int(w, now->collections - lens.before[i].collections);
		jsonw_key(w, "collected");
		jsonw_int(w, now->collected - lens.before[i].collected);
		jsonw_key(w, "uncollectable");
		jsonw_int(w, now->uncollectable - lens.before[i].uncollectable);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static void
end(const struct lens_run *r)
{
	/* A collection of another thread may still be in our callback. */
	py_gc_state()->callbacks = lens.theirs;
	gc_info_end();
	py_lock();
	jsonw_bool(
		record_begin(lens.run.records, RECORD_SET, LENS_GC, "enabled"),
		PyGC_IsEnabled());
	record_commit(lens.run.records);
	write_thresholds(r->records);
	write_totals(r->records);
	bool truncated = lens.truncated;
	py_unlock();
	lens_truncated(&lens.run, LENS_GC, truncated);
}

const struct lens_ops lens_gc = {LENS_GC, warm, begin, end, NULL};
