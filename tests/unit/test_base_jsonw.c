/* The JSON writer, read back by jansson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/jsonw.h"

#define unused __attribute__((unused))

static char room[4096];

static struct jsonw
fresh(void)
{
	struct jsonw w;

	jsonw_init(&w, room, sizeof(room));
	return w;
}

static json_t *
parse(const struct jsonw *w)
{
	json_error_t e;

	assert_true(jsonw_done(w));
	json_t *j = json_loadb(
		w->buf, w->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (!j)
		fail_msg("%s in %.*s", e.text, (int)w->len, w->buf);
	return j;
}

static void
is_text(const struct jsonw *w, const char *expected)
{
	assert_true(jsonw_done(w));
	assert_int_equal(w->len, strlen(expected));
	assert_memory_equal(w->buf, expected, w->len);
}

/* One of everything; each comma and colon can be wrong in this. */
static void
write_all(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "a");
	jsonw_array(w);
	jsonw_null(w);
	jsonw_bool(w, true);
	jsonw_bool(w, false);
	jsonw_object(w);
	jsonw_end(w);
	jsonw_array(w);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_key(w, "b\n");
	jsonw_object(w);
	jsonw_key(w, "c");
	jsonw_int(w, -1);
	jsonw_key(w, "");
	jsonw_uint(w, 2);
	jsonw_key_uint(w, 18446744073709551615ULL);
	jsonw_raw(w, "[0]", 3);
	jsonw_end(w);
	jsonw_key(w, "d");
	jsonw_str(w, "\xc3\xa9\"\\\x01\xff");
	jsonw_end(w);
}

static const char all[] = "{\"a\":[null,true,false,{},[]],\"b\\n\":{\"c\":-1,"
			  "\"\":2,\"18446744073709551615\":[0]},"
			  "\"d\":\"\xc3\xa9\\\"\\\\\\u0001\xef\xbf\xbd\"}";

/* Null stands only for what is not there: zero and below are numbers. */
static void
test_members(unused void **state)
{
	struct jsonw w = fresh();

	jsonw_object(&w);
	jsonw_member_uint(&w, "most", UINT64_MAX);
	jsonw_member_if(&w, "zero", true, 0);
	jsonw_member_if(&w, "least", true, INT64_MIN);
	jsonw_member_if(&w, "none", false, 7);
	jsonw_end(&w);
	is_text(&w, "{\"most\":18446744073709551615,\"zero\":0,"
		    "\"least\":-9223372036854775808,\"none\":null}");
}

static void
test_all(unused void **state)
{
	struct jsonw w = fresh();

	write_all(&w);
	is_text(&w, all);
	json_t *j = parse(&w);
	json_t *want = json_pack("{s:[n,b,b,{},[]], s:{s:i,s:i,s:[i]}, s:s}",
		"a", 1, 0, "b\n", "c", -1, "", 2, "18446744073709551615", 0,
		"d", "\xc3\xa9\"\\\x01\xef\xbf\xbd");
	assert_true(json_equal(j, want));
	json_decref(j);
	json_decref(want);
}

/* A writer with any lesser room stops within it, and says so. */
static void
test_every_room(unused void **state)
{
	size_t whole = strlen(all);

	for (size_t cap = 0; cap <= whole + 1; cap++) {
		struct jsonw w;
		/* Of its exact size, so that a write past it shows. */
		char *exact = malloc(cap ? cap : 1);
		assert_non_null(exact);
		jsonw_init(&w, exact, cap);
		write_all(&w);
		assert_int_equal(jsonw_done(&w), cap >= whole);
		assert_int_equal(w.overflow, cap < whole);
		assert_true(w.len <= cap);
		assert_memory_equal(exact, all, w.len);
		free(exact);
	}
}

/* Room for nothing, as a closed report has it. */
static void
test_no_room(unused void **state)
{
	struct jsonw w;

	jsonw_init(&w, NULL, 0);
	write_all(&w);
	assert_false(jsonw_done(&w));
	assert_int_equal(w.len, 0);
}

/* What overflowed stays so, even when something would fit again. */
static void
test_stays_full(unused void **state)
{
	struct jsonw w;

	jsonw_init(&w, room, 6);
	jsonw_array(&w);
	jsonw_str(&w, "long enough");
	size_t len = w.len;
	jsonw_int(&w, 1);
	jsonw_end(&w);
	assert_int_equal(w.len, len);
	assert_false(jsonw_done(&w));
}

static void
test_numbers(unused void **state)
{
	static const int64_t ints[] = {
		0, 1, -1, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < sizeof(ints) / sizeof(*ints); i++) {
		struct jsonw w = fresh();
		jsonw_int(&w, ints[i]);
		json_t *j = parse(&w);
		assert_true(json_is_integer(j));
		assert_true(json_integer_value(j) == ints[i]);
		json_decref(j);
	}
	struct jsonw w = fresh();
	jsonw_uint(&w, UINT64_MAX);
	is_text(&w, "18446744073709551615"); /* 2^64 - 1 */
	w = fresh();
	jsonw_uint(&w, 0);
	is_text(&w, "0");
}

