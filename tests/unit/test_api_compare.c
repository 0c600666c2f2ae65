/*
 * What parts runs.  The replies are written by hand; where they differ as
 * versions of CPython do, it is by what its documents say: What's New in 3.12
 * (comprehensions are inlined, PEP 709; immortal objects, PEP 683), in 3.14
 * (math.sqrt's message, LOAD_FAST_BORROW), and the manual of dis (jumps lead to
 * labels from 3.13 on).  What is expected is by hand.
 */
#include "tests/unit/compared.h"

static void
test_same(unused void **state)
{
	json_t *j = two(0, ran("1\\n", ""), ran("1\\n", ""));

	equal(j, "{'id': 'cmp_x', 'runtimes': ['r0', 'r1'], 'baseline': 'r0', "
		 "'all_same': true, 'same': {'verdict': true, 'output': true}, "
		 "'differences': {'verdict': {'groups': [['r0', 'r1']], "
		 "'incomplete': [], 'against_baseline': []}, 'output': "
		 "{'groups': [['r0', 'r1']], 'incomplete': [], "
		 "'against_baseline': []}}}");
	json_decref(j);
}

static void
test_groups(unused void **state)
{
	json_t *const runs[] = {ran("a", ""), ran("b", ""), ran("a", ""),
		ran("c", ""), ran("b", "")};
	json_t *j = compared(0, 5, runs);

	equal(at(j, "differences.output.groups"),
		"[['r0', 'r2'], ['r1', 'r4'], ['r3']]");
	equal(at(j, "differences.output.against_baseline.0.runtimes"),
		"['r1', 'r4']");
	equal(at(j, "differences.output.against_baseline.1.runtimes"),
		"['r3']");
	equal(at(j, "same"), "{'verdict': true, 'output': false}");
	equal(at(j, "all_same"), "false");
	json_decref(j);
}

/* One that has no run is in no group, and it is not known what it would be. */
static void
test_problem(unused void **state)
{
	json_t *const some[] = {NULL, ran("a", ""), ran("a", "")};
	json_t *const none[] = {NULL, NULL};
	json_t *const other[] = {ran("a", ""), NULL, ran("b", "")};
	json_t *j = compared(0, 3, some);

	equal(at(j, "baseline"), "'r1'");
	equal(at(j, "differences.output.groups"), "[['r1', 'r2']]");
	equal(at(j, "same.output"), "true");
	equal(at(j, "all_same"), "null");
	json_decref(j);
	j = compared(0, 2, none);
	equal(at(j, "baseline"), "null");
	equal(at(j, "differences.output.groups"), "[]");
	equal(at(j, "same.output"), "null");
	equal(at(j, "all_same"), "null");
	json_decref(j);
	j = compared(0, 3, other);
	equal(at(j, "all_same"), "false");
	json_decref(j);
}

static void
test_results(unused void **state)
{
	struct run_request q = {0};
	json_t *run = ran("1", ""), *problem = json("{'status': 503}");
	const struct compare_one ones[] = {
		{"r0", run, NULL}, {"r1", NULL, problem}};
	json_t *j = compare_json("cmp_x", &q, ones, 2);

	assert_true(json_equal(at(j, "results.0.run"), run));
	equal(at(j, "results.0.problem"), "null");
	equal(at(j, "results.1"),
		"{'runtime': 'r1', 'run': null, 'problem': {'status': 503}}");
	json_decref(j);
	json_decref(run);
	json_decref(problem);
}

static json_t *
failed(const char *type, const char *message)
{
	return json("{'status': 'error', 'exit_code': 1, 'signal': null, "
		    "'limit': null, 'exception': {'type': '%s', 'message': "
		    "'%s', 'phase': 'run', 'line': 2, 'text': 'whatever'}, "
		    "'stdout': {'text': ''}, 'stderr': {'text': ''}}",
		type, message);
}

