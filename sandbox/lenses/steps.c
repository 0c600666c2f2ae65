/*
 * steps: the program as one can step through it, forth and back.
 *
 * A C trace function sees lines, calls, returns and exceptions of the script.
 * At each the frames, their variables and all that these lead to are looked at
 * (steps_walk.c); what has changed since the step before is written down
 * (steps_state.c, steps_log.c).  Nothing of the program's runs for it, and no
 * reference is held.
 */
#include "sandbox/lenses/lens.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects_class.h"
#include "sandbox/lenses/steps_kinds.h"
#include "sandbox/lenses/steps_log.h"
#include "sandbox/lenses/steps_output.h"
#include "sandbox/lenses/steps_walk.h"
#include "sandbox/lenses/tracing.h"
#include "sandbox/py/lock.h"

#define MAX_THREADS   64
#define MAX_DEPTH     2000
#define MAX_LOOKED_AT 1000 /* of a namespace that are looked at */
#define GLOBALS	      1	   /* the frame that globals are the variables of */

struct open_frame {
	PyFrameObject *frame; /* not owned: removed at its return */
	uint32_t number;      /* 0: a generator's, which has it */
};

struct thread {
	uint64_t id;
	struct open_frame *frames;
	size_t n, room;
};

static struct {
	struct lens_run run;
	PyObject *unasked; /* names that __main__ had before the snippet */
	struct thread threads[MAX_THREADS];
	uint32_t nthreads;
	struct steps_walk walk;
	struct steps_log log;
	bool over;
	bool truncated;
} lens;

static void
stop(void)
{
	lens.over = true;
	lens.truncated = true;
}

/* The thread that is running, by the order in which they came; NULL when there
 * are too many. */
static struct thread *
thread_here(void)
{
	uint64_t id = PyThreadState_GetID(PyThreadState_Get());

	for (uint32_t i = 0; i < lens.nthreads; i++)
		if (lens.threads[i].id == id)
			return &lens.threads[i];
	if (lens.nthreads == MAX_THREADS)
		return NULL;
	lens.threads[lens.nthreads].id = id;
	return &lens.threads[lens.nthreads++];
}

static bool
push(struct thread *t, PyFrameObject *frame)
{
	if (t->n >= MAX_DEPTH || !steps_grow((void **)&t->frames, &t->room,
					 t->n + 1, sizeof(*t->frames)))
		return false;
	uint32_t number = frames_code(frame) == (void *)lens.run.code ? GLOBALS
			  : frames_owner(frame)			      ? 0
						: ++lens.walk.frames;
	t->frames[t->n++] = (struct open_frame){frame, number};
	return true;
}

/* --- A look ------------------------------------------------------------------
 */

static void
look_at_dict(uint32_t frame, PyObject *b_dict)
{
	struct dict_table d = dict_table_of(b_dict);
	struct dict_entry e;
	Py_ssize_t at = 0;
	int names = 0;

	while (dict_table_next(&d, &at, &e)) {
		if (!PyUnicode_CheckExact(e.key) ||
			PySet_Contains(lens.unasked, e.key) != 0)
			continue;
		/* Each step looks at all of them. */
		if (++names > MAX_LOOKED_AT) {
			lens.walk.cut = true;
			break;
		}
		steps_walk_variable(&lens.walk, frame, e.key, e.value);
	}
}

/* Generators that nothing but the frame's value stack holds, as those of loops
 * are. */
static void
look_at_stack(PyFrameObject *frame)
{
	struct frames_generator g;
	PyObject *b_o;
	int at = 0;

	while (frames_next_on_stack(frame, &at, &b_o))
		if (b_o && frames_generator(b_o, &g))
			steps_walk_generator(&lens.walk, b_o);
}

static uint32_t
look_at_frame(struct open_frame *f, uint32_t caller)
{
	PyObject *b_generator = frames_owner(f->frame);
	PyObject *b_space = frames_namespace(f->frame);

	if (b_generator)
		f->number = steps_walk_generator(&lens.walk, b_generator);
	look_at_stack(f->frame);
	if (f->number == GLOBALS)
		return GLOBALS;
	steps_walk_frame(&lens.walk, f->number,
		py_qualname(frames_code(f->frame)), caller, b_generator);
	steps_walk_locals(&lens.walk, f->number, f->frame);
	if (b_space && b_space != lens.run.globals && PyDict_Check(b_space))
		look_at_dict(f->number, b_space);
	return f->number;
}

/* An exception stays the same one from where it is raised to where it is bound
 * to a name. */
static void
look_at_handled(void)
{
	const _PyErr_StackItem *i = PyThreadState_Get()->exc_info;

	if (i && i->exc_value && PyExceptionInstance_Check(i->exc_value))
		steps_walk_meet(&lens.walk, i->exc_value);
}

