/* The reply to a measurement. */
#include "api/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/report.h"
#include "api/report_parts.h"
#include "api/text.h"

#define LEVEL 0.95

bool
measure_read(const struct run_result *r, struct measure_times *ret)
{
	json_auto_t *unread = text_need(json_array());
	scope_claims struct claims c = {0};
	size_t memory = REPORT_MEMORY;

	report_claims_read(&c, PASS_CLEAN, &r->pass[PASS_CLEAN].report, 0,
		&memory, unread);
	json_int_t wall =
		json_integer_value(json_object_get(c.run, "exec_wall_ns"));
	json_int_t cpu =
		json_integer_value(json_object_get(c.run, "exec_cpu_ns"));
	if (wall <= 0 || cpu <= 0)
		return false;
	*ret = (struct measure_times){(uint64_t)wall, (uint64_t)cpu};
	return true;
}

/* --- What one snippet took ------------------------------------------------ */

enum clock { CPU, WALL };

static const char *const clock_name[] = {"cpu_ns", "wall_ns"};

static uint64_t
time_of(const struct measure_times *t, enum clock k)
{
	return k == CPU ? t->cpu_ns : t->wall_ns;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
times_json(const struct measure_state *s, size_t i, enum clock k)
{
	json_t *j = text_need(json_object());
	json_t *samples = text_need(json_array());
	uint64_t sorted[SIGN_RANK_MOST] = {0};
	size_t n = s->rounds;

	for (size_t r = 0; r < n; r++) {
		sorted[r] = time_of(&s->times[i][r], k);
		text_append(samples, number(sorted[r]));
	}
	qsort(sorted, n, sizeof(*sorted), by_size);
	text_set(j, "median",
		n ? number((sorted[(n - 1) / 2] + sorted[n / 2]) / 2)
		  : json_null());
	text_set(j, "least", n ? number(sorted[0]) : json_null());
	text_set(j, "most", n ? number(sorted[n - 1]) : json_null());
	text_set(j, "samples", samples);
	return j;
}

static json_t *
snippet_json(const struct measure_state *s, size_t i)
{
	const struct measure_snippet *snippet = &s->q->snippets[i];
	json_t *j = text_need(json_object());

	text_set(j, "name", text_json(snippet->name, strlen(snippet->name)));
	text_set(j, "cpu_ns", times_json(s, i, CPU));
	text_set(j, "wall_ns", times_json(s, i, WALL));
	text_set(j, "counts", measure_counts_json(s, i));
	text_set(j, "growth", measure_growth_json(s, i));
	text_set(
		j, "run", s->first[i] ? json_incref(s->first[i]) : json_null());
	return j;
}

/* --- How two differ ------------------------------------------------------- */

/* Of logarithms: how many times as long. */
static json_t *
ratio_json(const struct measure_state *s, size_t i, enum clock k)
{
	double d[SIGN_RANK_MOST];
	struct interval got;
	json_t *j = text_need(json_object());

	for (size_t r = 0; r < s->rounds; r++)
		d[r] = log((double)time_of(&s->times[i][r], k)) -
		       log((double)time_of(&s->times[0][r], k));
	if (sign_rank(d, s->rounds, LEVEL, &got)) {
		json_decref(j);
		return json_null();
	}
	text_set(j, "ratio", json_real(exp(got.estimate)));
	text_set(j, "low", json_real(exp(got.low)));
	text_set(j, "high", json_real(exp(got.high)));
	text_set(j, "level", json_real(got.level));
	text_set(j, "verdict",
		json_string(got.low > 0	   ? "slower"
			    : got.high < 0 ? "faster"
					   : "undecided"));
	return j;
}

static json_t *
ratios(const struct measure_state *s)
{
	json_t *list = text_need(json_array());

	for (size_t i = 1; i < s->q->n; i++) {
		const char *name = s->q->snippets[i].name;
		const char *first = s->q->snippets[0].name;
		json_t *j = text_need(json_object());
		text_set(j, "snippet", text_json(name, strlen(name)));
		text_set(j, "baseline", text_json(first, strlen(first)));
		text_set(j, "cpu", ratio_json(s, i, CPU));
		text_set(j, "wall", ratio_json(s, i, WALL));
		text_append(list, j);
	}
	return list;
}

/* --- Whole ---------------------------------------------------------------- */

/* Did they print the same?  Null when one was not run to its end. */
static json_t *
same_output(const struct measure_state *s)
{
	bool same = true;

	for (size_t i = 0; i < s->q->n; i++) {
		if (!s->first[i])
			return json_null();
		same = same &&
		       json_equal(json_object_get(s->first[0], "stdout"),
			       json_object_get(s->first[i], "stdout"));
	}
	return json_boolean(same);
}

static json_t *
failed_json(const struct measure_state *s)
{
	const char *name = s->q->snippets[s->failed].name;
	json_t *j = text_need(json_object());

	text_set(j, "snippet", text_json(name, strlen(name)));
	text_set(j, "run", json_incref(s->failed_run));
	return j;
}

static json_t *
notes(const struct measure_state *s)
{
	json_t *list = text_need(json_array());

	if (s->end == MEASURE_FAILED)
		report_note(list,
			"The program %.80s did not end well, so that what it "
			"took says nothing about the others.",
			s->q->snippets[s->failed].name);
	else if (s->end == MEASURE_STOPPED)
		report_note(list,
			"The server goes down: %zu of %llu rounds were made.",
			s->rounds, (unsigned long long)s->q->rounds);
	else if (s->q->rounds && s->rounds < SIGN_RANK_LEAST)
		report_note(list,
			"Only %zu rounds fit into budget_ms (%llu), and %d are "
			"needed for an interval: allow for more time, or give "
			"the programs less to do.",
			s->rounds, (unsigned long long)s->q->budget_ms,
			SIGN_RANK_LEAST);
	else if (s->rounds < s->q->rounds)
		report_note(list,
			"%zu of %llu rounds fit into budget_ms (%llu).",
			s->rounds, (unsigned long long)s->q->rounds,
			(unsigned long long)s->q->budget_ms);
	json_auto_t *same = same_output(s);
	if (json_is_false(same))
		report_note(list, "They do not print the same: is it the same "
				  "that they do?");
	if (s->end == MEASURE_ROUNDS || s->end == MEASURE_BUDGET)
		measure_counts_note(s, list);
	return list;
}

json_t *
measure_round_json(const struct measure_state *s, size_t round)
{
	json_t *j = text_need(json_object());

	text_set(j, "round", number(round + 1));
	text_set(j, "of", number(s->q->rounds));
	for (enum clock k = CPU; k <= WALL; k++) {
		json_t *list = text_need(json_array());
		for (size_t i = 0; i < s->q->n; i++)
			text_append(
				list, number(time_of(&s->times[i][round], k)));
		text_set(j, clock_name[k], list);
	}
	return j;
}

json_t *
measure_json(const struct measure_state *s)
{
	static const char *const ended[] = {
		"rounds", "budget", "stopped", "failed", "left"};
	json_t *j = text_need(json_object());
	json_t *snippets = text_need(json_array());

	for (size_t i = 0; i < s->q->n; i++)
		text_append(snippets, snippet_json(s, i));
	text_set(j, "id", text_json(s->id, strlen(s->id)));
	text_set(j, "ended", json_string(ended[s->end]));
	text_set(j, "rounds", number(s->rounds));
	text_set(j, "ratios", ratios(s));
	text_set(j, "same_output", same_output(s));
	text_set(j, "snippets", snippets);
	text_set(j, "failed",
		s->end == MEASURE_FAILED ? failed_json(s) : json_null());
	text_set(j, "notes", notes(s));
	return j;
}
