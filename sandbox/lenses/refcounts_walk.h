/* Objects, and who holds references to them. */
#ifndef SANDBOX_LENSES_REFCOUNTS_WALK_H
#define SANDBOX_LENSES_REFCOUNTS_WALK_H

#include "sandbox/lenses/refcounts.h"
#include "wire/limits.h"

#define REFCOUNTS_HOLDERS 1024 /* of all objects */
#define REFCOUNTS_EACH	  32   /* of one */

struct refcounts_object {
	PyObject *o; /* borrowed */
	Py_ssize_t count;
	size_t found, holders, dropped; /* references, holders */
	Py_ssize_t hits;		/* in what is looked at now */
};

struct refcounts_holder {
	size_t object;
	const void *address; /* of an object; NULL: none */
	Py_ssize_t references;
	struct refcounts_where where;
	struct objects_text type;
	/* Whose part it is. */
	const char *as;
	const void *owner;
	struct objects_text owner_type, owner_name, variable;
};

struct refcounts_walk {
	struct refcounts_object objects[MAX_NAMES];
	struct refcounts_holder *holders;
	size_t nobjects, nholders;
	bool cut; /* there was no room for something; stays so */
};

/* The program's code, which is looked into as well.  NULL without memory. */
const struct refcounts_walk *refcounts_walk_begin(PyObject *b_code);
/* From here on none is looked for. */
void refcounts_walk_clear(void);
/* One of at most MAX_NAMES that are looked for.  Its index. */
size_t refcounts_walk_add(PyObject *o);
/* Finds their holders.  Not within py_alone(). */
void refcounts_walk_run(void);

#endif
