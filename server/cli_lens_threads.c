/*
 * threads: in words how often the GIL went where, then the threads, who had it
 * and who waited over time, where it was let go, and hold by hold.
 */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Holds that are shown; --json has all that were kept. */
#define HOLDS 40
/* Threads that have a row over time, and its columns. */
#define LANES	     16
#define LANE_COLUMNS 100
#define LANE_LEAST   20
/* Beside it: its indentation, number and blanks. */
#define LANE_BESIDE 12

static const json_t *
place_of(const json_t *value, const json_t *row, const char *key)
{
	json_int_t n = cli_lens_int(row, key, 0);

	/* By its number, which begins with 1. */
	return n > 0 ? json_array_get(
			       json_object_get(value, "places"), (size_t)n - 1)
		     : NULL;
}

static void
put_count(struct buf *b, const json_t *totals, const char *key,
	const char *before, const char *after)
{
	buf_printf(b, "%s%" JSON_INTEGER_FORMAT "%s", before,
		cli_lens_int(totals, key, 0), after);
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *totals = json_object_get(value, "totals");
	const json_t *first =
		json_array_get(json_object_get(value, "switch_intervals"), 0);
	scope_buf struct buf b = BUF_INIT(2048);
	char a[CLI_NUMBER], c[CLI_NUMBER];

	if (!json_is_integer(json_object_get(totals, "takes"))) {
		buf_printf(&b, "%s",
			json_is_false(json_object_get(totals, "gil"))
				? "This CPython has no GIL: nobody holds it, "
				  "and nobody waits for it."
				: "It is not known what became of the GIL.");
	} else {
		put_count(&b, totals, "releases", "The GIL was let go ", "");
		put_count(&b, totals, "forced", " times: ", " forced,");
		put_count(
			&b, totals, "voluntary", " ", " by the thread itself,");
		put_count(&b, totals, "ended", " ", " as a thread ended.");
		put_count(&b, totals, "switches", " It went to another thread ",
			" times.");
		buf_printf(&b, " In %s nobody had it for %s.",
			cli_text_ns(a, cli_lens_int(totals, "ns", 0)),
			cli_text_ns(c, cli_lens_int(totals, "free_ns", 0)));
	}
	if (first)
		buf_printf(&b, " Switch interval: %s.",
			cli_text_ns(a, (int64_t)((uint64_t)cli_lens_int(
							 first, "us", 0) *
						 1000)));
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

enum {
	T_NUMBER,
	T_NAME,
	T_LINE,
	T_HELD,
	T_WAITED,
	T_AWAY,
	T_FORCED,
	T_ITSELF,
	T_HOLD,
	T_WAIT,
	T_COUNT
};

static const struct cli_column thread_columns[T_COUNT] = {
	[T_NUMBER] = {.title = "", .right = true},
	[T_NAME] = {.title = "thread", .shrink = true, .least = 6},
	[T_LINE] = {.title = "line", .right = true},
	[T_HELD] = {.title = "held", .right = true},
	[T_WAITED] = {.title = "waited", .right = true},
	[T_AWAY] = {.title = "away", .right = true},
	[T_FORCED] = {.title = "forced", .right = true},
	[T_ITSELF] = {.title = "itself", .right = true},
	[T_HOLD] = {.title = "longest", .right = true},
	[T_WAIT] = {.title = "wait", .right = true},
};

static void
put_threads(const json_t *value, const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(thread_columns, T_COUNT);
	const json_t *thread;
	size_t i;

	json_array_foreach(json_object_get(value, "threads"), i, thread)
	{
		cli_lens_put_int(t, CLI_PLAIN, thread, "thread");
		cli_lens_put_text(t, CLI_NAME, thread, "name");
		cli_lens_put_int(
			t, CLI_DIM, place_of(value, thread, "at"), "line");
		cli_lens_put_ns(t, CLI_PLAIN, thread, "held_ns");
		cli_lens_put_ns(t, CLI_PLAIN, thread, "waited_ns");
		cli_lens_put_ns(t, CLI_DIM, thread, "away_ns");
		cli_lens_put_int(t, CLI_PLAIN, thread, "forced");
		cli_lens_put_int(t, CLI_PLAIN, thread, "voluntary");
		cli_lens_put_ns(t, CLI_DIM, thread, "longest_hold_ns");
		cli_lens_put_ns(t, CLI_DIM, thread, "longest_wait_ns");
	}
	if (i)
		cli_table_print(t, o);
}

/* What most of the time of a column was: of what it holds and waits. */
struct lane {
	double held[LANE_COLUMNS], waited[LANE_COLUMNS];
};

struct lanes {
	struct lane *of;
	size_t n, columns;
	double width; /* of a column, in nanoseconds */
};

/* From when to when, spread over columns. */
static void
spread(const struct lanes *l, double *column, json_int_t from, json_int_t to)
{
	if (from < 0 || to < from)
		return;
	for (size_t i = 0; i < l->columns; i++) {
		double a = (double)i * l->width, b = a + l->width;
		double begin = (double)from > a ? (double)from : a;
		double end = (double)to < b ? (double)to : b;
		if (end > begin)
			column[i] += end - begin;
	}
}

static void
add_hold(const struct lanes *l, const json_t *hold, json_int_t over)
{
	json_int_t thread = cli_lens_int(hold, "thread", 0);
	json_int_t from = cli_lens_int(hold, "from_ns", -1);

	if (thread < 1 || (size_t)thread > l->n)
		return;
	spread(l, l->of[thread - 1].held, from,
		cli_lens_int(hold, "to_ns", over));
	spread(l, l->of[thread - 1].waited,
		cli_lens_int(hold, "wanted_ns", from), from);
}

static void
put_lane(const struct lanes *l, size_t thread, const struct cli_out *o)
{
	const struct lane *lane = &l->of[thread];
	scope_buf struct buf b = BUF_INIT(4 * LANE_COLUMNS);

	for (size_t i = 0; i < l->columns; i++)
		buf_printf(&b, "%s",
			lane->held[i] * 2 >= l->width ? "█"
			: (lane->held[i] + lane->waited[i]) * 2 < l->width ? "·"
			: lane->held[i] > lane->waited[i] ? "█"
							  : "░");
	fprintf(o->file, "  %6zu  ", thread + 1);
	cli_text_say(o, CLI_NAME, "%s\n", b.data);
}

static void
put_lanes(const json_t *value, const struct cli_out *o)
{
	const json_t *totals = json_object_get(value, "totals");
	json_int_t over = cli_lens_int(totals, "ns", 0);
	const json_t *holds = json_object_get(value, "holds"), *hold;
	size_t threads = json_array_size(json_object_get(value, "threads")), i;
	struct lanes l = {.n = threads < LANES ? threads : LANES,
		.columns = LANE_COLUMNS};

	if (threads < 2 || over <= 0 || !json_array_size(holds))
		return;
	if (o->width < l.columns + LANE_BESIDE)
		l.columns = o->width < LANE_LEAST + LANE_BESIDE
				    ? LANE_LEAST
				    : o->width - LANE_BESIDE;
	l.width = (double)over / (double)l.columns;
	scope_free struct lane *of = calloc(l.n, sizeof(*of));
	if (!of)
		abort();
	l.of = of;
	json_array_foreach(holds, i, hold)
	{
		add_hold(&l, hold, over);
	}
	cli_text_say(
		o, CLI_DIM, "\n  █ has the GIL   ░ waits for it   · is away\n");
	for (i = 0; i < l.n; i++)
		put_lane(&l, i, o);
	if (threads > l.n)
		cli_text_say(o, CLI_DIM, "  … and %zu more threads\n",
			threads - l.n);
}

enum {
	P_FORCED,
	P_ITSELF,
	P_AWAY,
	P_WAITED,
	P_LINE,
	P_SOURCE,
	P_LIBRARY,
	P_COUNT
};

static const struct cli_column place_columns[P_COUNT] = {
	[P_FORCED] = {.title = "forced", .right = true},
	[P_ITSELF] = {.title = "itself", .right = true},
	[P_AWAY] = {.title = "away", .right = true},
	[P_WAITED] = {.title = "waited then", .right = true},
	[P_LINE] = {.title = "line", .right = true},
	[P_SOURCE] = {.title = "source", .shrink = true, .least = 10},
	[P_LIBRARY] = {.title = "in", .shrink = true, .least = 10},
};

/* "Condition.wait, threading.py:320", of the frame that is not the script's. */
static void
put_library(struct cli_table *t, const json_t *place)
{
	const json_t *library = json_object_get(place, "library");
	const char *file = json_string_value(json_object_get(library, "file"));
	const char *function =
		json_string_value(json_object_get(library, "function"));

	if (!file) {
		cli_table_text(t, CLI_DIM, "", 0);
		return;
	}
	const char *slash = strrchr(file, '/');
	cli_table_cell(t, CLI_DIM, "%s, %s:%" JSON_INTEGER_FORMAT,
		function ? function : "?", slash ? slash + 1 : file,
		cli_lens_int(library, "line", 0));
}

static void
put_line(struct cli_table *t, const struct cli_source *src, const json_t *place)
{
	json_int_t line = cli_lens_int(place, "line", 0);

	cli_lens_put_int(t, CLI_DIM, place, "line");
	if (line)
		cli_lens_put_line(t, CLI_PLAIN, src, line);
	else
		cli_table_text(t, CLI_PLAIN, "", 0);
	put_library(t, place);
}

static bool
was_left(const json_t *place)
{
	return cli_lens_int(place, "forced", 0) ||
	       cli_lens_int(place, "voluntary", 0);
}

static void
put_places(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(place_columns, P_COUNT);
	const json_t *place;
	size_t i, n = 0;

	json_array_foreach(json_object_get(value, "places"), i, place)
	{
		if (!was_left(place))
			continue;
		n++;
		cli_lens_put_int(t, CLI_PLAIN, place, "forced");
		cli_lens_put_int(t, CLI_PLAIN, place, "voluntary");
		cli_lens_put_ns(t, CLI_PLAIN, place, "away_ns");
		cli_lens_put_ns(t, CLI_PLAIN, place, "waited_ns");
		put_line(t, src, place);
	}
	if (!n)
		return;
	cli_text_say(o, CLI_DIM, "\n  where it was let go\n");
	cli_table_print(t, o);
}

enum {
	H_FROM,
	H_THREAD,
	H_WAITED,
	H_TIMES,
	H_HELD,
	H_ASKED,
	H_HOW,
	H_LINE,
	H_SOURCE,
	H_LIBRARY,
	H_COUNT
};

static const struct cli_column hold_columns[H_COUNT] = {
	[H_FROM] = {.title = "at", .right = true},
	[H_THREAD] = {.title = "", .right = true},
	[H_WAITED] = {.title = "waited", .right = true},
	[H_TIMES] = {.title = "times", .right = true},
	[H_HELD] = {.title = "held", .right = true},
	[H_ASKED] = {.title = "asked", .right = true},
	[H_HOW] = {.title = "let go"},
	[H_LINE] = {.title = "line", .right = true},
	[H_SOURCE] = {.title = "source", .shrink = true, .least = 8},
	[H_LIBRARY] = {.title = "in", .shrink = true, .least = 4},
};

/* From one time to another, empty where one of them is none. */
static void
put_between(struct cli_table *t, const json_t *hold, const char *from,
	const char *to)
{
	json_int_t a = cli_lens_int(hold, from, -1);
	json_int_t b = cli_lens_int(hold, to, -1);
	char text[CLI_NUMBER];

	cli_table_cell(t, CLI_PLAIN, "%s",
		a >= 0 && b >= a ? cli_text_ns(text, b - a) : "");
}

/* One that lets go at one line of the script again and again, as an import
 * does, with nobody who has it between. */
struct group {
	const json_t *first, *last;
	json_int_t times, held;
};

static bool
is_voluntary(const json_t *hold)
{
	const char *how = json_string_value(json_object_get(hold, "how"));

	return how && strcmp(how, "voluntary") == 0 &&
	       !cli_lens_int(hold, "requests", 0);
}

static bool
goes_on(const json_t *value, const json_t *a, const json_t *b)
{
	return is_voluntary(a) && is_voluntary(b) &&
	       cli_lens_int(a, "n", 0) + 1 == cli_lens_int(b, "n", 0) &&
	       cli_lens_int(a, "thread", 0) == cli_lens_int(b, "thread", 0) &&
	       json_is_null(json_object_get(b, "wanted_ns")) &&
	       cli_lens_int(place_of(value, a, "left"), "line", 0) ==
		       cli_lens_int(place_of(value, b, "left"), "line", 0);
}

static struct group
group_at(const json_t *value, const json_t *holds, size_t *at)
{
	struct group g = {.first = json_array_get(holds, *at)};

	do {
		g.last = json_array_get(holds, (*at)++);
		json_int_t from = cli_lens_int(g.last, "from_ns", 0);
		json_int_t to = cli_lens_int(g.last, "to_ns", from);
		json_int_t held;
		if (!__builtin_sub_overflow(to, from, &held))
			(void)__builtin_add_overflow(g.held, held, &g.held);
		g.times++;
	} while (*at < json_array_size(holds) &&
		 goes_on(value, g.last, json_array_get(holds, *at)));
	return g;
}

static void
put_group(struct cli_table *t, const json_t *value, const struct group *g,
	const struct cli_source *src)
{
	const char *how = json_string_value(json_object_get(g->last, "how"));
	bool forced = how && strcmp(how, "forced") == 0;
	char text[CLI_NUMBER];

	cli_lens_put_ns(t, CLI_DIM, g->first, "from_ns");
	cli_lens_put_int(t, CLI_NAME, g->first, "thread");
	put_between(t, g->first, "wanted_ns", "from_ns");
	cli_table_cell(t, CLI_PLAIN, "%" JSON_INTEGER_FORMAT, g->times);
	cli_table_cell(
		t, CLI_PLAIN, "%s", how ? cli_text_ns(text, g->held) : "");
	put_between(t, g->last, "from_ns", "request_ns");
	cli_table_cell(t, forced ? CLI_WARN : CLI_PLAIN, "%s",
		!how				? "has it"
		: strcmp(how, "voluntary") == 0 ? "itself"
						: how);
	put_line(t, src, place_of(value, g->last, "left"));
}

static void
put_holds(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *holds = json_object_get(value, "holds");
	scope_table struct cli_table *t = cli_table_new(hold_columns, H_COUNT);
	size_t at = 0, n = json_array_size(holds);

	if (!n)
		return;
	for (unsigned i = 0; i < HOLDS && at < n; i++) {
		struct group g = group_at(value, holds, &at);
		put_group(t, value, &g, src);
	}
	cli_text_say(o, CLI_DIM, "\n  who had it, one after the other\n");
	cli_table_print(t, o);
	if (at < n)
		cli_text_say(
			o, CLI_DIM, "  … and %zu more, in --json\n", n - at);
}

void
cli_lens_threads(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	put_summary(value, o);
	put_threads(value, o);
	put_lanes(value, o);
	put_places(value, src, o);
	put_holds(value, src, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
