/*
 * steps: one row for each step, with what it changed: "total = 3", "#4 = [1,
 * 2]".  An object is shown with what is in it, and its number, so that one that
 * has two names is seen to be one.
 */
#include <stdlib.h>
#include <string.h>

#include "api/steps.h"
#include "base/scope.h"
#include "server/cli_lens.h"
#include "wire/limits.h"

enum { STEP, LINE, FUNCTION, SOURCE, CHANGES, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[STEP] = {.title = "step", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FUNCTION] = {.title = "function", .shrink = true, .least = 8},
	[SOURCE] = {.title = "about to run", .shrink = true, .least = 16},
	[CHANGES] = {.title = "changed", .shrink = true, .least = 16},
};

#define DEEPEST 2 /* objects in objects */
#define ITEMS	8 /* of one */

static void
put_string(struct buf *b, const json_t *j, const char *otherwise)
{
	if (json_is_string(j))
		buf_put(b, json_string_value(j), json_string_length(j));
	else
		buf_printf(b, "%s", otherwise);
}

static void put_object(
	struct buf *b, const struct steps *s, json_int_t number, int depth);

static void
put_value(struct buf *b, const struct steps *s, const json_t *v, int depth)
{
	if (json_is_integer(v))
		put_object(b, s, json_integer_value(v), depth);
	else
		put_string(b, v, "…");
}

static void
put_items(struct buf *b, const struct steps *s, const json_t *o,
	const char *member, int depth)
{
	const json_t *items = json_object_get(o, member), *v;
	json_int_t more = cli_lens_int(o, "length", 0);
	size_t i;

	json_array_foreach(items, i, v)
	{
		if (i == ITEMS)
			break;
		buf_printf(b, "%s", i ? ", " : "");
		put_value(b, s, v, depth);
	}
	if (i < json_array_size(items) || more > (json_int_t)i)
		buf_printf(b, "%s…", i ? ", " : "");
}

/* "key: value", "name=value". */
static void
put_pairs(struct buf *b, const struct steps *s, const json_t *o,
	const char *member, const char *between, int depth)
{
	const json_t *pairs = json_object_get(o, member), *p;
	size_t i;

	json_array_foreach(pairs, i, p)
	{
		if (i == ITEMS) {
			buf_printf(b, ", …");
			break;
		}
		buf_printf(b, "%s", i ? ", " : "");
		put_value(b, s, json_array_get(p, 0), depth);
		buf_printf(b, "%s", between);
		put_value(b, s, json_array_get(p, 1), depth);
	}
}

/* The kinds that have brackets of their own. */
static const struct {
	const char *kind, *open, *close;
} brackets[] = {
	{"list", "[", "]"},
	{"tuple", "(", ")"},
	{"set", "{", "}"},
	{"deque", "deque[", "]"},
};

static bool
put_sequence(struct buf *b, const struct steps *s, const json_t *o,
	const char *kind, int depth)
{
	for (size_t i = 0; i < sizeof(brackets) / sizeof(*brackets); i++)
		if (strcmp(kind, brackets[i].kind) == 0) {
			buf_printf(b, "%s", brackets[i].open);
			put_items(b, s, o, "items", depth + 1);
			buf_printf(b, "%s", brackets[i].close);
			return true;
		}
	return false;
}

static void
put_other(struct buf *b, const struct steps *s, const json_t *o,
	const char *kind, int depth)
{
	const json_t *name = json_object_get(o, "name");

	if (json_object_get(o, "text")) {
		put_string(b, json_object_get(o, "text"), "");
		return;
	}
	put_string(b, json_object_get(o, name ? "kind" : "type"), kind);
	if (name) {
		buf_printf(b, " ");
		put_string(b, name, "?");
	}
	if (json_object_get(o, "state")) {
		buf_printf(b, ", ");
		put_string(b, json_object_get(o, "state"), "");
	}
	if (strcmp(kind, "instance") != 0 && strcmp(kind, "exception") != 0)
		return;
	buf_printf(b, "(");
	put_items(b, s, o, "args", depth + 1);
	put_pairs(b, s, o, "attributes", "=", depth + 1);
	buf_printf(b, ")");
}

