/*
 * The runs of an engine: the queue, the slots.
 *
 * Theory of operation.  Every run that was taken in is in one list, in order of
 * arrival, from engine_submit until its callback.  A slot is the right to have
 * one pass in flight (or one runner of its own being warmed).  Whenever
 * something ended or arrived, the pump walks the list and lets each run begin
 * what it can; so runs that arrived first finish first, and the passes of one
 * run go side by side when there is room.
 */
#include "server/engine_parts.h"

#include <assert.h>
#include <stdlib.h>

#include "api/plan.h"
#include "base/io.h"

#define RETRY_AFTER 1

void
engine_pump_fired(struct loop_timer *t)
{
	engine_pump((void *)((char *)t - offsetof(struct engine, pump)));
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
		for (struct engine_run *r = e->first; r; r = next) {
			next = r->next;
			run_step(r);
		}
	}
	e->pumping = false;
}

bool
engine_admits(const struct engine *e, int *ret_retry_after)
{
	*ret_retry_after = RETRY_AFTER;
	return e->stats.queued < e->config.queue;
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

struct engine_run *
engine_submit(struct engine *e, const struct run_request *q,
	engine_done_fn *done, void *arg)
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
	run->runtime = rt;
	run->result.runtime = &rt->hello;
	run->todo = plan_passes(q);
	run->bundle = BUF_INIT(MAX_BUNDLE_BYTES);
	run_make_id(run->result.id);
	/* The request was checked against the limits of the bundle. */
	if (plan_bundle(q, &run->bundle, &f))
		abort();
	append(e, run);
	e->stats.runs_total++;
	e->stats.queued++;
	loop_timer_set(e->loop, &e->pump, 0);
	return run;
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
	run_let_go(run);
	if (run->begun)
		e->stats.running--;
	else
		e->stats.queued--;
	if (outcome == ENGINE_UNAVAILABLE)
		e->stats.runs_unavailable_total++;
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

bool
engine_slot_take(struct engine *e)
{
	if (e->busy >= e->config.slots)
		return false;
	e->busy++;
	return true;
}

void
engine_slot_release(struct engine *e)
{
	assert(e->busy > 0);
	e->busy--;
}

uint64_t
engine_next_pass_id(struct engine *e)
{
	return ++e->last_pass_id;
}

void
engine_count_begun(struct engine *e)
{
	e->stats.queued--;
	e->stats.running++;
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

