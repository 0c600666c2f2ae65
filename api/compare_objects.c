/*
 * objects: each object of each capture as a line, and each change of room.  Not
 * compared is what differs between any two processes: addresses, hashes and
 * what follows from them (slots, the order of a set), and counts of references
 * to what the interpreter shares.
 */
#include "api/compare_parts.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

static const char *
text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "?";
}

static json_int_t
number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

/* "end", or "line 3 in f". */
static void
put_when(struct buf *b, const json_t *capture)
{
	if (json_is_integer(json_object_get(capture, "line")))
		buf_printf(b, "line %" JSON_INTEGER_FORMAT " in %s",
			number(capture, "line"), text(capture, "function"));
	else
		buf_printf(b, "%s", text(capture, "when"));
}

/* The names that an object has, with commas between; false when it has none. */
static bool
put_names(struct buf *b, const json_t *capture, json_int_t object)
{
	const char *between = "";
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(capture, "names"), i, name)
	{
		/* No lens has more; a claim may. */
		if (i == MAX_NAMES)
			break;
		if (number(name, "object") != object)
			continue;
		buf_printf(b, "%s%s", between, text(name, "name"));
		between = ", ";
	}
	if (*between)
		buf_printf(b, " = ");
	return *between;
}

/* What of a kind does not depend on hashes or addresses. */
static const struct {
	const char *kind, *member, *words;
} details[] = {{"list", "capacity", "room for"},
	{"bytearray", "capacity", "room for"}, {"dict", "slots", "slots:"},
	{"dict", "table", "table:"}, {"set", "slots", "slots:"},
	{"str", "char_bytes", "bytes a character:"},
	{"str", "interned", "interned:"}, {"int", "cached", "cached:"},
	{"instance", "storage", "attributes in:"},
	{"class", "basicsize", "instances of"},
	{"generator", "state", "state:"}, {"array", "dtype", "dtype:"}};

static void
put_details(struct buf *b, const json_t *object)
{
	for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
		const json_t *v = json_object_get(
			json_object_get(object, details[i].kind),
			details[i].member);
		scope_free char *value =
			v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT)
			  : NULL;
		if (value)
			buf_printf(b, ", %s %s", details[i].words,
				json_is_string(v) ? json_string_value(v)
						  : value);
	}
}

/* True when it has a name. */
static bool
put_object(struct buf *b, const json_t *capture, const json_t *object)
{
	const json_t *value = json_object_get(object, "value");
	/* The order of a set is that of hashes. */
	bool ordered = !json_object_get(object, "set");

	put_when(b, capture);
	buf_printf(b, ": ");
	bool named = put_names(b, capture, number(object, "object"));
	buf_printf(b, "%s", text(object, "type"));
	if (ordered && json_is_string(value)) {
		buf_printf(b, " ");
		compare_text_masked(
			b, json_string_value(value), json_string_length(value));
	}
	buf_printf(b, ", %" JSON_INTEGER_FORMAT " bytes",
		number(object, "size_bytes"));
	if (number(object, "owned_bytes") != number(object, "size_bytes"))
		buf_printf(b, ", %" JSON_INTEGER_FORMAT " with all it owns",
			number(object, "owned_bytes"));
	put_details(b, object);
	return named;
}

/* Lines that are still to be put in order. */
struct lines {
	struct blob *of;
	size_t n;
};

static void
lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->of[i].data);
	free(l->of);
}
#define scope_lines __attribute__((cleanup(lines_free)))

static int
by_text(const void *a, const void *b)
{
	return strcmp(
		((const struct blob *)a)->data, ((const struct blob *)b)->data);
}

/* Those with names in the order of these, then the others by what they say. */
static void
add_capture(struct compare_seq *s, const json_t *capture)
{
	const json_t *all = json_object_get(capture, "objects"), *object;
	scope_lines struct lines unnamed = {
		calloc(json_array_size(all) + 1, sizeof(*unnamed.of)), 0};
	size_t i;

	if (!unnamed.of)
		abort();
	json_array_foreach(all, i, object)
	{
		scope_buf struct buf b = BUF_INIT(COMPARE_MAX);
		if (put_object(&b, capture, object)) {
			buf_put(&s->text, b.data, b.len);
			compare_seq_add(s);
		} else
			unnamed.of[unnamed.n++] = text_blob(b.data, b.len);
	}
	qsort(unnamed.of, unnamed.n, sizeof(*unnamed.of), by_text);
	for (i = 0; i < unnamed.n; i++) {
		buf_put(&s->text, unnamed.of[i].data, unnamed.of[i].n);
		compare_seq_add(s);
	}
}

static struct compare_seq
objects_of(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *capture;
	size_t i;

	json_array_foreach(json_object_get(value, "captures"), i, capture)
	{
		add_capture(&s, capture);
	}
	return s;
}

static struct compare_seq
growth_of(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *g;
	size_t i;

	json_array_foreach(json_object_get(value, "growth"), i, g)
	{
		const json_t *from = json_object_get(g, "from");
		buf_printf(&s.text,
			"line %" JSON_INTEGER_FORMAT ": %s %s with "
			"%" JSON_INTEGER_FORMAT " items: room ",
			number(g, "line"), text(g, "kind"), text(g, "name"),
			number(g, "length"));
		if (json_is_integer(from))
			buf_printf(&s.text, "%" JSON_INTEGER_FORMAT " → ",
				json_integer_value(from));
		buf_printf(&s.text,
			"%" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
			" bytes",
			number(g, "to"), number(g, "bytes"));
		compare_seq_add(&s);
	}
	return s;
}

static bool
same(const json_t *a, const json_t *b)
{
	scope_seq struct compare_seq s = objects_of(a), t = objects_of(b);
	scope_seq struct compare_seq u = growth_of(a), v = growth_of(b);

	return compare_seq_same(&s, &t) && compare_seq_same(&u, &v);
}

static json_t *
edits(struct compare_seq *s, struct compare_seq *t, struct compare_room *room)
{
	const struct diff_text *was = compare_seq_items(s);
	const struct diff_text *is = compare_seq_items(t);
	scope_diff struct diff d = diff_texts(was, s->n, is, t->n, room->work);

	return compare_text_edits(&d, was, is, room);
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	scope_seq struct compare_seq s = objects_of(a), t = objects_of(b);
	scope_seq struct compare_seq u = growth_of(a), v = growth_of(b);

	text_set(ret, "objects", edits(&s, &t, room));
	text_set(ret, "growth", edits(&u, &v, room));
}

const struct compare_aspect compare_objects = {
	same, differ, compare_members_whole};
