/*
 * refcounts: after each line, how many references the program holds.
 *
 * A C trace function sees the line events.  When the next event of a frame
 * comes, the line before it has run, and the counts are read: directly from the
 * frame's fast locals, cells and dicts, by borrowed references, so that looking
 * adds none.  (Tracing creates the frame object; it holds none of the locals.)
 *
 * Threads: each thread traces itself from its start, by threading's own hook
 * (threading.settrace), which this pass, and no other, occupies.
 */
#include "sandbox/lenses/lens.h"

#include <frameobject.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"

#define MAX_STEPS  100000
#define MAX_FRAMES 4096

/* A frame that is running or suspended between our events, and the line whose
 * effect is not written yet (0: none). */
struct open_frame {
	PyFrameObject *frame; /* not owned: removed at its return */
	int line;
};

static struct {
	struct lens_run run;
	PyObject *watch;   /* set of names, or NULL: every name */
	PyObject *initial; /* names that __main__ had before the snippet */
	struct open_frame frames[MAX_FRAMES];
	int nframes;
	long steps;
	bool truncated;
	PyMethodDef hook_def;
	PyObject *hook;
} lens;

static int trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg);

static bool
immortal(PyObject *o)
{
#if PY_VERSION_HEX >= 0x030c0000
	return _Py_IsImmortal(o);
#else
	(void)o;
	return false;
#endif
}

static bool
is_watched(PyObject *b_name)
{
	return !lens.watch || PySet_Contains(lens.watch, b_name) == 1;
}

static void
write_count(struct jsonw *w, PyObject *b_name, PyObject *b_value)
{
	const char *name = PyUnicode_AsUTF8(b_name);

	if (!name) {
		PyErr_Clear();
		return;
	}
	jsonw_key(w, name);
	if (immortal(b_value))
		jsonw_str(w, "immortal");
	else
		jsonw_int(w, (int64_t)Py_REFCNT(b_value));
}

/* Is the name a fast local of the frame that is bound? Then it hides the
 * global. */
static bool
is_local(PyFrameObject *frame, PyObject *b_name)
{
	PyObject *b_local, *b_value;
	int at = 0;

	while (frames_next_local(frame, &at, &b_local, &b_value))
		if (b_local == b_name)
			return true;
	return false;
}

static void
write_dict(struct jsonw *w, PyObject *b_dict, PyFrameObject *hidden_by)
{
	PyObject *b_name, *b_value;
	Py_ssize_t at = 0;

	while (PyDict_Next(b_dict, &at, &b_name, &b_value)) {
		if (!PyUnicode_Check(b_name) || !is_watched(b_name) ||
			PySet_Contains(lens.initial, b_name) == 1 ||
			(hidden_by && is_local(hidden_by, b_name)))
			continue;
		write_count(w, b_name, b_value);
	}
}

static void
write_counts(struct jsonw *w, PyFrameObject *frame)
{
	PyObject *b_space = frames_namespace(frame);
	PyObject *b_globals = frames_globals(frame);
	PyObject *b_name, *b_value;
	int at = 0;

	jsonw_object(w);
	while (frames_next_local(frame, &at, &b_name, &b_value))
		if (is_watched(b_name))
			write_count(w, b_name, b_value);
	if (b_space && b_space != b_globals && PyDict_Check(b_space))
		write_dict(w, b_space, NULL);
	if (b_globals)
		write_dict(w, b_globals, b_space ? NULL : frame);
	jsonw_end(w);
}

static void
write_step(PyFrameObject *frame, int line, const char *event)
{
	const char *function =
		PyUnicode_AsUTF8(frames_code(frame)->co_qualname);

	if (lens.steps >= MAX_STEPS) {
		lens.truncated = true;
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
	jsonw_end(w);
	if (record_commit(lens.run.records))
		lens.steps++;
	else
		lens.truncated = true;
}

/* The entry of a frame; made when there is none.  NULL when there are too
 * many. */
static struct open_frame *
entry(PyFrameObject *frame)
{
	for (int i = lens.nframes; i-- > 0;)
		if (lens.frames[i].frame == frame)
			return &lens.frames[i];
	if (lens.nframes == MAX_FRAMES)
		return NULL;
	lens.frames[lens.nframes] = (struct open_frame){.frame = frame};
	return &lens.frames[lens.nframes++];
}

static void
leave(struct open_frame *e)
{
	size_t after = (size_t)(&lens.frames[--lens.nframes] - e);

	memmove(e, e + 1, after * sizeof(*e));
}

static void
event(PyFrameObject *frame, int what, PyObject *arg)
{
	struct open_frame *e = entry(frame);

	if (!e)
		return;
	if (what == PyTrace_LINE) {
		if (e->line)
			write_step(frame, e->line, "line");
		e->line = PyFrame_GetLineNumber(frame);
	} else if (what == PyTrace_RETURN) {
		if (e->line)
			write_step(
				frame, e->line, arg ? "return" : "exception");
		leave(e);
	}
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	if (lens.truncated) {
		PyEval_SetTrace(NULL, NULL);
		return 0;
	}
	if (what != PyTrace_LINE && what != PyTrace_RETURN)
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	if (frames_is_snippets(frame, lens.run.script))
		event(frame, what, arg);
	PyErr_Restore(type, value, tb);
	return 0;
}

/* What threading calls as a trace function in each new thread. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
	(void)self;
	(void)args;
	PyEval_SetTrace(trace, NULL);
	Py_RETURN_NONE;
}

static int
set_hook(PyObject *function)
{
	scope_py PyObject *threading = PyImport_ImportModule("threading");
	PyObject *done = threading ? PyObject_CallMethod(threading, "settrace",
					     "O", function)
				   : NULL;

	Py_XDECREF(done);
	return done ? 0 : -1;
}

static int
read_options(void)
{
	const char *value;
	size_t at = 0, n;

	while ((value = lens_option(&lens.run, "refcounts.names", &at, &n))) {
		if (!lens.watch)
			lens.watch = PySet_New(NULL);
		PyObject *name =
			PyUnicode_DecodeUTF8(value, (Py_ssize_t)n, "replace");
		if (!lens.watch || !name)
			return -1;
		PyUnicode_InternInPlace(&name);
		PySet_Add(lens.watch, name);
		Py_DECREF(name);
	}
	return 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	lens.initial = PySet_New(r->globals);
	lens.hook_def = (PyMethodDef){"trace", hook, METH_VARARGS, NULL};
	lens.hook = PyCFunction_New(&lens.hook_def, NULL);
	if (!lens.initial || !lens.hook || read_options() ||
		set_hook(lens.hook)) {
		lens.truncated = true;
		return;
	}
	PyEval_SetTrace(trace, NULL);
}

static void
end(const struct lens_run *r)
{
	PyEval_SetTrace(NULL, NULL);
	set_hook(Py_None);
	jsonw_bool(record_begin(
			   r->records, RECORD_SET, LENS_REFCOUNTS, "truncated"),
		lens.truncated);
	record_commit(r->records);
}

const struct lens_ops lens_refcounts = {LENS_REFCOUNTS, NULL, begin, end};
