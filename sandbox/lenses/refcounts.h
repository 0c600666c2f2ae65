/*
 * The lens refcounts: how many references there are, and whose they are.
 *
 * refcounts.c has the ops, and after each line the counts of the names.
 * refcounts_watch.c keeps what each name is bound to and how often that was
 * held when it was last looked at; refcounts_causes.c looks between two
 * instructions and tells which of them changed a count.  refcounts_holders.c
 * tells who holds references, refcounts_walk.c finds them, refcounts_where.c in
 * what part of each.  Nothing
 * here holds a reference, and all of it is called with py_lock() that does not
 * say otherwise.
 */
#ifndef SANDBOX_LENSES_REFCOUNTS_H
#define SANDBOX_LENSES_REFCOUNTS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

#include "base/jsonw.h"
#include "sandbox/lenses/lens.h"
#include "sandbox/lenses/objects.h"

/* --- refcounts.c ---------------------------------------------------------- */

/* What a count may be beside a number. */
#define REFCOUNTS_IMMORTAL ((Py_ssize_t)-1)
#define REFCOUNTS_UNBOUND  ((Py_ssize_t)-2)

/* References that the program holds on an object; REFCOUNTS_UNBOUND for NULL.
 * Without a GIL it has to be held by something for as long as that takes. */
Py_ssize_t refcounts_of(PyObject *o);
/* Is the name (an exact str) asked for, or the program's own when none is? */
bool refcounts_wants(PyObject *b_name);
/* The UTF-8 of a name that can be shown, of at most MAX_NAME_BYTES; NULL, and
 * no exception, for others. */
const char *refcounts_name(PyObject *b_name);
/* Writes it as a value: a number, "immortal" or null. */
void refcounts_put(struct jsonw *w, Py_ssize_t count);

/* --- refcounts_watch.c ---------------------------------------------------- */

#define REFCOUNTS_WATCHES 1024 /* names that are looked at in a thread */

/* A name's count is not what it was. */
struct refcounts_change {
	const char *name; /* UTF-8 */
	unsigned frame;	  /* whose name it is; 0: a global */
	PyObject *owner;  /* the name of that frame's function; borrowed */
	Py_ssize_t from, to;
	const char
		*how; /* "entered", "bound", "rebound", "unbound", "counted" */
};
typedef void refcounts_noted(const struct refcounts_change *c);

/* Names in these globals are watched from now on.  Changes are told to fn. */
void refcounts_watch_begin(PyObject *b_globals, refcounts_noted *fn);
/* This thread is in a frame of the script's from now on, until it leaves it. */
void refcounts_watch_enter(PyFrameObject *f);
void refcounts_watch_leave(PyFrameObject *f);
/* It is in that frame: those that it entered from there are not there any more,
 * and none is, when it was not seen to enter it. */
void refcounts_watch_back(PyFrameObject *f);
/* The number of the frame that this thread is in; 0: none. */
unsigned refcounts_watch_frame(void);
/* Looks at all names of this thread's frames, and at globals. */
void refcounts_watch_look(void);
/* Were there more names than are looked at? */
bool refcounts_watch_is_cut(void);

/* --- refcounts_causes.c --------------------------------------------------- */

/* Zygote: the names of instructions. */
int refcounts_causes_warm(struct fail *f);
/* 0, or -1 without memory. */
int refcounts_causes_begin(const struct lens_run *r);
/* An event of a trace function, in a frame of the script's: before it is looked
 * at otherwise, and after that. */
void refcounts_causes_before(PyFrameObject *f, int what);
void refcounts_causes_after(PyFrameObject *f, int what);
/* Writes members of a step: its frame, and what changed since the step before.
 */
void refcounts_causes_write(struct jsonw *w);
/* Was anything left out? */
bool refcounts_causes_are_cut(void);

/* --- refcounts_where.c: in which part of its holder an object is -----------
 */

#define REFCOUNTS_PLACES 4 /* of one holder that are told */

struct refcounts_where {
	const char *kind;
	struct objects_text place[REFCOUNTS_PLACES];
	size_t n; /* there are, as far as they were looked for */
};
/* Looks for the object in what the holder has.  A frame or generator is not for
 * here (frames_refs.h). */
void refcounts_where_find(
	struct refcounts_where *w, PyObject *b_holder, PyObject *b_object);
void refcounts_where_add(struct refcounts_where *w, const char *place);
/* Why an object is immortal, in words. */
const char *refcounts_where_immortal(PyObject *o);

/* --- refcounts_holders.c: who holds references -----------------------------
 */

/* 0, or -1 without memory. */
int refcounts_holders_begin(const struct lens_run *r);
/* A line is about to run: is it one before which holders are told?  Not with
 * py_lock(), which is taken for writing. */
void refcounts_holders_line(PyFrameObject *f);
/* The program has run.  The same. */
void refcounts_holders_end(void);
bool refcounts_holders_are_cut(void);

#endif
