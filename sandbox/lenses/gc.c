/*
 * gc: when the cyclic garbage collector ran, at which line, what it found.
 *
 * A builtin in gc.callbacks, in this pass only.  The collector makes the info
 * dict that it hands to callbacks and drops it again, so the counts that
 * trigger collections are as without (Modules/gcmodule.c, 3.11).
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/lens.h"

#include <internal/pycore_interp.h>

#include <frameobject.h>
#include <string.h>
#include <time.h>

static struct {
	struct lens_run run;
	PyMethodDef def;
	PyObject *callback, *callbacks;
	struct gc_generation_stats before[NUM_GENERATIONS];
	int64_t began;
	bool truncated;
} lens;

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct _gc_runtime_state *
state(void)
{
	return &PyInterpreterState_Get()->gc;
}

static long
number(PyObject *info, const char *key)
{
	PyObject *b_value = PyDict_GetItemString(info, key);

	return b_value ? PyLong_AsLong(b_value) : -1;
}

/* Where the program is: the innermost frame. */
static void
write_place(struct jsonw *w)
{
	PyFrameObject *b_frame = PyEval_GetFrame();
	const char *name = NULL;

	jsonw_key(w, "line");
	if (b_frame)
		jsonw_int(w, PyFrame_GetLineNumber(b_frame));
	else
		jsonw_null(w);
	if (b_frame) {
		PyCodeObject *code = PyFrame_GetCode(b_frame);
		name = PyUnicode_AsUTF8(code->co_qualname);
		Py_DECREF(code); /* the frame holds it */
	}
	jsonw_key(w, "function");
	if (name)
		jsonw_str(w, name);
	else
		jsonw_null(w);
}

static void
write_collection(PyObject *info, int64_t duration)
{
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_ITEM, LENS_GC, "collections");

	jsonw_object(w);
	jsonw_key(w, "generation");
	jsonw_int(w, number(info, "generation"));
	write_place(w);
	jsonw_key(w, "collected");
	jsonw_int(w, number(info, "collected"));
	jsonw_key(w, "uncollectable");
	jsonw_int(w, number(info, "uncollectable"));
	jsonw_key(w, "duration_ns");
	jsonw_int(w, duration);
	jsonw_end(w);
	if (!record_commit(lens.run.records))
		lens.truncated = true;
}

static PyObject *
callback(PyObject *self, PyObject *args)
{
	const char *phase;
	PyObject *b_info;

	(void)self;
	if (!PyArg_ParseTuple(args, "sO!", &phase, &PyDict_Type, &b_info))
		return NULL;
	if (strcmp(phase, "start") == 0)
		lens.began = now_ns();
	else if (!lens.truncated)
		write_collection(b_info, now_ns() - lens.began);
	PyErr_Clear();
	Py_RETURN_NONE;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	lens.def = (PyMethodDef){"vitrine", callback, METH_VARARGS, NULL};
	lens.callback = PyCFunction_New(&lens.def, NULL);
	lens.callbacks = Py_XNewRef(state()->callbacks);
	memcpy(lens.before, state()->generation_stats, sizeof(lens.before));
	if (lens.callback && lens.callbacks)
		PyList_Append(lens.callbacks, lens.callback);
}

static void
write_thresholds(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "thresholds");

	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		jsonw_int(w, state()->generations[i].threshold);
	jsonw_end(w);
	record_commit(r);
}

static void
write_totals(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "totals");

	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		const struct gc_generation_stats *now =
			&state()->generation_stats[i];
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
	Py_ssize_t at =
		lens.callbacks && lens.callback
			? PySequence_Index(lens.callbacks, lens.callback)
			: -1;

	PyErr_Clear();
	if (at >= 0)
		PySequence_DelItem(lens.callbacks, at);
	jsonw_bool(record_begin(r->records, RECORD_SET, LENS_GC, "enabled"),
		PyGC_IsEnabled());
	record_commit(r->records);
	write_thresholds(r->records);
	write_totals(r->records);
}

const struct lens_ops lens_gc = {LENS_GC, NULL, begin, end};
