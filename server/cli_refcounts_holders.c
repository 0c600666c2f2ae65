/*
 * refcounts with holders: under each object its holders, each with how often it
 * holds it and where.
 */
#include "server/cli_lens.h"

#include <string.h>

#include "base/scope.h"

enum { NAMES, TYPE, COUNT, HOLDER, COLUMNS };

#define MAX_TEXT 4096 /* bytes of a cell */

static const struct cli_column columns[COLUMNS] = {
	[NAMES] = {.title = "names", .shrink = true, .least = 8},
	[TYPE] = {.title = "type", .shrink = true, .least = 8},
	[COUNT] = {.title = "references", .right = true},
	[HOLDER] = {.title = "held by", .shrink = true, .least = 20},
};

static const char *
text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static void
put_places(struct buf *b, const json_t *holder)
{
	const json_t *places = json_object_get(holder, "places"), *place;
	size_t i;

	json_array_foreach(places, i, place)
	{
		const char *s = json_string_value(place);
		buf_printf(b, "%s%s", i ? ", " : "", s ? s : "?");
	}
	if (json_array_size(places))
		buf_printf(b, " of ");
}

/* "['x'] of dict, __main__.__dict__"; "q of the frame of f"; "cell z of f". */
static void
put_holder(struct buf *b, const json_t *holder)
{
	const json_t *of = json_object_get(holder, "of");
	const char *as = text(of, "as"), *name = text(of, "name");

	if (strcmp(as, "cell") == 0) {
		buf_printf(b, "cell %s of %s", text(of, "variable"), name);
		return;
	}
	put_places(b, holder);
	if (strcmp(as, "frame") == 0) {
		buf_printf(b, "the %s of %s",
			strcmp(text(holder, "kind"), "generator") == 0
				? "generator"
				: "frame",
			name);
		return;
	}
	buf_printf(b, "%s", text(holder, "type"));
	if (*as)
		buf_printf(b, ", %s%s%s%s", text(of, "type"), *name ? " " : "",
			name, as);
}

static void
put_names(struct buf *b, const json_t *capture, json_int_t object)
{
	const json_t *names = json_object_get(capture, "names"), *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		if (cli_lens_int(name, "object", 0) == object)
			buf_printf(b, "%s%s", b->len ? ", " : "",
				text(name, "name"));
	}
}

/* Two cells of a row that belongs to the object above. */
static void
go_below(struct cli_table *t)
{
	cli_table_cell(t, CLI_PLAIN, "%s", "");
	cli_table_cell(t, CLI_PLAIN, "%s", "");
}

static void
put_object(struct cli_table *t, const json_t *capture, const json_t *object)
{
	const json_t *holders = json_object_get(object, "holders"), *holder;
	json_int_t unknown = cli_lens_int(object, "unknown", 0);
	json_int_t dropped = cli_lens_int(object, "dropped", 0);
	scope_buf struct buf b = BUF_INIT(MAX_TEXT);
	size_t i;

	put_names(&b, capture, cli_lens_int(object, "object", 0));
	cli_table_text(t, CLI_NAME, b.data, b.len);
	cli_lens_put_text(t, CLI_PLAIN, object, "type");
	if (json_is_integer(json_object_get(object, "count")))
		cli_lens_put_int(t, CLI_PLAIN, object, "count");
	else
		cli_table_cell(t, CLI_DIM, "immortal");
	cli_table_cell(t, CLI_DIM, "%s", text(object, "immortal"));
	json_array_foreach(holders, i, holder)
	{
		scope_buf struct buf where = BUF_INIT(MAX_TEXT);
		go_below(t);
		cli_lens_put_int(t, CLI_DIM, holder, "references");
		put_holder(&where, holder);
		cli_table_text(t, CLI_PLAIN, where.data, where.len);
	}
	if (dropped > 0) {
		go_below(t);
		cli_table_cell(t, CLI_DIM, "…");
		cli_table_cell(t, CLI_WARN,
			"%" JSON_INTEGER_FORMAT " more holders", dropped);
	}
	if (unknown) {
		go_below(t);
		cli_table_cell(t, CLI_DIM, "%" JSON_INTEGER_FORMAT, unknown);
		cli_table_cell(t, CLI_DIM, "not found: C code");
	}
}

void
cli_refcounts_holders(const json_t *value, const struct cli_out *o)
{
	const json_t *captures = json_object_get(value, "holders"), *capture;
	const json_t *object;
	size_t at, i;

	json_array_foreach(captures, at, capture)
	{
		const json_t *objects = json_object_get(capture, "objects");
		scope_table struct cli_table *t =
			cli_table_new(columns, COLUMNS);
		json_int_t line = cli_lens_int(capture, "line", 0);
		fputc('\n', o->file);
		if (line)
			cli_text_say(o, CLI_NAME,
				"  before line %" JSON_INTEGER_FORMAT
				", time %" JSON_INTEGER_FORMAT "\n",
				line, cli_lens_int(capture, "hit", 0));
		else
			cli_text_say(o, CLI_NAME, "  at the end\n");
		json_array_foreach(objects, i, object)
			put_object(t, capture, object);
		cli_table_print(t, o);
	}
}
