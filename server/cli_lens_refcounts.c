/*
 * refcounts: one row for each step, one column for each name, and beside a
 * count what it changed by since the function was last seen.  Names that do
 * not fit beside each other follow in a table of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "server/cli_lens.h"

/* Columns in front of the names. */
enum { STEP, LINE, FUNCTION, SOURCE, FRONT };
/* A name takes two columns of the table: the count and its change. */
#define MAX_BAND ((CLI_TABLE_COLUMNS - FRONT) / 2)
/* Room for the columns in front, of which the source is the widest. */
#define FRONT_WIDTH 36

static const struct cli_column front[FRONT] = {
	[STEP] = {.title = "step", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FUNCTION] = {.title = "function", .shrink = true, .least = 8},
	[SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

/* Every name that was ever counted, in the order of first sight: an object with
 * null for each. */
static json_t *
names_of(const json_t *steps)
{
	json_t *names = json_object();
	const json_t *step;
	size_t i;

	if (!names)
		abort();
	json_array_foreach(steps, i, step)
	{
		json_t *counts = json_object_get(step, "counts"), *count;
		const char *name;
		size_t n;
		json_object_keylen_foreach(counts, name, n, count)
		{
			if (json_object_getn(names, name, n))
				continue;
			if (json_object_setn_new_nocheck(
				    names, name, n, json_null()))
				abort();
		}
	}
	return names;
}

/* The counts last shown for the function of this step: an object that belongs
 * to `seen`, empty at first. */
static json_t *
last_seen(json_t *seen, const json_t *step)
{
	const json_t *f = json_object_get(step, "function");
	const char *name = json_is_string(f) ? json_string_value(f) : "";
	size_t n = json_is_string(f) ? json_string_length(f) : 0;
	json_t *last = json_object_getn(seen, name, n);

	if (last)
		return last;
	last = json_object();
	if (!last || json_object_setn_new_nocheck(seen, name, n, last))
		abort();
	return last;
}

static void
put_change(struct cli_table *t, const json_t *now, const json_t *before)
{
	json_int_t change = 0;

	if (json_is_integer(now) && json_is_integer(before))
		change = json_integer_value(now) - json_integer_value(before);
	if (change > 0)
		cli_table_cell(t, CLI_GOOD, "+%" JSON_INTEGER_FORMAT, change);
	else if (change < 0)
		cli_table_cell(t, CLI_BAD, "%" JSON_INTEGER_FORMAT, change);
	else if (json_is_integer(now) && !before)
		cli_table_cell(t, CLI_GOOD, "new");
	else
		cli_table_text(t, CLI_PLAIN, "", 0);
}

static void
put_count(struct cli_table *t, const json_t *step, json_t *last,
	const char *name, size_t n)
{
	json_t *now =
		json_object_getn(json_object_get(step, "counts"), name, n);
	json_t *before = json_object_getn(last, name, n);

	if (json_is_integer(now)) {
		cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT,
			json_integer_value(now));
		put_change(t, now, before);
	} else if (json_is_string(now)) {
		cli_table_text(t, CLI_DIM, json_string_value(now),
			json_string_length(now));
		cli_table_text(t, CLI_PLAIN, "", 0);
	} else {
		cli_table_cell(t, CLI_DIM, "%s", before ? "-" : "");
		cli_table_cell(t, CLI_BAD, "%s", before ? "gone" : "");
	}
	if (!now)
		json_object_deln(last, name, n);
	else if (json_object_setn_nocheck(last, name, n, now))
		abort();
}

/* How many names fit, at least one. */
static size_t
band(const json_t *names, size_t from, const struct cli_out *o)
{
	size_t i = 0, fit = 0, n;
	unsigned used = FRONT_WIDTH;
	const char *name;
	json_t *v;

	json_object_keylen_foreach((json_t *)names, name, n, v)
	{
		unsigned w = cli_text_width(name, n);
		if (i++ < from)
			continue;
		used += 2 + (w > 3 ? w : 3) + 1 + 4;
		if (fit && (used > o->width || fit == MAX_BAND))
			break;
		fit++;
	}
	return fit;
}

struct watched {
	const char *name;
	size_t n;
};

static struct cli_table *
begin_table(const struct watched *names, size_t n)
{
	struct cli_column columns[CLI_TABLE_COLUMNS];

	memcpy(columns, front, sizeof(front));
	for (size_t i = 0; i < n; i++) {
		columns[FRONT + 2 * i] = (struct cli_column){
			.title = names[i].name, .right = true};
		columns[FRONT + 2 * i + 1] =
			(struct cli_column){.title = "", .close = true};
	}
	return cli_table_new(columns, FRONT + 2 * n);
}

static void
put_band(const json_t *steps, const struct watched *names, size_t n,
	const struct cli_source *src, const struct cli_out *o)
{
	scope_table struct cli_table *t = begin_table(names, n);
	json_auto_t *seen = json_object();
	const json_t *step;
	size_t at;

	json_array_foreach(steps, at, step)
	{
		json_t *last = last_seen(seen, step);
		cli_lens_put_int(t, CLI_DIM, step, "step");
		cli_lens_put_int(t, CLI_DIM, step, "line");
		cli_lens_put_text(t, CLI_NAME, step, "function");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(step, "line", 0));
		for (size_t i = 0; i < n; i++)
			put_count(t, step, last, names[i].name, names[i].n);
		/* The next call of it begins anew. */
		const char *event =
			json_string_value(json_object_get(step, "event"));
		if (event && strcmp(event, "line") != 0)
			json_object_clear(last);
	}
	cli_table_print(t, o);
}

void
cli_lens_refcounts(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *steps = json_object_get(value, "steps");
	json_auto_t *names = names_of(steps);
	size_t total = json_object_size(names), n = 0;
	scope_free struct watched *all = calloc(total + 1, sizeof(*all));
	const char *name;
	size_t len;
	json_t *v;

	if (!all)
		abort();
	if (json_array_size(steps) == 0) {
		cli_text_say(o, CLI_DIM, "  no line was executed\n");
		return;
	}
	json_object_keylen_foreach(names, name, len, v) all[n++] =
		(struct watched){name, len};
	for (size_t from = 0, fit; from == 0 || from < total; from += fit) {
		fit = band(names, from, o);
		if (from > 0)
			fputc('\n', o->file);
		put_band(steps, all + from, fit, src, o);
		if (!fit)
			break;
	}
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
