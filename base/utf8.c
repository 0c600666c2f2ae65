/* UTF-8 as RFC 3629 defines it. */
#include "base/utf8.h"

static int
tail(const unsigned char *s, size_t n, size_t i)
{
	return i < n && (s[i] & 0xc0) == 0x80;
}

size_t
utf8_sequence(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	if (!n)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || !tail(s, n, 1))
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		!tail(s, n, 2))
		return 0;
	if (s[0] < 0xf0)
		return 3;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
		!tail(s, n, 3))
		return 0;
	return 4;
}

size_t
utf8_valid_prefix(const char *s, size_t n)
{
	size_t at = 0, step;

	while (at < n && (step = utf8_sequence(s + at, n - at)))
		at += step;
	return at;
}

size_t
utf8_cut(const char *s, size_t n)
{
	/* Back over at most three continuation bytes to a lead byte; keep it
	 * when its sequence is whole, or when it is no UTF-8 anyway. */
	for (size_t back = 1; back <= 4 && back <= n; back++) {
		unsigned char c = (unsigned char)s[n - back];
		if ((c & 0xc0) == 0x80)
			continue;
		size_t want = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		return want > back && c <= 0xf4 ? n - back : n;
	}
	return n;
}

size_t
utf8_encode(uint32_t c, char ret[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return utf8_encode(0xfffd, ret);
	for (size_t i = n; i-- > 1; c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3f));
	ret[0] = (char)(lead[n] | c);
	return n;
}
