/* Snippets measured against each other. */
#include "server/measuring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/report.h"
#include "base/io.h"
#include "server/outcome.h"
#include "server/run.h"

#define NS_PER_MS 1000000LL

struct measuring {
	struct engine *engine;
	struct client client;
	bool ours, left, stopped;
	struct measure_request q;
	struct measuring_hooks hooks;
	struct measure_state state;
	struct run_request now; /* of the run that goes on: borrows all */
	struct engine_run *run;
	struct blob *args; /* the request's, and the size as the last */
	char size[24];
	int64_t began; /* the rounds, then the counting */
	bool counts;   /* the first round is over */
	bool counting; /* the rounds are over */
	size_t place;  /* in this round, from 0 */
	size_t which;  /* snippet that runs */
};

struct measuring *
measuring_new(struct engine *e, const struct client *c,
	struct measure_request *q, const struct measuring_hooks *hooks)
{
	struct measuring *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->engine = e;
	m->ours = !c;
	if (c)
		m->client = *c;
	m->q = *q;
	*q = (struct measure_request){0};
	m->hooks = *hooks;
	m->state.q = &m->q;
	run_make_id("msr_", m->state.id);
	m->args = calloc(m->q.run.nargs + 1, sizeof(*m->args));
	if (!m->args)
		abort();
	for (size_t i = 0; i < m->q.run.nargs; i++)
		m->args[i] = m->q.run.args[i];
	return m;
}

static void
finish(struct measuring *m, struct problem *p)
{
	m->hooks.done(m->hooks.arg, &m->state, p);
	for (size_t i = 0; i < m->q.n; i++)
		json_decref(m->state.first[i]);
	json_decref(m->state.failed_run);
	measure_request_clear(&m->q);
	free(m->args);
	free(m);
}

static void
end(struct measuring *m, enum measure_end how)
{
	m->state.end = how;
	finish(m, NULL);
}

static bool
is_out_of_time(const struct measuring *m)
{
	return io_now_ns() - m->began > (int64_t)m->q.budget_ms * NS_PER_MS;
}

/* The rounds are over: what is done is counted, if that is wanted. */
static bool
begin_counting(struct measuring *m, enum measure_end how)
{
	if (!m->q.counts) {
		end(m, how);
		return false;
	}
	m->state.end = how;
	m->counting = true;
	m->began = io_now_ns();
	return true;
}

/* After a run that counted: may end it.  Is there another one? */
static bool
next_count(struct measuring *m)
{
	size_t all = m->q.n * (m->q.nsizes ? m->q.nsizes : 1);

	if (m->hooks.count)
		m->hooks.count(m->hooks.arg, &m->state, m->state.ncounts - 1);
	if (m->state.ncounts < all && !m->stopped && !is_out_of_time(m))
		return true;
	end(m, m->stopped && m->state.ncounts < all ? MEASURE_STOPPED
						    : m->state.end);
	return false;
}

/* After a round: may end it.  Is there anything else to be run? */
static bool
next_round(struct measuring *m)
{
	size_t round = m->state.rounds;

	m->place = 0;
	if (m->counts) {
		m->state.rounds++;
		if (m->hooks.round)
			m->hooks.round(m->hooks.arg, &m->state, round);
	}
	m->counts = true;
	if (m->state.rounds == m->q.rounds)
		return begin_counting(m, MEASURE_ROUNDS);
	if (!m->stopped && !is_out_of_time(m))
		return true;
	if (!m->stopped)
		return begin_counting(m, MEASURE_BUDGET);
	end(m, MEASURE_STOPPED);
	return false;
}

static void step(struct measuring *m);

/* Takes what a run came to.  False when it ended the measurement. */
static bool
take(struct measuring *m, const struct run_result *r)
{
	struct measure_times t = {0};
	json_t *reply =
		report_json_within(&m->now, r, REPORT_MEMORY / (m->q.n + 1));
	const char *status =
		json_string_value(json_object_get(reply, "status"));

	if (m->counting && strcmp(status, "ok") == 0) {
		size_t n = m->state.ncounts++;
		m->state.counts[n % m->q.n][n / m->q.n] =
			measure_count_read(reply);
		json_decref(reply);
		return true;
	}
	if (strcmp(status, "ok") != 0 || !measure_read(r, &t)) {
		m->state.failed = m->which;
		m->state.failed_run = reply;
		end(m, MEASURE_FAILED);
		return false;
	}
	if (m->counts) {
		m->state.times[m->which][m->state.rounds] = t;
		json_decref(reply);
	} else {
		m->state.first[m->which] = reply;
	}
	return true;
}

static void
run_done(void *arg, enum engine_outcome outcome, struct run_result *result,
	const char *reason)
{
	struct measuring *m = arg;

	m->run = NULL;
	if (m->left) {
		end(m, MEASURE_LEFT);
		return;
	}
	if (outcome != ENGINE_DONE) {
		finish(m, outcome_problem(m->engine, &m->now, outcome, reason));
		return;
	}
	if (!take(m, result))
		return;
	if (m->counting ? next_count(m) : ++m->place < m->q.n || next_round(m))
		step(m);
}

/* The size is the last argument. */
static void
set_size(struct measuring *m)
{
	size_t k = m->counting ? m->state.ncounts / m->q.n : m->q.nsizes - 1;
	int n = snprintf(m->size, sizeof(m->size), "%llu",
		(unsigned long long)m->q.sizes[k]);

	m->args[m->q.run.nargs] = (struct blob){m->size, (size_t)n};
	m->now.args = m->args;
	m->now.nargs = m->q.run.nargs + 1;
}

static void
step(struct measuring *m)
{
	bool back = m->counts && m->state.rounds % 2;

	m->which = m->counting ? m->state.ncounts % m->q.n
		   : back      ? m->q.n - 1 - m->place
			       : m->place;
	m->now = m->q.run;
	if (m->counting)
		m->now.lenses = MEASURE_LENSES;
	if (m->q.nsizes)
		set_size(m);
	m->now.code = m->q.snippets[m->which].code;
	m->run = engine_submit(
		m->engine, m->ours ? NULL : &m->client, &m->now, run_done, m);
}

void
measuring_begin(struct measuring *m)
{
	m->began = io_now_ns();
	if (engine_has_runtime(m->engine, m->q.run.runtime))
		step(m);
	else
		finish(m, outcome_no_runtime(m->engine, m->q.run.runtime));
}

void
measuring_stop(struct measuring *m)
{
	m->stopped = true;
}

void
measuring_cancel(struct measuring *m)
{
	m->left = true;
	engine_cancel(m->run);
}
