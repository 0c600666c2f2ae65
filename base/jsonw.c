/* A streaming JSON writer on memory that the caller gives. */
#include "base/jsonw.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void
jsonw_init(struct jsonw *w, char *buf, size_t cap)
{
	*w = (struct jsonw){.buf = buf, .cap = cap};
}

bool
jsonw_done(const struct jsonw *w)
{
	return w->depth == 0 && w->level[0].any && !w->overflow;
}

static void
put(struct jsonw *w, const char *s, size_t n)
{
	if (w->overflow || n > w->cap - w->len) {
		w->overflow = true;
		return;
	}
	memcpy(w->buf + w->len, s, n);
	w->len += n;
}

/* What stands before a value. */
static void
value(struct jsonw *w)
{
	if (w->level[w->depth].object) {
		assert(w->level[w->depth].key);
		w->level[w->depth].key = false;
	} else {
		assert(w->depth > 0 || !w->level[0].any);
		if (w->level[w->depth].any)
			put(w, ",", 1);
	}
	w->level[w->depth].any = true;
}

static void
open_level(struct jsonw *w, bool object)
{
	value(w);
	assert(w->depth + 1 < JSONW_DEPTH);
	w->depth++;
	w->level[w->depth].object = object;
	w->level[w->depth].any = false;
	w->level[w->depth].key = false;
	put(w, object ? "{" : "[", 1);
}

void
jsonw_object(struct jsonw *w)
{
	open_level(w, true);
}

void
jsonw_array(struct jsonw *w)
{
	open_level(w, false);
}

void
jsonw_end(struct jsonw *w)
{
	assert(w->depth > 0 && !w->level[w->depth].key);
	put(w, w->level[w->depth].object ? "}" : "]", 1);
	w->depth--;
}

/* How many of n bytes stand in a string as they are. */
static size_t
plain_run(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' &&
		s[i] != '\\')
		i++;
	return i;
}

static void
escaped(struct jsonw *w, const char *s, size_t n)
{
	static const char plain[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char code[7];

	put(w, "\"", 1);
	for (size_t at = 0; at < n;) {
		size_t run = plain_run(s + at, n - at);
		put(w, s + at, run);
		at += run;
		if (at == n)
			break;
		unsigned char c = (unsigned char)s[at];
		size_t step = utf8_sequence(s + at, n - at);
		const char *short_form = NULL;

		for (size_t i = 0; i + 1 < sizeof(plain); i += 2)
			if ((unsigned char)plain[i] == c)
				short_form = &plain[i + 1];
		if (!step) {
			put(w, "\xef\xbf\xbd", 3);
			step = 1;
		} else if (short_form) {
			put(w, "\\", 1);
			put(w, short_form, 1);
		} else if (c < 0x20) {
			snprintf(code, sizeof(code), "\\u%04x", c);
			put(w, code, 6);
		} else {
			put(w, s + at, step);
		}
		at += step;
	}
	put(w, "\"", 1);
}

/* Room for any of 64 bits and a sign. */
#define DIGITS 24

/* The digits stand at the end of the room.  Returns where. */
static size_t
digits(char room[DIGITS], uint64_t v, bool negative)
{
	size_t at = DIGITS;

	do
		room[--at] = (char)('0' + v % 10);
	while (v /= 10);
	if (negative)
		room[--at] = '-';
	return at;
}

static void
put_digits(struct jsonw *w, uint64_t v, bool negative)
{
	char room[DIGITS];
	size_t at = digits(room, v, negative);

	put(w, &room[at], DIGITS - at);
}

void
jsonw_keyn(struct jsonw *w, const char *key, size_t n)
{
	assert(w->level[w->depth].object && !w->level[w->depth].key);
	if (w->level[w->depth].any)
		put(w, ",", 1);
	escaped(w, key, n);
	put(w, ":", 1);
	w->level[w->depth].key = true;
	w->level[w->depth].any = true;
}

void
jsonw_key_uint(struct jsonw *w, uint64_t key)
{
	char room[DIGITS];
	size_t at = digits(room, key, false);

	jsonw_keyn(w, &room[at], DIGITS - at);
}

void
jsonw_key(struct jsonw *w, const char *key)
{
	jsonw_keyn(w, key, strlen(key));
}

void
jsonw_strn(struct jsonw *w, const char *s, size_t n)
{
	value(w);
	escaped(w, s, n);
}

void
jsonw_str(struct jsonw *w, const char *s)
{
	jsonw_strn(w, s, strlen(s));
}

void
jsonw_int(struct jsonw *w, int64_t v)
{
	value(w);
	put_digits(w, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0);
}

void
jsonw_uint(struct jsonw *w, uint64_t v)
{
	value(w);
	put_digits(w, v, false);
}

void
jsonw_bool(struct jsonw *w, bool v)
{
	value(w);
	put(w, v ? "true" : "false", v ? 4 : 5);
}

void
jsonw_null(struct jsonw *w)
{
	value(w);
	put(w, "null", 4);
}

void
jsonw_raw(struct jsonw *w, const char *json, size_t n)
{
	value(w);
	put(w, json, n);
}

void
jsonw_member_uint(struct jsonw *w, const char *key, uint64_t v)
{
	jsonw_key(w, key);
	jsonw_uint(w, v);
}

void
jsonw_member_if(struct jsonw *w, const char *key, bool there, int64_t v)
{
	jsonw_key(w, key);
	if (there)
		jsonw_int(w, v);
	else
		jsonw_null(w);
}
