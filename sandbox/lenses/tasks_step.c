/*
 * What runs in each thread: a step is what a loop calls at a time, a callback
 * or a task from where it went on to where it is left.  An eager task (3.12)
 * begins within a step of another.
 */
#include "sandbox/lenses/tasks.h"

#include <stdlib.h>

#include "sandbox/lenses/frames.h"

#define STEPS	8 /* within each other, by eager tasks */
#define LINKS	4
#define THREADS 64
/* Calls are told of that took that share of a step, and of what is too long for
 * one. */
#define SHARE 4

struct step {
	const void *frame; /* of Handle._run(); NULL: it began eagerly */
	uint32_t task;	   /* 0: none that has a row */
	bool is_task;
	const void *object; /* the task; only compared */
	const void *coro;
	int64_t from, to; /* to: NEVER until the coroutine is left */
	int from_line, to_line;
	bool left; /* the coroutine is, so that the chain is whole */
	struct tasks_chain chain;
	struct tasks_link links[LINKS];
	unsigned nlinks, calls;
	struct tasks_long longest;
};
struct thread {
	unsigned number;
	uint32_t loop;
	struct step of[STEPS];
	unsigned n, deeper;
	struct tasks_calls calls;
	const void *made; /* the last task that began eagerly; only compared */
	uint32_t made_task;
};

static _Thread_local struct thread *own;

