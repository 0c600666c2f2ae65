/*
 * One run: CLEAN first and alone, then the other passes as slots allow.  What
 * is lost by our fault is done again once, from the start.
 */
#include "server/run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "api/plan.h"
#include "base/io.h"
#include "base/log.h"

/* So often in a row may a runtime fail to come back before its runs are told.
 */
#define PATIENCE 2
#define MS	 1000000

__attribute__((format(printf, 2, 3))) static void
spoil(struct engine_run *run, const char *fmt, ...)
{
	va_list args;

	run->spoiled = true;
	va_start(args, fmt);
	vsnprintf(run->why, sizeof(run->why), fmt, args);
	va_end(args);
}

static void
tell(struct engine_run *run, enum engine_news news)
{
	if (run->hear)
		run->hear(run->hear_arg, news, &run->result);
}

static void
tell_output(void *arg)
{
	tell(arg, ENGINE_OUTPUT);
}

static void
drop_cold(struct engine_run *run)
{
	if (run->warming)
		engine_slot_release(run);
	run->warming = false;
	runner_free(run->cold);
	run->cold = NULL;
}

static void
forget_results(struct engine_run *run)
{
	for (int i = 0; i < PASS_COUNT; i++) {
		struct pass_result *p = &run->result.pass[i];
		buf_free(&p->out);
		buf_free(&p->err);
		buf_free(&p->report);
		*p = (struct pass_result){0};
	}
}

/* Called whenever something ended: is the run over, or to be done again? */
static void
settle(struct engine_run *run)
{
	struct pass_result *clean = &run->result.pass[PASS_CLEAN];

	if (run->flying || run->warming)
		return;
	if (run->cancelled) {
		if (!clean->made) {
			clean->made = true;
			clean->killed = KILL_CANCEL;
			clean->exit.cause = END_KILLED;
		}
		drop_cold(run);
		engine_run_over(run, ENGINE_DONE, NULL);
	} else if (run->late && (run->spoiled || !clean->made)) {
		drop_cold(run);
		engine_run_over(
			run, ENGINE_LATE, run->why[0] ? run->why : NULL);
	} else if (run->spoiled && run->retried) {
		drop_cold(run);
		engine_run_over(run, ENGINE_UNAVAILABLE, run->why);
	} else if (run->spoiled) {
		log_warn("%s is done again: %s", run->result.id, run->why);
		drop_cold(run);
		run_let_go(run);
		forget_results(run);
		run->spoiled = false;
		run->retried = true;
		run->todo = plan_passes(run->q);
		engine_count_retry(run->engine);
		tell(run, ENGINE_AGAIN);
	} else if (!run->todo) {
		drop_cold(run);
		engine_run_over(run, ENGINE_DONE, NULL);
	}
}

/* Something of ours failed: the passes that still fly are of no use. */
static void
abort_attempt(struct engine_run *run)
{
	for (int i = 0; i < PASS_COUNT; i++)
		if (run->flight[i].state != FLIGHT_NONE)
			flight_kill(&run->flight[i], KILL_CANCEL);
	run->todo = 0;
}

/* --- A runner of its own ------------------------------------------------ */

static void
cold_hello(void *arg, const struct msg_hello *h)
{
	struct engine_run *run = arg;
	struct engine *e = run->engine;

	run->cold_hello = *h;
	run->result.runtime = &run->cold_hello;
	run->warming = false;
	engine_slot_release(run);
	engine_pump(e);
}

static void
cold_message(void *arg, const struct msg *m, int pidfd)
{
	struct engine_run *run = arg;
	struct engine *e = run->engine;
	struct flight *fl = run_find(run, m->head.pass_id);

	if (!fl && pidfd >= 0)
		close(pidfd);
	if (!fl || run_message(run, fl, m, pidfd))
		runner_kill(run->cold);
	else
		engine_pump(e);
}

static void
cold_gone(void *arg, const char *why)
{
	struct engine_run *run = arg;
	struct engine *e = run->engine;

	run_runner_lost(run, why);
	engine_pump(e);
}

static void
start_cold(struct engine_run *run)
{
	struct runner_config c = runtime_config(run->runtime);
	const struct runner_owner o = {
		run, cold_hello, cold_message, cold_gone};
	struct fail f = {0};

	engine_slot_take(run);
	c.standby = 0;
	c.hash_seed = run->q->hash_seed;
	run->warming = true;
	if (runner_start(engine_loop(run->engine), &c, &o, &run->cold, &f)) {
		run->cold = NULL;
		drop_cold(run);
		spoil(run, "%s", f.text);
		settle(run);
	}
}

/* --- Passes ------------------------------------------------------------- */

static bool
begin(struct engine_run *run, enum pass pass, struct runner *r)
{
	struct engine *e = run->engine;
	const struct flight_order o = {engine_next_pass_id(e), pass,
		plan_lenses(run->q, pass), plan_zygote(run->q, pass),
		plan_limits(run->q, run->result.runtime), run->q, &run->bundle,
		run->hear && pass == PASS_CLEAN ? tell_output : NULL, run};
	struct fail f = {0};

	if (!run->begun) {
		run->begun = true;
		run->result.queue_ns =
			(uint64_t)(io_now_ns() - run->accepted_ns);
		engine_count_begun(run);
	}
	if (flight_begin(&run->flight[pass], engine_loop(e), r, &o,
		    &run->result.pass[pass], &f)) {
		spoil(run, "%s", f.text);
		abort_attempt(run);
		return false;
	}
	run->todo &= ~BIT(pass);
	run->flying++;
	engine_count_pass(e);
	if (run->warm)
		generation_count_pass(run->warm);
	if (pass == PASS_CLEAN)
		tell(run, ENGINE_BEGUN);
	return true;
}

