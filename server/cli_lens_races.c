/*
 * races: in words how often the program was run, then what came of it, the most
 * frequent first, where it reads what it then writes, and of outcomes that did
 * not come by themselves how they came about.
 */
#include "server/cli_lens.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* What is shown; --json has all. */
#define OUTCOMES 12
#define WINDOWS	 20
#define EXAMPLES 3
#define SWITCHES 6

static const struct {
	const char *key, *words;
} kinds[] = {{"as_is", "as it is"}, {"at_breaks", "at breaks"},
	{"inside", "inside"}};
#define KINDS 3

static const char *
text_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static json_int_t
by_kind(const json_t *outcome, int kind)
{
	return cli_lens_int(json_object_get(outcome, "by"), kinds[kind].key, 0);
}

static const char *
why(const char *stopped)
{
	static const struct {
		const char *reason, *words;
	} reasons[] = {
		{"one_thread", "It started no thread: there is nothing to "
			       "switch."},
		{"wall", "Its time was over before the others."},
		{"cpu", "Its CPU time was used up before the others."},
		{"processes", "There could be no process for more."},
		{"memory", "There was no memory for more."}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(stopped, reasons[i].reason) == 0)
			return reasons[i].words;
	return "";
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *s = json_object_get(value, "schedules");
	const json_t *k;
	json_int_t run = cli_lens_int(s, "run", 0);
	json_int_t asked = cli_lens_int(s, "asked", 0);
	scope_buf struct buf b = BUF_INIT(2048);
	size_t i;

	cli_lens_count(&b, run, "run");
	if (run < asked)
		buf_printf(&b, " of %" JSON_INTEGER_FORMAT, asked);
	buf_printf(&b, " with ");
	cli_lens_count(&b, cli_lens_int(s, "threads", 1), "thread");
	buf_printf(&b, " came to ");
	cli_lens_count(&b,
		(json_int_t)json_array_size(json_object_get(value, "outcomes")),
		"outcome");
	buf_printf(&b, ". %s", why(text_of(s, "stopped")));
	json_array_foreach(json_object_get(value, "kinds"), i,
		k) if (strcmp(text_of(k, "left_out"), "no_gil") == 0)
		buf_printf(
			&b, " Without a GIL there are no breaks to switch at.");
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

enum { RUNS, AS_IS, AT_BREAKS, INSIDE, END, OUTPUT, COLUMNS };

static const struct cli_column columns[COLUMNS] = {
	[RUNS] = {.title = "runs", .right = true},
	[AS_IS] = {.title = "as it is", .right = true},
	[AT_BREAKS] = {.title = "at breaks", .right = true},
	[INSIDE] = {.title = "inside", .right = true},
	[END] = {.title = "end", .shrink = true, .least = 7},
	[OUTPUT] = {.title = "output", .shrink = true, .least = 12},
};

static int
more_runs(const void *a, const void *b)
{
	json_int_t x = cli_lens_int(*(const json_t *const *)a, "schedules", 0);
	json_int_t y = cli_lens_int(*(const json_t *const *)b, "schedules", 0);

	if (x != y)
		return x < y ? 1 : -1;
	x = cli_lens_int(*(const json_t *const *)a, "outcome", 0);
	y = cli_lens_int(*(const json_t *const *)b, "outcome", 0);
	return (x > y) - (x < y);
}

static void
put_exception(struct buf *b, const json_t *e)
{
	buf_printf(b, " %s", text_of(e, "type"));
	if (cli_lens_int(e, "line", 0) > 0)
		buf_printf(b, " at line %" JSON_INTEGER_FORMAT,
			cli_lens_int(e, "line", 0));
}

/* "exit 1 ValueError at line 3". */
static void
put_end(struct cli_table *t, const json_t *outcome)
{
	const json_t *end = json_object_get(outcome, "end");
	const json_t *exception = json_object_get(end, "exception");
	json_int_t code = cli_lens_int(end, "exit_code", -1);
	json_int_t sig = cli_lens_int(end, "signal", 0);
	json_int_t raised = cli_lens_int(end, "threads_raised", 0);
	const char *name =
		sig > 0 && sig < _NSIG ? sigabbrev_np((int)sig) : NULL;
	scope_buf struct buf b = BUF_INIT(1024);

	if (code >= 0)
		buf_printf(&b, "exit %" JSON_INTEGER_FORMAT, code);
	else if (name)
		buf_printf(&b, "SIG%s", name);
	else
		buf_printf(&b, "%s", text_of(end, "how"));
	if (json_is_object(exception))
		put_exception(&b, exception);
	if (raised > 0)
		put_exception(
			&b, json_array_get(json_object_get(end, "raised"), 0));
	if (raised > 1)
		buf_printf(&b, " ×%" JSON_INTEGER_FORMAT, raised);
	cli_table_text(t, code == 0 && raised <= 0 ? CLI_PLAIN : CLI_WARN,
		b.data, b.len);
}

static void
put_outcome(struct cli_table *t, const json_t *outcome)
{
	const json_t *text =
		json_object_get(json_object_get(outcome, "stdout"), "text");
	size_t n = json_string_length(text);
	const char *s = json_string_value(text);

	cli_lens_put_int(t, CLI_BOLD, outcome, "schedules");
	for (int k = 0; k < KINDS; k++)
		if (by_kind(outcome, k))
			cli_lens_put_int(t, CLI_PLAIN,
				json_object_get(outcome, "by"), kinds[k].key);
		else
			cli_table_text(t, CLI_DIM, "·", 2);
	put_end(t, outcome);
	if (n && s[n - 1] == '\n')
		n--;
	cli_table_text(t, CLI_NAME, s ? s : "", n);
}

static void
put_outcomes(const json_t **sorted, size_t n, const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(columns, COLUMNS);
	json_int_t runs = 0;

	for (size_t i = 0; i < n && i < OUTCOMES; i++)
		put_outcome(t, sorted[i]);
	cli_table_print(t, o);
	for (size_t i = OUTCOMES; i < n; i++)
		runs += cli_lens_int(sorted[i], "schedules", 0);
	if (n > OUTCOMES)
		cli_text_say(o, CLI_DIM,
			"  … and %zu more, of %" JSON_INTEGER_FORMAT
			" runs, in --json\n",
			n - OUTCOMES, runs);
}

enum { W_LINE, W_NAME, W_KIND, W_FORCED, W_SOURCE, W_COLUMNS };

static const struct cli_column window_columns[W_COLUMNS] = {
	[W_LINE] = {.title = "line", .right = true},
	[W_NAME] = {.title = "name", .shrink = true, .least = 8},
	[W_KIND] = {.title = "kind"},
	[W_FORCED] = {.title = "switches", .right = true},
	[W_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_windows(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(window_columns, W_COLUMNS);
	const json_t *rows = json_object_get(value, "windows"), *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	cli_text_say(o, CLI_DIM, "\n  what is read and then written\n");
	json_array_foreach(rows, i, row)
	{
		if (i == WINDOWS)
			break;
		cli_lens_put_int(t, CLI_DIM, row, "line");
		cli_lens_put_text(t, CLI_NAME, row, "name");
		cli_lens_put_text(t, CLI_DIM, row, "kind");
		cli_lens_put_int(t, CLI_PLAIN, row, "switches");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(row, "line", 0));
	}
	cli_table_print(t, o);
	if (json_array_size(rows) > WINDOWS)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			json_array_size(rows) - WINDOWS);
}

enum { S_FROM, S_TO, S_LINE, S_OP, S_SOURCE, S_COLUMNS };

static const struct cli_column switch_columns[S_COLUMNS] = {
	[S_FROM] = {.title = "thread", .right = true},
	[S_TO] = {.title = "lets", .right = true},
	[S_LINE] = {.title = "at line", .right = true},
	[S_OP] = {.title = "before", .shrink = true, .least = 8},
	[S_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};
static const struct cli_column place_columns[S_COLUMNS] = {
	[S_FROM] = {.title = "thread", .right = true},
	[S_TO] = {.title = ""},
	[S_LINE] = {.title = "is at line", .right = true},
	[S_OP] = {.title = "in", .shrink = true, .least = 8},
	[S_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_places(const json_t *rows, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(place_columns, S_COLUMNS);
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	json_array_foreach(rows, i, row)
	{
		if (i == WINDOWS)
			break;
		cli_lens_put_int(t, CLI_NAME, row, "thread");
		cli_table_text(t, CLI_PLAIN, "", 0);
		cli_lens_put_int(t, CLI_DIM, row, "line");
		cli_lens_put_text(t, CLI_PLAIN, row, "op");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(row, "line", 0));
	}
	cli_table_print(t, o);
}

static void
put_example(const json_t *outcome, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(switch_columns, S_COLUMNS);
	const json_t *example = json_object_get(outcome, "example"), *row;
	const json_t *rows = json_object_get(example, "switches");
	json_int_t forced = cli_lens_int(example, "forced", 0);
	const char *end = text_of(json_object_get(outcome, "end"), "how");
	const char *printed =
		text_of(json_object_get(outcome, "stdout"), "text");
	scope_buf struct buf b = BUF_INIT(1024);
	size_t i;

	buf_printf(&b,
		"run %" JSON_INTEGER_FORMAT ", after %" JSON_INTEGER_FORMAT
		" forced switch%s, ",
		cli_lens_int(example, "schedule", 0), forced,
		forced == 1 ? "" : "es");
	if (strcmp(end, "exit") == 0)
		buf_printf(&b, "printed %.*s", (int)strcspn(printed, "\n"),
			printed);
	else
		buf_printf(&b, "ended: %s", end);
	fputs("\n  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
	json_array_foreach(rows, i, row)
	{
		if (i == SWITCHES)
			break;
		cli_lens_put_int(t, CLI_NAME, row, "from");
		cli_lens_put_int(t, CLI_NAME, row, "to");
		cli_lens_put_int(t, CLI_DIM, row, "line");
		cli_lens_put_text(t, CLI_PLAIN, row, "op");
		cli_lens_put_line(
			t, CLI_PLAIN, src, cli_lens_int(row, "line", 0));
	}
	if (i)
		cli_table_print(t, o);
	put_places(json_object_get(example, "places"), src, o);
}

/* Those that never came by themselves, of which there is something to tell;
 * the fewest switches tell it best. */
static const json_t *
next_example(const json_t *outcomes, json_int_t more_than, json_int_t *ret)
{
	const json_t *best = NULL, *row;
	size_t i;

	json_array_foreach(outcomes, i, row)
	{
		json_int_t n = cli_lens_int(
			json_object_get(row, "example"), "forced", 0);
		if (by_kind(row, 0) || n <= more_than || (best && n >= *ret))
			continue;
		best = row;
		*ret = n;
	}
	return best;
}

void
cli_lens_races(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	const json_t *outcomes = json_object_get(value, "outcomes");
	size_t n = json_array_size(outcomes);
	scope_free const json_t **sorted = calloc(n + 1, sizeof(*sorted));
	json_int_t last = 0;

	if (!sorted)
		abort();
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_array_get(outcomes, i);
	qsort(sorted, n, sizeof(*sorted), more_runs);
	put_summary(value, o);
	if (n)
		put_outcomes(sorted, n, o);
	put_windows(value, src, o);
	for (int i = 0; i < EXAMPLES; i++) {
		const json_t *outcome = next_example(outcomes, last, &last);
		if (!outcome)
			break;
		put_example(outcome, src, o);
	}
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
