/*
 * tasks: in words what became of the tasks and what held the loop up, then the
 * tasks, what each did over time, what was waited for, and who still waits.
 */
#include "server/cli_lens.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Rows of tasks, of waits and of what is left; --json has all that were kept.
 */
#define TASKS 40
#define WAITS 30

/* A row of a list by its number, which begins with `first`; NULL for null. */
static const json_t *
row_of(const json_t *value, const char *list, const json_t *j, const char *key,
	json_int_t first)
{
	json_int_t n = cli_lens_int(j, key, -1);

	return n >= first ? json_array_get(json_object_get(value, list),
				    (size_t)(n - first))
			  : NULL;
}

static const char *
text_of(const json_t *j, const char *key, const char *fallback)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : fallback;
}

static const char *
function_of(const json_t *value, const json_t *j, const char *key)
{
	return text_of(row_of(value, "functions", j, key, 0), "name", NULL);
}

static bool
is_state(const json_t *j, const char *state)
{
	return strcmp(text_of(j, "state", ""), state) == 0;
}

static void
put_numbers(struct buf *b, const json_t *numbers, const char *between)
{
	const json_t *n;
	size_t i;

	json_array_foreach(numbers, i, n)
	{
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT, i ? between : "",
			json_integer_value(n));
	}
}

/* The first blocked step of them that is the longest. */
static const json_t *
longest_of(const json_t *blocked)
{
	const json_t *b, *most = NULL;
	size_t i;

	json_array_foreach(blocked, i, b)
	{
		if (!most ||
			cli_lens_int(b, "ns", 0) > cli_lens_int(most, "ns", 0))
			most = b;
	}
	return most;
}

/* "for 80 ms, in time.sleep at line 4": what it spent its time in, if that was
 * most of it. */
static void
put_call(struct buf *b, const json_t *value, const json_t *blocked)
{
	const json_t *call = json_object_get(blocked, "call");
	const char *name = function_of(value, call, "function");
	char text[CLI_NUMBER];

	buf_printf(b, "%s", cli_text_ns(text, cli_lens_int(blocked, "ns", 0)));
	if (name)
		buf_printf(b, ", in %s", name);
	json_int_t line = cli_lens_int(
		name ? call : blocked, name ? "line" : "to_line", 0);
	if (line)
		buf_printf(b, ", %s line %" JSON_INTEGER_FORMAT,
			name ? "called at" : "up to", line);
}

static void
put_ends(struct buf *b, const json_t *totals)
{
	static const char *const how[][2] = {{"returned", " returned"},
		{"raised", " ended by an exception"},
		{"cancelled", " cancelled"}, {"never_done", " never done"}};
	const char *before = ": ";

	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		json_int_t n = cli_lens_int(totals, how[i][0], 0);
		if (!n)
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT "%s", before, n,
			how[i][1]);
		before = ", ";
	}
}

static void
put_cycles(struct buf *b, const json_t *value)
{
	const json_t *cycle;
	size_t i;

	json_array_foreach(json_object_get(value, "cycles"), i, cycle)
	{
		const json_t *tasks = json_object_get(cycle, "tasks");
		buf_printf(b, " In a circle, each waits for the next: ");
		put_numbers(b, tasks, " → ");
		buf_printf(b, " → %" JSON_INTEGER_FORMAT ".",
			json_integer_value(json_array_get(tasks, 0)));
	}
	if (json_is_true(json_object_get(value, "stuck")))
		buf_printf(b, " Nothing was left that could go on: every task "
			      "waits for another, or for what only another "
			      "could do.");
}

static void
put_loops(struct buf *b, const json_t *value)
{
	const json_t *loop;
	json_int_t busy = 0, idle = 0;
	char text[2][CLI_NUMBER];
	size_t i;

	json_array_foreach(json_object_get(value, "loops"), i, loop)
	{
		json_int_t more = cli_lens_int(loop, "busy_ns", 0);
		if (__builtin_add_overflow(busy, more, &busy))
			return;
		more = cli_lens_int(loop, "idle_ns", 0);
		if (__builtin_add_overflow(idle, more, &idle))
			return;
	}
	buf_printf(b, " %s ran for %s and had nothing to run for %s.",
		i == 1 ? "The loop" : "Loops", cli_text_ns(text[0], busy),
		cli_text_ns(text[1], idle));
}

static void
put_held_up(struct buf *b, const json_t *value, const json_t *totals)
{
	json_int_t n = cli_lens_int(totals, "blocked", 0);

	buf_printf(b, n ? " It was held up " : " Nothing held it up");
	if (n)
		cli_lens_count(b, n, "time");
	buf_printf(b, " for %" JSON_INTEGER_FORMAT " ms or more",
		cli_lens_int(totals, "blocked_ms", 0));
	if (n) {
		buf_printf(b, "; longest for ");
		put_call(b, value,
			longest_of(json_object_get(value, "blocked")));
	}
	buf_printf(b, ".");
}