static void
test_verdict(unused void **state)
{
	json_t *j = two(0, failed("ValueError", "math domain error"),
		failed("ValueError", "expected a nonnegative input, got -1.0"));

	equal(at(j, "differences.verdict.against_baseline.0"),
		"{'runtimes': ['r1'], 'truncated': false, 'changes': [{'path': "
		"'/exception/message', 'a': 'math domain error', 'b': "
		"'expected a nonnegative input, got -1.0'}]}");
	json_decref(j);
	/* An address is not what went wrong. */
	j = two(0, failed("T", "<X object at 0x7f01> is no number"),
		failed("T", "<X object at 0x7fff> is no number"));
	equal(at(j, "same.verdict"), "true");
	json_decref(j);
	/* How much of a limit was used is not compared, which it was is. */
	j = two(0,
		json("{'status': 'limit', 'limit': {'name': 'wall', 'used': "
		     "1}}"),
		json("{'status': 'limit', 'limit': {'name': 'wall', 'used': "
		     "2}}"));
	equal(at(j, "same.verdict"), "true");
	json_decref(j);
	j = two(0, json("{'status': 'limit', 'limit': {'name': 'wall'}}"),
		json("{'status': 'limit', 'limit': {'name': 'cpu'}}"));
	equal(at(j, "differences.verdict.against_baseline.0.changes"),
		"[{'path': '/limit', 'a': 'wall', 'b': 'cpu'}]");
	json_decref(j);
	j = two(0, ran("", ""), failed("T", ""));
	equal(at(j, "differences.verdict.against_baseline.0.changes.0"),
		"{'path': '/status', 'a': 'ok', 'b': 'error'}");
	json_decref(j);
}

static void
test_output(unused void **state)
{
	json_t *j = two(0, ran("1\\n2\\n3\\n", ""), ran("1\\n2b\\n3", ""));

	/* The last line has no end on one side. */
	equal(at(j, "differences.output.against_baseline.0"),
		"{'runtimes': ['r1'], 'truncated': false, 'stderr': null, "
		"'stdout': {'first_byte': 3, 'only_addresses': false, 'edits': "
		"[{'tag': 'replace', 'a_from': 1, 'a_to': 3, 'b_from': 1, "
		"'b_to': 3, 'a': ['2\\n', '3\\n'], 'b': ['2b\\n', '3']}]}}");
	json_decref(j);
	j = two(0, ran("a\\n", ""), ran("", ""));
	equal(at(j, "differences.output.against_baseline.0.stdout.edits"),
		"[{'tag': 'delete', 'a_from': 0, 'a_to': 1, 'b_from': 0, "
		"'b_to': 0, 'a': ['a\\n'], 'b': []}]");
	json_decref(j);
	j = two(0, ran("<object object at 0x7f12a0>\\n", ""),
		ran("<object object at 0x7f45b0>\\n", ""));
	equal(at(j, "differences.output.against_baseline.0.stdout"
		    ".only_addresses"),
		"true");
	equal(at(j, "same.output"), "false");
	json_decref(j);
}

static void
test_output_bytes(unused void **state)
{
	/* "ab\xff" and "ac" */
	json_t *j = two(0,
		json("{'stdout': {'base64': 'YWL/'}, 'stderr': {'text': ''}}"),
		json("{'stdout': {'text': 'ac'}, 'stderr': {'text': ''}}"));

	equal(at(j, "differences.output.against_baseline.0.stdout"),
		"{'first_byte': 1, 'only_addresses': false, 'edits': null}");
	json_decref(j);
	/* The text of base64 is not its bytes. */
	j = two(0,
		json("{'stdout': {'base64': '/w=='}, 'stderr': {'text': ''}}"),
		json("{'stdout': {'text': '/w=='}, 'stderr': {'text': ''}}"));
	equal(at(j, "same.output"), "false");
	json_decref(j);
}

/* What is not all there may differ in what is not. */
static void
test_incomplete(unused void **state)
{
	json_t *a = ran("1", ""), *b = ran("1", "");

	json_object_set_new(at(b, "stdout"), "truncated", json_true());
	json_t *j = two(0, a, b);
	equal(at(j, "differences.output.incomplete"), "['r1']");
	equal(at(j, "same.output"), "null");
	equal(at(j, "all_same"), "null");
	json_decref(j);
}

/* --- bytecode ------------------------------------------------------------- */

