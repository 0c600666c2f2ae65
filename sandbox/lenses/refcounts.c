/*
 * refcounts: after each line, how many references the program holds.
 *
 * A C trace function sees the line events.  When the next event of a frame
 * comes, the line before it has run, and the counts are read: directly from the
 * frame's fast locals, cells and dicts, by borrowed references, so that looking
 * adds none.  (Tracing creates the frame object; it holds none of the locals.)
 *
 * Nothing of the snippet's runs for it: names that are not plain str, and could
 * have a __hash__ or __eq__ of their own, are left out.
 *
 * Without a GIL other threads go on while one looks: a step is looked at by one
 * at a time, a dict or a cell with its own lock held, so that what is in it
 * stays; what its count is in that moment is what is told.
 */
#include "sandbox/lenses/refcounts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/calls.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/frames_check.h"
#include "sandbox/lenses/names.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

#define MAX_STEPS  100000
#define MAX_FRAMES (1 << 20)

/* A frame that is running between our events, and the line whose effect is not
 * written yet (0: none). */
struct open_frame {
	PyFrameObject *frame; /* not owned: removed at its return */
	int line;
};

static struct {
	struct lens_run run;
	PyObject *watch;    /* set of names, or NULL: every name */
	PyObject *unasked;  /* names that __main__ had before the snippet */
	struct names shown; /* names that the step has, or hides */
	struct open_frame *frames;
	size_t nframes, room;
	PyFrameObject *looking_at; /* while an event of it is looked at */
	long steps;
	bool causes;	/* is each instruction looked at? */
	bool holders;	/* is it told who holds references? */
	bool full;	/* no more steps */
	bool truncated; /* something was left out */
} lens;

static void
stop(void)
{
	lens.full = true;
	lens.truncated = true;
}

/* References that are there because it is traced. */
static Py_ssize_t
held_for_us(PyObject *o)
{
	/* From 3.12 on the frame is held while we are called. */
	bool is_frame =
		PY_VERSION_HEX >= PY_3_12 && o == (PyObject *)lens.looking_at;

	return calls_hold(o) + is_frame;
}

Py_ssize_t
refcounts_of(PyObject *o)
{
	if (!o)
		return REFCOUNTS_UNBOUND;
	return py_is_immortal(o) ? REFCOUNTS_IMMORTAL
				 : Py_REFCNT(o) - held_for_us(o);
}

void
refcounts_put(struct jsonw *w, Py_ssize_t count)
{
	if (count == REFCOUNTS_UNBOUND)
		jsonw_null(w);
	else if (count == REFCOUNTS_IMMORTAL)
		jsonw_str(w, "immortal");
	else
		jsonw_int(w, (int64_t)count);
}

const char *
refcounts_name(PyObject *b_name)
{
	Py_ssize_t n;
	const char *name = PyUnicode_AsUTF8AndSize(b_name, &n);

	/* No name in a program is like that; a key of globals() may be. */
	if (name && n <= MAX_NAME_BYTES && !memchr(name, '\0', (size_t)n))
		return name;
	PyErr_Clear();
	lens.truncated = true;
	return NULL;
}

static void
write_count(struct jsonw *w, PyObject *b_name, PyObject *b_value)
{
	const char *name = refcounts_name(b_name);

	if (!name)
		return;
	jsonw_key(w, name);
	refcounts_put(w, refcounts_of(b_value));
}

/* The implicit ".0" of a comprehension is nobody's name. */
bool
refcounts_wants(PyObject *b_name)
{
	if (lens.watch)
		return PySet_Contains(lens.watch, b_name) == 1;
	return PySet_Contains(lens.unasked, b_name) == 0 &&
	       !(PyUnicode_GET_LENGTH(b_name) &&
		       PyUnicode_READ_CHAR(b_name, 0) == '.');
}

