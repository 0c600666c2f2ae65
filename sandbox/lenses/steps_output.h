/*
 * How much a program has printed, without flushing it.
 *
 * What was written to sys.stdout is in the text layer, in the buffer below it,
 * or was given to the system.  The three numbers stand in the objects of
 * Modules/_io/textio.c and bufferedio.c, for which there is no header; where in
 * them is learned from objects of ours, which are written to and looked at.
 */
#ifndef SANDBOX_LENSES_STEPS_OUTPUT_H
#define SANDBOX_LENSES_STEPS_OUTPUT_H

#include "sandbox/py/compat.h"

#include <stdint.h>

#include "base/fail.h"

/* 0, or -1 with the reason. */
int steps_output_warm(struct fail *f);
/* What is printed from now on counts. */
void steps_output_begin(void);
/* Bytes printed to the streams that the program began with; -1 for one that it
 * has put something else in the place of. */
void steps_output(int64_t *ret_out, int64_t *ret_err);

#endif
