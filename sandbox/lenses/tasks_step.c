/*
 * What runs in each thread: a step is what a loop calls at a time, a callback
 * or a task from where it went on to where it is left.  An eager task (3.12)
 * begins within a step of another.
 */
#include "sandbox/lenses/tasks_step.h"

#include <assert.h>
#include <stdlib.h>

#include "sandbox/lenses/frames.h"

/* Calls are told of that took that share of a step, and of what is too long for
 * one. */
#define SHARE 4

static _Thread_local struct tasks_thread *own;

static struct {
	const char *script;
	unsigned threads;
	uint64_t steps;
} all;

void
tasks_step_begin(const char *script)
{
	all = (typeof(all)){.script = script};
	tasks_loops = (struct tasks_loops){.n = 0};
	own = NULL;
}

uint64_t
tasks_step_count(void)
{
	return all.steps;
}

struct tasks_thread *
tasks_step_thread(void)
{
	return own;
}

struct tasks_thread *
tasks_step_new_thread(void)
{
	if (own || all.threads == TASKS_THREADS)
		return own;
	own = calloc(1, sizeof(*own));
	if (own)
		own->number = ++all.threads;
	return own;
}

struct tasks_step *
tasks_step_innermost(void)
{
	return own && own->n && !own->deeper ? &own->of[own->n - 1] : NULL;
}

struct tasks_loop *
tasks_step_loop(void)
{
	return own && own->loop ? &tasks_loops.of[own->loop - 1] : NULL;
}

/* Has it not begun yet? */
static bool
is_new(PyObject *coro)
{
	struct frames_generator g;

	return coro && frames_generator(coro, &g) && g.state == FRAMES_CREATED;
}

static void
put_place(struct tasks_task *t, unsigned skip)
{
	PyCodeObject *b_code = tasks_codes_maker(skip, &t->line);

	if (b_code)
		t->by = calltree_functions_python(b_code, all.script);
}

/* The row of a task that is about to be called, or is called. */
static struct tasks_task *
row_of(PyObject *b_task, bool soon)
{
	scope_py PyObject *coro = tasks_read_coroutine(b_task);
	struct tasks_task *t = tasks_table_find(b_task);
	bool begins = is_new(coro);

	if (t && t->coro != coro)
		t = NULL;
	/* Nobody asks twice for a first step: it is another one there. */
	if (t && !(soon && begins))
		return t;
	if (!t && coro && !begins)
		t = tasks_table_find_coroutine(coro);
	if (t && !begins) { /* eager, and was not known by its address yet */
		tasks_table_place(t, b_task);
		return t;
	}
	if (!(soon && begins) && tasks_table.n == TASKS_MAX)
		return NULL; /* one that there was no room for */
	const struct tasks_step *s = tasks_step_innermost();
	t = tasks_table_add(
		coro, s ? s->task : 0, own ? own->loop : 0, all.script);
	if (!t)
		return NULL;
	t->late = !soon || (coro && !begins && t->function != CALLTREE_NONE);
	tasks_table_place(t, b_task);
	if (soon)
		put_place(t, 0);
	return t;
}

/* Something is to run in the next turn. */
void
tasks_step_soon(PyFrameObject *f)
{
	PyObject *b_task = tasks_read_callback(tasks_read_local(f, 1));
	struct tasks_task *t = b_task ? row_of(b_task, true) : NULL;

	if (!t)
		return;
	if (t->state == TASKS_RUNNING)
		t->woken = true;
	else if (t->state == TASKS_WAITING)
		tasks_table_change(t, TASKS_READY, tasks_table_now());
}

static struct tasks_step *
push(struct tasks_thread *th)
{
	if (th->n == TASKS_STEPS || th->deeper) {
		th->deeper++;
		return NULL;
	}
	struct tasks_step *s = &th->of[th->n++];
	*s = (struct tasks_step){.from = tasks_table_now(),
		.to = TASKS_NEVER,
		.calls = th->calls.n,
		.longest = {.function = CALLTREE_NONE}};
	all.steps++;
	return s;
}

static void
run_task(struct tasks_step *s, struct tasks_task *t)
{
	s->task = t->number;
	s->coro = t->coro;
	s->from_line = tasks_waits.of[t->wait].line;
	t->woken = false;
	/* It may have been made before the loop ran. */
	t->loop = own->loop;
	tasks_table_change(t, TASKS_RUNNING, s->from);
}

void
tasks_step_run(PyFrameObject *f)
{
	struct tasks_thread *th = tasks_step_new_thread();
	struct tasks_step *s = th ? push(th) : NULL;
	PyObject *b_callback = tasks_read_handle(tasks_read_local(f, 0));
	PyObject *b_task = tasks_read_callback(b_callback);

	if (!s)
		return;
	s->frame = f;
	s->is_task = b_task != NULL;
	s->object = b_task;
	struct tasks_task *t = b_task ? row_of(b_task, false) : NULL;
	if (!t)
		return;
	/* create_task() gives it its name when it is there already. */
	if (!t->steps)
		tasks_table_rename(t, b_task);
	run_task(s, t);
}

