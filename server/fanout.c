/* One snippet on several runtimes. */
#include "server/fanout.h"

#include <stdlib.h>
#include <string.h>

#include "api/problem.h"
#include "api/report.h"
#include "api/text.h"
#include "server/outcome.h"
#include "server/run.h"

/* One of the runs. */
struct part {
	struct fanout *f;
	struct run_request q; /* of the comparison, and its own runtime */
	struct engine_run *run;
	struct compare_one *one;
};

struct fanout {
	struct engine *engine;
	struct client client;
	bool ours;
	struct compare_request q;
	struct fanout_hooks hooks;
	struct compare_one ones[MAX_COMPARED];
	struct part parts[MAX_COMPARED];
	size_t pending;
	bool held; /* it must not go while we are at it */
	char id[40];
};

static bool
is_here(const struct engine *e, const char *id)
{
	const char *here;

	for (size_t i = 0; (here = engine_known_id(e, i)); i++)
		if (strcmp(here, id) == 0)
			return true;
	return false;
}

static struct problem *
wrong(void)
{
	return problem_new(422, "invalid-request",
		"The request has members that cannot be taken", NULL);
}

static int
name_all(const struct engine *e, struct compare_request *q,
	struct problem **ret_p)
{
	const char *id;
	size_t n = 0;

	while (engine_known_id(e, n))
		n++;
	if (n > MAX_COMPARED) {
		*ret_p = wrong();
		problem_at(*ret_p, "/runtimes",
			"There are %zu runtimes here; at most %d are "
			"compared.",
			n, MAX_COMPARED);
		return -1;
	}
	q->runtimes = calloc(n + 1, sizeof(*q->runtimes));
	if (!q->runtimes)
		abort();
	while ((id = engine_known_id(e, q->n)))
		q->runtimes[q->n++] = text_blob(id, strlen(id)).data;
	return 0;
}

int
fanout_name(const struct engine *e, struct compare_request *q,
	struct problem **ret_p)
{
	struct problem *p = NULL;

	if (q->all)
		return name_all(e, q, ret_p);
	for (size_t i = 0; i < q->n; i++) {
		char pointer[40];
		if (is_here(e, q->runtimes[i]))
			continue;
		p = p ? p : wrong();
		snprintf(pointer, sizeof(pointer), "/runtimes/%zu", i);
		problem_at(p, pointer, "%s names no runtime that is here",
			q->runtimes[i]);
	}
	*ret_p = p ? p : *ret_p;
	return p ? -1 : 0;
}

struct fanout *
fanout_new(struct engine *e, const struct client *c, struct compare_request *q,
	const struct fanout_hooks *hooks)
{
	struct fanout *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->engine = e;
	f->ours = !c;
	if (c)
		f->client = *c;
	f->q = *q;
	*q = (struct compare_request){0};
	f->hooks = *hooks;
	run_make_id("cmp_", f->id);
	for (size_t i = 0; i < f->q.n; i++) {
		f->ones[i].runtime = f->q.runtimes[i];
		f->parts[i] = (struct part){f, f->q.run, NULL, &f->ones[i]};
		f->parts[i].q.runtime = f->q.runtimes[i];
	}
	f->pending = f->q.n;
	return f;
}

static void
fanout_free(struct fanout *f)
{
	for (size_t i = 0; i < f->q.n; i++) {
		json_decref(f->ones[i].run);
		json_decref(f->ones[i].problem);
	}
	compare_request_clear(&f->q);
	free(f);
}

static void
finish(struct fanout *f)
{
	if (f->pending || f->held)
		return;
	f->hooks.done(f->hooks.arg, f);
	fanout_free(f);
}

static void
over(struct part *p)
{
	struct fanout *f = p->f;

	p->run = NULL;
	f->pending--;
	if (f->hooks.one)
		f->hooks.one(f->hooks.arg, p->one);
	finish(f);
}

static void
put_problem(struct part *p, struct problem *problem)
{
	p->one->problem = problem_json(problem);
	problem_free(problem);
	over(p);
}

static void
run_done(void *arg, enum engine_outcome outcome, struct run_result *result,
	const char *reason)
{
	struct part *p = arg;

	if (outcome != ENGINE_DONE) {
		put_problem(p,
			outcome_problem(p->f->engine, &p->q, outcome, reason));
		return;
	}
	/* They are all kept until the last is there. */
	p->one->run =
		report_json_within(&p->q, result, REPORT_MEMORY / p->f->q.n);
	over(p);
}

void
fanout_begin(struct fanout *f)
{
	f->held = true;
	for (size_t i = 0; i < f->q.n; i++) {
		struct part *p = &f->parts[i];
		if (engine_has_runtime(f->engine, p->q.runtime))
			p->run = engine_submit(f->engine,
				f->ours ? NULL : &f->client, &p->q, run_done,
				p);
		else
			put_problem(
				p, outcome_no_runtime(f->engine, p->q.runtime));
	}
	f->held = false;
	finish(f);
}

void
fanout_cancel(struct fanout *f)
{
	f->held = true;
	for (size_t i = 0; i < f->q.n; i++)
		if (f->parts[i].run)
			engine_cancel(f->parts[i].run);
	f->held = false;
	finish(f);
}

json_t *
fanout_reply(const struct fanout *f)
{
	return compare_json(f->id, &f->q.run, f->ones, f->q.n);
}

json_t *
fanout_differences(const struct fanout *f)
{
	return compare_differences(f->id, &f->q.run, f->ones, f->q.n);
}

const char *
fanout_id(const struct fanout *f)
{
	return f->id;
}
