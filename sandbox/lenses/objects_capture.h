/* One look at all that the names are bound to. */
#ifndef SANDBOX_LENSES_OBJECTS_CAPTURE_H
#define SANDBOX_LENSES_OBJECTS_CAPTURE_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/lenses/lens.h"

/* Where the program is. */
struct objects_place {
	const char *when;     /* "line", "running" or "end" */
	PyFrameObject *frame; /* not owned; NULL: none is looked at */
	int line;	      /* about to run; 0: none */
	long hit;	      /* the how manyth time; 0: not counted */
};

/* Child, before the program runs: which names were there before. */
void objects_capture_begin(const struct lens_run *r);
/* Is the name one that was asked for, or, when none was, the program's own? */
bool objects_capture_wants(PyObject *b_name);
/* Walks the names that can be seen from a frame (NULL: from the module), those
 * of the innermost namespace first; one that hides another is met first.  *at
 * is zero at first.  Borrowed. */
struct objects_name {
	PyObject *name, *value;
	const char *scope; /* "local" or "global" */
};
struct objects_walk {
	int local;
	Py_ssize_t space, global;
};
bool objects_capture_next(
	PyFrameObject *f, struct objects_walk *at, struct objects_name *ret);
/* Writes a record, of which no object is begun after `most` bytes.  False when
 * something had to be left out. */
bool objects_capture_write(enum record_kind kind, const char *member,
	const struct objects_place *p, size_t most);

#endif
