/*
 * bytecode: a listing for each code object.  The source stands beside the
 * first instruction of each line, "›" marks what is jumped to; at the end of a
 * row is how many values are on the stack before and after.
 */
#include <string.h>

#include "server/cli_lens.h"

enum { LINE, SOURCE, OFFSET, TARGET, OP, ARG, REPR, STACK, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[LINE] = {.title = "line", .right = true},
	[SOURCE] = {.title = "source", .shrink = true, .least = 8},
	[OFFSET] = {.title = "offset", .right = true},
	[TARGET] = {.title = ""},
	[OP] = {.title = "instruction", .close = true},
	[ARG] = {.title = "arg", .right = true, .close = true},
	[REPR] = {.title = "", .close = true, .shrink = true, .least = 8},
	[STACK] = {.title = "stack"},
};

/* What is worth knowing of the whole code object. */
static void
details(const json_t *code, struct buf *b)
{
	json_int_t args = cli_lens_int(code, "arg_count", 0) +
			  cli_lens_int(code, "kwonly_arg_count", 0);
	const json_t *flag;
	size_t i;

	buf_printf(b,
		"line %" JSON_INTEGER_FORMAT ", stack %" JSON_INTEGER_FORMAT,
		cli_lens_int(code, "first_line", 0),
		cli_lens_int(code, "stack_size", 0));
	if (args)
		buf_printf(b, ", %" JSON_INTEGER_FORMAT " argument%s", args,
			args == 1 ? "" : "s");
	json_array_foreach(json_object_get(code, "flags"), i, flag)
	{
		if (json_is_string(flag))
			buf_printf(b, "%s%s", i ? " " : ", ",
				json_string_value(flag));
	}
}

static void
put_head(const json_t *code, const struct cli_out *o)
{
	const json_t *name = json_object_get(code, "qualname");
	scope_buf struct buf title = BUF_INIT(4096);
	scope_buf struct buf rest = BUF_INIT(4096);

	if (json_is_string(name))
		cli_text_clean(&title, json_string_value(name),
			json_string_length(name));
	size_t fit = cli_text_fit(
		title.data ? title.data : "", title.len, o->width - 2);
	cli_text_say(
		o, CLI_NAME, "\n%.*s", (int)fit, title.data ? title.data : "");
	fputs("  ", o->file);
	details(code, &rest);
	cli_text_on(o, CLI_DIM);
	cli_text_wrap(o, cli_text_width(title.data ? title.data : "", fit) + 2,
		4, rest.data);
	cli_text_off(o, CLI_DIM);
}

/* Blanks that the lines of this code object begin with at least: those of its
 * first line. */
static size_t
indentation(const json_t *code, const struct cli_source *src)
{
	size_t n, blanks = 0;
	const char *line =
		cli_lens_line(src, cli_lens_int(code, "first_line", 0), &n);

	while (blanks < n && (line[blanks] == ' ' || line[blanks] == '\t'))
		blanks++;
	return blanks;
}

/* Up to `blanks` are taken away. */
static void
put_source(struct cli_table *t, const struct cli_source *src, json_int_t line,
	size_t blanks)
{
	size_t n, skip = 0;
	const char *text = cli_lens_line(src, line, &n);

	while (skip < blanks && skip < n &&
		(text[skip] == ' ' || text[skip] == '\t'))
		skip++;
	cli_table_text(t, CLI_PLAIN, text + skip, n - skip);
}

/* The specialised form, where there is one, with what it was made of. */
static void
put_op(struct cli_table *t, const json_t *i)
{
	const json_t *special = json_object_get(i, "specialized");

	if (json_is_string(special))
		cli_table_text(t, CLI_GOOD, json_string_value(special),
			json_string_length(special));
	else
		cli_lens_put_text(t, CLI_BOLD, i, "op");
}

