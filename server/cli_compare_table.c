/* A comparison at a glance: runtimes beside each other. */
#include "server/cli_compare.h"

#include <string.h>

#include "base/buf.h"
#include "server/cli_lens.h"
#include "server/cli_table.h"
#include "wire/limits.h"

static const char *
text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static bool
holds(const json_t *list, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strcmp(json_string_value(one), id) == 0)
			return true;
	}
	return false;
}

/* --- How they ended ------------------------------------------------------- */

static void
put_end(struct cli_table *t, const json_t *run)
{
	const char *status = text(run, "status");
	const char *limit = text(json_object_get(run, "limit"), "name");
	const char *signal = text(run, "signal");
	const char *type = text(json_object_get(run, "exception"), "type");
	const char *more = *limit ? limit : *signal ? signal : type;

	if (!run)
		cli_table_cell(t, CLI_BAD, "no run");
	else
		cli_table_cell(t,
			strcmp(status, "ok") == 0 ? CLI_GOOD : CLI_BAD,
			"%s%s%s", status, *more ? " " : "", more);
}

/* --- What is the same ----------------------------------------------------- */

/* "3 lines" of a stream: those that are on one side only. */
static void
stream_words(struct buf *b, const json_t *difference, const char *stream)
{
	const json_t *s = json_object_get(difference, stream), *edit;
	const char *between = b->len ? ", " : "";
	size_t i;
	json_int_t a = 0, c = 0;

	if (!json_is_object(s))
		return;
	json_array_foreach(json_object_get(s, "edits"), i, edit)
	{
		a += cli_lens_int(edit, "a_to", 0) -
		     cli_lens_int(edit, "a_from", 0);
		c += cli_lens_int(edit, "b_to", 0) -
		     cli_lens_int(edit, "b_from", 0);
	}
	if (json_is_true(json_object_get(s, "only_addresses")))
		buf_printf(b, "%s%s: addresses", between, stream);
	else if (i > 0)
		buf_printf(b,
			"%s%s -%" JSON_INTEGER_FORMAT " +%" JSON_INTEGER_FORMAT,
			between, stream, a, c);
	else
		buf_printf(b, "%s%s: bytes", between, stream);
}

/* What can be said in few words of how a group differs. */
static void
put_summary(struct cli_table *t, const json_t *difference)
{
	const json_t *n = json_object_get(
		json_object_get(difference, "totals"), "instructions");
	scope_buf struct buf b = BUF_INIT(4 * KIB);

	stream_words(&b, difference, "stdout");
	stream_words(&b, difference, "stderr");
	if (n)
		buf_printf(&b,
			"%" JSON_INTEGER_FORMAT " → %" JSON_INTEGER_FORMAT
			" instructions",
			cli_lens_int(n, "a", 0), cli_lens_int(n, "b", 0));
	cli_table_cell(t, CLI_WARN, "%s", b.len ? b.data : "differs");
}

static void
put_aspect(struct cli_table *t, const json_t *aspect, const char *id)
{
	const json_t *groups = json_object_get(aspect, "groups"), *one;
	const json_t *against = json_object_get(aspect, "against_baseline");
	bool whole = !holds(json_object_get(aspect, "incomplete"), id);
	size_t i;

	if (holds(json_array_get(groups, 0), id)) {
		cli_table_cell(t, CLI_PLAIN, whole ? "same" : "same so far");
		return;
	}
	json_array_foreach(against, i, one)
	{
		if (holds(json_object_get(one, "runtimes"), id)) {
			put_summary(t, one);
			return;
		}
	}
	cli_table_cell(t, CLI_PLAIN, "%s", "");
}

/* --- Figures -------------------------------------------------------------- */

static void
put_ns_row(struct cli_table *t, const char *name, const json_t *results,
	const char *object, const char *key)
{
	const json_t *one;
	size_t i;

	cli_table_cell(t, CLI_DIM, "%s", name);
	json_array_foreach(results, i, one)
	{
		const json_t *run = json_object_get(one, "run");
		const json_t *from = json_object_get(run, object);
		if (!from)
			from = json_object_get(
				json_object_get(run, "lenses"), object);
		cli_lens_put_ns(t, CLI_PLAIN, from, key);
	}
}

