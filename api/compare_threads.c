/* threads: which there were, how they are called and where they were started.
 * Who had the GIL when differs from run to run, on one runtime as well. */
#include "api/compare_parts.h"

#include "api/text.h"

/* What it comes to is shown by its index. */
static json_int_t
line_of(const json_t *value, const json_t *thread)
{
	json_int_t at = json_integer_value(json_object_get(thread, "at"));
	const json_t *place =
		at > 0 ? json_array_get(json_object_get(value, "places"),
				 (size_t)at - 1)
		       : NULL;

	return json_integer_value(json_object_get(place, "line"));
}

static void
put_thread(struct buf *b, const json_t *value, const json_t *thread)
{
	const char *name = json_string_value(json_object_get(thread, "name"));
	json_int_t by = json_integer_value(json_object_get(thread, "by"));

	buf_printf(b, "%s%s", name ? name : "without a name",
		json_is_true(json_object_get(thread, "daemon")) ? ", a daemon"
								: "");
	if (by)
		buf_printf(b,
			", started at line %" JSON_INTEGER_FORMAT
			" by thread %" JSON_INTEGER_FORMAT,
			line_of(value, thread), by);
}

static struct compare_seq
threads(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *thread;
	size_t i;

	json_array_foreach(json_object_get(value, "threads"), i, thread)
	{
		put_thread(&s.text, value, thread);
		compare_seq_add(&s);
	}
	return s;
}

/* The switch interval that it began with; whether there is a GIL. */
static json_t *
rest(const json_t *value)
{
	json_t *gil = json_object_get(json_object_get(value, "totals"), "gil");
	json_t *us = json_object_get(
		json_array_get(json_object_get(value, "switch_intervals"), 0),
		"us");
	json_t *j = text_need(json_object());

	text_set(j, "gil", gil ? json_incref(gil) : json_null());
	text_set(j, "switch_interval_us", us ? json_incref(us) : json_null());
	return j;
}

static const struct compare_list list = {"threads", rest, threads};

static bool
same(const json_t *a, const json_t *b)
{
	return compare_list_same(&list, a, b);
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	compare_list_differ(&list, a, b, room, ret);
}

const struct compare_aspect compare_threads = {
	same, differ, compare_members_whole};
