/* Run requests whose body is the code and whose options are in the query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "api/problem.h"
#include "api/request.h"

#define unused __attribute__((unused))
#define QUERY(...)                                                             \
	(const struct query_item[]){__VA_ARGS__},                              \
		sizeof((const struct query_item[]){__VA_ARGS__}) /             \
			sizeof(struct query_item)

static struct run_request
accepted(const char *body, size_t n, const struct query_item *query,
	size_t nquery)
{
	struct run_request q;
	struct problem *p = NULL;

	if (run_request_from_text(body, n, query, nquery, &q, &p))
		fail_msg("gave %s", json_dumps(problem_json(p), 0));
	return q;
}

static void
refused(const char *body, size_t n, const struct query_item *query,
	size_t nquery, int status, const char *pointer, const char *says)
{
	struct run_request q;
	struct problem *p = NULL;

	assert_int_equal(
		run_request_from_text(body, n, query, nquery, &q, &p), -1);
	assert_int_equal(problem_status(p), status);
	json_t *j = problem_json(p);
	json_t *errors = json_object_get(j, "errors");
	const char *where = json_string_value(
		json_object_get(json_array_get(errors, 0), "pointer"));
	const char *detail = json_string_value(json_object_get(j, "detail"));
	if (json_array_size(errors) != (pointer ? 1 : 0) ||
		(pointer && strcmp(where, pointer) != 0) ||
		!strstr(detail, says))
		fail_msg("gave %s", json_dumps(j, 0));
	json_decref(j);
	problem_free(p);
}

static void
test_options(unused void **state)
{
	struct run_request q = accepted("print(1)", 8,
		QUERY({"runtime", "3.11"}, {"start", "cold"},
			{"hash_seed", "4294967295"}, {"stdin", "hi"},
			{"arg", "a"}, {"arg", ""}, {"lens", "gc"},
			{"lenses", "timing,bytecode"}, {"wall_ms", "60000"},
			{"deadline_ms", "600000"}));

	assert_int_equal(q.code.n, 8);
	assert_string_equal(q.runtime, "3.11");
	assert_true(q.cold);
	assert_int_equal(q.hash_seed, 4294967295);
	assert_string_equal(q.stdin_bytes.data, "hi");
	assert_int_equal(q.nargs, 2);
	assert_int_equal(q.args[1].n, 0);
	assert_int_equal(
		q.lenses, BIT(LENS_GC) | BIT(LENS_TIMING) | BIT(LENS_BYTECODE));
	assert_int_equal(q.limits.wall_ms, 60000);
	assert_int_equal(q.limits.cpu_ms, limits_default().cpu_ms);
	assert_int_equal(q.deadline_ms, 600000);
	run_request_clear(&q);
}

static void
test_empty(unused void **state)
{
	struct run_request q = accepted("", 0, NULL, 0);

	assert_int_equal(q.code.n, 0);
	assert_non_null(q.stdin_bytes.data);
	assert_int_equal(q.hash_seed, -1);
	run_request_clear(&q);
}

static void
test_query_faults(unused void **state)
{
	refused("", 0, QUERY({"wall_ms", "0"}), 422, "/limits/wall_ms",
		"1 to 60000");
	refused("", 0, QUERY({"wall_ms", ""}), 422, "/limits/wall_ms", "\"\"");
	refused("", 0, QUERY({"wall_ms", "+5"}), 422, "/limits/wall_ms", "+5");
	refused("", 0, QUERY({"wall_ms", " 5"}), 422, "/limits/wall_ms", "5");
	refused("", 0, QUERY({"wall_ms", "NaN"}), 422, "/limits/wall_ms",
		"NaN");
	refused("", 0, QUERY({"wall_ms", "99999999999999999999999"}), 422,
		"/limits/wall_ms", "60000");
	refused("", 0, QUERY({"wall_ms", "\xff"}), 422, "/limits/wall_ms",
		"whole number");
	refused("", 0, QUERY({"deadline_ms", "600001"}), 422,
		"/limits/deadline_ms", "1 to 600000");
	refused("", 0, QUERY({"deadline_ms", "null"}), 422,
		"/limits/deadline_ms", "null");
	refused("", 0, QUERY({"hash_seed", "-1"}), 422, "/hash_seed",
		"4294967295");
	refused("", 0, QUERY({"lens", "nope"}), 422, "/lenses",
		"bytecode, refcounts, gc, timing");
	refused("", 0, QUERY({"lens", "gc,"}), 422, "/lenses", "\"\"");
	refused("", 0, QUERY({"lens", "gc"}, {"lenses", "gc"}), 422, "/lenses",
		"twice");
	refused("", 0, QUERY({"nope", "1"}), 422, "/nope", "parameters are");
	refused("", 0, QUERY({"a/b", NULL}), 422, "/a~1b", "parameters are");
	refused("", 0, QUERY({"start", "warm"}, {"start", "cold"}), 422,
		"/start", "more than once");
	refused("", 0, QUERY({"start", "Warm"}), 422, "/start", "\"Warm\"");
	refused("", 0, QUERY({"runtime", ""}), 422, "/runtime", "runtimes");
}

static void
test_many_parameters(unused void **state)
{
	struct query_item query[1000];

	for (size_t i = 0; i < 1000; i++)
		query[i] = (struct query_item){"arg", "x"};
	struct run_request q = accepted("", 0, query, MAX_ARGS);
	assert_int_equal(q.nargs, MAX_ARGS);
	run_request_clear(&q);
	refused("", 0, query, MAX_ARGS + 1, 422, "/args", "at most");
}

static void
test_code(unused void **state)
{
	refused("a\n\0b", 4, NULL, 0, 422, "/code", "line 2");
	refused("ab\xff", 3, NULL, 0, 400, NULL, "Byte offset 2 of 3");
	refused("\n\n# coding: latin-1\n\xff", 21, NULL, 0, 400, NULL,
		"Byte offset 20");
	refused("x = 1 # encoding\n\xff", 18, NULL, 0, 400, NULL, "PEP 263");
	struct run_request q =
		accepted("#!x\n# -*- coding: latin-1 -*-\n\xff", 31, NULL, 0);
	assert_int_equal(q.code.n, 31);
	run_request_clear(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_query_faults),
		cmocka_unit_test(test_many_parameters),
		cmocka_unit_test(test_code),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
