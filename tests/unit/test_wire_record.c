/* Records: a writer of which anything may be the end, a reader of anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/limits.h"
#include "wire/record.h"

#define unused __attribute__((unused))
/* A report's head and a record's, in bytes: docs/wire.md. */
#define TOP  64
#define HEAD 16

static _Alignas(8) char map[REPORT_BYTES];
static struct record_writer w;

/* The first `size` bytes are the report; behind it lies what no writer may
 * touch. */
static void
begin(size_t size)
{
	memset(map, 0, size);
	memset(map + size, 0x5a, size + 64 < sizeof(map) ? 64 : 0);
	record_init(&w, map, size);
}

static void
untouched(size_t size)
{
	for (size_t i = size; i < size + 64 && i < sizeof(map); i++)
		assert_int_equal(map[i], 0x5a);
}

static bool
put_int(const char *member, int64_t v)
{
	jsonw_int(record_begin(&w, RECORD_ITEM, LENS_GC, member), v);
	return record_commit(&w);
}

/* A value of exactly n bytes of JSON, two of them quotes. */
static bool
put_sized(const char *member, size_t n)
{
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 't', n);
	jsonw_strn(
		record_begin(&w, RECORD_SET, RECORD_RUN, member), text, n - 2);
	free(text);
	return record_commit(&w);
}

static size_t
committed(void)
{
	return record_length((const void *)map, w.size);
}

static void
record_is(size_t n, size_t *at, enum record_kind kind, unsigned lens,
	const char *member, const char *json)
{
	struct record r;
	struct fail f = {0};

	assert_int_equal(record_next(map, n, at, &r, &f), 1);
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.lens, lens);
	assert_int_equal(r.member_len, strlen(member));
	assert_memory_equal(r.member, member, r.member_len);
	assert_int_equal(r.json_len, strlen(json));
	assert_memory_equal(r.json, json, r.json_len);
}

/* Number of records in n bytes; *ret_end is how the walk ended. */
static size_t
walk(const void *bytes, size_t n, int *ret_end)
{
	struct record r;
	struct fail f = {0};
	size_t at = 0, count = 0;

	while ((*ret_end = record_next(bytes, n, &at, &r, &f)) == 1)
		count++;
	assert_int_equal(*ret_end == -1, f.text[0] != '\0');
	return count;
}

static void
test_written_and_read(unused void **state)
{
	size_t at = 0;
	struct record r;

	begin(4096);
	put_int("collections", -7);
	struct jsonw *j = record_begin(&w, RECORD_SET, RECORD_RUN, "exception");
	jsonw_object(j);
	jsonw_key(j, "type");
	jsonw_str(j, "E");
	jsonw_end(j);
	assert_true(record_commit(&w));
	jsonw_null(record_begin(&w, RECORD_SET, LENS_TIMING, ""));
	assert_true(record_commit(&w));

	size_t n = committed();
	record_is(n, &at, RECORD_ITEM, LENS_GC, "collections", "-7");
	record_is(n, &at, RECORD_SET, RECORD_RUN, "exception",
		"{\"type\":\"E\"}");
	record_is(n, &at, RECORD_SET, LENS_TIMING, "", "null");
	assert_int_equal(record_next(map, n, &at, &r, NULL), 0);
	assert_int_equal(record_next(map, n, &at, &r, NULL), 0);
	assert_false(record_was_cut(map, n));
	untouched(4096);
}

static void
test_nothing_written(unused void **state)
{
	int end;

	assert_int_equal(walk("", 0, &end), 0);
	assert_int_equal(end, 0);
	begin(4096);
	assert_int_equal(committed(), TOP);
	assert_int_equal(walk(map, TOP, &end), 0);
	assert_int_equal(end, 0);
	assert_false(record_was_cut(map, TOP));
	/* A child that never got so far as to map it. */
	memset(map, 0, TOP);
	assert_int_equal(committed(), 0);
	assert_false(record_was_cut(map, 0));
}

