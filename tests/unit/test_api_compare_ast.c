/*
 * What parts two readings of a source.  Where they differ as versions of
 * CPython do, it is by its documents: comprehensions are inlined from 3.12 on
 * (PEP 709), f-strings are tokens from 3.12 on (PEP 701).  What is expected is
 * by hand.
 */
#include "tests/unit/compared.h"

#define AST                                                                    \
	"'ast': {'stages': [%s], 'tokens': [%s], 'tree': [%s], 'symbols': "    \
	"[%s], 'code': [%s], 'truncated': %s}"
#define WHOLE                                                                  \
	"{'part': 'tree', 'state': 'whole', 'rows': 3, 'why': null, 'error': " \
	"null}"
#define NODE(at, id)                                                           \
	"{'type': 'Name', 'parent': 0, 'field': 'body', 'index': 0, "          \
	"'positions': " at ", 'values': {'id': '" id "', 'ctx': 'Load'}}"

static json_t *
read_as(const char *stages, const char *tokens, const char *tree,
	const char *symbols, const char *code)
{
	char *lens;

	assert_true(asprintf(&lens, AST, stages, tokens, tree, symbols, code,
			    "false") >= 0);
	json_t *j = ran("", lens);
	free(lens);
	return j;
}

/* The difference of two that only differ in one part. */
static json_t *
parted(const char *part, const char *a, const char *b)
{
	json_t *run[2];

	for (int i = 0; i < 2; i++) {
		const char *rows = i ? b : a;
		run[i] = read_as("", strcmp(part, "tokens") ? "" : rows,
			strcmp(part, "tree") ? "" : rows,
			strcmp(part, "symbols") ? "" : rows,
			strcmp(part, "code") ? "" : rows);
	}
	return two(BIT(LENS_AST), run[0], run[1]);
}

/* Columns, ends and numbers of rows may differ. */
static void
test_same(unused void **state)
{
	json_t *j = two(BIT(LENS_AST),
		read_as(WHOLE, "", NODE("[1, 1, 0, 1]", "a"), "", ""),
		read_as("{'part': 'tree', 'state': 'whole', 'rows': 4, 'why': "
			"null, 'error': null}",
			"", NODE("[1, 2, 5, 9]", "a"), "", ""));

	assert_true(json_is_true(at(j, "same.ast")));
	assert_true(json_is_true(at(j, "all_same")));
	json_decref(j);
}

static void
test_cut(unused void **state)
{
	char *lens;

	assert_true(asprintf(&lens, AST, "", "", "", "", "", "true") >= 0);
	json_t *j = two(BIT(LENS_AST), ran("", lens), ran("", lens));
	assert_true(json_is_null(at(j, "same.ast")));
	equal(at(j, "differences.ast.incomplete"), "['r0', 'r1']");
	json_decref(j);
	free(lens);
}

static void
test_nodes(unused void **state)
{
	json_t *j = parted("tree", NODE("[1, 1, 0, 1]", "a"),
		NODE("[1, 1, 0, 1]", "b") ", {'type': null, 'parent': 0, "
					  "'field': 'keys', 'index': 1, "
					  "'positions': null, 'values': {}}");

	assert_true(json_is_false(at(j, "same.ast")));
	equal(at(j, "differences.ast.against_baseline.0.tree"),
		"[{'tag': 'replace', 'a_from': 0, 'a_to': 1, 'b_from': 0, "
		"'b_to': 2, 'a': ['line 1  body 0: Name  id=\\\"a\\\"  "
		"ctx=\\\"Load\\\"'], 'b': ['line 1  body 0: Name  "
		"id=\\\"b\\\"  ctx=\\\"Load\\\"', '  keys 1: None']}]");
	equal(at(j, "differences.ast.against_baseline.0.code"), "[]");
	equal(at(j, "differences.ast.against_baseline.0.changes"), "[]");
	json_decref(j);
}

