/*
 * threads: who holds the GIL, who waits for it, and how it is let go.
 *
 * From the beginning of the script until its threads have ended, daemons aside.
 * Nothing is attached to the interpreter: the program runs at its own speed.
 * Without a GIL there are the threads alone, when and where they were started
 * and when they ended.
 */
#include "sandbox/lenses/threads.h"

#include "sandbox/lenses/frames_check.h"
#include "sandbox/py/lock.h"

static bool began;

static int
warm(struct fail *f)
{
	if (threads_table_warm(f) || threads_hooks_warm(f) ||
		threads_forced_warm(f) || frames_check(f))
		return -1;
	return threads_check(f);
}

static void
write_all(const struct lens_run *r, bool over)
{
	py_lock();
	threads_lock();
	threads_write(r->records);
	bool left_out = threads_write_left_out();
	threads_unlock();
	py_unlock();
	if (over)
		lens_truncated(r, LENS_THREADS, left_out);
}

static void
begin(const struct lens_run *r)
{
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_THREADS, true);
	if (threads_table_begin() ||
		threads_places_begin((PyCodeObject *)r->code) ||
		threads_holds_begin())
		return;
	began = true;
	write_all(r, false);
	threads_hooks_begin(r->records);
}

/* In a process that the program forked there is nobody to tell. */
static void
end(const struct lens_run *r)
{
	if (began && !r->records->closed)
		write_all(r, false);
}

static void
joined(const struct lens_run *r)
{
	if (!began || r->records->closed)
		return;
	threads_hooks_end();
	write_all(r, true);
}

const struct lens_ops lens_threads = {.id = LENS_THREADS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
