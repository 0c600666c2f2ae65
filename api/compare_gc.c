/* gc: thresholds and totals member by member, collections one after the other;
 * how long one took, its counts and its film are not compared. */
#include "api/compare_parts.h"

#include <string.h>

#include "api/text.h"

static json_int_t
number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static void
put_collection(struct buf *b, const json_t *c)
{
	const json_t *line = json_object_get(c, "line");
	const char *function =
		json_string_value(json_object_get(c, "function"));

	buf_printf(
		b, "generation %" JSON_INTEGER_FORMAT, number(c, "generation"));
	if (json_is_integer(line))
		buf_printf(b, ", line %" JSON_INTEGER_FORMAT,
			json_integer_value(line));
	if (function)
		buf_printf(b, " in %s", function);
	buf_printf(b,
		": %" JSON_INTEGER_FORMAT " collected, %" JSON_INTEGER_FORMAT
		" uncollectable",
		number(c, "collected"), number(c, "uncollectable"));
}

static struct compare_seq
collections(const json_t *value)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(value, "collections"), i, c)
	{
		put_collection(&s.text, c);
		compare_seq_add(&s);
	}
	return s;
}

static json_t *
without_collections(const json_t *value)
{
	static const char *const no_members[] = {
		"collections", "pauses", "counts", "films", "filmed"};
	json_t *j = text_need(json_copy((json_t *)value));

	for (size_t i = 0; i < sizeof(no_members) / sizeof(*no_members); i++)
		json_object_del(j, no_members[i]);
	return j;
}

static const struct compare_list list = {
	"collections", without_collections, collections};

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

const struct compare_aspect compare_gc = {same, differ, compare_members_whole};
