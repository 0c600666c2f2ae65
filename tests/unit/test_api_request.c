/*
 * Run requests as JSON.  Positions and sizes expected here are counted by hand
 * in the body beside them, or come from the limits table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/problem.h"
#include "api/request.h"
#include "base/buf.h"
#include "base/scope.h"

#define unused __attribute__((unused))

/* The problem that a body meets; the test fails when it meets none. */
static json_t *
problem_of(const char *body, size_t n)
{
	struct run_request q;
	struct problem *p = NULL;

	if (run_request_from_json(body, n, &q, &p) == 0)
		fail_msg("accepted: %.200s", body);
	assert_non_null(p);
	json_t *j = problem_json(p);
	assert_int_equal(problem_status(p),
		json_integer_value(json_object_get(j, "status")));
	problem_free(p);
	return j;
}

static const char *
member(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

/* Exactly one fault, there, in words that hold `says`. */
static void
one_fault(const char *body, const char *pointer, const char *says)
{
	json_t *j = problem_of(body, strlen(body));
	json_t *errors = json_object_get(j, "errors");
	const json_t *e = json_array_get(errors, 0);

	if (json_integer_value(json_object_get(j, "status")) != 422 ||
		json_array_size(errors) != 1 ||
		strcmp(member(e, "pointer"), pointer) != 0 ||
		!strstr(member(e, "detail"), says))
		fail_msg("%s\n# gave %s", body, json_dumps(j, 0));
	json_decref(j);
}

/* Not JSON: 400, in words that hold `says`. */
static void
not_json_n(const char *body, size_t n, const char *says)
{
	json_t *j = problem_of(body, n);

	if (json_integer_value(json_object_get(j, "status")) != 400 ||
		!strstr(member(j, "detail"), says))
		fail_msg("%.100s\n# gave %s", body, json_dumps(j, 0));
	json_decref(j);
}

static void
not_json(const char *body, const char *says)
{
	not_json_n(body, strlen(body), says);
}

static struct run_request
accepted(const char *body)
{
	struct run_request q;
	struct problem *p = NULL;

	if (run_request_from_json(body, strlen(body), &q, &p))
		fail_msg("%s\n# gave %s", body, json_dumps(problem_json(p), 0));
	return q;
}

static void
test_everything(unused void **state)
{
	struct run_request q = accepted(
		"{\"code\": \"print(input())\", \"stdin\": \"h\\u0000\\n\","
		" \"args\": [\"-v\", \"\"], \"files\": [{\"path\": \"a/b.py\","
		" \"text\": \"x\"}, {\"path\": \"d.bin\", \"base64\": "
		"\"AP8=\"}], \"runtime\": \"3.11\", \"start\": \"warm\","
		" \"hash_seed\": 7, \"lenses\": {\"bytecode\": {\"adaptive\": "
		"true, \"show_caches\": false}, \"refcounts\": {\"names\": "
		"[\"a\", \"\xc3\xa9\"]}, \"gc\": {}},"
		" \"limits\": {\"wall_ms\": 60000, \"cpu_ms\": 2e3,"
		" \"processes\": 1}}");

	assert_int_equal(q.code.n, strlen("print(input())"));
	assert_int_equal(q.stdin_bytes.n, 3);
	assert_memory_equal(q.stdin_bytes.data, "h\0\n", 3);
	assert_int_equal(q.nargs, 2);
	assert_string_equal(q.args[0].data, "-v");
	assert_int_equal(q.args[1].n, 0);
	assert_int_equal(q.nfiles, 2);
	assert_string_equal(q.files[0].path, "a/b.py");
	assert_int_equal(q.files[1].content.n, 2);
	assert_memory_equal(q.files[1].content.data, "\0\xff", 2);
	assert_string_equal(q.runtime, "3.11");
	assert_true(q.cold);
	assert_int_equal(q.hash_seed, 7);
	assert_int_equal(q.lenses,
		BIT(LENS_BYTECODE) | BIT(LENS_REFCOUNTS) | BIT(LENS_GC));
	assert_true(q.adaptive);
	assert_int_equal(q.noptions, 3);
	assert_string_equal(q.options[0].name, "bytecode.adaptive");
	assert_string_equal(q.options[0].value, "1");
	assert_string_equal(q.options[1].name, "refcounts.names");
	assert_string_equal(q.options[1].value, "a");
	assert_int_equal(q.limits.wall_ms, 60000);
	assert_int_equal(q.limits.cpu_ms, 2000);
	assert_int_equal(q.limits.processes, 1);
	assert_int_equal(q.limits.output_bytes, 1 * MIB);
	run_request_clear(&q);
}

static void
test_defaults(unused void **state)
{
	struct run_request q = accepted("{\"code\": \"\"}");
	struct limits l = limits_default();

	assert_int_equal(q.code.n, 0);
	assert_non_null(q.code.data);
	assert_non_null(q.stdin_bytes.data);
	assert_null(q.runtime);
	assert_false(q.cold);
	assert_int_equal(q.hash_seed, -1);
	assert_int_equal(q.lenses, 0);
	assert_int_equal(q.deadline_ms, 0);
	assert_memory_equal(&q.limits, &l, sizeof(l));
	run_request_clear(&q);

	q = accepted("{\"code\": \"\", \"hash_seed\": null, \"start\": "
		     "\"cold\", \"stdin\": {\"base64\": \"\"}, \"lenses\": "
		     "[\"timing\", \"gc\"]}");
	assert_true(q.cold);
	assert_int_equal(q.hash_seed, -1);
	assert_int_equal(q.lenses, BIT(LENS_TIMING) | BIT(LENS_GC));
	run_request_clear(&q);
}

static void
test_not_json(unused void **state)
{
	not_json("", "empty");
	not_json("{", "line 1, column 2 (byte offset 1 of 1)");
	not_json("{\"code\": \"a\",\n \xc3\xa9", "line 2");
	not_json("{\"code\": \"a\"} x", "follows after the end");
	not_json("{\"code\": \"a\", \"code\": \"b\"}",
		"twice, at line 1, column 15 ");
	not_json("{'code': 1}", "line 1, column 2 ");
	/* 8 bytes before the one that is wrong; é is one column. */
	not_json("{\"\xc3\xa9\": \"\xff\"}",
		"not UTF-8, at line 1, column 8 (byte offset 8 of 11)");
	not_json("{\"code\": \"\xed\xa0\x80\"}", "not UTF-8");
	/* The escape starts 11 bytes in, on the second line. */
	not_json("{\"code\":\n \"\\ud800\"}",
		"half of a surrogate pair, without the other half, which is "
		"no character, at line 2, column 3 (byte offset 11 of 19)");
	not_json("{\"code\": \"\\ud83d\\ude00 \\\\ud800 \\udc00\"}",
		"column 32 (byte offset 31");
	not_json("{\"co\\u0000de\": 1}", "holds a NUL");
	not_json("{\"code\": \"a\"", "ends in the middle");
	not_json("{\"code\": nul}", "column 10 ");
	not_json("NaN{", "follows after the end");
}

/* A position after a number that was replaced is one in the body as it came:
 * the second value of the first body starts 16 bytes in. */
static void
test_position_after_nan(unused void **state)
{
	not_json("{\"a\": NaN, \"b\": nil}", "byte offset 16 of 20");
	not_json("{\"a\": 1e400, \"b\": nil}", "byte offset 18 of 22");
	not_json("{\"a\": nil, \"b\": 1e400}", "byte offset 6 of 22");
}

static void
test_deep(unused void **state)
{
	size_t n = 100000;
	scope_free char *deep = malloc(n + 1);

	memset(deep, '[', n);
	deep[n] = '\0';
	not_json(deep, "too deep");
	memset(deep, '{', n);
	not_json(deep, "line 1, column 2 ");
}

static void
test_numbers(unused void **state)
{
	const char *range = "a whole number from 1 to 60000 (milliseconds)";

	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":0}}",
		"/limits/wall_ms", range);
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":0}}",
		"/limits/wall_ms", "it is the number 0.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":-1}}",
		"/limits/wall_ms", "the number -1.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":60001}}",
		"/limits/wall_ms", "the number 60001.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":1e400}}",
		"/limits/wall_ms", "too large");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":-1e400}}",
		"/limits/wall_ms", "too small");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":NaN}}",
		"/limits/wall_ms", "it is NaN.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\": Infinity }}",
		"/limits/wall_ms", "it is Infinity.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":-Infinity}}",
		"/limits/wall_ms", "it is -Infinity.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":"
		  "99999999999999999999999}}",
		"/limits/wall_ms", "too large");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":\"5\"}}",
		"/limits/wall_ms", "the string \"5\".");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":1.5}}",
		"/limits/wall_ms", "the number 1.5.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":null}}",
		"/limits/wall_ms", "it is null.");
	one_fault("{\"code\":\"\",\"limits\":{\"wall_ms\":true}}",
		"/limits/wall_ms", "it is true.");
	one_fault("{\"code\":\"\",\"limits\":[]}", "/limits", "an array.");
	one_fault("{\"code\":\"\",\"hash_seed\":4294967296}", "/hash_seed",
		"from 0 to 4294967295");
	one_fault("{\"code\":NaN}", "/code", "it is NaN.");
	/* What stands in a string is no number. */
	run_request_clear(&(struct run_request[]){
		accepted("{\"code\": \"NaN 1e400 \\\" NaN\"}")}[0]);
}

