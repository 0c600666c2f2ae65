/* Forms, by WHATWG URL 5.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "api/form.h"

#define unused __attribute__((unused))

static void
expect(const char *body, const char *json)
{
	json_auto_t *form = form_json(body, strlen(body));
	json_auto_t *want = json_loads(json, JSON_ALLOW_NUL, NULL);

	assert_non_null(want);
	if (!form || !json_equal(form, want))
		fail_msg("%s", body);
}

static void
test_pairs(unused void **state)
{
	expect("", "{}");
	expect("&&&", "{}");
	expect("a", "{\"a\": [\"\"]}");
	expect("a=", "{\"a\": [\"\"]}");
	expect("=a", "{\"\": [\"a\"]}");
	expect("a=b=c", "{\"a\": [\"b=c\"]}");
	expect("a=1&b=2&a=3&", "{\"a\": [\"1\", \"3\"], \"b\": [\"2\"]}");
	expect("a+b=c+d", "{\"a b\": [\"c d\"]}");
	expect("a=%2B%26%3D%25", "{\"a\": [\"+&=%\"]}");
}

static void
test_escapes(unused void **state)
{
	expect("a=%C3%a9%F0%9F%90%8D", "{\"a\": [\"\\u00e9\\ud83d\\udc0d\"]}");
	expect("a=\xc3\xa9", "{\"a\": [\"\\u00e9\"]}");
	expect("a=%", "{\"a\": [\"%\"]}");
	expect("a=%4", "{\"a\": [\"%4\"]}");
	expect("a=%4g%g4%%41", "{\"a\": [\"%4g%g4%A\"]}");
	expect("a=x%00y", "{\"a\": [\"x\\u0000y\"]}");
	/* Line ends, as a form sends them, and such as it does not. */
	expect("a=%0D%0Ax%0D%0A", "{\"a\": [\"\\nx\\n\"]}");
	expect("a=%0A%0D%0D%0A%0D", "{\"a\": [\"\\n\\r\\n\\r\"]}");
}

static void
test_not_utf8(unused void **state)
{
	static const char *const bad[] = {"a=%ff", "%ff=a", "a=\xc3",
		"a=%ed%a0%80", "a=%c0%80", "%00=1", "a%00b=1"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_null(form_json(bad[i], strlen(bad[i])));
}

static void
test_first(unused void **state)
{
	json_auto_t *form = form_json("a=1&a=2&b=", 10);
	size_t n = 9;

	assert_string_equal(form_first(form, "a", &n), "1");
	assert_int_equal(n, 1);
	assert_string_equal(form_first(form, "b", &n), "");
	assert_string_equal(form_first(form, "c", &n), "");
	assert_string_equal(form_first(NULL, "c", &n), "");
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
