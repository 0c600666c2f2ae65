/*
 * memory: in words what was allocated and where it peaked; then the lines of
 * the source with what was done for each, and what stayed of it by type; then
 * the allocator's pools that the run changed.
 */
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"
#include "server/cli_lens.h"

enum {
	LINE,
	SOURCE,
	BLOCKS,
	BYTES,
	AT_PEAK,
	STAYED,
	STAY_BYTES,
	WHAT,
	COLUMNS
};
/* Types of what stayed that are named. */
#define MAX_TYPES 3

static const struct cli_column columns[COLUMNS] = {
	[LINE] = {.title = "line", .right = true},
	[SOURCE] = {.title = "source", .shrink = true, .least = 10},
	[BLOCKS] = {.title = "blocks", .right = true},
	[BYTES] = {.title = "bytes", .right = true},
	[AT_PEAK] = {.title = "at peak", .right = true},
	[STAYED] = {.title = "stayed", .right = true},
	[STAY_BYTES] = {.title = "bytes", .right = true},
	[WHAT] = {.title = "what stayed", .shrink = true, .least = 8},
};

/* What was done for one line of the source; 0: for none. */
struct line {
	json_int_t line;
	json_int_t n[STAY_BYTES + 1]; /* by column */
	json_t *types;		      /* {name: blocks} */
};

static json_int_t
positive(const json_t *j, const char *key)
{
	json_int_t n = cli_lens_int(j, key, 0);

	return n > 0 ? n : 0;
}

static void
add(json_int_t *sum, json_int_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = 0;
}

static void
put_bytes(struct buf *b, json_int_t n)
{
	char text[CLI_NUMBER];

	buf_printf(b, "%s", cli_text_bytes(text, (uint64_t)n));
}

static void
words(const json_t *value, struct buf *b)
{
	const json_t *totals = json_object_get(value, "totals");
	const json_t *peak = json_object_get(value, "peak");
	json_int_t via = cli_lens_int(peak, "via", 0);

	if (!json_is_object(totals)) {
		buf_printf(b, "The run ended before anything could be told.");
		return;
	}
	cli_lens_count(b, positive(totals, "allocations"), "allocation");
	buf_printf(b, " and ");
	cli_lens_count(b, positive(totals, "reallocations"), "reallocation");
	buf_printf(b, " of ");
	put_bytes(b, positive(totals, "bytes"));
	if (positive(totals, "reused")) {
		buf_printf(b, ", and ");
		cli_lens_count(b, positive(totals, "reused"), "object");
		buf_printf(b, " from free lists");
	}
	buf_printf(b, ". At most ");
	put_bytes(b, positive(peak, "bytes"));
	if (via > 0)
		buf_printf(b, ", by line %" JSON_INTEGER_FORMAT, via);
	buf_printf(b, "; ");
	put_bytes(b, positive(totals, "live_bytes"));
	buf_printf(b, " in ");
	cli_lens_count(b, positive(totals, "live_blocks"), "block");
	buf_printf(b, " stayed.");
	if (positive(totals, "dropped")) {
		buf_printf(b, " Not followed: ");
		cli_lens_count(b, positive(totals, "dropped"), "block");
		buf_printf(b, ".");
	}
}

static void
add_types(struct line *l, const json_t *types)
{
	const json_t *one;
	size_t i;

	json_array_foreach(types, i, one)
	{
		const json_t *name = json_object_get(one, "type");
		if (!json_is_string(name))
			continue;
		json_int_t n = positive(one, "blocks");
		add(&n, cli_lens_int(l->types, json_string_value(name), 0));
		text_set(l->types, json_string_value(name), json_integer(n));
	}
}

static void
add_row(struct line *l, const json_t *row)
{
	add(&l->n[BLOCKS], positive(row, "allocations"));
	add(&l->n[BLOCKS], positive(row, "reallocations"));
	add(&l->n[BLOCKS], positive(row, "reused"));
	add(&l->n[BYTES], positive(row, "bytes"));
	add(&l->n[AT_PEAK], positive(row, "peak_bytes"));
	add(&l->n[STAYED], positive(row, "live_blocks"));
	add(&l->n[STAY_BYTES], positive(row, "live_bytes"));
	add_types(l, json_object_get(row, "types"));
}

/* Slot 0 is for what was done for no line. */
static struct line *
lines_of(const json_t *rows, size_t n)
{
	struct line *lines = calloc(n + 1, sizeof(*lines));
	const json_t *row;
	size_t i;

	if (!lines)
		abort();
	for (i = 0; i <= n; i++) {
		lines[i].line = (json_int_t)i;
		lines[i].types = text_need(json_object());
	}
	json_array_foreach(rows, i, row)
	{
		json_int_t via = cli_lens_int(row, "via", 0);
		add_row(&lines[via > 0 && (size_t)via <= n ? via : 0], row);
	}
	return lines;
}

/* The most frequent of the types, which is taken out. */
static const char *
take_most(json_t *types, json_int_t *ret_n)
{
	const char *most = NULL, *name;
	json_t *v;

	json_object_foreach(types, name, v)
	{
		if (!most || json_integer_value(v) > *ret_n) {
			most = name;
			*ret_n = json_integer_value(v);
		}
	}
	if (most)
		text_set(types, most, json_integer(0));
	return *ret_n ? most : NULL;
}

