/* tasks: which there were, what they ran, where they were made and how they
 * ended.  What they did when differs from run to run. */
#include "api/compare_parts.h"

#include <string.h>

#include "api/text.h"

static const char *
text_of(const json_t *j, const char *key, const char *fallback)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : fallback;
}

/* Without the classes and functions around it, which 3.9 does not know of. */
static const char *
function_of(const json_t *value, const json_t *task)
{
	const json_t *number = json_object_get(task, "function");
	json_int_t n =
		json_is_integer(number) ? json_integer_value(number) : -1;
	const char *name = text_of(
		n < 0 ? NULL
		      : json_array_get(
				json_object_get(value, "functions"), (size_t)n),
		"name", text_of(task, "coroutine", "?"));
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

static void
put_task(struct buf *b, const json_t *value, const json_t *task)
{
	json_int_t line = json_integer_value(json_object_get(task, "line"));

	buf_printf(b, "%s of %s", text_of(task, "name", "without a name"),
		function_of(value, task));
	if (line)
		buf_printf(b, ", made at line %" JSON_INTEGER_FORMAT, line);
	buf_printf(b, ": %s", text_of(task, "state", "?"));
	const char *exception = text_of(task, "exception", NULL);
	if (exception)
		buf_printf(b, " %s", exception);
}

static struct compare_seq
tasks(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *task;
	size_t i;

	json_array_foreach(json_object_get(value, "tasks"), i, task)
	{
		put_task(&s.text, value, task);
		compare_seq_add(&s);
	}
	return s;
}

/* How many loops ran, and whether it came to a standstill. */
static json_t *
rest(const json_t *value)
{
	json_t *loops =
		json_object_get(json_object_get(value, "totals"), "loops");
	json_t *stuck = json_object_get(value, "stuck");
	json_t *j = text_need(json_object());

	text_set(j, "loops", loops ? json_incref(loops) : json_null());
	text_set(j, "stuck", stuck ? json_incref(stuck) : json_null());
	return j;
}

static const struct compare_list list = {"tasks", rest, tasks};

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

const struct compare_aspect compare_tasks = {
	same, differ, compare_members_whole};
