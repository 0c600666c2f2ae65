/*
 * What parts two runs by what they allocated.  What is expected is by hand.
 */
#include "tests/unit/compared.h"

#define ROW(file, line, via, n, bytes)                                         \
	"{'file': '" file "', 'line': " line ", 'via': " via                   \
	", 'allocations': " n ", 'bytes': " bytes                              \
	", 'live_blocks': 1, 'live_bytes': 8}"

static json_t *
allocated(const char *rows, int total, int peak, int arenas)
{
	char *lens;

	assert_true(asprintf(&lens,
			    "'memory': {'totals': {'bytes': %d}, 'peak': "
			    "{'bytes': %d, 'event': %d, 'via': 1}, 'by_line': "
			    "[%s], 'timeline': {'every': %d}, 'allocator': "
			    "{'arenas': %d}, 'truncated': false}",
			    total, peak, arenas, rows, arenas, arenas) >= 0);
	json_t *j = ran("", lens);
	free(lens);
	return j;
}

/* Places in the library are not compared, but what was done there for a line;
 * nor are pools and the course of it. */
static void
test_same(unused void **state)
{
	json_t *j = two(BIT(LENS_MEMORY),
		allocated(ROW("main.py", "2", "2", "3", "30") ", " ROW("a.py",
				  "7", "2", "4",
				  "40") ", " ROW("a.py", "7", "1", "1", "5"),
			75, 60, 1),
		allocated(ROW("b.py", "1", "1", "1", "5") ", " ROW(
				  "b.py", "9", "2", "7", "70")
			/* What stayed is as much as of the two. */
			", {'via': 2, 'live_blocks': 1, 'live_bytes': 8}, "
			"{'via': null, 'bytes': 3}, {'via': 'x'}, 7",
			75, 60, 2));

	assert_true(json_is_true(at(j, "same.memory")));
	json_decref(j);
}

static void
test_differ(unused void **state)
{
	json_t *j = two(BIT(LENS_MEMORY),
		allocated(ROW("m", "1", "1", "1", "5") ", " ROW(
				  "m", "2", "2", "2", "6"),
			11, 11, 1),
		allocated(ROW("m", "1", "1", "1", "5") ", " ROW(
				  "m", "2", "2", "2", "9"),
			14, 11, 1));

	assert_true(json_is_false(at(j, "same.memory")));
	equal(at(j, "differences.memory.against_baseline.0.changes"),
		"[{'path': '/totals/bytes', 'a': 11, 'b': 14}]");
	equal(at(j, "differences.memory.against_baseline.0.lines"),
		"[{'tag': 'replace', 'a_from': 1, 'a_to': 2, 'b_from': 1, "
		"'b_to': 2, 'a': ['line 2: 2 allocations, 6 bytes; 1 blocks "
		"stay, 8 bytes'], 'b': ['line 2: 2 allocations, 9 bytes; 1 "
		"blocks stay, 8 bytes']}]");
	json_decref(j);
}

/* Claims may be anything. */
static void
test_odd(unused void **state)
{
	json_t *j = two(BIT(LENS_MEMORY),
		ran("", "'memory': {'totals': null, 'peak': null, 'by_line': "
			"[{'via': -9223372036854775808, 'bytes': "
			"-9223372036854775808}, {'via': -9223372036854775808, "
			"'bytes': -1}], 'truncated': true}"),
		ran("", "'memory': {'by_line': [], 'truncated': true}"));

	assert_true(json_is_false(at(j, "same.memory")));
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_differ),
		cmocka_unit_test(test_odd),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
