/* What measured snippets do, counted, and how that grows. */
#include "api/measure.h"

#include <string.h>

#include "api/report_parts.h"
#include "api/text.h"

static const struct {
	const char *member;
	enum lens lens;
	const char *of;
} counters[] = {
#define X(member, lens, of) {member, lens, of},
	MEASURE_COUNTERS(X)
#undef X
};

struct measure_count
measure_count_read(const json_t *reply)
{
	const json_t *lenses = json_object_get(reply, "lenses");
	struct measure_count c;

	for (size_t i = 0; i < MEASURE_COUNTERS_N; i++) {
		const json_t *lens =
			json_object_get(lenses, lens_name(counters[i].lens));
		const json_t *n = json_object_get(
			json_object_get(lens, "totals"), counters[i].of);
		bool whole = json_is_false(json_object_get(lens, "truncated"));
		c.of[i] = whole && json_is_integer(n) &&
					  json_integer_value(n) >= 0
				  ? json_integer_value(n)
				  : -1;
	}
	return c;
}

static json_t *
count_json(const struct measure_state *s, size_t snippet, size_t k)
{
	const struct measure_count *c = &s->counts[snippet][k];
	json_t *j = text_need(json_object());

	text_set(j, "size",
		s->q->nsizes ? json_integer((json_int_t)s->q->sizes[k])
			     : json_null());
	for (size_t i = 0; i < MEASURE_COUNTERS_N; i++)
		text_set(j, counters[i].member,
			c->of[i] < 0 ? json_null() : json_integer(c->of[i]));
	return j;
}

/* Of how many sizes this snippet was counted. */
static size_t
counted(const struct measure_state *s, size_t snippet)
{
	return s->ncounts / s->q->n + (snippet < s->ncounts % s->q->n);
}

json_t *
measure_count_json(const struct measure_state *s, size_t n)
{
	size_t snippet = n % s->q->n;
	const char *name = s->q->snippets[snippet].name;
	json_t *j = count_json(s, snippet, n / s->q->n);

	text_set(j, "snippet", text_json(name, strlen(name)));
	return j;
}

json_t *
measure_counts_json(const struct measure_state *s, size_t snippet)
{
	json_t *list = text_need(json_array());

	for (size_t k = 0; k < counted(s, snippet); k++)
		text_append(list, count_json(s, snippet, k));
	return list;
}

/* Null where it was not counted at sizes enough. */
static json_t *
fit_json(const struct measure_state *s, size_t snippet, size_t counter)
{
	uint64_t size[GROWTH_MOST], count[GROWTH_MOST];
	struct growth g;
	size_t n = 0;

	for (size_t k = 0; k < counted(s, snippet); k++) {
		if (s->counts[snippet][k].of[counter] < 0)
			continue;
		size[n] = s->q->sizes[k];
		count[n++] = (uint64_t)s->counts[snippet][k].of[counter];
	}
	if (!growth_fit(size, count, n, &g))
		return json_null();
	json_t *j = text_need(json_object());
	bool fits = g.error <= GROWTH_FITS;
	text_set(j, "class",
		fits ? json_string(growth_name(g.best)) : json_null());
	text_set(j, "error", json_real(g.error));
	text_set(j, "runner_up", json_string(growth_name(g.runner_up)));
	text_set(j, "margin", json_real(g.margin));
	text_set(
		j, "decided", json_boolean(fits && g.margin >= GROWTH_DECIDED));
	text_set(j, "base",
		fits && g.best == GROWTH_EXPONENTIAL ? json_real(g.base)
						     : json_null());
	return j;
}

json_t *
measure_growth_json(const struct measure_state *s, size_t snippet)
{
	if (!s->q->nsizes)
		return json_null();
	json_t *j = text_need(json_object());
	for (size_t i = 0; i < MEASURE_COUNTERS_N; i++)
		text_set(j, counters[i].member, fit_json(s, snippet, i));
	return j;
}

static bool
is_incomplete(const struct measure_state *s, size_t snippet)
{
	for (size_t k = 0; k < counted(s, snippet); k++)
		for (size_t i = 0; i < MEASURE_COUNTERS_N; i++)
			if (s->counts[snippet][k].of[i] < 0)
				return true;
	return false;
}

void
measure_counts_note(const struct measure_state *s, json_t *notes)
{
	size_t all = s->q->n * (s->q->nsizes ? s->q->nsizes : 1);

	if (!s->q->counts)
		return;
	if (s->ncounts < all)
		report_note(notes,
			"%zu of %zu runs that count fit into budget_ms (%llu): "
			"allow for more time, or choose smaller sizes.",
			s->ncounts, all, (unsigned long long)s->q->budget_ms);
	for (size_t i = 0; i < s->q->n; i++)
		if (is_incomplete(s, i))
			report_note(notes,
				"The program %.80s was not counted to its end: "
				"it takes many times as long while it is, and "
				"limits.wall_ms or limits.cpu_ms ended it, or "
				"the runtime cannot count that.",
				s->q->snippets[i].name);
}