/* What is in a cell may be taken out by another function, and its thread. */
static void
write_cell(struct jsonw *w, PyObject *b_name, PyObject *b_cell)
{
	Py_BEGIN_CRITICAL_SECTION(b_cell);
	PyObject *b_value = PyCell_GET(b_cell);
	if (b_value)
		write_count(w, b_name, b_value);
	Py_END_CRITICAL_SECTION();
}

static void
write_locals(struct jsonw *w, PyFrameObject *frame)
{
	struct frames_local local;
	int at = 0;

	/* One that is not bound hides a global all the same. */
	while (frames_next_local(frame, &at, &local)) {
		if (!names_add(&lens.shown, local.b_name) ||
			!refcounts_wants(local.b_name))
			continue;
		if (local.b_cell)
			write_cell(w, local.b_name, local.b_cell);
		else if (local.b_value)
			write_count(w, local.b_name, local.b_value);
	}
}

static void
write_dict(struct jsonw *w, PyObject *b_dict)
{
	PyObject *b_name, *b_value;
	Py_ssize_t at = 0;

	Py_BEGIN_CRITICAL_SECTION(b_dict);
	while (PyDict_Next(b_dict, &at, &b_name, &b_value))
		if (PyUnicode_CheckExact(b_name) && refcounts_wants(b_name) &&
			names_add(&lens.shown, b_name))
			write_count(w, b_name, b_value);
	Py_END_CRITICAL_SECTION();
}

static void
write_counts(struct jsonw *w, PyFrameObject *frame)
{
	PyObject *b_space = frames_namespace(frame);
	PyObject *b_globals = frames_globals(frame);

	names_clear(&lens.shown);
	jsonw_object(w);
	write_locals(w, frame);
	if (b_space && b_space != b_globals && PyDict_Check(b_space))
		write_dict(w, b_space);
	if (b_globals && PyDict_Check(b_globals))
		write_dict(w, b_globals);
	jsonw_end(w);
}

static void
write_step(PyFrameObject *frame, int line, const char *event)
{
	const char *function =
		PyUnicode_AsUTF8(py_qualname(frames_code(frame)));

	if (!function)
		PyErr_Clear();
	if (lens.steps >= MAX_STEPS) {
		stop();
		return;
	}
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_ITEM, LENS_REFCOUNTS, "steps");
	jsonw_object(w);
	jsonw_key(w, "step");
	jsonw_int(w, lens.steps + 1);
	jsonw_key(w, "line");
	jsonw_int(w, line);
	jsonw_key(w, "function");
	jsonw_str(w, function ? function : "?");
	jsonw_key(w, "event");
	jsonw_str(w, event);
	jsonw_key(w, "counts");
	write_counts(w, frame);
	if (lens.causes)
		refcounts_causes_write(w);
	jsonw_end(w);
	if (record_commit(lens.run.records))
		lens.steps++;
	else
		stop();
}

/* The entry of a frame; made when there is none.  NULL when there are too
 * many. */
static struct open_frame *
entry(PyFrameObject *frame)
{
	for (size_t i = lens.nframes; i-- > 0;)
		if (lens.frames[i].frame == frame)
			return &lens.frames[i];
	if (lens.nframes == lens.room) {
		size_t room = lens.room ? lens.room * 2 : 64;
		struct open_frame *more =
			room > MAX_FRAMES
				? NULL
				: realloc(lens.frames, room * sizeof(*more));
		if (!more)
			return NULL;
		lens.frames = more;
		lens.room = room;
	}
	lens.frames[lens.nframes] = (struct open_frame){.frame = frame};
	return &lens.frames[lens.nframes++];
}

static void
forget(struct open_frame *e)
{
	size_t after = (size_t)(&lens.frames[--lens.nframes] - e);

	memmove(e, e + 1, after * sizeof(*e));
}

static const char *
return_event(PyFrameObject *frame, PyObject *arg)
{
	if (!arg)
		return "exception";
	return frames_is_suspended(frame) ? "yield" : "return";
}

