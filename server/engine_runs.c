/*
 * The runs of an engine: the queue, the slots.
 *
 * Theory of operation.  Every run that was taken in is in one list, in order of
 * arrival, from engine_submit until its callback.  A slot is the right to have
 * one pass in flight (or one runner of its own being warmed).  Whenever
 * something ended or arrived, the pump gives the slots that are free away, one
 * after the other.  Whose turn it is among clients, admit.h says; among runs of
 * one client, those that have begun come first, then those that arrived first,
 * so that its runs finish in order, and the passes of one run go side by side
 * when there is room.
 */
#include "server/engine_parts.h"

#include <assert.h>
#include <stdlib.h>

#include "api/plan.h"
#include "base/io.h"

#define MS 1000000

void
engine_pump_fired(struct loop_timer *t)
{
	engine_pump((void *)((char *)t - offsetof(struct engine, pump)));
}

static bool
goes_before(const struct engine_run *a, const struct engine_run *b)
{
	if (a->share != b->share)
		return admit_before(a->share, b->share);
	return a->begun && !b->begun;
}

/* The run that gets the next slot, or NULL. */
static struct engine_run *
next_turn(const struct engine *e)
{
	struct engine_run *best = NULL;

	for (struct engine_run *r = e->first; r; r = r->next)
		if (run_wants_slot(r) && (!best || goes_before(r, best)))
			best = r;
	return best;
}

static void
end_hopeless(struct engine *e)
{
	struct engine_run *next;

	for (struct engine_run *r = e->first; r; r = next) {
		const char *why = run_hopeless(r);
		next = r->next;
		if (why)
			engine_run_over(r, ENGINE_UNAVAILABLE, why);
	}
}

void
engine_pump(struct engine *e)
{
	/* A run that ends while the list is walked may call back into us. */
	e->pump_again = true;
	if (e->pumping)
		return;
	e->pumping = true;
	while (e->pump_again) {
		struct engine_run *next;
		e->pump_again = false;
		end_hopeless(e);
		while (e->busy < e->admit.slots && (next = next_turn(e)))
			run_step(next);
	}
	e->pumping = false;
}

enum admit_verdict
engine_admits(struct engine *e, const struct client *c, unsigned runs,
	int *ret_retry_after)
{
	enum admit_verdict v = admit_ask(&e->admit, c, runs, ret_retry_after);

	e->stats.refused_total[v]++;
	return v;
}

unsigned
engine_most_of_one(const struct engine *e)
{
	return admit_most_of_one(&e->admit);
}

unsigned
engine_share(const struct engine *e)
{
	return admit_share_of(&e->admit);
}

unsigned
engine_max_wait_ms(const struct engine *e)
{
	return e->config.max_wait_ms;
}

int
engine_retry_after(const struct engine *e, const struct client *c)
{
	return admit_retry_after(&e->admit, c);
}

static void
append(struct engine *e, struct engine_run *run)
{
	run->prev = e->last;
	if (e->last)
		e->last->next = run;
	else
		e->first = run;
	e->last = run;
}

static void
unlink_run(struct engine *e, struct engine_run *run)
{
	if (run->prev)
		run->prev->next = run->next;
	else
		e->first = run->next;
	if (run->next)
		run->next->prev = run->prev;
	else
		e->last = run->prev;
}

/* It has waited as long as runs may. */
static void
patience_fired(struct loop_timer *t)
{
	struct engine_run *run =
		(void *)((char *)t - offsetof(struct engine_run, patience));

	engine_run_over(run, ENGINE_BUSY, NULL);
}

static void
deadline_fired(struct loop_timer *t)
{
	struct engine_run *run =
		(void *)((char *)t - offsetof(struct engine_run, deadline));
	struct engine *e = run->engine;

	run_late(run);
	engine_pump(e);
}

void
engine_run_timers_clear(struct engine_run *run)
{
	loop_timer_clear(run->engine->loop, &run->patience);
	loop_timer_clear(run->engine->loop, &run->deadline);
}