/* Both ends of every limit are inside, one beyond each is not. */
static void
test_limit_bounds(unused void **state)
{
	char body[200];

#define TRY(member, v)                                                         \
	snprintf(body, sizeof(body),                                           \
		"{\"code\":\"\",\"limits\":{\"" #member "\":%llu}}",           \
		(unsigned long long)(v))
#define X(member, fallback, low, high)                                         \
	TRY(member, low);                                                      \
	run_request_clear(&(struct run_request[]){accepted(body)}[0]);         \
	TRY(member, high);                                                     \
	run_request_clear(&(struct run_request[]){accepted(body)}[0]);         \
	TRY(member, (low)-1);                                                  \
	one_fault(body, "/limits/" #member, "a whole number from");            \
	TRY(member, (high) + 1);                                               \
	one_fault(body, "/limits/" #member, "a whole number from");
	LIMITS_TABLE(X)
#undef X
#undef TRY
}

/* The one limit that a request has none of unless it says so. */
static void
test_deadline(unused void **state)
{
	static const struct {
		const char *value;
		uint64_t want;
	} good[] = {{"1", 1}, {"600000", 600000}, {"null", 0}, {"2.5e3", 2500}};
	static const char *const bad[] = {"0", "-1", "600001", "1.5", "\"5\"",
		"true", "NaN", "1e400", "{}"};
	char body[200];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(body, sizeof(body),
			"{\"code\":\"\",\"limits\":{\"deadline_ms\":%s}}",
			good[i].value);
		struct run_request q = accepted(body);
		assert_int_equal(q.deadline_ms, good[i].want);
		run_request_clear(&q);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(body, sizeof(body),
			"{\"code\":\"\",\"limits\":{\"deadline_ms\":%s}}",
			bad[i]);
		one_fault(body, "/limits/deadline_ms",
			"a whole number from 1 to 600000 (milliseconds), or "
			"null for none");
	}
}

static void
test_types(unused void **state)
{
	one_fault("[]", "", "The body must be an object, but it is an array.");
	one_fault("5", "", "the number 5");
	one_fault("{}", "", "\"code\" is missing");
	one_fault("{\"code\": null}", "/code", "it is null");
	one_fault("{\"code\": [\"a\"]}", "/code", "an array");
	one_fault("{\"code\": \"\", \"stdin\": null}", "/stdin", "null");
	one_fault("{\"code\": \"\", \"stdin\": {}}", "/stdin", "missing");
	one_fault("{\"code\": \"\", \"stdin\": {\"base64\": \"A\"}}",
		"/stdin/base64", "offset 1");
	one_fault("{\"code\": \"\", \"stdin\": {\"base64\": \"AAA*\"}}",
		"/stdin/base64", "offset 3");
	one_fault("{\"code\": \"\", \"args\": \"a\"}", "/args", "array");
	one_fault("{\"code\": \"\", \"args\": [\"a\", 1]}", "/args/1",
		"a string, but it is the number 1");
	one_fault("{\"code\": \"\", \"args\": [\"a\\u0000\"]}", "/args/0",
		"NUL character at byte offset 1");
	one_fault("{\"code\": \"\", \"runtime\": 3.11}", "/runtime",
		"the number 3.11");
	one_fault("{\"code\": \"\", \"runtime\": \"\"}", "/runtime",
		"/v1/runtimes");
	one_fault("{\"code\": \"\", \"start\": \"hot\"}", "/start",
		"\"warm\" or \"cold\", but it is the string \"hot\"");
	one_fault(
		"{\"code\": \"\", \"hash_seed\": \"0\"}", "/hash_seed", "null");
}

static void
test_unknown_members(unused void **state)
{
	one_fault("{\"code\": \"\", \"lense\": {}}", "/lense",
		"the members are code, stdin, args");
	one_fault("{\"code\": \"\", \"a/b~c\": 1}", "/a~1b~0c", "\"a/b~c\"");
	one_fault("{\"code\": \"\", \"\": 1}", "/", "\"\"");
	one_fault("{\"code\": \"\", \"limits\": {\"wall\": 1}}", "/limits/wall",
		"wall_ms, cpu_ms");
	one_fault("{\"code\": \"\", \"stdin\": {\"text\": \"\", \"x\": 1}}",
		"/stdin/x", "text, base64");
	one_fault("{\"code\": \"\", \"files\": [{\"path\": \"a\", \"text\": "
		  "\"\", \"name\": 1}]}",
		"/files/0/name", "path, text, base64");
}

static void
test_lenses(unused void **state)
{
	char known[512] = "";

	for (enum lens l = 0; l < LENS_COUNT; l++) {
		strcat(known, l ? ", " : "");
		strcat(known, lens_name(l));
	}
	one_fault("{\"code\":\"\",\"lenses\":[\"gcc\"]}", "/lenses/0", known);
	one_fault("{\"code\":\"\",\"lenses\":[\"gc\",\"gc\"]}", "/lenses/1",
		"twice");
	one_fault("{\"code\":\"\",\"lenses\":{\"x\":{}}}", "/lenses/x", known);
}

static void
test_refcounts_options(unused void **state)
{
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"causes\":1}}}",
		"/lenses/refcounts/causes", "true or false");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"holder\":1}}}",
		"/lenses/refcounts/holder", "names, causes, holders, at");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"holders\":1}}}",
		"/lenses/refcounts/holders", "true or false");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"at\":[7,7]}}}",
		"/lenses/refcounts/at/1", "twice");
	struct run_request r = accepted(
		"{\"code\":\"\",\"lenses\":{\"refcounts\":{\"causes\":true,"
		"\"holders\":false,\"at\":[7]}}}");
	assert_int_equal(r.lenses, BIT(LENS_REFCOUNTS));
	assert_int_equal(r.noptions, 2);
	assert_string_equal(r.options[0].name, "refcounts.causes");
	assert_string_equal(r.options[0].value, "1");
	assert_string_equal(r.options[1].name, "refcounts.at");
	assert_string_equal(r.options[1].value, "7");
	run_request_clear(&r);
}