/* "offset op argrepr line" for each, with | between; a * before op: it is
 * jumped to. */
static json_t *
instructions(const char *text)
{
	json_t *list = json_array();
	char *copy = strdup(text), *save = NULL;

	for (char *one = strtok_r(copy, "|", &save); one;
		one = strtok_r(NULL, "|", &save)) {
		char op[64], repr[128] = "";
		int offset, line;
		assert_int_equal(sscanf(one, " %d %63s %d %127[^\n]", &offset,
					 op, &line, repr) >= 3,
			1);
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:i, s:s, s:i, s:b}", "offset",
				offset, "op", op[0] == '*' ? op + 1 : op, "arg",
				7, "argrepr", repr, "line", line, "jump_target",
				op[0] == '*'));
	}
	free(copy);
	return list;
}

static json_t *
code(const char *name, int line, const char *text, const char *more)
{
	json_t *j = json("{'name': '%s', 'qualname': '%s', 'first_line': %d, "
			 "'stack_size': 2, 'exception_table': [] %s}",
		name, name, line, more);

	json_object_set_new(j, "instructions", instructions(text));
	return j;
}

static json_t *
lens_of(json_t *first, json_t *second)
{
	json_t *j = ran("", "");
	json_t *codes = json_array();

	json_array_append_new(codes, first);
	if (second)
		json_array_append_new(codes, second);
	json_object_set_new(at(j, "lenses"), "bytecode",
		json_pack("{s:o, s:b}", "code_objects", codes, "truncated", 0));
	return j;
}

static json_t *
two_codes(json_t *a, json_t *b)
{
	return two(BIT(LENS_BYTECODE), lens_of(a, NULL), lens_of(b, NULL));
}

#define FIRST "differences.bytecode.against_baseline.0"

/* def add(a, b): return a + b, as 3.11 and as 3.14 compile it. */
static void
test_bytecode(unused void **state)
{
	static const char old[] = "0 RESUME 1 |2 LOAD_FAST 2 a|4 LOAD_FAST 2 b|"
				  "6 BINARY_OP 2 +|10 RETURN_VALUE 2";
	static const char new[] =
		"0 RESUME 1 |2 LOAD_FAST_BORROW_LOAD_FAST_BORROW 2 a, b|"
		"4 BINARY_OP 2 +|16 RETURN_VALUE 2";
	json_t *j = two_codes(code("add", 1, old, ""), code("add", 1, new, ""));

	equal(at(j, FIRST),
		"{'runtimes': ['r1'], 'truncated': false, 'totals': "
		"{'code_objects': {'a': 1, 'b': 1}, 'instructions': {'a': 5, "
		"'b': 4}}, 'code_objects': [{'qualname': 'add', 'first_line': "
		"1, 'only': null, 'instructions': {'a': 5, 'b': 4}, 'changes': "
		"[], 'edits': [{'tag': 'replace', 'a_from': 1, 'a_to': 3, "
		"'b_from': 1, 'b_to': 2, 'a': ['LOAD_FAST a', 'LOAD_FAST b'], "
		"'b': ['LOAD_FAST_BORROW_LOAD_FAST_BORROW a, b']}]}]}");
	json_decref(j);
	/* Offsets are not what it does; attributes are. */
	j = two_codes(code("add", 1, old, ""),
		code("add", 1,
			"0 RESUME 1 |8 LOAD_FAST 2 a|9 LOAD_FAST 2 b|"
			"16 BINARY_OP 2 +|20 RETURN_VALUE 2",
			""));
	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	j = two_codes(code("add", 1, old, ", 'flags': ['OPTIMIZED']"),
		code("add", 1, old, ", 'flags': ['OPTIMIZED', 'NEWLOCALS']"));
	equal(at(j, FIRST ".code_objects.0.changes"),
		"[{'path': '/flags', 'a': ['OPTIMIZED'], 'b': ['OPTIMIZED', "
		"'NEWLOCALS']}]");
	json_decref(j);
}

/* A jump leads to the same instruction, whether dis says an offset or a label,
 * and whatever was put in between. */
