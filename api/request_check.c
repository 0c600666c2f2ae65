/* Faults gathered while a request is checked. */
#include "api/request_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/buf.h"
#include "base/scope.h"
#include "base/utf8.h"

/* Longer strings are cut where they are quoted. */
#define QUOTED_MAX 60

struct place
request_check_member(const struct place *up, const char *key)
{
	return (struct place){.up = up, .key = key, .key_len = strlen(key)};
}

struct place
request_check_element(const struct place *up, size_t index)
{
	return (struct place){.up = up, .index = index};
}

/* The pointer of RFC 6901: "~" is "~0" and "/" is "~1". */
static void
put_pointer(struct buf *b, const struct place *at)
{
	if (!at->up)
		return;
	put_pointer(b, at->up);
	buf_put(b, "/", 1);
	if (!at->key) {
		buf_printf(b, "%zu", at->index);
		return;
	}
	for (size_t i = 0; i < at->key_len; i++) {
		if (at->key[i] == '~' || at->key[i] == '/')
			buf_put(b, at->key[i] == '~' ? "~0" : "~1", 2);
		else
			buf_put(b, at->key + i, 1);
	}
}

static void
put_quoted(struct buf *b, const char *s, size_t n)
{
	size_t shown = n > QUOTED_MAX ? utf8_cut(s, QUOTED_MAX) : n;

	buf_put(b, "\"", 1);
	for (size_t i = 0; i < shown; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\x%02x", c);
		else
			buf_put(b, s + i, 1);
	}
	if (shown < n)
		buf_put(b, "…", strlen("…"));
	buf_put(b, "\"", 1);
}

static void
put_real(struct buf *b, double v)
{
	const char *odd = request_parse_odd(v);

	if (odd)
		buf_printf(b, "%s", odd);
	else
		buf_printf(b, "the number %.15g", v);
}

/* What was found, in words. */
static void
put_found(struct buf *b, const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		buf_printf(b, "an object");
		break;
	case JSON_ARRAY:
		buf_printf(b, "an array");
		break;
	case JSON_STRING:
		buf_printf(b, "the string ");
		put_quoted(b, json_string_value(j), json_string_length(j));
		break;
	case JSON_INTEGER:
		buf_printf(
			b, "the number %lld", (long long)json_integer_value(j));
		break;
	case JSON_REAL:
		put_real(b, json_real_value(j));
		break;
	case JSON_TRUE:
		buf_printf(b, "true");
		break;
	case JSON_FALSE:
		buf_printf(b, "false");
		break;
	case JSON_NULL:
		buf_printf(b, "null");
		break;
	}
}

/* When so much is wrong already that faults are only counted, counts one more:
 * finding words for each of a million would take seconds. */
static bool
only_counted(struct check *c)
{
	if (!c->p || !problem_full(c->p))
		return false;
	problem_at(c->p, "", "%s", "");
	return true;
}

static void
fault(struct check *c, const struct place *at, const char *text)
{
	scope_buf struct buf pointer = BUF_INIT(2 * MAX_BODY_BYTES);

	if (!c->p)
		c->p = problem_new(422, "invalid-request",
			"The request has members that cannot be taken", NULL);
	put_pointer(&pointer, at);
	problem_at(c->p, pointer.data ? pointer.data : "", "%s", text);
}

void
request_check_fault(
	struct check *c, const struct place *at, const char *fmt, ...)
{
	scope_free char *text = NULL;
	va_list args;

	if (only_counted(c))
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	fault(c, at, text);
}

void
request_check_expected(struct check *c, const struct place *at,
	const json_t *found, const char *expected_fmt, ...)
{
	scope_buf struct buf b = BUF_INIT(4 * KIB);
	scope_free char *text = NULL;
	va_list args;

	if (only_counted(c))
		return;
	va_start(args, expected_fmt);
	if (vasprintf(&text, expected_fmt, args) < 0)
		abort();
	va_end(args);
	buf_printf(&b, "%s must be %s, but it is ", at->up ? "It" : "The body",
		text);
	put_found(&b, found);
	buf_put(&b, ".", 1);
	fault(c, at, b.data);
}

static void
unknown_member(struct check *c, const struct place *at, const char *key,
	size_t key_len, const struct member *table, size_t n)
{
	struct place here = {.up = at, .key = key, .key_len = key_len};
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	if (only_counted(c))
		return;
	buf_printf(&b, "There is no member ");
	put_quoted(&b, key, key_len);
	buf_printf(&b, " here; ");
	if (n == 0)
		buf_printf(&b, "this object takes no members");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s",
			i == 0 ? n == 1 ? "the only one is "
					: "the members are "
			       : ", ",
			table[i].name);
	buf_put(&b, ".", 1);
	fault(c, &here, b.data);
}

void
request_check_members(struct check *c, const struct place *at,
	const json_t *object, const struct member *table, size_t n)
{
	json_t *j = (json_t *)object;

	for (void *it = json_object_iter(j); it;
		it = json_object_iter_next(j, it)) {
		const json_t *value = json_object_iter_value(it);
		const char *key = json_object_iter_key(it);
		size_t key_len = json_object_iter_key_len(it);
		struct place here = {.up = at, .key = key, .key_len = key_len};
		size_t i = 0;
		while (i < n && strcmp(table[i].name, key) != 0)
			i++;
		if (i == n)
			unknown_member(c, at, key, key_len, table, n);
		else if (table[i].check)
			table[i].check(c, &here, value);
	}
}