static void
test_lens_options(unused void **state)
{
	one_fault("{\"code\":\"\",\"lenses\":{\"gc\":true}}", "/lenses/gc",
		"{} for none");
	one_fault("{\"code\":\"\",\"lenses\":{\"gc\":{\"x\":1}}}",
		"/lenses/gc/x", "takes no members");
	one_fault("{\"code\":\"\",\"lenses\":{\"bytecode\":{\"adaptive\":1}}}",
		"/lenses/bytecode/adaptive", "true or false");
	one_fault("{\"code\":\"\",\"lenses\":{\"bytecode\":{\"cache\":true}}}",
		"/lenses/bytecode/cache", "show_caches, adaptive");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"names\":"
		  "[\"a b\"]}}}",
		"/lenses/refcounts/names/0", "name of a variable");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"names\":"
		  "[\"1a\"]}}}",
		"/lenses/refcounts/names/0", "name of a variable");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"names\":"
		  "[\"a\",\"a\"]}}}",
		"/lenses/refcounts/names/1", "twice");
	one_fault(
		"{\"code\":\"\",\"lenses\":{\"refcounts\":{\"names\":[\"\"]}}}",
		"/lenses/refcounts/names/0", "name of a variable");
	one_fault("{\"code\":\"\",\"lenses\":{\"refcounts\":{\"names\":[]}}}",
		"/lenses/refcounts/names", "leave \"names\" out");
	struct run_request q =
		accepted("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":"
			 "[\"tree\",\"code\"]}}}");
	assert_int_equal(q.lenses, BIT(LENS_AST));
	assert_int_equal(q.noptions, 2);
	assert_string_equal(q.options[0].name, "ast.parts");
	assert_string_equal(q.options[0].value, "tree");
	assert_string_equal(q.options[1].value, "code");
	run_request_clear(&q);
	q = accepted(
		"{\"code\":\"\",\"lenses\":{\"tasks\":{\"blocked_ms\":7}}}");
	assert_int_equal(q.lenses, BIT(LENS_TASKS));
	assert_int_equal(q.noptions, 1);
	assert_string_equal(q.options[0].name, "tasks.blocked_ms");
	assert_string_equal(q.options[0].value, "7");
	run_request_clear(&q);
	q = accepted("{\"code\":\"\",\"lenses\":{\"tasks\":{\"virtual_clock\":"
		     "true}}}");
	assert_int_equal(q.noptions, 1);
	assert_string_equal(q.options[0].name, "tasks.virtual_clock");
	run_request_clear(&q);
	q = accepted("{\"code\":\"\",\"lenses\":{\"tasks\":{\"virtual_clock\":"
		     "false}}}");
	assert_int_equal(q.noptions, 0);
	run_request_clear(&q);
	one_fault("{\"code\":\"\",\"lenses\":{\"tasks\":"
		  "{\"virtual_clock\":1}}}",
		"/lenses/tasks/virtual_clock", "true or false");
	one_fault("{\"code\":\"\",\"lenses\":{\"tasks\":"
		  "{\"blocked_ms\":60001}}}",
		"/lenses/tasks/blocked_ms", "from 1 to 60000 milliseconds");
	one_fault("{\"code\":\"\",\"lenses\":{\"tasks\":"
		  "{\"blocked_ms\":\"7\"}}}",
		"/lenses/tasks/blocked_ms", "from 1 to 60000 milliseconds");
	one_fault("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":[]}}}",
		"/lenses/ast/parts", "leave \"parts\" out");
	one_fault("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":"
		  "[\"tokens\",\"tokens\"]}}}",
		"/lenses/ast/parts/1", "twice");
	one_fault("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":"
		  "[\"tokens\\u0000\"]}}}",
		"/lenses/ast/parts/0", "\"symbols\" or \"code\"");
	one_fault("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":[3]}}}",
		"/lenses/ast/parts/0", "\"symbols\" or \"code\"");
	one_fault("{\"code\":\"\",\"lenses\":{\"ast\":{\"parts\":\"code\"}}}",
		"/lenses/ast/parts", "array");
	one_fault("{\"code\":\"\",\"lenses\":7}", "/lenses", "number 7");
}