static void
test_jumps(unused void **state)
{
	static const char offsets[] =
		"0 RESUME 1 |2 LOAD_NAME 1 a|4 POP_JUMP_IF_FALSE 1 to 10|"
		"6 LOAD_CONST 2 1|8 POP_TOP 2|10 *LOAD_CONST 3 None|"
		"12 RETURN_VALUE 3";
	static const char labels[] =
		"0 RESUME 1 |2 LOAD_NAME 1 a|4 POP_JUMP_IF_FALSE 1 to L1|"
		"12 LOAD_CONST 2 1|14 POP_TOP 2|16 *LOAD_CONST 3 None|"
		"18 RETURN_VALUE 3";
	static const char more[] =
		"0 RESUME 1 |2 LOAD_NAME 1 a|4 POP_JUMP_IF_FALSE 1 to L1|"
		"6 NOT_TAKEN 1 |8 LOAD_CONST 2 1|10 POP_TOP 2|"
		"12 *LOAD_CONST 3 None|14 RETURN_VALUE 3";
	json_t *j =
		two_codes(code("m", 1, offsets, ""), code("m", 1, labels, ""));

	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	j = two_codes(code("m", 1, offsets, ""), code("m", 1, more, ""));
	equal(at(j, FIRST ".code_objects.0.edits"),
		"[{'tag': 'insert', 'a_from': 3, 'a_to': 3, 'b_from': 3, "
		"'b_to': 4, 'a': [], 'b': ['NOT_TAKEN 7']}]");
	json_decref(j);
	/* To the same line, and not to the same instruction. */
	j = two_codes(code("m", 1, offsets, ""),
		code("m", 1,
			"0 RESUME 1 |2 LOAD_NAME 1 a|"
			"4 POP_JUMP_IF_FALSE 1 to 12|6 LOAD_CONST 2 1|"
			"8 POP_TOP 2|10 LOAD_CONST 3 None|12 *RETURN_VALUE 3",
			""));
	equal(at(j, FIRST ".code_objects.0.edits"),
		"[{'tag': 'replace', 'a_from': 2, 'a_to': 3, 'b_from': 2, "
		"'b_to': 3, 'a': ['POP_JUMP_IF_FALSE to 10'], 'b': "
		"['POP_JUMP_IF_FALSE to 12']}]");
	json_decref(j);
	/* There is no such label: it says what it says. */
	j = two_codes(code("m", 1, "0 JUMP 1 to L5", ""),
		code("m", 1, "0 JUMP 1 to L6", ""));
	equal(at(j, "same.bytecode"), "false");
	json_decref(j);
}

/* [x for x in y] is a function of its own before 3.12. */
static void
test_only_here(unused void **state)
{
	static const char f[] = "0 RETURN_VALUE 1";
	json_t *j = two(BIT(LENS_BYTECODE),
		lens_of(code("<module>", 1, f, ""),
			code("<listcomp>", 1, f, "")),
		lens_of(code("<module>", 1, f, ""), NULL));

	equal(at(j, FIRST ".code_objects"),
		"[{'qualname': '<listcomp>', 'first_line': 1, 'only': 'a', "
		"'instructions': {'a': 1, 'b': 0}, 'changes': [], 'edits': "
		"[]}]");
	equal(at(j, FIRST ".totals.code_objects"), "{'a': 2, 'b': 1}");
	json_decref(j);
	j = two(BIT(LENS_BYTECODE), lens_of(code("<module>", 1, f, ""), NULL),
		lens_of(code("<module>", 1, f, ""),
			code("__annotate__", 1, f, "")));
	equal(at(j, FIRST ".code_objects.0.only"), "'b'");
	json_decref(j);
	/* By name, when the first line is another; then it is said. */
	j = two_codes(code("f", 1, f, ""), code("f", 2, f, ""));
	equal(at(j, FIRST ".code_objects.0.only"), "null");
	equal(at(j, FIRST ".code_objects.0.changes"),
		"[{'path': '/first_line', 'a': 1, 'b': 2}]");
	json_decref(j);
	/* Before 3.11 code objects have no qualified name. */
	json_t *old = code("f", 3, f, ""), *qualified = code("f", 3, f, "");
	json_object_set_new(qualified, "qualname", json_string("C.f"));
	j = two_codes(old, qualified);
	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	old = code("f", 3, f, "");
	qualified = code("f", 3, "0 RETURN_CONST 1", "");
	json_object_set_new(qualified, "qualname", json_string("C.f"));
	j = two_codes(old, qualified);
	equal(at(j, FIRST ".code_objects.0.qualname"), "'C.f'");
	equal(at(j, FIRST ".code_objects.0.changes"), "[]");
	json_decref(j);
	/* The other way round: never "not the same" without a word. */
	j = two(BIT(LENS_BYTECODE),
		lens_of(code("f", 1, f, ""), code("g", 2, f, "")),
		lens_of(code("g", 2, f, ""), code("f", 1, f, "")));
	equal(at(j, "same.bytecode"), "false");
	assert_int_equal(json_array_size(at(j, FIRST ".code_objects")), 1);
	json_decref(j);
}

