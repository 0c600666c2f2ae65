/*
 * vitrine compare: one file on several Pythons, by the same request as over
 * HTTP, without HTTP.
 */
#include "api/compare_request.h"
#include "server/cli_compare.h"
#include "server/cli_session.h"
#include "server/cmd.h"
#include "server/fanout.h"

/* A comparison from its request to its end. */
struct session {
	struct cli_session s; /* first */
	struct compare_request request;
	struct fanout *fanout; /* while it is in flight */
};

static int
check(struct cli_session *s, const char *body, size_t n, struct problem **ret_p)
{
	struct compare_request *q = &((struct session *)s)->request;

	if (compare_request_from_json(body, n, q, ret_p))
		return -1;
	/* They are there until the comparison is over. */
	s->only = (const char *const *)q->runtimes;
	s->nonly = q->n;
	return 0;
}

/* 1 also where it cannot be told: it is not known to be the same. */
static int
exit_status(const struct cli_session *s, const json_t *reply)
{
	const json_t *one;
	size_t i;

	if (s->interrupted)
		return 128 + s->interrupted;
	json_array_foreach(json_object_get(reply, "results"), i, one)
	{
		if (!json_is_object(json_object_get(one, "run")))
			return CLI_EXIT_FAULT;
	}
	return json_is_true(json_object_get(reply, "all_same"))
		       ? 0
		       : CLI_EXIT_DIFFER;
}

static void
tell_problems(const struct cli_session *s, const json_t *reply)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(reply, "results"), i, one)
	{
		const json_t *p = json_object_get(one, "problem");
		if (json_is_object(p))
			cli_session_complain(s, "%s: %s",
				json_string_value(
					json_object_get(one, "runtime")),
				json_string_value(
					json_object_get(p, "detail")));
	}
}

static void
done(void *arg, const struct fanout *f)
{
	struct session *own = arg;
	struct cli_session *s = &own->s;
	json_auto_t *reply = fanout_reply(f);

	own->fanout = NULL;
	cli_session_end(s);
	s->status = exit_status(s, reply);
	if (s->options.json) {
		cli_session_json(reply);
		return;
	}
	struct cli_out out = cli_text_out(stdout, s->options.colour);
	cli_compare_table(reply, &out);
	cli_compare_differences(reply, &out);
	fflush(stdout);
	struct cli_out err = cli_text_out(stderr, s->options.colour);
	cli_compare_status(reply, &err);
	tell_problems(s, reply);
}

static int
begin(struct cli_session *s)
{
	struct session *own = (struct session *)s;
	const struct fanout_hooks hooks = {own, NULL, done};
	struct problem *p = NULL;

	if (fanout_name(s->engine, &own->request, &p)) {
		cli_session_problem(s, p);
		problem_free(p);
		return -1;
	}
	own->fanout = fanout_new(s->engine, NULL, &own->request, &hooks);
	fanout_begin(own->fanout);
	return 0;
}

static void
cancel(struct cli_session *s)
{
	struct session *own = (struct session *)s;

	if (own->fanout)
		fanout_cancel(own->fanout);
}

int
cmd_compare(int argc, char **argv)
{
	struct session own = {.s = {.name = "vitrine compare",
				      .check = check,
				      .begin = begin,
				      .cancel = cancel}};
	int status = cli_session_main(&own.s, CLI_COMPARE, argc, argv);

	compare_request_clear(&own.request);
	return status;
}
