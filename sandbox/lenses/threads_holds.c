/*
 * Who held the GIL, from when to when, and how it let go.
 *
 * Kept are the first holds and the last, and of those between the longest;
 * totals have all of them.
 */
#include "sandbox/lenses/threads.h"

#include "base/io.h"
#include "sandbox/lenses/memory.h"

struct threads_holds threads_holds;

#define H threads_holds

int64_t
threads_holds_now(void)
{
	return io_now_ns() - H.start;
}

static void
look_at_interval(int64_t now)
{
	uint64_t us = threads_gil_interval();

	if (H.us == us)
		return;
	H.us = us;
	if (H.nintervals == THREADS_INTERVALS) {
		H.dropped_intervals++;
		return;
	}
	H.interval[H.nintervals].at = now;
	H.interval[H.nintervals++].us = us;
}

int
threads_holds_begin(void)
{
	size_t n = THREADS_FIRST + THREADS_LAST + THREADS_LONG;

	H = (struct threads_holds){.start = io_now_ns(),
		.first = memory_map(n * sizeof(*H.first)),
		.switches_before = threads_gil_switches(),
		.holder = threads_gil_holder()};
	if (!H.first)
		return -1;
	H.last = H.first + THREADS_FIRST;
	H.longest = H.last + THREADS_LAST;
	if (threads_gil_is_on()) {
		look_at_interval(0);
		H.held = true;
		H.now = (struct threads_hold){.n = ++H.n,
			.thread = 1,
			.wanted = THREADS_NEVER,
			.request = THREADS_NEVER};
	}
	return 0;
}

void
threads_holds_wait(void)
{
	int64_t now = threads_holds_now();
	struct threads_thread *t = threads_table_me(now);

	if (t && t->wants == THREADS_NEVER)
		t->wants = now;
}

void
threads_holds_ask(void)
{
	int64_t now = threads_holds_now();
	struct threads_thread *t = threads_table_me(now);

	H.requests++;
	if (t)
		t->requests++;
	if (!H.held)
		return;
	if (!H.now.requests++) {
		H.now.request = now;
		H.now.requester = t ? t->number : 0;
	}
}

/* It has it again: how long it was away, and waited then. */
static void
comes_back(struct threads_thread *t, int64_t now)
{
	int64_t wanted = t->wants == THREADS_NEVER ? now : t->wants;
	int64_t waited = now - wanted;

	if (t->wants != THREADS_NEVER) {
		t->waits++;
		t->waited_ns += waited;
		if (waited > t->longest_wait_ns || !t->longest_wait) {
			t->longest_wait_ns = waited;
			t->longest_wait = H.now.n;
		}
	}
	if (t->released != THREADS_NEVER) {
		struct threads_place *p = &threads_places.of[t->left];
		/* One that gives way wants it again at once. */
		int64_t away = t->forced ? 0 : wanted - t->released;
		t->away_ns += away;
		p->away_ns += away;
		p->waited_ns += waited;
	}
	t->wants = THREADS_NEVER;
}

static struct threads_hold *
place_of(uint64_t n)
{
	return n <= THREADS_FIRST
		       ? &H.first[n - 1]
		       : &H.last[(n - 1 - THREADS_FIRST) % THREADS_LAST];
}

/* How it is told wherever the hold is kept; it may have been left out. */
static void
tell_again(uint64_t n, enum threads_how how)
{
	if (place_of(n)->n == n)
		place_of(n)->how = how;
	for (unsigned i = 0; i < H.nlongest; i++)
		if (H.longest[i].n == n)
			H.longest[i].how = how;
}

static void
set_over(struct threads_thread *t, int64_t now)
{
	t->ended = now;
	t->over = true;
	H.voluntary--;
	H.ends++;
	t->by_itself--;
	threads_places.of[t->left].voluntary--;
	tell_again(t->hold, THREADS_END);
}

/* It was not: what was left of its state let go of the GIL. */
static void
set_not_over(struct threads_thread *t)
{
	t->ended = THREADS_NEVER;
	t->over = false;
	H.voluntary++;
	H.ends--;
	t->by_itself++;
	threads_places.of[t->left].voluntary++;
	tell_again(t->hold, THREADS_VOLUNTARY);
}

