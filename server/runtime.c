/* Keeping one runner alive, and not for ever. */
#include "server/runtime.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/log.h"

#define MS 1000000LL
/* A runner that lived this long is started again at once; one that dies young
 * waits twice as long each time. */
#define LONG_LIFE_NS	 (1000 * MS)
#define FIRST_BACKOFF_NS (50 * MS)
#define LAST_BACKOFF_NS	 (5000 * MS)
/* While one serves there is no hurry. */
#define FIRST_RENEW_BACKOFF_NS (1000 * MS)
#define LAST_RENEW_BACKOFF_NS  (600000 * MS)

static void start(struct runtime *rt);

static void
became(struct runtime *rt, enum runtime_state state)
{
	rt->state = state;
	rt->owner.changed(rt->owner.arg, rt);
}

/* --- Generations -------------------------------------------------------- */

static void
end_generation(struct generation *g)
{
	for (struct generation **p = &g->rt->all; *p; p = &(*p)->next)
		if (*p == g) {
			*p = g->next;
			break;
		}
	runner_free(g->runner);
	free(g);
}

/* Those that nobody uses, and nobody will. */
static void
end_unused(struct runtime *rt)
{
	struct generation *next;

	for (struct generation *g = rt->all; g; g = next) {
		next = g->next;
		if (!g->users && g != rt->serving && g != rt->warming)
			end_generation(g);
	}
}

struct generation *
runtime_take(struct runtime *rt)
{
	assert(rt->serving);
	rt->serving->users++;
	return rt->serving;
}

void
generation_give_back(struct generation *g)
{
	assert(g->users > 0);
	g->users--;
	end_unused(g->rt);
}

/* --- Replacing one that serves ------------------------------------------ */

static void
renew(struct runtime *rt)
{
	if (rt->state == RUNTIME_SERVING && !rt->warming)
		start(rt);
}

static void
age_fired(struct loop_timer *t)
{
	renew((void *)((char *)t - offsetof(struct runtime, age)));
}

static void
set_age(struct runtime *rt)
{
	loop_timer_clear(rt->loop, &rt->age);
	if (rt->recycle_ns)
		loop_timer_set(
			rt->loop, &rt->age, io_now_ns() + rt->recycle_ns);
}

void
generation_count_pass(struct generation *g)
{
	struct runtime *rt = g->rt;

	g->passes++;
	/* After a failure it is the timer's to try again. */
	if (g == rt->serving && rt->recycle_passes &&
		g->passes >= rt->recycle_passes && !rt->renew_backoff_ns)
		renew(rt);
}

static void
renew_later(struct runtime *rt, const char *why)
{
	rt->renew_backoff_ns = rt->renew_backoff_ns ? 2 * rt->renew_backoff_ns
						    : FIRST_RENEW_BACKOFF_NS;
	if (rt->renew_backoff_ns > LAST_RENEW_BACKOFF_NS)
		rt->renew_backoff_ns = LAST_RENEW_BACKOFF_NS;
	log_error("runtime %s: its next runner cannot start, the one before "
		  "goes on: %s; tried again in %lld seconds",
		rt->id, why, (long long)(rt->renew_backoff_ns / (1000 * MS)));
	loop_timer_set(rt->loop, &rt->age, io_now_ns() + rt->renew_backoff_ns);
}

/* --- Starting again one that died --------------------------------------- */

static void
start_later(struct runtime *rt)
{
	int64_t now = io_now_ns();
	bool young = now - rt->started_ns < LONG_LIFE_NS;

	if (!young) {
		rt->backoff_ns = 0;
		start(rt);
		return;
	}
	rt->backoff_ns = rt->backoff_ns ? 2 * rt->backoff_ns : FIRST_BACKOFF_NS;
	if (rt->backoff_ns > LAST_BACKOFF_NS)
		rt->backoff_ns = LAST_BACKOFF_NS;
	loop_timer_set(rt->loop, &rt->again, now + rt->backoff_ns);
}

/* The one that served, or the one that should.  One that never served is not
 * tried again: what it lacks will not come by itself. */