static void
test_races_options(unused void **state)
{
	struct run_request q = accepted(
		"{\"code\":\"\",\"lenses\":{\"races\":{\"schedules\":1000,"
		"\"seed\":0,\"line\":1}}}");
	assert_int_equal(q.lenses, BIT(LENS_RACES));
	assert_int_equal(q.noptions, 3);
	assert_string_equal(q.options[0].name, "races.schedules");
	assert_string_equal(q.options[0].value, "1000");
	assert_string_equal(q.options[1].name, "races.seed");
	assert_string_equal(q.options[1].value, "0");
	assert_string_equal(q.options[2].name, "races.line");
	assert_string_equal(q.options[2].value, "1");
	run_request_clear(&q);
	one_fault("{\"code\":\"\",\"lenses\":{\"races\":"
		  "{\"schedules\":1001}}}",
		"/lenses/races/schedules", "from 1 to 1000");
	one_fault("{\"code\":\"\",\"lenses\":{\"races\":{\"seed\":-1}}}",
		"/lenses/races/seed", "from 0 to 4294967295");
	one_fault("{\"code\":\"\",\"lenses\":{\"races\":{\"line\":0}}}",
		"/lenses/races/line", "from 1 to 1048576");
}

/* As the lens reads them: sandbox/lenses/objects*.c. */
static void
test_objects_options(unused void **state)
{
	static const char *const want[][2] = {{"objects.names", "a"},
		{"objects.at", "3"}, {"objects.at", "1048577"},
		{"objects.keys", "sx"}, {"objects.keys", "s"},
		{"objects.keys", "i-9223372036854775808"},
		{"objects.attributes", "a.b"},
		{"objects.attributes", "\xc3\xa9.b_1.c"},
		{"objects.growth", "0"}};
	struct run_request q = accepted(
		"{\"code\": \"\", \"lenses\": {\"objects\": {\"names\": "
		"[\"a\"], \"at\": [3, 1048577.0], \"keys\": [\"x\", \"\", "
		"-9223372036854775808], \"attributes\": [\"a.b\", "
		"\"\xc3\xa9.b_1.c\"], \"growth\": false}}}");

	assert_int_equal(q.noptions, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < q.noptions; i++) {
		assert_string_equal(q.options[i].name, want[i][0]);
		assert_string_equal(q.options[i].value, want[i][1]);
	}
	assert_int_equal(q.lenses, BIT(LENS_OBJECTS));
	run_request_clear(&q);
	q = accepted("{\"code\": \"\", \"lenses\": {\"objects\": "
		     "{\"growth\": true, \"at\": []}}}");
	assert_int_equal(q.noptions, 0);
	run_request_clear(&q);
}

