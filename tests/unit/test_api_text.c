/* Text, base64 and the weight of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/buf.h"

#define unused __attribute__((unused))

/* RFC 4648, section 10. */
static const struct {
	const char *plain, *coded;
} vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

static void
test_base64(unused void **state)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t wrong, n = strlen(vectors[i].plain);
		json_t *j = text_base64(vectors[i].plain, n);
		struct blob b;
		assert_string_equal(json_string_value(j), vectors[i].coded);
		assert_int_equal(text_unbase64(vectors[i].coded,
					 strlen(vectors[i].coded), &b, &wrong),
			0);
		assert_int_equal(b.n, n);
		assert_memory_equal(b.data, vectors[i].plain, n + 1);
		free(b.data);
		json_decref(j);
	}
}

static void
test_base64_all_bytes(unused void **state)
{
	char bytes[256];
	struct blob b;
	size_t wrong;

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	json_t *j = text_base64(bytes, 256);
	assert_int_equal(text_unbase64(json_string_value(j),
				 json_string_length(j), &b, &wrong),
		0);
	assert_int_equal(b.n, 256);
	assert_memory_equal(b.data, bytes, 256);
	free(b.data);
	json_decref(j);
}

static void
not_base64(const char *s, size_t n, size_t at)
{
	struct blob b;
	size_t wrong = 99;

	assert_int_equal(text_unbase64(s, n, &b, &wrong), -1);
	assert_int_equal(wrong, at);
}

static void
test_not_base64(unused void **state)
{
	not_base64("Z", 1, 1);
	not_base64("Zg", 2, 2);
	not_base64("Zg=", 3, 2);
	not_base64("=", 1, 0);
	not_base64("====", 4, 0);
	not_base64("Zg=g", 4, 2);
	not_base64("Zm9v\n", 5, 4);
	not_base64("Zm-v", 4, 2);
	not_base64("Z\0==", 4, 1);
	/* Bits beyond the last byte: "Zh==" would be "f" as well. */
	not_base64("Zh==", 4, 1);
	not_base64("Zm9=", 4, 2);
}

static void
repairs(const char *bytes, size_t n, const char *want)
{
	json_t *j = text_json(bytes, n);

	assert_string_equal(json_string_value(j), want);
	json_decref(j);
}

static void
test_repair(unused void **state)
{
	repairs(NULL, 0, "");
	repairs("a\xff"
		"b",
		3,
		"a\xef\xbf\xbd"
		"b");
	repairs("\xc3", 1, "\xef\xbf\xbd");
	repairs("\xc3\xa9", 2, "\xc3\xa9");
}

/* What jansson takes now, malloc's own part included. */
static size_t taken;

static void *
counting_malloc(size_t n)
{
	void *p = malloc(n);

	taken += malloc_usable_size(p) + sizeof(size_t);
	return p;
}

static void
counting_free(void *p)
{
	if (p)
		taken -= malloc_usable_size(p) + sizeof(size_t);
	free(p);
}

/* The weight is a bound, and no wild one for what lenses write. */
static void
weighs(const char *unit, int times, size_t wild)
{
	struct buf b = BUF_INIT(4 * MIB);
	bool deep;

	buf_put(&b, "[", 1);
	for (int i = 0; i < times; i++)
		buf_printf(&b, "%s%s", i ? "," : "", unit);
	buf_put(&b, "]", 1);
	json_set_alloc_funcs(counting_malloc, counting_free);
	size_t before = taken;
	json_t *j = json_loadb(b.data, b.len, 0, NULL);
	assert_non_null(j);
	size_t real = taken - before;
	json_decref(j);
	assert_int_equal(taken, before);
	json_set_alloc_funcs(malloc, free);
	size_t weight = text_weight(b.data, b.len, 32, &deep);
	assert_false(deep);
	if (weight < real || weight > wild * real)
		fail_msg("%d times %s: weighs %zu, takes %zu", times, unit,
			weight, real);
	buf_free(&b);
}

static void
test_weight(unused void **state)
{
	static const int times[] = {1, 2, 9, 1000, 40000};

	for (size_t i = 0; i < 5; i++) {
		weighs("{}", times[i], 2);
		weighs("[]", times[i], 3);
		weighs("1", times[i], 3);
		weighs("true", times[i], 20);
		weighs("\"abc\"", times[i], 2);
		weighs("{\"a\":1}", times[i], 2);
		weighs("{\"a\":[[{}]]}", times[i], 2);
		weighs("{\"step\":1,\"line\":2,\"function\":\"f\",\"counts\":"
		       "{\"a\":1,\"b\":\"immortal\"}}",
			times[i], 2);
		/* Nine members make jansson double its table of buckets. */
		weighs("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,"
		       "\"g\":1,\"h\":1,\"i\":1}",
			times[i], 2);
	}
}

static void
test_depth(unused void **state)
{
	bool deep;

	text_weight("[[[]]]", 6, 3, &deep);
	assert_false(deep);
	text_weight("[[[]]]", 6, 2, &deep);
	assert_true(deep);
	text_weight("[[],[],[\"[[[\\\"[[\"]]", 18, 2, &deep);
	assert_false(deep);
	text_weight("\"\\", 2, 2, &deep);
	assert_false(deep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_all_bytes),
		cmocka_unit_test(test_not_base64),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_weight),
		cmocka_unit_test(test_depth),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