struct engine_run *
engine_submit(struct engine *e, const struct client *c,
	const struct run_request *q, engine_done_fn *done, void *arg)
{
	struct engine_run *run = calloc(1, sizeof(*run));
	struct runtime *rt = engine_find_runtime(e, q->runtime);
	struct fail f = {0};

	if (!run)
		abort();
	assert(rt);
	run->engine = e;
	run->q = q;
	run->done = done;
	run->arg = arg;
	run->accepted_ns = io_now_ns();
	run->patience.fire = patience_fired;
	run->deadline.fire = deadline_fired;
	if (q->deadline_ms)
		loop_timer_set(e->loop, &run->deadline,
			run->accepted_ns + (int64_t)q->deadline_ms * MS);
	if (c && e->admit.max_wait_ns)
		loop_timer_set(e->loop, &run->patience,
			run->accepted_ns + (int64_t)e->admit.max_wait_ns);
	run->runtime = rt;
	run->result.runtime = &rt->hello;
	run->todo = plan_passes(q);
	run->bundle = BUF_INIT(MAX_BUNDLE_BYTES);
	run_make_id("run_", run->result.id);
	/* The request was checked against the limits of the bundle. */
	if (plan_bundle(q, &run->bundle, &f))
		abort();
	run->share = admit_enter(&e->admit, c);
	append(e, run);
	e->stats.runs_total++;
	e->stats.queued++;
	loop_timer_set(e->loop, &e->pump, 0);
	return run;
}

void
engine_hear(struct engine_run *run, engine_hear_fn *fn, void *arg)
{
	run->hear = fn;
	run->hear_arg = arg;
}

void
engine_cancel(struct engine_run *run)
{
	struct engine *e = run->engine;

	run_cancel(run);
	engine_pump(e);
}

void
engine_run_over(
	struct engine_run *run, enum engine_outcome outcome, const char *why)
{
	struct engine *e = run->engine;

	unlink_run(e, run);
	engine_run_timers_clear(run);
	run_let_go(run);
	if (run->begun && !run->share->ours)
		admit_measured(&e->admit, (uint64_t)run->held_ns);
	admit_leave(&e->admit, run->share, run->begun);
	if (run->begun)
		e->stats.running--;
	else
		e->stats.queued--;
	e->stats.runs_unavailable_total += outcome == ENGINE_UNAVAILABLE;
	e->stats.runs_waited_out_total += outcome == ENGINE_BUSY;
	e->stats.runs_late_total += outcome == ENGINE_LATE;
	run->done(run->arg, outcome, &run->result, why);
	run_result_clear(&run->result);
	buf_free(&run->bundle);
	free(run);
}

/* --- For run.c ---------------------------------------------------------- */

struct loop *
engine_loop(struct engine *e)
{
	return e->loop;
}

/* Before the number of its slots changes. */
static void
count_held(struct engine_run *run)
{
	int64_t now = io_now_ns();

	run->held_ns += run->held * (now - run->held_since_ns);
	run->held_since_ns = now;
}

void
engine_slot_take(struct engine_run *run)
{
	struct engine *e = run->engine;

	assert(e->busy < e->admit.slots);
	loop_timer_clear(e->loop, &run->patience);
	e->busy++;
	count_held(run);
	run->held++;
	admit_slot_taken(run->share);
}

void
engine_slot_release(struct engine_run *run)
{
	struct engine *e = run->engine;

	assert(e->busy > 0 && run->held > 0);
	e->busy--;
	count_held(run);
	run->held--;
	admit_slot_back(&e->admit, run->share);
}

uint64_t
engine_next_pass_id(struct engine *e)
{
	return ++e->last_pass_id;
}

void
engine_count_begun(struct engine_run *run)
{
	run->engine->stats.queued--;
	run->engine->stats.running++;
	admit_begun(run->share);
}

void
engine_count_pass(struct engine *e)
{
	e->stats.passes_total++;
}

void
engine_count_retry(struct engine *e)
{
	e->stats.runs_retried_total++;
}
