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
 * gc_finalizers.c).  Why it came is in gc_trigger.c; what the collector makes
 * in order to tell, in gc_info.c.
 */
#define Py_BUILD_CORE 1
#include "base/io.h"
#include "sandbox/lenses/lens.h"

#include <string.h>
#include <time.h>

#include "sandbox/lenses/deque.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/gc_check.h"
#include "sandbox/lenses/gc_film.h"
#include "sandbox/lenses/gc_info.h"
#include "sandbox/lenses/gc_trigger.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/py/gc_state.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

/* What is left of the report for the last words. */
#define RESERVE (64 * KIB)

/* Films of one run: in all, of collections that the program did not ask for,
 * and of such as find nothing. */
#define FILMS	    16
#define FILMS_AUTO  8
#define FILMS_EMPTY 4
/* One that finds nothing has a film only when all of it can be shown. */
#define FILM_SMALL GC_FILM_OBJECTS
/* Objects that are looked at in one run, all collections together. */
#define LOOKED (512 * 1024)

/* The collection that goes on. */
struct collection {
	int64_t began;
	const char *trigger;
	int counts[NUM_GENERATIONS], thresholds[NUM_GENERATIONS];
	Py_ssize_t candidates; /* -1: not known, as what follows */
	Py_ssize_t predicted;
	unsigned film; /* 0: none */
};

static struct {
	struct lens_run run;
	PyObject *ours;	  /* the list with our callback */
	PyObject *theirs; /* the list that is gc.callbacks */
	struct gc_generation_stats before[NUM_GENERATIONS];
	struct collection now;
	size_t collections; /* begun */
	size_t left;	    /* of LOOKED */
	unsigned films, films_auto, films_empty;
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
write_numbers(struct jsonw *w, const char *key, const int *numbers)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		jsonw_int(w, numbers[i]);
	jsonw_end(w);
}

static void
write_reason(struct jsonw *w, const struct collection *c)
{
	int counts[NUM_GENERATIONS];

	gc_trigger_counts(counts);
	jsonw_key(w, "trigger");
	jsonw_str(w, c->trigger);
	write_numbers(w, "thresholds", c->thresholds);
	write_numbers(w, "counts", c->counts);
	write_numbers(w, "counts_after", counts);
}

/* How many of what was to be freed is there still. */
static void
write_outcome(struct jsonw *w, const struct collection *c, PyObject *info)
{
	bool predicted = c->predicted >= 0;
	int generation = (int)number(info, "generation");

	jsonw_member_if(w, "candidates", c->candidates >= 0, c->candidates);
	jsonw_member_if(w, "predicted", predicted, c->predicted);
	jsonw_member_if(w, "alive", predicted,
		c->predicted > 0 ? gc_graph_alive(generation) : 0);
	jsonw_member_if(w, "film", c->film != 0, c->film);
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
	write_reason(w, &lens.now);
	write_outcome(w, &lens.now, info);
	jsonw_end(w);
	if (!record_commit(r))
		lens.truncated = true;
	PyErr_Clear();
}

static bool
has_film(const struct gc_graph *g)
{
	bool empty = !g->sums[GC_GARBAGE] && !g->sums[GC_UNCOLLECTABLE];
	bool asked = strcmp(lens.now.trigger, "allocation") != 0;
	struct record_writer *r = lens.run.records;

	if (lens.films == FILMS || (!asked && lens.films_auto == FILMS_AUTO) ||
		(empty && (g->n > FILM_SMALL ||
				  lens.films_empty == FILMS_EMPTY)) ||
		r->size - r->start < 2 * RESERVE)
		return false;
	lens.films++;
	lens.films_auto += !asked;
	lens.films_empty += empty;
	return true;
}

/* Before a collection, and after all others heard of it. */
static void
look(PyObject *info, int generation)
{
	struct collection *c = &lens.now;
	const struct gc_graph *g = NULL;

	c->candidates = gc_graph_count(generation, info);
	c->predicted = -1;
	c->film = 0;
	if (c->candidates >= 0 && c->candidates <= GC_GRAPH_MAX &&
		(size_t)c->candidates <= lens.left)
		g = gc_graph_make(generation, info);
	if (!g)
		return;
	lens.left -= g->n;
	c->predicted = (Py_ssize_t)g->sums[GC_GARBAGE];
	if (!has_film(g))
		return;
	gc_film_write(
		record_begin(lens.run.records, RECORD_ITEM, LENS_GC, "films"),
		g, &lens.run, lens.collections, generation);
	if (record_commit(lens.run.records))
		c->film = lens.films;
	else
		lens.truncated = true;
}

static void
note_begin(int generation)
{
	lens.collections++;
	lens.now.trigger = gc_trigger_of(generation);
	gc_trigger_counts(lens.now.counts);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		lens.now.thresholds[i] =
			py_gc_state()->generations[i].threshold;
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
		note_begin(generation);
		call_theirs(args);
		if (!lens.truncated)
			look(args[1], generation);
		lens.now.began = io_now_ns();
	} else {
		int64_t took = io_now_ns() - lens.now.began;
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
	for (int i = 0; i < NUM_GENERATIONS; i++)
		lens.before[i] = *py_gc_stats(i);
	lens.left = LOOKED;
	lens.theirs = py_gc_state()->callbacks;
	gc_info_begin();
	gc_trigger_begin();
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
	gc_trigger_end();
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

const struct lens_ops lens_gc = {
	.id = LENS_GC, .warm = warm, .begin = begin, .end = end};
