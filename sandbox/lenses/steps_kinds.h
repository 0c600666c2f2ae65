/*
 * What is shown of an object, by its kind: a table.
 */
#ifndef SANDBOX_LENSES_STEPS_KINDS_H
#define SANDBOX_LENSES_STEPS_KINDS_H

#include "base/fail.h"
#include "sandbox/lenses/steps_walk.h"

struct steps_kind_row;

/* Checks the layouts that are read.  0, or -1 with the reason. */
int steps_kind_warm(struct fail *f);
/* The kind of an object; NULL for what is its own text: numbers, strings,
 * modules, and what is not of the script's making. */
const struct steps_kind_row *steps_kind_of(PyObject *o, const char *script);
/* Writes it as a JSON object. */
void steps_kind_write(struct steps_walk *w, struct steps_sink *j,
	const struct steps_object *e);

#endif
