/* What is written of collections, and of which there is a film. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_record.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/gc_film.h"
#include "sandbox/lenses/gc_finalizers.h"
#include "sandbox/lenses/gc_trigger.h"
#include "sandbox/py/gc_state.h"
#include "wire/limits.h"

/* What is left of the report for the last words, and for a film. */
#define RESERVE	     (64 * KIB)
#define FILM_RESERVE (4 * RESERVE)

/* Films of one run: in all, of collections that came of themselves, and of such
 * as find nothing, which have one only when all of it can be shown. */
#define FILMS	    16
#define FILMS_OWN   8
#define FILMS_EMPTY 4
/* Objects that are looked at in one run, all collections together. */
#define LOOKED (512 * 1024)

/* The collection that goes on. */
struct collection {
	const char *trigger;
	int counts[NUM_GENERATIONS], thresholds[NUM_GENERATIONS];
	Py_ssize_t candidates; /* -1: not known */
	Py_ssize_t predicted;  /* -1: not looked at */
	Py_ssize_t callbacks;  /* of weak references, that will be called */
	Py_ssize_t finalizers; /* that will */
	unsigned film;	       /* 0: none */
};

static struct {
	struct lens_run run;
	struct gc_generation_stats before[NUM_GENERATIONS];
	int counts[NUM_GENERATIONS];
	struct {
		int64_t n, sum, longest;
	} pauses[NUM_GENERATIONS];
	struct collection now;
	size_t collections; /* begun */
	size_t left;	    /* of LOOKED */
	unsigned films, films_own, films_empty;
	size_t left_out; /* that find something, and have no film */
	bool truncated;
} record;

static void
write_numbers(struct jsonw *w, const char *key, const int *numbers)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		jsonw_int(w, numbers[i]);
	jsonw_end(w);
}

/* --- one collection -------------------------------------------------------
 */

static void
write_number(struct jsonw *w, const char *key, PyObject *info)
{
	PyObject *b_value = PyDict_GetItemString(info, key);

	jsonw_key(w, key);
	jsonw_int(w, b_value ? PyLong_AsLong(b_value) : -1);
}

/* Where the program is: at a line of the script, which may have called what
 * made the collector run. */
