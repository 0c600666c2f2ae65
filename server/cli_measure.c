/*
 * vitrine measure: files against each other, by the same request as over HTTP,
 * without HTTP.
 */
#include <string.h>

#include "base/scope.h"
#include "server/cli_measure.h"
#include "server/cli_session.h"
#include "server/cli_table.h"
#include "server/cmd.h"
#include "server/measuring.h"

/* A measurement from its request to its end. */
struct session {
	struct cli_session s; /* first */
	struct measure_request request;
	const char *runtime;
	struct measuring *measuring; /* while it goes on */
};

static int
check(struct cli_session *s, const char *body, size_t n, struct problem **ret_p)
{
	struct session *own = (struct session *)s;

	if (measure_request_from_json(body, n, &own->request, ret_p))
		return -1;
	own->runtime = own->request.run.runtime;
	/* It is there until the measurement is over; NULL is the default. */
	s->only = &own->runtime;
	s->nonly = 1;
	return 0;
}

static const char *
text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static enum cli_style
style_of(const json_t *ratio)
{
	const char *verdict = text(ratio, "verdict");

	if (!verdict || strcmp(verdict, "undecided") == 0)
		return CLI_DIM;
	return strcmp(verdict, "faster") == 0 ? CLI_GOOD : CLI_WARN;
}

/* Two cells: how many times as long, and the interval with the verdict. */
static void
put_ratio(struct cli_table *t, const json_t *ratio)
{
	enum cli_style style = style_of(ratio);

	if (!json_is_object(ratio)) {
		cli_table_cell(t, CLI_DIM, "-");
		cli_table_cell(t, CLI_DIM, "-");
		return;
	}
	cli_table_cell(t, style, "%.3g",
		json_real_value(json_object_get(ratio, "ratio")));
	cli_table_cell(t, style, "%.3g to %.3g, %s",
		json_real_value(json_object_get(ratio, "low")),
		json_real_value(json_object_get(ratio, "high")),
		text(ratio, "verdict"));
}

static void
put_time(struct cli_table *t, const json_t *times, const char *which)
{
	const json_t *j = json_object_get(times, which);
	char words[CLI_NUMBER];

	if (json_is_integer(j))
		cli_table_cell(t, CLI_PLAIN, "%s",
			cli_text_ns(words, json_integer_value(j)));
	else
		cli_table_cell(t, CLI_DIM, "-");
}

/* A row for each snippet, by one of the clocks. */
static void
print_clock(const json_t *reply, const char *title, const char *times,
	const char *ratio, const struct cli_out *o)
{
	const struct cli_column columns[] = {
		{.title = title, .shrink = true, .least = 8},
		{.title = "median", .right = true},
		{.title = "least", .right = true},
		{.title = "most", .right = true},
		{.title = "times as long", .right = true},
		{.title = "interval"},
	};
	scope_table struct cli_table *t =
		cli_table_new(columns, sizeof(columns) / sizeof(*columns));
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(reply, "snippets"), i, s)
	{
		const json_t *name = json_object_get(s, "name");
		const json_t *all = json_object_get(s, times);
		cli_table_text(t, CLI_NAME, json_string_value(name),
			json_string_length(name));
		put_time(t, all, "median");
		put_time(t, all, "least");
		put_time(t, all, "most");
		if (i > 0)
			put_ratio(
				t, json_object_get(
					   json_array_get(json_object_get(reply,
								  "ratios"),
						   i - 1),
					   ratio));
		else
			cli_table_cell(t, CLI_DIM, "1");
		cli_table_end_row(t);
	}
	cli_table_print(t, o);
	fputc('\n', o->file);
}

static void
print_status(const json_t *reply, const struct cli_out *o)
{
	const json_t *note;
	size_t i;

	json_int_t rounds =
		json_integer_value(json_object_get(reply, "rounds"));

	if (json_array_size(json_object_get(reply, "ratios"))) {
		cli_text_say(
			o, CLI_BOLD, "%" JSON_INTEGER_FORMAT " rounds", rounds);
		cli_text_say(o, CLI_PLAIN, ", each in a fresh process\n");
	}
	json_array_foreach(json_object_get(reply, "notes"), i, note)
	{
		cli_text_say(o, CLI_WARN, "note: ");
		cli_text_wrap(o, 6, 6, json_string_value(note));
	}
}

/* 1 also where it cannot be told of one. */
static int
exit_status(const struct cli_session *s, const json_t *reply)
{
	const json_t *one;
	size_t i;

	if (s->interrupted)
		return 128 + s->interrupted;
	if (json_is_object(json_object_get(reply, "failed")))
		return CLI_EXIT_FAULT;
	json_array_foreach(json_object_get(reply, "ratios"), i, one)
	{
		const char *verdict =
			text(json_object_get(one, "cpu"), "verdict");
		if (!verdict || strcmp(verdict, "undecided") == 0)
			return CLI_EXIT_DIFFER;
	}
	return 0;
}

/* Why the one that failed did. */
static void
tell_failed(const struct cli_session *s, const json_t *reply)
{
	const json_t *failed = json_object_get(reply, "failed");
	const json_t *run = json_object_get(failed, "run");
	const json_t *exception = json_object_get(run, "exception");
	const json_t *limit = json_object_get(run, "limit");

	if (json_is_object(exception))
		cli_session_complain(s, "%s: %s: %s", text(failed, "snippet"),
			text(exception, "type"), text(exception, "message"));
	else if (json_is_object(limit))
		cli_session_complain(s, "%s: the limit %s ended it",
			text(failed, "snippet"), text(limit, "name"));
	else if (json_is_object(failed))
		cli_session_complain(s, "%s: it ended with the status %s",
			text(failed, "snippet"), text(run, "status"));
}

static void
done(void *arg, const struct measure_state *state, struct problem *p)
{
	struct session *own = arg;
	struct cli_session *s = &own->s;

	own->measuring = NULL;
	cli_session_end(s);
	if (p) {
		cli_session_problem(s, p);
		problem_free(p);
		s->status =
			s->interrupted ? 128 + s->interrupted : CLI_EXIT_FAULT;
		return;
	}
	json_auto_t *reply = measure_json(state);
	s->status = exit_status(s, reply);
	if (s->options.json) {
		cli_session_json(reply);
		return;
	}
	struct cli_out out = cli_text_out(stdout, s->options.colour);
	if (state->rounds) {
		print_clock(reply, "CPU time", "cpu_ns", "cpu", &out);
		print_clock(reply, "on the wall", "wall_ns", "wall", &out);
	}
	cli_measure_counts(reply, &out);
	fflush(stdout);
	struct cli_out err = cli_text_out(stderr, s->options.colour);
	print_status(reply, &err);
	tell_failed(s, reply);
}

static int
begin(struct cli_session *s)
{
	struct session *own = (struct session *)s;
	const struct measuring_hooks hooks = {own, NULL, NULL, done};

	own->measuring = measuring_new(s->engine, NULL, &own->request, &hooks);
	measuring_begin(own->measuring);
	return 0;
}

static void
cancel(struct cli_session *s)
{
	struct session *own = (struct session *)s;

	if (own->measuring)
		measuring_cancel(own->measuring);
}

int
cmd_measure(int argc, char **argv)
{
	struct session own = {.s = {.name = "vitrine measure",
				      .check = check,
				      .begin = begin,
				      .cancel = cancel}};
	int status = cli_session_main(&own.s, CLI_MEASURE, argc, argv);

	measure_request_clear(&own.request);
	return status;
}
