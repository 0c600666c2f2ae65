/*
 * ast: how far the compiler came, then the parts one after the other: tokens
 * and nodes in tables beside their places, scopes with their names, code
 * objects as they lie in each other.
 */
#include "server/cli_lens_ast.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "wire/limits.h"

/* "3:4-9", "3:4-5:0": lines and columns; empty when there is none. */
static void
put_place(struct cli_table *t, const json_t *positions)
{
	json_int_t at[4];

	for (size_t i = 0; i < 4; i++) {
		const json_t *n = json_array_get(positions, i);
		if (!json_is_integer(n)) {
			cli_table_text(t, CLI_DIM, "", 0);
			return;
		}
		at[i] = json_integer_value(n);
	}
	if (at[0] == at[1])
		cli_table_cell(t, CLI_DIM,
			"%" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT, at[2],
			at[3]);
	else
		cli_table_cell(t, CLI_DIM,
			"%" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT
			":%" JSON_INTEGER_FORMAT,
			at[2], at[1], at[3]);
}

/* The line where something begins, with its source when it is another than that
 * of the row before. */
static void
put_line(struct cli_table *t, const json_t *positions,
	const struct cli_source *src, json_int_t *shown)
{
	const json_t *first = json_array_get(positions, 0);
	json_int_t line =
		json_is_integer(first) ? json_integer_value(first) : 0;

	if (line < 1 || line == *shown) {
		cli_table_text(t, CLI_PLAIN, "", 0);
		cli_table_text(t, CLI_PLAIN, "", 0);
		return;
	}
	*shown = line;
	cli_table_cell(t, CLI_DIM, "%" JSON_INTEGER_FORMAT, line);
	cli_lens_put_line(t, CLI_PLAIN, src, line);
}

enum { T_LINE, T_SOURCE, T_COLUMNS, T_TYPE, T_EXACT, T_STRING, T_COUNT };

static const struct cli_column token_columns[T_COUNT] = {
	[T_LINE] = {.title = "line", .right = true},
	[T_SOURCE] = {.title = "source", .shrink = true, .least = 10},
	[T_COLUMNS] = {.title = "columns", .right = true},
	[T_TYPE] = {.title = "token"},
	[T_EXACT] = {.title = "", .close = true},
	[T_STRING] = {.title = "string", .shrink = true, .least = 10},
};

static void
put_tokens(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(token_columns, T_COUNT);
	json_int_t shown = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const json_t *type = json_object_get(row, "type");
		const json_t *exact = json_object_get(row, "exact");
		put_line(t, json_object_get(row, "positions"), src, &shown);
		put_place(t, json_object_get(row, "positions"));
		cli_lens_put_text(t, CLI_BOLD, row, "type");
		if (json_equal(type, exact))
			cli_table_text(t, CLI_PLAIN, "", 0);
		else
			cli_lens_put_text(t, CLI_PLAIN, row, "exact");
		cli_lens_put_text(t, CLI_PLAIN, row, "string");
	}
	cli_table_print(t, o);
}

enum { N_LINE, N_COLUMNS, N_NODE, N_COUNT };

static const struct cli_column node_columns[N_COUNT] = {
	[N_LINE] = {.title = "line", .right = true},
	[N_COLUMNS] = {.title = "columns", .right = true},
	[N_NODE] = {.title = "node", .shrink = true, .least = 20},
};

unsigned
cli_lens_ast_depth(unsigned *depth, size_t i, const json_t *row)
{
	const json_t *up = json_object_get(row, "parent");
	json_int_t n = json_is_integer(up) ? json_integer_value(up) : -1;

	depth[i] = n >= 0 && (size_t)n < i ? depth[n] + 1 : 0;
	return depth[i];
}

