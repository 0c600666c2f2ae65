/*
 * The JSON of a body, or what is wrong with it and where.
 *
 * JSON has no NaN, and jansson refuses numbers that its types cannot hold; the
 * contract wants both pointed at like any other value outside its bounds.  So
 * when a body is refused, such tokens are replaced by numbers that stand for
 * them, and it is read once more.
 */
#include "api/request_check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/buf.h"
#include "base/scope.h"
#include "base/utf8.h"

/* What a parsed body may take in memory beyond its strings: an 8 MiB body of
 * empty objects would take 600. */
#define MAX_TREE_BYTES (64 * MIB)

/* No caller means these numbers: the largest that a double holds.  The text is
 * exact. */
static const struct odd {
	double value;
	const char *literal, *words;
} odd[] = {
	{DBL_MAX, "1.7976931348623157e308", "a number too large to be one"},
	{-DBL_MAX, "-1.7976931348623157e308", "a number too small to be one"},
	{0x1.ffffffffffffep+1023, "1.7976931348623155e308", "NaN"},
	{0x1.ffffffffffffdp+1023, "1.7976931348623153e308", "Infinity"},
	{-0x1.ffffffffffffdp+1023, "-1.7976931348623153e308", "-Infinity"},
};

enum { ODD_LARGE, ODD_SMALL, ODD_NAN, ODD_INF, ODD_MINUS_INF, ODD_NONE };

/* A body with its odd numbers replaced; the one that was replaced last before
 * an error says how far positions moved. */
struct patch {
	struct buf text;
	size_t count;
	struct {
		size_t end;   /* in the patched text */
		size_t moved; /* patched offset minus original offset */
	} at[64];
};

const char *
request_parse_odd(double v)
{
	for (size_t i = 0; i < ODD_NONE; i++)
		if (odd[i].value == v)
			return odd[i].words;
	return NULL;
}

static bool
in_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

/* Which odd number a token is, if any. */
static int
classify(const char *token, size_t n)
{
	char text[512];

	if (n == 3 && memcmp(token, "NaN", 3) == 0)
		return ODD_NAN;
	if (n == 8 && memcmp(token, "Infinity", 8) == 0)
		return ODD_INF;
	if (n == 9 && memcmp(token, "-Infinity", 9) == 0)
		return ODD_MINUS_INF;
	bool minus = token[0] == '-';
	const char *digits = token + minus;
	size_t ndigits = n - minus;
	if (ndigits == 0 || strspn(digits, "0123456789.eE+-") < ndigits)
		return ODD_NONE;
	bool whole = strspn(digits, "0123456789") >= ndigits;
	if (whole && ndigits > 18 && digits[0] != '0')
		return minus ? ODD_SMALL : ODD_LARGE;
	if (whole || n >= sizeof(text))
		return ODD_NONE;
	memcpy(text, token, n);
	text[n] = '\0';
	char *end;
	double v = strtod(text, &end);
	if (*end || !isinf(v))
		return ODD_NONE;
	return minus ? ODD_SMALL : ODD_LARGE;
}

/* The offset just after the string that starts at i. */
static size_t
skip_string(const char *s, size_t n, size_t i)
{
	for (i++; i < n && s[i] != '"'; i++)
		if (s[i] == '\\')
			i++;
	return i < n ? i + 1 : n;
}

/* Copies what lies between *done and an odd token, and its stand-in. */
static void
patch_token(
	struct patch *p, const char *s, size_t from, size_t to, size_t *done)
{
	int what = classify(s + from, to - from);

	if (what == ODD_NONE || p->count == sizeof(p->at) / sizeof(p->at[0]))
		return;
	buf_put(&p->text, s + *done, from - *done);
	buf_put(&p->text, odd[what].literal, strlen(odd[what].literal));
	p->at[p->count].end = p->text.len;
	p->at[p->count++].moved = p->text.len - to;
	*done = to;
}

static void
patch_body(struct patch *p, const char *s, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n;) {
		size_t from = i;
		while (i < n && in_token(s[i]))
			i++;
		if (i > from)
			patch_token(p, s, from, i, &done);
		else
			i = s[i] == '"' ? skip_string(s, n, i) : i + 1;
	}
	buf_put(&p->text, s + done, n - done);
}

/* Where in the original an offset of the patched text lies.  A token may have
 * shrunk, so `moved` wraps; unsigned arithmetic undoes that. */
static size_t
original_offset(const struct patch *p, size_t offset)
{
	size_t moved = 0;

	for (size_t i = 0; i < p->count && p->at[i].end <= offset; i++)
		moved = p->at[i].moved;
	return offset - moved;
}