/* Addresses of nested code objects, and the order of a frozenset, which follows
 * a secret. */
static void
test_masks(unused void **state)
{
	json_t *j = two_codes(
		code("m", 1,
			"0 LOAD_CONST 1 <code object f at 0x7f12, line 1>|"
			"2 LOAD_CONST 2 frozenset({1, 2})",
			", 'consts': ['<code object f at 0x7f12, line 1>']"),
		code("m", 1,
			"0 LOAD_CONST 1 <code object f at 0xabc, line 1>|"
			"2 LOAD_CONST 2 frozenset({2, 1})",
			", 'consts': ['<code object f at 0xabc, line 1>']"));

	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	j = two_codes(code("m", 1, "0 LOAD_CONST 2 frozenset({1, 2})", ""),
		code("m", 1, "0 LOAD_CONST 2 frozenset({1, 3})", ""));
	equal(at(j, "same.bytecode"), "false");
	json_decref(j);
}

static void
test_exception_table(unused void **state)
{
	static const char f[] = "0 A 1|2 B 1|4 *C 2";
	static const char g[] = "0 A 1|6 B 1|8 *C 2";
	static const char h[] = "0 A 1|2 N 1|4 B 1|6 *C 2";
#define TABLE(start, end, target)                                              \
	", 'exception_table': [{'start': " #start ", 'end': " #end             \
	", 'target': " #target ", 'depth': 0, 'lasti': false}]"
	json_t *j = two_codes(code("m", 1, f, TABLE(0, 4, 4)),
		code("m", 1, g, TABLE(0, 8, 8)));

	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	/* Basic blocks follow from instructions and table, in offsets. */
	j = two_codes(code("m", 1, f,
			      ", 'blocks': [{'start': 0, 'end': 6, 'depth': "
			      "0}]"),
		code("m", 1, g,
			", 'blocks': [{'start': 0, 'end': 10, 'depth': 0}]"));
	equal(at(j, "same.bytecode"), "true");
	json_decref(j);
	/* B is covered, or not. */
	j = two_codes(code("m", 1, f, TABLE(0, 4, 4)),
		code("m", 1, f, TABLE(0, 2, 4)));
	equal(at(j, FIRST ".code_objects.0.changes.0"),
		"{'path': '/exception_table', 'a': [{'from': 0, 'to': 2, "
		"'target': 2, 'depth': 0, 'lasti': false}], 'b': [{'from': 0, "
		"'to': 1, 'target': 2, 'depth': 0, 'lasti': false}]}");
	json_decref(j);
	/* What was put in moved it, and did not change it. */
	j = two_codes(code("m", 1, f, TABLE(0, 4, 4)),
		code("m", 1, h, TABLE(0, 6, 6)));
	equal(at(j, FIRST ".code_objects.0.changes"), "[]");
	json_decref(j);
}

