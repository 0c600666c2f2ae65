/* UTF-8, against The Unicode Standard's table 3-7 and glibc's own encoder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/utf8.h"

#define unused __attribute__((unused))

/* Table 3-7, Well-Formed UTF-8 Byte Sequences (Unicode 15.0, section 3.9): the
 * first code point, and the range of each byte. */
static const struct row {
	size_t n;
	uint8_t low[4], high[4];
} table[] = {
	{1, {0x00}, {0x7f}},
	{2, {0xc2, 0x80}, {0xdf, 0xbf}},
	{3, {0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}},
	{3, {0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}},
	{3, {0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}},
	{3, {0xee, 0x80, 0x80}, {0xef, 0xbf, 0xbf}},
	{4, {0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}},
	{4, {0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}},
	{4, {0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}},
};

static size_t
by_table(const uint8_t *s, size_t n)
{
	for (size_t r = 0; r < sizeof(table) / sizeof(*table); r++) {
		size_t i = 0;
		if (table[r].n > n)
			continue;
		while (i < table[r].n && s[i] >= table[r].low[i] &&
			s[i] <= table[r].high[i])
			i++;
		if (i == table[r].n)
			return i;
	}
	return 0;
}

static void
check(const uint8_t *s, size_t n)
{
	size_t got = utf8_sequence((const char *)s, n), want = by_table(s, n);

	if (got != want)
		fail_msg("%02x %02x %02x %02x of %zu: %zu, not %zu", s[0],
			n > 1 ? s[1] : 0, n > 2 ? s[2] : 0, n > 3 ? s[3] : 0, n,
			got, want);
}

/* Every sequence of one, two and three bytes. */
static void
test_short(unused void **state)
{
	uint8_t s[3];

	for (uint32_t v = 0; v < 1u << 24; v++) {
		s[0] = (uint8_t)(v >> 16);
		s[1] = (uint8_t)(v >> 8);
		s[2] = (uint8_t)v;
		check(s, 3);
		if (s[2] == 0)
			check(s, 2);
		if (s[1] == 0 && s[2] == 0)
			check(s, 1);
	}
	assert_int_equal(utf8_sequence("", 0), 0);
}

/* Four bytes: all of the first two, and for the last two each value at which
 * something begins or ends in the table. */
static void
test_four(unused void **state)
{
	static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
		0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xff};
	uint8_t s[5] = {0, 0, 0, 0, 0x80};

	for (uint32_t v = 0; v < 1u << 16; v++)
		for (size_t i = 0; i < sizeof(edges) * sizeof(edges); i++) {
			s[0] = (uint8_t)(v >> 8);
			s[1] = (uint8_t)v;
			s[2] = edges[i / sizeof(edges)];
			s[3] = edges[i % sizeof(edges)];
			check(s, 4);
			check(s, 5);
		}
}

/* What glibc makes of each code point is one whole sequence, and none when it
 * is cut; of what is no character it makes nothing. */
static void
test_encoder(unused void **state)
{
	char s[MB_LEN_MAX];
	size_t surrogates = 0;

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (wchar_t c = 0; c <= 0x10ffff; c++) {
		mbstate_t m = {0};
		size_t n = wcrtomb(s, c, &m);
		if (n == (size_t)-1) {
			surrogates++;
			continue;
		}
		assert_int_equal(utf8_sequence(s, n), n);
		assert_int_equal(utf8_valid_prefix(s, n), n);
		for (size_t cut = 1; cut < n; cut++) {
			assert_int_equal(utf8_sequence(s, cut), 0);
			assert_int_equal(utf8_valid_prefix(s, cut), 0);
			assert_int_equal(utf8_cut(s, cut), 0);
		}
		assert_int_equal(utf8_cut(s, n), n);
	}
	/* U+D800 to U+DFFF. */
	assert_int_equal(surrogates, 0x800);
}

/* One of each length, and the first and last of each. */
static const char *const chars[] = {"a", "\x7f", "\xc2\x80", "\xdf\xbf",
	"\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
	"\xf4\x8f\xbf\xbf"};
#define NCHARS (sizeof(chars) / sizeof(*chars))

/* Texts of three of them, cut at every length: the largest boundary that is not
 * past it. */
static void
test_cut(unused void **state)
{
	for (size_t v = 0; v < NCHARS * NCHARS * NCHARS; v++) {
		char text[16] = "";
		size_t ends[4] = {0};
		const size_t pick[] = {
			v % NCHARS, v / NCHARS % NCHARS, v / NCHARS / NCHARS};

		for (int i = 0; i < 3; i++) {
			strcat(text, chars[pick[i]]);
			ends[i + 1] = strlen(text);
		}
		for (size_t n = 0; n <= ends[3]; n++) {
			size_t want = 0;
			for (int i = 0; i < 4; i++)
				want = ends[i] <= n ? ends[i] : want;
			assert_int_equal(utf8_cut(text, n), want);
		}
	}
}

/* Of what is no UTF-8, at most three bytes are given up, and none is looked at
 * past the length. */
static void
test_cut_of_anything(unused void **state)
{
	static const uint8_t some[] = {
		0x00, 0x61, 0x80, 0xbf, 0xc1, 0xc3, 0xe2, 0xf0, 0xf5, 0xff};
	size_t k = sizeof(some);

	for (size_t v = 0; v < k * k * k * k * k; v++) {
		size_t rest = v;
		char *s = malloc(5);
		assert_non_null(s);
		for (int i = 0; i < 5; i++, rest /= k)
			s[i] = (char)some[rest % k];
		size_t cut = utf8_cut(s, 5);
		assert_true(cut <= 5 && cut >= 2);
		/* What is whole is never given up. */
		if (utf8_valid_prefix(s, 5) == 5)
			assert_int_equal(cut, 5);
		/* Only the beginning of a sequence is. */
		if (cut < 5)
			assert_true((uint8_t)s[cut] >= 0xc2);
		free(s);
	}
	assert_int_equal(utf8_cut("", 0), 0);
}

static void
test_prefix(unused void **state)
{
	static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc3", "\xff",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"};
	char text[32];

	for (size_t c = 0; c < NCHARS; c++)
		for (size_t b = 0; b < sizeof(bad) / sizeof(*bad); b++) {
			strcpy(text, "x");
			strcat(text, chars[c]);
			size_t n = strlen(text);
			strcat(text, bad[b]);
			assert_int_equal(
				utf8_valid_prefix(text, strlen(text)), n);
			strcat(text, "more");
			assert_int_equal(
				utf8_valid_prefix(text, strlen(text)), n);
		}
	/* A NUL is a character. */
	assert_int_equal(utf8_valid_prefix("a\0b\xff", 4), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_four),
		cmocka_unit_test(test_encoder),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_of_anything),
		cmocka_unit_test(test_prefix),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