static void
put_types(struct cli_table *t, struct line *l)
{
	scope_buf struct buf b = BUF_INIT(4096);
	json_int_t rest = l->n[STAYED];

	for (int i = 0; i < MAX_TYPES; i++) {
		json_int_t n = 0;
		const char *name = take_most(l->types, &n);
		if (!name)
			break;
		buf_printf(&b, "%s%" JSON_INTEGER_FORMAT " %s", i ? ", " : "",
			n, name);
		rest -= n;
	}
	if (b.len && rest > 0)
		buf_printf(&b, ", …");
	cli_table_text(t, CLI_DIM, b.len ? b.data : "", b.len);
}

static void
put_number(struct cli_table *t, enum cli_style s, json_int_t n, bool bytes)
{
	char text[CLI_NUMBER];

	if (!n)
		cli_table_text(t, s, "", 0);
	else if (bytes)
		cli_table_cell(t, s, "%s", cli_text_bytes(text, (uint64_t)n));
	else
		cli_table_cell(t, s, "%" JSON_INTEGER_FORMAT, n);
}

static void
put_line(struct cli_table *t, struct line *l, const struct cli_source *src)
{
	if (l->line) {
		cli_table_cell(t, CLI_DIM, "%" JSON_INTEGER_FORMAT, l->line);
		cli_lens_put_line(t, CLI_PLAIN, src, l->line);
	} else {
		cli_table_text(t, CLI_DIM, "", 0);
		cli_table_cell(t, CLI_DIM, "by no line of it");
	}
	put_number(t, CLI_PLAIN, l->n[BLOCKS], false);
	put_number(t, CLI_PLAIN, l->n[BYTES], true);
	put_number(t, CLI_NAME, l->n[AT_PEAK], true);
	put_number(t, CLI_PLAIN, l->n[STAYED], false);
	put_number(t, CLI_PLAIN, l->n[STAY_BYTES], true);
	put_types(t, l);
}

static void
put_lines(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	scope_free struct line *lines = lines_of(rows, src->lines);
	bool any = false;

	/* The one without a number is the last. */
	for (size_t i = 1; i <= src->lines + 1; i++) {
		struct line *l = &lines[i <= src->lines ? i : 0];
		if (l->n[BLOCKS] || l->n[STAYED]) {
			put_line(t, l, src);
			any = true;
		}
	}
	for (size_t i = 0; i <= src->lines; i++)
		json_decref(lines[i].types);
	if (any)
		cli_table_print(t, o);
}

/* "", "+3", "-1": what a number changed by. */
static void
put_change(struct cli_table *t, const json_t *class, const char *now,
	const char *before)
{
	json_int_t change;

	if (__builtin_sub_overflow(
		    positive(class, now), positive(class, before), &change))
		change = 0;
	if (change)
		cli_table_cell(t, change > 0 ? CLI_GOOD : CLI_BAD,
			"%+" JSON_INTEGER_FORMAT, change);
	else
		cli_table_text(t, CLI_DIM, "", 0);
}

static bool
changed(const json_t *class)
{
	return positive(class, "used") != positive(class, "used_before") ||
	       positive(class, "pools") != positive(class, "pools_before");
}

static void
put_allocator(const json_t *a, const struct cli_out *o)
{
	static const struct cli_column class_columns[] = {
		{.title = "blocks of", .right = true},
		{.title = "pools", .right = true}, {.title = "", .close = true},
		{.title = "used", .right = true}, {.title = "", .close = true},
		{.title = "free", .right = true}};
	scope_table struct cli_table *t = cli_table_new(class_columns, 6);
	const json_t *class;
	char text[CLI_NUMBER];
	size_t i, shown = 0;

	if (!json_is_object(a))
		return;
	cli_text_say(o, CLI_DIM,
		"  pymalloc: %" JSON_INTEGER_FORMAT
		" arenas of %s (%" JSON_INTEGER_FORMAT
		" before), and the pools that changed:\n",
		positive(a, "arenas"),
		cli_text_bytes(text, (uint64_t)positive(a, "arena_bytes")),
		positive(a, "arenas_before"));
	json_array_foreach(json_object_get(a, "classes"), i, class)
	{
		if (!changed(class))
			continue;
		shown++;
		cli_lens_put_int(t, CLI_NAME, class, "size");
		cli_lens_put_int(t, CLI_PLAIN, class, "pools");
		put_change(t, class, "pools", "pools_before");
		cli_lens_put_int(t, CLI_PLAIN, class, "used");
		put_change(t, class, "used", "used_before");
		cli_lens_put_int(t, CLI_DIM, class, "free");
	}
	if (shown)
		cli_table_print(t, o);
}

void
cli_lens_memory(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(4096);

	words(value, &b);
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
	put_lines(json_object_get(value, "by_line"), src, o);
	put_allocator(json_object_get(value, "allocator"), o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … something was left out\n");
}
