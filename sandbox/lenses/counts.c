/*
 * counts: what a program had the interpreter do, in numbers that are the same
 * each time: instructions, by line and by function, comparisons and hashes that
 * built-in types were asked for, bytes that were moved.
 *
 * A trace function hears of each instruction.  Nothing is specialised then: an
 * instruction that would take a short cut past the types (COMPARE_OP_INT) takes
 * none.  What is allocated is no part of it, for tracing allocates as well: the
 * lens memory has that, of a pass in which nothing is traced.
 */
#include "sandbox/lenses/counts.h"

#include "base/io.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"

/* For a run that is ended from outside: what there is by then, ever more
 * seldom, as long as the last words still have room in the report. */
#define FIRST_SNAPSHOT_NS 100000000LL
#define LOOK_AT_CLOCK	  8192 /* instructions */

struct counts_totals counts_totals;

static struct {
	struct lens_run run;
	atomic_bool on;
	bool done, lost;
	int64_t snapshot, interval;
} lens;

bool
counts_watching(void)
{
	return atomic_load_explicit(&lens.on, memory_order_relaxed) &&
	       !lens.run.records->closed;
}

static bool
write_all(void)
{
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_SET, LENS_COUNTS, "totals");

	jsonw_object(w);
	jsonw_member_uint(w, "instructions", counts_code_all());
	jsonw_member_uint(w, "comparisons", counts_totals.comparisons);
	jsonw_member_uint(w, "hashes", counts_totals.hashes);
	jsonw_member_uint(w, "moves", counts_totals.moves);
	jsonw_member_uint(w, "moved_bytes", counts_totals.moved_bytes);
	jsonw_end(w);
	return record_commit(lens.run.records) & counts_code_write(&lens.run);
}

static void
look_at_clock(void)
{
	const struct record_writer *r = lens.run.records;

	if (__builtin_expect(counts_code_all() % LOOK_AT_CLOCK != 0, 1) ||
		io_now_ns() < lens.snapshot)
		return;
	if (r->size - r->start > 3 * counts_code_bytes())
		write_all();
	lens.interval *= 2;
	lens.snapshot = io_now_ns() + lens.interval;
}

/* An instruction is about to run.  Nothing here allocates or fails, so that an
 * exception that is set stays so. */
static bool
step(PyFrameObject *f)
{
	py_lock();
	bool done = lens.done;
	if (!done && counts_watching()) {
		counts_code_step(f);
		look_at_clock();
	}
	py_unlock();
	return done;
}

/* A frame begins, goes on or is left. */
static bool
change_frame(PyFrameObject *f, bool begins)
{
	PyObject *type, *value, *tb;

	PyErr_Fetch(&type, &value, &tb);
	bool lost = begins && frames_trace_instructions(f) != 0;
	py_lock();
	lens.lost |= lost;
	bool done = lens.done;
	counts_code_switch();
	py_unlock();
	PyErr_Restore(type, value, tb);
	return done;
}

static int
trace(PyObject *self, PyFrameObject *f, int what, PyObject *arg)
{
	bool done = false;

	(void)self;
	(void)arg;
	if (what == PyTrace_OPCODE)
		done = step(f);
	else if (what == PyTrace_CALL || what == PyTrace_RETURN)
		done = change_frame(f, what == PyTrace_CALL);
	if (done)
		tracing_stop();
	return 0;
}

static int
warm(struct fail *f)
{
	return tracing_warm(f) || frames_trace_warm(f) || frames_check(f) ||
			       counts_slots_warm(f) || counts_sort_warm(f) ||
			       counts_moves_warm(f)
		       ? -1
		       : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_COUNTS, true);
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = io_now_ns() + lens.interval;
	lens.lost |= counts_code_begin((PyCodeObject *)r->code) != 0;
	lens.lost |= counts_slots_begin() != 0;
	counts_sort_begin();
	counts_moves_begin();
	atomic_store(&lens.on, true);
	tracing_begin(trace, NULL);
}

/* Is this thread the only one?  Then all that comes is the interpreter's end.
 */
static bool
is_alone(void)
{
	PyThreadState *first =
		PyInterpreterState_ThreadHead(PyInterpreterState_Get());

	return !PyThreadState_Next(first);
}

static void
end(const struct lens_run *r)
{
	(void)r;
	lens.lost |= !tracing_end();
	if (is_alone())
		atomic_store(&lens.on, false);
	py_lock();
	write_all();
	py_unlock();
}

static void
joined(const struct lens_run *r)
{
	py_lock();
	atomic_store(&lens.on, false);
	lens.done = true;
	bool whole = write_all() && !lens.lost;
	py_unlock();
	lens_truncated(r, LENS_COUNTS, !whole);
}

const struct lens_ops lens_counts = {.id = LENS_COUNTS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
