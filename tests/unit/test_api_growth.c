/*
 * The growth of counts: of functions whose class is known, since they are
 * formulas, and of counts that algorithms are known to make (Knuth, The Art of
 * Computer Programming, volume 3: 5.2.1 insertion, 5.2.4 merging, 6.2.1 binary
 * search).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/growth.h"

#define unused __attribute__((unused))

static const double doubling[] = {16, 32, 64, 128, 256, 512, 1024, 2048};
static const double small[] = {4, 6, 8, 10, 12, 14, 16, 18};
#define SIZES 8

static struct growth
fit(const double *sizes, double (*f)(double))
{
	uint64_t size[SIZES], count[SIZES];
	struct growth g;

	for (size_t i = 0; i < SIZES; i++) {
		size[i] = (uint64_t)sizes[i];
		count[i] = (uint64_t)f(sizes[i]);
	}
	assert_true(growth_fit(size, count, SIZES, &g));
	assert_int_not_equal(g.best, g.runner_up);
	return g;
}

static void
is(const double *sizes, double (*f)(double), const char *name)
{
	struct growth g = fit(sizes, f);

	assert_string_equal(growth_name(g.best), name);
	assert_true(g.error < 0.03);
	assert_true(g.margin >= GROWTH_DECIDED);
}

static double
constant(unused double n)
{
	return 42;
}

static double
nothing(unused double n)
{
	return 0;
}

/* As bisect: the length of n in binary. */
static double
binary_search(double n)
{
	return floor(log2(n)) + 1;
}

static double
linear(double n)
{
	return 7 * n + 12;
}

/* Merging runs of 1, 2, 4…: n - 1 comparisons at most in each of log n. */
static double
merge_sort(double n)
{
	double c = 0;

	for (int run = 1; run < (int)n; run *= 2)
		c += n - n / (2 * run);
	return c;
}

static double
with_a_long_loop(double n)
{
	return 20 * n + n * log2(n) + 30;
}

/* All that are out of order: n (n - 1) / 2. */
static double
insertion_sort(double n)
{
	return n * (n - 1) / 2;
}

static double
with_much_beside(double n)
{
	return 3 * n * n + 200 * n + 1000;
}

static double
matrices(double n)
{
	return 7 * n * n * n + 20 * n * n + 5;
}

/* Calls of fib(n): 2 F(n + 1) - 1, which grows by the golden ratio. */
static double
fibonacci(double n)
{
	double a = 1, b = 1;

	for (int i = 1; i < (int)n; i++) {
		double c = a + b;
		a = b;
		b = c;
	}
	return 2 * b - 1;
}

static double
subsets(double n)
{
	return exp2(n) * 5;
}

static void
test_classes(unused void **state)
{
	is(doubling, constant, "1");
	is(doubling, nothing, "1");
	is(doubling, binary_search, "log n");
	is(doubling, linear, "n");
	is(doubling, merge_sort, "n log n");
	is(doubling, with_a_long_loop, "n log n");
	is(doubling, insertion_sort, "n^2");
	is(doubling, with_much_beside, "n^2");
	is(doubling, matrices, "n^3");
}

static void
test_small_sizes(unused void **state)
{
	is(small, constant, "1");
	is(small, linear, "n");
	is(small, insertion_sort, "n^2");
	is(small, matrices, "n^3");
	is(small, fibonacci, "b^n");
	is(small, subsets, "b^n");
	/* The golden ratio, and two. */
	assert_true(fabs(fit(small, fibonacci).base - 1.618) < 0.01);
	assert_true(fabs(fit(small, subsets).base - 2) < 0.001);
}

/* By a fiftieth up and down. */
static double
noisy(double n)
{
	return 1000 * n * (1 + 0.02 * sin(n));
}

static double
noisy_square(double n)
{
	return 1000 * n * n * (1 + 0.02 * sin(n));
}

static void
test_noise(unused void **state)
{
	is(doubling, noisy, "n");
	is(doubling, noisy_square, "n^2");
}

/* A jump that no class has: as of ints, of which CPython keeps the small. */
static double
jump(double n)
{
	return n < 300 ? 10 : n * 200;
}

/* Between n and n log n. */
static double
between(double n)
{
	return 100 * n * sqrt(log2(n));
}

static void
test_what_does_not_fit(unused void **state)
{
	assert_true(fit(doubling, jump).error > GROWTH_FITS);
	struct growth g = fit(doubling, between);
	assert_true(g.best == GROWTH_LINEAR || g.best == GROWTH_LINEAR_LOG);
	assert_true(g.runner_up == GROWTH_LINEAR ||
		    g.runner_up == GROWTH_LINEAR_LOG);
	assert_true(g.error < 0.03);
}

/* What no class can be: it falls, it is all at once, it is beyond all bounds.
 */
static void
test_odd_counts(unused void **state)
{
	const uint64_t size[] = {1, 2, 3, 1000000000};
	const uint64_t counts[][4] = {{1000, 100, 10, 1}, {0, 0, 0, 1},
		{1, 0, 0, 0}, {0, 1, 0, 1}, {1, 1, 1, INT64_MAX},
		{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}};
	struct growth g;

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		assert_true(growth_fit(size, counts[i], 4, &g));
		assert_true(isfinite(g.error) && isfinite(g.margin) &&
			    isfinite(g.runner_up_error));
		assert_true(g.best < GROWTH_CLASSES &&
			    g.runner_up < GROWTH_CLASSES);
	}
	assert_int_equal(g.best, GROWTH_CONSTANT);
}

static void
test_how_many(unused void **state)
{
	const uint64_t size[] = {1, 2, 3, 4}, count[] = {10, 20, 30, 40};
	struct growth g;

	assert_false(growth_fit(size, count, 3, &g));
	assert_false(growth_fit(size, count, GROWTH_MOST + 1, &g));
	assert_true(growth_fit(size, count, GROWTH_LEAST, &g));
	assert_int_equal(g.best, GROWTH_LINEAR);
	assert_true(g.error < 1e-9);
	assert_true(g.margin <= GROWTH_MARGIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_small_sizes),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_what_does_not_fit),
		cmocka_unit_test(test_odd_counts),
		cmocka_unit_test(test_how_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