/* Every byte but those that begin or continue a longer sequence: it is itself
 * again, or U+FFFD when it is no character. */
static void
test_every_byte(unused void **state)
{
	for (int c = 0; c < 256; c++) {
		char s[] = {'<', (char)c, '>'};
		struct jsonw w = fresh();
		jsonw_strn(&w, s, 3);
		json_t *j = parse(&w);
		const char *want =
			c < 0x80 ? (char[]){(char)c, 0} : "\xef\xbf\xbd";
		size_t n = c < 0x80 ? 1 : 3;
		assert_int_equal(json_string_length(j), n + 2);
		assert_memory_equal(json_string_value(j) + 1, want, n);
		/* RFC 8259, 7: what must be escaped was. */
		for (size_t i = 0; i < w.len; i++)
			assert_true((unsigned char)w.buf[i] >= 0x20);
		json_decref(j);
	}
}

/* RFC 8259, 7: what must be escaped ends before the blank; DEL need not be. */
static void
test_escapes_no_more(unused void **state)
{
	struct jsonw w = fresh();

	jsonw_str(&w, "\x1f /\x7f\b\f\n\r\t\v");
	is_text(&w, "\"\\u001f /\x7f\\b\\f\\n\\r\\t\\u000b\"");
}

/* Each byte that is not part of a sequence is one U+FFFD, what is whole around
 * it stays. */
static void
test_invalid(unused void **state)
{
#define BAD "\xef\xbf\xbd"
	static const struct {
		const char *in, *out;
	} texts[] = {
		{"a\xffz", "a" BAD "z"},
		{"\xc3\xa9\xc3", "\xc3\xa9" BAD},
		{"\xe2\x82z", BAD BAD "z"},
		{"\xed\xa0\x80", BAD BAD BAD},	       /* a surrogate */
		{"\xc0\xaf", BAD BAD},		       /* overlong */
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD}, /* past U+10FFFF */
		{"\xf0\x9f\x90\x8d", "\xf0\x9f\x90\x8d"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct jsonw w = fresh();
		jsonw_object(&w);
		jsonw_key(&w, texts[i].in);
		jsonw_str(&w, texts[i].in);
		jsonw_end(&w);
		json_t *j = parse(&w);
		assert_string_equal(
			json_string_value(json_object_get(j, texts[i].out)),
			texts[i].out);
		json_decref(j);
	}
	/* Not past the length, though the sequence would go on there. */
	struct jsonw w = fresh();
	jsonw_strn(&w, "\xc3\xa9", 1);
	is_text(&w, "\"" BAD "\"");
}

static void
nest(struct jsonw *w, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		jsonw_array(w);
	for (unsigned i = 0; i < depth; i++)
		jsonw_end(w);
}

static void
test_deepest(unused void **state)
{
	struct jsonw w = fresh();

	nest(&w, JSONW_DEPTH - 1);
	json_t *j = parse(&w);
	unsigned depth = 0;
	for (json_t *at = j; json_is_array(at); at = json_array_get(at, 0))
		depth++;
	assert_int_equal(depth, JSONW_DEPTH - 1);
	json_decref(j);
}

static void
test_not_done(unused void **state)
{
	struct jsonw w = fresh();

	assert_false(jsonw_done(&w));
	jsonw_array(&w);
	assert_false(jsonw_done(&w));
	jsonw_null(&w);
	assert_false(jsonw_done(&w));
	jsonw_end(&w);
	assert_true(jsonw_done(&w));
}

/* --- Misuse: our own bugs, which end the process. */

static void
too_deep(struct jsonw *w)
{
	nest(w, JSONW_DEPTH);
}

static void
two_values(struct jsonw *w)
{
	jsonw_null(w);
	jsonw_null(w);
}

static void
value_without_key(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_null(w);
}

static void
key_in_array(struct jsonw *w)
{
	jsonw_array(w);
	jsonw_key(w, "k");
}

static void
key_after_key(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "k");
	jsonw_key(w, "l");
}

static void
end_after_key(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "k");
	jsonw_end(w);
}

static void
end_of_nothing(struct jsonw *w)
{
	jsonw_end(w);
}

static void
nothing_wrong(struct jsonw *w)
{
	jsonw_null(w);
}

/* The signal that ends a process in which fn runs. */
static int
ends_by(void (*fn)(struct jsonw *w))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct jsonw w = fresh();
		signal(SIGABRT, SIG_DFL);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		fn(&w);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_misuse(unused void **state)
{
	assert_int_equal(ends_by(nothing_wrong), 0);
	assert_int_equal(ends_by(too_deep), SIGABRT);
	assert_int_equal(ends_by(two_values), SIGABRT);
	assert_int_equal(ends_by(value_without_key), SIGABRT);
	assert_int_equal(ends_by(key_in_array), SIGABRT);
	assert_int_equal(ends_by(key_after_key), SIGABRT);
	assert_int_equal(ends_by(end_after_key), SIGABRT);
	assert_int_equal(ends_by(end_of_nothing), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_every_room),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_stays_full),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_escapes_no_more),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_deepest),
		cmocka_unit_test(test_not_done),
		cmocka_unit_test(test_misuse),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
