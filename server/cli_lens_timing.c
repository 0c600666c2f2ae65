/*
 * timing: the undisturbed times in words, then the source with what each line
 * took in the traced run, as a share and as a bar.
 */
#include "server/cli_lens.h"

enum { LINE, SOURCE, HITS, TIME, SHARE, BAR, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[LINE] = {.title = "line", .right = true},
	[SOURCE] = {.title = "source", .shrink = true, .least = 10},
	[HITS] = {.title = "hits", .right = true},
	[TIME] = {.title = "time", .right = true},
	[SHARE] = {.title = "share", .right = true},
	[BAR] = {.title = ""},
};

static void
put_time(const json_t *value, const char *key, const char *word,
	const struct cli_out *o)
{
	json_int_t ns = cli_lens_int(value, key, -1);
	char text[CLI_NUMBER];

	fprintf(o->file, "%s%s", word,
		ns < 0 ? "not known" : cli_text_ns(text, ns));
}

/* Every time is one of a line's, so that none is negative. */
static json_int_t
self_of(const json_t *line)
{
	json_int_t ns = cli_lens_int(line, "self_ns", 0);

	return ns > 0 ? ns : 0;
}

static void
put_lines(const json_t *lines, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	json_int_t total = 0, most = 0;
	const json_t *l;
	size_t i;

	json_array_foreach(lines, i, l)
	{
		json_int_t ns = self_of(l);
		if (__builtin_add_overflow(total, ns, &total))
			total = 0;
		most = ns > most ? ns : most;
	}
	json_array_foreach(lines, i, l)
	{
		double share =
			total > 0 ? 100.0 * (double)self_of(l) / (double)total
				  : 0;
		cli_lens_put_int(t, CLI_DIM, l, "line");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(l, "line", 0));
		cli_lens_put_int(t, CLI_PLAIN, l, "hits");
		cli_lens_put_ns(t, CLI_PLAIN, l, "self_ns");
		cli_table_cell(t, CLI_PLAIN, "%.0f %%", share);
		cli_lens_put_bar(t, self_of(l), most);
	}
	cli_table_print(t, o);
}

void
cli_lens_timing(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *lines = json_object_get(value, "lines");

	put_time(value, "compile_ns", "  Undisturbed: compiled in ", o);
	put_time(value, "exec_wall_ns", ", ran for ", o);
	put_time(value, "exec_cpu_ns", " with ", o);
	fprintf(o->file, " of CPU time.\n");
	if (!json_array_size(lines))
		return;
	cli_text_say(o, CLI_DIM,
		"  Line by line, in a run of its own that tracing slows "
		"down:\n");
	put_lines(lines, src, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
