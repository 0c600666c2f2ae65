/* POST /v1/runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/report.h"
#include "base/scope.h"
#include "server/outcome.h"
#include "server/routes.h"

/* A run that an exchange waits for, and what makes the reply of it. */
struct waiting {
	struct routes_waiting left; /* first */
	struct exchange *x;
	struct site *s;
	struct run_request q;
	struct engine_run *run;
	route_reply_fn *reply;
	size_t arg;
};

static void
waiting_free(struct waiting *w)
{
	run_request_clear(&w->q);
	free(w);
}

static struct problem *
not_made(const struct waiting *w, enum engine_outcome outcome,
	const char *reason)
{
	const struct client c = client_of_peer(http_peer(w->x));
	struct problem *p =
		outcome_problem(w->s->engine, &w->q, outcome, reason);

	problem_retry_after(p, engine_retry_after(w->s->engine, &c));
	return p;
}

static void
run_done(void *arg, enum engine_outcome outcome, struct run_result *result,
	const char *reason)
{
	struct waiting *w = arg;

	http_set_data(w->x, NULL);
	if (outcome == ENGINE_DONE)
		http_json(w->x, 200, w->reply(&w->q, result, w->arg));
	else
		http_problem(w->x, not_made(w, outcome, reason), NULL);
	waiting_free(w);
}

bool
routes_is_type(const struct exchange *x, const char *type)
{
	const char *given = http_header(x, "Content-Type");
	size_t n = strlen(type);

	return given && strncasecmp(given, type, n) == 0 &&
	       (!given[n] || given[n] == ';' || given[n] == ' ');
}

static struct problem *
other_kind(struct exchange *x)
{
	const char *given = http_header(x, "Content-Type");

	return problem_new(415, "unsupported-media-type",
		"The body is of another kind",
		"Send application/json, or the source itself as "
		"text/x-python; the Content-Type is %.80s.",
		given ? given : "missing");
}

static int
from_text(struct exchange *x, const char *body, size_t n, struct run_request *q,
	struct problem **ret_problem)
{
	size_t nquery = 0;
	scope_free struct query_item *query = http_query(x, &nquery);

	if (query)
		return run_request_from_text(
			body, n, query, nquery, q, ret_problem);
	*ret_problem = problem_new(422, "invalid-request",
		"The request has members that cannot be taken",
		"The query holds a NUL character.");
	return -1;
}

const char *
routes_body(const struct exchange *x, size_t *ret_n, struct problem **ret_p)
{
	const char *body = http_body(x, ret_n);

	if (*ret_n <= MAX_BODY_BYTES)
		return body;
	*ret_p = problem_new(413, "body-too-large", "The body is too large",
		"The body has at least %zu bytes; at most %llu are taken.",
		*ret_n, MAX_BODY_BYTES);
	return NULL;
}

const char *
routes_json(const struct exchange *x, size_t *ret_n, struct problem **ret_p)
{
	const char *body = routes_body(x, ret_n, ret_p);

	if (!body || routes_is_type(x, "application/json"))
		return body;
	*ret_p = problem_new(415, "unsupported-media-type",
		"The body is of another kind",
		"Send application/json; the Content-Type is %.80s.",
		http_header(x, "Content-Type") ? http_header(x, "Content-Type")
					       : "missing");
	return NULL;
}

static int
read_request(struct exchange *x, struct run_request *q, struct problem **ret_p)
{
	size_t n;
	const char *body = routes_body(x, &n, ret_p);

	if (!body)
		return -1;
	if (routes_is_type(x, "application/json"))
		return run_request_from_json(body, n, q, ret_p);
	if (routes_is_type(x, "text/x-python"))
		return from_text(x, body, n, q, ret_p);
	*ret_p = other_kind(x);
	return -1;
}

struct problem *
routes_no_runtime(const struct run_request *q)
{
	struct problem *p = problem_new(422, "invalid-request",
		"The request has members that cannot be taken",
		"No such runtime serves here; GET /v1/runtimes lists those "
		"that do.");

	problem_at(p, "/runtime", "%s names no runtime that serves here",
		q->runtime ? q->runtime : "the default");
	return p;
}

/* NULL: they may come. */
static struct problem *
not_admitted(const struct site *s, enum admit_verdict why, unsigned runs)
{
	switch (why) {
	case ADMIT_YES:
		return NULL;
	case ADMIT_CLIENT:
		return problem_new(429, "too-many-runs",
			"Too many runs at a time",
			runs > 1 ? "%u runs at a time are what one address may "
				   "have here, and with these it would have "
				   "more. Try again when others of them are "
				   "over."
				 : "%u runs of this address wait or go on "
				   "already, and no address may have more "
				   "here. Try again when one of them is over.",
			engine_share(s->engine));
	case ADMIT_WAIT:
		return problem_new(503, "busy", "Too busy",
			"By what runs took lately this one would wait for "
			"longer than %u ms, and no run waits longer here. Try "
			"again.",
			engine_max_wait_ms(s->engine));
	case ADMIT_QUEUE:
	case ADMIT_VERDICTS:
		break;
	}
	return problem_new(503, "busy", "Too busy",
		"As many runs as this server takes are waiting already. Try "
		"again.");
}

struct problem *
routes_runs_refusal(
	const struct exchange *x, const struct site *s, unsigned runs)
{
	const struct client c = client_of_peer(http_peer(x));
	struct problem *p;
	int seconds = 5;

	if (s->stopping)
		p = problem_new(503, "unavailable", "The run could not be made",
			"The server is going down.");
	else
		p = not_admitted(
			s, engine_admits(s->engine, &c, runs, &seconds), runs);
	if (p)
		problem_retry_after(p, seconds);
	return p;
}

/* Its callback comes all the same, and frees w. */
static void
run_left(struct routes_waiting *left)
{
	engine_cancel(((struct waiting *)left)->run);
}

void
routes_run(struct exchange *x, struct site *s, struct run_request *q,
	route_reply_fn *reply, size_t arg)
{
	const struct client c = client_of_peer(http_peer(x));
	struct waiting *w = malloc(sizeof(*w));

	if (!w)
		abort();
	*w = (struct waiting){.left = {run_left},
		.x = x,
		.s = s,
		.q = *q,
		.reply = reply,
		.arg = arg};
	*q = (struct run_request){0};
	http_set_data(x, w);
	http_wait(x);
	w->run = engine_submit(s->engine, &c, &w->q, run_done, w);
}

static json_t *
whole_reply(const struct run_request *q, const struct run_result *r, size_t arg)
{
	(void)arg;
	return report_json(q, r);
}

void
routes_post_run(struct exchange *x, struct site *s)
{
	struct run_request q = {0};
	/* Others may have come while this body was on its way. */
	struct problem *p = routes_runs_refusal(x, s, 1);

	if (!p && !read_request(x, &q, &p) &&
		!engine_has_runtime(s->engine, q.runtime))
		p = routes_no_runtime(&q);
	if (!p) {
		if (routes_events_begin(x))
			routes_run_live(x, s, &q);
		else
			routes_run(x, s, &q, whole_reply, 0);
		return;
	}
	run_request_clear(&q);
	http_problem(x, p, NULL);
}
