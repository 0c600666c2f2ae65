/* Values of request headers, by the RFCs that header.h names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/header.h"

#define unused __attribute__((unused))

static void
test_accepts(unused void **state)
{
	static const char *const yes[] = {"gzip", "br, gzip", "gzip;q=0.5",
		"gzip ; q=1", "GZIP", "\tgzip,", ",,gzip", "gzip;q=0.001"};
	static const char *const no[] = {"", "br", "gzip;q=0", "gzip; Q=0.000",
		"xgzip", "gzipx", "x-gzip", "br;gzip", ",", ";;;", "*"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(header_accepts(yes[i], "gzip"));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(header_accepts(no[i], "gzip"));
	assert_false(header_accepts(NULL, "gzip"));
}

static void
test_loopback(unused void **state)
{
	static const char *const yes[] = {"http://localhost",
		"http://localhost:8080", "https://LOCALHOST",
		"http://127.0.0.1", "http://127.255.255.254:1",
		"http://[::1]:8080", "http://[::1]", "http://a.localhost:3000"};
	/* Names are cheap to have, and may point anywhere. */
	static const char *const no[] = {"", "null", "http://", "http://[",
		"http://[::1", "http://[::2]", "http://localhost.example.net",
		"http://127.0.0.1.example.net", "http://example.net",
		"http://notlocalhost", "http://128.0.0.1", "http://127.1",
		"localhost", "http://.localhost",
		"http://example.net:127.0.0.1", "http://localhost@example.net"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(header_is_loopback(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (header_is_loopback(no[i]))
			fail_msg("%s is taken for this machine", no[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_loopback),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
