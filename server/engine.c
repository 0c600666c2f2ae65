/*
 * The engine: runs wait in a queue for a slot, each makes its passes, the
 * results are handed back.
 *
 * A run's CLEAN pass is made first and alone; the others follow, several at a
 * time as slots allow.  A run whose runner died is made once more from its
 * start.  A cold run has a runner of its own.
 */
#include "server/engine.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <unistd.h>

#include "api/plan.h"
#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "server/host.h"
#include "server/loop.h"
#include "server/pass.h"
#include "server/runner.h"

#define DEFAULT_QUEUE 64
#define MAX_ATTEMPTS  2

/* A pass of a run: wanted, under way, or over. */
struct run_pass {
	struct pass_job *job;
	bool wanted;
};

struct engine_run {
	TAILQ_ENTRY(engine_run) next;
	struct engine *engine;
	const struct run_request *q;
	struct run_result result;
	struct run_pass pass[PASS_COUNT];
	struct host *host;	/* where its passes are made */
	struct host *own;	/* a cold run's runner */
	struct msg_hello hello; /* of the runner, kept past its end */
	int bundle;
	int attempts;
	int64_t accepted;
	bool cancelled;
	engine_done_fn *done;
	void *arg;
};

TAILQ_HEAD(run_list, engine_run);

struct engine {
	struct loop *loop;
	struct engine_config config;
	char *dir;
	struct host_set *hosts;
	struct run_list runs; /* all that were taken in, oldest first */
	unsigned running;     /* passes under way */
	unsigned nruns;
	uint64_t next_pass;
	struct loop_timer kick; /* pumps from the loop, never from a caller */
	struct engine_stats stats;
};

static void pump(struct engine *e);
static void run_over(struct engine_run *r, const char *unavailable);

static void
kick(struct engine *e)
{
	loop_timer_set(e->loop, &e->kick, io_now_ns());
}

static void
kick_fire(struct loop_timer *t)
{
	pump((struct engine *)((char *)t - offsetof(struct engine, kick)));
}

/* "run_" and 26 characters of Crockford's base 32: 130 random bits. */
static void
make_id(char ret[40])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char random[26];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	memcpy(ret, "run_", 4);
	for (int i = 0; i < 26; i++)
		ret[4 + i] = digits[random[i] & 31];
	ret[30] = '\0';
}

static bool
under_way(const struct engine_run *r)
{
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].job)
			return true;
	return false;
}

static bool
wants_more(const struct engine_run *r)
{
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].wanted)
			return true;
	return false;
}

/* Drops what an attempt made, so that the run can begin anew. */
static void
reset(struct engine_run *r)
{
	uint32_t passes = plan_passes(r->q);
	char id[40];

	for (int i = 0; i < PASS_COUNT; i++) {
		if (r->pass[i].job) {
			pass_free(r->pass[i].job);
			r->engine->running--;
		}
		r->pass[i] = (struct run_pass){.wanted = passes & BIT(i)};
	}
	memcpy(id, r->result.id, sizeof(id));
	run_result_clear(&r->result);
	memcpy(r->result.id, id, sizeof(id));
	host_free(r->own);
	r->own = NULL;
	r->host = NULL;
}

/* A pass could not be finished by our fault. */
static void
lose(struct engine_run *r, const char *why)
{
	if (r->cancelled || r->attempts >= MAX_ATTEMPTS) {
		run_over(r, why);
		return;
	}
	log_warn("a run is made again: %s", why);
	r->engine->stats.runs_retried_total++;
	reset(r);
	kick(r->engine);
}

static void
pass_done(struct pass_job *j, void *owner, const char *lost)
{
	struct engine_run *r = owner;
	struct engine *e = r->engine;
	char why[300];

	snprintf(why, sizeof(why), "%s", lost ? lost : "");
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].job == j)
			r->pass[i].job = NULL;
	pass_free(j);
	e->running--;
	e->stats.passes_total++;
	if (lost)
		lose(r, why);
	else if (!under_way(r) && (r->cancelled || !wants_more(r)))
		run_over(r, NULL);
	else
		kick(e);
}

