/*
 * objects: what the program's names are bound to, as it lies in memory.
 *
 * A capture is made when the program has run its last line, and each time that
 * one of the lines asked for is about to run (objects_capture.c).  From line to
 * line, containers are looked at, how they grow (objects_growth.c).  For a
 * program that is ended before its end there is a capture of shortly before,
 * ever more seldom.  A program that takes longer than that is worth runs on
 * without being traced.
 *
 * Nothing is called, and nothing changed: see objects.h.
 */
#include "base/io.h"
#include "sandbox/lenses/lens.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/calls.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_capture.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/lenses/objects_growth.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"
#include "wire/limits.h"

/* Bytes of a capture after which no further object is begun: all of them, and
 * what grew, find room in the report. */
#define END_BYTES  (2 * MIB)
#define LINE_BYTES (128 * KIB)
/* Captures at one line, and at all of them. */
#define MAX_HITS	 16
#define MAX_CAPTURES	 64
#define FIRST_RUNNING_NS 100000000LL

static struct {
	struct lens_run run;
	struct at {
		int line;
		long hits, captured;
	} * at; /* lines that are asked for */
	size_t nat;
	int captured;
	bool grows; /* is growth looked at? */
	/* The line that runs since the last event, and its function: a copy of
	 * the name, which is known by its address meanwhile. */
	struct objects_growth_place last;
	struct objects_text function;
	const void *function_name;
	int64_t next_running, interval;
	bool over;	/* no event is waited for any more */
	bool truncated; /* something was left out */
} lens;

static long
option_number(const char *value, size_t n)
{
	long v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (value[i] - '0');
	return v;
}

static void
read_options(void)
{
	const char *value;
	size_t at = 0, n;

	while ((value = lens_option(&lens.run, "objects.at", &at, &n))) {
		struct at *more =
			realloc(lens.at, (lens.nat + 1) * sizeof(*lens.at));
		if (!more)
			return;
		lens.at = more;
		lens.at[lens.nat++] =
			(struct at){.line = (int)option_number(value, n)};
	}
	at = 0;
	value = lens_option(&lens.run, "objects.growth", &at, &n);
	lens.grows = !value || n != 1 || *value != '0';
}

static void
capture(enum record_kind kind, const char *member,
	const struct objects_place *p, size_t most)
{
	if (!objects_capture_write(kind, member, p, most))
		lens.truncated = true;
}

/* Is the line one of those asked for? */
static void
look_at_line(PyFrameObject *frame, int line)
{
	for (size_t i = 0; i < lens.nat; i++) {
		struct at *a = &lens.at[i];
		if (a->line != line)
			continue;
		a->hits++;
		if (a->captured == MAX_HITS || lens.captured == MAX_CAPTURES) {
			lens.truncated = true;
			continue;
		}
		a->captured++;
		lens.captured++;
		capture(RECORD_ITEM, "captures",
			&(struct objects_place){"line", frame, line, a->hits},
			LINE_BYTES);
	}
}

/* For a run that is ended from outside. */
static void
look_while_running(PyFrameObject *frame, int line)
{
	int64_t now = io_now_ns();

	if (now < lens.next_running)
		return;
	/* What it leaves out is no loss to a run that comes to its end. */
	(void)objects_capture_write(RECORD_SET, "running",
		&(struct objects_place){"running", frame, line, 0}, LINE_BYTES);
	lens.interval *= 2;
	lens.next_running = io_now_ns() + lens.interval;
}

static void
goes_on(int line, PyObject *b_function)
{
	lens.last.line = line;
	if (b_function && b_function != lens.function_name) {
		lens.function = (struct objects_text){.n = 0};
		objects_text_str(&lens.function, b_function);
		lens.function_name = b_function;
	}
	lens.last.function = b_function ? lens.function.bytes : NULL;
}

struct event {
	PyFrameObject *frame;
	int what;
};

static void
event(void *arg)
{
	const struct event *now = arg;
	PyFrameObject *frame = now->frame;
	PyObject *b_caller;
	int line = PyFrame_GetLineNumber(frame);
	if (lens.grows && !objects_growth_is_over())
		objects_growth_look(frame, &lens.last);
	if (now->what == PyTrace_LINE) {
		goes_on(line, py_qualname(frames_code(frame)));
		look_at_line(frame, line);
		look_while_running(frame, line);
	} else {
		line = frames_caller(lens.run.script, &b_caller);
		goes_on(line, b_caller);
	}
	if (!lens.nat && objects_growth_is_over())
		lens.over = true;
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	(void)arg;
	if (lens.over) {
		tracing_stop();
		return 0;
	}
	if (what != PyTrace_LINE && what != PyTrace_RETURN)
		return 0;
	calls_over(frame);
	if (!frames_in_script(frame, lens.run.script))
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	py_alone(event, &(struct event){frame, what});
	PyErr_Restore(type, value, tb);
	return 0;
}

static int
warm(struct fail *f)
{
	return objects_class_warm(f) || objects_check(f) || tracing_warm(f) ? -1
									    : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_OBJECTS, true);
	read_options();
	objects_capture_begin(r);
	if (lens.grows)
		objects_growth_begin(r);
	lens.over = !lens.grows && !lens.nat;
	lens.interval = FIRST_RUNNING_NS;
	lens.next_running = io_now_ns() + lens.interval;
	if (!lens.over)
		tracing_begin(trace, lens.nat ? CALLS_PROFILE : NULL);
}

/* How often each line that was asked for was about to run. */
static void
write_lines(void)
{
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_SET, LENS_OBJECTS, "lines");

	jsonw_array(w);
	for (size_t i = 0; i < lens.nat; i++) {
		jsonw_object(w);
		jsonw_key(w, "line");
		jsonw_int(w, lens.at[i].line);
		jsonw_key(w, "hits");
		jsonw_int(w, lens.at[i].hits);
		jsonw_key(w, "captured");
		jsonw_int(w, lens.at[i].captured);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(lens.run.records);
}

static void
finish(void *arg)
{
	const struct lens_run *r = arg;

	if (lens.grows) {
		objects_growth_look(NULL, &lens.last);
		if (objects_growth_is_over())
			lens.truncated = true;
	}
	capture(RECORD_ITEM, "captures", &(struct objects_place){.when = "end"},
		END_BYTES);
	jsonw_null(
		record_begin(r->records, RECORD_SET, LENS_OBJECTS, "running"));
	record_commit(r->records);
	write_lines();
}

static void
end(const struct lens_run *r)
{
	if (!lens.over && !tracing_end())
		lens.truncated = true;
	lens.over = true;
	py_alone(finish, &lens.run);
	lens_truncated(r, LENS_OBJECTS, lens.truncated);
}

const struct lens_ops lens_objects = {
	.id = LENS_OBJECTS, .warm = warm, .begin = begin, .end = end};