static void
objects_fault(const char *options, const char *pointer, const char *says)
{
	char body[600], at[100];

	snprintf(body, sizeof(body),
		"{\"code\":\"\",\"lenses\":{\"objects\":{%s}}}", options);
	snprintf(at, sizeof(at), "/lenses/objects%s", pointer);
	one_fault(body, at, says);
}

static void
test_objects_faults(unused void **state)
{
	char many[400] = "\"at\":[1";

	objects_fault("\"names\":[\"a.b\"]", "/names/0", "name of a variable");
	objects_fault("\"names\":[\"a\",\"a\"]", "/names/1", "twice");
	objects_fault("\"at\":5", "/at", "an array of lines");
	objects_fault("\"at\":[0]", "/at/0", "from 1 to 1048577");
	objects_fault("\"at\":[1048578]", "/at/0", "from 1 to 1048577");
	objects_fault("\"at\":[1.5]", "/at/0", "whole number");
	objects_fault("\"at\":[\"1\"]", "/at/0", "whole number");
	objects_fault("\"at\":[2,2]", "/at/1", "2 is listed twice");
	for (int i = 2; i <= 17; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			",%d", i);
	strcat(many, "]");
	objects_fault(many, "/at", "17 lines here; at most 16");
	objects_fault("\"keys\":[null]", "/keys/0", "a string or a whole");
	objects_fault("\"keys\":[1.5]", "/keys/0", "a string or a whole");
	objects_fault("\"keys\":[99999999999999999999]", "/keys/0",
		"a string or a whole");
	objects_fault("\"keys\":[\"a\\u0000\"]", "/keys/0", "NUL");
	objects_fault("\"keys\":[1,\"1\",1]", "/keys/2", "1 is listed twice");
	objects_fault("\"attributes\":[\"a\"]", "/attributes/0", "\"point.x\"");
	objects_fault(
		"\"attributes\":[\"a.\"]", "/attributes/0", "\"point.x\"");
	objects_fault(
		"\"attributes\":[\".a\"]", "/attributes/0", "\"point.x\"");
	objects_fault(
		"\"attributes\":[\"a.1\"]", "/attributes/0", "\"point.x\"");
	objects_fault("\"attributes\":[\"\"]", "/attributes/0", "\"point.x\"");
	objects_fault(
		"\"attributes\":[\"a.b\",\"a.b\"]", "/attributes/1", "twice");
	objects_fault("\"growth\":1", "/growth", "true or false");
	objects_fault(
		"\"depth\":1", "/depth", "names, at, keys, attributes, growth");
}