/* The argument is worth a column only when argrepr does not say it already. */
static void
put_repr(struct cli_table *t, const json_t *i)
{
	const json_t *special = json_object_get(i, "specialized");
	const char *repr = json_string_value(json_object_get(i, "argrepr"));
	const char *op = json_string_value(json_object_get(i, "op"));

	if (json_is_string(special) && repr && op)
		cli_table_cell(
			t, CLI_PLAIN, "%s%s[%s]", repr, *repr ? "  " : "", op);
	else
		cli_lens_put_text(t, CLI_PLAIN, i, "argrepr");
}

/* Values on the stack before and after: "2→1", "1→2/0" when there is another
 * number where it jumps. */
static void
put_stack(struct cli_table *t, const json_t *i)
{
	const json_t *j = json_object_get(i, "stack");
	const json_t *after = json_array_get(j, 1), *to = json_array_get(j, 2);
	scope_buf struct buf b = BUF_INIT(64);

	if (json_is_integer(json_array_get(j, 0)))
		buf_printf(&b, "%" JSON_INTEGER_FORMAT,
			json_integer_value(json_array_get(j, 0)));
	if (json_is_integer(after))
		buf_printf(&b, "→%" JSON_INTEGER_FORMAT,
			json_integer_value(after));
	if (json_is_integer(to) && !json_equal(to, after))
		buf_printf(&b, "%s%" JSON_INTEGER_FORMAT,
			json_is_integer(after) ? "/" : "→",
			json_integer_value(to));
	cli_table_text(t, CLI_DIM, b.data ? b.data : "", b.len);
}

static void
put_instructions(
	struct cli_table *t, const json_t *code, const struct cli_source *src)
{
	size_t blanks = indentation(code, src), at;
	json_int_t shown = -1;
	const json_t *i;

	json_array_foreach(json_object_get(code, "instructions"), at, i)
	{
		json_int_t line = cli_lens_int(i, "line", -1);
		if (line >= 0 && line != shown) {
			shown = line;
			cli_lens_put_int(t, CLI_DIM, i, "line");
			put_source(t, src, line, blanks);
		} else {
			cli_table_text(t, CLI_PLAIN, "", 0);
			cli_table_text(t, CLI_PLAIN, "", 0);
		}
		cli_lens_put_int(t, CLI_DIM, i, "offset");
		cli_table_cell(t, CLI_WARN, "%s",
			json_is_true(json_object_get(i, "jump_target")) ? "›"
									: "");
		put_op(t, i);
		cli_lens_put_int(t, CLI_DIM, i, "arg");
		put_repr(t, i);
		put_stack(t, i);
	}
}

static void
put_exceptions(const json_t *table, const struct cli_out *o)
{
	const json_t *e;
	size_t i;

	json_array_foreach(table, i, e)
	{
		if (i == 0)
			cli_text_say(o, CLI_DIM, "  exceptions\n");
		scope_buf struct buf b = BUF_INIT(256);
		buf_printf(&b,
			"raised from %" JSON_INTEGER_FORMAT
			" to %" JSON_INTEGER_FORMAT
			": go to %" JSON_INTEGER_FORMAT
			" with the stack at %" JSON_INTEGER_FORMAT "%s",
			cli_lens_int(e, "start", 0), cli_lens_int(e, "end", 0),
			cli_lens_int(e, "target", 0),
			cli_lens_int(e, "depth", 0),
			json_is_true(json_object_get(e, "lasti"))
				? " and the offset pushed"
				: "");
		fprintf(o->file, "%4s", "");
		cli_text_wrap(o, 4, 6, b.data);
	}
}

void
cli_lens_bytecode(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *codes = json_object_get(value, "code_objects"), *code;
	size_t i;

	if (json_array_size(codes) == 0)
		cli_text_say(o, CLI_DIM, "  nothing was compiled\n");
	json_array_foreach(codes, i, code)
	{
		scope_table struct cli_table *t =
			cli_table_new(columns, COLUMNS);
		put_head(code, o);
		put_instructions(t, code, src);
		cli_table_print(t, o);
		put_exceptions(json_object_get(code, "exception_table"), o);
	}
}