static void
lost(struct runtime *rt, const char *why)
{
	snprintf(rt->reason, sizeof(rt->reason), "%s", why);
	log_error("runtime %s: %s", rt->id, why);
	if (rt->state != RUNTIME_SERVING)
		rt->failed_starts++;
	if (rt->state == RUNTIME_STARTING) {
		became(rt, RUNTIME_BROKEN);
		return;
	}
	loop_timer_clear(rt->loop, &rt->age);
	rt->renew_backoff_ns = 0;
	became(rt, RUNTIME_AGAIN);
	if (!rt->warming)
		start_later(rt);
}

static void
on_gone(void *arg, const char *why)
{
	struct generation *g = arg;
	struct runtime *rt = g->rt;
	bool served = g == rt->serving, should = g == rt->warming;

	if (served)
		rt->serving = NULL;
	if (should)
		rt->warming = NULL;
	/* Until here, so that it is there while its users give it back. */
	g->users++;
	rt->owner.lost(rt->owner.arg, g, why);
	generation_give_back(g);
	if (should && rt->state == RUNTIME_SERVING)
		renew_later(rt, why);
	else if (served || should)
		lost(rt, why);
	else
		log_error("runtime %s: one that was replaced: %s", rt->id, why);
}

static void
on_hello(void *arg, const struct msg_hello *h)
{
	struct generation *g = arg;
	struct runtime *rt = g->rt;

	if (strcmp(h->id, rt->id) != 0) {
		char why[128];
		snprintf(why, sizeof(why), "%s is a runner for %s", rt->id,
			h->id);
		on_gone(g, why);
		return;
	}
	if (rt->serving) {
		rt->renewals++;
		log_info("runtime %s: a new runner serves; the one before made "
			 "%llu passes",
			rt->id, (unsigned long long)rt->serving->passes);
	}
	rt->generations++;
	rt->serving = g;
	rt->warming = NULL;
	rt->hello = *h;
	rt->failed_starts = 0;
	rt->renew_backoff_ns = 0;
	set_age(rt);
	end_unused(rt);
	became(rt, RUNTIME_SERVING);
}

static void
on_message(void *arg, const struct msg *m, int pidfd)
{
	struct generation *g = arg;

	g->rt->owner.message(g->rt->owner.arg, g, m, pidfd);
}

struct runner_config
runtime_config(const struct runtime *rt)
{
	return (struct runner_config){
		.path = rt->path,
		.root = rt->root[0] ? rt->root : NULL,
		.standby = rt->standby,
		.rest_seconds = rt->rest_seconds,
		.allow_missing = rt->allow_missing,
		.hash_seed = -1,
		.cgroups = rt->cgroups,
	};
}

static void
start(struct runtime *rt)
{
	const struct runner_config c = runtime_config(rt);
	struct generation *g = calloc(1, sizeof(*g));
	const struct runner_owner o = {g, on_hello, on_message, on_gone};
	struct fail f = {0};

	assert(!rt->warming);
	if (!g)
		abort();
	g->rt = rt;
	g->next = rt->all;
	rt->all = g;
	rt->warming = g;
	rt->started_ns = io_now_ns();
	rt->starts++;
	if (runner_start(rt->loop, &c, &o, &g->runner, &f)) {
		g->runner = NULL;
		on_gone(g, f.text);
	}
}

static void
again_fired(struct loop_timer *t)
{
	start((void *)((char *)t - offsetof(struct runtime, again)));
}

void
runtime_open(struct runtime *rt)
{
	rt->again.fire = again_fired;
	rt->age.fire = age_fired;
	if (rt->state == RUNTIME_BROKEN) {
		log_error("runtime %s: %s", rt->id, rt->reason);
		return;
	}
	rt->state = RUNTIME_STARTING;
	start(rt);
}

void
runtime_close(struct runtime *rt)
{
	loop_timer_clear(rt->loop, &rt->again);
	loop_timer_clear(rt->loop, &rt->age);
	rt->serving = rt->warming = NULL;
	end_unused(rt);
}
