/* Stored links, as far as they are arithmetic: what a file holds, and how often
 * one address may have one.  Digests are those of Python's hashlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "api/link.h"
#include "server/link_file.h"
#include "server/link_rate.h"

#define unused __attribute__((unused))
#define HOUR   3600000000000LL
#define SECOND 1000000000LL

#define LINK "1:eJyrVkrOT0lVslJQKijKzCvRMNSMyVOqBQBQbAbv"
/* The first 128 bits of hashlib.sha256(LINK), as ids of runs are written. */
#define ID "1q7bv1ev7227c5wqfcmv1za0sr"
/* hashlib.sha256(b"token").hexdigest() */
#define TOKEN "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"
/* hashlib.sha256() of the lines before the last. */
#define WHOLE                                                                  \
	"vitrine link 1\nshare " TOKEN " 1800000000\nlink " LINK "\n"          \
	"sha256 "                                                              \
	"e98a883ef91f6a8338fcd7a672a72df3cef97fdc570a99707f108ff278658b77\n"

static void
test_hash(unused void **state)
{
	unsigned char hash[LINK_HASH_BYTES], again[LINK_HASH_BYTES];
	char text[LINK_HASH_CHARS + 1], id[LINK_ID_CHARS + 1];
	char one[LINK_TOKEN_CHARS + 1], two[LINK_TOKEN_CHARS + 1];

	link_hash("token", 5, hash);
	link_hash_text(hash, text);
	assert_string_equal(text, TOKEN);
	assert_true(link_hash_read(text, again));
	assert_true(link_hash_same(hash, again));
	again[31] ^= 1;
	assert_false(link_hash_same(hash, again));
	text[5] = 'g';
	assert_false(link_hash_read(text, again));
	link_hash_id(LINK, strlen(LINK), id);
	assert_string_equal(id, ID);
	assert_true(link_hash_is_id(id));
	assert_false(link_hash_is_id(ID "0"));
	assert_false(link_hash_is_id("../../../../../../../../etc"));
	link_hash_token(one);
	link_hash_token(two);
	assert_int_equal(strlen(one), LINK_TOKEN_CHARS);
	assert_string_not_equal(one, two);
}

static void
test_text(unused void **state)
{
	static const char *const no[] = {"", "1:", "2:abc", "1:a b",
		"1:a=", "1:a/b", "1:a\n", "1;a", "11:a"};

	assert_true(link_is_text(LINK, strlen(LINK)));
	assert_true(link_is_text("1:-_", 4));
	assert_false(link_is_text("1:a\0b", 5));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(link_is_text(no[i], strlen(no[i])));
}

static void
test_file(unused void **state)
{
	struct link_file *file = calloc(1, sizeof(*file));
	struct fail f = {0};
	scope_buf struct buf b = BUF_INIT(LINK_FILE_BYTES);

	assert_non_null(file);
	assert_int_equal(link_file_read(WHOLE, strlen(WHOLE), ID, file, &f), 0);
	assert_int_equal(file->n, 1);
	assert_int_equal(file->shares[0].until, 1800000000);
	assert_memory_equal(file->text, LINK, strlen(LINK));
	assert_int_equal(file->size, strlen(LINK));
	link_file_write(file, &b);
	assert_int_equal(b.len, strlen(WHOLE));
	assert_memory_equal(b.data, WHOLE, b.len);
	/* Another content's name. */
	assert_int_equal(link_file_read(WHOLE, strlen(WHOLE),
				 "0000000000000000000000000g", file, &f),
		-1);
	free(file);
}

/* No file that differs in a bit or ends early is taken. */
static void
test_damage(unused void **state)
{
	struct link_file *file = calloc(1, sizeof(*file));
	char bytes[] = WHOLE;
	size_t n = strlen(WHOLE);

	assert_non_null(file);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(link_file_read(bytes, i, ID, file, NULL), -1);
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] = (char)(WHOLE[i] ^ (1 << bit));
			assert_int_equal(
				link_file_read(bytes, n, ID, file, NULL), -1);
		}
		bytes[i] = WHOLE[i];
	}
	assert_int_equal(link_file_read(bytes, n, ID, file, NULL), 0);
	free(file);
}

