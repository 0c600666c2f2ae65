/*
 * frames: what called what, how deep, and how much of the C stack it took.
 *
 * A profile function hears of each call of a Python function and of a C
 * function, of each time that a generator goes on, and of their ends.  It keeps
 * a stack like the interpreter's own, and counts.  From 3.11 on a Python
 * function that calls another stays in one function of C's, so that nothing of
 * the C stack is taken; before, and whenever C code is between the two (sorted
 * with a key, __getattr__, an import), there is more of it in use at the call
 * than at the one below: that is what is told beside each.
 *
 * Times are no part of it: a call takes many times as long with it as without.
 */
#include "base/io.h"
#include "sandbox/lenses/calltree.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

#define FIRST_SNAPSHOT_NS 100000000LL
/* The clock is looked at that often; until then, events count. */
#define CLOCK_EVENTS 1024

static struct {
	struct lens_run run;
	bool done, lost;
	uint64_t next;	  /* event of the next snapshot, or look at the clock */
	int64_t snapshot; /* when the next one is made */
	int64_t interval;
} lens;

static const unsigned shares[] = {50, 75, 90, 95};
#define SHARES (sizeof(shares) / sizeof(*shares))

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as the last words still have room in the report. */
static void
snapshot(void)
{
	const struct record_writer *r = lens.run.records;

	if (r->size - r->start > 3 * calltree_write_bytes())
		calltree_write(&lens.run, true);
}

static void
look_at_clock(void)
{
	uint64_t n = calltree_stack.events;

	if (n < CLOCK_EVENTS) {
		snapshot();
		lens.next = n + n / 4 + 1;
		return;
	}
	lens.next = n + CLOCK_EVENTS;
	if (io_now_ns() < lens.snapshot)
		return;
	snapshot();
	lens.interval *= 2;
	lens.snapshot = io_now_ns() + lens.interval;
}

/* Told before it is too late to tell. */
static void
look_at_c_stack(struct calltree_thread *t)
{
	while (t->marks < SHARES && t->c.bytes &&
		t->c_most * 100ull > t->c.bytes * shares[t->marks]) {
		if (t->number <= CALLTREE_THREADS)
			calltree_write_mark(&lens.run, t, shares[t->marks]);
		t->marks++;
	}
}

static void
event(PyFrameObject *frame, int what, PyObject *arg)
{
	struct calltree_thread *t =
		calltree_stack_hear(frame, what, arg, lens.run.script);

	if (!t)
		return;
	look_at_c_stack(t);
	if (calltree_stack.events >= lens.next)
		look_at_clock();
}

static int
profile(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	PyErr_Fetch(&type, &value, &tb);
	py_lock();
	bool done = lens.done;
	if (!done)
		event(frame, what, arg);
	py_unlock();
	PyErr_Restore(type, value, tb);
	if (done)
		tracing_stop();
	return 0;
}

static int
warm(struct fail *f)
{
	calltree_cstack_warm();
	return tracing_warm(f) || frames_check(f) ? -1 : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_FRAMES, true);
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = io_now_ns() + lens.interval;
	lens.next = 1;
	calltree_crash_begin(r);
	calltree_stack_thread(NULL, true);
	tracing_begin(NULL, profile);
}

static void
end(const struct lens_run *r)
{
	bool ours = tracing_end();

	py_lock();
	lens.lost = !ours;
	calltree_write(r, true);
	py_unlock();
}

static void
joined(const struct lens_run *r)
{
	calltree_crash_end();
	py_lock();
	lens.done = true;
	calltree_write(r, lens.lost);
	py_unlock();
}

const struct lens_ops lens_frames = {.id = LENS_FRAMES,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
