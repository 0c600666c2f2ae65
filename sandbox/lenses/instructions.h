/*
 * What the files of the lens `instructions` share.
 *
 * A trace function (instructions.c) hears of each instruction of main.py's
 * before it runs; instructions_stack.c knows each frame's value stack as it was
 * before the instruction before, and tells how it differs;
 * instructions_codes.c has the code objects, by instructions.py,
 * instructions_check.c tries it.
 *
 * Everything is under py_lock().  No reference is held.
 */
#ifndef SANDBOX_LENSES_INSTRUCTIONS_H
#define SANDBOX_LENSES_INSTRUCTIONS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/jsonw.h"
#include "sandbox/lenses/lens.h"

/* --- instructions_codes.c: the code objects of main.py ---------------------
 */

/* Zygote: dis is as expected. */
int instructions_codes_warm(struct fail *f);
/* Writes `code_objects`; false when some are missing. */
bool instructions_codes_begin(const struct lens_run *r);
/* Its number there; -1: it is none of them, as what eval() compiled. */
int instructions_codes_number(const PyCodeObject *code);
/* Gives a code object a number, and writes nothing. */
bool instructions_codes_know(PyObject *code);
/* How many values are on the stack before the instruction there; -1: that is
 * not known. */
int instructions_codes_depth(int code, int offset);
/* Where the instruction itself is, of one that begins there, which may be with
 * EXTENDED_ARG. */
int instructions_codes_offset(int code, int offset);

/* --- instructions_stack.c: value stacks as they were ------------------------
 */

#define INSTRUCTIONS_STACK  64	 /* values of one that are told */
#define INSTRUCTIONS_FRAMES 4096 /* that are known at a time */

struct instructions_frame {
	const PyFrameObject *frame; /* only compared */
	uint32_t number;	    /* from 1 on */
	unsigned n;		    /* values that were told */
	struct {
		const void *o; /* only compared */
		uint64_t hash; /* of the text */
	} of[INSTRUCTIONS_STACK];
};

/* The frame's, made when there is none; NULL: there are too many, or there is
 * no memory. */
struct instructions_frame *instructions_stack_of(PyFrameObject *f);
/* It is left for good. */
void instructions_stack_forget(PyFrameObject *f);
/* Walks the values on a frame's stack before its instruction, the lowest first;
 * *at is 0 at first.  Borrowed; NULL for a slot without an object. */
bool instructions_stack_next(PyFrameObject *f, int *at, PyObject **ret_value);
/* How many frames there were. */
uint32_t instructions_stack_frames(void);
/* Writes the members "keep", values from the bottom on that are as they were,
 * and "push", the texts of those above, and knows them.  False when there were
 * more than can be told, or it is not known how many. */
bool instructions_stack_write(
	struct jsonw *w, struct instructions_frame *s, PyFrameObject *f);

/* --- instructions_check.c --------------------------------------------------
 */

/* Zygote: 0, or -1 with what is not as expected. */
int instructions_check(struct fail *f);

#endif