static void
write_place(struct jsonw *w)
{
	PyObject *b_function;
	int line = frames_here(record.run.script, &b_function);
	const char *name = b_function ? PyUnicode_AsUTF8(b_function) : NULL;

	jsonw_member_if(w, "line", line > 0, line);
	jsonw_key(w, "function");
	if (name)
		jsonw_str(w, name);
	else
		jsonw_null(w);
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

/* What was expected of it, and how much of that is there still. */
static void
write_outcome(struct jsonw *w, const struct collection *c, int generation)
{
	bool predicted = c->predicted >= 0;
	struct gc_alive alive = c->predicted > 0 ? gc_graph_alive(generation)
						 : (struct gc_alive){0, 0};

	jsonw_member_if(w, "candidates", c->candidates >= 0, c->candidates);
	jsonw_member_if(w, "predicted", predicted, c->predicted);
	jsonw_member_if(w, "alive", predicted, alive.objects);
	jsonw_member_if(w, "finalizers", predicted, c->finalizers);
	jsonw_member_if(w, "callbacks", predicted, c->callbacks);
	jsonw_member_if(
		w, "weakrefs_freed", predicted, c->callbacks - alive.refs);
	jsonw_member_if(w, "film", c->film != 0, c->film);
}

static void
write_collection(PyObject *info, int generation, int64_t took)
{
	struct record_writer *r = record.run.records;

	if (r->size - r->start < RESERVE) {
		record.truncated = true;
		return;
	}
	struct jsonw *w = record_begin(r, RECORD_ITEM, LENS_GC, "collections");

	jsonw_object(w);
	write_number(w, "generation", info);
	write_place(w);
	write_number(w, "collected", info);
	write_number(w, "uncollectable", info);
	jsonw_key(w, "duration_ns");
	jsonw_int(w, took);
	write_reason(w, &record.now);
	write_outcome(w, &record.now, generation);
	jsonw_end(w);
	if (!record_commit(r))
		record.truncated = true;
	PyErr_Clear();
}

void
gc_record_start(int generation)
{
	struct collection *c = &record.now;

	record.collections++;
	*c = (struct collection){.trigger = gc_trigger_of(generation),
		.candidates = -1,
		.predicted = -1};
	gc_trigger_counts(c->counts);
	for (int i = 0; i < NUM_GENERATIONS; i++)
		c->thresholds[i] = py_gc_state()->generations[i].threshold;
}

void
gc_record_stop(int generation, PyObject *info, int64_t took)
{
	record.pauses[generation].n++;
	record.pauses[generation].sum += took;
	if (took > record.pauses[generation].longest)
		record.pauses[generation].longest = took;
	if (!record.truncated)
		write_collection(info, generation, took);
}

/* --- films ----------------------------------------------------------------
 */

/* Counts it when it has one. */
static bool
has_film(const struct gc_graph *g)
{
	struct record_writer *r = record.run.records;
	bool empty = !g->sums[GC_GARBAGE] && !g->sums[GC_UNCOLLECTABLE];
	bool own = strcmp(record.now.trigger, "allocation") == 0;

	if (record.films == FILMS || (own && record.films_own == FILMS_OWN) ||
		(empty && (g->n > GC_FILM_OBJECTS ||
				  record.films_empty == FILMS_EMPTY)) ||
		r->size - r->start < FILM_RESERVE) {
		record.left_out += !empty;
		return false;
	}
	record.films++;
	record.films_own += own;
	record.films_empty += empty;
	return true;
}

static void
note_callback(const struct gc_finalizer *z, void *data)
{
	bool *room = data;

	if (z->b_ref)
		*room = *room && gc_graph_call(z->b_ref);
}

/* What will be found; not, when that is more than there is room for. */
static void
foretell(const struct gc_graph *g)
{
	bool room = true;

	size_t n = g->sums[GC_GARBAGE] ? gc_finalizers_each(g, SIZE_MAX,
						 note_callback, &room)
				       : 0;
	if (!room)
		return;
	record.now.predicted = (Py_ssize_t)g->sums[GC_GARBAGE];
	record.now.callbacks = (Py_ssize_t)g->called;
	record.now.finalizers = (Py_ssize_t)(n - g->called);
}

void
gc_record_look(int generation, const PyObject *info)
{
	struct collection *c = &record.now;
	struct record_writer *r = record.run.records;
	const struct gc_graph *g = NULL;

	if (record.truncated)
		return;
	c->candidates = gc_graph_count(generation, info);
	if (c->candidates >= 0 && c->candidates <= GC_GRAPH_MAX &&
		(size_t)c->candidates <= record.left)
		g = gc_graph_make(generation, info);
	if (!g)
		return;
	record.left -= g->n;
	foretell(g);
	if (!has_film(g))
		return;
	gc_film_write(record_begin(r, RECORD_ITEM, LENS_GC, "films"), g,
		&record.run, record.collections, generation);
	if (record_commit(r))
		c->film = record.films;
	else
		record.truncated = true;
}

/* --- the whole ------------------------------------------------------------
 */

void
gc_record_begin(const struct lens_run *run)
{
	record.run = *run;
	record.left = LOOKED;
	for (int i = 0; i < NUM_GENERATIONS; i++)
		record.before[i] = *py_gc_stats(i);
	gc_trigger_counts(record.counts);
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
write_counts(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "counts");
	int now[NUM_GENERATIONS];

	gc_trigger_counts(now);
	jsonw_object(w);
	write_numbers(w, "begin", record.counts);
	write_numbers(w, "end", now);
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
		const struct gc_generation_stats *before = &record.before[i];
		jsonw_object(w);
		jsonw_key(w, "collections");
		jsonw_int(w, now->collections - before->collections);
		jsonw_key(w, "collected");
		jsonw_int(w, now->collected - before->collected);
		jsonw_key(w, "uncollectable");
		jsonw_int(w, now->uncollectable - before->uncollectable);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static void
write_pauses(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "pauses");

	jsonw_array(w);
	for (int i = 0; i < NUM_GENERATIONS; i++) {
		jsonw_object(w);
		jsonw_key(w, "collections");
		jsonw_int(w, record.pauses[i].n);
		jsonw_key(w, "sum_ns");
		jsonw_int(w, record.pauses[i].sum);
		jsonw_key(w, "longest_ns");
		jsonw_int(w, record.pauses[i].longest);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

static void
write_filmed(struct record_writer *r)
{
	struct jsonw *w = record_begin(r, RECORD_SET, LENS_GC, "filmed");

	jsonw_object(w);
	jsonw_member_uint(w, "films", record.films);
	jsonw_member_uint(w, "left_out", record.left_out);
	jsonw_key(w, "absent");
#ifdef Py_GIL_DISABLED
	jsonw_str(w, "Without a GIL the collector keeps no lists of objects, "
		     "and its counts are in the objects themselves while all "
		     "threads are stopped: what it will find cannot be worked "
		     "out beside it.");
#else
	jsonw_null(w);
#endif
	jsonw_end(w);
	record_commit(r);
}

bool
gc_record_end(void)
{
	struct record_writer *r = record.run.records;

	jsonw_bool(record_begin(r, RECORD_SET, LENS_GC, "enabled"),
		PyGC_IsEnabled());
	record_commit(r);
	write_thresholds(r);
	write_counts(r);
	write_totals(r);
	write_pauses(r);
	write_filmed(r);
	return record.truncated;
}
