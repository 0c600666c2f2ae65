/* What a profile function is told, and what it says of steps and loops. */
#include "sandbox/lenses/tasks_step.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/py/clock.h"

static struct {
	const char *script;
	bool quiet; /* a loop came to wait, with no time set */
} events;

void
tasks_events_begin(const char *script)
{
	events = (typeof(events)){.script = script};
}

bool
tasks_events_is_quiet(void)
{
	bool quiet = events.quiet;

	events.quiet = false;
	return quiet;
}

static void
keep_link(PyFrameObject *f, enum tasks_role role, PyObject *future)
{
	struct tasks_step *s = tasks_step_innermost();
	PyObject *b_inner = role == TASKS_SHIELD
				    ? tasks_read_local_named(f, "inner")
				    : NULL;
	struct tasks_task *t = b_inner ? tasks_table_find(b_inner) : NULL;

	if (s && future)
		s->links[s->nlinks < TASKS_LINKS ? s->nlinks++
						 : TASKS_LINKS - 1] =
			(struct tasks_link){future, role, t ? t->number : 0};
}

static void
idle(PyFrameObject *f, bool begins)
{
	struct tasks_loop *loop = tasks_step_loop();
	int64_t now = tasks_table_now();

	if (!loop || tasks_step_thread()->n)
		return;
	if (begins) {
		loop->idle = now;
		loop->forever = tasks_read_local(f, 1) == Py_None;
		events.quiet = loop->forever;
	} else if (loop->idle != TASKS_NEVER) {
		loop->idle_ns += now - loop->idle;
		loop->idle = TASKS_NEVER;
	}
}

/* select() returned what had come. */
static void
waited(PyFrameObject *f, PyObject *b_came)
{
	if (b_came && PyList_Check(b_came) && !PyList_GET_SIZE(b_came))
		py_clock_waited();
	idle(f, false);
}

static void
run_loop(PyFrameObject *f, bool begins)
{
	struct tasks_thread *th = tasks_step_new_thread();
	PyObject *b_loop = tasks_read_local(f, 0);

	if (!th || !b_loop)
		return;
	if (begins)
		th->loop =
			tasks_loops_run(b_loop, th->number, tasks_table_now());
	else if (tasks_step_loop())
		tasks_step_loop()->to = tasks_table_now();
}

static void
called(PyFrameObject *f, const struct tasks_code *code)
{
	if (code->role == TASKS_RUN)
		tasks_step_run(f);
	else if (code->role == TASKS_SOON)
		tasks_step_soon(f);
	else if (code->role == TASKS_FOREVER)
		run_loop(f, true);
	else if (code->role == TASKS_SELECT)
		idle(f, true);
	else if (code->role == TASKS_ONCE && tasks_step_loop())
		tasks_step_loop()->turns++;
	else if (code->role == TASKS_CLOSE)
		tasks_loops_close(tasks_read_local(f, 0));
	else if (code->role == TASKS_PYTHON)
		tasks_table.python++;
	else if (code->role == TASKS_RELEASE)
		tasks_wait_unlock(tasks_read_local(f, 0));
}

void
tasks_events_call(PyFrameObject *f)
{
	struct tasks_code code = tasks_codes_of(frames_code(f));
	struct tasks_step *s = tasks_step_innermost();

	if (s) {
		if (!s->left)
			s->chain.any = false;
		tasks_calls_enter(&tasks_step_thread()->calls, f, false,
			tasks_table_now());
	}
	called(f, &code);
#if PY_VERSION_HEX >= PY_3_12
	if (s && code.coroutine && !frames_is_resumed(f))
		tasks_step_eager(f);
#endif
}

static void
left_call(PyFrameObject *f, struct tasks_step *s)
{
	int64_t ns = tasks_calls_leave(
		&tasks_step_thread()->calls, f, false, tasks_table_now());
	int line;

	if (!tasks_step_is_longest(s, ns))
		return;
	tasks_codes_here(1, &line);
	s->longest = (struct tasks_long){
		calltree_functions_python(frames_code(f), events.script), line,
		ns};
}

/* A frame is left that is, or may be, a coroutine's. */
static void
left_coroutine(PyFrameObject *f, const struct tasks_code *code,
	struct tasks_step *s, PyObject *passed)
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
	struct tasks_step *s = tasks_step_innermost();

	if (code->role == TASKS_RUN && tasks_step_thread() &&
		tasks_step_thread()->deeper)
		tasks_step_thread()->deeper--;
	else if (code->role == TASKS_RUN)
		tasks_step_ran(f);
	else if (code->role == TASKS_CREATE)
		tasks_step_made(arg);
	else if (code->role == TASKS_FOREVER)
		run_loop(f, false);
	else if (code->role == TASKS_SELECT)
		waited(f, arg);
	else if (code->role == TASKS_SHIELD || code->role == TASKS_EXECUTOR)
		keep_link(f, code->role, arg);
	else if (code->role == TASKS_ACQUIRE && arg == Py_True &&
		 tasks_wait_is_lock(tasks_read_local(f, 0)))
		tasks_wait_lock(tasks_read_local(f, 0), s ? s->task : 0);
}

void
tasks_events_return(PyFrameObject *f, PyObject *arg)
{
	struct tasks_code code = tasks_codes_of(frames_code(f));
	struct tasks_step *s = tasks_step_innermost();

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
tasks_events_c_call(PyFrameObject *f)
{
	if (tasks_step_innermost())
		tasks_calls_enter(&tasks_step_thread()->calls, f, true,
			tasks_table_now());
}

void
tasks_events_c_return(PyFrameObject *f, PyObject *function)
{
	struct tasks_step *s = tasks_step_innermost();
	int line;

	if (!s)
		return;
	/* Handle._run() has the context run it: that is all of the step. */
	if (s->frame == f) {
		tasks_step_ran(f);
		return;
	}
	int64_t ns = tasks_calls_leave(
		&tasks_step_thread()->calls, f, true, tasks_table_now());
	if (!tasks_step_is_longest(s, ns))
		return;
	tasks_codes_here(0, &line);
	s->longest =
		(struct tasks_long){calltree_functions_c(function), line, ns};
}
