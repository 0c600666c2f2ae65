/*
 * The objects that a look at a program meets, and the number of each.
 *
 * An object keeps its number from look to look as long as each of them meets
 * it.  No reference is held, so that nothing lives longer for being looked at;
 * of an object that is gone, and another of the same type that was put in its
 * place from one look to the next, nothing can be told, as with id().
 */
#ifndef SANDBOX_LENSES_STEPS_OBJECTS_H
#define SANDBOX_LENSES_STEPS_OBJECTS_H

#include "sandbox/py/compat.h"

#include <stdint.h>

#define STEPS_MAX_OBJECTS 1000 /* of one look */

struct steps_kind_row;

struct steps_object {
	PyObject *o; /* compared only, once the look is over */
	PyTypeObject *type;
	uint32_t number;
	uint32_t frame; /* of a generator; 0: not known */
	const struct steps_kind_row *kind;
	bool runs; /* that frame is in this look already */
};

/* Those of a look, in the order in which they were met. */
struct steps_look {
	struct steps_object met[STEPS_MAX_OBJECTS];
	size_t n;
	uint16_t slots[2048]; /* by address; 0: empty */
};

struct steps_objects {
	struct steps_look looks[2]; /* this and the one before */
	int now;
	uint32_t last; /* number given */
};

/* Begins a look. */
void steps_objects_look(struct steps_objects *s);
/* The object, met in this look from now on, if it was in this or the one
 * before; NULL when it is new, or there are too many. */
struct steps_object *steps_objects_meet(struct steps_objects *s, PyObject *o);
/* One that is new; NULL when there are too many. */
struct steps_object *steps_objects_add(struct steps_objects *s, PyObject *o,
	const struct steps_kind_row *kind);

#endif
