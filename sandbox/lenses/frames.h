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

/* Walks the fast locals of a frame: *at is 0 at first.  Cells are looked
 * through.  Names and values are borrowed; the value is NULL when unbound. */
bool frames_next_local(
	PyFrameObject *f, int *at, PyObject **ret_name, PyObject **ret_value);

/* The same of a frame as the interpreter has it (struct frames_generator). */
bool frames_next_local_in(
	void *frame, int *at, PyObject **ret_name, PyObject **ret_value);

/* Is the object on the frame's value stack?  What was there before and is above
 * its top now is taken for it as well: compared, not looked at. */
bool frames_has_on_stack(PyFrameObject *f, const PyObject *o);

/* Is the frame at a call with **keywords? */
bool frames_calls_with_dict(PyFrameObject *f);

/* The line of this file that this thread is at, in the innermost of its frames,
 * and the name of the function (borrowed); 0 and NULL when there is none. */
int frames_here(const char *script, PyObject **ret_function);

/* The same of the frames below this thread's innermost one. */
int frames_caller(const char *script, PyObject **ret_function);

/* A generator, coroutine or asynchronous generator, and its frame. */
enum frames_state {
	FRAMES_CREATED,
	FRAMES_SUSPENDED,
	FRAMES_RUNNING,
	FRAMES_CLOSED
};
struct frames_generator {
	enum frames_state state;
	PyObject *qualname; /* borrowed */
	PyCodeObject *code; /* borrowed; NULL where it is not known any more */
	int line;	    /* that it is at; 0: none */
	void *frame;	    /* for frames_next_local_in(); NULL when closed */
};
/* frames_generator.c.  False when it is none. */
bool frames_generator(PyObject *o, struct frames_generator *ret);
/* Values on its stack, the lowest first, while it waits: *at is 0 at first. */
bool frames_generator_stack(
	const struct frames_generator *g, int *at, PyObject **ret_value);

#endif