static void
test_tokens(unused void **state)
{
	json_t *j = parted("tokens",
		"{'type': 'STRING', 'exact': 'STRING', 'string': 'f{a}', "
		"'positions': [1, 1, 0, 4]}",
		"{'type': 'FSTRING_START', 'exact': 'FSTRING_START', "
		"'string': 'f', 'positions': [1, 1, 0, 1]}, {'type': 'OP', "
		"'exact': 'LBRACE', 'string': '{', 'positions': [1, 1, 1, 2]}");

	equal(at(j, "differences.ast.against_baseline.0.tokens.0.a"),
		"['line 1  STRING  \\\"f{a}\\\"']");
	equal(at(j, "differences.ast.against_baseline.0.tokens.0.b"),
		"['line 1  FSTRING_START  \\\"f\\\"', 'line 1  OP LBRACE  "
		"\\\"{\\\"']");
	json_decref(j);
}

#define SCOPE(name, symbols)                                                   \
	"{'name': '" name "', 'type': 'function', 'line': 2, 'parent': 0, "    \
	"'code': 1, 'nested': false, 'optimized': true, 'symbols': "           \
	"[" symbols "]}"

static void
test_scopes(unused void **state)
{
	json_t *j = parted("symbols",
		SCOPE("f", "{'name': 'x', 'scope': 'cell', "
			   "'flags': "
			   "['parameter'], 'ops': "
			   "['LOAD_CLOSURE']}") ", " SCOPE("listco"
							   "mp",
			""),
		SCOPE("f", "{'name': 'x', 'scope': 'local', "
			   "'flags': "
			   "['parameter'], 'ops': "
			   "['LOAD_FAST']}"));

	equal(at(j, "differences.ast.against_baseline.0.symbols"),
		"[{'tag': 'replace', 'a_from': 1, 'a_to': 3, 'b_from': 1, "
		"'b_to': 2, 'a': ['x in f  cell  parameter  LOAD_CLOSURE', "
		"'scope listcomp  function, line 2, optimized'], 'b': ['x in "
		"f  local  parameter  LOAD_FAST']}]");
	json_decref(j);
}

#define CODE(consts)                                                           \
	"{'name': 'f', 'qualname': 'f', 'parent': 0, 'first_line': 1, "        \
	"'arg_count': 1, 'posonly_arg_count': 0, 'kwonly_arg_count': 0, "      \
	"'stack_size': 2, 'flags': ['OPTIMIZED', 'NEWLOCALS'], 'varnames': "   \
	"['x'], 'cellvars': [], 'freevars': [], 'names': [], 'consts': "       \
	"[" consts "]}"

/* The elements of a frozenset have no order of their own. */
static void
test_code(unused void **state)
{
	json_t *j = parted("code", CODE("'frozenset({1, 2})'"),
		CODE("'frozenset({2, 1})'"));

	assert_true(json_is_true(at(j, "same.ast")));
	json_decref(j);
	j = parted("code", CODE("'1'"), CODE("'2', '3'"));
	equal(at(j, "differences.ast.against_baseline.0.code.0.a"),
		"['consts of f: 1']");
	equal(at(j, "differences.ast.against_baseline.0.code.0.b"),
		"['consts of f: 2, 3']");
	json_decref(j);
}

#define FAILED(message, line)                                                  \
	"{'part': 'tree', 'state': 'failed', 'rows': 0, 'why': null, "         \
	"'error': {'type': 'SyntaxError', 'message': '" message                \
	"', 'positions': [" line ", null, 3, null]}}"

static void
test_errors(unused void **state)
{
	json_t *j = two(BIT(LENS_AST),
		read_as(FAILED("invalid syntax", "1"), "", "", "", ""),
		read_as(FAILED("was never closed", "1"), "", "", "", ""));

	equal(at(j, "differences.ast.against_baseline.0.changes"),
		"[{'path': '/stages/0/error', 'a': 'SyntaxError: invalid "
		"syntax, line 1', 'b': 'SyntaxError: was never closed, line "
		"1'}]");
	json_decref(j);
}

/* Claims may be anything. */
static void
test_odd(unused void **state)
{
	static const char *const odd[] = {"{}", "{'type': 3, 'positions': 4}",
		"{'symbols': [1, {}], 'name': []}",
		"{'values': {'x': [{}]}, 'positions': ['a']}"};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		for (size_t k = 0; k < sizeof(odd) / sizeof(*odd); k++)
			json_decref(two(BIT(LENS_AST),
				read_as(odd[i], odd[i], odd[i], odd[i], odd[i]),
				read_as(odd[k], odd[k], odd[k], odd[k],
					odd[k])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_odd),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
