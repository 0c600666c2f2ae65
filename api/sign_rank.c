#include "api/sign_rank.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define MOST_SUM (SIGN_RANK_MOST * (SIGN_RANK_MOST + 1) / 2)

/* P(T = s) for each s from 0 to the sum of all ranks, T being the sum of those
 * ranks of 1 to n whose coin shows heads. */
static void
distribution(size_t n, double ret[MOST_SUM + 1])
{
	size_t sum = 0;

	ret[0] = 1;
	for (size_t s = 1; s <= MOST_SUM; s++)
		ret[s] = 0;
	for (size_t rank = 1; rank <= n; rank++) {
		sum += rank;
		for (size_t s = sum + 1; s-- > 0;)
			ret[s] = (ret[s] + (s >= rank ? ret[s - rank] : 0)) / 2;
	}
}

/* The greatest c with P(T < c) of no more than what may be missed at one side,
 * and that probability.  0: there is none. */
static size_t
critical(size_t n, double side, double *ret_missed)
{
	double p[MOST_SUM + 1], below = 0;
	size_t c = 0;

	distribution(n, p);
	*ret_missed = 0;
	while (below + p[c] <= side) {
		below += p[c++];
		*ret_missed = below;
	}
	return c;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
sign_rank(
	const double *differences, size_t n, double level, struct interval *ret)
{
	double averages[MOST_SUM], missed;
	size_t m = 0;

	assert(n <= SIGN_RANK_MOST);
	size_t c = critical(n, (1 - level) / 2, &missed);
	if (n < SIGN_RANK_LEAST || c == 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			averages[m++] = (differences[i] + differences[j]) / 2;
	qsort(averages, m, sizeof(*averages), by_size);
	*ret = (struct interval){
		.estimate = (averages[(m - 1) / 2] + averages[m / 2]) / 2,
		.low = averages[c - 1],
		.high = averages[m - c],
		.level = 1 - 2 * missed,
	};
	return 0;
}
