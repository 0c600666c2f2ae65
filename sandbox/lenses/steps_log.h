/*
 * Which steps of a program are written down, and how.
 *
 * The first ones are all.  After that a step is written where its line is rare:
 * new, or a branch that few turns of a loop take; and with it those right
 * before it, which are the last turn of a loop when the rare one is what
 * follows it. Of steps that are left out nothing is lost but the moment: what
 * they changed is with the next that is written.
 */
#ifndef SANDBOX_LENSES_STEPS_LOG_H
#define SANDBOX_LENSES_STEPS_LOG_H

#include "sandbox/lenses/steps_state.h"
#include "wire/record.h"

#define STEPS_FIRST  100000 /* all of them are written */
#define STEPS_MOST   150000 /* that are written */
#define STEPS_BEFORE 32	    /* that are written with a rare one */
#define STEPS_VALUE  1536   /* bytes of JSON of a value */

struct steps_entry {
	long step;	   /* its number, from 1 on */
	const char *event; /* NULL: a line */
	int line;
	uint32_t frame, thread;
	int64_t out, err; /* bytes printed so far; -1: not known */
	char value[STEPS_VALUE];
	size_t nvalue; /* 0: none */
	struct steps_delta delta;
};

struct steps_log {
	struct record_writer *records;
	const struct steps_state *state;
	struct steps_entry waiting[STEPS_BEFORE + 1];
	size_t first, nwaiting;
	long total, written, last_flush;
	/* As last written. */
	int64_t out, err;
	long step;
	uint32_t frame, thread;
	size_t since_keyframe; /* bytes of steps */
	uint32_t hits[1 << 14];
	bool full;	/* no more are written, but for the last ones */
	bool truncated; /* some were left out */
};

void steps_log_begin(struct steps_log *l, struct record_writer *records,
	const struct steps_state *state);
/* The entry of the next step, to be filled. */
struct steps_entry *steps_log_next(struct steps_log *l);
/* It is filled; `place` says what is at its line, as one number. */
void steps_log_add(struct steps_log *l, uint64_t place);
/* Writes those that wait: the last ones of the program. */
void steps_log_end(struct steps_log *l);

#endif
