/* The engine: runtimes, its beginning and its end. */
#include "server/engine_parts.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "server/runtimes.h"

#define DEFAULT_QUEUE	     64
#define DEFAULT_REST_SECONDS 600
#define USUAL_RUNTIME	     "3.11"
#define NS_PER_MINUTE	     (60 * 1000000000LL)

/* --- Runtimes ----------------------------------------------------------- */

static void
runtime_changed(void *arg, struct runtime *rt)
{
	struct engine *e = arg;

	/* Without namespaces all runs share the places that they write to. */
	if (rt->state == RUNTIME_SERVING &&
		!(rt->hello.layers & BIT(LAYER_NAMESPACES)))
		e->admit.slots = 1;
	engine_pump(e);
	if (e->on_change)
		e->on_change(e->on_change_arg);
}

static void
runtime_lost(void *arg, struct generation *g, const char *why)
{
	struct engine *e = arg;
	struct engine_run *next;

	for (struct engine_run *r = e->first; r; r = next) {
		next = r->next;
		if (r->warm == g)
			run_runner_lost(r, why);
	}
}

static void
runtime_message(void *arg, struct generation *g, const struct msg *m, int pidfd)
{
	struct engine *e = arg;

	for (struct engine_run *r = e->first; r; r = r->next) {
		struct flight *fl =
			r->warm == g ? run_find(r, m->head.pass_id) : NULL;
		if (!fl)
			continue;
		/* It may end with the run. */
		struct runner *runner = g->runner;
		if (run_message(r, fl, m, pidfd))
			runner_kill(runner);
		else if (m->head.type == MSG_EXITED)
			engine_pump(e);
		return;
	}
	/* About a pass that it was never given. */
	if (pidfd >= 0)
		close(pidfd);
	runner_kill(g->runner);
}

/* Is the id one of the list? */
static bool
among(const char *list, const char *id)
{
	while (*list) {
		size_t n = strcspn(list, ",");
		if (n == strlen(id) && memcmp(list, id, n) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

static struct runtime *
add_runtime(void *arg, const char *id)
{
	struct engine *e = arg;
	struct runtime **at = &e->runtimes;

	if (e->config.runtimes && !among(e->config.runtimes, id))
		return NULL;
	struct runtime *rt = calloc(1, sizeof(*rt));
	if (!rt)
		abort();
	rt->loop = e->loop;
	rt->owner = (struct runtime_owner){
		e, runtime_changed, runtime_lost, runtime_message};
	rt->allow_missing = e->config.allow_missing;
	rt->recycle_passes = e->config.recycle_passes;
	rt->recycle_ns =
		(int64_t)(e->config.recycle_minutes * (double)NS_PER_MINUTE);
	rt->cgroups = &e->cgroups;
	snprintf(rt->id, sizeof(rt->id), "%s", id);
	while (*at && strverscmp((*at)->id, id) < 0)
		at = &(*at)->next;
	rt->next = *at;
	*at = rt;
	return rt;
}

/* In whatever state; NULL id: the default. */
static struct runtime *
find_any(const struct engine *e, const char *id)
{
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (strcmp(rt->id, id ? id : USUAL_RUNTIME) == 0)
			return rt;
	return id ? NULL : e->runtimes;
}

static bool
is_wanted(const struct engine *e, const struct runtime *rt)
{
	const struct engine_config *c = &e->config;

	for (size_t i = 0; i < c->nonly; i++)
		if (find_any(e, c->only[i]) == rt)
			return true;
	return c->nonly == 0;
}

static bool
is_kept_warm(const struct engine *e, const struct runtime *rt)
{
	const char *warm = e->config.warm;

	return !warm ? rt == find_any(e, NULL)
		     : strcmp(warm, "all") == 0 || among(warm, rt->id);
}

/* Each of the list has to be there. */
static int
check_warm(const struct engine *e, struct fail *f)
{
	const char *at = e->config.warm;

	if (!at || strcmp(at, "all") == 0)
		return 0;
	while (*at) {
		char id[16];
		size_t n = strcspn(at, ",");
		snprintf(id, sizeof(id), "%.*s", (int)n, at);
		if (!find_any(e, id))
			return fail_set(f,
				"%.*s is to be kept warm, and not served",
				(int)n, at);
		at += n + (at[n] == ',');
	}
	return 0;
}

static unsigned
cpu_count(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set)
		       ? 1
		       : (unsigned)CPU_COUNT(&set);
}

/* What was not asked for.  Runs wait and sleep as well as compute: two a CPU,
 * four at least, and one for each runtime, so that a comparison of all takes
 * one turn. */
static void
settle_sizes(struct engine *e)
{
	struct engine_config *c = &e->config;
	unsigned usual = cpu_count() > 2 ? 2 * cpu_count() : 4, runtimes = 0;

	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		runtimes++;
	if (!c->slots)
		c->slots = runtimes > usual ? runtimes : usual;
	if (c->slots > MAX_STANDBY)
		c->slots = MAX_STANDBY;
	if (!c->queue)
		c->queue = DEFAULT_QUEUE;
	if (!c->standby)
		c->standby = c->slots;
	if (c->standby > MAX_STANDBY)
		c->standby = MAX_STANDBY;
	e->admit = (struct admit){
		.slots = c->slots,
		.queue = c->queue,
		.per_client = c->per_client,
		.max_wait_ns = c->max_wait_ms * 1000000ULL,
	};
}

int
engine_open(struct loop *l, const struct engine_config *c,
	struct engine **ret_e, struct fail *f)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return fail_errno(f, "no memory for the engine");
	e->loop = l;
	e->config = *c;
	e->pump.fire = engine_pump_fired;
	cgroups_open(&e->cgroups);
	if (!e->config.rest_seconds)
		e->config.rest_seconds = DEFAULT_REST_SECONDS;
	if (runtimes_find(e->config.runner_dir, add_runtime, e, f) ||
		check_warm(e, f)) {
		engine_close(e);
		return -1;
	}
	settle_sizes(e);
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next) {
		rt->standby = e->config.standby;
		rt->rest_seconds =
			is_kept_warm(e, rt) ? 0 : e->config.rest_seconds;
		if (is_wanted(e, rt))
			runtime_open(rt);
	}
	*ret_e = e;
	return 0;
}

