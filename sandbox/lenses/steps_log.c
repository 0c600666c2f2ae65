/* Which steps of a program are written down, and how. */
#include "sandbox/lenses/steps_log.h"

#include <string.h>

#include "sandbox/lenses/lens.h"
#include "wire/limits.h"

#define RESERVE	       (512 * KIB) /* of the report, for the last steps */
#define KEYFRAME_BYTES (64 * KIB)
#define NEW	       3    /* hits of a line that is new */
#define RARE	       2000 /* steps for one of a rare line */

void
steps_log_begin(struct steps_log *l, struct record_writer *records,
	const struct steps_state *state)
{
	l->records = records;
	l->state = state;
	l->out = l->err = -1;
	l->thread = 1;
	l->last_flush = STEPS_FIRST;
}

struct steps_entry *
steps_log_next(struct steps_log *l)
{
	struct steps_entry *e =
		&l->waiting[(l->first + l->nwaiting) % (STEPS_BEFORE + 1)];

	steps_delta_clear(&e->delta);
	e->step = l->total + 1;
	e->nvalue = 0;
	e->out = e->err = -1;
	return e;
}

static void
write_output(struct steps_log *l, struct jsonw *w, const struct steps_entry *e)
{
	if (e->out < 0 || (e->out == l->out && e->err == l->err))
		return;
	jsonw_key(w, "output");
	jsonw_array(w);
	jsonw_int(w, e->out);
	jsonw_int(w, e->err);
	jsonw_end(w);
	l->out = e->out;
	l->err = e->err;
}

/* What goes without saying is not said: the next number, a line, the frame and
 * thread of the step before. */
static void
write_place(struct steps_log *l, struct jsonw *w, const struct steps_entry *e)
{
	if (e->step != l->step + 1) {
		jsonw_key(w, "step");
		jsonw_int(w, e->step);
	}
	if (e->event) {
		jsonw_key(w, "event");
		jsonw_str(w, e->event);
	}
	jsonw_key(w, "line");
	jsonw_int(w, e->line);
	if (e->frame != l->frame) {
		jsonw_key(w, "frame");
		jsonw_uint(w, e->frame);
	}
	if (e->thread != l->thread) {
		jsonw_key(w, "thread");
		jsonw_uint(w, e->thread);
	}
	l->step = e->step;
	l->frame = e->frame;
	l->thread = e->thread;
}

static bool
write_step(struct steps_log *l, struct steps_entry *e)
{
	struct jsonw *w =
		record_begin(l->records, RECORD_ITEM, LENS_STEPS, "steps");

	jsonw_object(w);
	write_place(l, w, e);
	write_output(l, w, e);
	if (e->nvalue) {
		jsonw_key(w, "value");
		jsonw_raw(w, e->value, e->nvalue);
	}
	steps_delta_write(&e->delta, w);
	jsonw_end(w);
	l->since_keyframe += w->len;
	return record_commit(l->records);
}

/* All there is, once what changed since the last one is much more than that. */
static void
write_keyframe(struct steps_log *l, long step)
{
	struct steps_delta all = {0};

	if (l->since_keyframe < KEYFRAME_BYTES ||
		l->since_keyframe < 4 * l->state->bytes ||
		!steps_delta_all(&all, l->state)) {
		steps_delta_free(&all);
		return;
	}
	struct jsonw *w =
		record_begin(l->records, RECORD_ITEM, LENS_STEPS, "keyframes");
	jsonw_object(w);
	jsonw_key(w, "step");
	jsonw_int(w, step);
	steps_delta_write(&all, w);
	jsonw_end(w);
	record_commit(l->records);
	steps_delta_free(&all);
	l->since_keyframe = 0;
}

static struct steps_entry *
oldest(struct steps_log *l)
{
	return &l->waiting[l->first];
}

static void
drop_oldest(struct steps_log *l)
{
	l->first = (l->first + 1) % (STEPS_BEFORE + 1);
	l->nwaiting--;
}

/* Writes all that wait. */
static void
flush(struct steps_log *l)
{
	long last = 0;

	for (; l->nwaiting; drop_oldest(l)) {
		last = oldest(l)->step;
		if (write_step(l, oldest(l)))
			l->written++;
		else
			l->truncated = l->full = true;
	}
	l->last_flush = l->total;
	if (last && !l->full)
		write_keyframe(l, last);
}

/* What the oldest changed goes to the one after it. */
static void
leave_out(struct steps_log *l)
{
	struct steps_entry *e = oldest(l);

	drop_oldest(l);
	steps_delta_merge(&oldest(l)->delta, &e->delta);
	l->truncated = true;
}

static bool
is_rare(struct steps_log *l, uint64_t place)
{
	size_t at = (place * 0x9e3779b97f4a7c15ULL) >> 50;
	uint32_t hits = ++l->hits[at];

	return hits <= NEW || (uint64_t)hits * RARE < (uint64_t)l->total;
}

static size_t
room(const struct steps_log *l)
{
	return l->records->size - l->records->start;
}

/* Neither their number nor their size is such that some have to be chosen. */
static bool
all_are_written(const struct steps_log *l)
{
	return l->total <= STEPS_FIRST && room(l) > l->records->size / 4;
}

void
steps_log_add(struct steps_log *l, uint64_t place)
{
	l->total++;
	l->nwaiting++;
	bool rare = is_rare(l, place);
	if (l->written >= STEPS_MOST - STEPS_BEFORE || room(l) < RESERVE)
		l->full = true;
	/* So that one that is killed has some of its last steps. */
	bool due = l->total >= 2 * l->last_flush;
	if (!l->full && (all_are_written(l) || rare || due))
		flush(l);
	else if (l->nwaiting > STEPS_BEFORE)
		leave_out(l);
}

void
steps_log_end(struct steps_log *l)
{
	l->full = true;
	flush(l);
}
