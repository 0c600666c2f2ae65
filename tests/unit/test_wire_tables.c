/* The names and values made from the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>
#include <string.h>

#include "wire/tables.h"

#define unused __attribute__((unused))

/* Names stand in URLs, JSON, options and file names, as they are. */
static void
check_names(const char *(*name)(unsigned), int (*find)(const char *), int count)
{
	regex_t plain;

	assert_int_equal(
		regcomp(&plain, "^[a-z][a-z0-9]*$", REG_EXTENDED | REG_NOSUB),
		0);
	for (int i = 0; i < count; i++) {
		const char *mine = name((unsigned)i);
		assert_int_equal(regexec(&plain, mine, 0, NULL, 0), 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(mine, name((unsigned)k));
		if (find)
			assert_int_equal(find(mine), i);
	}
	regfree(&plain);
}

static const char *
name_of_lens(unsigned i)
{
	return lens_name((enum lens)i);
}

static const char *
name_of_pass(unsigned i)
{
	return pass_name((enum pass)i);
}

static const char *
name_of_layer(unsigned i)
{
	return layer_name((enum layer)i);
}

static void
test_names(unused void **state)
{
	check_names(name_of_lens, lens_find, LENS_COUNT);
	check_names(name_of_pass, NULL, PASS_COUNT);
	check_names(name_of_layer, layer_find, LAYER_COUNT);
}

static void
test_not_found(unused void **state)
{
	static const char *const none[] = {"", " ", "GC", "gcc", "g",
		"bytecode ", "clean", "namespace", "BYTECODE"};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_int_equal(lens_find(none[i]), -1);
		assert_int_equal(layer_find(none[i]), -1);
	}
}

/* Sentences for people: there, and without an end of their own. */
static void
test_words(unused void **state)
{
	for (enum lens l = 0; l < LENS_COUNT; l++) {
		assert_true(strlen(lens_summary(l)) > 10);
		assert_null(strchr(lens_summary(l), '\n'));
	}
	for (enum layer l = 0; l < LAYER_COUNT; l++)
		assert_true(strlen(layer_purpose(l)) > 10);
}

/* Sets are bits of 32; the records have a byte for the lens, and one value of
 * it for the run itself. */
static void
test_counts(unused void **state)
{
	assert_in_range(LENS_COUNT, 1, MAX_LENSES);
	assert_in_range(MAX_LENSES, 1, 31);
	assert_in_range(PASS_COUNT, 1, 31);
	assert_in_range(LAYER_COUNT, 1, 31);
	assert_int_equal(BIT(0), 1);
	assert_int_equal(BIT(31), 0x80000000u);
}

/* CLEAN shows what nothing was attached to: it serves no lens.  A lens that
 * looks at a run needs a pass that runs. */
static void
test_passes(unused void **state)
{
	for (enum lens l = 0; l < LENS_COUNT; l++) {
		assert_true(lens_pass(l) < PASS_COUNT);
		assert_int_not_equal(lens_pass(l), PASS_CLEAN);
	}
	assert_true(pass_runs(PASS_CLEAN));
	assert_false(pass_runs(PASS_STATIC));
	assert_int_equal(lens_pass(LENS_BYTECODE), PASS_STATIC);
	assert_true(pass_runs(lens_pass(LENS_REFCOUNTS)));
	assert_true(pass_runs(lens_pass(LENS_GC)));
	assert_true(pass_runs(lens_pass(LENS_TIMING)));
}

/* Defaults lie within their bounds, and what a request may carry fits into the
 * bundle that it makes. */
static void
test_limits(unused void **state)
{
	const struct limits d = limits_default();

#define X(member, fallback, low, high)                                         \
	assert_true((low) > 0 && (low) <= (high));                             \
	assert_true(d.member >= (low) && d.member <= (high));
	LIMITS_TABLE(X)
#undef X
	assert_true(MAX_CODE_BYTES + MAX_ARGS * MAX_ARG_BYTES +
			    MAX_FILES_BYTES + MAX_FILES * MAX_PATH_BYTES +
			    (MAX_NAMES + 8) * MAX_OPTION_BYTES * 2 +
			    MAX_BUNDLE_PARTS * 12 <
		    MAX_BUNDLE_BYTES);
	assert_true(
		1 + MAX_ARGS + MAX_FILES + MAX_NAMES + 8 < MAX_BUNDLE_PARTS);
	assert_true(MAX_RECORD_BYTES < REPORT_BYTES);
	/* A source and its files fit on the least disk that is the default. */
	assert_true(d.disk_bytes > MAX_CODE_BYTES + MAX_FILES_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_passes),
		cmocka_unit_test(test_limits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