static bool
is_made_by_caller(void)
{
	PyThreadState *thread = PyThreadState_Get();
	struct frames_at at;
	void *frame = NULL;

	/* The first is the one that is called. */
	for (int i = 0; i < 2; i++)
		if (!frames_next(thread, &frame, &at))
			return false;
	return tasks_codes_of(at.code).role == TASKS_CREATE;
}

void
tasks_step_eager(PyFrameObject *f)
{
	PyObject *b_coro = frames_owner(f);
	const struct tasks_step *parent = tasks_step_innermost();

	if (!parent || !b_coro || !is_made_by_caller() ||
		tasks_table_find_coroutine(b_coro))
		return;
	struct tasks_task *t =
		tasks_table_add(b_coro, parent->task, own->loop, all.script);
	struct tasks_step *s = push(own);
	if (!s)
		return;
	s->is_task = true;
	if (!t)
		return;
	put_place(t, 1);
	t->eager = true;
	run_task(s, t);
}

static enum tasks_state
how_ended(struct tasks_task *t, PyObject *b_task)
{
	char state = tasks_read_state(b_task);

	if (state == 'C')
		return TASKS_CANCELLED;
	if (state != 'F')
		return t->woken ? TASKS_READY : TASKS_WAITING;
	scope_py PyObject *exception = tasks_read_exception(b_task);
	if (!exception)
		return TASKS_RETURNED;
	tasks_read_type(Py_TYPE(exception), t->exception);
	return TASKS_RAISED;
}

/* The task is left: b_task is alive, or NULL where that is not known. */
static void
leave(struct tasks_step *s, struct tasks_task *t, PyObject *b_task, int64_t now)
{
	enum tasks_state how = b_task ? how_ended(t, b_task) : TASKS_WAITING;

	if (how > TASKS_WAITING) {
		tasks_table_rename(t, b_task);
	} else {
		scope_py PyObject *future =
			b_task ? tasks_read_waiter(b_task) : NULL;
		t->wait = tasks_wait_number(
			&s->chain, future, s->links, s->nlinks, &t->on);
		if (!s->to_line)
			s->to_line = s->chain.any ? s->chain.line : 0;
	}
	tasks_table_change(t, how, now);
}

static void
tell_blocked(const struct tasks_step *s, PyObject *b_callback, int64_t now)
{
	struct tasks_blocked b = {.from = s->from,
		.ns = now - s->from,
		.task = s->task,
		.loop = own->loop,
		.from_line = s->from_line,
		.to_line = s->to_line,
		.call = s->longest};

	if (b.ns < tasks_blocks.threshold_ns)
		return;
	if (b.call.ns < b.ns / SHARE)
		b.call.function = CALLTREE_NONE;
	if (!s->is_task && b_callback)
		tasks_read_callback_name(b_callback, b.callback);
	tasks_calls_blocked(&b);
}

static void
pop(struct tasks_step *s, PyObject *b_task, PyObject *b_callback)
{
	int64_t now = s->to == TASKS_NEVER ? tasks_table_now() : s->to;
	struct tasks_task *t = tasks_table_at(s->task);
	struct tasks_loop *loop = tasks_step_loop();

	assert(own); /* which has s */
	if (t && t->state == TASKS_RUNNING)
		leave(s, t, b_task, now);
	tell_blocked(s, b_callback, now);
	if (loop && s->frame) {
		loop->callbacks++;
		loop->busy_ns += now - s->from;
	}
	if (loop)
		loop->steps += s->is_task;
	if (own->calls.n > s->calls)
		own->calls.n = s->calls;
	own->calls.deeper = 0;
	own->n--;
}

/* What the handle called is over; at the end of Handle._run() itself it has
 * forgotten which handle it is. */
void
tasks_step_ran(PyFrameObject *f)
{
	/* Eager ones that were left in a way that nobody told. */
	while (tasks_step_innermost() && !tasks_step_innermost()->frame)
		pop(tasks_step_innermost(), NULL, NULL);
	struct tasks_step *s = tasks_step_innermost();
	if (!s || s->frame != f)
		return;
	PyObject *b_callback = tasks_read_handle(tasks_read_local(f, 0));
	PyObject *b_task = tasks_read_callback(b_callback);
	/* The handle has it, so that it is alive; unless it was cancelled. */
	pop(s, b_task == s->object ? b_task : NULL, b_callback);
}

/* What makes tasks returns one, which may have begun eagerly within it. */
void
tasks_step_made(PyObject *b_task)
{
	struct tasks_step *s = tasks_step_innermost();
	bool is = b_task && tasks_read_is_task(b_task);

	if (!own)
		return;
	/* It may have its name only now. */
	if (is && own->made == b_task)
		tasks_table_rename(tasks_table_at(own->made_task), b_task);
	/* Or it is called within a step that began so. */
	if (!s || s->frame || own->calls.n >= s->calls)
		return;
	struct tasks_task *t = tasks_table_at(s->task);
	if (is && t && t->coro)
		tasks_table_place(t, b_task);
	own->made = is && t ? b_task : NULL;
	own->made_task = s->task;
	pop(s, is ? b_task : NULL, NULL);
}

/* One call is the longest unless what it called took most of that time. */
bool
tasks_step_is_longest(const struct tasks_step *s, int64_t ns)
{
	return ns > tasks_blocks.threshold_ns / SHARE &&
	       ns > s->longest.ns + s->longest.ns / 10;
}