static void
put_clock(struct buf *b, const json_t *totals)
{
	json_int_t ns = cli_lens_int(totals, "skipped_ns", -1);
	char text[CLI_NUMBER];

	if (ns >= 0)
		buf_printf(b,
			" The clock is virtual: %s of waiting took no time.",
			cli_text_ns(text, ns));
}

static void
put_summary(const json_t *value, const struct cli_out *o)
{
	const json_t *totals = json_object_get(value, "totals");
	scope_buf struct buf b = BUF_INIT(4096);

	if (!cli_lens_int(totals, "loops", 0) &&
		!cli_lens_int(totals, "tasks", 0)) {
		buf_printf(&b, "No event loop of asyncio ran: there are no "
			       "tasks.");
	} else {
		cli_lens_count(&b, cli_lens_int(totals, "tasks", 0), "task");
		put_ends(&b, totals);
		buf_printf(&b, ".");
		put_loops(&b, value);
		put_held_up(&b, value, totals);
		put_cycles(&b, value);
	}
	put_clock(&b, totals);
	fputs("  ", o->file);
	cli_text_wrap(o, 2, 2, b.data);
}

enum {
	T_NUMBER,
	T_NAME,
	T_FUNCTION,
	T_LINE,
	T_BY,
	T_STEPS,
	T_RAN,
	T_READY,
	T_WAITED,
	T_HOW,
	T_COUNT
};

static const struct cli_column task_columns[T_COUNT] = {
	[T_NUMBER] = {.title = "", .right = true},
	[T_NAME] = {.title = "task", .shrink = true, .least = 6},
	[T_FUNCTION] = {.title = "of", .shrink = true, .least = 6},
	[T_LINE] = {.title = "line", .right = true},
	[T_BY] = {.title = "by", .right = true},
	[T_STEPS] = {.title = "steps", .right = true},
	[T_RAN] = {.title = "ran", .right = true},
	[T_READY] = {.title = "ready", .right = true},
	[T_WAITED] = {.title = "waited", .right = true},
	[T_HOW] = {.title = "end", .shrink = true, .least = 8},
};

static void
put_tasks(const json_t *value, const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(task_columns, T_COUNT);
	const json_t *tasks = json_object_get(value, "tasks"), *task;
	size_t i;

	json_array_foreach(tasks, i, task)
	{
		if (i == TASKS)
			break;
		const char *function = function_of(value, task, "function");
		bool raised = is_state(task, "raised");
		cli_lens_put_int(t, CLI_NAME, task, "task");
		cli_lens_put_text(t, CLI_NAME, task, "name");
		cli_table_cell(t, CLI_PLAIN, "%s",
			function ? function : text_of(task, "coroutine", ""));
		cli_lens_put_int(t, CLI_DIM, task, "line");
		cli_lens_put_int(t, CLI_DIM, task, "parent");
		cli_lens_put_int(t, CLI_PLAIN, task, "steps");
		cli_lens_put_ns(t, CLI_PLAIN, task, "running_ns");
		cli_lens_put_ns(t, CLI_PLAIN, task, "ready_ns");
		cli_lens_put_ns(t, CLI_PLAIN, task, "waiting_ns");
		if (raised)
			cli_table_cell(t, CLI_BAD, "%s",
				text_of(task, "exception", "raised"));
		else
			cli_table_cell(t,
				is_state(task, "returned") ? CLI_PLAIN
							   : CLI_WARN,
				"%s%s",
				json_is_integer(
					json_object_get(task, "ended_ns"))
					? ""
					: "still ",
				text_of(task, "state", "?"));
	}
	if (!i)
		return;
	cli_table_print(t, o);
	if (json_array_size(tasks) > i)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n",
			json_array_size(tasks) - i);
}

/* "Lock.acquire of asyncio.locks.Lock", "sleep, 100 ms", "a task". */
static void
put_what(struct buf *b, const json_t *value, const json_t *wait)
{
	const char *kind = text_of(wait, "kind", "?");
	const char *function = function_of(value, wait, "function");
	const char *type = text_of(wait, "type", NULL);
	json_int_t delay = cli_lens_int(wait, "delay_ns", -1);
	char text[CLI_NUMBER];

	buf_printf(b, "%s", strcmp(kind, "yield") == 0 ? "gave way" : kind);
	if (delay >= 0)
		buf_printf(b, " for %s", cli_text_ns(text, delay));
	else if (function)
		buf_printf(b, ", %s", function);
	else if (type && strstr(type, "_GatheringFuture"))
		buf_printf(b, ", gather");
	else if (type && strcmp(kind, "task") != 0)
		buf_printf(b, ", %s", type);
}

enum { W_TIMES, W_TIME, W_LONGEST, W_WHAT, W_LINE, W_SOURCE, W_COUNT };

