/*
 * A clock by which sleeping takes as long as ever, and no time (clock.c).
 */
#ifndef SANDBOX_PY_CLOCK_H
#define SANDBOX_PY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Child, before the program: its clocks are virtual from now on.  0, or -1 with
 * an exception set. */
int py_clock_begin(void);
/* Are they? */
bool py_clock_is_virtual(void);
/* By how much they are before the real ones; 0 when they are not virtual. */
int64_t py_clock_skipped_ns(void);
/* A loop's selector returned, and nothing had come: the time that it was to
 * wait for is over.  For who looks at the clock before the caller does. */
void py_clock_waited(void);

#endif