/* Never "not the same" without saying where. */
static void
test_says_where(unused void **state)
{
	static const char *const ops[] = {"A", "B", "*C"};
	static const char *const args[] = {"", "x", "to 4", "to 8", "to L1"};
	char text[2][512];

	srand(2);
	for (int round = 0; round < 3000; round++) {
		json_t *c[2];
		for (int k = 0; k < 2; k++) {
			int n = 0, count = 1 + rand() % 6;
			for (int i = 0; i < count; i++)
				n += sprintf(text[k] + n, "%d %s %d %s|", 2 * i,
					ops[rand() % 3], 1 + rand() % 2,
					args[rand() % 5]);
			c[k] = code("f", 1, text[k],
				rand() % 2 ? TABLE(0, 4, 6) : TABLE(2, 4, 4));
		}
		json_t *j = two_codes(c[0], c[1]);
		if (json_is_false(at(j, "same.bytecode"))) {
			const json_t *one = at(j, FIRST ".code_objects.0");
			if (!json_array_size(at(one, "changes")) &&
				!json_array_size(at(one, "edits")))
				fail_msg("%s and %s", text[0], text[1]);
		}
		json_decref(j);
	}
}

/* --- The others ----------------------------------------------------------- */

static json_t *
with_lens(const char *name, const char *value)
{
	char text[2048];

	snprintf(text, sizeof(text), "'%s': %s", name, value);
	return ran("", text);
}

static void
test_gc(unused void **state)
{
#define ONE(generation, duration)                                              \
	"{'generation': " #generation ", 'line': 3, 'function': 'f', "         \
	"'collected': 2, 'uncollectable': 0, 'duration_ns': " #duration "}"
	json_t *j = two(BIT(LENS_GC),
		with_lens("gc", "{'enabled': true, 'thresholds': [700, 10, "
				"10], 'collections': [" ONE(0, 5) ", " ONE(2,
					5) "], 'totals': [{'collections': 1}], "
					   "'truncated': false}"),
		with_lens("gc", "{'enabled': true, 'thresholds': [2000, 10, "
				"0], 'collections': [" ONE(
					2, 9) "], "
					      "'totals': [{'collections': 0}], "
					      "'truncated': "
					      "false}"));

	equal(at(j, "differences.gc.against_baseline.0"),
		"{'runtimes': ['r1'], 'truncated': false, 'changes': [{'path': "
		"'/thresholds', 'a': [700, 10, 10], 'b': [2000, 10, 0]}, "
		"{'path': '/totals/0/collections', 'a': 1, 'b': 0}], "
		"'collections': [{'tag': 'delete', 'a_from': 0, 'a_to': 1, "
		"'b_from': 0, 'b_to': 0, 'a': ['generation 0, line 3 in f: 2 "
		"collected, 0 uncollectable'], 'b': []}]}");
	json_decref(j);
	/* How long one took is no difference, nor what led to it. */
	j = two(BIT(LENS_GC),
		with_lens("gc", "{'collections': [" ONE(0, 5) "]}"),
		with_lens("gc",
			"{'collections': [" ONE(
				0, 6) "], 'pauses': "
				      "[{'sum_ns': 6}], 'counts': {'end': [3, "
				      "0, 0]}, "
				      "'films': [{'collection': 1}], 'filmed': "
				      "{'films': 1}}"));
	equal(at(j, "same.gc"), "true");
	json_decref(j);
}

#define STEP(step, line, counts)                                               \
	"{'step': " #step ", 'line': " #line                                   \
	", 'function': '<module>', 'event': 'line', 'counts': {" counts "}}"

