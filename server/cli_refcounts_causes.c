/*
 * refcounts with causes: one row for each instruction that changed a count, and
 * what it changed, under what it was part of in the source.
 */
#include "server/cli_lens.h"

#include <string.h>

#include "base/scope.h"

enum { STEP, LINE, FUNCTION, INSTRUCTION, SOURCE, CHANGES, COLUMNS };

#define MAX_CHANGES 4096 /* bytes of a cell */
#define WIDTH	    30	 /* columns after which changes go on below */

static const struct cli_column columns[COLUMNS] = {
	[STEP] = {.title = "step", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FUNCTION] = {.title = "function", .shrink = true, .least = 6},
	[INSTRUCTION] = {.title = "instruction"},
	[SOURCE] = {.title = "of", .shrink = true, .least = 6},
	[CHANGES] = {.title = "changes", .shrink = true, .least = WIDTH},
};

static void
put_count(struct buf *b, const json_t *count)
{
	if (json_is_integer(count))
		buf_printf(
			b, "%" JSON_INTEGER_FORMAT, json_integer_value(count));
	else
		buf_printf(b, "%s", json_is_string(count) ? "immortal" : "-");
}

static void
put_change(struct buf *b, const json_t *change)
{
	const char *name = json_string_value(json_object_get(change, "name"));
	const char *of = json_string_value(json_object_get(change, "of"));
	const char *how = json_string_value(json_object_get(change, "how"));

	buf_printf(
		b, "%s%s%s ", of ? of : "", of ? "." : "", name ? name : "?");
	put_count(b, json_object_get(change, "from"));
	buf_printf(b, " → ");
	put_count(b, json_object_get(change, "to"));
	if (how && strcmp(how, "rebound") == 0)
		buf_printf(b, " (another)");
}

/* Was it the same instruction? */
static bool
same_place(const json_t *a, const json_t *b)
{
	static const char *const members[] = {
		"line", "function", "instruction", "call"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const json_t *x = json_object_get(a, members[i]);
		const json_t *y = json_object_get(b, members[i]);
		if (x != y && (!x || !y || !json_equal(x, y)))
			return false;
	}
	return true;
}

/* The part of the line that the instruction is of, else the line. */
static void
put_source(
	struct cli_table *t, const json_t *change, const struct cli_source *src)
{
	const json_t *in = json_object_get(change, "instruction");
	json_int_t from = cli_lens_int(in, "column", -1);
	json_int_t to = cli_lens_int(in, "end_column", -1);
	size_t n;
	const char *line =
		cli_lens_line(src, cli_lens_int(change, "line", 0), &n);

	if (from < 0 || to <= from || (size_t)to > n) {
		cli_table_text(t, CLI_PLAIN, line, n);
		return;
	}
	cli_table_text(t, CLI_PLAIN, line + from, (size_t)(to - from));
}

static void
put_instruction(struct cli_table *t, const json_t *change)
{
	const json_t *in = json_object_get(change, "instruction");
	const char *op = json_string_value(json_object_get(in, "op"));
	const char *call = json_string_value(json_object_get(change, "call"));

	if (!op)
		cli_table_cell(t, CLI_DIM, "-");
	else
		cli_table_cell(t, CLI_NAME, "%s%s", op,
			!call			      ? ""
			: strcmp(call, "begins") == 0 ? ", calls"
						      : ", is left");
}

/* Puts what there is into the last cell, and begins a row that only has such.
 */
static void
put_below(struct cli_table *t, struct buf *b)
{
	cli_table_text(t, CLI_PLAIN, b->data, b->len);
	b->len = 0;
	for (int i = 0; i < CHANGES; i++)
		cli_table_cell(t, CLI_PLAIN, "%s", "");
}

/* Rows for the changes from the i-th on that one instruction made.  Returns the
 * index after them. */
static size_t
put_rows(struct cli_table *t, const json_t *step, size_t i,
	const struct cli_source *src)
{
	const json_t *changes = json_object_get(step, "changes");
	const json_t *first = json_array_get(changes, i), *one = first;
	scope_buf struct buf b = BUF_INIT(MAX_CHANGES);

	cli_lens_put_int(t, CLI_DIM, step, "step");
	cli_lens_put_int(t, CLI_DIM, first, "line");
	cli_lens_put_text(t, CLI_NAME, first, "function");
	put_instruction(t, first);
	put_source(t, first, src);
	for (; one && same_place(first, one);
		one = json_array_get(changes, ++i)) {
		scope_buf struct buf text = BUF_INIT(MAX_CHANGES);
		put_change(&text, one);
		if (b.len &&
			cli_text_width(b.data, b.len) + 2 +
					cli_text_width(text.data, text.len) >
				WIDTH)
			put_below(t, &b);
		buf_printf(&b, "%s%s", b.len ? ", " : "", text.data);
	}
	cli_table_text(t, CLI_PLAIN, b.data, b.len);
	return i;
}

void
cli_refcounts_causes(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *steps = json_object_get(value, "steps"), *step;
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	json_int_t dropped = 0;
	bool any = false;
	size_t at;

	json_array_foreach(steps, at, step)
	{
		const json_t *changes = json_object_get(step, "changes");
		for (size_t i = 0; i < json_array_size(changes); any = true)
			i = put_rows(t, step, i, src);
		any = any || changes;
		if (cli_lens_int(step, "dropped_changes", 0) > 0)
			dropped++;
	}
	if (!any)
		return;
	fputc('\n', o->file);
	cli_table_print(t, o);
	if (dropped)
		cli_text_say(o, CLI_WARN,
			"  … of %" JSON_INTEGER_FORMAT " steps with too many "
			"changes, the first are shown\n",
			dropped);
}