static void
look(struct steps_entry *e, PyObject *value)
{
	struct jsonw w;

	steps_walk_begin(&lens.walk, &e->delta);
	steps_walk_frame(&lens.walk, GLOBALS,
		py_qualname((PyCodeObject *)lens.run.code), 0, NULL);
	look_at_dict(GLOBALS, lens.run.globals);
	for (uint32_t i = 0; i < lens.nthreads; i++) {
		struct thread *t = &lens.threads[i];
		uint32_t caller = 0;
		for (size_t n = 0; n < t->n; n++)
			caller = look_at_frame(&t->frames[n], caller);
	}
	look_at_handled();
	if (value) {
		struct steps_sink sink = {.json = &w};
		jsonw_init(&w, e->value, sizeof(e->value));
		steps_walk_value(&lens.walk, &sink, value);
		e->nvalue = jsonw_done(&w) ? w.len : 0;
	}
	steps_walk_end(&lens.walk);
	steps_output(&e->out, &e->err);
}

/* --- Events ------------------------------------------------------------------
 */

static const char *
name_of(PyFrameObject *frame, int what, const PyObject *arg)
{
	switch (what) {
	case PyTrace_CALL:
		return frames_is_resumed(frame) ? "resume" : "call";
	case PyTrace_RETURN:
		return !arg			    ? "unwind"
		       : frames_is_suspended(frame) ? "yield"
						    : "return";
	case PyTrace_EXCEPTION:
		return "exception";
	default:
		return NULL;
	}
}

/* What an event is about: what is returned or yielded, or the exception. */
static PyObject *
value_of(int what, PyObject *arg)
{
	if (what == PyTrace_EXCEPTION && arg && PyTuple_Check(arg) &&
		PyTuple_GET_SIZE(arg) > 1)
		return PyTuple_GET_ITEM(arg, 1);
	return what == PyTrace_RETURN ? arg : NULL;
}

struct event {
	PyFrameObject *frame;
	int what;
	PyObject *arg;
};

static void
event(void *arg_)
{
	const struct event *now = arg_;
	PyFrameObject *frame = now->frame;
	PyObject *arg = now->arg;
	int what = now->what;
	struct thread *t = thread_here();

	if (!t || (what == PyTrace_CALL && !push(t, frame))) {
		stop();
		return;
	}
	/* It was called before it was looked at. */
	if (t->n == 0 || t->frames[t->n - 1].frame != frame)
		return;
	bool module = t->frames[t->n - 1].number == GLOBALS;
	if (what != PyTrace_CALL || !module) {
		struct steps_entry *e = steps_log_next(&lens.log);
		e->event = name_of(frame, what, arg);
		e->line = PyFrame_GetLineNumber(frame);
		e->thread = (uint32_t)(t - lens.threads) + 1;
		look(e, value_of(what, arg));
		e->frame = t->frames[t->n - 1].number;
		steps_log_add(&lens.log,
			(uintptr_t)frames_code(frame) / 16 * 65536 +
				(uint64_t)e->line * 8 + (uint64_t)what);
	}
	if (what == PyTrace_RETURN)
		t->n--;
}

static int
trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *type, *value, *tb;

	(void)self;
	if (lens.over) {
		tracing_stop();
		return 0;
	}
	if (what != PyTrace_CALL && what != PyTrace_LINE &&
		what != PyTrace_RETURN && what != PyTrace_EXCEPTION)
		return 0;
	if (!frames_in_script(frame, lens.run.script))
		return 0;
	PyErr_Fetch(&type, &value, &tb);
	py_alone(event, &(struct event){frame, what, arg});
	PyErr_Restore(type, value, tb);
	return 0;
}

/* --- The lens ----------------------------------------------------------------
 */

static int
warm(struct fail *f)
{
	return tracing_warm(f) || objects_class_warm(f) || objects_check(f) ||
			       steps_kind_warm(f) || steps_output_warm(f)
		       ? -1
		       : 0;
}

static void
begin(const struct lens_run *r)
{
	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_STEPS, true);
	lens.unasked = PySet_New(r->globals);
	if (!lens.unasked) {
		stop();
		return;
	}
	/* The collector and gc.get_objects() do not see it. */
	PyObject_GC_UnTrack(lens.unasked);
	lens.walk.script = r->script;
	lens.walk.frames = GLOBALS;
	steps_output_begin();
	steps_log_begin(&lens.log, r->records, &lens.walk.state);
	tracing_begin(trace, NULL);
}

static void
end(const struct lens_run *r)
{
	(void)r;
	if (!lens.over && !tracing_end())
		lens.truncated = true;
}

static void
finish(void *arg)
{
	const struct lens_run *r = arg;

	lens.over = true;
	steps_log_end(&lens.log);
	jsonw_int(record_begin(r->records, RECORD_SET, LENS_STEPS, "total"),
		lens.log.total);
	record_commit(r->records);
}

static void
joined(const struct lens_run *r)
{
	py_alone(finish, &lens.run);
	lens_truncated(r, LENS_STEPS,
		lens.truncated || lens.log.truncated || lens.walk.cut);
}

const struct lens_ops lens_steps = {.id = LENS_STEPS,
	.warm = warm,
	.begin = begin,
	.end = end,
	.joined = joined};