static void
test_refcounts(unused void **state)
{
	json_t *j = two(BIT(LENS_REFCOUNTS),
		with_lens("refcounts",
			"{'steps': [" STEP(1, 1, "'a': 2") ", " STEP(
				2, 2, "'a': 2, 'n': 5000") ", " STEP(3, 2,
				"'a': 2, 'n': 5000") "], 'truncated': false}"),
		with_lens("refcounts",
			"{'steps': [" STEP(
				1, 2, "'a': 2, 'n': 'immortal'") ", " STEP(2, 2,
				"'a': 2, 'n': 'immortal'") ", " STEP(3, 3,
				"'a': 1") "], 'truncated': false}"));

	equal(at(j, "differences.refcounts.against_baseline.0"),
		"{'runtimes': ['r1'], 'truncated': false, 'counts': [{'line': "
		"2, 'function': '<module>', 'event': 'line', 'name': 'n', 'a': "
		"5000, 'b': 'immortal', 'a_step': 2, 'b_step': 1, 'times': "
		"2}], 'steps': [{'tag': 'delete', 'a_from': 0, 'a_to': 1, "
		"'b_from': 0, 'b_to': 0, 'a': ['line 1 in <module>: line'], "
		"'b': []}, {'tag': 'insert', 'a_from': 3, 'a_to': 3, 'b_from': "
		"2, 'b_to': 3, 'a': [], 'b': ['line 3 in <module>: line']}]}");
	json_decref(j);
	/* A name that is bound on one side only. */
	j = two(BIT(LENS_REFCOUNTS),
		with_lens("refcounts", "{'steps': [" STEP(1, 1, "'a': 2") "]}"),
		with_lens(
			"refcounts", "{'steps': [" STEP(1, 1, "'b': 2") "]}"));
	equal(at(j, "differences.refcounts.against_baseline.0.counts.0.b"),
		"null");
	equal(at(j, "differences.refcounts.against_baseline.0.counts.1.a"),
		"null");
	json_decref(j);
}

#define OBJECT(number, type, value, size, more)                                \
	"{'object': " #number ", 'address': 77, 'type': '" type                \
	"', 'value': '" value "', 'refcount': 5, 'size_bytes': " #size         \
	", 'owned_bytes': " #size more "}"

static void
test_objects(unused void **state)
{
	/* Addresses, counts of references and the order in which objects
	 * without a name are met are no difference; nor are a set's slots. */
	const char *first =
		"{'captures': [{'when': 'end', 'line': null, 'names': "
		"[{'name': 'a', 'object': 1}, {'name': 'b', 'object': 1}], "
		"'objects': [" OBJECT(1, "set", "{1, 2}", 216,
			", 'set': {'slots': 8, 'entries': [1]}") ", " OBJECT(2,
			"int", "1", 28,
			", 'int': {'cached': true}") ", " OBJECT(3, "int", "2",
			28, "") "]}], 'growth': []}";
	const char *second =
		"{'captures': [{'when': 'end', 'line': null, 'names': "
		"[{'name': 'a', 'object': 1}, {'name': 'b', 'object': 1}], "
		"'objects': [" OBJECT(1, "set", "{2, 1}", 216,
			", 'set': {'slots': 8, 'entries': [2]}") ", " OBJECT(2,
			"int", "2", 28, "") ", " OBJECT(3, "int", "1", 28,
			", 'int': {'cached': true}") "]}], 'growth': []}";
	json_t *j = two(BIT(LENS_OBJECTS), with_lens("objects", first),
		with_lens("objects", second));

	equal(at(j, "same.objects"), "true");
	json_decref(j);
	/* The size of an instance, and when a list grew. */
#define GROWTH(line)                                                           \
	"{'name': 'a', 'kind': 'list', 'line': " #line                         \
	", 'length': 5, 'from': 4, 'to': 8, 'bytes': 64}"
	j = two(BIT(LENS_OBJECTS),
		with_lens("objects",
			"{'captures': [{'when': 'line', 'line': "
			"3, 'function': "
			"'f', 'names': [{'name': 'p', 'object': "
			"1}], "
			"'objects': [" OBJECT(1, "P", "<P object>", 56,
				", 'instance': {'storage': "
				"'values'}") "]}], "
					     "'growth': [" GROWTH(3) "]}"),
		with_lens("objects",
			"{'captures': [{'when': 'line', 'line': "
			"3, 'function': "
			"'f', 'names': [{'name': 'p', 'object': "
			"1}], "
			"'objects': [" OBJECT(1, "P", "<P object>", 48,
				", 'instance': {'storage': "
				"'values'}") "]}], "
					     "'growth': [" GROWTH(4) "]}"));
	equal(at(j, "differences.objects.against_baseline.0.objects.0.a.0"),
		"'line 3 in f: p = P <P object>, 56 bytes, attributes in: "
		"values'");
	equal(at(j, "differences.objects.against_baseline.0.objects.0.b.0"),
		"'line 3 in f: p = P <P object>, 48 bytes, attributes in: "
		"values'");
	equal(at(j, "differences.objects.against_baseline.0.growth.0.b"),
		"['line 4: list a with 5 items: room 4 → 8, 64 bytes']");
	json_decref(j);
}

