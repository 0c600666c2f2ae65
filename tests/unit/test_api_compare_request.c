/*
 * Requests for comparisons: the runtimes, and that all the rest is checked as
 * it is for a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/compare_request.h"
#include "api/problem.h"

#define unused __attribute__((unused))

static struct compare_request
accepted(const char *body)
{
	struct compare_request q;
	struct problem *p = NULL;

	if (compare_request_from_json(body, strlen(body), &q, &p))
		fail_msg("%s\n# gave %s", body, json_dumps(problem_json(p), 0));
	return q;
}

/* The pointers of the faults, with blanks between. */
static void
faults(const char *body, const char *pointers)
{
	struct compare_request q = {.n = 77};
	struct problem *p = NULL;
	char got[512] = "";
	const json_t *e;
	size_t i, n = 0;

	if (compare_request_from_json(body, strlen(body), &q, &p) == 0)
		fail_msg("accepted: %s", body);
	assert_int_equal(q.n, 77); /* untouched */
	json_t *j = problem_json(p);
	assert_int_equal(problem_status(p), 422);
	json_array_foreach(json_object_get(j, "errors"), i, e)
	{
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%s",
			i ? " " : "",
			json_string_value(json_object_get(e, "pointer")));
		assert_true(
			json_string_length(json_object_get(e, "detail")) > 0);
	}
	if (strcmp(got, pointers) != 0)
		fail_msg("%s\n# gave %s", body, json_dumps(j, 0));
	json_decref(j);
	problem_free(p);
}

static void
test_runtimes(unused void **state)
{
	struct compare_request q = accepted(
		"{\"code\": \"x\", \"runtimes\": [\"3.11\", \"3.9\"]}");

	assert_int_equal(q.n, 2);
	assert_string_equal(q.runtimes[0], "3.11");
	assert_string_equal(q.runtimes[1], "3.9");
	assert_false(q.all);
	assert_null(q.run.runtime);
	assert_string_equal(q.run.code.data, "x");
	assert_int_equal(q.run.hash_seed, -1);
	compare_request_clear(&q);
	q = accepted("{\"runtimes\": \"all\", \"code\": \"\", \"lenses\": "
		     "[\"gc\"], \"limits\": {\"wall_ms\": 5}}");
	assert_true(q.all);
	assert_int_equal(q.n, 0);
	assert_int_equal(q.run.lenses, BIT(LENS_GC));
	assert_int_equal(q.run.limits.wall_ms, 5);
	compare_request_clear(&q);
}

static void
test_faults(unused void **state)
{
	faults("{\"code\": \"\"}", "");
	faults("{\"runtimes\": \"all\"}", "");
	faults("{\"code\": \"\", \"runtimes\": []}", "/runtimes");
	faults("{\"code\": \"\", \"runtimes\": \"3.11\"}", "/runtimes");
	faults("{\"code\": \"\", \"runtimes\": \"all\\u0000\"}", "/runtimes");
	faults("{\"code\": \"\", \"runtimes\": null}", "/runtimes");
	faults("{\"code\": \"\", \"runtimes\": {\"3.11\": true}}", "/runtimes");
	faults("{\"code\": \"\", \"runtimes\": [\"3.9\", 3.11, \"\", \"3.9\", "
	       "\"0123456789abcdef\", \"3\\u0000\"]}",
		"/runtimes/1 /runtimes/2 /runtimes/3 /runtimes/4 /runtimes/5");
	/* That member is a run's. */
	faults("{\"code\": \"\", \"runtimes\": \"all\", \"runtime\": "
	       "\"3.11\"}",
		"/runtime");
	/* What a run's check says. */
	faults("{\"code\": 1, \"runtimes\": [\"a\", \"a\"], \"limits\": "
	       "{\"cpu_ms\": 0}}",
		"/code /runtimes/1 /limits/cpu_ms");
	faults("[]", "");
}

static void
test_many(unused void **state)
{
	char body[1024] = "{\"code\": \"\", \"runtimes\": [\"r0\"";
	size_t n = strlen(body);

	for (int i = 1; i < MAX_COMPARED; i++)
		n += (size_t)snprintf(
			body + n, sizeof(body) - n, ", \"r%d\"", i);
	snprintf(body + n, sizeof(body) - n, "]}");
	struct compare_request q = accepted(body);
	assert_int_equal(q.n, MAX_COMPARED);
	compare_request_clear(&q);
	snprintf(body + n, sizeof(body) - n, ", \"more\"]}");
	faults(body, "/runtimes");
}

/* A run knows nothing of it. */
static void
test_run(unused void **state)
{
	static const char body[] = "{\"code\": \"\", \"runtimes\": \"all\"}";
	struct run_request q;
	struct problem *p = NULL;

	assert_int_equal(run_request_from_json(body, strlen(body), &q, &p), -1);
	problem_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runtimes),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