static void
one_file(const char *path, const char *pointer, const char *says)
{
	char body[600];

	snprintf(body, sizeof(body),
		"{\"code\":\"\",\"files\":[{\"path\":\"d/a.py\",\"text\":\"\"},"
		"{\"path\":\"%s\",\"text\":\"\"}]}",
		path);
	one_fault(body, pointer, says);
}

static void
test_files(unused void **state)
{
	char longest[300];

	one_file("main.py", "/files/1/path", "the snippet itself");
	one_file("main.py/x", "/files/1/path", "the snippet itself");
	one_file("d/a.py", "/files/1/path", "File 0 has the same path");
	one_file("d", "/files/1/path", "a file and a directory");
	one_file("d/a.py/x", "/files/1/path", "a file and a directory");
	one_file("/etc/passwd", "/files/1/path", "absolute");
	one_file("../x", "/files/1/path", "\"..\"");
	one_file("x/./y", "/files/1/path", "\"..\"");
	one_file("x//y", "/files/1/path", "empty");
	one_file("", "/files/1/path", "empty");
	one_file("a\\u0000b", "/files/1/path", "NUL");
	memset(longest, 'x', 201);
	longest[201] = '\0';
	one_file(longest, "/files/1/path", "longer than 200 bytes");
	one_fault("{\"code\":\"\",\"files\":[3]}", "/files/0", "an object");
	one_fault("{\"code\":\"\",\"files\":[{\"text\":\"\"}]}", "/files/0",
		"needs a \"path\"");
	one_fault("{\"code\":\"\",\"files\":[{\"path\":\"a\"}]}", "/files/0",
		"content is missing");
	one_fault("{\"code\":\"\",\"files\":[{\"path\":\"a\",\"text\":\"\","
		  "\"base64\":\"\"}]}",
		"/files/0", "both here");
	longest[200] = '\0';
	char body[400];
	snprintf(body, sizeof(body),
		"{\"code\":\"\",\"files\":[{\"path\":\"%s\",\"text\":\"\"},"
		"{\"path\":\"dd\",\"text\":\"\"},"
		"{\"path\":\"d/main.py\",\"text\":\"\"}]}",
		longest);
	run_request_clear(&(struct run_request[]){accepted(body)}[0]);
}

