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
bool frames_is_code_of(PyCodeObject *code, const char *script);
/* Walks the names that a function's closure has cells for; *at is 0 at first.
 * Borrowed. */
bool frames_next_free(PyObject *code, int *at, PyObject **ret_name);
/* Is what this frame runs code of this file? */
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

/* What a frame is kept in: _PyInterpreterFrame, the frame object itself before
 * 3.11.  Of a generator, coroutine or asynchronous generator it is there as
 * long as that has not ended: NULL then. */
struct frames_inner;
struct frames_inner *frames_inner(PyFrameObject *f);
struct frames_inner *frames_of_generator(PyObject *generator);
bool frames_next_local_in(struct frames_inner *i, int *at, PyObject **ret_name,
	PyObject **ret_value);
PyCodeObject *frames_code_in(struct frames_inner *i);
/* The line that it is at. */
int frames_line_in(struct frames_inner *i);

/* Is it one of the three? */
bool frames_is_generator(PyObject *o);
/* The generator of a generator's frame (borrowed); NULL for other frames. */
PyObject *frames_generator(PyFrameObject *f);
enum frames_state {
	FRAMES_CREATED,
	FRAMES_SUSPENDED,
	FRAMES_RUNNING,
	FRAMES_OVER
};
enum frames_state frames_generator_state(PyObject *generator);

/* Walks the frame's value stack; *at is 0 at first.  There is nothing while the
 * frame calls C code, for then nobody but that call knows how high it is.
 * Borrowed. */
bool frames_next_on_stack(PyFrameObject *f, int *at, PyObject **ret_value);

/* Is the object on the frame's value stack?  What was there before and is above
 * its top now is taken for it as well: compared, not looked at. */
bool frames_has_on_stack(PyFrameObject *f, const PyObject *o);

/* Is the frame at a call with **keywords? */
bool frames_calls_with_dict(PyFrameObject *f);

/* The line of this file that this thread is at, in the innermost of its frames,
 * and the name of the function (borrowed); 0 and NULL when there is none. */
int frames_here(const char *script, PyObject **ret_function);

#endif
