/*
 * What parts two runs by their threads.  What is expected is by hand.
 */
#include "tests/unit/compared.h"

#define THREAD(name, daemon, by, at)                                           \
	"{'name': " name ", 'daemon': " daemon ", 'by': " by ", 'at': " at     \
	", 'ident': 140, 'held_ns': 5, 'forced': 2}"

static json_t *
threads(const char *rows, const char *gil, int us, int ns)
{
	char *lens;

	assert_true(
		asprintf(&lens,
			"'threads': {'totals': {'gil': %s, 'ns': %d, 'takes': "
			"%d}, 'switch_intervals': [{'seen_ns': 0, 'us': %d}, "
			"{'seen_ns': %d, 'us': 1}], 'threads': [%s], 'places': "
			"[{'place': 1, 'line': %d}, {'place': 2, 'line': 4}], "
			"'holds': [{'n': 1, 'to_ns': %d}], 'truncated': false}",
			gil, ns, ns, us, ns, rows, ns, ns) >= 0);
	json_t *j = ran("", lens);
	free(lens);
	return j;
}

/* Who had the GIL when says nothing, nor idents, nor the numbers of places. */
static void
test_same(unused void **state)
{
	json_t *j = two(BIT(LENS_THREADS),
		threads(THREAD("'A'", "true", "1", "2"), "true", 5000, 7),
		threads("{'name': 'A', 'daemon': true, 'by': 1, 'at': 2, "
			"'ident': 141}",
			"true", 5000, 8));

	assert_true(json_is_true(at(j, "same.threads")));
	json_decref(j);
}

static void
test_differ(unused void **state)
{
	json_t *j = two(BIT(LENS_THREADS),
		threads(THREAD("'M'", "false", "null", "null") ", " THREAD(
				"'A'", "true", "1", "2"),
			"true", 5000, 7),
		threads(THREAD("'M'", "false", "null", "null") ", " THREAD(
				"null", "null", "2", "1"),
			"false", 5000, 7));

	assert_true(json_is_false(at(j, "same.threads")));
	equal(at(j, "differences.threads.against_baseline.0.changes"),
		"[{'path': '/gil', 'a': true, 'b': false}]");
	equal(at(j, "differences.threads.against_baseline.0.threads"),
		"[{'tag': 'replace', 'a_from': 1, 'a_to': 2, 'b_from': 1, "
		"'b_to': 2, 'a': ['A, a daemon, started at line 4 by thread "
		"1'], 'b': ['without a name, started at line 7 by thread "
		"2']}]");
	json_decref(j);
}

/* Claims may be anything. */
static void
test_odd(unused void **state)
{
	json_t *j = two(BIT(LENS_THREADS),
		ran("", "'threads': {'totals': null, 'threads': [7, {'at': "
			"-9223372036854775808, 'by': 1}, {'at': 1, 'by': 1}], "
			"'places': [[]], 'truncated': true}"),
		ran("", "'threads': {'threads': [], 'truncated': true}"));

	assert_true(json_is_false(at(j, "same.threads")));
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