/* Hands the run back and forgets it. */
static void
run_over(struct engine_run *r, const char *unavailable)
{
	struct engine *e = r->engine;

	TAILQ_REMOVE(&e->runs, r, next);
	e->nruns--;
	e->stats.runs_total++;
	if (unavailable)
		e->stats.runs_unavailable_total++;
	r->result.runtime = &r->hello;
	/* A cancelled run that never began has no facts to judge by. */
	if (r->cancelled)
		r->result.pass[PASS_CLEAN].killed = KILL_CANCEL;
	r->done(r->arg, unavailable ? ENGINE_UNAVAILABLE : ENGINE_DONE,
		&r->result, unavailable);
	reset(r);
	run_result_clear(&r->result);
	if (r->bundle >= 0)
		close(r->bundle);
	free(r);
	kick(e);
}

/* Gives the run a runner.  False when it must wait for one, or is over. */
static bool
find_host(struct engine_run *r)
{
	struct engine *e = r->engine;
	struct fail f = {0};

	if (r->host)
		return host_ready(r->host);
	struct host *shared = host_find(e->hosts, r->q->runtime);
	if (!shared) {
		run_over(r, "no runtime of that name serves at the moment");
		return false;
	}
	r->attempts++;
	if (!r->q->cold) {
		r->host = shared;
	} else {
		if (host_start_own(shared, r->q->hash_seed, &r->own, &f)) {
			lose(r, f.text);
			return false;
		}
		r->host = r->own;
	}
	return host_ready(r->host);
}

/* Starts one more pass of the run.  False when the run has gone. */
static bool
start_pass(struct engine_run *r, enum pass kind)
{
	struct engine *e = r->engine;
	struct fail f = {0};

	if (!r->result.queue_ns)
		r->result.queue_ns = (uint64_t)(io_now_ns() - r->accepted);
	r->hello = *host_hello(r->host);
	r->pass[kind].wanted = false;
	e->running++;
	if (pass_start(e->loop, host_runner(r->host), ++e->next_pass, kind,
		    plan_lenses(r->q, kind), r->q, r->bundle,
		    &r->result.pass[kind], pass_done, r, &r->pass[kind].job,
		    &f)) {
		e->running--;
		r->pass[kind].job = NULL;
		lose(r, f.text);
		return false;
	}
	return true;
}

/* Starts what the run can start now. */
static void
advance(struct engine_run *r)
{
	struct engine *e = r->engine;

	if (r->cancelled) {
		if (!under_way(r))
			run_over(r, NULL);
		return;
	}
	if (!wants_more(r) || !find_host(r))
		return;
	/* The undisturbed pass comes first, and alone. */
	if (r->pass[PASS_CLEAN].wanted) {
		start_pass(r, PASS_CLEAN);
		return;
	}
	if (r->pass[PASS_CLEAN].job)
		return;
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].wanted && e->running < e->config.slots &&
			!start_pass(r, (enum pass)i))
			return;
}

/* Gives free slots to the runs in their order. */
static void
pump(struct engine *e)
{
	struct engine_run *r = TAILQ_FIRST(&e->runs), *next;

	for (; r; r = next) {
		next = TAILQ_NEXT(r, next);
		if (e->running < e->config.slots || r->cancelled)
			advance(r);
	}
}

/* A runner has news: its passes hear it, or are lost. */
static void
host_started(void *arg, struct host *h, uint64_t id, int pidfd)
{
	struct engine *e = arg;
	struct engine_run *r;

	(void)h;
	TAILQ_FOREACH(r, &e->runs, next)
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].job && pass_id(r->pass[i].job) == id) {
			pass_started(r->pass[i].job, pidfd);
			return;
		}
	close(pidfd);
}

static void
host_exited(void *arg, struct host *h, uint64_t id, const struct msg_exited *x)
{
	struct engine *e = arg;
	struct engine_run *r;

	(void)h;
	TAILQ_FOREACH(r, &e->runs, next)
	for (int i = 0; i < PASS_COUNT; i++)
		if (r->pass[i].job && pass_id(r->pass[i].job) == id) {
			pass_exited(r->pass[i].job, x);
			return;
		}
}

