/* tasks: what each did over time, as rows of marks. */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Tasks that have a row over time, and its columns. */
#define LANES	     24
#define LANE_COLUMNS 100
#define LANE_LEAST   20
/* Beside it: its indentation, number and blanks. */
#define LANE_BESIDE 12

static bool
is_state(const json_t *j, const char *state)
{
	const char *s = json_string_value(json_object_get(j, "state"));

	return s && strcmp(s, state) == 0;
}

enum { RUNS, READY, WAITS_FOR, DOES };

/* What most of the time of a column was. */
struct lane {
	double of[DOES][LANE_COLUMNS];
};

struct lanes {
	struct lane *of;
	size_t n, columns;
	double from, width; /* of a column, in nanoseconds */
};

/* From when to when, spread over columns. */
static void
spread(const struct lanes *l, double *column, json_int_t from, json_int_t to)
{
	for (size_t i = 0; i < l->columns && to > from; i++) {
		double a = l->from + (double)i * l->width, b = a + l->width;
		double begin = (double)from > a ? (double)from : a;
		double end = (double)to < b ? (double)to : b;
		if (end > begin)
			column[i] += end - begin;
	}
}

static void
add_span(
	const struct lanes *l, const json_t *j, const char *from, json_int_t to)
{
	json_int_t task = cli_lens_int(j, "task", 0);

	if (task < 1 || (size_t)task > l->n)
		return;
	spread(l,
		l->of[task - 1].of[is_state(j, "running") ? RUNS
				   : is_state(j, "ready") ? READY
							  : WAITS_FOR],
		cli_lens_int(j, from, to), to);
}

static const char *
mark_of(const struct lanes *l, const struct lane *lane, size_t i)
{
	double runs = lane->of[RUNS][i], ready = lane->of[READY][i];
	double waits = lane->of[WAITS_FOR][i];

	if ((runs + ready + waits) * 2 < l->width)
		return runs > 0 ? "▏" : "·";
	return runs >= ready && runs >= waits ? "█"
	       : ready >= waits		      ? "▒"
	       : runs > 0		      ? "▏"
					      : "░";
}

static void
put_lane(const struct lanes *l, size_t task, const struct cli_out *o)
{
	scope_buf struct buf b = BUF_INIT(4 * LANE_COLUMNS);

	for (size_t i = 0; i < l->columns; i++)
		buf_printf(&b, "%s", mark_of(l, &l->of[task], i));
	fprintf(o->file, "  %6zu  ", task + 1);
	cli_text_say(o, CLI_NAME, "%s\n", b.data);
}

static void
fill_lanes(const struct lanes *l, const json_t *value, json_int_t over)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(value, "spans"), i, j)
	{
		add_span(l, j, "from_ns", cli_lens_int(j, "to_ns", over));
	}
	/* What goes on has no span yet. */
	json_array_foreach(json_object_get(value, "tasks"), i, j)
	{
		add_span(l, j, "since_ns", over);
	}
}

void
cli_lens_tasks_lanes(const json_t *value, const struct cli_out *o)
{
	json_int_t over =
		cli_lens_int(json_object_get(value, "totals"), "ns", 0);
	const json_t *tasks = json_object_get(value, "tasks");
	json_int_t from =
		cli_lens_int(json_array_get(tasks, 0), "created_ns", 0);
	size_t n = json_array_size(tasks);
	struct lanes l = {.n = n < LANES ? n : LANES, .columns = LANE_COLUMNS};
	char text[CLI_NUMBER];

	if (!n || from < 0 || over <= from)
		return;
	if (o->width < l.columns + LANE_BESIDE)
		l.columns = o->width < LANE_LEAST + LANE_BESIDE
				    ? LANE_LEAST
				    : o->width - LANE_BESIDE;
	l.from = (double)from;
	l.width = (double)(over - from) / (double)l.columns;
	scope_free struct lane *of = calloc(l.n, sizeof(*of));
	if (!of)
		abort();
	l.of = of;
	fill_lanes(&l, value, over);
	cli_text_say(o, CLI_DIM,
		"\n  █ runs   ▏ a moment   ▒ ready, but another runs   "
		"░ waits   %s in all\n",
		cli_text_ns(text, over - from));
	for (size_t i = 0; i < l.n; i++)
		put_lane(&l, i, o);
	if (n > l.n)
		cli_text_say(o, CLI_DIM, "  … and %zu more tasks\n", n - l.n);
}