/* Until it commits, a record is not there. */
static void
test_not_committed(unused void **state)
{
	begin(4096);
	put_int("a", 1);
	size_t n = committed();
	struct jsonw *j = record_begin(&w, RECORD_SET, LENS_GC, "b");
	jsonw_array(j);
	assert_int_equal(committed(), n);
	jsonw_end(j);
	assert_int_equal(committed(), n);
	record_abandon(&w);
	assert_int_equal(committed(), n);
	/* Its room is used by the next. */
	put_int("c", 2);
	size_t at = 0;
	record_is(committed(), &at, RECORD_ITEM, LENS_GC, "a", "1");
	record_is(committed(), &at, RECORD_ITEM, LENS_GC, "c", "2");
	assert_false(record_was_cut(map, committed()));
}

/* Reports of every size from the smallest: records go in until one does not
 * fit, which is told; all before it are whole, and nothing is written past the
 * end.  Each takes 16 + 1 + 1 bytes and padding: 24. */
static void
test_space_runs_out(unused void **state)
{
	for (size_t size = TOP + 1; size < TOP + 200; size++) {
		size_t fits = (size - TOP) / 24, at = 0;
		struct record none;
		begin(size);
		for (size_t i = 0; i < fits; i++) {
			assert_true(put_int("m", (int64_t)i % 10));
			assert_false(record_was_cut(map, size));
		}
		assert_false(put_int("m", 9));
		assert_true(record_was_cut(map, size));
		assert_int_equal(committed(), TOP + 24 * fits);
		for (size_t i = 0; i < fits; i++)
			record_is(committed(), &at, RECORD_ITEM, LENS_GC, "m",
				(char[]){(char)('0' + i % 10), 0});
		assert_int_equal(
			record_next(map, committed(), &at, &none, NULL), 0);
		untouched(size);
	}
}

static void
test_smaller_ones_still_fit(unused void **state)
{
	size_t at = 0;

	begin(TOP + 64);
	assert_true(put_int("a", 1));
	assert_false(put_sized("b", 25)); /* 16 + 1 + 25: 48 with padding */
	assert_true(put_int("c", 3));
	assert_true(record_was_cut(map, committed()));
	record_is(committed(), &at, RECORD_ITEM, LENS_GC, "a", "1");
	record_is(committed(), &at, RECORD_ITEM, LENS_GC, "c", "3");
	assert_int_equal(at, committed());
	untouched(TOP + 64);
}

/* A member of 63 bytes is the longest; the record's JSON may have exactly
 * MAX_RECORD_BYTES. */
static void
test_largest(unused void **state)
{
	char member[MAX_MEMBER_BYTES];
	struct record r;
	struct fail f;
	size_t at = 0;

	memset(member, 'm', sizeof(member) - 1);
	member[sizeof(member) - 1] = '\0';
	begin(sizeof(map));
	assert_false(put_sized(member, MAX_RECORD_BYTES + 1));
	assert_int_equal(committed(), TOP);
	assert_true(record_was_cut(map, TOP));
	assert_true(put_sized(member, MAX_RECORD_BYTES));
	assert_int_equal(record_next(map, committed(), &at, &r, &f), 1);
	assert_int_equal(r.member_len, MAX_MEMBER_BYTES - 1);
	assert_int_equal(r.json_len, MAX_RECORD_BYTES);
	assert_int_equal(r.json[r.json_len - 1], '"');
}

static void
two_records(void)
{
	begin(4096);
	put_int("first", 11);
	put_int("second", 22);
}