static void
host_changed(void *arg, struct host *h, const char *lost)
{
	struct engine *e = arg;
	struct engine_run *r, *next;

	e->stats.runner_starts_total += !lost;
	for (r = TAILQ_FIRST(&e->runs); lost && r; r = next) {
		next = TAILQ_NEXT(r, next);
		if (r->host == h)
			lose(r, lost);
	}
	kick(e);
}

static const struct host_events events = {
	host_started, host_exited, host_changed};

int
engine_open(struct loop *l, const struct engine_config *c,
	struct engine **ret_e, struct fail *f)
{
	struct engine *e = calloc(1, sizeof(*e));
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!e)
		return fail_set(f, "no memory");
	e->loop = l;
	e->config = *c;
	TAILQ_INIT(&e->runs);
	e->kick.fire = kick_fire;
	/* Runs sleep and wait as well as compute: two a CPU, four at least. */
	if (!e->config.slots)
		e->config.slots = cpus > 2 ? (unsigned)cpus * 2 : 4;
	if (!e->config.queue)
		e->config.queue = DEFAULT_QUEUE;
	if (!e->config.standby)
		e->config.standby = e->config.slots;
	if (e->config.standby > MAX_STANDBY)
		e->config.standby = MAX_STANDBY;
	const struct host_config h = {
		c->runner_dir, c->allow_missing, e->config.standby};
	if (host_open(l, &h, &events, e, &e->hosts, f)) {
		free(e);
		return -1;
	}
	*ret_e = e;
	return 0;
}

void
engine_close(struct engine *e)
{
	struct engine_run *r;

	if (!e)
		return;
	while ((r = TAILQ_FIRST(&e->runs)))
		run_over(r, "the server is going down");
	loop_timer_clear(e->loop, &e->kick);
	host_close(e->hosts);
	free(e);
}

int
engine_ready(const struct engine *e, struct fail *f)
{
	return host_state(e->hosts, f);
}

const struct msg_hello *
engine_runtime(const struct engine *e, size_t i)
{
	return host_serving(e->hosts, i);
}

const char *
engine_broken(const struct engine *e, size_t i, const char **ret_reason)
{
	return host_broken(e->hosts, i, ret_reason);
}

bool
engine_has_runtime(const struct engine *e, const char *id)
{
	return host_find(e->hosts, id) != NULL;
}

bool
engine_admits(const struct engine *e, int *ret_retry_after)
{
	*ret_retry_after = 1;
	return e->nruns < e->config.slots + e->config.queue;
}

struct engine_run *
engine_submit(struct engine *e, const struct run_request *q,
	engine_done_fn *done, void *arg)
{
	struct engine_run *r = calloc(1, sizeof(*r));
	scope_buf struct buf bundle = {0};
	struct fail f = {0};

	if (!r)
		abort();
	*r = (struct engine_run){
		.engine = e,
		.q = q,
		.bundle = -1,
		.accepted = io_now_ns(),
		.done = done,
		.arg = arg,
	};
	make_id(r->result.id);
	reset(r);
	/* The request was checked against the limits of a bundle. */
	int rc = plan_bundle(q, &bundle, &f);
	assert(rc == 0);
	r->bundle = io_memfd("bundle", bundle.data, bundle.len, &f);
	TAILQ_INSERT_TAIL(&e->runs, r, next);
	e->nruns++;
	kick(e);
	return r;
}

void
engine_cancel(struct engine_run *r)
{
	r->cancelled = true;
	for (int i = 0; i < PASS_COUNT; i++) {
		r->pass[i].wanted = false;
		if (r->pass[i].job)
			pass_kill(r->pass[i].job, KILL_CANCEL);
	}
	kick(r->engine);
}

struct engine_stats
engine_stats(const struct engine *e)
{
	struct engine_stats s = e->stats;

	s.running = e->running;
	s.slots = e->config.slots;
	s.queued = e->nruns > e->running ? e->nruns - e->running : 0;
	return s;
}
