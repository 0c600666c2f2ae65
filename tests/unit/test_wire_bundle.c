/* Bundles: made, checked, walked, and everything that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bundle.h"
#include "wire/limits.h"

#define unused __attribute__((unused))
/* A bundle's head and a part's, in bytes: docs/wire.md. */
#define HEAD	  8
#define PART_HEAD 12

static int
add(struct buf *b, enum bundle_kind kind, const char *name, const char *value)
{
	struct fail f = {0};
	int rc = bundle_add(
		b, kind, name, strlen(name), value, strlen(value), &f);

	assert_int_equal(rc == 0, f.text[0] == '\0');
	return rc;
}

/* bundle_check on a copy of just that size, so that a read past it shows. */
static bool
checks(const void *bytes, size_t n)
{
	struct fail f = {0};
	char *exact = malloc(n ? n : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, n);
	int rc = bundle_check(exact, n, &f);
	free(exact);
	assert_int_equal(rc == 0, f.text[0] == '\0');
	return rc == 0;
}

static struct buf
example(void)
{
	struct buf b = {0};

	bundle_begin(&b);
	assert_int_equal(add(&b, BUNDLE_CODE, "", "print(1)"), 0);
	assert_int_equal(add(&b, BUNDLE_ARG, "", "-v"), 0);
	assert_int_equal(add(&b, BUNDLE_ARG, "", ""), 0);
	assert_int_equal(add(&b, BUNDLE_FILE, "a/b.py", "x = 1\n"), 0);
	assert_int_equal(add(&b, BUNDLE_FILE, "empty", ""), 0);
	assert_int_equal(add(&b, BUNDLE_OPTION, "refcounts.names", "a"), 0);
	return b;
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
test_made_and_walked(unused void **state)
{
	scope_buf struct buf b = example();
	struct bundle_part p;
	size_t at = 0;

	assert_true(checks(b.data, b.len));
	part_is(&b, &at, BUNDLE_CODE, "", "print(1)");
	part_is(&b, &at, BUNDLE_ARG, "", "-v");
	part_is(&b, &at, BUNDLE_ARG, "", "");
	part_is(&b, &at, BUNDLE_FILE, "a/b.py", "x = 1\n");
	part_is(&b, &at, BUNDLE_FILE, "empty", "");
	part_is(&b, &at, BUNDLE_OPTION, "refcounts.names", "a");
	assert_false(bundle_next(b.data, b.len, &at, &p));
	assert_false(bundle_next(b.data, b.len, &at, &p));
	assert_int_equal(at, b.len);
}

static void
test_any_bytes(unused void **state)
{
	scope_buf struct buf b = {0};
	struct bundle_part p;
	size_t at = 0;
	char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	bundle_begin(&b);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, NULL, 0, bytes, 256, NULL), 0);
	assert_int_equal(
		bundle_add(&b, BUNDLE_OPTION, bytes, 256, bytes, 256, NULL), 0);
	assert_true(checks(b.data, b.len));
	assert_true(bundle_next(b.data, b.len, &at, &p));
	assert_true(bundle_next(b.data, b.len, &at, &p));
	assert_int_equal(p.name_len, 256);
	assert_memory_equal(p.name, bytes, 256);
	assert_memory_equal(p.value, bytes, 256);
}

static void
test_torn(unused void **state)
{
	scope_buf struct buf b = example();

	for (size_t n = 0; n < b.len; n++)
		assert_false(checks(b.data, n));
	buf_put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0", 13);
	assert_false(checks(b.data, b.len - 12));
	/* Twelve zeros are a part, of code, which is not the first. */
	assert_false(checks(b.data, b.len - 1));
}

static void
put_u32(struct buf *b, size_t at, uint32_t v)
{
	memcpy(b->data + at, &v, sizeof(v));
}

static void
test_head(unused void **state)
{
	scope_buf struct buf b = example();

	for (uint32_t n = 0; n < 10; n++) {
		put_u32(&b, 4, n);
		assert_int_equal(checks(b.data, b.len), n == 6);
	}
	put_u32(&b, 4, UINT32_MAX);
	assert_false(checks(b.data, b.len));
	put_u32(&b, 4, 6);
	assert_true(checks(b.data, b.len));
	for (size_t i = 0; i < 4; i++) {
		b.data[i] ^= 1;
		assert_false(checks(b.data, b.len));
		b.data[i] ^= 1;
	}
}

/* Each length of each part, set to what lies around the truth and around where
 * sums of it wrap. */
static void
test_lengths(unused void **state)
{
	static const uint32_t wrong[] = {0x7fffffff, 0x80000000, 0xfffffff0,
		0xfffffff3, 0xfffffff4, 0xfffffff5, 0xfffffffe, 0xffffffff};
	scope_buf struct buf b = example();
	size_t at = 0, start = HEAD;
	struct bundle_part p;

	while (bundle_next(b.data, b.len, &at, &p)) {
		for (size_t field = start + 4; field <= start + 8; field += 4) {
			uint32_t was;
			memcpy(&was, b.data + field, 4);
			for (size_t i = 0; i < sizeof(wrong) / 4; i++) {
				put_u32(&b, field, wrong[i]);
				assert_false(checks(b.data, b.len));
			}
			put_u32(&b, field, was + 1);
			assert_false(checks(b.data, b.len));
			put_u32(&b, field, was - 1);
			assert_false(checks(b.data, b.len));
			put_u32(&b, field, was);
		}
		start = at;
	}
	assert_true(checks(b.data, b.len));
}

