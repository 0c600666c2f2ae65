/*
 * timing: how often each line ran, and for how long.
 *
 * Whole-program times come from the undisturbed pass; this traced pass only
 * says how they spread over lines.  The clock runs on the line at the top: from
 * its line event to the next event of one of the script's frames; calls into
 * other code count for the line that made them, returning gives the clock back
 * to the caller's line.  All threads share one clock: the line that had an
 * event last has it, which is what holding the GIL means.  Without a GIL each
 * thread has a clock of its own, and lines may have more time than passed.
 */
#include "base/io.h"
#include "sandbox/lenses/lens.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

/* Lines beyond are not counted, and more than that many not shown. */
#define MAX_LINE	  ((int)MAX_CODE_BYTES + 1)
#define MAX_SHOWN	  100000
#define MAX_SHOWN_BYTES	  80 /* of one */
#define FIRST_SNAPSHOT_NS 100000000LL

static struct {
	struct lens_run run;
	struct line {
		uint64_t hits, self_ns;
	} * lines;     /* index is the line */
	int room, top; /* of lines; highest line seen */
	int64_t snapshot, interval;
	bool done;
	bool truncated; /* something was left out */
} lens;

#ifdef Py_GIL_DISABLED
#define EACH_THREADS _Thread_local
#else
#define EACH_THREADS
#endif
static EACH_THREADS struct {
	int current;   /* line that the clock runs on; 0: none */
	int64_t since; /* from when */
} watch;

static void
write_line(struct jsonw *w, int n)
{
	jsonw_object(w);
	jsonw_key(w, "line");
	jsonw_int(w, n);
	jsonw_key(w, "hits");
	jsonw_uint(w, lens.lines[n].hits);
	jsonw_key(w, "self_ns");
	jsonw_uint(w, lens.lines[n].self_ns);
	jsonw_end(w);
}

static void
write_lines(void)
{
	int shown = 0;
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_SET, LENS_TIMING, "lines");

	jsonw_array(w);
	for (int i = 1; i <= lens.top; i++) {
		if (!lens.lines[i].hits)
			continue;
		if (shown++ < MAX_SHOWN)
			write_line(w, i);
		else
			lens.truncated = true;
	}
	jsonw_end(w);
	if (!record_commit(lens.run.records))
		lens.truncated = true;
}

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as the last word still has room in the report. */
static int64_t
write_snapshot(int64_t now)
{
	size_t most = (size_t)(lens.top < MAX_SHOWN ? lens.top : MAX_SHOWN) *
		      MAX_SHOWN_BYTES;

	if (lens.run.records->size - lens.run.records->start > 3 * most)
		write_lines();
	lens.interval *= 2;
	lens.snapshot = now + lens.interval;
	return io_now_ns();
}

/* Makes room for a line; false when there is none. */
static bool
reach(int line)
{
	int room = lens.room ? lens.room : 1024;

	if (line < lens.room)
		return true;
	if (line > MAX_LINE)
		return false;
	while (room <= line)
		room *= 2;
	struct line *more = realloc(lens.lines, (size_t)room * sizeof(*more));
	if (!more)
		return false;
	memset(more + lens.room, 0, (size_t)(room - lens.room) * sizeof(*more));
	lens.lines = more;
	lens.room = room;
	return true;
}

/* Stops the clock on the current line and starts it on `line`, which is begun
 * anew if it is a hit. */
static void
switch_to(int line, bool hit)
{
	int64_t now = io_now_ns();

	py_lock();
	if (watch.current)
		lens.lines[watch.current].self_ns +=
			(uint64_t)(now - watch.since);
	watch.current = line > 0 && reach(line) ? line : 0;
	if (line > 0 && !watch.current)
		lens.truncated = true;
	if (watch.current > lens.top)
		lens.top = watch.current;
	if (now >= lens.snapshot)
		now = write_snapshot(now);
	if (hit && watch.current)
		lens.lines[watch.current].hits++;
	py_unlock();
#ifdef Py_GIL_DISABLED
	now = io_now_ns(); /* others may have been waited for */
#endif
	watch.since = now;
}

static int
caller_line(PyFrameObject *frame)
{
	PyFrameObject *back = PyFrame_GetBack(frame);
	int line = 0;

	while (back) {
		PyFrameObject *next;
		if (frames_in_script(back, lens.run.script)) {
			line = PyFrame_GetLineNumber(back);
			Py_DECREF(back);
			break;
		}
		next = PyFrame_GetBack(back);
		Py_DECREF(back);
		back = next;
	}
	return line;
}

static bool
is_done(void)
{
	py_lock();
	bool done = lens.done;
	py_unlock();
	return done;
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	(void)arg;
	if (is_done()) {
		tracing_stop();
		return 0;
	}
	if (what != PyTrace_LINE && what != PyTrace_CALL &&
		what != PyTrace_RETURN)
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	if (frames_in_script(frame, lens.run.script)) {
		if (what == PyTrace_RETURN)
			switch_to(caller_line(frame), false);
		else
			switch_to(PyFrame_GetLineNumber(frame),
				what == PyTrace_LINE);
	}
	PyErr_Restore(type, value, tb);
	return 0;
}

static void
begin(const struct lens_run *r)
{
	if (r->pass != PASS_LINES)
		return;
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_TIMING, true);
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = io_now_ns() + lens.interval;
	tracing_begin(trace, NULL);
}

static void
end(const struct lens_run *r)
{
	if (r->pass != PASS_LINES)
		return;
	bool ours = tracing_end();
	switch_to(0, false);
	py_lock();
	if (!ours)
		lens.truncated = true;
	write_lines();
	py_unlock();
}

static void
joined(const struct lens_run *r)
{
	if (r->pass != PASS_LINES)
		return;
	switch_to(0, false);
	py_lock();
	lens.done = true;
	write_lines();
	bool truncated = lens.truncated;
	py_unlock();
	lens_truncated(&lens.run, LENS_TIMING, truncated);
}

static int
warm(struct fail *f)
{
	return tracing_warm(f) || frames_check(f) ? -1 : 0;
}

const struct lens_ops lens_timing = {LENS_TIMING, warm, begin, end, joined};