/* The offset of the first \u escape that is half of a pair, or n. */
static size_t
find_lone_surrogate(const char *s, size_t n)
{
	for (size_t i = 0; i + 6 <= n; i++) {
		if (s[i] != '\\')
			continue;
		if (s[i + 1] != 'u') {
			i++;
			continue;
		}
		char hex[5] = {s[i + 2], s[i + 3], s[i + 4], s[i + 5], 0};
		unsigned long v = strtoul(hex, NULL, 16);
		if (v >= 0xdc00 && v <= 0xdfff)
			return i;
		if (v >= 0xd800 && v <= 0xdbff) {
			char low[5] = {0};
			if (i + 12 > n || s[i + 6] != '\\' || s[i + 7] != 'u')
				return i;
			memcpy(low, s + i + 8, 4);
			v = strtoul(low, NULL, 16);
			if (v < 0xdc00 || v > 0xdfff)
				return i;
			i += 6;
		}
		i += 5;
	}
	return n;
}

/* The problem with what and where, in words. */
static struct problem *
not_json(const char *body, size_t n, size_t offset, const char *what)
{
	size_t line = 1, column = 1;

	if (offset > n)
		offset = n;
	for (size_t i = 0; i < offset; i++) {
		if (body[i] == '\n') {
			line++;
			column = 1;
		} else if ((body[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return problem_new(400, "not-json", "The body is not JSON",
		"%s, at line %zu, column %zu (byte offset %zu of %zu).", what,
		line, column, offset, n);
}

/* jansson's words, shorter and without its own names for things. */
static const char *
describe(const json_error_t *e, const char *body, size_t n, size_t *offset)
{
	switch (json_error_code(e)) {
	case json_error_stack_overflow:
		return "Arrays and objects are nested too deep";
	case json_error_premature_end_of_input:
		return "The body ends in the middle of a value";
	case json_error_end_of_input_expected:
		return "Something follows after the end of the value";
	case json_error_duplicate_key:
		return "An object has the same member twice";
	case json_error_null_byte_in_key:
		return "The name of a member holds a NUL character";
	case json_error_numeric_overflow:
		return "A number is too large to be one";
	case json_error_invalid_utf8:
		return "The text is not UTF-8";
	default:
		break;
	}
	if (strncmp(e->text, "invalid Unicode", strlen("invalid Unicode")) ==
		0) {
		*offset = find_lone_surrogate(body, n);
		return "A \\u escape is half of a surrogate pair, without the "
		       "other half, which is no character";
	}
	return NULL;
}

/* jansson stands behind the token that it did not like and quotes it when it is
 * short: the place meant is where that token begins. */
static size_t
token_start(const char *text, const char *body, size_t offset)
{
	const char *near = strstr(text, " near '");
	size_t n = near ? strlen(near + 7) : 0;

	if (n < 2 || n - 1 > offset ||
		memcmp(body + offset - (n - 1), near + 7, n - 1) != 0)
		return offset;
	return offset - (n - 1);
}

static struct problem *
explain(const json_error_t *e, const char *body, size_t n, size_t offset)
{
	scope_buf struct buf b = BUF_INIT(512);

	if (offset > n)
		offset = n;
	offset = token_start(e->text, body, offset);
	const char *what = describe(e, body, n, &offset);

	if (!what) {
		buf_printf(&b, "The JSON parser says: %s", e->text);
		what = b.data;
	}
	return not_json(body, n, offset, what);
}

static json_t *
load(const char *s, size_t n, json_error_t *e)
{
	return json_loadb(s, n,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, e);
}

json_t *
request_parse(const char *body, size_t n, struct problem **ret_problem)
{
	json_error_t e;
	struct patch p = {.text = BUF_INIT(2 * MAX_BODY_BYTES)};

	size_t good = utf8_valid_prefix(body, n);
	if (good < n) {
		*ret_problem = not_json(body, n, good, "The body is not UTF-8");
		return NULL;
	}
	if (n == 0) {
		*ret_problem = problem_new(400, "not-json",
			"The body is not JSON", "The body is empty.");
		return NULL;
	}
	if (text_weight(body, n, JSON_PARSER_MAX_DEPTH, NULL) >
		n + MAX_TREE_BYTES) {
		*ret_problem = problem_new(413, "body-too-large",
			"The body is too large",
			"The body holds so many values that reading it would "
			"take more than %llu MiB of memory; no request needs "
			"as many.",
			MAX_TREE_BYTES / MIB);
		return NULL;
	}
	json_t *j = load(body, n, &e);
	if (j)
		return j;
	patch_body(&p, body, n);
	scope_buf struct buf text = p.text;
	if (p.count) {
		j = load(text.data, text.len, &e);
		if (j)
			return j;
	}
	*ret_problem = explain(&e, body, n,
		original_offset(&p, e.position < 0 ? 0 : (size_t)e.position));
	return NULL;
}
