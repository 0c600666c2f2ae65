/*
 * Confidence intervals of paired differences.
 *
 * The interval runs from the c-th smallest average to the c-th largest, and
 * c - 1 is the critical value of Wilcoxon's signed-rank test that tables of it
 * print.  Those here are of the two-sided test at 0.05 (Wilcoxon and Wilcox,
 * Some Rapid Approximate Statistical Procedures, 1964), so they come from
 * elsewhere.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/sign_rank.h"

#define unused __attribute__((unused))

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Averages that are all different: differences that are powers of 2. */
static void
test_tables(unused void **state)
{
	static const struct {
		size_t n, critical;
	} table[] = {{6, 0}, {7, 2}, {8, 3}, {9, 5}, {10, 8}, {11, 10},
		{12, 13}, {13, 17}, {14, 21}, {15, 25}, {20, 52}, {25, 89},
		{30, 137}};

	for (size_t k = 0; k < sizeof(table) / sizeof(*table); k++) {
		size_t n = table[k].n, m = 0;
		double d[30], averages[30 * 31 / 2] = {0};
		struct interval got;
		for (size_t i = 0; i < n; i++)
			d[i] = ldexp(i % 2 ? -1 : 1, (int)i);
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j <= i; j++)
				averages[m++] = (d[i] + d[j]) / 2;
		qsort(averages, m, sizeof(*averages), by_size);
		assert_int_equal(sign_rank(d, n, 0.95, &got), 0);
		assert_true(got.low == averages[table[k].critical]);
		assert_true(got.high == averages[m - 1 - table[k].critical]);
		assert_true(got.level >= 0.95 && got.level < 0.97);
	}
}

/* Of six, all of the averages are in it, and what is missed is that all six
 * coins agree: 2 of 64. */
static void
test_six(unused void **state)
{
	const double d[6] = {3, 1, 4, 1.5, 9, 2};
	struct interval got;

	assert_int_equal(sign_rank(d, 6, 0.95, &got), 0);
	assert_true(got.low == 1 && got.high == 9);
	assert_true(fabs(got.level - (1 - 2.0 / 64)) < 1e-12);
	/* 21 averages; the eleventh by hand: 1 1.25 1.5 1.5 1.75 2 2 2.25 2.5
	 * 2.5 2.75 3 3 3.5 4 5 5.25 5.5 6 6.5 9. */
	assert_true(got.estimate == 2.75);
}

static void
test_too_few(unused void **state)
{
	const double d[6] = {1, 2, 3, 4, 5, 6};
	struct interval got;

	assert_int_equal(sign_rank(d, 5, 0.95, &got), -1);
	assert_int_equal(sign_rank(d, 0, 0.95, &got), -1);
	/* 1 of 32 at each side is more than 1 of 200. */
	assert_int_equal(sign_rank(d, 6, 0.99, &got), -1);
}

/* What does not differ has no interval but its own value. */
static void
test_equal(unused void **state)
{
	double d[SIGN_RANK_MOST];
	struct interval got;

	for (size_t i = 0; i < SIGN_RANK_MOST; i++)
		d[i] = 0.5;
	assert_int_equal(sign_rank(d, SIGN_RANK_MOST, 0.95, &got), 0);
	assert_true(got.estimate == 0.5 && got.low == 0.5 && got.high == 0.5);
	assert_true(got.level >= 0.95 && got.level < 0.951);
}

/* As often as it says, the truth is in it: 4000 times 12 coins and sizes, from
 * a fixed seed.  The share's own deviation is 0.0034; five of them are left. */
static void
test_covers(unused void **state)
{
	unsigned short seed[3] = {1, 2, 3};
	int within = 0;
	struct interval got = {0};

	for (int k = 0; k < 4000; k++) {
		double d[12];
		for (int i = 0; i < 12; i++)
			d[i] = 7 + (erand48(seed) - 0.5) * erand48(seed);
		assert_int_equal(sign_rank(d, 12, 0.95, &got), 0);
		within += got.low <= 7 && 7 <= got.high;
	}
	assert_true(fabs(within / 4000.0 - got.level) < 0.017);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_six),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_covers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