static void
put_object(struct buf *b, const struct steps *s, json_int_t number, int depth)
{
	const json_t *o = steps_object(s, number);
	const char *kind = json_string_value(json_object_get(o, "kind"));

	buf_printf(b, "#%" JSON_INTEGER_FORMAT, number);
	if (!kind || depth >= DEEPEST)
		return;
	buf_printf(b, " ");
	if (put_sequence(b, s, o, kind, depth))
		return;
	if (strcmp(kind, "dict") == 0) {
		buf_printf(b, "{");
		put_pairs(b, s, o, "entries", ": ", depth + 1);
		buf_printf(b, "}");
		return;
	}
	put_other(b, s, o, kind, depth);
}

/* Changed names of the frames, then changed objects that no changed name leads
 * to by itself. */
static void
put_changes(struct buf *b, const struct steps *s, const json_t *step)
{
	const char *frame, *name, *between = b->len ? "; " : "";
	json_t *names, *v;
	size_t n;

	json_object_foreach(json_object_get(step, "variables"), frame, names)
	{
		json_object_keylen_foreach(names, name, n, v)
		{
			buf_printf(b, "%s", between);
			buf_put(b, name, n);
			buf_printf(b, json_is_null(v) ? " is unbound" : " = ");
			if (!json_is_null(v))
				put_value(b, s, v, 0);
			between = "; ";
		}
	}
	json_object_foreach(json_object_get(step, "objects"), name, v)
	{
		scope_buf struct buf mark = BUF_INIT(64);
		buf_printf(&mark, "#%s ", name);
		if (json_is_null(v) || (b->data && strstr(b->data, mark.data)))
			continue;
		buf_printf(b, "%s", between);
		put_object(b, s, strtoll(name, NULL, 10), 0);
		between = "; ";
	}
}

static const struct {
	const char *event, *words;
} words[] = {
	{"return", "returns "},
	{"yield", "yields "},
	{"exception", "raises "},
	{"call", "is called"},
	{"resume", "goes on"},
	{"unwind", "is left by the exception"},
};

static void
put_event(struct buf *b, const struct steps *s)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(s->event, words[i].event) == 0)
			buf_printf(b, "%s", words[i].words);
	if (s->value && strcmp(s->event, "unwind") != 0)
		put_value(b, s, s->value, 0);
}

static void
put_row(struct cli_table *t, const struct steps *s, const json_t *step,
	const struct cli_source *src)
{
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	put_event(&b, s);
	put_changes(&b, s, step);
	cli_table_cell(t, CLI_DIM, "%" JSON_INTEGER_FORMAT, s->step);
	cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT, s->line);
	cli_lens_put_text(t, CLI_NAME, steps_frame(s, s->frame), "function");
	cli_lens_put_line(t, CLI_PLAIN, src, s->line);
	cli_table_text(t, strcmp(s->event, "exception") ? CLI_GOOD : CLI_BAD,
		b.data ? b.data : "", b.len);
}

void
cli_lens_steps(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *list = json_object_get(value, "steps"), *step;
	json_int_t total = cli_lens_int(value, "total", 0);
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	scope_steps struct steps s;
	size_t i;

	steps_begin(&s);
	json_array_foreach(list, i, step)
	{
		json_int_t before = s.step;
		steps_next(&s, step);
		if (s.step > before + 1) {
			cli_table_cell(t, CLI_WARN, "…");
			cli_table_end_row(t);
		}
		put_row(t, &s, step, src);
	}
	if (i > 0)
		cli_table_print(t, o);
	if (total > (json_int_t)i)
		cli_text_say(o, CLI_WARN,
			"  … of %" JSON_INTEGER_FORMAT " steps %zu are shown\n",
			total, i);
	else if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … something was left out\n");
}