/* Torn at any byte: what was whole before it is read, the rest is told. */
static void
test_torn(unused void **state)
{
	int end;

	two_records();
	size_t n = committed(), first = TOP + 24; /* 16 + 5 + 2, and padding */
	assert_int_equal(n, first + 24);
	for (size_t cut = 0; cut <= n; cut++) {
		/* Of its exact size, so that a read past it shows. */
		char *exact = malloc(cut ? cut : 1);
		assert_non_null(exact);
		memcpy(exact, map, cut);
		size_t count = walk(exact, cut, &end);
		free(exact);
		assert_int_equal(count, cut == n ? 2 : cut >= first ? 1 : 0);
		bool whole = cut == 0 || cut == TOP || cut == first || cut == n;
		assert_int_equal(end, whole ? 0 : -1);
	}
}

/* The length that was committed is a claim like the rest. */
static void
test_committed_length(unused void **state)
{
	static const uint64_t claims[] = {4096 - TOP, 4096 - TOP + 1, 4096,
		UINT32_MAX, 1ULL << 63, UINT64_MAX - TOP, UINT64_MAX - TOP + 1,
		UINT64_MAX};
	struct record_top *top = (void *)map;
	int end;

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		two_records();
		top->committed = claims[i];
		assert_int_equal(committed(), 4096);
		/* Zeros follow, which are no record. */
		assert_int_equal(walk(map, 4096, &end), 2);
		assert_int_equal(end, -1);
	}
	for (uint64_t claim = 0; claim < 4096 - TOP; claim++) {
		top->committed = claim;
		assert_int_equal(committed(), TOP + claim);
	}
	assert_int_equal(record_length(top, TOP), TOP);
	assert_int_equal(record_length(top, TOP - 1), 0);
	map[0] ^= 1;
	assert_int_equal(committed(), 0);
	assert_int_equal(walk(map, TOP, &end), 0);
	assert_int_equal(end, -1);
}

/* The fields of the second record's head, each with what it may not hold; the
 * first record is read all the same. */
static void
test_bad_heads(unused void **state)
{
	static const struct {
		size_t at, n;
		uint32_t value;
	} bad[] = {
		{0, 4, 0},	    /* total: nothing */
		{0, 4, 16},	    /* less than it holds */
		{0, 4, 20},	    /* not aligned */
		{0, 4, 32},	    /* more than there is */
		{0, 4, 0xfffffff8}, /* far more */
		{4, 1, 2},	    /* kind */
		{4, 1, 255},	    /* kind */
		{5, 1, LENS_COUNT}, /* lens */
		{5, 1, 254},	    /* lens */
		{6, 2, 7},	    /* member: one more than fits */
		{6, 2, 64},	    /* too long */
		{6, 2, 65535},	    /* far too long */
		{8, 4, 3},	    /* JSON: one more than fits */
		{8, 4, 0xffffffff}, /* far more */
		{8, 4, 0xfffffff0}, /* head and this wrap in 32 bits */
		{8, 4, 0xffffffea}, /* and with the member to 0 */
	};
	int end;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		two_records();
		memcpy(map + TOP + 24 + bad[i].at, &bad[i].value, bad[i].n);
		assert_int_equal(walk(map, committed(), &end), 1);
		assert_int_equal(end, -1);
	}
	/* Heads that are right but for what a record may be at most. */
	const uint32_t large[] = {
		HEAD + MAX_RECORD_BYTES + 8, 0, MAX_RECORD_BYTES, 0};
	for (uint32_t more = 0; more < 2; more++) {
		begin(sizeof(map));
		memcpy(map + TOP, large, sizeof(large));
		map[TOP + 8] += (char)more;
		assert_int_equal(walk(map, TOP + large[0], &end), !more);
		assert_int_equal(end, more ? -1 : 0);
		begin(4096);
		map[TOP] = HEAD + 72;
		map[TOP + 6] = (char)(MAX_MEMBER_BYTES - 1 + more);
		assert_int_equal(walk(map, TOP + HEAD + 72, &end), !more);
		assert_int_equal(end, more ? -1 : 0);
	}
}

