/*
 * profile: functions, those first that took longest by themselves, then the
 * path of calls that took longest, from the program down.
 */
#include "server/cli_lens.h"

#include <stdlib.h>

#include "base/scope.h"

/* Rows of functions, and levels of the path; --json has all. */
#define FUNCTIONS 40
#define LEVELS	  30

static json_int_t
ns_of(const json_t *j, const char *key)
{
	json_int_t ns = cli_lens_int(j, key, 0);

	return ns > 0 ? ns : 0;
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *t = json_object_get(value, "totals");
	scope_buf struct buf b = BUF_INIT(1024);
	char text[CLI_NUMBER];

	cli_lens_count(&b, ns_of(t, "calls"), "call");
	buf_printf(&b,
		", %s in all: longer than undisturbed, by what it takes "
		"to tell of each. Shares hold, sums do not.",
		cli_text_ns(text, ns_of(t, "ns")));
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

static int
by_own(const void *a, const void *b)
{
	json_int_t x = ns_of(*(json_t *const *)a, "own_ns");
	json_int_t y = ns_of(*(json_t *const *)b, "own_ns");

	return (x < y) - (x > y);
}

enum { NAME, LINE, FILE_, CALLS, OWN, SHARE, ALL, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[NAME] = {.title = "function", .shrink = true, .least = 12},
	[LINE] = {.title = "line", .right = true},
	[FILE_] = {.title = "file", .shrink = true, .least = 8},
	[CALLS] = {.title = "calls", .right = true},
	[OWN] = {.title = "by itself", .right = true},
	[SHARE] = {.title = "share", .right = true},
	[ALL] = {.title = "with calls", .right = true},
};

static void
put_function(struct cli_table *t, const json_t *f, json_int_t total)
{
	const char *kind = json_string_value(json_object_get(f, "kind"));
	bool is_c = kind && kind[0] == 'c';
	json_int_t own = ns_of(f, "own_ns");

	cli_lens_put_text(t, is_c ? CLI_DIM : CLI_NAME, f, "name");
	cli_lens_put_int(t, CLI_DIM, f, "line");
	if (is_c)
		cli_table_text(t, CLI_DIM, "(C)", 3);
	else
		cli_lens_put_text(t, CLI_DIM, f, "file");
	cli_lens_put_int(t, CLI_PLAIN, f, "calls");
	cli_lens_put_ns(t, CLI_PLAIN, f, "own_ns");
	cli_table_cell(t, CLI_PLAIN, "%.0f %%",
		total > 0 ? 100.0 * (double)own / (double)total : 0);
	cli_lens_put_ns(t, CLI_PLAIN, f, "all_ns");
}

static void
put_functions(const json_t *value, const struct cli_out *o)
{
	const json_t *functions = json_object_get(value, "functions");
	size_t n = json_array_size(functions);
	json_int_t total = ns_of(json_object_get(value, "totals"), "ns");

	if (!n)
		return;
	scope_free const json_t **sorted = calloc(n, sizeof(*sorted));
	if (!sorted)
		abort();
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_array_get(functions, i);
	qsort(sorted, n, sizeof(*sorted), by_own);
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	for (size_t i = 0; i < n && i < FUNCTIONS; i++)
		put_function(t, sorted[i], total);
	cli_table_print(t, o);
	if (n > FUNCTIONS)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			n - FUNCTIONS);
}

/* The number of the child that took longest, or -1. */
static json_int_t
heaviest(const json_t *tree, json_int_t parent)
{
	json_int_t best = -1, most = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(tree, i, row)
	{
		/* Parents come before their children, or there is no end. */
		if (cli_lens_int(row, "parent", -1) != parent ||
			(json_int_t)i <= parent || ns_of(row, "all_ns") <= most)
			continue;
		best = (json_int_t)i;
		most = ns_of(row, "all_ns");
	}
	return best;
}

enum { P_ALL, P_OWN, P_CALLS, P_NAME, P_LINE, P_COUNT };

static const struct cli_column path_columns[P_COUNT] = {
	[P_ALL] = {.title = "with calls", .right = true},
	[P_OWN] = {.title = "by itself", .right = true},
	[P_CALLS] = {.title = "calls", .right = true},
	[P_NAME] = {.title = "what was called", .shrink = true, .least = 20},
	[P_LINE] = {.title = "by line", .right = true},
};

static void
put_path(const json_t *value, const struct cli_out *o)
{
	const json_t *tree = json_object_get(value, "tree");
	const json_t *functions = json_object_get(value, "functions");
	json_int_t at = heaviest(tree, -1);

	if (at < 0)
		return;
	scope_table struct cli_table *t = cli_table_new(path_columns, P_COUNT);
	for (int level = 0; at >= 0 && level < LEVELS; level++) {
		const json_t *row = json_array_get(tree, (size_t)at);
		json_int_t f = cli_lens_int(row, "function", -1);
		const char *name = json_string_value(json_object_get(
			f < 0 ? NULL : json_array_get(functions, (size_t)f),
			"name"));
		cli_lens_put_ns(t, CLI_PLAIN, row, "all_ns");
		cli_lens_put_ns(t, CLI_PLAIN, row, "own_ns");
		cli_lens_put_int(t, CLI_PLAIN, row, "calls");
		cli_table_cell(
			t, CLI_NAME, "%*s%s", 2 * level, "", name ? name : "?");
		cli_lens_put_int(t, CLI_DIM, row, "line");
		at = heaviest(tree, at);
	}
	cli_text_say(o, CLI_DIM, "\n  the path of calls that took longest\n");
	cli_table_print(t, o);
}

void
cli_lens_profile(const json_t *value,
	const struct cli_source *src __attribute__((unused)),
	const struct cli_out *o)
{
	put_summary(value, o);
	put_functions(value, o);
	put_path(value, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
