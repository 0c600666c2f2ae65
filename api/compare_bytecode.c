/* bytecode: code objects are aligned in their order by name and first line,
 * what is left of them by name alone.  Not by qualified name, which before 3.11
 * they do not have. */
#include "api/compare_code.h"

#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

static const json_t *
objects_of(const json_t *value)
{
	return json_object_get(value, "code_objects");
}

static const char *
name_of(const json_t *code)
{
	const char *name = json_string_value(json_object_get(code, "name"));

	return name ? name : "?";
}

/* Whether they can be the same: two versions part at one of their first
 * instructions, which is seen at once. */
static bool
names_same(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(a, "instructions");
	const json_t *y = json_object_get(b, "instructions");
	size_t n = json_array_size(x);

	if (n != json_array_size(y))
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *p = json_string_value(
			json_object_get(json_array_get(x, i), "op"));
		const char *q = json_string_value(
			json_object_get(json_array_get(y, i), "op"));
		if (strcmp(p ? p : "", q ? q : "") != 0)
			return false;
	}
	return true;
}

static bool
pair_same(const json_t *a, const json_t *b)
{
	if (!names_same(a, b))
		return false;
	scope_code struct compare_code x = compare_code_read(a);
	scope_code struct compare_code y = compare_code_read(b);

	return compare_code_same(&x, &y);
}

static bool
same(const json_t *a, const json_t *b)
{
	const json_t *x = objects_of(a), *y = objects_of(b);

	if (json_array_size(x) != json_array_size(y))
		return false;
	for (size_t i = 0; i < json_array_size(x); i++)
		if (!pair_same(json_array_get(x, i), json_array_get(y, i)))
			return false;
	return true;
}

static struct compare_seq
names_of(const json_t *objects)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *code;
	size_t i;

	json_array_foreach(objects, i, code)
	{
		buf_printf(&s.text, "%s:%" JSON_INTEGER_FORMAT, name_of(code),
			json_integer_value(
				json_object_get(code, "first_line")));
		compare_seq_add(&s);
	}
	return s;
}

/* Code objects of a that have no partner take one of their name; which were
 * taken is said in `moved`. */
static void
pair_by_name(const json_t *x, const json_t *y, long *partner, const bool *taken,
	bool *moved)
{
	json_auto_t *free_ones = text_need(json_object());

	for (size_t k = json_array_size(y); k-- > 0;) {
		const char *name = name_of(json_array_get(y, k));
		json_t *list = json_object_get(free_ones, name);
		if (taken[k])
			continue;
		if (!list) {
			list = text_need(json_array());
			text_set(free_ones, name, list);
		}
		text_append(list, json_integer((json_int_t)k));
	}
	for (size_t i = 0; i < json_array_size(x); i++) {
		json_t *list = partner[i] >= 0
				       ? NULL
				       : json_object_get(free_ones,
						 name_of(json_array_get(x, i)));
		size_t n = json_array_size(list);
		if (n == 0)
			continue;
		partner[i] =
			(long)json_integer_value(json_array_get(list, n - 1));
		json_array_remove(list, n - 1);
		moved[i] = true;
	}
}

/* The one of two that says more of where it is; b may be NULL. */
static json_t *
head(const json_t *code, const json_t *b, struct compare_room *room)
{
	const json_t *name = json_object_get(
		b && !compare_code_is_qualified(code) ? b : code, "qualname");
	const json_t *line = json_object_get(code, "first_line");
	json_t *shown = compare_text_shown(
		json_is_string(name) ? json_string_value(name) : "?",
		json_is_string(name) ? json_string_length(name) : 1, room);

	if (!shown)
		return NULL;
	json_t *j = text_need(json_object());
	text_set(j, "qualname", shown);
	text_set(j, "first_line",
		json_is_integer(line) ? json_incref((json_t *)line)
				      : json_null());
	return j;
}

static void
put_only(const json_t *code, const char *side, struct compare_room *room,
	json_t *list)
{
	size_t n = json_array_size(json_object_get(code, "instructions"));
	bool a = strcmp(side, "a") == 0;
	json_t *j = head(code, NULL, room);

	if (!j)
		return;
	text_set(j, "only", json_string(side));
	text_set(j, "instructions", compare_code_counts(a ? n : 0, a ? 0 : n));
	text_set(j, "changes", json_array());
	text_set(j, "edits", json_array());
	text_append(list, j);
}

static void
put_pair(const json_t *a, const json_t *b, bool moved,
	struct compare_room *room, json_t *list)
{
	scope_code struct compare_code x = compare_code_read(a);
	scope_code struct compare_code y = compare_code_read(b);

	if (!moved && compare_code_same(&x, &y))
		return;
	json_t *j = head(a, b, room);
	if (!j)
		return;
	text_set(j, "only", json_null());
	compare_code_differ(&x, &y, room, j);
	text_append(list, j);
}

static size_t
instructions_of(const json_t *objects)
{
	const json_t *code;
	size_t i, n = 0;

	json_array_foreach(objects, i, code)
	{
		n += json_array_size(json_object_get(code, "instructions"));
	}
	return n;
}

static json_t *
totals(const json_t *x, const json_t *y)
{
	json_t *j = text_need(json_object());

	text_set(j, "code_objects",
		compare_code_counts(json_array_size(x), json_array_size(y)));
	text_set(j, "instructions",
		compare_code_counts(instructions_of(x), instructions_of(y)));
	return j;
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	const json_t *x = objects_of(a), *y = objects_of(b);
	scope_seq struct compare_seq s = names_of(x), t = names_of(y);
	scope_diff struct diff d = diff_texts(compare_seq_items(&s), s.n,
		compare_seq_items(&t), t.n, room->work);
	scope_free long *partner = diff_partners(&d, s.n);
	scope_free bool *taken = calloc(t.n + 1, 1);
	scope_free bool *moved = calloc(s.n + 1, 1);
	json_t *list = text_need(json_array());

	if (!taken || !moved)
		abort();
	for (size_t i = 0; i < s.n; i++)
		if (partner[i] >= 0)
			taken[partner[i]] = true;
	pair_by_name(x, y, partner, taken, moved);
	for (size_t i = 0; i < s.n; i++) {
		const json_t *code = json_array_get(x, i);
		if (partner[i] < 0)
			put_only(code, "a", room, list);
		else
			put_pair(code, json_array_get(y, (size_t)partner[i]),
				moved[i], room, list);
		if (partner[i] >= 0)
			taken[partner[i]] = true;
	}
	for (size_t k = 0; k < t.n; k++)
		if (!taken[k])
			put_only(json_array_get(y, k), "b", room, list);
	text_set(ret, "totals", totals(x, y));
	text_set(ret, "code_objects", list);
}

/* Also of each code object, a constant of which may have been cut. */
static bool
whole(const json_t *value)
{
	const json_t *code;
	size_t i;

	json_array_foreach(objects_of(value), i, code)
	{
		if (!compare_members_whole(code))
			return false;
	}
	return compare_members_whole(value);
}

const struct compare_aspect compare_bytecode = {same, differ, whole};