static void
put_memory_row(struct cli_table *t, const json_t *results)
{
	const json_t *one;
	char number[CLI_NUMBER];
	size_t i;

	cli_table_cell(t, CLI_DIM, "memory");
	json_array_foreach(results, i, one)
	{
		const json_t *usage =
			json_object_get(json_object_get(one, "run"), "usage");
		json_int_t n = cli_lens_int(usage, "peak_rss_bytes", -1);
		cli_table_cell(t, CLI_PLAIN, "%s",
			n < 0 ? "" : cli_text_bytes(number, (uint64_t)n));
	}
}

static void
put_figures(struct cli_table *t, const json_t *reply)
{
	const json_t *results = json_object_get(reply, "results");

	put_ns_row(t, "CPU", results, "usage", "cpu_ns");
	put_ns_row(t, "wall", results, "usage", "wall_ns");
	put_memory_row(t, results);
	if (!json_object_get(json_object_get(reply, "differences"), "timing"))
		return;
	put_ns_row(t, "compile", results, "timing", "compile_ns");
	put_ns_row(t, "run, CPU", results, "timing", "exec_cpu_ns");
	put_ns_row(t, "run, wall", results, "timing", "exec_wall_ns");
}

/* --- The whole ------------------------------------------------------------ */

void
cli_compare_table(const json_t *reply, const struct cli_out *o)
{
	const json_t *results = json_object_get(reply, "results"), *one;
	json_t *differences = json_object_get(reply, "differences"), *aspect;
	struct cli_column columns[MAX_COMPARED + 1] = {{.title = ""}};
	size_t n = json_array_size(results), i;
	const char *name;

	for (i = 0; i < n && i < MAX_COMPARED; i++)
		columns[i + 1] = (struct cli_column){
			.title = text(json_array_get(results, i), "runtime"),
			.shrink = true,
			.least = 8};
	scope_table struct cli_table *t = cli_table_new(columns, n + 1);
	cli_table_cell(t, CLI_DIM, "CPython");
	json_array_foreach(results, i, one)
	{
		cli_lens_put_text(t, CLI_PLAIN,
			json_object_get(json_object_get(one, "run"), "runtime"),
			"version");
	}
	cli_table_cell(t, CLI_DIM, "ended");
	json_array_foreach(results, i, one)
	{
		const json_t *run = json_object_get(one, "run");
		put_end(t, json_is_object(run) ? run : NULL);
	}
	json_object_foreach(differences, name, aspect)
	{
		if (!json_object_get(aspect, "groups"))
			continue;
		cli_table_cell(t, CLI_DIM, "%s", name);
		json_array_foreach(results, i, one)
		{
			put_aspect(t, aspect, text(one, "runtime"));
		}
	}
	put_figures(t, reply);
	cli_table_print(t, o);
}

/* A note that several runs have is said once. */
static void
put_notes(const json_t *reply, const struct cli_out *o)
{
	const json_t *one, *note, *id;
	json_auto_t *who = json_object();
	const char *words;
	json_t *list;
	size_t i, k;

	json_array_foreach(json_object_get(reply, "results"), i, one)
	{
		id = json_object_get(one, "runtime");
		json_array_foreach(
			json_object_get(json_object_get(one, "run"), "notes"),
			k, note)
		{
			words = json_string_value(note);
			list = json_object_get(who, words);
			if (!list) {
				list = json_array();
				json_object_set_new(who, words, list);
			}
			json_array_append(list, (json_t *)id);
		}
	}
	json_object_foreach(who, words, list)
	{
		scope_buf struct buf b = BUF_INIT(64 * KIB);
		cli_compare_names(&b, list);
		buf_printf(&b, ": %s", words);
		cli_text_say(o, CLI_WARN, "note: ");
		cli_text_wrap(o, 6, 6, b.data);
	}
}

void
cli_compare_status(const json_t *reply, const struct cli_out *o)
{
	const json_t *all = json_object_get(reply, "all_same");
	json_t *same = json_object_get(reply, "same"), *v;
	scope_buf struct buf b = BUF_INIT(4 * KIB);
	const char *name;

	put_notes(reply, o);
	json_object_foreach(same, name, v)
	{
		if (json_is_false(v))
			buf_printf(&b, "%s%s", b.len ? ", " : "", name);
	}
	if (json_is_true(all))
		cli_text_say(o, CLI_GOOD, "the same");
	else if (json_is_false(all))
		cli_text_say(o, CLI_WARN, "they differ: %s", b.data);
	else
		cli_text_say(o, CLI_WARN,
			"what is there is the same, but not all is there");
	fputc('\n', o->file);
}