/* Two runs on one runtime take other times as well. */
static void
test_timing(unused void **state)
{
	json_t *j = two(BIT(LENS_TIMING),
		with_lens("timing", "{'compile_ns': 1, 'exec_wall_ns': 2, "
				    "'exec_cpu_ns': null}"),
		with_lens("timing", "{'compile_ns': 9, 'exec_wall_ns': 8, "
				    "'exec_cpu_ns': 7}"));

	equal(at(j, "same"),
		"{'verdict': true, 'output': true, 'timing': null}");
	equal(at(j, "all_same"), "true");
	equal(at(j, "differences.timing"),
		"{'figures': [{'runtime': 'r0', 'compile_ns': 1, "
		"'exec_wall_ns': 2, 'exec_cpu_ns': null}, {'runtime': 'r1', "
		"'compile_ns': 9, 'exec_wall_ns': 8, 'exec_cpu_ns': 7}]}");
	json_decref(j);
}

/* A lens that has no comparison of its own: its members. */
static void
test_members(unused void **state)
{
	json_t *a = json("{'x': [{'y': 1, 't_ns': 1}], 's': 'p at 0x1', 'z/~': "
			 "1, 'gone': 1, 'truncated': true}");
	json_t *b = json("{'x': [{'y': 2, 't_ns': 2}, {'y': 3}], 's': 'p at "
			 "0x2', 'z/~': 2, 'truncated': false}");
	json_t *c = json("{'t_ns': 5}"), *d = json("{}");
	size_t work = DIFF_WORK;
	struct compare_room room = {
		COMPARE_ENTRIES, COMPARE_BYTES, false, &work};
	json_t *ret = json_object();

	assert_false(compare_members.same(a, b));
	compare_members.differ(a, b, &room, ret);
	equal(at(ret, "changes"),
		"[{'path': '/x/0/y', 'a': 1, 'b': 2}, {'path': '/x/1', 'a': "
		"null, 'b': {'y': 3}}, {'path': '/z~1~0', 'a': 1, 'b': 2}, "
		"{'path': '/gone', 'a': 1, 'b': null}]");
	assert_false(room.cut);
	assert_false(compare_members.whole(a));
	assert_true(compare_members.whole(b));
	assert_true(compare_members.same(c, d));
	json_decref(a);
	json_decref(b);
	json_decref(c);
	json_decref(d);
	json_decref(ret);
}

/* What is shown has a bound, and says when it met it. */
static void
test_bounds(unused void **state)
{
	enum { LINES = 3000 };
	static char a[LINES * 12], b[LINES * 12];
	size_t n = 0, m = 0;

	for (int i = 0; i < LINES; i++) {
		n += (size_t)sprintf(a + n, "%d\\n", i);
		m += (size_t)sprintf(b + m, i % 10 ? "%d\\n" : "x%d\\n", i);
	}
	json_t *j = two(0, ran(a, ""), ran(b, ""));
	const json_t *one = at(j, "differences.output.against_baseline.0");
	equal(at(one, "truncated"), "true");
	/* Each edit is one line here and one there. */
	assert_int_equal(
		json_array_size(at(one, "stdout.edits")), COMPARE_ENTRIES / 2);
	json_decref(j);
	/* One line that is too long. */
	memset(a, 'a', 5000);
	a[5000] = '\0';
	j = two(0, ran(a, ""), ran("", ""));
	one = at(j, "differences.output.against_baseline.0");
	equal(at(one, "truncated"), "true");
	assert_int_equal(json_string_length(at(one, "stdout.edits.0.a.0")),
		COMPARE_TEXT_BYTES + strlen("…"));
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_problem),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_output_bytes),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_bytecode),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_only_here),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_exception_table),
		cmocka_unit_test(test_says_where),
		cmocka_unit_test(test_gc),
		cmocka_unit_test(test_refcounts),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_timing),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
