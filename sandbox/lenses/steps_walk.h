/*
 * A look at all that a program's names lead to.
 *
 * Numbers, strings and the like are told as text, where they are; what can be
 * shared and changed, or leads to more, is an object with a number.  Nothing of
 * the program's runs for it.
 */
#ifndef SANDBOX_LENSES_STEPS_WALK_H
#define SANDBOX_LENSES_STEPS_WALK_H

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/steps_objects.h"
#include "sandbox/lenses/steps_sink.h"
#include "sandbox/lenses/steps_state.h"

#define STEPS_ITEMS 100 /* of a container that are shown */

struct steps_walk {
	const char *script;
	struct steps_state state;
	struct steps_objects objects;
	struct steps_delta *delta; /* of the look that goes on */
	uint32_t frames;	   /* numbers given to frames */
	bool cut;		   /* something was left out */
};

void steps_walk_begin(struct steps_walk *w, struct steps_delta *d);
/* A frame, called by another (0: by none that is shown); `generator` is NULL
 * unless it is the frame of one. */
void steps_walk_frame(struct steps_walk *w, uint32_t frame, PyObject *function,
	uint32_t caller, PyObject *generator);
/* A variable of a frame. */
void steps_walk_variable(
	struct steps_walk *w, uint32_t frame, PyObject *name, PyObject *value);
/* The locals of a frame. */
void steps_walk_locals(struct steps_walk *w, uint32_t frame, PyFrameObject *f);
/* Objects are told once all names were. */
void steps_walk_end(struct steps_walk *w);
/* A value: a string that has its text, or the number of an object. */
void steps_walk_value(struct steps_walk *w, struct steps_sink *j, PyObject *o);
/* It is there, though no name leads to it. */
void steps_walk_meet(struct steps_walk *w, PyObject *o);
/* The number of the frame of a generator, given to it if it has none; 0 when
 * there are too many objects. */
uint32_t steps_walk_generator(struct steps_walk *w, PyObject *generator);

#endif