/* The runner that its passes are made on. */
static struct runner *
runner_of(struct engine_run *run)
{
	if (run->q->cold)
		return run->cold;
	if (!run->warm) {
		run->warm = runtime_take(run->runtime);
		run->result.runtime = &run->runtime->hello;
	}
	return run->warm->runner;
}

void
run_make_id(const char *kind, char ret_id[40])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char bytes[17] = {0};
	size_t n = 4;

	if (getrandom(bytes, 16, 0) != 16)
		abort(); /* cannot fail once the system is up */
	memcpy(ret_id, kind, 4);
	for (unsigned bit = 0; bit < 130; bit += 5) {
		unsigned pair =
			(unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
		ret_id[n++] = digits[pair >> (11 - bit % 8) & 31];
	}
	ret_id[n] = '\0';
}

const char *
run_hopeless(const struct engine_run *run)
{
	const struct runtime *rt = run->runtime;
	bool gone =
		rt->state == RUNTIME_BROKEN || rt->failed_starts >= PATIENCE;

	return gone && !run->q->cold && !run->warm && !rt->serving ? rt->reason
								   : NULL;
}

bool
run_wants_slot(const struct engine_run *run)
{
	bool alone = run->flight[PASS_CLEAN].state != FLIGHT_NONE;

	if (!run->todo || alone || (run->flying && run->spoiled))
		return false;
	return run->q->cold ? !run->warming
			    : run->warm || run->runtime->serving;
}

void
run_step(struct engine_run *run)
{
	enum pass next = (enum pass)__builtin_ctz(run->todo);

	if (run->q->cold && !run->cold) {
		start_cold(run);
		return;
	}
	engine_slot_take(run);
	if (!begin(run, next, runner_of(run))) {
		engine_slot_release(run);
		settle(run);
	}
}

struct flight *
run_find(struct engine_run *run, uint64_t pass_id)
{
	for (int i = 0; i < PASS_COUNT; i++)
		if (run->flight[i].state != FLIGHT_NONE &&
			run->flight[i].id == pass_id)
			return &run->flight[i];
	return NULL;
}

/* A pass has ended that was to be ended. */
static void
tell_deadline(const struct engine_run *run, struct pass_result *p)
{
	if (p->exit.cause != END_KILLED) {
		p->killed = KILL_NONE; /* it was faster than our hand */
		return;
	}
	p->deadline_ms = run->q->deadline_ms;
	p->deadline_used_ms = (uint64_t)(io_now_ns() - run->accepted_ns) / MS;
}

int
run_message(struct engine_run *run, struct flight *fl, const struct msg *m,
	int pidfd)
{
	if (m->head.type == MSG_STARTED) {
		if (fl->state != FLIGHT_ORDERED) {
			close(pidfd);
			return -1;
		}
		flight_started(fl, &m->started, pidfd);
		return 0;
	}
	assert(m->head.type == MSG_EXITED);
	flight_exited(fl, &m->exited);
	if (fl->result->killed == KILL_DEADLINE)
		tell_deadline(run, fl->result);
	run->flying--;
	engine_slot_release(run);
	if (m->exited.cause == END_JAIL) {
		spoil(run, "the jail could not be made: %s", m->exited.text);
		abort_attempt(run);
	}
	tell(run, ENGINE_PASSED);
	settle(run);
	return 0;
}

void
run_runner_lost(struct engine_run *run, const char *why)
{
	if (!run->flying && !run->cold) {
		run_let_go(run);
		return;
	}
	for (int i = 0; i < PASS_COUNT; i++) {
		if (run->flight[i].state == FLIGHT_NONE)
			continue;
		flight_lose(&run->flight[i]);
		run->flying--;
		engine_slot_release(run);
	}
	drop_cold(run);
	run_let_go(run);
	spoil(run, "%s", why);
	run->todo = 0;
	settle(run);
}

void
run_late(struct engine_run *run)
{
	if (run->cancelled)
		return;
	run->late = true;
	for (int i = 0; i < PASS_COUNT; i++) {
		if (run->flight[i].state != FLIGHT_NONE)
			flight_kill(&run->flight[i], KILL_DEADLINE);
		else if (run->todo & BIT(i))
			run->result.pass[i].killed = KILL_DEADLINE;
	}
	run->todo = 0;
	if (run->warming)
		drop_cold(run);
	settle(run);
}

void
run_cancel(struct engine_run *run)
{
	run->cancelled = true;
	abort_attempt(run);
	if (run->warming)
		drop_cold(run);
	settle(run);
}

void
run_let_go(struct engine_run *run)
{
	struct generation *g = run->warm;

	run->warm = NULL;
	if (g)
		generation_give_back(g);
}

void
run_drop(struct engine_run *run)
{
	for (int i = 0; i < PASS_COUNT; i++)
		flight_lose(&run->flight[i]);
	runner_free(run->cold);
	run->cold = NULL;
	run_let_go(run);
}
