/*
 * The state of a program at a step, from the deltas of the lens steps.
 *
 * What a child claims is in it: each value may be anything, and is looked at
 * before it is used.
 */
#ifndef API_STEPS_H
#define API_STEPS_H

#include <jansson.h>

struct steps {
	/* By number, as text: objects; those of variables by name in turn. */
	json_t *frames, *variables, *objects;
	json_int_t step, frame, thread;
	json_int_t out, err; /* printed so far, in bytes; -1: not known */
	json_int_t line;
	const char *event;   /* borrowed of the step */
	const json_t *value; /* likewise: returned, yielded, raised; or NULL */
};

void steps_begin(struct steps *s);
/* Takes the next step in. */
void steps_next(struct steps *s, const json_t *step);
void steps_clear(struct steps *s);
#define scope_steps __attribute__((cleanup(steps_clear)))

/* Borrowed; NULL when there is none of that number. */
const json_t *steps_frame(const struct steps *s, json_int_t number);
const json_t *steps_variables(const struct steps *s, json_int_t frame);
const json_t *steps_object(const struct steps *s, json_int_t number);

#endif
