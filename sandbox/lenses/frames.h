/*
 * Frames, read without touching what is looked at: no f_locals, which would add
 * a reference to every local, and no frame object made that was not there.
 *
 * Layout: _PyInterpreterFrame, Include/internal/pycore_frame.h of CPython 3.11
 * and 3.13, pycore_interpframe_structs.h of 3.14 and 3.15; before 3.11
 * PyFrameObject itself (frames_old.c).
 */
#ifndef SANDBOX_LENSES_FRAMES_H
#define SANDBOX_LENSES_FRAMES_H

#include "sandbox/py/compat.h"

#include <stdbool.h>

/* The frame's code (borrowed). */
PyCodeObject *frames_code(PyFrameObject *f);
/* Is it code of this file? */
bool frames_in_script(PyFrameObject *f, const char *script);
/* The dict that holds the frame's names, for frames of modules and classes;
 * NULL for functions.  Borrowed. */
PyObject *frames_namespace(PyFrameObject *f);
/* The globals (borrowed). */
PyObject *frames_globals(PyFrameObject *f);

/* In a call event: is a generator or coroutine going on, not beginning? */
bool frames_is_resumed(PyFrameObject *f);
/* In a return event: is it one that will go on, at a yield or await? */
bool frames_is_suspended(PyFrameObject *f);

/* Walks the fast locals of a frame: *at is 0 at first.  All is borrowed. */
struct frames_local {
	PyObject *b_name;
	PyObject *b_cell;  /* that it is in, or NULL: in none */
	PyObject *b_value; /* NULL: unbound, or in the cell */
};
bool frames_next_local(PyFrameObject *f, int *at, struct frames_local *ret);

/* Is the object on the frame's value stack?  What was there before and is above
 * its top now is taken for it as well: compared, not looked at. */
bool frames_has_on_stack(PyFrameObject *f, const PyObject *o);

/* Is the frame at a call with **keywords? */
bool frames_calls_with_dict(PyFrameObject *f);

/* The line of this file that this thread is at, in the innermost of its frames,
 * and the name of the function (borrowed); 0 and NULL when there is none. */
int frames_here(const char *script, PyObject **ret_function);

#endif
