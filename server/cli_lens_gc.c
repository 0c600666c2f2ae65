/* gc: in words what the collector did, then collection by collection. */
#include "server/cli_lens.h"

#include <string.h>

enum {
	NUMBER,
	GENERATION,
	LINE,
	FUNCTION,
	SOURCE,
	COLLECTED,
	UNCOLLECTABLE,
	CANDIDATES,
	WHY,
	TOOK,
	COLUMNS
};

static const struct cli_column columns[COLUMNS] = {
	[NUMBER] = {.title = "", .right = true},
	[GENERATION] = {.title = "gen", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FUNCTION] = {.title = "function", .shrink = true, .least = 8},
	[SOURCE] = {.title = "source", .shrink = true, .least = 10},
	[COLLECTED] = {.title = "freed", .right = true},
	[UNCOLLECTABLE] = {.title = "kept", .right = true},
	[CANDIDATES] = {.title = "of", .right = true},
	[WHY] = {.title = "why"},
	[TOOK] = {.title = "took", .right = true},
};

static void
settings(const json_t *value, struct buf *b)
{
	const json_t *on = json_object_get(value, "enabled");
	const json_t *thresholds = json_object_get(value, "thresholds");
	const json_t *n;
	size_t i;

	if (json_is_boolean(on))
		buf_printf(b, "The collector is %s; thresholds",
			json_is_true(on) ? "on" : "off");
	else
		buf_printf(b, "The run ended before the collector could "
			      "be asked; thresholds");
	json_array_foreach(thresholds, i, n)
	{
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT, i ? ", " : " ",
			json_integer_value(n));
	}
	buf_printf(b, "%s. ", json_array_size(thresholds) ? "" : " unknown");
}

static json_int_t
sum(const json_t *totals, const char *key)
{
	json_int_t n = 0;
	const json_t *g;
	size_t i;

	json_array_foreach(totals, i, g)
	{
		if (__builtin_add_overflow(n, cli_lens_int(g, key, 0), &n))
			return 0;
	}
	return n;
}

/* "It ran 3 times: 2 of generation 0, 1 of generation 2; 14 objects freed." */
static void
totals_words(const json_t *totals, struct buf *b)
{
	json_int_t runs = sum(totals, "collections");
	const char *between = ": ";
	const json_t *g;
	size_t i;

	if (!json_array_size(totals))
		return;
	if (!runs) {
		buf_printf(b, "It did not run.");
		return;
	}
	buf_printf(b, "It ran ");
	cli_lens_count(b, runs, "time");
	json_array_foreach(totals, i, g)
	{
		json_int_t n = cli_lens_int(g, "collections", 0);
		if (!n)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " of generation %zu",
			between, n, i);
		between = ", ";
	}
	buf_printf(b, "; ");
	cli_lens_count(b, sum(totals, "collected"), "object");
	buf_printf(b, " freed, ");
	cli_lens_count(b, sum(totals, "uncollectable"), "object");
	buf_printf(b, " could not be.");
}

/* How long it held the program up. */
static void
pauses_words(const json_t *pauses, struct buf *b)
{
	json_int_t longest = 0, together = sum(pauses, "sum_ns");
	char text[CLI_NUMBER];
	const json_t *g;
	size_t i, of = 0;

	json_array_foreach(pauses, i, g)
	{
		json_int_t n = cli_lens_int(g, "longest_ns", 0);
		if (n > longest) {
			longest = n;
			of = i;
		}
	}
	if (!longest)
		return;
	buf_printf(b, " The program waited %s for it",
		cli_text_ns(text, together));
	buf_printf(b, ", at most %s at a time (generation %zu).",
		cli_text_ns(text, longest), of);
}

/* "701 > 700": what was counted, and the threshold of the generation. */
static void
put_why(struct cli_table *t, const json_t *c)
{
	size_t g = (size_t)cli_lens_int(c, "generation", 0);
	const json_t *count = json_array_get(json_object_get(c, "counts"), g);
	const json_t *most =
		json_array_get(json_object_get(c, "thresholds"), g);
	const char *why = json_string_value(json_object_get(c, "trigger"));

	if (why && strcmp(why, "allocation") == 0 && json_is_integer(count) &&
		json_is_integer(most))
		cli_table_cell(t, CLI_PLAIN,
			"%" JSON_INTEGER_FORMAT " > %" JSON_INTEGER_FORMAT,
			json_integer_value(count), json_integer_value(most));
	else if (why && strcmp(why, "gc.collect()") == 0)
		cli_table_cell(t, CLI_PLAIN, "collect()");
	else
		cli_lens_put_text(t, CLI_PLAIN, c, "trigger");
}

static void
put_collections(const json_t *list, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	const json_t *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		enum cli_style kept =
			cli_lens_int(c, "uncollectable", 0) ? CLI_BAD : CLI_DIM;
		enum cli_style freed =
			cli_lens_int(c, "collected", 0) ? CLI_GOOD : CLI_DIM;
		cli_table_cell(t, CLI_DIM, "%zu", i + 1);
		cli_lens_put_int(t, CLI_PLAIN, c, "generation");
		cli_lens_put_int(t, CLI_DIM, c, "line");
		cli_lens_put_text(t, CLI_NAME, c, "function");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(c, "line", 0));
		cli_lens_put_int(t, freed, c, "collected");
		cli_lens_put_int(t, kept, c, "uncollectable");
		cli_lens_put_int(t, CLI_DIM, c, "candidates");
		put_why(t, c);
		cli_lens_put_ns(t, CLI_PLAIN, c, "duration_ns");
	}
	if (i > 0)
		cli_table_print(t, o);
}

void
cli_lens_gc(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(4096);

	settings(value, &b);
	totals_words(json_object_get(value, "totals"), &b);
	pauses_words(json_object_get(value, "pauses"), &b);
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
	put_collections(json_object_get(value, "collections"), src, o);
	cli_lens_gc_film(value, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
