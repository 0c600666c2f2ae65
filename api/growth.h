/*
 * How a count grows with the size of what is worked on.
 *
 * Counts are the same each time, so that few sizes are enough, and nothing is
 * said by a clock.  A class stands for the fastest growing part of what was
 * counted over the sizes there were; what it becomes beyond them nobody knows.
 */
#ifndef API_GROWTH_H
#define API_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROWTH_LEAST 4	/* sizes that are needed */
#define GROWTH_MOST  16 /* that there may be */

enum growth_class {
	GROWTH_CONSTANT,
	GROWTH_LOG,
	GROWTH_LINEAR,
	GROWTH_LINEAR_LOG,
	GROWTH_SQUARE,
	GROWTH_CUBE,
	GROWTH_EXPONENTIAL,
	GROWTH_CLASSES
};

/* "1", "log n", "n", "n log n", "n^2", "n^3", "b^n". */
const char *growth_name(enum growth_class c);

struct growth {
	enum growth_class best, runner_up;
	/* Root of the mean square of the relative difference between what was
	 * counted and the fit, 0 where they agree, at most GROWTH_MARGIN. */
	double error, runner_up_error;
	/* How many times worse the runner-up fits, at most GROWTH_MARGIN: near
	 * 1 nobody can tell which it is. */
	double margin;
	double base; /* b, of b^n */
};
#define GROWTH_MARGIN  1000
#define GROWTH_DECIDED 2   /* a margin that tells it from the runner-up */
#define GROWTH_FITS    0.1 /* an error above it: none of the classes fits */

/* Fits n counts at increasing sizes.  False when there are too few of them. */
bool growth_fit(const uint64_t *size, const uint64_t *count, size_t n,
	struct growth *ret);

#endif
