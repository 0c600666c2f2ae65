/* vitrine measure: what each file does in numbers, and how they grow. */
#include "server/cli_measure.h"

#include <string.h>

#include "server/cli_lens.h"

static const struct {
	const char *member, *title;
} counters[] = {
	{"instructions", "instructions"},
	{"comparisons", "comparisons"},
	{"hashes", "hashes"},
	{"moved_bytes", "bytes moved"},
	{"allocations", "allocations"},
	{"allocated_bytes", "bytes allocated"},
};
#define COUNTERS (sizeof(counters) / sizeof(*counters))

static void
put_name(struct cli_table *t, const json_t *snippet, bool first)
{
	const json_t *name = json_object_get(snippet, "name");

	if (first)
		cli_table_text(t, CLI_NAME, json_string_value(name),
			json_string_length(name));
	else
		cli_table_text(t, CLI_NAME, "", 0);
}

/* At each size, or at none. */
static void
print_counts(const json_t *snippets, const struct cli_out *o)
{
	struct cli_column columns[COUNTERS + 2] = {
		{.title = "counted", .shrink = true, .least = 8},
		{.title = "size", .right = true}};
	const json_t *s, *c;
	size_t i, k;

	for (size_t n = 0; n < COUNTERS; n++)
		columns[n + 2] = (struct cli_column){
			.title = counters[n].title, .right = true};
	scope_table struct cli_table *t = cli_table_new(columns, COUNTERS + 2);
	json_array_foreach(snippets, i, s)
	{
		json_array_foreach(json_object_get(s, "counts"), k, c)
		{
			put_name(t, s, k == 0);
			cli_lens_put_int(t, CLI_DIM, c, "size");
			for (size_t n = 0; n < COUNTERS; n++)
				cli_lens_put_int(
					t, CLI_PLAIN, c, counters[n].member);
			cli_table_end_row(t);
		}
	}
	cli_table_print(t, o);
	fputc('\n', o->file);
}

/* The class, or both where they cannot be told apart. */
static void
put_class(struct cli_table *t, const json_t *g)
{
	const char *name = json_string_value(json_object_get(g, "class"));
	const char *next = json_string_value(json_object_get(g, "runner_up"));
	const json_t *base = json_object_get(g, "base");

	if (!name || !next)
		cli_table_cell(t, CLI_DIM, "none that fits");
	else if (!json_is_true(json_object_get(g, "decided")))
		cli_table_cell(t, CLI_WARN, "%s or %s", name, next);
	else if (json_is_real(base))
		cli_table_cell(t, CLI_GOOD, "%.3g^n", json_real_value(base));
	else
		cli_table_cell(t, CLI_GOOD, "%s", name);
}

static void
put_margin(struct cli_table *t, const json_t *g)
{
	const char *next = json_string_value(json_object_get(g, "runner_up"));

	if (!json_is_string(json_object_get(g, "class")))
		cli_table_text(t, CLI_DIM, "", 0);
	else if (!json_is_true(json_object_get(g, "decided")))
		cli_table_cell(t, CLI_DIM, "not to be told by these sizes");
	else
		cli_table_cell(t, CLI_DIM, "%.0f times as well as %s",
			json_real_value(json_object_get(g, "margin")),
			next ? next : "");
}

static void
print_growth(const json_t *snippets, const struct cli_out *o)
{
	const struct cli_column columns[] = {
		{.title = "grows as", .shrink = true, .least = 8},
		{.title = "count"},
		{.title = "class"},
		{.title = "fits", .shrink = true, .least = 8},
	};
	scope_table struct cli_table *t =
		cli_table_new(columns, sizeof(columns) / sizeof(*columns));
	bool any = false;
	const json_t *s;
	size_t i;

	json_array_foreach(snippets, i, s)
	{
		const json_t *growth = json_object_get(s, "growth");
		bool first = true;
		for (size_t n = 0; n < COUNTERS; n++) {
			const json_t *g =
				json_object_get(growth, counters[n].member);
			if (!json_is_object(g))
				continue;
			put_name(t, s, first);
			cli_table_cell(t, CLI_PLAIN, "%s", counters[n].title);
			put_class(t, g);
			put_margin(t, g);
			cli_table_end_row(t);
			any = true;
			first = false;
		}
	}
	if (!any)
		return;
	cli_table_print(t, o);
	fputc('\n', o->file);
}

void
cli_measure_counts(const json_t *reply, const struct cli_out *o)
{
	const json_t *snippets = json_object_get(reply, "snippets");
	size_t n = 0, i;
	const json_t *s;

	json_array_foreach(snippets, i, s)
	{
		n += json_array_size(json_object_get(s, "counts"));
	}
	if (!n)
		return;
	print_counts(snippets, o);
	print_growth(snippets, o);
}
