/* Keeping one runner alive. */
#include "server/runtime.h"

#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/log.h"

#define MS 1000000LL
/* A runner that lived this long is started again at once; one that dies young
 * waits twice as long each time. */
#define LONG_LIFE_NS	 (1000 * MS)
#define FIRST_BACKOFF_NS (50 * MS)
#define LAST_BACKOFF_NS	 (5000 * MS)

static void start(struct runtime *rt);

static void
became(struct runtime *rt, enum runtime_state state)
{
	rt->state = state;
	rt->owner.changed(rt->owner.arg, rt);
}

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

/* One that never served is not tried again: what it lacks will not come by
 * itself. */
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
	became(rt, RUNTIME_AGAIN);
	start_later(rt);
}

static void
on_gone(void *arg, const char *why)
{
	struct runtime *rt = arg;

	runner_free(rt->runner);
	rt->runner = NULL;
	lost(rt, why);
}

static void
on_hello(void *arg, const struct msg_hello *h)
{
	struct runtime *rt = arg;

	if (strcmp(h->id, rt->id) != 0) {
		char why[128];
		snprintf(why, sizeof(why), "%s is a runner for %s", rt->id,
			h->id);
		on_gone(rt, why);
		return;
	}
	rt->hello = *h;
	rt->failed_starts = 0;
	became(rt, RUNTIME_SERVING);
}

static void
on_message(void *arg, const struct msg *m, int pidfd)
{
	struct runtime *rt = arg;

	rt->owner.message(rt->owner.arg, rt, m, pidfd);
}

struct runner_config
runtime_config(const struct runtime *rt)
{
	return (struct runner_config){
		.path = rt->path,
		.standby = rt->standby,
		.allow_missing = rt->allow_missing,
		.hash_seed = -1,
		.cgroups = rt->cgroups,
	};
}

static void
start(struct runtime *rt)
{
	const struct runner_config c = runtime_config(rt);
	const struct runner_owner o = {rt, on_hello, on_message, on_gone};
	struct fail f = {0};

	rt->started_ns = io_now_ns();
	rt->starts++;
	if (runner_start(rt->loop, &c, &o, &rt->runner, &f)) {
		rt->runner = NULL;
		lost(rt, f.text);
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
	rt->state = RUNTIME_STARTING;
	start(rt);
}

void
runtime_close(struct runtime *rt)
{
	loop_timer_clear(rt->loop, &rt->again);
	runner_free(rt->runner);
	rt->runner = NULL;
}

void
runtime_kill(struct runtime *rt)
{
	if (rt->runner)
		runner_kill(rt->runner);
}
