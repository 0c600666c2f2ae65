/* refcounts: steps are aligned by their line, function and event; then counts
 * are compared name by name.  What is the same at many steps is said once. */
#include "api/compare_parts.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

/* What a step is aligned by. */
struct where {
	json_int_t line;
	const char *function, *event;
};

static struct where
where_of(const json_t *step)
{
	const char *function =
		json_string_value(json_object_get(step, "function"));
	const char *event = json_string_value(json_object_get(step, "event"));

	return (struct where){json_integer_value(json_object_get(step, "line")),
		function ? function : "?", event ? event : "?"};
}

static void
put_step(struct buf *b, const json_t *step)
{
	struct where w = where_of(step);

	buf_printf(b, "line %" JSON_INTEGER_FORMAT " in %s: %s", w.line,
		w.function, w.event);
}

static struct compare_seq
steps_of(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(value, "steps"), i, step)
	{
		put_step(&s.text, step);
		compare_seq_add(&s);
	}
	return s;
}

/* Counts that differ: the list, and by what is said the element that says it
 * already. */
struct counts {
	json_t *list, *said;
	struct compare_room *room;
};

static json_t *
or_null(json_t *j)
{
	return j ? json_incref(j) : json_null();
}

static void
add_count(struct counts *c, const json_t *a, const json_t *b, const char *name)
{
	json_t *was = json_object_get(json_object_get(a, "counts"), name);
	json_t *is = json_object_get(json_object_get(b, "counts"), name);
	scope_buf struct buf key = BUF_INIT(COMPARE_MAX);

	put_step(&key, a);
	scope_free char *x =
		was ? json_dumps(was, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	scope_free char *y =
		is ? json_dumps(is, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	buf_printf(&key, "|%s|%s|%s", name, x ? x : "", y ? y : "");
	json_t *one = json_object_get(c->said, key.data);
	if (one) {
		json_t *times = json_object_get(one, "times");
		json_integer_set(times, json_integer_value(times) + 1);
		return;
	}
	json_t *shown = compare_text_shown(name, strlen(name), c->room);
	if (!shown)
		return;
	one = text_need(json_object());
	text_set(one, "line", or_null(json_object_get(a, "line")));
	text_set(one, "function", or_null(json_object_get(a, "function")));
	text_set(one, "event", or_null(json_object_get(a, "event")));
	text_set(one, "name", shown);
	text_set(one, "a", or_null(was));
	text_set(one, "b", or_null(is));
	text_set(one, "a_step", or_null(json_object_get(a, "step")));
	text_set(one, "b_step", or_null(json_object_get(b, "step")));
	text_set(one, "times", json_integer(1));
	text_append(c->list, one);
	if (json_object_set(c->said, key.data, one))
		abort(); /* the name is UTF-8, as JSON is */
}

static void
compare_counts(struct counts *c, const json_t *a, const json_t *b)
{
	json_t *x = json_object_get(a, "counts");
	json_t *y = json_object_get(b, "counts"), *v;
	const char *name;

	if (compare_members_equal(x, y))
		return;
	json_object_foreach(x, name, v)
	{
		const json_t *other = json_object_get(y, name);
		if (!other || !json_equal(v, other))
			add_count(c, a, b, name);
	}
	json_object_foreach(y, name, v)
	{
		if (!json_object_get(x, name))
			add_count(c, a, b, name);
	}
}

static bool
steps_alike(const json_t *a, const json_t *b)
{
	struct where x = where_of(a), y = where_of(b);

	return x.line == y.line && strcmp(x.function, y.function) == 0 &&
	       strcmp(x.event, y.event) == 0 &&
	       compare_members_equal(json_object_get(a, "counts"),
		       json_object_get(b, "counts"));
}

/* Ends at the first that differs: of several versions, each is held against
 * each other. */
static bool
same(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(a, "steps");
	const json_t *y = json_object_get(b, "steps");
	size_t n = json_array_size(x);

	if (n != json_array_size(y))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!steps_alike(json_array_get(x, i), json_array_get(y, i)))
			return false;
	return true;
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	const json_t *x = json_object_get(a, "steps");
	const json_t *y = json_object_get(b, "steps");
	scope_seq struct compare_seq s = steps_of(a), t = steps_of(b);
	const struct diff_text *was = compare_seq_items(&s);
	const struct diff_text *is = compare_seq_items(&t);
	scope_diff struct diff d = diff_texts(was, s.n, is, t.n, room->work);
	scope_free long *partner = diff_partners(&d, s.n);
	json_auto_t *said = text_need(json_object());
	struct counts c = {text_need(json_array()), said, room};

	for (size_t i = 0; i < s.n; i++)
		if (partner[i] >= 0)
			compare_counts(&c, json_array_get(x, i),
				json_array_get(y, (size_t)partner[i]));
	text_set(ret, "counts", c.list);
	text_set(ret, "steps", compare_text_edits(&d, was, is, room));
}

const struct compare_aspect compare_refcounts = {
	same, differ, compare_members_whole};
