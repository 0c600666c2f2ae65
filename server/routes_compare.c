/*
 * POST /v1/comparisons: as one JSON, or as Server-Sent Events while the runs
 * come in.
 */
#include <stdlib.h>
#include <string.h>

#include "server/fanout.h"
#include "server/routes.h"

/* A comparison that an exchange waits for. */
struct comparing {
	struct routes_waiting left; /* first */
	struct exchange *x;	    /* NULL: a stream whose client left */
	struct fanout *f;
	bool stream;
};

static void
one_over(void *arg, const struct compare_one *one)
{
	struct comparing *w = arg;

	if (w->stream && w->x)
		routes_event(w->x, one->run ? "result" : "problem",
			compare_result(one));
}

static void
all_over(void *arg, const struct fanout *f)
{
	struct comparing *w = arg;
	struct exchange *x = w->x;

	if (x)
		http_set_data(x, NULL);
	if (x && w->stream) {
		routes_event(x, "differences", fanout_differences(f));
		routes_event(x, "done", json_pack("{s:s}", "id", fanout_id(f)));
		http_stream_end(x);
	} else if (x) {
		http_json(x, 200, fanout_reply(f));
	}
	free(w);
}

/* Its callback comes all the same, and frees w. */
static void
comparing_left(struct routes_waiting *left)
{
	struct comparing *w = (struct comparing *)left;

	if (w->stream)
		w->x = NULL;
	fanout_cancel(w->f);
}

static void
compare(struct exchange *x, struct site *s, struct compare_request *q)
{
	const struct client c = client_of_peer(http_peer(x));
	struct comparing *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct comparing){.left = {comparing_left}, .x = x};
	w->f = fanout_new(s->engine, &c, q,
		&(struct fanout_hooks){w, one_over, all_over});
	http_set_data(x, w);
	w->stream = routes_events_begin(x);
	if (!w->stream)
		http_wait(x);
	fanout_begin(w->f);
}

static struct problem *
too_many(size_t n, unsigned most)
{
	struct problem *p = problem_new(422, "invalid-request",
		"The request has members that cannot be taken", NULL);

	problem_at(p, "/runtimes",
		"These are %zu runs, and one address can have no more than %u "
		"at a time here.",
		n, most);
	return p;
}

/* What is wrong with the request, or NULL. */
static struct problem *
read_request(const struct exchange *x, const struct site *s,
	struct compare_request *q)
{
	unsigned most = engine_most_of_one(s->engine);
	struct problem *p = NULL;
	size_t n;
	const char *body = routes_json(x, &n, &p);

	if (!body)
		return p;
	if (compare_request_from_json(body, n, q, &p) ||
		fanout_name(s->engine, q, &p))
		return p;
	return q->n > most ? too_many(q->n, most) : NULL;
}

void
routes_post_comparison(struct exchange *x, struct site *s)
{
	struct compare_request q = {0};
	/* Others may have come while this body was on its way. */
	struct problem *p = routes_runs_refusal(x, s, 1);

	if (!p)
		p = read_request(x, s, &q);
	if (!p)
		p = routes_runs_refusal(x, s, (unsigned)q.n);
	if (!p) {
		compare(x, s, &q);
		return;
	}
	compare_request_clear(&q);
	http_problem(x, p, NULL);
}
