/*
 * How containers grow and shrink, from line to line.
 */
#ifndef SANDBOX_LENSES_OBJECTS_GROWTH_H
#define SANDBOX_LENSES_OBJECTS_GROWTH_H

#include "sandbox/lenses/lens.h"

/* Where the program was when something changed. */
struct objects_growth_place {
	int line;
	const char *function; /* NULL: none */
};

void objects_growth_begin(const struct lens_run *r);
/* Looks at all that can be seen from a frame (NULL: from the module), and
 * records what changed since it was looked at; `p` is what ran meanwhile. */
void objects_growth_look(
	PyFrameObject *f, const struct objects_growth_place *p);
/* Is nothing more looked at, because there was too much? */
bool objects_growth_is_over(void);

#endif