static void
test_nul_in_code(unused void **state)
{
	one_fault("{\"code\": \"a\\nbc\\u0000\\u0000\"}", "/code",
		"line 2 of the code, at byte offset 2 of that line (4 of the "
		"whole)");
}

/* A body with one string of n characters. */
static void
sized(struct buf *b, const char *before, size_t n, const char *after)
{
	buf_clear(b);
	buf_printf(b, "%s", before);
	for (size_t i = 0; i < n; i++)
		buf_put(b, "x", 1);
	buf_printf(b, "%s", after);
}

static void
test_sizes(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(20 * MIB);

	sized(&b, "{\"code\":\"", MAX_CODE_BYTES, "\"}");
	run_request_clear(&(struct run_request[]){accepted(b.data)}[0]);
	sized(&b, "{\"code\":\"", MAX_CODE_BYTES + 1, "\"}");
	one_fault(b.data, "/code",
		"1048577 bytes long; at most 1048576 are taken");
	sized(&b, "{\"code\":\"\",\"stdin\":\"", MAX_STDIN_BYTES + 1, "\"}");
	one_fault(b.data, "/stdin", "4194305 bytes");
	sized(&b, "{\"code\":\"\",\"stdin\":{\"base64\":\"",
		MAX_STDIN_BYTES / 3 * 4 + 8, "\"}}");
	one_fault(b.data, "/stdin/base64", "at most");
	sized(&b, "{\"code\":\"\",\"args\":[\"", MAX_ARG_BYTES + 1, "\"]}");
	one_fault(b.data, "/args/0", "32769 bytes");
	sized(&b, "{\"code\":\"", MAX_BODY_BYTES, "\"}");
	json_t *j = problem_of(b.data, b.len);
	assert_int_equal(json_integer_value(json_object_get(j, "status")), 413);
	assert_non_null(strstr(member(j, "detail"), "8388608"));
	json_decref(j);
}

