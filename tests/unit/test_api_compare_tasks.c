/*
 * What parts two runs by their tasks.  What is expected is by hand.
 */
#include "tests/unit/compared.h"

#define TASK(name, function, line, state, exception)                           \
	"{'name': " name ", 'function': " function ", 'line': " line           \
	", 'state': " state ", 'exception': " exception ", 'steps': 3}"

static json_t *
tasks(const char *rows, const char *function, int loops, int ns)
{
	char *lens;

	assert_true(asprintf(&lens,
			    "'tasks': {'totals': {'loops': %d, 'ns': %d}, "
			    "'tasks': [%s], 'functions': [{'name': 'other'}, "
			    "{'name': '%s'}], 'spans': [{'from_ns': %d}], "
			    "'stuck': false, 'truncated': false}",
			    loops, ns, rows, function, ns) >= 0);
	json_t *j = ran("", lens);
	free(lens);
	return j;
}

/* When tasks ran says nothing, nor what is around a function, which 3.9 does
 * not say. */
static void
test_same(unused void **state)
{
	json_t *j = two(BIT(LENS_TASKS),
		tasks(TASK("'A'", "1", "4", "'returned'", "null"),
			"main.<locals>.f", 1, 7),
		tasks(TASK("'A'", "1", "4", "'returned'", "null"), "f", 1, 8));

	assert_true(json_is_true(at(j, "same.tasks")));
	json_decref(j);
}

static void
test_differ(unused void **state)
{
	json_t *j = two(BIT(LENS_TASKS),
		tasks(TASK("'A'", "1", "4", "'returned'", "null"), "f", 1, 7),
		tasks(TASK("null", "0", "null", "'raised'", "'KeyError'"), "f",
			2, 7));

	assert_true(json_is_false(at(j, "same.tasks")));
	equal(at(j, "differences.tasks.against_baseline.0.changes"),
		"[{'path': '/loops', 'a': 1, 'b': 2}]");
	equal(at(j, "differences.tasks.against_baseline.0.tasks"),
		"[{'tag': 'replace', 'a_from': 0, 'a_to': 1, 'b_from': 0, "
		"'b_to': 1, 'a': ['A of f, made at line 4: returned'], 'b': "
		"['without a name of other: raised KeyError']}]");
	json_decref(j);
}

/* Claims may be anything. */
static void
test_odd(unused void **state)
{
	json_t *j = two(BIT(LENS_TASKS),
		ran("", "'tasks': {'totals': null, 'tasks': [7, {'function': "
			"-9223372036854775808}, {'function': 5, 'line': []}], "
			"'functions': [[]], 'truncated': true}"),
		ran("", "'tasks': {'tasks': [], 'truncated': true}"));

	assert_true(json_is_false(at(j, "same.tasks")));
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
