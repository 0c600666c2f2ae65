/* Every probe, once on each runtime. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/probe.h"

struct one {
	struct probes *all;
	size_t i; /* which probe */
	struct run_request q;
	json_t *said; /* NULL: not over */
	bool fine;
};

struct probes {
	struct one *one;
	size_t n;
	void (*done)(void *arg);
	void *arg;
};

static void
answered(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct one *o = arg;

	o->said = outcome == ENGINE_DONE
			  ? probe_judge(o->i, r, &o->fine)
			  : probe_lost(o->i, o->q.runtime, reason);
	if (probes_over(o->all))
		o->all->done(o->all->arg);
}

struct probes *
probes_start(struct engine *e, void (*done)(void *arg), void *arg)
{
	struct probes *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	const struct msg_hello *h;
	for (size_t r = 0; engine_runtime(e, r); r++)
		p->n += probe_count();
	p->one = calloc(p->n + 1, sizeof(*p->one));
	if (!p->one)
		abort();
	p->done = done;
	p->arg = arg;
	size_t k = 0;
	for (size_t r = 0; (h = engine_runtime(e, r)); r++)
		for (size_t i = 0; i < probe_count(); i++)
			p->one[k++] = (struct one){
				.all = p, .i = i, .q = probe_request(i, h->id)};
	for (k = 0; k < p->n; k++)
		engine_submit(e, NULL, &p->one[k].q, answered, &p->one[k]);
	return p;
}

bool
probes_over(const struct probes *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->one[i].said)
			return false;
	return true;
}

bool
probes_fine(const struct probes *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->one[i].fine)
			return false;
	return true;
}

json_t *
probes_json(const struct probes *p, bool code)
{
	json_t *a = json_array();

	for (size_t i = 0; i < p->n; i++) {
		const struct one *o = &p->one[i];
		if (!o->said)
			continue;
		json_t *j = json_copy(o->said);
		if (code)
			json_object_set_new(
				j, "code", json_string(probe_code(o->i)));
		json_array_append_new(a, j);
	}
	return a;
}

void
probes_log(const struct probes *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const json_t *j = p->one[i].said;
		const char *name =
			json_string_value(json_object_get(j, "name"));
		const char *what =
			json_string_value(json_object_get(j, "what"));
		const char *got = json_string_value(json_object_get(j, "got"));
		const char *on = p->one[i].q.runtime;
		if (!p->one[i].fine)
			log_error("a probe failed: %s on %s (%s); it said: %s",
				name, on, what, got);
		else if (!json_is_true(json_object_get(j, "passed")))
			log_warn("a probe got through, as --allow-missing "
				 "lets it: %s on %s (%s); it said: %s",
				name, on, what, got);
	}
}

void
probes_free(struct probes *p)
{
	for (size_t i = 0; p && i < p->n; i++) {
		run_request_clear(&p->one[i].q);
		json_decref(p->one[i].said);
	}
	free(p ? p->one : NULL);
	free(p);
}