void
threads_holds_take(void)
{
	int64_t now = threads_holds_now();
	struct threads_thread *t = threads_table_me(now);
	PyThreadState *state = threads_gil_holder();

	H.takes++;
	H.switches += state != H.holder;
	H.holder = state;
	look_at_interval(now);
	if (!H.held)
		H.free_ns += now - H.free_since;
	H.held = true;
	H.now = (struct threads_hold){.n = ++H.n,
		.from = now,
		.wanted = THREADS_NEVER,
		.request = THREADS_NEVER};
	if (!t)
		return;
	if (t->over)
		set_not_over(t);
	t->takes++;
	H.now.thread = t->number;
	H.now.wanted = t->wants;
	/* Without the GIL it ran no Python: it is where it was. */
	H.now.at = t->released != THREADS_NEVER && t->state == state
			   ? t->left
			   : threads_places_here(state);
	comes_back(t, now);
}

/* In the place of the shortest of the longest, when it is longer. */
static void
keep_longest(const struct threads_hold *h)
{
	struct threads_hold *at = H.longest;

	if (H.nlongest < THREADS_LONG) {
		H.longest[H.nlongest++] = *h;
		return;
	}
	for (unsigned i = 1; i < THREADS_LONG; i++)
		if (H.longest[i].to - H.longest[i].from < at->to - at->from)
			at = &H.longest[i];
	if (h->to - h->from > at->to - at->from)
		*at = *h;
}

static void
keep(void)
{
	struct threads_hold *to = place_of(H.now.n);

	if (H.now.n > THREADS_FIRST + THREADS_LAST)
		keep_longest(to);
	*to = H.now;
}

static void
goes(struct threads_thread *t, int64_t now)
{
	int64_t held = now - H.now.from;
	struct threads_place *p = &threads_places.of[H.now.left];

	t->drops++;
	t->held_ns += held;
	if (held > t->longest_hold_ns || !t->longest_hold) {
		t->longest_hold_ns = held;
		t->longest_hold = H.now.n;
	}
	t->released = now;
	t->left = H.now.left;
	t->forced = H.now.how == THREADS_FORCED;
	t->hold = H.now.n;
	t->state = H.holder;
	if (t->forced) {
		t->forcibly++;
		p->forced++;
	} else {
		t->by_itself++;
		p->voluntary++;
	}
}

void
threads_holds_drop(void)
{
	PyThreadState *state = threads_gil_holder();
	bool asked = H.now.requests || threads_gil_is_asked_of(state);
	bool forced = asked && threads_forced_is();
	int64_t now = threads_holds_now();
	struct threads_thread *t = threads_table_me(now);

	look_at_interval(now);
	H.drops++;
	H.holder = state;
	if (!H.held)
		return;
	H.held = false;
	H.free_since = now;
	H.now.to = now;
	H.now.left = threads_places_here(state);
	H.now.how = forced ? THREADS_FORCED : THREADS_VOLUNTARY;
	H.forced += forced;
	H.voluntary += !forced;
	bool ours = t && H.now.thread == t->number;
	if (ours)
		goes(t, now);
	keep();
	/* One that CPython started has no frame before its function and after
	 * it; and before it does not let go. */
	if (ours && t->routine && !H.now.left && !forced)
		set_over(t, now);
}

void
threads_holds_end(struct threads_thread *t, int64_t now)
{
	if (t->over)
		return;
	if (t->hold && !t->forced && !(H.held && H.now.thread == t->number))
		set_over(t, now);
	t->ended = now;
}

/* Those that have ended; the one that goes on is the last of all. */
static uint64_t
ended(void)
{
	return H.n - H.held;
}

static size_t
in_first(void)
{
	return ended() < THREADS_FIRST ? ended() : THREADS_FIRST;
}

static size_t
in_last(void)
{
	uint64_t n = ended() - in_first();

	return n < THREADS_LAST ? n : THREADS_LAST;
}

size_t
threads_holds_kept(void)
{
	return in_first() + H.nlongest + in_last() + H.held;
}

static int
by_number(const void *a, const void *b)
{
	const struct threads_hold *x = a, *y = b;

	return (x->n > y->n) - (x->n < y->n);
}

const struct threads_hold *
threads_holds_at(size_t i)
{
	if (i < in_first())
		return &H.first[i];
	i -= in_first();
	if (i == 0 && H.nlongest)
		qsort(H.longest, H.nlongest, sizeof(*H.longest), by_number);
	if (i < H.nlongest)
		return &H.longest[i];
	i -= H.nlongest;
	if (i < in_last())
		return place_of(ended() - in_last() + 1 + i);
	return &H.now;
}
