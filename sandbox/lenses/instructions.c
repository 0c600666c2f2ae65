/*
 * instructions: each instruction of main.py's as it runs, with the value stack
 * before it, in the order in which they ran.
 *
 * A trace function hears of each, before it runs; what an instruction made of
 * the stack is what the next one of the same frame finds.  While it is traced
 * nothing is specialised, so that instructions are those that the compiler
 * made.
 */
#include "sandbox/lenses/instructions.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

#define MAX_STEPS 50000
/* What is left of the report for the last words. */
#define RESERVE (16 * KIB)

static struct {
	struct lens_run run;
	uint32_t steps;
	bool full, lost; /* no more steps; something was left out */
} lens;

static void
stop(void)
{
	lens.full = true;
	lens.lost = true;
}

/* Begins a step of a frame, or is the end of all; NULL: there is none. */
static struct jsonw *
begin_step(PyFrameObject *f, struct instructions_frame *s)
{
	struct record_writer *r = lens.run.records;

	if (!s || lens.steps >= MAX_STEPS || r->size - r->start < RESERVE) {
		stop();
		return NULL;
	}
	struct jsonw *w =
		record_begin(r, RECORD_ITEM, LENS_INSTRUCTIONS, "steps");
	int code = instructions_codes_number(frames_code(f));
	jsonw_object(w);
	jsonw_member_uint(w, "frame", s->number);
	jsonw_member_if(w, "code", code >= 0, code);
	int offset = instructions_codes_offset(code, frames_at(f));
	jsonw_member_if(w, "offset", offset >= 0, offset);
	return w;
}

static void
end_step(struct jsonw *w)
{
	jsonw_end(w);
	if (record_commit(lens.run.records))
		lens.steps++;
	else
		stop();
}

/* From 3.12 on EXTENDED_ARG is told of by itself, before its instruction. */
static bool
is_prefix(PyFrameObject *f)
{
	int code = instructions_codes_number(frames_code(f));
	int at = instructions_codes_offset(code, frames_at(f));

	return at != frames_at(f) && PY_VERSION_HEX >= PY_3_12;
}

static void
step(PyFrameObject *f)
{
	if (is_prefix(f))
		return;
	struct instructions_frame *s = instructions_stack_of(f);
	struct jsonw *w = begin_step(f, s);

	if (!w)
		return;
	lens.lost |= !instructions_stack_write(w, s, f);
	end_step(w);
}

static void
write_text(struct jsonw *w, const char *key, const struct objects_text *t)
{
	jsonw_key(w, key);
	jsonw_strn(w, t->bytes, t->n);
}

/* The frame is left: with a value, which it may be to yield, or NULL, by an
 * exception. */
static void
leave(PyFrameObject *f, PyObject *b_value)
{
	struct instructions_frame *s = instructions_stack_of(f);
	bool suspended = b_value && frames_is_suspended(f);
	struct jsonw *w = begin_step(f, s);

	if (w) {
		struct objects_text t = {.n = 0};
		jsonw_key(w, "left");
		jsonw_str(w, suspended ? "yield"
			     : b_value ? "return"
				       : "exception");
		if (b_value) {
			objects_show_value(&t, b_value);
			write_text(w, "value", &t);
		}
		end_step(w);
	}
	if (!suspended)
		instructions_stack_forget(f);
}

/* An exception came to this frame, by its instruction or by a call. */
static void
raised(PyFrameObject *f, PyObject *b_what)
{
	PyObject *b_type =
		b_what && PyTuple_Check(b_what) && PyTuple_GET_SIZE(b_what) > 0
			? PyTuple_GET_ITEM(b_what, 0)
			: NULL;
	struct jsonw *w = begin_step(f, instructions_stack_of(f));
	struct objects_text t = {.n = 0};

	if (!w)
		return;
	if (b_type && PyType_Check(b_type))
		objects_text_type(&t, (PyTypeObject *)b_type);
	write_text(w, "raised", &t);
	end_step(w);
}

static void
event(PyFrameObject *f, int what, PyObject *arg)
{
	if (lens.full || !frames_in_script(f, lens.run.script))
		return;
	if (what == PyTrace_OPCODE)
		step(f);
	else if (what == PyTrace_RETURN)
		leave(f, arg);
	else if (what == PyTrace_EXCEPTION)
		raised(f, arg);
}

static int
trace(PyObject *self, PyFrameObject *f, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	if (what == PyTrace_LINE)
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	bool lost = what == PyTrace_CALL &&
		    frames_in_script(f, lens.run.script) &&
		    frames_trace_instructions(f) != 0;
	py_lock();
	lens.lost |= lost;
	event(f, what, arg);
	bool done = lens.full;
	py_unlock();
	PyErr_Restore(type, value, tb);
	if (done)
		tracing_stop();
	return 0;
}

static int
warm(struct fail *f)
{
	return tracing_warm(f) || frames_trace_warm(f) || frames_check(f) ||
			       objects_class_warm(f) ||
			       instructions_codes_warm(f) ||
			       instructions_check(f)
		       ? -1
		       : 0;
}

static void
write_totals(const struct lens_run *r)
{
	py_lock();
	struct jsonw *w = record_begin(
		r->records, RECORD_SET, LENS_INSTRUCTIONS, "totals");
	jsonw_object(w);
	jsonw_member_uint(w, "steps", lens.steps);
	jsonw_member_uint(w, "frames", instructions_stack_frames());
	jsonw_end(w);
	record_commit(r->records);
	py_unlock();
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(r, LENS_INSTRUCTIONS, true);
	lens.lost = !instructions_codes_begin(r);
	tracing_begin(trace, NULL);
}

static void
end(const struct lens_run *r)
{
	bool whole = tracing_end();

	py_lock();
	lens.lost |= !lens.full && !whole;
	py_unlock();
	write_totals(r);
}

static void
joined(const struct lens_run *r)
{
	py_lock();
	lens.full = true;
	bool lost = lens.lost;
	py_unlock();
	write_totals(r);
	lens_truncated(r, LENS_INSTRUCTIONS, lost);
}

const struct lens_ops lens_instructions = {.id = LENS_INSTRUCTIONS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
