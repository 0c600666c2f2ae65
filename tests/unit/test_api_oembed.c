/* Links as frames, by the specification at oembed.com. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/oembed.h"

#define unused __attribute__((unused))

static void
test_replies(unused void **state)
{
	static const struct {
		const char *url, *src, *home;
	} cases[] = {
		{"http://a.b:80/#1:eJ-_9", "http://a.b:80/e/#1:eJ-_9",
			"http://a.b:80/"},
		{"https://A.b:80/e/#12:x", "https://a.b:80/e/#12:x",
			"https://a.b:80/"},
		{"http://a.b:80/e/?lens=gc&theme=dark#1:x",
			"http://a.b:80/e/?lens=gc&amp;theme=dark#1:x",
			"http://a.b:80/"},
		{"http://a.b:80/e/?#1:x", "http://a.b:80/e/?#1:x",
			"http://a.b:80/"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *j =
			oembed_reply(cases[i].url, "a.b:80", INT_MAX, INT_MAX);
		assert_non_null(j);
		const char *html =
			json_string_value(json_object_get(j, "html"));
		size_t n = strlen(cases[i].src);
		assert_memory_equal(html, "<iframe src=\"", 13);
		assert_memory_equal(html + 13, cases[i].src, n);
		assert_int_equal(html[13 + n], '"');
		assert_string_equal(
			json_string_value(json_object_get(j, "provider_url")),
			cases[i].home);
		assert_string_equal(
			json_string_value(json_object_get(j, "version")),
			"1.0");
		assert_string_equal(
			json_string_value(json_object_get(j, "type")), "rich");
		json_decref(j);
	}
}

static void
test_no_larger(unused void **state)
{
	json_t *j = oembed_reply("http://h/#1:x", "h", 300, INT_MAX);

	assert_int_equal(json_integer_value(json_object_get(j, "width")), 300);
	assert_int_equal(json_integer_value(json_object_get(j, "height")),
		OEMBED_HEIGHT);
	assert_non_null(strstr(json_string_value(json_object_get(j, "html")),
		"width=\"300\" height=\"460\""));
	json_decref(j);
}

static void
test_none(unused void **state)
{
	static const char *const urls[] = {"", "http://", "http://h",
		"http://h/", "http://h/#", "http://h/#1",
		"http://h/#1:", "http://h/#a:x", "http://h/#:x",
		"http://h/#1234:x", "http://h/?a=b#1:x", "http://h/e#1:x",
		"http://h/e/x#1:x", "http://h/posture#1:x", "ftp://h/#1:x",
		"//h/#1:x", "http://g/#1:x", "http://h:80/#1:x",
		"http://h@g/#1:x", "http://u@h/#1:x", "http://hh/#1:x",
		"http://h/#1:x\"", "http://h/#1:x<b>", "http://h/#1:x y",
		"http://h/e/?a=\"#1:x", "http://h/e/?a=<#1:x",
		"http://h/e/?a#1:x#", "HTTP://h/#1:x", "javascript:alert(1)"};
	char *large = malloc(40000);

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_null(oembed_reply(urls[i], "h", 1, 1));
	/* A Host that anybody can send is no more than a host. */
	assert_null(oembed_reply("http://h\"/#1:x", "h\"", 1, 1));
	assert_null(oembed_reply("http:///#1:x", "", 1, 1));
	/* The longest link, and one that is longer. */
	assert_non_null(large);
	strcpy(large, "http://h/#1:");
	memset(large + 12, 'x', 32769);
	large[12 + 32768] = '\0';
	json_t *j = oembed_reply(large, "h", 1, 1);
	assert_non_null(j);
	json_decref(j);
	large[12 + 32768] = 'x';
	large[12 + 32769] = '\0';
	assert_null(oembed_reply(large, "h", 1, 1));
	/* The same of a query, of 200 with its "?". */
	strcpy(large, "http://h/e/?");
	memset(large + 12, 'x', 199);
	strcpy(large + 12 + 199, "#1:x");
	j = oembed_reply(large, "h", 1, 1);
	assert_non_null(j);
	json_decref(j);
	strcpy(large + 12 + 199, "x#1:x");
	assert_null(oembed_reply(large, "h", 1, 1));
	free(large);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_no_larger),
		cmocka_unit_test(test_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
