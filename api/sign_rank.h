/*
 * How far off a difference is, from paired observations, without assuming what
 * errors look like: the estimate of Hodges and Lehmann, and the confidence
 * interval of Wilcoxon's signed-rank test (Hollander, Wolfe and Chicken,
 * Nonparametric Statistical Methods, 3rd ed., 3.2 and 3.3).
 */
#ifndef API_SIGN_RANK_H
#define API_SIGN_RANK_H

#include <stddef.h>

#define SIGN_RANK_LEAST 6 /* fewer pairs say nothing at 0.95 */
#define SIGN_RANK_MOST	100

struct interval {
	double estimate, low, high;
	double level; /* that the interval has, exactly: at least the wanted */
};

/* Of n differences (LEAST to MOST), at a level below 1, such as 0.95.  -1 when
 * so few cannot reach the level. */
int sign_rank(const double *differences, size_t n, double level,
	struct interval *ret);

#endif