static struct {
	const char *script;
	unsigned threads;
	uint64_t steps;
	bool quiet;
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

bool
tasks_step_is_quiet(void)
{
	bool quiet = all.quiet;

	all.quiet = false;
	return quiet;
}

static struct thread *
this_thread(void)
{
	if (own || all.threads == THREADS)
		return own;
	own = calloc(1, sizeof(*own));
	if (own)
		own->number = ++all.threads;
	return own;
}

static struct step *
innermost(void)
{
	return own && own->n && !own->deeper ? &own->of[own->n - 1] : NULL;
}

static struct tasks_loop *
loop_here(void)
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
	const struct step *s = innermost();
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
static void
soon(PyFrameObject *f)
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

static struct step *
push(struct thread *th)
{
	if (th->n == STEPS || th->deeper) {
		th->deeper++;
		return NULL;
	}
	struct step *s = &th->of[th->n++];
	*s = (struct step){.from = tasks_table_now(),
		.to = TASKS_NEVER,
		.calls = th->calls.n,
		.longest = {.function = CALLTREE_NONE}};
	all.steps++;
	return s;
}

static void
run_task(struct step *s, struct tasks_task *t)
{
	s->task = t->number;
	s->coro = t->coro;
	s->from_line = tasks_waits.of[t->wait].line;
	t->woken = false;
	/* It may have been made before the loop ran. */
	t->loop = own->loop;
	tasks_table_change(t, TASKS_RUNNING, s->from);
}

static void
begin(PyFrameObject *f)
{
	struct thread *th = this_thread();
	struct step *s = th ? push(th) : NULL;
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

/* Called by what makes a task, and not by another coroutine. */
static void
begin_eager(PyFrameObject *f)
{
	PyObject *b_coro = frames_owner(f);
	const struct step *parent = innermost();

	if (!parent || !b_coro || tasks_table_find_coroutine(b_coro))
		return;
	struct tasks_task *t =
		tasks_table_add(b_coro, parent->task, own->loop, all.script);
	struct step *s = push(own);
	if (!s)
		return;
	s->is_task = true;
	if (!t)
		return;
	put_place(t, 1);
	t->eager = true;
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
leave(struct step *s, struct tasks_task *t, PyObject *b_task, int64_t now)
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
tell_blocked(const struct step *s, PyObject *b_callback, int64_t now)
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
pop(struct step *s, PyObject *b_task, PyObject *b_callback)
{
	int64_t now = s->to == TASKS_NEVER ? tasks_table_now() : s->to;
	struct tasks_task *t = tasks_table_at(s->task);
	struct tasks_loop *loop = loop_here();

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
static void
end(PyFrameObject *f)
{
	/* Eager ones that were left in a way that nobody told. */
	while (innermost() && !innermost()->frame)
		pop(innermost(), NULL, NULL);
	struct step *s = innermost();
	if (!s || s->frame != f)
		return;
	PyObject *b_callback = tasks_read_handle(tasks_read_local(f, 0));
	PyObject *b_task = tasks_read_callback(b_callback);
	/* The handle has it, so that it is alive; unless it was cancelled. */
	pop(s, b_task == s->object ? b_task : NULL, b_callback);
}

/* What makes tasks returns one, which may have begun eagerly within it. */
static void
end_eager(PyObject *b_task)
{
	struct step *s = innermost();
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

static void
keep_link(PyFrameObject *f, enum tasks_role role, PyObject *future)
{
	struct step *s = innermost();
	PyObject *b_inner = role == TASKS_SHIELD
				    ? tasks_read_local_named(f, "inner")
				    : NULL;
	struct tasks_task *t = b_inner ? tasks_table_find(b_inner) : NULL;

	if (s && future)
		s->links[s->nlinks < LINKS ? s->nlinks++ : LINKS - 1] =
			(struct tasks_link){future, role, t ? t->number : 0};
}

static void
idle(PyFrameObject *f, bool begins)
{
	struct tasks_loop *loop = loop_here();
	int64_t now = tasks_table_now();

	if (!loop || own->n)
		return;
	if (begins) {
		loop->idle = now;
		loop->forever = tasks_read_local(f, 1) == Py_None;
		all.quiet = loop->forever;
	} else if (loop->idle != TASKS_NEVER) {
		loop->idle_ns += now - loop->idle;
		loop->idle = TASKS_NEVER;
	}
}

static void
run_loop(PyFrameObject *f, bool begins)
{
	struct thread *th = this_thread();
	PyObject *b_loop = tasks_read_local(f, 0);

	if (!th || !b_loop)
		return;
	if (begins)
		th->loop =
			tasks_loops_run(b_loop, th->number, tasks_table_now());
	else if (loop_here())
		loop_here()->to = tasks_table_now();
}

static void
called(PyFrameObject *f, const struct tasks_code *code)
{
	if (code->role == TASKS_RUN)
		begin(f);
	else if (code->role == TASKS_SOON)
		soon(f);
	else if (code->role == TASKS_FOREVER)
		run_loop(f, true);
	else if (code->role == TASKS_SELECT)
		idle(f, true);
	else if (code->role == TASKS_ONCE && loop_here())
		loop_here()->turns++;
	else if (code->role == TASKS_CLOSE)
		tasks_loops_close(tasks_read_local(f, 0));
	else if (code->role == TASKS_PYTHON)
		tasks_table.python++;
	else if (code->role == TASKS_RELEASE)
		tasks_wait_unlock(tasks_read_local(f, 0));
}

void
tasks_step_call(PyFrameObject *f)
{
	struct tasks_code code = tasks_codes_of(frames_code(f));
	struct step *s = innermost();

	if (s) {
		if (!s->left)
			s->chain.any = false;
		tasks_calls_enter(&own->calls, f, false, tasks_table_now());
	}
	called(f, &code);
#if PY_VERSION_HEX >= PY_3_12
	if (s && code.coroutine && !frames_is_resumed(f) && is_made_by_caller())
		begin_eager(f);
#else
	(void)begin_eager;
	(void)is_made_by_caller;
#endif
}

/* One call is the longest unless what it called took most of that time. */
static bool
is_longest(const struct step *s, int64_t ns)
{
	return ns > tasks_blocks.threshold_ns / SHARE &&
	       ns > s->longest.ns + s->longest.ns / 10;
}

static void
left_call(PyFrameObject *f, struct step *s)
{
	int64_t ns =
		tasks_calls_leave(&own->calls, f, false, tasks_table_now());
	int line;

	if (!is_longest(s, ns))
		return;
	tasks_codes_here(1, &line);
	s->longest = (struct tasks_long){
		calltree_functions_python(frames_code(f), all.script), line,
		ns};
}

/* A frame is left that is, or may be, a coroutine's. */
static void
left_coroutine(PyFrameObject *f, const struct tasks_code *code, struct step *s,
	PyObject *passed)
{
	bool suspended = passed && frames_is_suspended(f);
	bool outermost = s->coro && frames_owner(f) == s->coro;

	if (s->left)
		return;
	if (suspended)
		tasks_wait_left(&s->chain, f, code, passed);
	else
		s->chain.any = false;
	if (!outermost)
		return;
	s->left = true;
	if (!s->frame)
		s->to = tasks_table_now();
	if (!suspended) {
		int line = PyFrame_GetLineNumber(f);
		s->to_line = code->ours && line > 0 ? line : 0;
	}
}

static void
returned(PyFrameObject *f, const struct tasks_code *code, PyObject *arg)
{
	struct step *s = innermost();

	if (code->role == TASKS_RUN && own && own->deeper)
		own->deeper--;
	else if (code->role == TASKS_RUN)
		end(f);
	else if (code->role == TASKS_CREATE)
		end_eager(arg);
	else if (code->role == TASKS_FOREVER)
		run_loop(f, false);
	else if (code->role == TASKS_SELECT)
		idle(f, false);
	else if (code->role == TASKS_SHIELD || code->role == TASKS_EXECUTOR)
		keep_link(f, code->role, arg);
	else if (code->role == TASKS_ACQUIRE && arg == Py_True &&
		 tasks_wait_is_lock(tasks_read_local(f, 0)))
		tasks_wait_lock(tasks_read_local(f, 0), s ? s->task : 0);
}

void
tasks_step_return(PyFrameObject *f, PyObject *arg)
{
	struct tasks_code code = tasks_codes_of(frames_code(f));
	struct step *s = innermost();

	if (s && s->frame != f) {
		/* The task itself is none of the calls in it. */
		bool itself =
			s->coro && code.waits && frames_owner(f) == s->coro;
		if (!itself)
			left_call(f, s);
		if (code.waits)
			left_coroutine(f, &code, s, arg);
		else if (!s->left)
			s->chain.any = false;
	}
	returned(f, &code, arg);
}

void
tasks_step_c_call(PyFrameObject *f)
{
	if (innermost())
		tasks_calls_enter(&own->calls, f, true, tasks_table_now());
}

void
tasks_step_c_return(PyFrameObject *f, PyObject *function)
{
	struct step *s = innermost();
	int line;

	if (!s)
		return;
	/* Handle._run() has the context run it: that is all of the step. */
	if (s->frame == f) {
		end(f);
		return;
	}
	int64_t ns = tasks_calls_leave(&own->calls, f, true, tasks_table_now());
	if (!is_longest(s, ns))
		return;
	tasks_codes_here(0, &line);
	s->longest =
		(struct tasks_long){calltree_functions_c(function), line, ns};
}
