/*
 * races: what comes of the program when its threads are switched at other
 * moments: run again and again, each time by another schedule, and the set of
 * what was seen.
 *
 * The kinds of schedules take turns.  The first is as the program is without
 * anything; the others of its kind have a switch interval of a microsecond.
 */
#include "sandbox/lenses/races.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "sandbox/lenses/threads.h"
#include "sandbox/py/internal.h"

#define NS_PER_MS   1000000LL
#define INTERVAL    1e-6
#define ALL_CHANCES 65536u
#define PACES	    4

/* Of the time that the pass may take, schedules have three of these four; the
 * first has one. */
#define PARTS	    4
#define FIRST_PARTS 1
#define ALL_PARTS   3

/* How long the others may take: many times what the first took, for an
 * instruction that is traced takes longer.  Twice `quiet` without any CPU time
 * is enough to say that it is stuck. */
#define BOUND_TIMES 30
#define BOUND_MS    3000
#define QUIET_TIMES 2
#define QUIET_MS    250

static uint64_t
number(const struct lens_run *r, const char *option, uint64_t otherwise)
{
	size_t at = 0, n = 0;
	char text[24];
	const char *value = lens_option(r, option, &at, &n);

	if (!value || n >= sizeof(text))
		return otherwise;
	memcpy(text, value, n);
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

/* splitmix64, Steele, Lea and Flood 2014. */
static uint64_t
seed_of(uint64_t seed, unsigned schedule)
{
	uint64_t z = seed + schedule * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Some switch often and some hardly ever: either finds what the other does
 * not.  Of `chances` that there were the last time, so many are to be taken, or
 * a share of them. */
static uint32_t
odds(uint64_t chances, unsigned turn)
{
	static const unsigned wanted[] = {2, 8, 32};
	const uint64_t most = ALL_CHANCES / 4;

	if (turn % PACES == PACES - 1 || chances == 0)
		return most;
	uint64_t n = wanted[turn % PACES];
	if (chances / n <= ALL_CHANCES / most)
		return most;
	return (uint32_t)(ALL_CHANCES / (chances / n)) + 1;
}

static struct races_schedule
plan(const struct races_result *t, unsigned number)
{
	static const enum races_kind with_gil[] = {
		RACES_AS_IS, RACES_AT_BREAKS, RACES_INSIDE};
	static const enum races_kind without[] = {RACES_AS_IS, RACES_INSIDE};
	bool gil = threads_gil_is_on();
	unsigned kinds = gil ? 3 : 2, turn = (number - 1) / kinds;
	const uint64_t *chances;
	enum races_kind kind = (gil ? with_gil : without)[(number - 1) % kinds];
	struct races_schedule s = {.number = number,
		.kind = kind,
		.main_first = (turn ^ turn / PACES) % 2 == 1,
		.seed = seed_of(t->seed, number)};

	chances = t->chances[kind];
	switch (kind) {
	case RACES_AS_IS:
		s.interval = number > 1 ? INTERVAL : 0;
		break;
	case RACES_AT_BREAKS:
		s.within = s.elsewhere = odds(chances[0] + chances[1], turn);
		break;
	case RACES_INSIDE:
		s.within = odds(chances[1], turn);
		s.elsewhere = t->line ? 0 : odds(chances[0], turn);
		break;
	case RACES_KINDS:
		break;
	}
	return s;
}

static int64_t
part(uint64_t ms, int parts)
{
	return (int64_t)ms * NS_PER_MS * parts / PARTS;
}

static struct races_bounds
bounds(const struct lens_run *r, const struct races_result *t, int64_t left)
{
	struct races_bounds b = {
		.wall_ns = part(r->limits->wall_ms, FIRST_PARTS),
		.quiet_ns = part(r->limits->wall_ms, FIRST_PARTS),
		.output_bytes = r->limits->output_bytes};

	if (t->run > 0) {
		b.wall_ns = BOUND_TIMES * t->first_ns + BOUND_MS * NS_PER_MS;
		b.quiet_ns = QUIET_TIMES * t->first_ns + QUIET_MS * NS_PER_MS;
	}
	if (b.wall_ns > left)
		b.wall_ns = left;
	return b;
}

/* Why no other is to be run; NULL: one is. */
static const char *
reason(const struct lens_run *r, const struct races_result *t, int64_t left)
{
	if (t->run == 0)
		return NULL;
	if (t->threads == 1)
		return "one_thread";
	if (left <= 0)
		return "wall";
	if (t->cpu_ns >= part(r->limits->cpu_ms, ALL_PARTS))
		return "cpu";
	return NULL;
}

/* What there is by now, ever more seldom. */
static bool
is_power_of_two(unsigned n)
{
	return (n & (n - 1)) == 0;
}

static void
run_all(const struct lens_run *r, struct races_result *t)
{
	static struct races_end end;
	int64_t until = io_now_ns() + part(r->limits->wall_ms, ALL_PARTS);

	while (t->run < t->asked) {
		int64_t left = until - io_now_ns();
		struct races_schedule s = plan(t, t->run + 1);
		struct races_bounds b = bounds(r, t, left);
		t->stopped = reason(r, t, left);
		if (t->stopped)
			return;
		if (races_watch(r, &s, &b, &end)) {
			t->stopped = errno == EAGAIN ? "processes" : "memory";
			return;
		}
		if (end.how == RACES_UNFINISHED && b.wall_ns == left) {
			t->stopped = "wall"; /* which says nothing of it */
			return;
		}
		if (t->run == 0)
			t->first_ns = end.wall_ns;
		races_outcomes_add(t, &s, &end);
		if (is_power_of_two(t->run))
			races_write(r, t);
	}
}

static int
warm(struct fail *f)
{
	return races_windows_warm(f) || races_switch_warm(f) ||
			       races_trace_warm(f) || races_child_warm(f) ||
			       races_check(f)
		       ? -1
		       : 0;
}

static void
begin(const struct lens_run *r)
{
	static struct races_result t;

	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_RACES, true);
	t.asked = (unsigned)number(r, "races.schedules", RACES_SCHEDULES);
	t.seed = number(r, "races.seed", 1);
	t.line = (int)number(r, "races.line", 0);
	t.threads = 1;
	bool whole = races_windows_begin(r, t.line) == 0;
	run_all(r, &t);
	whole = races_write(r, &t) && whole && races_windows_whole();
	bool all = !t.stopped || strcmp(t.stopped, "one_thread") == 0;
	lens_truncated(r, LENS_RACES, !whole || !all || t.dropped > 0);
}

const struct lens_ops lens_races = {
	.id = LENS_RACES, .warm = warm, .begin = begin};
