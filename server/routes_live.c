/*
 * POST /v1/runs as Server-Sent Events: what the program writes, as it writes
 * it.
 *
 * Theory of operation.  The engine keeps what it has read of each stream; how
 * much of that was said is all that is kept here.  The first output is said at
 * once, more of it at most every PACE_NS: a program that writes byte by byte
 * makes as many events as time goes by, not as it has bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "api/plan.h"
#include "api/report.h"
#include "api/text.h"
#include "base/io.h"
#include "server/loop.h"
#include "server/outcome.h"
#include "server/routes.h"

#define PACE_NS 25000000LL

/* A run whose output an exchange hears. */
struct live {
	struct routes_waiting left; /* first */
	struct exchange *x;	    /* NULL: its client left */
	struct site *s;
	struct run_request q;
	struct engine_run *run;
	const struct run_result *result; /* of it, once it has begun */
	struct loop_timer pace;
	int64_t next_ns; /* when there may be more output */
	size_t said[2];	 /* bytes of standard output, and of error */
	unsigned passes, over;
};

static void
event(const struct live *w, const char *name, json_t *data)
{
	if (w->x)
		routes_event(w->x, name, data);
	else
		json_decref(data);
}

/* What came since the last time; all of it when there will be no more. */
static void
say_output(struct live *w, const struct run_result *r)
{
	static const char *const names[] = {"stdout", "stderr"};
	const struct pass_result *p = &r->pass[PASS_CLEAN];
	const struct buf *b[] = {&p->out, &p->err};

	for (size_t i = 0; i < 2; i++) {
		size_t n = b[i]->len - w->said[i];
		json_t *j = n == 0 ? NULL
				   : report_output(b[i]->data + w->said[i], &n,
					     w->over > 0);
		if (!j)
			continue;
		w->said[i] += n;
		text_set(j, "stream", json_string(names[i]));
		event(w, "output", j);
	}
	w->next_ns = io_now_ns() + PACE_NS;
}

static void
pace_fired(struct loop_timer *t)
{
	struct live *w = (void *)((char *)t - offsetof(struct live, pace));

	say_output(w, w->result);
}

static void
begun(struct live *w, const struct run_result *r)
{
	w->result = r;
	event(w, "started",
		text_need(json_pack("{s:s, s:s, s:I}", "id", r->id, "runtime",
			r->runtime->id, "queue_ns", (json_int_t)r->queue_ns)));
}

static void
passed(struct live *w, const struct run_result *r)
{
	/* The program itself is the first; the others are its extra runs. */
	if (w->over++ == 0) {
		loop_timer_clear(w->s->loop, &w->pace);
		say_output(w, r);
	}
	event(w, "progress",
		text_need(json_pack("{s:i, s:i}", "passes", (int)w->passes,
			"over", (int)w->over)));
}

static void
again(struct live *w)
{
	loop_timer_clear(w->s->loop, &w->pace);
	w->said[0] = w->said[1] = 0;
	w->over = 0;
	event(w, "again", text_need(json_object()));
}

static void
hear(void *arg, enum engine_news news, const struct run_result *r)
{
	struct live *w = arg;

	switch (news) {
	case ENGINE_BEGUN:
		begun(w, r);
		break;
	case ENGINE_OUTPUT:
		if (io_now_ns() >= w->next_ns)
			say_output(w, r);
		else if (!w->pace.slot)
			loop_timer_set(w->s->loop, &w->pace, w->next_ns);
		break;
	case ENGINE_PASSED:
		passed(w, r);
		break;
	case ENGINE_AGAIN:
		again(w);
		break;
	}
}

static void
all_over(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct live *w = arg;

	loop_timer_clear(w->s->loop, &w->pace);
	if (outcome == ENGINE_DONE) {
		event(w, "result", report_json(&w->q, r));
	} else {
		struct problem *p =
			outcome_problem(w->s->engine, &w->q, outcome, reason);
		event(w, "problem", problem_json(p));
		problem_free(p);
	}
	event(w, "done", text_need(json_pack("{s:s}", "id", r->id)));
	if (w->x) {
		http_set_data(w->x, NULL);
		http_stream_end(w->x);
	}
	run_request_clear(&w->q);
	free(w);
}

/* Its callback comes all the same, and frees w. */
static void
client_left(struct routes_waiting *left)
{
	struct live *w = (struct live *)left;

	w->x = NULL;
	engine_cancel(w->run);
}

void
routes_run_live(struct exchange *x, struct site *s, struct run_request *q)
{
	const struct client c = client_of_peer(http_peer(x));
	struct live *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct live){.left = {client_left},
		.x = x,
		.s = s,
		.q = *q,
		.pace.fire = pace_fired};
	*q = (struct run_request){0};
	w->passes = (unsigned)__builtin_popcount(plan_passes(&w->q));
	http_set_data(x, w);
	w->run = engine_submit(s->engine, &c, &w->q, all_over, w);
	engine_hear(w->run, hear, w);
}
