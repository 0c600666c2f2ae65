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
#include <stdint.h>

#include "base/fail.h"

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

/* The byte of its code that it is at; below 0 when it has not begun. */
int frames_at(PyFrameObject *f);
/* How many frames there are, from this one to the outermost. */
unsigned frames_depth(PyFrameObject *f);

/* In a call event: is a generator or coroutine going on, not beginning? */
bool frames_is_resumed(PyFrameObject *f);
/* In a return event: is it one that will go on, at a yield or await? */
bool frames_is_suspended(PyFrameObject *f);

/* Zygote: what frames_trace_instructions() needs. */
int frames_trace_warm(struct fail *f);
/* In a call event of a trace function: it is to hear of each instruction of
 * this frame, too.  0 or -1. */
int frames_trace_instructions(PyFrameObject *f);

/* Walks the fast locals of a frame: *at is 0 at first.  All is borrowed. */
struct frames_local {
	PyObject *b_name;
	PyObject *b_cell;  /* that it is in, or NULL: in none */
	PyObject *b_value; /* NULL: unbound, or in the cell */
};
bool frames_next_local(PyFrameObject *f, int *at, struct frames_local *ret);
/* Looks through the cell, where no other thread can change it meanwhile. */
static inline PyObject *
frames_local_value(const struct frames_local *l)
{
	return l->b_cell ? PyCell_GET(l->b_cell) : l->b_value;
}

/* The same of a frame as the interpreter has it (struct frames_generator). */
bool frames_next_local_in(void *frame, int *at, struct frames_local *ret);

/* Walks the frame's value stack; *at is 0 at first.  There is nothing while the
 * frame calls C code, for then nobody but that call knows how high it is.
 * Borrowed. */
bool frames_next_on_stack(PyFrameObject *f, int *at, PyObject **ret_value);
/* Walks the slots of its value stack, whether or not they are in use: who asks
 * knows how many are. */
bool frames_next_slot(PyFrameObject *f, int *at, PyObject **ret_value);
/* Is what is in the slot that comes before `at` a number without an object, as
 * from 3.14 on some are? */
bool frames_number_on_stack(PyFrameObject *f, int at, int64_t *ret);
/* The generator of a generator's frame (borrowed); NULL for other frames. */
PyObject *frames_owner(PyFrameObject *f);

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

/* Walks a thread's frames from the innermost on; *at is NULL at first.  Reads
 * and allocates nothing, so that a thread may look at its own without the GIL.
 * The instruction is what PyCode_Addr2Line() takes; the code is borrowed. */
struct frames_at {
	PyCodeObject *code;
	int instruction;
};
bool frames_next(PyThreadState *thread, void **at, struct frames_at *ret);

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
/* How many references the frame of a generator, or that of a frame object which
 * has outlived its call, has that are lent to it and not counted, as from 3.14
 * on; 0 for other objects.  At most `max` are put to ret, borrowed
 * (_PyFrame_Traverse(), Python/frame.c of 3.14). */
size_t frames_uncounted(PyObject *o, PyObject **ret, size_t max);

#endif
