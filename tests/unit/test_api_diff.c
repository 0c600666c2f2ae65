/*
 * What parts two sequences.  Each element is one letter.  What is expected is
 * by hand, or by the definition: what is left of both outside of the edits is
 * the same, and as long as the longest common subsequence, which the table of
 * Wagner and Fischer finds in another way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/diff.h"

#define unused __attribute__((unused))
#define MOST   64

static size_t
letters(const char *word, struct diff_text *ret)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct diff_text){word + i, 1};
	return n;
}

/* "1-3,1-2 …": the edits. */
static void
differ(const char *a, const char *b, const char *want)
{
	struct diff_text x[MOST] = {0}, y[MOST] = {0};
	size_t nx = letters(a, x), ny = letters(b, y), work = DIFF_WORK;
	scope_diff struct diff d = diff_texts(x, nx, y, ny, &work);
	char got[256] = "";
	int n = 0;

	for (size_t i = 0; i < d.n; i++)
		n += snprintf(got + n, sizeof(got) - (size_t)n,
			"%s%zu-%zu,%zu-%zu", i ? " " : "", d.edit[i].a_from,
			d.edit[i].a_to, d.edit[i].b_from, d.edit[i].b_to);
	assert_string_equal(got, want);
	assert_false(d.coarse);
}

static void
test_by_hand(unused void **state)
{
	differ("", "", "");
	differ("abc", "abc", "");
	differ("", "ab", "0-0,0-2");
	differ("ab", "", "0-2,0-0");
	differ("a", "b", "0-1,0-1");
	differ("abc", "axc", "1-2,1-2");
	differ("abc", "abxc", "2-2,2-3");
	differ("abcd", "ad", "1-3,1-1");
	/* One letter in common, in the middle of what differs. */
	differ("xay", "wav", "0-1,0-1 2-3,2-3");
	/* A prefix of the other. */
	differ("ab", "abab", "2-2,2-4");
}

static size_t
longest(const char *a, const char *b)
{
	size_t table[MOST + 1][MOST + 1] = {0};
	size_t na = strlen(a), nb = strlen(b);

	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			size_t up = table[i - 1][j], left = table[i][j - 1];
			table[i][j] = a[i - 1] == b[j - 1]
					      ? table[i - 1][j - 1] + 1
				      : up > left ? up
						  : left;
		}
	return table[na][nb];
}

/* By the definition, of any two words. */
static void
holds(const char *a, const char *b)
{
	struct diff_text x[MOST] = {0}, y[MOST] = {0};
	size_t nx = letters(a, x), ny = letters(b, y), work = DIFF_WORK;
	scope_diff struct diff d = diff_texts(x, nx, y, ny, &work);
	long *partner = diff_partners(&d, nx);
	size_t pairs = 0, before = 0;
	long last = -1;

	for (size_t i = 0; i < nx; i++) {
		if (partner[i] < 0)
			continue;
		pairs++;
		assert_true(partner[i] > last && partner[i] < (long)ny);
		last = partner[i];
		assert_int_equal(a[i], b[last]);
	}
	assert_int_equal(pairs, longest(a, b));
	/* What is in no pair is in an edit, once. */
	size_t out_a = 0, out_b = 0;
	for (size_t i = 0; i < d.n; i++) {
		const struct diff_edit *e = &d.edit[i];
		assert_true(i == 0 || e->a_from > before);
		before = e->a_to;
		assert_true(e->a_to > e->a_from || e->b_to > e->b_from);
		out_a += e->a_to - e->a_from;
		out_b += e->b_to - e->b_from;
	}
	assert_int_equal(out_a + pairs, nx);
	assert_int_equal(out_b + pairs, ny);
	free(partner);
}

static void
test_by_definition(unused void **state)
{
	char a[MOST + 1] = "", b[MOST + 1] = "";

	srand(1);
	for (int round = 0; round < 4000; round++) {
		int kinds = 1 + rand() % 5, na = rand() % 30, nb = rand() % 30;
		for (int i = 0; i < na; i++)
			a[i] = (char)('a' + rand() % kinds);
		for (int i = 0; i < nb; i++)
			b[i] = (char)('a' + rand() % kinds);
		a[na] = b[nb] = '\0';
		holds(a, b);
	}
}

/* Nothing in common and more than is looked at: one difference, and it says so.
 * Then with no work left at all. */
static void
test_bounds(unused void **state)
{
	enum { N = 3000 };
	static char text[2 * N][8];
	static struct diff_text a[N], b[N];
	size_t work = DIFF_WORK;

	for (int i = 0; i < N; i++) {
		snprintf(text[i], 8, "a%d", i);
		snprintf(text[N + i], 8, "b%d", i);
		a[i] = (struct diff_text){text[i], strlen(text[i])};
		b[i] = (struct diff_text){text[N + i], strlen(text[N + i])};
	}
	a[0] = b[0];
	scope_diff struct diff d = diff_texts(a, N, b, N, &work);
	assert_true(d.coarse);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.edit[0].a_from, 1);
	assert_int_equal(d.edit[0].b_to, N);
	assert_true(work < DIFF_WORK);
	work = 0;
	a[1] = b[2];
	scope_diff struct diff none = diff_texts(a, 3, b, 3, &work);
	assert_true(none.coarse);
	assert_int_equal(none.n, 1);
	assert_int_equal(work, 0);
}

/* Bytes, not strings. */
static void
test_bytes(unused void **state)
{
	const struct diff_text a[] = {{"x\0y", 3}, {"", 0}, {"z", 1}};
	const struct diff_text b[] = {{"x\0z", 3}, {"", 0}, {"zz", 2}};
	size_t work = DIFF_WORK;
	scope_diff struct diff d = diff_texts(a, 3, b, 3, &work);

	assert_int_equal(d.n, 2);
	assert_int_equal(d.edit[0].a_to, 1);
	assert_int_equal(d.edit[1].a_from, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_by_definition),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
