/*
 * tasks: asyncio's tasks over time, what each waits for, and what held a loop
 * up.
 *
 * From the beginning of the script until its threads have ended, daemons aside.
 * A profile function hears of all calls, of which those of asyncio's own code
 * tell the rest (tasks.h): a program runs slower with it, most of all where it
 * calls much within a step.
 */
#include "sandbox/lenses/tasks.h"

#include "base/io.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"

/* Of a run that is ended from outside there is what was written by then: when
 * the loop waits with no time set, which may be for ever, before a step, and
 * ever more seldom. */
#define FIRST_SNAPSHOT_NS 100000000LL
#define FIRST_STEPS	  200 /* until then, steps count, later the clock */
/* The room that snapshots of the first kind leave to those that come later. */
#define ROOM_FOR_QUIET 3

static struct {
	struct lens_run run;
	bool began, done, lost;
	uint64_t steps, spans; /* at the last snapshot */
	bool quiet;	       /* and the loop waited */
	uint64_t next;	       /* step of the next one */
	int64_t snapshot, interval;
} lens;

static void
snapshot(bool quiet, size_t least)
{
	struct record_writer *r = lens.run.records;

	/* There is to be room for the last one, too. */
	if (r->open || r->size - r->start <= least ||
		r->size - r->start <= 3 * tasks_write_bytes())
		return;
	tasks_write(r);
	lens.steps = tasks_step_count();
	lens.spans = tasks_table.spans;
	lens.quiet = quiet;
}

static bool
is_time(uint64_t steps)
{
	if (steps < lens.next)
		return false;
	if (steps < FIRST_STEPS) {
		lens.next = steps + steps / 16 + 1;
		return true;
	}
	int64_t now = io_now_ns();
	if (now < lens.snapshot)
		return false;
	lens.interval *= 2;
	lens.snapshot = now + lens.interval;
	return true;
}

static void
look_at_time(void)
{
	uint64_t steps = tasks_step_count();
	bool quiet = tasks_events_is_quiet();

	/* Is it all there already? */
	if (quiet ? lens.quiet && tasks_table.spans == lens.spans
		  : steps == lens.steps)
		return;
	if (is_time(steps))
		snapshot(quiet, 0);
	else if (quiet)
		snapshot(true, lens.run.records->size / ROOM_FOR_QUIET);
}

static void
event(PyFrameObject *frame, int what, PyObject *arg)
{
	switch (what) {
	case PyTrace_CALL:
		tasks_events_call(frame);
		break;
	case PyTrace_RETURN:
		tasks_events_return(frame, arg);
		break;
	case PyTrace_C_CALL:
		tasks_events_c_call(frame);
		return;
	case PyTrace_C_RETURN:
	case PyTrace_C_EXCEPTION:
		tasks_events_c_return(frame, arg);
		return;
	}
	if (lens.run.records)
		look_at_time();
}

int
tasks_profile(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	PyErr_Fetch(&type, &value, &tb);
	py_lock();
	/* A process that the program forked has the tables, too: they are in
	 * shared memory. */
	bool done = lens.done || (lens.run.records && lens.run.records->closed);
	if (!done)
		event(frame, what, arg);
	py_unlock();
	PyErr_Restore(type, value, tb);
	if (done)
		tracing_stop();
	return 0;
}

int
tasks_begin(PyCodeObject *code, const char *script)
{
	tasks_blocks = (struct tasks_blocks){
		.threshold_ns = TASKS_BLOCKED_MS * 1000000LL};
	tasks_codes_begin(code);
	tasks_step_begin(script);
	tasks_events_begin(script);
	return tasks_table_begin() || tasks_wait_begin(script) ? -1 : 0;
}

static int
warm(struct fail *f)
{
	if (tracing_warm(f) || frames_check(f) || objects_class_warm(f) ||
		tasks_codes_warm(f))
		return -1;
	return tasks_check(f);
}

/* The option, in whole milliseconds. */
static void
ask_threshold(const struct lens_run *r)
{
	size_t at = 0, n;
	const char *text = lens_option(r, "tasks.blocked_ms", &at, &n);
	int64_t ms = 0;

	if (!text)
		return;
	for (size_t i = 0; i < n && i < 9 && text[i] >= '0' && text[i] <= '9';
		i++)
		ms = ms * 10 + (text[i] - '0');
	tasks_blocks.threshold_ns = ms * 1000000;
}

static void
write_all(const struct lens_run *r, bool over)
{
	py_lock();
	tasks_write(r->records);
	bool left_out = tasks_write_left_out();
	py_unlock();
	if (over)
		lens_truncated(r, LENS_TASKS, lens.lost || left_out);
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_TASKS, true);
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = io_now_ns() + lens.interval;
	if (tasks_begin((PyCodeObject *)r->code, r->script))
		return;
	ask_threshold(r);
	lens.began = true;
	write_all(r, false);
	tracing_begin(NULL, tasks_profile);
}

/* In a process that the program forked there is nobody to tell. */
static void
end(const struct lens_run *r)
{
	if (!lens.began)
		return;
	lens.lost = !tracing_end();
	if (!r->records->closed)
		write_all(r, false);
}

static void
joined(const struct lens_run *r)
{
	if (!lens.began)
		return;
	py_lock();
	lens.done = true;
	py_unlock();
	if (!r->records->closed)
		write_all(r, true);
}

const struct lens_ops lens_tasks = {.id = LENS_TASKS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
