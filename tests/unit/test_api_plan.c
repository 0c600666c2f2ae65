/* Passes and bundles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "api/plan.h"
#include "api/text.h"
#include "wire/bundle.h"

#define unused __attribute__((unused))

static void
test_passes(unused void **state)
{
	struct run_request q = {0};

	assert_int_equal(plan_passes(&q), BIT(PASS_CLEAN));
	q.lenses = BIT(LENS_BYTECODE) | BIT(LENS_TIMING);
	assert_int_equal(plan_passes(&q),
		BIT(PASS_CLEAN) | BIT(PASS_STATIC) | BIT(PASS_LINES));
	q.adaptive = true;
	assert_int_equal(plan_passes(&q), BIT(PASS_CLEAN) | BIT(PASS_STATIC) |
						  BIT(PASS_LINES) |
						  BIT(PASS_ADAPTIVE));
	/* What is undisturbed serves no lens. */
	assert_int_equal(plan_lenses(&q, PASS_CLEAN), 0);
	assert_int_equal(plan_lenses(&q, PASS_LINES), BIT(LENS_TIMING));
	assert_int_equal(plan_lenses(&q, PASS_ADAPTIVE), BIT(LENS_BYTECODE));
	assert_int_equal(plan_lenses(&q, PASS_TRACE), 0);
}

static struct blob
blob(const char *text)
{
	return (struct blob){(char *)text, strlen(text)};
}

/* By what the program and its own modules import, nearer to a new interpreter
 * where a lens looks, and where the whole was timed when lines are. */
static void
test_zygotes(unused void **state)
{
	static const struct {
		const char *code;
		enum zygote clean, trace, lines;
	} rows[] = {
		{"", ZYGOTE_LEAN, ZYGOTE_LENSES, ZYGOTE_LENSES},
		{"import json", ZYGOTE_LIBRARY, ZYGOTE_LENSES, ZYGOTE_LIBRARY},
		{"import numpy", ZYGOTE_NUMPY, ZYGOTE_NUMPY, ZYGOTE_NUMPY},
	};
	struct run_file file = {"deep/x.py", blob("import json")};
	struct run_request q = {.lenses = BIT(LENS_COUNT) - 1, .files = &file};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		q.code = blob(rows[i].code);
		assert_int_equal(plan_zygote(&q, PASS_CLEAN), rows[i].clean);
		assert_int_equal(plan_zygote(&q, PASS_TRACE), rows[i].trace);
		assert_int_equal(plan_zygote(&q, PASS_LINES), rows[i].lines);
	}
	q = (struct run_request){.code = blob(""), .files = &file};
	assert_int_equal(plan_zygote(&q, PASS_CLEAN), ZYGOTE_LEAN);
	q.nfiles = 1;
	assert_int_equal(plan_zygote(&q, PASS_CLEAN), ZYGOTE_LIBRARY);
	file.path = "x.txt";
	assert_int_equal(plan_zygote(&q, PASS_CLEAN), ZYGOTE_LEAN);
}

/* Every lens is in exactly one pass but for the adaptive one, whatever the
 * table grows to. */
static void
test_each_lens_once(unused void **state)
{
	struct run_request q = {.lenses = BIT(LENS_COUNT) - 1};
	uint32_t seen = 0;

	for (enum pass p = 0; p < PASS_COUNT; p++) {
		assert_int_equal(seen & plan_lenses(&q, p), 0);
		seen |= plan_lenses(&q, p);
	}
	assert_int_equal(seen, q.lenses);
}

static void
part_is(const struct buf *b, size_t *at, enum bundle_kind kind,
	const char *name, const char *value)
{
	struct bundle_part p;

	assert_true(bundle_next(b->data, b->len, at, &p));
	assert_int_equal(p.kind, kind);
	assert_int_equal(p.name_len, strlen(name));
	assert_memory_equal(p.name, name, p.name_len);
	assert_int_equal(p.value_len, strlen(value));
	assert_memory_equal(p.value, value, p.value_len);
}

static void
test_bundle(unused void **state)
{
	struct blob args[] = {{"-v", 2}, {"", 0}};
	struct run_file file = {"a/b.py", {"x", 1}};
	struct lens_option option = {"refcounts.names", "a"};
	struct run_request q = {
		.code = {"print()", 7},
		.args = args,
		.nargs = 2,
		.files = &file,
		.nfiles = 1,
		.options = &option,
		.noptions = 1,
	};
	struct buf b = {0};
	struct fail f;
	size_t at = 0;

	assert_int_equal(plan_bundle(&q, &b, &f), 0);
	assert_int_equal(bundle_check(b.data, b.len, &f), 0);
	part_is(&b, &at, BUNDLE_CODE, "", "print()");
	part_is(&b, &at, BUNDLE_ARG, "", "-v");
	part_is(&b, &at, BUNDLE_ARG, "", "");
	part_is(&b, &at, BUNDLE_FILE, "a/b.py", "x");
	part_is(&b, &at, BUNDLE_OPTION, "refcounts.names", "a");
	assert_int_equal(at, b.len);
	buf_free(&b);
}

/* The largest request that is taken has a bundle. */
static void
test_largest_bundle(unused void **state)
{
	static char zeros[MAX_CODE_BYTES] = {0};
	struct blob args[MAX_ARGS];
	struct run_file files[MAX_FILES];
	struct lens_option options[MAX_NAMES + 2];
	struct run_request q = {
		.code = {zeros, MAX_CODE_BYTES},
		.args = args,
		.nargs = MAX_ARGS,
		.files = files,
		.nfiles = MAX_FILES,
		.options = options,
		.noptions = MAX_NAMES + 2,
	};
	struct buf b = {0};
	struct fail f;
	char path[MAX_PATH_BYTES + 1];

	memset(path, 'p', MAX_PATH_BYTES);
	path[MAX_PATH_BYTES] = '\0';
	for (size_t i = 0; i < MAX_ARGS; i++)
		args[i] = (struct blob){zeros, MAX_ARG_BYTES};
	for (size_t i = 0; i < MAX_FILES; i++)
		files[i] = (struct run_file){
			path, {zeros, MAX_FILES_BYTES / MAX_FILES}};
	for (size_t i = 0; i < MAX_NAMES + 2; i++)
		options[i] = (struct lens_option){"refcounts.names", path};
	assert_int_equal(plan_bundle(&q, &b, &f), 0);
	assert_int_equal(bundle_check(b.data, b.len, &f), 0);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_zygotes),
		cmocka_unit_test(test_each_lens_once),
		cmocka_unit_test(test_bundle),
		cmocka_unit_test(test_largest_bundle),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