/* Only what is described is looked at: spare fields and padding are not. */
static void
test_tolerated(unused void **state)
{
	int end;

	two_records();
	memset(map + 16, 0xff, 48);
	memset(map + TOP + 12, 0xff, 4);
	memset(map + TOP + 23, 0xff, 1);
	assert_int_equal(walk(map, committed(), &end), 2);
	assert_int_equal(end, 0);
	/* The least record: neither member nor JSON. */
	begin(4096);
	map[TOP] = HEAD;
	assert_int_equal(walk(map, TOP + HEAD, &end), 1);
	assert_int_equal(end, 0);
	/* A record with more padding than it needs: over the next one. */
	two_records();
	map[TOP] = 48;
	assert_int_equal(walk(map, committed(), &end), 1);
	assert_int_equal(end, 0);
}

/* A refusal leaves the record of the caller as it was. */
static void
test_outputs_untouched(unused void **state)
{
	struct record r, before;
	struct fail f;
	size_t at = TOP + 24;

	two_records();
	map[TOP + 24 + 4] = 9;
	memset(&r, 0xa5, sizeof(r));
	before = r;
	assert_int_equal(record_next(map, committed(), &at, &r, &f), -1);
	assert_memory_equal(&r, &before, sizeof(r));
	assert_int_equal(at, TOP + 24);
	at = committed();
	assert_int_equal(record_next(map, committed(), &at, &r, &f), 0);
	assert_memory_equal(&r, &before, sizeof(r));
	/* From past the end. */
	at = committed() + 8;
	assert_int_equal(record_next(map, committed(), &at, &r, &f), -1);
}

/* In a process that was forked: nothing is written, not even what had begun. */
static void
test_closed(unused void **state)
{
	begin(4096);
	put_int("a", 1);
	size_t n = committed();
	static char before[4096];

	struct jsonw *j = record_begin(&w, RECORD_SET, LENS_GC, "b");
	jsonw_object(j);
	memcpy(before, map, 4096);
	record_close(&w);
	jsonw_key(j, "k");
	jsonw_str(j, "v");
	jsonw_end(j);
	assert_false(record_commit(&w));
	assert_false(put_int("c", 3));
	/* Begun in another thread, which is not in this process. */
	record_begin(&w, RECORD_SET, LENS_GC, "d");
	record_close(&w);
	assert_false(put_int("e", 5));
	record_close(&w);
	record_abandon(&w);
	assert_false(put_int("f", 6));
	assert_memory_equal(map, before, 4096);
	assert_int_equal(committed(), n);
	assert_false(record_was_cut(map, n));
}

/* A writer that is killed at any moment leaves whole records: a child writes as
 * fast as it can until SIGKILL, again and again. */
static void
test_killed(unused void **state)
{
	size_t size = 1 << 20;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct record_top *top = shared;
	int end;

	assert_ptr_not_equal(shared, MAP_FAILED);
	for (int round = 0; round < 30; round++) {
		memset(shared, 0, size);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			record_init(&w, shared, size);
			for (int64_t i = 0;; i++)
				put_int("n", i);
		}
		/* Until the first records are there. */
		while (__atomic_load_n(&top->committed, __ATOMIC_ACQUIRE) <
			(uint64_t)round * 1000)
			usleep(50);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		size_t n = record_length(shared, size), at = 0, count = 0;
		struct record r;
		struct fail f;
		while ((end = record_next(shared, n, &at, &r, &f)) == 1) {
			assert_int_equal(strtoull(r.json, NULL, 10), count);
			count++;
		}
		assert_int_equal(end, 0);
	}
	munmap(shared, size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_read),
		cmocka_unit_test(test_nothing_written),
		cmocka_unit_test(test_not_committed),
		cmocka_unit_test(test_space_runs_out),
		cmocka_unit_test(test_smaller_ones_still_fit),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_committed_length),
		cmocka_unit_test(test_bad_heads),
		cmocka_unit_test(test_tolerated),
		cmocka_unit_test(test_outputs_untouched),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_killed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