void
engine_close(struct engine *e)
{
	if (!e)
		return;
	while (e->first) {
		struct engine_run *r = e->first;
		e->first = r->next;
		run_drop(r);
		engine_run_timers_clear(r);
		run_result_clear(&r->result);
		buf_free(&r->bundle);
		free(r);
	}
	admit_forget_all(&e->admit);
	while (e->runtimes) {
		struct runtime *rt = e->runtimes;
		e->runtimes = rt->next;
		runtime_close(rt);
		free(rt);
	}
	runner_reap_all();
	cgroups_close(&e->cgroups);
	loop_timer_clear(e->loop, &e->pump);
	free(e);
}

int
engine_ready(const struct engine *e, struct fail *f)
{
	bool serving = false, waiting = false;

	for (struct runtime *rt = e->runtimes; rt; rt = rt->next) {
		serving |= rt->state == RUNTIME_SERVING;
		waiting |= rt->state == RUNTIME_STARTING;
	}
	if (waiting)
		return 0;
	if (serving)
		return 1;
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (rt->state == RUNTIME_AGAIN)
			return 0;
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (is_wanted(e, rt))
			return fail_set(
				f, "runtime %s: %s", rt->id, rt->reason);
	/* What was asked for is not there: that is nobody's fault here. */
	return 1;
}

const char *
engine_runtime_id(const struct engine *e, size_t i)
{
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (rt->state != RUNTIME_BROKEN && i-- == 0)
			return rt->id;
	return NULL;
}

const char *
engine_known_id(const struct engine *e, size_t i)
{
	const struct runtime *rt = e->runtimes;

	while (rt && i-- > 0)
		rt = rt->next;
	return rt ? rt->id : NULL;
}

const struct msg_hello *
engine_runtime(const struct engine *e, size_t i)
{
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (rt->state == RUNTIME_SERVING && i-- == 0)
			return &rt->hello;
	return NULL;
}

uint64_t
engine_generation(const struct engine *e, size_t i)
{
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next)
		if (rt->state == RUNTIME_SERVING && i-- == 0)
			return rt->generations;
	return 0;
}

const char *
engine_broken(const struct engine *e, size_t i, const char **ret_reason)
{
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next) {
		bool down = rt->state == RUNTIME_BROKEN ||
			    rt->state == RUNTIME_AGAIN;
		if (down && i-- == 0) {
			*ret_reason = rt->reason;
			return rt->id;
		}
	}
	return NULL;
}

struct runtime *
engine_find_runtime(const struct engine *e, const char *id)
{
	struct runtime *rt = find_any(e, id);

	if (!id && rt && rt->state == RUNTIME_BROKEN)
		for (rt = e->runtimes; rt && rt->state == RUNTIME_BROKEN;)
			rt = rt->next;
	return rt && rt->state != RUNTIME_BROKEN ? rt : NULL;
}

bool
engine_has_runtime(const struct engine *e, const char *id)
{
	return engine_find_runtime(e, id) != NULL;
}

void
engine_on_change(struct engine *e, void (*fn)(void *arg), void *arg)
{
	e->on_change = fn;
	e->on_change_arg = arg;
}

struct engine_stats
engine_stats(const struct engine *e)
{
	struct engine_stats s = e->stats;
	const struct engine_run *oldest = e->first;

	s.slots = e->admit.slots;
	while (oldest && oldest->begun)
		oldest = oldest->next;
	if (oldest)
		s.oldest_ns = (uint64_t)(io_now_ns() - oldest->accepted_ns);
	s.client_most = admit_most(&e->admit, &s.clients);
	for (struct runtime *rt = e->runtimes; rt; rt = rt->next) {
		s.runner_starts_total += rt->starts;
		s.generations_total += rt->generations;
		s.runner_renewals_total += rt->renewals;
	}
	return s;
}
