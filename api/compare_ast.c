/*
 * ast: how far the compiler came member by member, and the rows of each part
 * one after the other, each as a line of words.  Places are not compared: lines
 * are told, columns differ between versions that mean the same.
 */
#include "api/compare_parts.h"

#include <string.h>

#include "api/text.h"
#include "base/scope.h"

static const char *
text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "?";
}

static void
put_int(struct buf *b, const char *before, const json_t *n)
{
	if (json_is_integer(n))
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT, before,
			json_integer_value(n));
}

/* The texts of a list; of code objects and sets what differs from run to run
 * made equal. */
static void
put_list(struct buf *b, const char *before, const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		buf_printf(b, "%s", i ? ", " : before);
		if (json_is_string(one))
			compare_text_masked(b, json_string_value(one),
				json_string_length(one));
		else
			buf_printf(b, "None");
	}
}

static const json_t *
line_of(const json_t *row)
{
	return json_array_get(json_object_get(row, "positions"), 0);
}

static void
put_token(struct compare_seq *s, const json_t *row)
{
	const json_t *string = json_object_get(row, "string");

	put_int(&s->text, "line ", line_of(row));
	buf_printf(&s->text, "  %s", text(row, "type"));
	if (strcmp(text(row, "type"), text(row, "exact")) != 0)
		buf_printf(&s->text, " %s", text(row, "exact"));
	scope_free char *quoted =
		string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
	buf_printf(&s->text, "  %s", quoted ? quoted : "?");
	compare_seq_add(s);
}

static void
put_node(struct compare_seq *s, const json_t *row)
{
	json_t *values = json_object_get(row, "values"), *value;
	const char *type = json_string_value(json_object_get(row, "type"));
	const char *key;

	put_int(&s->text, "line ", line_of(row));
	buf_printf(&s->text, "  %s", text(row, "field"));
	put_int(&s->text, " ", json_object_get(row, "index"));
	buf_printf(&s->text, ": %s", type ? type : "None");
	json_object_foreach(values, key, value)
	{
		scope_free char *json =
			json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
		buf_printf(&s->text, "  %s=", key);
		compare_text_masked(
			&s->text, json ? json : "?", json ? strlen(json) : 1);
	}
	compare_seq_add(s);
}

/* The scope, and then each of its names. */
static void
put_scope(struct compare_seq *s, const json_t *row)
{
	const json_t *symbol;
	size_t i;

	buf_printf(
		&s->text, "scope %s  %s", text(row, "name"), text(row, "type"));
	put_int(&s->text, ", line ", json_object_get(row, "line"));
	if (json_is_true(json_object_get(row, "nested")))
		buf_printf(&s->text, ", nested");
	if (json_is_true(json_object_get(row, "optimized")))
		buf_printf(&s->text, ", optimized");
	compare_seq_add(s);
	json_array_foreach(json_object_get(row, "symbols"), i, symbol)
	{
		buf_printf(&s->text, "%s in %s  %s", text(symbol, "name"),
			text(row, "name"), text(symbol, "scope"));
		put_list(&s->text, "  ", json_object_get(symbol, "flags"));
		put_list(&s->text, "  ", json_object_get(symbol, "ops"));
		compare_seq_add(s);
	}
}

/* The code object, and then each of its lists. */
static void
put_code(struct compare_seq *s, const json_t *row)
{
	static const char *const numbers[] = {
		"arg_count", "posonly_arg_count", "kwonly_arg_count"};
	static const char *const lists[] = {
		"varnames", "cellvars", "freevars", "names", "consts"};

	buf_printf(&s->text, "code object %s", text(row, "name"));
	put_int(&s->text, ", line ", json_object_get(row, "first_line"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		put_int(&s->text, i ? ", " : ", arguments ",
			json_object_get(row, numbers[i]));
	put_list(&s->text, "  ", json_object_get(row, "flags"));
	compare_seq_add(s);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const json_t *list = json_object_get(row, lists[i]);
		if (!json_array_size(list))
			continue;
		buf_printf(&s->text, "%s of %s: ", lists[i], text(row, "name"));
		put_list(&s->text, "", list);
		compare_seq_add(s);
	}
}

static const struct {
	const char *name;
	void (*put)(struct compare_seq *s, const json_t *row);
} parts[] = {
	{"tokens", put_token},
	{"tree", put_node},
	{"symbols", put_scope},
	{"code", put_code},
};
#define NPARTS (sizeof(parts) / sizeof(*parts))

static struct compare_seq
rows(const json_t *value, size_t part)
{
	struct compare_seq s = COMPARE_SEQ;
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(value, parts[part].name), i, row)
	{
		parts[part].put(&s, row);
	}
	return s;
}

/* What is left of the stages when the rows are compared themselves: states, and
 * errors without their ends, which 3.9 does not know. */
static json_t *
outcome(const json_t *value)
{
	json_t *list = text_need(json_array());
	json_t *j = text_need(json_object());
	const json_t *stage;
	size_t i;

	json_array_foreach(json_object_get(value, "stages"), i, stage)
	{
		const json_t *error = json_object_get(stage, "error");
		json_t *one = text_need(json_object());
		text_set(one, "part",
			text_need(json_string(text(stage, "part"))));
		text_set(one, "state",
			text_need(json_string(text(stage, "state"))));
		if (json_is_object(error)) {
			scope_buf struct buf b = BUF_INIT(64 * KIB);
			buf_printf(&b, "%s: %s", text(error, "type"),
				text(error, "message"));
			put_int(&b, ", line ", line_of(error));
			text_set(one, "error", text_json(b.data, b.len));
		}
		text_append(list, one);
	}
	text_set(j, "stages", list);
	return j;
}

static bool
same(const json_t *a, const json_t *b)
{
	json_auto_t *x = outcome(a), *y = outcome(b);

	if (!compare_members_alike(x, y))
		return false;
	for (size_t i = 0; i < NPARTS; i++) {
		scope_seq struct compare_seq s = rows(a, i), t = rows(b, i);
		if (!compare_seq_same(&s, &t))
			return false;
	}
	return true;
}

static void
differ(const json_t *a, const json_t *b, struct compare_room *room, json_t *ret)
{
	json_auto_t *x = outcome(a), *y = outcome(b);
	json_t *list = text_need(json_array());

	compare_members_changes("", x, y, room, list);
	text_set(ret, "changes", list);
	for (size_t i = NPARTS; i-- > 0;) {
		scope_seq struct compare_seq s = rows(a, i), t = rows(b, i);
		const struct diff_text *was = compare_seq_items(&s);
		const struct diff_text *is = compare_seq_items(&t);
		scope_diff struct diff d =
			diff_texts(was, s.n, is, t.n, room->work);
		text_set(ret, parts[i].name,
			compare_text_edits(&d, was, is, room));
	}
}

const struct compare_aspect compare_ast = {same, differ, compare_members_whole};
