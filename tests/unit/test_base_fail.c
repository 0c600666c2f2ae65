/* What went wrong, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/fail.h"

#define unused __attribute__((unused))
#define ROOM   (sizeof(((struct fail *)0)->text) - 1)

static void
test_set(unused void **state)
{
	struct fail f = {.err = EIO, .text = "something old"};

	assert_int_equal(fail_set(&f, "%d of %s", 3, "four"), -1);
	assert_string_equal(f.text, "3 of four");
	assert_int_equal(f.err, 0);
}

static void
test_errno(unused void **state)
{
	struct fail f = {0};

	errno = ENOENT;
	assert_int_equal(fail_errno(&f, "cannot open %s", "x"), -1);
	/* POSIX names it; glibc words it. */
	assert_string_equal(f.text, "cannot open x: No such file or directory");
	assert_int_equal(f.err, ENOENT);
}

/* Context goes in front, and the errno of the first stays. */
static void
test_in(unused void **state)
{
	struct fail f = {0};

	errno = EACCES;
	fail_errno(&f, "open");
	assert_int_equal(fail_in(&f, "file %d", 7), -1);
	fail_in(&f, "bundle");
	assert_string_equal(f.text, "bundle: file 7: open: Permission denied");
	assert_int_equal(f.err, EACCES);
}

static void
test_nobody_listens(unused void **state)
{
	errno = EIO;
	assert_int_equal(fail_set(NULL, "x"), -1);
	assert_int_equal(fail_errno(NULL, "x"), -1);
	assert_int_equal(fail_in(NULL, "x"), -1);
}

/* Words of n bytes, with each of the three, around where they do not fit. */
static void
test_long(unused void **state)
{
	char words[ROOM + 3];

	for (size_t n = ROOM - 4; n < sizeof(words); n++) {
		struct fail f = {0};
		memset(words, 'w', n);
		words[n] = '\0';
		size_t whole = n < ROOM ? n : ROOM;

		fail_set(&f, "%s", words);
		assert_int_equal(strlen(f.text), whole);
		assert_memory_equal(f.text, words, whole);

		errno = EIO;
		fail_errno(&f, "%s", words);
		assert_int_equal(strlen(f.text), ROOM);
		assert_memory_equal(f.text, words, whole);
		assert_int_equal(f.err, EIO);

		fail_set(&f, "old");
		fail_in(&f, "%s", words);
		size_t want = n + strlen(": old");
		assert_int_equal(strlen(f.text), want < ROOM ? want : ROOM);
		assert_memory_equal(f.text, words, whole);
		if (n + 2 < ROOM)
			assert_memory_equal(f.text + n, ": old", ROOM - n);
	}
}

/* What was there is pushed out at its end, not in front. */
static void
test_in_pushes(unused void **state)
{
	struct fail f = {0};
	char words[ROOM + 1];

	memset(words, 'w', ROOM);
	words[ROOM] = '\0';
	fail_set(&f, "%s", words);
	fail_in(&f, "context");
	assert_int_equal(strlen(f.text), ROOM);
	assert_memory_equal(f.text, "context: w", 10);
	assert_int_equal(f.text[ROOM - 1], 'w');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_in_pushes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