static void
test_kinds(unused void **state)
{
	scope_buf struct buf b = {0};

	bundle_begin(&b);
	assert_false(checks(b.data, b.len));
	add(&b, BUNDLE_ARG, "", "x");
	assert_false(checks(b.data, b.len));
	add(&b, BUNDLE_CODE, "", "pass");
	assert_false(checks(b.data, b.len));
	buf_clear(&b);
	bundle_begin(&b);
	add(&b, BUNDLE_CODE, "", "");
	assert_true(checks(b.data, b.len));
	add(&b, BUNDLE_OPTION, "", "");
	assert_true(checks(b.data, b.len));
	put_u32(&b, HEAD + PART_HEAD, BUNDLE_KINDS);
	assert_false(checks(b.data, b.len));
	put_u32(&b, HEAD + PART_HEAD, UINT32_MAX);
	assert_false(checks(b.data, b.len));
	put_u32(&b, HEAD + PART_HEAD, BUNDLE_CODE);
	assert_false(checks(b.data, b.len));
}

static void
test_most_parts(unused void **state)
{
	scope_buf struct buf b = {0};

	bundle_begin(&b);
	for (int i = 0; i < MAX_BUNDLE_PARTS; i++)
		assert_int_equal(
			add(&b, i ? BUNDLE_ARG : BUNDLE_CODE, "", "x"), 0);
	assert_true(checks(b.data, b.len));
	/* One more is refused, and changes nothing. */
	size_t len = b.len;
	assert_int_equal(add(&b, BUNDLE_ARG, "", "x"), -1);
	assert_int_equal(b.len, len);
	assert_true(checks(b.data, b.len));
	/* One more that was not made by us. */
	buf_put(&b, "\1\0\0\0\0\0\0\0\0\0\0\0", PART_HEAD);
	put_u32(&b, 4, MAX_BUNDLE_PARTS + 1);
	assert_false(checks(b.data, b.len));
}

/* The largest bundle, and one byte more: in the name, in the value, in the room
 * for a head; and lengths of which no u32 would be left. */
static void
test_most_bytes(unused void **state)
{
	scope_buf struct buf b = {0};
	struct fail f;
	char *zeros = calloc(1, MAX_BUNDLE_BYTES + 1);
	size_t rest = MAX_BUNDLE_BYTES - HEAD - PART_HEAD;

	assert_non_null(zeros);
	bundle_begin(&b);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, "", 0, zeros, rest + 1, &f), -1);
	assert_true(f.text[0]);
	buf_clear(&b);
	bundle_begin(&b);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, zeros, rest + 1, "", 0, &f), -1);
	buf_clear(&b);
	bundle_begin(&b);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, "", 0, zeros, rest, &f), 0);
	assert_int_equal(b.len, MAX_BUNDLE_BYTES);
	assert_int_equal(bundle_check(b.data, b.len, &f), 0);
	assert_int_equal(bundle_add(&b, BUNDLE_ARG, "", 0, "", 0, &f), -1);
	buf_clear(&b);
	bundle_begin(&b);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, "", 0, zeros, (1ULL << 32) + 1, &f),
		-1);
	assert_int_equal(
		bundle_add(&b, BUNDLE_CODE, zeros, (1ULL << 32) + 1, "", 0, &f),
		-1);
	/* Right in every way but its size. */
	buf_clear(&b);
	bundle_begin(&b);
	b.max = MAX_BUNDLE_BYTES + 1;
	add(&b, BUNDLE_CODE, "", "");
	buf_put(&b, zeros, rest + 1);
	put_u32(&b, HEAD + 8, (uint32_t)rest + 1);
	assert_int_equal(b.len, MAX_BUNDLE_BYTES + 1);
	assert_int_equal(bundle_check(b.data, b.len, &f), -1);
	free(zeros);
}

static void
test_paths(unused void **state)
{
	static const char *const good[] = {"a", "a/b", "a/b/c.py", "...", ".a",
		"..a", "a..", "a.", "a/...", ".../a", "a b", "\xc3\xa9", "\xff",
		"\\", "-", "a\n", "main.py"};
	static const char *const bad[] = {"", "/", "/a", "a/", "a//b", ".",
		"..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b", "//",
		"/..", "../", "./"};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!bundle_path_ok(good[i], strlen(good[i])))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		scope_buf struct buf b = {0};
		if (bundle_path_ok(bad[i], strlen(bad[i])))
			fail_msg("%s is taken", bad[i]);
		bundle_begin(&b);
		add(&b, BUNDLE_CODE, "", "");
		add(&b, BUNDLE_FILE, bad[i], "");
		assert_false(checks(b.data, b.len));
		/* The name of what is no file is not looked at. */
		put_u32(&b, HEAD + PART_HEAD, BUNDLE_OPTION);
		assert_true(checks(b.data, b.len));
	}
	assert_false(bundle_path_ok("a\0b", 3));
	assert_false(bundle_path_ok("a\0", 2));
	assert_false(bundle_path_ok("\0", 1));
	/* Only so many bytes as are said. */
	assert_true(bundle_path_ok("a/../b", 1));
	assert_true(bundle_path_ok("ab/../b", 2));
}

static void
test_path_lengths(unused void **state)
{
	char path[MAX_PATH_BYTES + 1];

	memset(path, 'p', sizeof(path));
	assert_true(bundle_path_ok(path, MAX_PATH_BYTES));
	assert_false(bundle_path_ok(path, MAX_PATH_BYTES + 1));
	for (size_t i = 1; i < sizeof(path); i += 2)
		path[i] = '/';
	assert_true(bundle_path_ok(path, MAX_PATH_BYTES - 1));
	assert_false(bundle_path_ok(path, MAX_PATH_BYTES));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_and_walked),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_most_parts),
		cmocka_unit_test(test_most_bytes),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path_lengths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
