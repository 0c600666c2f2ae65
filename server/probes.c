/* Every probe, once. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/probe.h"

struct one {
	struct probes *all;
	size_t i;
	struct run_request q;
	json_t *said; /* NULL: not over */
	bool fine;
};

struct probes {
	struct one *one;
	void (*done)(void *arg);
	void *arg;
};

static void
answered(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct one *o = arg;

	o->said = outcome == ENGINE_DONE ? probe_judge(o->i, r, &o->fine)
					 : probe_lost(o->i, reason);
	if (probes_over(o->all))
		o->all->done(o->all->arg);
}

struct probes *
probes_start(struct engine *e, void (*done)(void *arg), void *arg)
{
	struct probes *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->one = calloc(probe_count(), sizeof(*p->one));
	if (!p->one)
		abort();
	p->done = done;
	p->arg = arg;
	for (size_t i = 0; i < probe_count(); i++) {
		struct one *o = &p->one[i];
		*o = (struct one){.all = p, .i = i, .q = probe_request(i)};
		engine_submit(e, NULL, &o->q, answered, o);
	}
	return p;
}

bool
probes_over(const struct probes *p)
{
	for (size_t i = 0; i < probe_count(); i++)
		if (!p->one[i].said)
			return false;
	return true;
}

bool
probes_fine(const struct probes *p)
{
	for (size_t i = 0; i < probe_count(); i++)
		if (!p->one[i].fine)
			return false;
	return true;
}

json_t *
probes_json(const struct probes *p)
{
	json_t *a = json_array();

	for (size_t i = 0; i < probe_count(); i++)
		if (p->one[i].said)
			json_array_append(a, p->one[i].said);
	return a;
}

void
probes_log(const struct probes *p)
{
	for (size_t i = 0; i < probe_count(); i++) {
		const json_t *j = p->one[i].said;
		const char *name =
			json_string_value(json_object_get(j, "name"));
		const char *what =
			json_string_value(json_object_get(j, "what"));
		const char *got = json_string_value(json_object_get(j, "got"));
		if (!p->one[i].fine)
			log_error("a probe failed: %s (%s); it said: %s", name,
				what, got);
		else if (!json_is_true(json_object_get(j, "passed")))
			log_warn("a probe got through, as --allow-missing "
				 "lets it: %s (%s); it said: %s",
				name, what, got);
	}
}

void
probes_free(struct probes *p)
{
	for (size_t i = 0; p && i < probe_count(); i++) {
		run_request_clear(&p->one[i].q);
		json_decref(p->one[i].said);
	}
	free(p ? p->one : NULL);
	free(p);
}