static void
event(PyFrameObject *frame, int what, PyObject *arg)
{
	struct open_frame *e = entry(frame);

	if (!e) {
		stop();
		return;
	}
	if (what == PyTrace_CALL) {
		/* The line of a yield goes on. */
		e->line = frames_is_resumed(frame)
				  ? PyFrame_GetLineNumber(frame)
				  : 0;
		return;
	}
	if (e->line)
		write_step(frame, e->line,
			what == PyTrace_LINE ? "line"
					     : return_event(frame, arg));
	if (what == PyTrace_LINE)
		e->line = PyFrame_GetLineNumber(frame);
	else
		forget(e);
}

static void
event_and_causes(PyFrameObject *frame, int what, PyObject *arg)
{
	if (lens.causes)
		refcounts_causes_before(frame, what);
	if (what != PyTrace_OPCODE)
		event(frame, what, arg);
	if (lens.causes)
		refcounts_causes_after(frame, what);
}

static bool
is_full(void)
{
	py_lock();
	bool full = lens.full;
	py_unlock();
	return full;
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	if (is_full()) {
		tracing_stop();
		return 0;
	}
	if (what != PyTrace_CALL && what != PyTrace_LINE &&
		what != PyTrace_RETURN && what != PyTrace_OPCODE)
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	bool ours = frames_in_script(frame, lens.run.script);
	bool lost = ours && lens.causes && what == PyTrace_CALL &&
		    frames_trace_instructions(frame);
	PyErr_Clear();
	py_lock();
	lens.truncated |= lost;
	if (what != PyTrace_CALL)
		calls_over(frame);
	lens.looking_at = frame;
	if (!lens.full && ours)
		event_and_causes(frame, what, arg);
	bool holders = lens.holders && what == PyTrace_LINE && ours;
	py_unlock();
	if (holders)
		refcounts_holders_line(frame);
	PyErr_Restore(type, value, tb);
	return 0;
}

static int
read_options(void)
{
	const char *value;
	size_t at = 0, n;

	lens.causes = lens_option(&lens.run, "refcounts.causes", &at, &n);
	at = 0;
	lens.holders = lens_option(&lens.run, "refcounts.holders", &at, &n);
	at = 0;
	while ((value = lens_option(&lens.run, "refcounts.names", &at, &n))) {
		if (!lens.watch)
			lens.watch = PySet_New(NULL);
		scope_py PyObject *name =
			PyUnicode_DecodeUTF8(value, (Py_ssize_t)n, "replace");
		if (!lens.watch || !name || PySet_Add(lens.watch, name))
			return -1;
	}
	return 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_REFCOUNTS, true);
	lens.unasked = PySet_New(r->globals);
	if (!lens.unasked || read_options()) {
		stop();
		return;
	}
	/* The collector and gc.get_objects() do not see them. */
	PyObject_GC_UnTrack(lens.unasked);
	if (lens.watch)
		PyObject_GC_UnTrack(lens.watch);
	if ((lens.causes && refcounts_causes_begin(r)) ||
		(lens.holders && refcounts_holders_begin(r))) {
		lens.holders = false;
		stop();
		return;
	}
	tracing_begin(trace, CALLS_PROFILE);
}

static void
end(const struct lens_run *r)
{
	bool whole = is_full() || tracing_end();

	(void)r;
	py_lock();
	lens.truncated |= !whole;
	lens.looking_at = NULL;
	py_unlock();
	if (lens.holders)
		refcounts_holders_end();
}

static void
joined(const struct lens_run *r)
{
	(void)r;
	py_lock();
	lens.full = true;
	bool truncated = lens.truncated || refcounts_causes_are_cut() ||
			 refcounts_holders_are_cut();
	py_unlock();
	lens_truncated(&lens.run, LENS_REFCOUNTS, truncated);
}

static int
warm(struct fail *f)
{
	return tracing_warm(f) || frames_trace_warm(f) || frames_check(f) ||
			       refcounts_causes_warm(f)
		       ? -1
		       : 0;
}

const struct lens_ops lens_refcounts = {.id = LENS_REFCOUNTS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
