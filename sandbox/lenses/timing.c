/*
 * timing: how often each line ran, and for how long.
 *
 * Whole-program times come from the undisturbed pass; this traced pass only
 * says how they spread over lines.  The clock runs on the line at the top: from
 * its line event to the next event of one of the snippet's frames; calls into
 * other code count for the line that made them, returning gives the clock back
 * to the caller's line.  One thread at a time: others are counted as they come,
 * on one clock, which is what holding the GIL means.
 */
#include "sandbox/lenses/lens.h"

#include <frameobject.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/lenses/frames.h"

#define MAX_LINES	  65536
#define FIRST_SNAPSHOT_NS 100000000LL

static struct {
	struct lens_run run;
	struct line {
		uint64_t hits, self_ns;
	} * lines;     /* MAX_LINES, index is the line */
	int top;       /* highest line seen */
	int current;   /* line that the clock runs on; 0: none */
	int64_t since; /* from when */
	int64_t snapshot, interval;
} lens;

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void
write_lines(void)
{
	struct jsonw *w = record_begin(
		lens.run.records, RECORD_SET, LENS_TIMING, "lines");

	jsonw_array(w);
	for (int i = 1; i <= lens.top; i++) {
		if (!lens.lines[i].hits)
			continue;
		jsonw_object(w);
		jsonw_key(w, "line");
		jsonw_int(w, i);
		jsonw_key(w, "hits");
		jsonw_uint(w, lens.lines[i].hits);
		jsonw_key(w, "self_ns");
		jsonw_uint(w, lens.lines[i].self_ns);
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(lens.run.records);
}

/* Stops the clock on the current line and starts it on `line`. */
static void
switch_to(int line)
{
	int64_t now = now_ns();

	if (lens.current)
		lens.lines[lens.current].self_ns +=
			(uint64_t)(now - lens.since);
	lens.current = line > 0 && line < MAX_LINES ? line : 0;
	if (lens.current > lens.top)
		lens.top = lens.current;
	/* For a run that is ended from outside: what there is by then, ever
	 * more seldom, so that it stays a small part of the report. */
	if (now >= lens.snapshot) {
		write_lines();
		lens.interval *= 2;
		lens.snapshot = now + lens.interval;
		now = now_ns();
	}
	lens.since = now;
}

static bool
in_script(PyFrameObject *frame)
{
	const char *file = PyUnicode_AsUTF8(frames_code(frame)->co_filename);

	if (!file)
		PyErr_Clear();
	return file && strcmp(file, lens.run.script) == 0;
}

static int
caller_line(PyFrameObject *frame)
{
	PyFrameObject *back = PyFrame_GetBack(frame);
	int line = 0;

	while (back) {
		PyFrameObject *next;
		if (in_script(back)) {
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

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	(void)arg;
	if (what != PyTrace_LINE && what != PyTrace_CALL &&
		what != PyTrace_RETURN)
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	if (in_script(frame)) {
		if (what == PyTrace_RETURN) {
			switch_to(caller_line(frame));
		} else {
			switch_to(PyFrame_GetLineNumber(frame));
			if (what == PyTrace_LINE && lens.current)
				lens.lines[lens.current].hits++;
		}
	}
	PyErr_Restore(type, value, tb);
	return 0;
}

static PyMethodDef hook_def;

/* What threading calls as a trace function in each new thread. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
	(void)self;
	(void)args;
	PyEval_SetTrace(trace, NULL);
	Py_RETURN_NONE;
}

static void
set_hook(bool on)
{
	scope_py PyObject *threading = PyImport_ImportModule("threading");
	scope_py PyObject *function =
		on ? PyCFunction_New(&hook_def, NULL) : Py_NewRef(Py_None);
	scope_py PyObject *done = threading && function
					  ? PyObject_CallMethod(threading,
						    "settrace", "O", function)
					  : NULL;

	(void)done;
	PyErr_Clear();
}

static void
begin(const struct lens_run *r)
{
	if (r->pass != PASS_LINES)
		return;
	lens.run = *r;
	lens.lines = calloc(MAX_LINES, sizeof(*lens.lines));
	if (!lens.lines)
		return;
	lens.interval = FIRST_SNAPSHOT_NS;
	lens.snapshot = now_ns() + lens.interval;
	hook_def = (PyMethodDef){"trace", hook, METH_VARARGS, NULL};
	set_hook(true);
	PyEval_SetTrace(trace, NULL);
}

static void
end(const struct lens_run *r)
{
	if (r->pass != PASS_LINES || !lens.lines)
		return;
	PyEval_SetTrace(NULL, NULL);
	set_hook(false);
	switch_to(0);
	write_lines();
}

const struct lens_ops lens_timing = {LENS_TIMING, NULL, begin, end};
