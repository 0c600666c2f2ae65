/*
 * What a lens is: one row in wire/tbl/lenses.h and one vtable.
 *
 * warm   zygote, once, single-threaded, before any fork: look up what will be
 *        needed, check layouts.  0, or -1 with a reason: the lens is withdrawn.
 * begin  child, jailed, source compiled, not yet run.  `code` is the module's
 *        code object (borrowed), `globals` the __main__ dict (borrowed).
 * refused child, jailed, in the place of begin when the source does not
 *        compile: there is no code, and `error` is the exception.
 * end    child, when the snippet's main thread has ended in whatever way it let
 *        us see, before that is reported.
 * joined child, when its other threads have ended too, daemons aside.
 *
 * Each may be NULL.  What begin makes is not counted for the collector;
 * it has to see to it that gc.get_objects() does not show it.
 *
 * A lens fails alone: it never fails the run, never raises into the snippet
 * and never leaves an exception set.  It writes as it goes through records, so
 * a killed run shows everything until the kill.  What several threads of the
 * snippet come to, records among it, is under py_lock() (sandbox/py/lock.h);
 * none of the functions above is called with it.
 */
#ifndef SANDBOX_LENSES_LENS_H
#define SANDBOX_LENSES_LENS_H

#include <Python.h>

#include "base/fail.h"
#include "sandbox/py/scope_py.h"
#include "wire/record.h"
#include "wire/tables.h"

struct lens_run {
	enum pass pass;
	PyObject *code;	   /* borrowed; NULL when the compiler refused it */
	PyObject *error;   /* borrowed; why it did, else NULL */
	PyObject *globals; /* borrowed */
	/* The bytes of the script, in a pass that does not run it. */
	const char *source;
	size_t source_len;
	const char *script;
	const void *bundle; /* for lens options */
	size_t bundle_len;
	const struct limits *limits; /* of the pass */
	struct record_writer *records;
};

struct lens_ops {
	enum lens id;
	int (*warm)(struct fail *f);
	void (*begin)(const struct lens_run *r);
	void (*refused)(const struct lens_run *r);
	void (*end)(const struct lens_run *r);
	void (*joined)(const struct lens_run *r);
};

/* Each is defined in its own file, as lens_bytecode, lens_gc…; here they are by
 * their id. */
#define X(id, name, pass, what) extern const struct lens_ops lens_##name;
LENS_TABLE(X)
#undef X
extern const struct lens_ops *const lenses[LENS_COUNT];

/* The value of the option `name` ("bytecode.show_caches"), or NULL; *at walks
 * repeated options and is 0 at first.  Not NUL-terminated: *ret_n bytes. */
const char *lens_option(
	const struct lens_run *r, const char *name, size_t *at, size_t *ret_n);

/* Records whether something was left out; the last word counts.  Said true at
 * the beginning, it holds for a run that is killed. */
void lens_truncated(const struct lens_run *r, enum lens lens, bool truncated);

#endif
