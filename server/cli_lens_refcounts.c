/*
 * refcounts: one row for each step, one column for each name, and beside a
 * count what it changed by since the function was last seen.  Names that do
 * not fit beside each other follow in a table of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"
#include "server/cli_lens.h"

/* Columns in front of the names. */
enum { STEP, LINE, FUNCTION, SOURCE, FRONT };
/* A name takes two columns of the table: the count and its change. */
#define MAX_BAND ((CLI_TABLE_COLUMNS - FRONT) / 2)
/* Room for the columns in front, of which the source is the widest. */
#define FRONT_WIDTH 36
/* "gone", "-100". */
#define CHANGE_WIDTH 4

static const struct cli_column front[FRONT] = {
	[STEP] = {.title = "step", .right = true},
	[LINE] = {.title = "line", .right = true},
	[FUNCTION] = {.title = "function", .shrink = true, .least = 8},
	[SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

struct watched {
	const char *name;
	size_t n;
	unsigned width; /* of the widest of its counts and its title */
};

/* Objects that CPython 3.11 has from the start begin with this count
 * (Include/internal/pycore_object.h, _PyObject_IMMORTAL_REFCNT): a number that
 * says nothing to anybody. */
#define STATIC_COUNT 999999999
#define STATIC_NAME  "static"

static bool
is_static(const json_t *count)
{
	return json_is_integer(count) &&
	       json_integer_value(count) >= STATIC_COUNT;
}

/* Columns of a count as text. */
static unsigned
count_width(const json_t *count)
{
	if (is_static(count))
		return sizeof(STATIC_NAME) - 1;
	if (json_is_integer(count))
		return (unsigned)snprintf(NULL, 0, "%" JSON_INTEGER_FORMAT,
			json_integer_value(count));
	return json_is_string(count) ? cli_text_width(json_string_value(count),
					       json_string_length(count))
				     : 0;
}

/* Every name that was ever counted, in the order of first sight, each with the
 * width of its widest count. */
static json_t *
names_of(const json_t *steps)
{
	json_t *names = text_need(json_object());
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		json_t *counts = json_object_get(step, "counts"), *count;
		const char *name;
		size_t n;
		json_object_keylen_foreach(counts, name, n, count)
		{
			json_t *widest = json_object_getn(names, name, n);
			unsigned w = count_width(count);
			if (!widest) {
				widest = text_need(json_integer(0));
				if (json_object_setn_new_nocheck(
					    names, name, n, widest))
					abort();
			}
			if (json_integer_value(widest) < w)
				json_integer_set(widest, w);
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
	last = text_need(json_object());
	if (json_object_setn_new_nocheck(seen, name, n, last))
		abort();
	return last;
}

/* What there is to compare a step with. */
struct before {
	json_t *last;	    /* counts last shown for the function */
	const json_t *step; /* the step before, of any function */
};

/* A name is new when neither its function nor the step before knew it: a global
 * is not new because a function sees it for the first time. */
static void
put_change(struct cli_table *t, const json_t *now, const json_t *before,
	bool known)
{
	json_int_t change = 0;

	if (json_is_integer(now) && json_is_integer(before))
		change = json_integer_value(now) - json_integer_value(before);
	if (change > 0)
		cli_table_cell(t, CLI_GOOD, "+%" JSON_INTEGER_FORMAT, change);
	else if (change < 0)
		cli_table_cell(t, CLI_BAD, "%" JSON_INTEGER_FORMAT, change);
	else
		cli_table_cell(t, CLI_GOOD, "%s", known ? "" : "new");
}

static void
put_count(struct cli_table *t, const json_t *step, const struct before *b,
	const struct watched *w)
{
	const json_t *counts = json_object_get(step, "counts");
	const json_t *around = json_object_get(b->step, "counts");
	json_t *now = json_object_getn(counts, w->name, w->n);
	const json_t *before = json_object_getn(b->last, w->name, w->n);
	bool known = before || json_object_getn(around, w->name, w->n);

	if (is_static(now)) {
		cli_table_cell(t, CLI_DIM, STATIC_NAME);
		/* Nor does it how the count differs from that of another. */
		put_change(t, NULL, NULL, known);
	} else if (json_is_integer(now)) {
		cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT,
			json_integer_value(now));
		put_change(t, now, before, known);
	} else if (json_is_string(now)) {
		cli_table_text(t, CLI_DIM, json_string_value(now),
			json_string_length(now));
		put_change(t, now, before, known);
	} else {
		cli_table_cell(t, CLI_DIM, "%s", before ? "-" : "");
		cli_table_cell(t, CLI_BAD, "%s", before ? "gone" : "");
	}
	if (!now)
		json_object_deln(b->last, w->name, w->n);
	else if (json_object_setn_nocheck(b->last, w->name, w->n, now))
		abort();
}

/* How many of the names fit, at least one. */
static size_t
band(const struct watched *names, size_t n, const struct cli_out *o)
{
	unsigned used = FRONT_WIDTH;
	size_t fit = 0;

	while (fit < n && fit < MAX_BAND) {
		used += 2 + names[fit].width + 1 + CHANGE_WIDTH;
		if (fit && used > o->width)
			break;
		fit++;
	}
	return fit;
}

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

/* Is there anything to show of these names in this step? */
static bool
shows(const json_t *step, const json_t *last, const struct watched *names,
	size_t n)
{
	const json_t *counts = json_object_get(step, "counts");

	for (size_t i = 0; i < n; i++)
		if (json_object_getn(counts, names[i].name, names[i].n) ||
			json_object_getn(last, names[i].name, names[i].n))
			return true;
	return false;
}

static void
put_step(struct cli_table *t, const json_t *step, const struct cli_source *src)
{
	cli_lens_put_int(t, CLI_DIM, step, "step");
	cli_lens_put_int(t, CLI_DIM, step, "line");
	cli_lens_put_text(t, CLI_NAME, step, "function");
	cli_lens_put_line(t, CLI_PLAIN, src, cli_lens_int(step, "line", 0));
}

/* Names from `names` on, beside every step (`all`) or those that have them. */
static void
put_band(const json_t *steps, const struct watched *names, size_t n, bool all,
	const struct cli_source *src, const struct cli_out *o)
{
	scope_table struct cli_table *t = begin_table(names, n);
	json_auto_t *seen = json_object();
	struct before b = {0};
	const json_t *step;
	size_t at;

	json_array_foreach(steps, at, step)
	{
		const char *event =
			json_string_value(json_object_get(step, "event"));
		b.last = last_seen(seen, step);
		if (all || shows(step, b.last, names, n)) {
			put_step(t, step, src);
			for (size_t i = 0; i < n; i++)
				put_count(t, step, &b, &names[i]);
		}
		/* The next call of it begins anew. */
		if (event && strcmp(event, "line") != 0)
			json_object_clear(b.last);
		b.step = step;
	}
	cli_table_print(t, o);
}

/* The names that Python makes itself, as a class body's __module__. */
static bool
is_dunder(const char *name, size_t n)
{
	return n > 4 && memcmp(name, "__", 2) == 0 &&
	       memcmp(name + n - 2, "__", 2) == 0;
}

static size_t
take_names(json_t *names, bool dunder, struct watched *ret)
{
	const char *name;
	size_t len, n = 0;
	json_t *v;

	json_object_keylen_foreach(names, name, len, v)
	{
		unsigned title = cli_text_width(name, len);
		unsigned count = (unsigned)json_integer_value(v);
		if (is_dunder(name, len) == dunder)
			ret[n++] = (struct watched){
				name, len, title > count ? title : count};
	}
	return n;
}

static bool
any_static(const json_t *steps)
{
	const json_t *step, *count;
	const char *name;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		json_t *counts = json_object_get(step, "counts");
		json_object_foreach(
			counts, name, count) if (is_static(count)) return true;
	}
	return false;
}

void
cli_lens_refcounts(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *steps = json_object_get(value, "steps");
	json_auto_t *names = names_of(steps);
	size_t total = json_object_size(names), n, from = 0, fit;
	scope_free struct watched *all = calloc(total + 1, sizeof(*all));

	if (!all)
		abort();
	if (json_array_size(steps) == 0)
		cli_text_say(o, CLI_DIM, "  no line was executed\n");
	n = take_names(names, false, all);
	take_names(names, true, all + n);
	do {
		fit = band(all + from, total - from, o);
		if (from > 0)
			fputc('\n', o->file);
		if (json_array_size(steps))
			put_band(steps, all + from, fit, from == 0, src, o);
		from += fit;
	} while (from < total);
	cli_refcounts_causes(value, src, o);
	cli_refcounts_holders(value, o);
	if (any_static(steps)) {
		fputs("  ", o->file);
		cli_text_wrap(o, 2, 2,
			STATIC_NAME ": CPython has had the object from the "
				    "start, with a count of 999,999,999; "
				    "--json tells the count");
	}
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