static const struct cli_column wait_columns[W_COUNT] = {
	[W_TIMES] = {.title = "times", .right = true},
	[W_TIME] = {.title = "in all", .right = true},
	[W_LONGEST] = {.title = "longest", .right = true},
	[W_WHAT] = {.title = "for", .shrink = true, .least = 12},
	[W_LINE] = {.title = "line", .right = true},
	[W_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_line(struct cli_table *t, const struct cli_source *src, const json_t *j,
	const char *key)
{
	json_int_t line = cli_lens_int(j, key, 0);

	cli_lens_put_int(t, CLI_DIM, j, key);
	if (line)
		cli_lens_put_line(t, CLI_PLAIN, src, line);
	else
		cli_table_text(t, CLI_PLAIN, "", 0);
}

static void
put_waits(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(wait_columns, W_COUNT);
	const json_t *wait;
	size_t i, n = 0, more = 0;

	json_array_foreach(json_object_get(value, "waits"), i, wait)
	{
		scope_buf struct buf b = BUF_INIT(1024);
		if (!cli_lens_int(wait, "times", 0))
			continue;
		if (n == WAITS) {
			more++;
			continue;
		}
		n++;
		put_what(&b, value, wait);
		cli_lens_put_int(t, CLI_PLAIN, wait, "times");
		cli_lens_put_ns(t, CLI_PLAIN, wait, "ns");
		cli_lens_put_ns(t, CLI_DIM, wait, "longest_ns");
		cli_table_text(t, CLI_NAME, b.data, b.len);
		put_line(t, src, wait, "line");
	}
	if (!n)
		return;
	cli_text_say(o, CLI_DIM, "\n  what tasks waited for\n");
	cli_table_print(t, o);
	if (more)
		cli_text_say(o, CLI_DIM, "  … and %zu more, in --json\n", more);
}

enum { B_AT, B_FOR, B_WHO, B_CALL, B_LINE, B_SOURCE, B_COUNT };

static const struct cli_column blocked_columns[B_COUNT] = {
	[B_AT] = {.title = "at", .right = true},
	[B_FOR] = {.title = "for", .right = true},
	[B_WHO] = {.title = "by", .shrink = true, .least = 6},
	[B_CALL] = {.title = "in", .shrink = true, .least = 8},
	[B_LINE] = {.title = "line", .right = true},
	[B_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_blocked(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t =
		cli_table_new(blocked_columns, B_COUNT);
	const json_t *b;
	size_t i;

	json_array_foreach(json_object_get(value, "blocked"), i, b)
	{
		const json_t *call = json_object_get(b, "call");
		const char *name = function_of(value, call, "function");
		json_int_t task = cli_lens_int(b, "task", 0);
		cli_lens_put_ns(t, CLI_DIM, b, "from_ns");
		cli_lens_put_ns(t, CLI_WARN, b, "ns");
		if (task)
			cli_table_cell(t, CLI_NAME,
				"task %" JSON_INTEGER_FORMAT, task);
		else
			cli_table_cell(t, CLI_NAME, "%s",
				text_of(b, "callback", "a callback"));
		cli_table_cell(t, CLI_PLAIN, "%s", name ? name : "its own");
		put_line(t, src, name ? call : b, name ? "line" : "to_line");
	}
	if (!i)
		return;
	cli_text_say(o, CLI_DIM, "\n  what held the loop up\n");
	cli_table_print(t, o);
}

enum { L_TASK, L_WHAT, L_ON, L_LINE, L_SOURCE, L_COUNT };

static const struct cli_column left_columns[L_COUNT] = {
	[L_TASK] = {.title = "", .right = true},
	[L_WHAT] = {.title = "for", .shrink = true, .least = 12},
	[L_ON] = {.title = "tasks", .shrink = true, .least = 5},
	[L_LINE] = {.title = "line", .right = true},
	[L_SOURCE] = {.title = "source", .shrink = true, .least = 10},
};

static void
put_left(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	scope_table struct cli_table *t = cli_table_new(left_columns, L_COUNT);
	const json_t *task;
	size_t i, n = 0;

	json_array_foreach(json_object_get(value, "tasks"), i, task)
	{
		const json_t *wait = row_of(value, "waits", task, "wait", 1);
		scope_buf struct buf what = BUF_INIT(1024), on = BUF_INIT(1024);
		if (!wait || n == TASKS)
			continue;
		n++;
		put_what(&what, value, wait);
		put_numbers(&on, json_object_get(task, "on"), ", ");
		cli_lens_put_int(t, CLI_NAME, task, "task");
		cli_table_text(t, CLI_PLAIN, what.data, what.len);
		cli_table_text(t, CLI_WARN, on.len ? on.data : "", on.len);
		put_line(t, src, wait, "line");
	}
	if (!n)
		return;
	cli_text_say(o, CLI_DIM, "\n  who still waited at the end\n");
	cli_table_print(t, o);
}

void
cli_lens_tasks(const json_t *value, const struct cli_source *src,
	const struct cli_out *o)
{
	put_summary(value, o);
	put_tasks(value, o);
	cli_lens_tasks_lanes(value, o);
	put_blocked(value, src, o);
	put_waits(value, src, o);
	put_left(value, src, o);
	if (json_is_true(json_object_get(value, "truncated")))
		cli_text_say(o, CLI_WARN, "  … the rest was left out\n");
}
