/* ast: scopes with what each name is, and the code objects. */
#include "server/cli_lens_ast.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "wire/limits.h"

enum { S_NAME, S_SCOPE, S_FLAGS, S_OPS, S_COUNT };

static const struct cli_column columns[S_COUNT] = {
	[S_NAME] = {.title = "name", .shrink = true, .least = 12},
	[S_SCOPE] = {.title = "scope"},
	[S_FLAGS] = {.title = "is", .shrink = true, .least = 12},
	[S_OPS] = {.title = "instructions", .shrink = true, .least = 12},
};

/* The texts of a list, with a separator between. */
static void
join(struct buf *b, const json_t *list, const char *between)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (i)
			buf_printf(b, "%s", between);
		if (json_is_string(one))
			buf_put(b, json_string_value(one),
				json_string_length(one));
	}
}

static void
put_list(struct cli_table *t, const json_t *list, const char *between)
{
	scope_buf struct buf b = BUF_INIT(64 * KIB);

	join(&b, list, between);
	cli_table_text(t, CLI_PLAIN, b.data ? b.data : "", b.len);
}

/* A heading at a depth: a stranger's name, and what is said of it. */
static void
put_head(const struct cli_out *o, unsigned depth, const json_t *name,
	const char *words)
{
	scope_buf struct buf b = BUF_INIT(64 * KIB);
	unsigned indent = 2 + 2 * (depth < 20 ? depth : 20);
	unsigned room = o->width > indent + 20 ? o->width - indent : 20;

	if (json_is_string(name))
		cli_text_clean(
			&b, json_string_value(name), json_string_length(name));
	size_t fit = cli_text_fit(b.data ? b.data : "", b.len, room);
	fprintf(o->file, "%*s", (int)indent, "");
	cli_text_say(o, CLI_BOLD, "%.*s", (int)fit, b.data ? b.data : "");
	fputs("  ", o->file);
	cli_text_on(o, CLI_DIM);
	cli_text_wrap(o, indent + 2 + cli_text_width(b.data ? b.data : "", fit),
		indent + 2, words);
	cli_text_off(o, CLI_DIM);
}

static void
scope_words(struct buf *b, const json_t *row, const json_t *around)
{
	const char *type = json_string_value(json_object_get(row, "type"));
	const char *in = json_string_value(json_object_get(around, "name"));
	json_int_t line = cli_lens_int(row, "line", 0);
	json_int_t code = cli_lens_int(row, "code", -1);

	buf_printf(b, "%s", type ? type : "?");
	if (in && cli_lens_int(around, "parent", -1) >= 0)
		buf_printf(b, " in %s", in);
	if (line > 0)
		buf_printf(b, ", line %" JSON_INTEGER_FORMAT, line);
	if (json_is_true(json_object_get(row, "nested")))
		buf_printf(b, ", nested");
	if (code >= 0)
		buf_printf(b, ", code object %" JSON_INTEGER_FORMAT, code);
}

static void
put_symbols(const json_t *symbols, const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, S_COUNT);
	const json_t *s;
	size_t i;

	json_array_foreach(symbols, i, s)
	{
		cli_lens_put_text(t, CLI_PLAIN, s, "name");
		cli_lens_put_text(t, CLI_NAME, s, "scope");
		put_list(t, json_object_get(s, "flags"), ", ");
		put_list(t, json_object_get(s, "ops"), " ");
	}
	cli_table_print(t, o);
}

/* A scope of annotations with no name of the program's: 3.14 has one for each
 * function that has none. */
static bool
is_idle(const json_t *row)
{
	const char *type = json_string_value(json_object_get(row, "type"));
	const json_t *s;
	size_t i;

	if (!type || strcmp(type, "annotation") != 0)
		return false;
	json_array_foreach(json_object_get(row, "symbols"), i, s)
	{
		const char *name =
			json_string_value(json_object_get(s, "name"));
		if (name && name[0] != '.' && strncmp(name, "__", 2) != 0)
			return false;
	}
	return true;
}

void
cli_lens_ast_scopes(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *row;
	size_t i;

	(void)src;
	json_array_foreach(rows, i, row)
	{
		scope_buf struct buf b = BUF_INIT(4 * KIB);
		json_int_t up = cli_lens_int(row, "parent", -1);
		if (is_idle(row))
			continue;
		scope_words(&b, row,
			up >= 0 ? json_array_get(rows, (size_t)up) : NULL);
		fputs(i ? "\n" : "", o->file);
		put_head(o, 0, json_object_get(row, "name"), b.data);
		if (json_array_size(json_object_get(row, "symbols")))
			put_symbols(json_object_get(row, "symbols"), o);
	}
}

static void
code_words(struct buf *b, const json_t *row, size_t number)
{
	json_int_t args = cli_lens_int(row, "arg_count", 0) +
			  cli_lens_int(row, "kwonly_arg_count", 0);

	buf_printf(b, "code object %zu, line %" JSON_INTEGER_FORMAT, number,
		cli_lens_int(row, "first_line", 0));
	if (args) {
		buf_printf(b, ", ");
		cli_lens_count(b, args, "argument");
	}
	if (json_array_size(json_object_get(row, "flags"))) {
		buf_printf(b, ", ");
		join(b, json_object_get(row, "flags"), " ");
	}
}

/* The texts of a list with commas between, each no wider than a line. */
static void
join_short(struct buf *b, const json_t *list, unsigned room)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		scope_buf struct buf text = BUF_INIT(16 * KIB);
		if (json_is_string(one))
			cli_text_clean(&text, json_string_value(one),
				json_string_length(one));
		size_t fit = cli_text_fit(
			text.data ? text.data : "", text.len, room - 2);
		buf_printf(b, "%s%.*s%s", i ? ", " : "", (int)fit,
			text.data ? text.data : "", fit < text.len ? "…" : "");
	}
}

/* Columns that the title of a list takes. */
#define TITLE 10

static void
put_names(const json_t *row, const struct cli_out *o, unsigned indent)
{
	static const struct {
		const char *member, *title;
	} lists[] = {{"varnames", "locals"}, {"cellvars", "cells"},
		{"freevars", "free"}, {"names", "names"},
		{"consts", "constants"}};

	unsigned room = o->width - indent - TITLE - 2;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const json_t *list = json_object_get(row, lists[i].member);
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		if (!json_array_size(list))
			continue;
		join_short(&b, list, room > 20 ? room : 20);
		fprintf(o->file, "%*s", (int)indent, "");
		cli_text_say(o, CLI_DIM, "%-*s", TITLE, lists[i].title);
		cli_text_wrap(o, indent + TITLE, indent + TITLE, b.data);
	}
}

void
cli_lens_ast_code(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	size_t n = json_array_size(rows), i;
	scope_free unsigned *depth = calloc(n ? n : 1, sizeof(*depth));
	const json_t *row;

	(void)src;
	if (!depth)
		abort();
	json_array_foreach(rows, i, row)
	{
		scope_buf struct buf b = BUF_INIT(4 * KIB);
		unsigned deep = cli_lens_ast_depth(depth, i, row);
		code_words(&b, row, i);
		put_head(o, deep, json_object_get(row, "name"), b.data);
		put_names(row, o, 4 + 2 * (deep < 20 ? deep : 20));
	}
}