/* The largest that there can be has room, and one share more is not read. */
static void
test_bounds(unused void **state)
{
	struct link_file *file = calloc(1, sizeof(*file));
	scope_buf struct buf b = BUF_INIT(LINK_FILE_BYTES);
	char id[LINK_ID_CHARS + 1], *text = malloc(MAX_LINK_BYTES);

	assert_non_null(file);
	assert_non_null(text);
	memset(text, 'a', MAX_LINK_BYTES);
	memcpy(text, "1:", 2);
	link_hash_id(text, MAX_LINK_BYTES, id);
	file->text = text;
	file->size = MAX_LINK_BYTES;
	file->n = LINK_MAX_SHARES;
	for (size_t i = 0; i < file->n; i++)
		file->shares[i].until = 999999999999999;
	link_file_write(file, &b);
	assert_int_equal(b.dropped, 0);
	assert_int_equal(link_file_read(b.data, b.len, id, file, NULL), 0);
	assert_int_equal(file->n, LINK_MAX_SHARES);
	/* The same line once more, before the first. */
	scope_buf struct buf more = BUF_INIT(LINK_FILE_BYTES + 100);
	const char *share = strchr(b.data, '\n') + 1;
	size_t line = (size_t)(strchr(share, '\n') + 1 - share);
	buf_put(&more, b.data, (size_t)(share + line - b.data));
	buf_put(&more, share, b.len - (size_t)(share - b.data));
	assert_int_equal(
		link_file_read(more.data, more.len, id, file, NULL), -1);
	free(text);
	free(file);
}

static void
test_shares(unused void **state)
{
	struct link_file *file = calloc(1, sizeof(*file));
	const int64_t ends[] = {100, LINK_NEVER, 300};

	assert_non_null(file);
	assert_int_equal(link_file_until(file), 0);
	for (size_t i = 0; i < 3; i++) {
		char token[] = {(char)('a' + i), '\0'};
		link_hash(token, 1, file->shares[i].token);
		file->shares[i].until = ends[i];
	}
	file->n = 3;
	assert_int_equal(link_file_until(file), LINK_NEVER);
	assert_false(link_file_remove(file, "d"));
	assert_false(link_file_remove(file, ""));
	assert_int_equal(file->n, 3);
	assert_true(link_file_remove(file, "b"));
	assert_false(link_file_remove(file, "b"));
	assert_int_equal(link_file_until(file), 300);
	/* At its end it is over. */
	link_file_expire(file, 99);
	assert_int_equal(file->n, 2);
	link_file_expire(file, 100);
	assert_int_equal(file->n, 1);
	assert_true(link_file_remove(file, "c"));
	assert_int_equal(file->n, 0);
	free(file);
}

/* Two in an hour: both at once, then one each half of an hour. */
static void
test_rate(unused void **state)
{
	struct link_rate *r = calloc(1, sizeof(*r));
	const struct client a = {{1}}, b = {{2}};
	const int64_t now = 5 * SECOND;

	assert_non_null(r);
	assert_int_equal(link_rate_take(r, &a, now), 0); /* no bound */
	r->per_hour = 2;
	assert_int_equal(link_rate_take(r, &a, now), 0);
	assert_int_equal(link_rate_take(r, &a, now), 0);
	assert_int_equal(link_rate_take(r, &a, now), 1800);
	assert_int_equal(link_rate_take(r, &b, now), 0);
	assert_int_equal(link_rate_take(r, &a, now + HOUR / 2 - 1), 1);
	assert_int_equal(link_rate_take(r, &a, now + HOUR / 2), 0);
	assert_int_equal(link_rate_take(r, &a, now + HOUR / 2), 1800);
	/* Who stays away has all of it again, and no more. */
	assert_int_equal(link_rate_take(r, &a, now + 9 * HOUR), 0);
	assert_int_equal(link_rate_take(r, &a, now + 9 * HOUR), 0);
	assert_int_equal(link_rate_take(r, &a, now + 9 * HOUR), 1800);
	free(r);
}

/* More clients than are remembered: the one with most left is forgotten. */
static void
test_rate_many(unused void **state)
{
	struct link_rate *r = calloc(1, sizeof(*r));
	struct client c = {{0}};

	assert_non_null(r);
	r->per_hour = 1;
	for (unsigned i = 0; i <= LINK_RATE_CLIENTS; i++) {
		c.id[0] = (unsigned char)i;
		c.id[1] = (unsigned char)(i >> 8);
		assert_int_equal(link_rate_take(r, &c, i * SECOND), 0);
	}
	assert_int_equal(r->n, LINK_RATE_CLIENTS);
	/* The last is there, and so is the second. */
	assert_true(link_rate_take(r, &c, LINK_RATE_CLIENTS * SECOND) > 0);
	c = (struct client){{1}};
	assert_true(link_rate_take(r, &c, LINK_RATE_CLIENTS * SECOND) > 0);
	free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
