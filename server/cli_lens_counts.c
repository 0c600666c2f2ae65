/*
 * counts: what the program had done in words, then the source with how many
 * instructions each line took, as a share and as a bar, then functions.
 */
#include "server/cli_lens.h"

#include "base/scope.h"

/* A number of claims that are added: none is less than 0, nor is the sum. */
static json_int_t
count_of(const json_t *j, const char *key)
{
	json_int_t n = cli_lens_int(j, key, 0);

	return n > 0 ? n : 0;
}

static json_int_t
both(const json_t *j)
{
	json_int_t n;

	return __builtin_add_overflow(
		       count_of(j, "instructions"), count_of(j, "inside"), &n)
		       ? 0
		       : n;
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *t = json_object_get(value, "totals");
	json_int_t elsewhere =
		count_of(json_object_get(value, "instructions"), "elsewhere");
	scope_buf struct buf b = BUF_INIT(4096);
	char bytes[CLI_NUMBER];

	cli_lens_count(&b, count_of(t, "instructions"), "instruction");
	if (elsewhere)
		buf_printf(&b,
			" (%" JSON_INTEGER_FORMAT " of them in other files)",
			elsewhere);
	buf_printf(&b, ", ");
	cli_lens_count(&b, count_of(t, "comparisons"), "comparison");
	buf_printf(&b, " and ");
	cli_lens_count(&b, count_of(t, "hashes"), "call");
	buf_printf(&b, " of hash functions of built-in types, %s moved.",
		cli_text_bytes(bytes, (uint64_t)count_of(t, "moved_bytes")));
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

enum { LINE, SOURCE, OWN, INSIDE, SHARE, BAR, COLUMNS };

/* Of lines or of functions; `source` may be NULL. */
static void
put_rows(const json_t *rows, const struct cli_source *src, const char *title,
	const struct cli_out *o)
{
	const struct cli_column columns[COLUMNS] = {
		[LINE] = {.title = "line", .right = true},
		[SOURCE] = {.title = title, .shrink = true, .least = 10},
		[OWN] = {.title = "instructions", .right = true},
		[INSIDE] = {.title = "elsewhere", .right = true},
		[SHARE] = {.title = "share", .right = true},
		[BAR] = {.title = ""},
	};
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	json_int_t total = 0, most = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (__builtin_add_overflow(total, both(row), &total))
			total = 0;
		most = both(row) > most ? both(row) : most;
	}
	json_array_foreach(rows, i, row)
	{
		double share =
			total > 0 ? 100.0 * (double)both(row) / (double)total
				  : 0;
		cli_lens_put_int(t, CLI_DIM, row, "line");
		if (src)
			cli_lens_put_line(t, CLI_PLAIN, src,
				cli_lens_int(row, "line", 0));
		else
			cli_lens_put_text(t, CLI_NAME, row, "name");
		cli_lens_put_int(t, CLI_PLAIN, row, "instructions");
		if (count_of(row, "inside"))
			cli_lens_put_int(t, CLI_PLAIN, row, "inside");
		else
			cli_table_text(t, CLI_PLAIN, "", 0);
		cli_table_cell(t, CLI_PLAIN, "%.0f %%", share);
		cli_lens_put_bar(t, both(row), most);
	}
	cli_table_print(t, o);
}

void
cli_lens_counts(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *lines = json_object_get(value, "lines");
	const json_t *functions = json_object_get(value, "functions");

	put_summary(value, o);
	if (json_array_size(lines))
		put_rows(lines, src, "source", o);
	if (json_array_size(functions) > 1) {
		cli_text_say(o, CLI_DIM, "\n  by function\n");
		put_rows(functions, NULL, "function", o);
	}
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
