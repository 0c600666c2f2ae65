/*
 * profile: how long each function took, with what it called and by itself, and
 * by what it was called.
 *
 * A profile function as that of `frames` (calltree.h), with a clock on the
 * wall.  It stands while the lens is at work; what CPython does so that a
 * profile function can be told is part of the program's time, as it is for
 * cProfile: shares hold, sums do not.  In a thread that waits for the GIL, or
 * for anything else, it goes on.
 */
#include "base/io.h"
#include "sandbox/lenses/calltree.h"

#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/profile.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"

#define FIRST_SNAPSHOT_NS 100000000LL
#define LOOK_AT_CLOCK	  1024 /* events */

static struct {
	struct lens_run run;
	bool done, lost;
	int64_t snapshot, interval;
} lens;

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as the last words still have room in the report. */
static void
look_at_clock(void)
{
	const struct record_writer *r = lens.run.records;

	if (calltree_stack.events % LOOK_AT_CLOCK ||
		io_now_ns() < lens.snapshot)
		return;
	if (r->size - r->start > 3 * profile_write_bytes())
		profile_write(&lens.run, true);
	lens.interval *= 2;
	lens.snapshot = io_now_ns() + lens.interval;
}

static int
profile(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	PyErr_Fetch(&type, &value, &tb);
	py_lock();
	bool done = lens.done;
	struct calltree_thread *t =
		done ? NULL
		     : calltree_stack_hear(frame, what, arg, lens.run.script);
	if (!done)
		look_at_clock();
	if (t)
		calltree_stack_start_clock(t);
	py_unlock();
	PyErr_Restore(type, value, tb);
	if (done)
		tracing_stop();
	return 0;
}

static int
warm(struct fail *f)
{
	return tracing_warm(f) || frames_check(f) ? -1 : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_PROFILE, true);
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = io_now_ns() + lens.interval;
	calltree_stack.timed = true;
	calltree_stack_thread(NULL, true);
	tracing_begin(NULL, profile);
}

static void
end(const struct lens_run *r)
{
	bool ours = tracing_end();

	py_lock();
	lens.lost = !ours;
	profile_write(r, true);
	py_unlock();
}

static void
joined(const struct lens_run *r)
{
	py_lock();
	lens.done = true;
	profile_write(r, lens.lost);
	py_unlock();
}

const struct lens_ops lens_profile = {.id = LENS_PROFILE,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
