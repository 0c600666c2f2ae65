/* What runs printed, byte by byte, and line by line where it is text. */
#include "api/compare_parts.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

static const char *const streams[] = {"stdout", "stderr"};
#define STREAMS 2

/* What a stream holds; `own` is to be freed. */
struct bytes {
	const char *s;
	size_t n;
	char *own;
	bool text;
};

static struct bytes
bytes_of(const json_t *run, const char *stream)
{
	const json_t *j = json_object_get(run, stream);
	const json_t *text = json_object_get(j, "text");
	const json_t *base64 = json_object_get(j, "base64");
	struct blob b = {0};
	size_t wrong;

	if (json_is_string(text))
		return (struct bytes){json_string_value(text),
			json_string_length(text), NULL, true};
	if (json_is_string(base64) &&
		text_unbase64(json_string_value(base64),
			json_string_length(base64), &b, &wrong) == 0)
		return (struct bytes){b.data, b.n, b.data, false};
	return (struct bytes){"", 0, NULL, true};
}

static bool
stream_same(const json_t *a, const json_t *b, const char *stream)
{
	const json_t *x = json_object_get(a, stream);
	const json_t *y = json_object_get(b, stream);

	return compare_members_equal(json_object_get(x, "text"),
		       json_object_get(y, "text")) &&
	       compare_members_equal(json_object_get(x, "base64"),
		       json_object_get(y, "base64"));
}

static bool
same(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < STREAMS; i++)
		if (!stream_same(a, b, streams[i]))
			return false;
	return true;
}

/* Lines with their ends; the bytes stay where they are. */
static struct diff_text *
lines_of(const struct bytes *b, size_t *ret_n)
{
	size_t n = 0, most = 1;

	for (const char *s = b->s;
		(s = memchr(s, '\n', b->n - (size_t)(s - b->s))); s++)
		most++;
	struct diff_text *line = calloc(most, sizeof(*line));
	if (!line)
		abort();
	for (size_t at = 0; at < b->n;) {
		const char *end = memchr(b->s + at, '\n', b->n - at);
		size_t to = end ? (size_t)(end - b->s) + 1 : b->n;
		line[n++] = (struct diff_text){b->s + at, to - at};
		at = to;
	}
	*ret_n = n;
	return line;
}

static json_t *
line_edits(
	const struct bytes *a, const struct bytes *b, struct compare_room *room)
{
	size_t na, nb;
	scope_free struct diff_text *x = lines_of(a, &na);
	scope_free struct diff_text *y = lines_of(b, &nb);
	scope_diff struct diff d = diff_texts(x, na, y, nb, room->work);

	return compare_text_edits(&d, x, y, room);
}

static bool
only_addresses(const struct bytes *a, const struct bytes *b)
{
	scope_buf struct buf x = BUF_INIT(COMPARE_MAX),
			     y = BUF_INIT(COMPARE_MAX);

	compare_text_masked(&x, a->s, a->n);
	compare_text_masked(&y, b->s, b->n);
	return x.len == y.len && (x.len == 0 || !memcmp(x.data, y.data, x.len));
}

static json_t *
stream_differ(const json_t *a, const json_t *b, const char *stream,
	struct compare_room *room)
{
	struct bytes x = bytes_of(a, stream), y = bytes_of(b, stream);
	json_t *j = text_need(json_object());
	size_t at = 0;

	while (at < x.n && at < y.n && x.s[at] == y.s[at])
		at++;
	text_set(j, "first_byte", json_integer((json_int_t)at));
	text_set(j, "only_addresses", json_boolean(only_addresses(&x, &y)));
	text_set(j, "edits",
		x.text && y.text ? line_edits(&x, &y, room) : json_null());
	free(x.own);
	free(y.own);
	return j;
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	for (size_t i = 0; i < STREAMS; i++)
		text_set(ret, streams[i],
			stream_same(a, b, streams[i])
				? json_null()
				: stream_differ(a, b, streams[i], room));
}

static bool
whole(const json_t *run)
{
	for (size_t i = 0; i < STREAMS; i++)
		if (!compare_members_whole(json_object_get(run, streams[i])))
			return false;
	return true;
}

const struct compare_aspect compare_output = {same, differ, whole};