/* "id='x'": a constant has its quotes already. */
static void
put_value(struct buf *b, const char *type, const char *key, const json_t *value)
{
	bool constant = strcmp(key, "value") == 0 &&
			(strcmp(type, "Constant") == 0 ||
				strcmp(type, "MatchSingleton") == 0);
	scope_free char *text = NULL;

	buf_printf(b, "  %s=", key);
	if (json_is_string(value) && (constant || strcmp(key, "ctx") == 0 ||
					     strcmp(key, "op") == 0)) {
		buf_put(b, json_string_value(value), json_string_length(value));
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	buf_printf(b, "%s", text ? text : "?");
}

static void
node_words(struct buf *b, const json_t *row, unsigned depth)
{
	const char *type = json_string_value(json_object_get(row, "type"));
	const char *field = json_string_value(json_object_get(row, "field"));
	json_int_t index = cli_lens_int(row, "index", -1);
	json_t *values = json_object_get(row, "values"), *value;
	const char *key;

	buf_printf(b, "%*s", 2 * (int)(depth < 200 ? depth : 200), "");
	if (field && index >= 0)
		buf_printf(b, "%s[%" JSON_INTEGER_FORMAT "]: ", field, index);
	else if (field)
		buf_printf(b, "%s: ", field);
	buf_printf(b, "%s", type ? type : "None");
	json_object_foreach(values, key, value)
	{
		put_value(b, type ? type : "", key, value);
	}
}

static void
put_tree(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(node_columns, N_COUNT);
	size_t n = json_array_size(rows), i;
	scope_free unsigned *depth = calloc(n ? n : 1, sizeof(*depth));
	const json_t *row;

	(void)src;
	if (!depth)
		abort();
	json_array_foreach(rows, i, row)
	{
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		const json_t *at = json_object_get(row, "positions");
		const json_t *line = json_array_get(at, 0);
		node_words(&b, row, cli_lens_ast_depth(depth, i, row));
		if (json_is_integer(line))
			cli_table_cell(t, CLI_DIM, "%" JSON_INTEGER_FORMAT,
				json_integer_value(line));
		else
			cli_table_text(t, CLI_DIM, "", 0);
		put_place(t, at);
		cli_table_text(t, CLI_PLAIN, b.data ? b.data : "", b.len);
	}
	cli_table_print(t, o);
}

static const struct {
	const char *name, *of;
	void (*put)(const json_t *rows, const struct cli_source *src,
		const struct cli_out *o);
} parts[] = {
	{"tokens", "token", put_tokens},
	{"tree", "node", put_tree},
	{"symbols", "scope", cli_lens_ast_scopes},
	{"code", "code object", cli_lens_ast_code},
};
#define NPARTS (sizeof(parts) / sizeof(*parts))

/* " (line 2, column 4)". */
static void
place_words(struct buf *b, const json_t *positions)
{
	const json_t *line = json_array_get(positions, 0);
	const json_t *column = json_array_get(positions, 2);

	if (!json_is_integer(line))
		return;
	buf_printf(b, " (line %" JSON_INTEGER_FORMAT, json_integer_value(line));
	if (json_is_integer(column))
		buf_printf(b, ", column %" JSON_INTEGER_FORMAT,
			json_integer_value(column));
	buf_printf(b, ")");
}

/* What has to be said of a part beside its rows. */
static void
put_stage(const json_t *stage, const struct cli_out *o)
{
	const char *state = json_string_value(json_object_get(stage, "state"));
	const char *why = json_string_value(json_object_get(stage, "why"));
	const json_t *error = json_object_get(stage, "error");
	scope_buf struct buf b = BUF_INIT(16 * KIB);

	if (state && strcmp(state, "unreached") == 0)
		buf_printf(&b, "not reached");
	if (why)
		buf_printf(&b, "not all is shown: %s", why);
	if (json_is_object(error)) {
		const char *type =
			json_string_value(json_object_get(error, "type"));
		const char *message =
			json_string_value(json_object_get(error, "message"));
		buf_printf(&b, "%s%s: %s", b.len ? "; " : "", type ? type : "?",
			message ? message : "");
		place_words(&b, json_object_get(error, "positions"));
	}
	if (!b.len)
		return;
	fputs("  ", o->file);
	cli_text_on(o, CLI_WARN);
	cli_text_wrap(o, 2, 2, b.data);
	cli_text_off(o, CLI_WARN);
}

static const json_t *
stage_of(const json_t *value, const char *part)
{
	const json_t *stage;
	size_t i;

	json_array_foreach(json_object_get(value, "stages"), i, stage)
	{
		const char *s =
			json_string_value(json_object_get(stage, "part"));
		if (s && strcmp(s, part) == 0)
			return stage;
	}
	return NULL;
}

void
cli_lens_ast(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	for (size_t i = 0; i < NPARTS; i++) {
		const json_t *rows = json_object_get(value, parts[i].name);
		const json_t *stage = stage_of(value, parts[i].name);
		scope_buf struct buf b = BUF_INIT(64);
		if (!stage && !json_array_size(rows))
			continue;
		cli_lens_count(
			&b, (json_int_t)json_array_size(rows), parts[i].of);
		cli_text_say(o, CLI_NAME, "\n%s", parts[i].name);
		cli_text_say(o, CLI_DIM, "  %s\n", b.data);
		put_stage(stage, o);
		if (json_array_size(rows))
			parts[i].put(rows, src, o);
	}
}
