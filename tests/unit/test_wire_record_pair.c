/* Two rooms in the report: whenever a writer is stopped, one is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/record_pair.h"

#define unused __attribute__((unused))
#define SIZE   (1 << 17)

static char *map;
static struct record_writer w;
static struct record_pair pair;

static void
put(struct record_writer *to, const char *member, int64_t v)
{
	jsonw_int(record_begin(to, RECORD_SET, LENS_GC, member), v);
	record_commit(to);
}

static int
begin(unused void **state)
{
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	record_init(&w, map, SIZE);
	put(&w, "before", 1);
	return 0;
}

static int
end(unused void **state)
{
	return munmap(map, SIZE);
}

/* The last value of each member, as the server has it: "a=1 b=2". */
static const char *
read_all(void)
{
	static char text[512];
	char last[8][2][64] = {{{0}}};
	size_t n = record_length((const void *)map, SIZE), at = 0, used = 0;
	struct record r;
	struct fail f = {0};
	int more;

	while ((more = record_next(map, n, &at, &r, &f)) == 1) {
		size_t i = 0;
		assert_int_equal(r.lens, LENS_GC);
		assert_true(r.member_len < 64 && r.json_len < 64);
		while (*last[i][0] &&
			(strlen(last[i][0]) != r.member_len ||
				memcmp(last[i][0], r.member, r.member_len)))
			i++;
		assert_true(i < 8);
		memcpy(last[i][0], r.member, r.member_len);
		memset(last[i][1], 0, 64);
		memcpy(last[i][1], r.json, r.json_len);
	}
	assert_int_equal(more, 0);
	for (size_t i = 0; i < 8 && *last[i][0]; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%s%s=%s", i ? " " : "", last[i][0], last[i][1]);
	return text;
}

static void
write_both(int64_t a, int64_t b, bool truncated)
{
	struct record_writer room;

	record_pair_begin(&pair, &room);
	put(&room, "a", a);
	put(&room, "b", b);
	record_pair_commit(&pair, &room, truncated);
}

static void
test_the_last_is_read(unused void **state)
{
	assert_true(record_pair_init(&pair, &w, LENS_GC, 1000));
	put(&w, "after", 2);
	assert_string_equal(read_all(), "before=1 truncated=true after=2");
	write_both(3, 4, true);
	assert_string_equal(
		read_all(), "before=1 truncated=true a=3 b=4 after=2");
	write_both(5, 6, false);
	assert_string_equal(
		read_all(), "before=1 truncated=false a=5 b=6 after=2");
	write_both(7, 8, false);
	assert_string_equal(
		read_all(), "before=1 truncated=false a=7 b=8 after=2");
	put(&w, "later", 9);
	assert_string_equal(
		read_all(), "before=1 truncated=false a=7 b=8 after=2 later=9");
}

/* What is begun and not committed is not seen. */
static void
test_not_committed(unused void **state)
{
	struct record_writer room;

	assert_true(record_pair_init(&pair, &w, LENS_GC, 1000));
	for (int i = 0; i < 3; i++) {
		record_pair_begin(&pair, &room);
		put(&room, "a", 99);
		record_begin(&room, RECORD_SET, LENS_GC, "torn");
		char expected[64];
		snprintf(expected, sizeof(expected), "before=1 truncated=%s",
			i ? "false a=" : "true");
		assert_memory_equal(read_all(), expected, strlen(expected));
		assert_null(strstr(read_all(), "99"));
		assert_null(strstr(read_all(), "torn"));
		write_both(i, i, false);
	}
}

static void
test_whole_pages(unused void **state)
{
	for (int i = 0; i < 300; i++) {
		record_init(&w, map, SIZE);
		for (int n = 0; n < i; n++)
			put(&w, "x", n);
		char *from = map + w.start;
		assert_true(record_pair_init(&pair, &w, LENS_GC, 1000));
		assert_int_equal((uintptr_t)pair.pages % 4096, 0);
		assert_int_equal(pair.bytes % 4096, 0);
		assert_true(pair.pages > from);
		assert_ptr_equal(pair.pages + pair.bytes, map + w.start);
		write_both(1, 2, false);
		write_both(3, 4, false);
		read_all();
	}
}

/* Both rooms hold as much as was asked for; what is more is left out, and that
 * is said. */
static void
test_full(unused void **state)
{
	char text[64] = "";
	struct record_writer room;

	assert_true(record_pair_init(&pair, &w, LENS_GC, 4096));
	for (int n = 0; n < 4; n++) {
		record_pair_begin(&pair, &room);
		/* 16 of the head, 1, 61 and 2 of padding: 80 each. */
		memset(text, 't', 59);
		for (int i = 0; i < (n < 2 ? 4096 / 80 : 1000); i++) {
			jsonw_str(record_begin(&room, RECORD_SET, LENS_GC, "a"),
				text);
			record_commit(&room);
		}
		record_pair_commit(&pair, &room, false);
		assert_memory_equal(read_all(),
			n < 2 ? "before=1 truncated=false a="
			      : "before=1 truncated=true a=",
			25);
	}
}

static void
test_no_room(unused void **state)
{
	assert_false(record_pair_init(&pair, &w, LENS_GC, SIZE / 2));
	assert_null(pair.pages);
	assert_true(record_was_cut(map, SIZE));
	put(&w, "after", 2);
	assert_string_equal(read_all(), "before=1 after=2");
	record_close(&w);
	assert_false(record_pair_init(&pair, &w, LENS_GC, 100));
}

/* Another process writes, as fast as it can, until SIGKILL. */
static void
test_killed(unused void **state)
{
	/* How far it is, where no record is. */
	int *at = (int *)(map + SIZE - 64), a, b;

	assert_true(record_pair_init(&pair, &w, LENS_GC, 1000));
	for (int round = 0; round < 50; round++) {
		int from = *at;
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			for (int i = from;; i++) {
				write_both(i, i, false);
				__atomic_store_n(at, i, __ATOMIC_RELEASE);
			}
		while (__atomic_load_n(at, __ATOMIC_ACQUIRE) < from + 20)
			usleep(50);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(
			sscanf(read_all(), "before=1 truncated=false a=%d b=%d",
				&a, &b),
			2);
		assert_int_equal(a, b);
		assert_true(a == *at || a == *at + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_last_is_read, begin, end),
		cmocka_unit_test_setup_teardown(test_not_committed, begin, end),
		cmocka_unit_test_setup_teardown(test_whole_pages, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_no_room, begin, end),
		cmocka_unit_test_setup_teardown(test_killed, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
