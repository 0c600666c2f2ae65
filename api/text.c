/* JSON values that are always made. */
#include "api/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/utf8.h"

/* What jansson takes for a value on x86-64 with glibc's malloc, rounded up;
 * tests/unit/test_api_text.c measures it. */
#define COST_VALUE  96
#define COST_OBJECT 256
#define COST_ARRAY  160
#define COST_KEY    112

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json_t *
text_need(json_t *j)
{
	if (!j)
		abort();
	return j;
}

static char *
room_for(size_t n)
{
	char *p = malloc(n);

	if (!p)
		abort();
	return p;
}

static json_t *
repaired(const char *bytes, size_t n)
{
	scope_free char *out = room_for(n * 3 + 1);
	size_t len = 0;

	for (size_t i = 0; i < n;) {
		size_t good = utf8_valid_prefix(bytes + i, n - i);
		memcpy(out + len, bytes + i, good);
		len += good;
		i += good;
		if (i == n)
			break;
		memcpy(out + len, "\xef\xbf\xbd", 3);
		len += 3;
		i++;
	}
	return text_need(json_stringn_nocheck(out, len));
}

json_t *
text_json(const char *bytes, size_t n)
{
	if (n == 0)
		return text_need(json_string(""));
	if (utf8_valid_prefix(bytes, n) < n)
		return repaired(bytes, n);
	return text_need(json_stringn_nocheck(bytes, n));
}

void
text_set(json_t *object, const char *key, json_t *j)
{
	if (json_object_set_new(object, key, text_need(j)))
		abort();
}

void
text_append(json_t *array, json_t *j)
{
	if (json_array_append_new(array, text_need(j)))
		abort();
}

json_t *
text_base64(const char *bytes, size_t n)
{
	size_t len = (n + 2) / 3 * 4;
	scope_free char *out = room_for(len + 1);
	char *p = out;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)(uint8_t)bytes[i] << 16;
		if (left > 1)
			v |= (uint32_t)(uint8_t)bytes[i + 1] << 8;
		if (left > 2)
			v |= (uint8_t)bytes[i + 2];
		*p++ = digits[v >> 18];
		*p++ = digits[v >> 12 & 63];
		*p++ = left > 1 ? digits[v >> 6 & 63] : '=';
		*p++ = left > 2 ? digits[v & 63] : '=';
	}
	return text_need(json_stringn_nocheck(out, len));
}

static int
digit_value(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int
text_unbase64(const char *s, size_t n, struct blob *ret_b, size_t *ret_wrong)
{
	size_t pad = n && s[n - 1] == '=' ? 1 + (n > 1 && s[n - 2] == '=') : 0;
	scope_free char *out = room_for(n / 4 * 3 + 4);
	size_t len = 0;
	uint32_t v = 0;

	for (size_t i = 0; i < n - pad; i++) {
		int d = digit_value(s[i]);
		if (d < 0) {
			*ret_wrong = i;
			return -1;
		}
		v = v << 6 | (uint32_t)d;
		if (i % 4 == 0)
			continue;
		out[len++] = (char)(v >> (6 - i % 4 * 2));
	}
	/* What the last digit holds beyond whole bytes must be zero. */
	uint32_t beyond = pad == 1 ? v & 3 : pad == 2 ? v & 15 : 0;
	if (n % 4 || beyond) {
		*ret_wrong = n - pad - (beyond && n % 4 == 0);
		return -1;
	}
	out[len] = '\0';
	*ret_b = (struct blob){steal_ptr(&out), len};
	return 0;
}

size_t
text_weight(const char *s, size_t n, unsigned max_depth, bool *ret_deep)
{
	size_t weight = COST_VALUE + n;
	unsigned depth = 0;

	for (size_t i = 0; i < n && depth <= max_depth; i++) {
		switch (s[i]) {
		case '"':
			for (i++; i < n && s[i] != '"'; i++)
				i += s[i] == '\\';
			break;
		case '{':
		case '[':
			weight += s[i] == '{' ? COST_OBJECT : COST_ARRAY;
			depth++;
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		case ',':
			weight += COST_VALUE;
			break;
		case ':':
			weight += COST_KEY;
			break;
		default:
			break;
		}
	}
	if (ret_deep)
		*ret_deep = depth > max_depth;
	return weight;
}

struct blob
text_blob(const char *bytes, size_t n)
{
	struct blob b = {room_for(n + 1), n};

	if (n)
		memcpy(b.data, bytes, n);
	b.data[n] = '\0';
	return b;
}