static void
test_counts(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(20 * MIB);

	buf_printf(&b, "{\"code\":\"\",\"args\":[\"\"");
	for (int i = 0; i < MAX_ARGS; i++)
		buf_printf(&b, ",\"\"");
	buf_printf(&b, "]}");
	one_fault(b.data, "/args",
		"There are 65 arguments here; at most 64 are taken.");

	buf_clear(&b);
	buf_printf(&b, "{\"code\":\"\",\"files\":[");
	for (int i = 0; i < 5; i++) {
		buf_printf(
			&b, "%s{\"path\":\"f%d\",\"text\":\"", i ? "," : "", i);
		for (size_t k = 0; k < MAX_FILE_BYTES; k++)
			buf_put(&b, "x", 1);
		buf_printf(&b, "\"}");
	}
	buf_printf(&b, "]}");
	one_fault(b.data, "/files",
		"5242880 bytes in all; at most 4194304 are taken");
}

static void
test_all_faults(unused void **state)
{
	static const char body[] =
		"{\"cod\": 1, \"stdin\": 2, \"args\": [3, \"ok\", 4], "
		"\"limits\": {\"wall_ms\": 0, \"cpu_ms\": NaN}}";
	static const char *const pointers[] = {"/cod", "/stdin", "/args/0",
		"/args/2", "/limits/wall_ms", "/limits/cpu_ms", ""};
	json_t *j = problem_of(body, strlen(body));
	json_t *errors = json_object_get(j, "errors");

	assert_int_equal(json_array_size(errors), 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(
			member(json_array_get(errors, i), "pointer"),
			pointers[i]);
	json_decref(j);
}

/* A hundred thousand faults are counted, and the answer stays small. */
static void
test_many_faults(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(20 * MIB);

	buf_printf(&b, "{\"code\":\"\"");
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, ",\"%d\":1", i);
	buf_printf(&b, "}");
	json_t *j = problem_of(b.data, b.len);
	assert_int_equal(json_array_size(json_object_get(j, "errors")), 64);
	assert_int_equal(
		json_integer_value(json_object_get(j, "errors_omitted")),
		100000 - 64);
	json_decref(j);
}

/* Eight MiB of empty objects would be 600 MiB in memory. */
static void
test_heavy_body(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(20 * MIB);

	buf_printf(&b, "{\"code\":\"\",\"args\":[{}");
	while (b.len < MAX_BODY_BYTES - 10)
		buf_put(&b, ",{}", 3);
	buf_printf(&b, "]}");
	json_t *j = problem_of(b.data, b.len);
	assert_int_equal(json_integer_value(json_object_get(j, "status")), 413);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_not_json),
		cmocka_unit_test(test_position_after_nan),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limit_bounds),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_unknown_members),
		cmocka_unit_test(test_lenses),
		cmocka_unit_test(test_refcounts_options),
		cmocka_unit_test(test_lens_options),
		cmocka_unit_test(test_races_options),
		cmocka_unit_test(test_objects_options),
		cmocka_unit_test(test_objects_faults),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nul_in_code),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_heavy_body),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
