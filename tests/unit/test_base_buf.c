/* Bounded buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define unused __attribute__((unused))

static void
test_under_at_over(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(4);

	assert_int_equal(buf_put(&b, "abc", 3), 3);
	assert_string_equal(b.data, "abc");
	assert_int_equal(b.dropped, 0);
	assert_int_equal(buf_put(&b, "d", 1), 1);
	assert_string_equal(b.data, "abcd");
	assert_int_equal(b.dropped, 0);
	assert_int_equal(buf_put(&b, "e", 1), 0);
	assert_string_equal(b.data, "abcd");
	assert_int_equal(b.len, 4);
	assert_int_equal(b.dropped, 1);
	/* Nothing more is not one more. */
	assert_int_equal(buf_put(&b, NULL, 0), 0);
	assert_int_equal(b.dropped, 1);
}

static void
test_part_of_it(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(4);

	assert_int_equal(buf_put(&b, "ab", 2), 2);
	assert_int_equal(buf_put(&b, "cdef", 4), 2);
	assert_string_equal(b.data, "abcd");
	assert_int_equal(b.dropped, 2);
}

/* A size that no memory has: only what fits is read. */
static void
test_huge(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(4);

	assert_int_equal(buf_put(&b, "ab", 2), 2);
	assert_int_equal(buf_put(&b, "cd", SIZE_MAX), 2);
	assert_string_equal(b.data, "abcd");
	assert_true(b.dropped == SIZE_MAX - 2);
}

static void
test_no_room_at_all(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(0);

	assert_int_equal(buf_put(&b, "a", 1), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.dropped, 1);
	assert_string_equal(b.data, "");
}

/* Byte by byte past every size that it may grow by, up to its maximum, which is
 * no such size; the memory is never more than that and a NUL. */
static void
test_grows(unused void **state)
{
	enum { MAX = 5000 };
	scope_buf struct buf b = BUF_INIT(MAX);
	char model[MAX];

	for (size_t i = 0; i < MAX + 10; i++) {
		char c = (char)(i * 7 + 1);
		if (i < MAX)
			model[i] = c;
		assert_int_equal(buf_put(&b, &c, 1), i < MAX);
		size_t want = i < MAX ? i + 1 : MAX;
		assert_int_equal(b.len, want);
		assert_int_equal(b.data[want], 0);
		assert_true(b.cap > b.len && b.cap <= MAX + 1);
	}
	assert_memory_equal(b.data, model, MAX);
	assert_int_equal(b.dropped, 10);
}

/* As server/flight.c does: the maximum moves. */
static void
test_maximum_moves(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(2);

	buf_put(&b, "abc", 3);
	b.max = 300;
	for (int i = 0; i < 100; i++)
		assert_int_equal(buf_put(&b, "xyz", 3), i < 99 ? 3 : 1);
	assert_int_equal(b.len, 300);
	b.max = b.len;
	assert_int_equal(buf_put(&b, "x", 1), 0);
	assert_int_equal(b.dropped, 1 + 2 + 1);
	assert_memory_equal(b.data, "abxyzxyz", 8);
}

static void
test_printf(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(8);

	assert_true(buf_printf(&b, "%d-%s", 42, "abc"));
	assert_string_equal(b.data, "42-abc");
	assert_true(buf_printf(&b, "%s", "de"));
	assert_true(buf_printf(&b, "%s", ""));
	assert_int_equal(b.dropped, 0);
	assert_false(buf_printf(&b, "%d", 1));
	assert_string_equal(b.data, "42-abcde");
	assert_int_equal(b.dropped, 1);
}

static void
test_bytes(unused void **state)
{
	scope_buf struct buf b = BUF_INIT(8);

	buf_put(&b, "a\0b\xff", 4);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0b\xff", 5);
}

/* More than any machine has: dropped, and what was there is kept. */
static void
test_no_memory(unused void **state)
{
#ifdef VITRINE_SANITIZED
	skip(); /* an address sanitizer ends a program that asks for so much */
#endif
	scope_buf struct buf b = BUF_INIT(SIZE_MAX / 2);
	size_t huge = SIZE_MAX / 4;

	assert_int_equal(buf_put(&b, "ab", 2), 2);
	assert_int_equal(buf_put(&b, "cd", huge), 0);
	assert_true(b.dropped == huge);
	assert_string_equal(b.data, "ab");
	assert_int_equal(buf_put(&b, "cd", 2), 2);
	assert_string_equal(b.data, "abcd");
}

static void
test_clear_and_free(unused void **state)
{
	struct buf b = BUF_INIT(300);

	buf_clear(&b);
	assert_null(b.data);
	for (int i = 0; i < 400; i++)
		buf_put(&b, "x", 1);
	char *was = b.data;
	size_t cap = b.cap;
	buf_clear(&b);
	assert_ptr_equal(b.data, was);
	assert_int_equal(b.cap, cap);
	assert_int_equal(b.len + b.dropped, 0);
	assert_string_equal(b.data, "");
	buf_put(&b, "y", 1);
	assert_string_equal(b.data, "y");
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.len + b.cap + b.dropped, 0);
	/* Used again, with the maximum that it had. */
	assert_int_equal(buf_put(&b, "again", 5), 5);
	assert_string_equal(b.data, "again");
	assert_int_equal(b.max, 300);
	buf_free(&b);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_under_at_over),
		cmocka_unit_test(test_part_of_it),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_no_room_at_all),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_maximum_moves),
		cmocka_unit_test(test_printf),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_clear_and_free),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
