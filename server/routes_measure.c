/*
 * POST /v1/measurements: as one JSON, or as Server-Sent Events while the rounds
 * come in.
 */
#include <stdlib.h>

#include "server/measuring.h"
#include "server/routes.h"

/* A measurement that an exchange waits for. */
struct waiting {
	struct routes_waiting left; /* first */
	struct exchange *x;	    /* NULL: a stream whose client left */
	struct measuring *m;
	const struct site *s;
	bool stream;
};

static void
round_over(void *arg, const struct measure_state *s, size_t round)
{
	struct waiting *w = arg;

	if (w->stream && w->x)
		routes_event(w->x, "round", measure_round_json(s, round));
	/* What was taken in is answered, by what there is. */
	if (w->s->stopping)
		measuring_stop(w->m);
}

static void
count_over(void *arg, const struct measure_state *s, size_t n)
{
	struct waiting *w = arg;

	if (w->stream && w->x)
		routes_event(w->x, "count", measure_count_json(s, n));
	if (w->s->stopping)
		measuring_stop(w->m);
}

static void
all_over(void *arg, const struct measure_state *s, struct problem *p)
{
	struct waiting *w = arg;
	struct exchange *x = w->x;

	if (x)
		http_set_data(x, NULL);
	if (x && w->stream) {
		if (p)
			routes_event(x, "problem", problem_json(p));
		else
			routes_event(x, "result", measure_json(s));
		routes_event(x, "done", json_pack("{s:s}", "id", s->id));
		http_stream_end(x);
	} else if (x && !p) {
		http_json(x, 200, measure_json(s));
	} else if (x) {
		http_problem(x, p, NULL);
		p = NULL;
	}
	problem_free(p);
	free(w);
}

/* Its callback comes all the same, and frees w. */
static void
client_left(struct routes_waiting *left)
{
	struct waiting *w = (struct waiting *)left;

	if (w->stream)
		w->x = NULL;
	measuring_cancel(w->m);
}

static void
measure(struct exchange *x, struct site *s, struct measure_request *q)
{
	const struct client c = client_of_peer(http_peer(x));
	struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct waiting){.left = {client_left}, .x = x, .s = s};
	w->m = measuring_new(s->engine, &c, q,
		&(struct measuring_hooks){w, round_over, count_over, all_over});
	http_set_data(x, w);
	w->stream = routes_events_begin(x);
	if (!w->stream)
		http_wait(x);
	measuring_begin(w->m);
}

void
routes_post_measurement(struct exchange *x, struct site *s)
{
	struct measure_request q = {0};
	/* Others may have come while this body was on its way. */
	struct problem *p = routes_runs_refusal(x, s, 1);
	size_t n;
	const char *body = p ? NULL : routes_json(x, &n, &p);

	if (body && !measure_request_from_json(body, n, &q, &p) &&
		!engine_has_runtime(s->engine, q.run.runtime))
		p = routes_no_runtime(&q.run);
	if (!p) {
		measure(x, s, &q);
		return;
	}
	measure_request_clear(&q);
	http_problem(x, p, NULL);
}
