/* What tasks wait for: the same thing at the same line is one row. */
#include "sandbox/lenses/tasks.h"

#include <math.h>
#include <string.h>

#include "sandbox/lenses/memory.h"

#define LOCKS 64 /* that are held, of which it is known */

struct tasks_waits tasks_waits;

static struct {
	const char *script;
	struct {
		const void *lock;
		uint32_t task;
	} locks[LOCKS];
} wait;

int
tasks_wait_begin(const char *script)
{
	wait = (typeof(wait)){.script = script};
	tasks_waits = (struct tasks_waits){
		.of = memory_map(TASKS_WAITS * sizeof(*tasks_waits.of)),
		.n = 1};
	return tasks_waits.of ? 0 : -1;
}

void
tasks_wait_lock(const void *lock, uint32_t task)
{
	size_t i = 0;

	tasks_wait_unlock(lock);
	while (i < LOCKS && wait.locks[i].lock)
		i++;
	if (i < LOCKS) {
		wait.locks[i].lock = lock;
		wait.locks[i].task = task;
	}
}

void
tasks_wait_unlock(const void *lock)
{
	for (size_t i = 0; i < LOCKS; i++)
		if (wait.locks[i].lock == lock)
			wait.locks[i].lock = NULL;
}

bool
tasks_wait_is_lock(PyObject *b_self)
{
	PyObject *b_locked = tasks_read_attribute(b_self, "_locked");

	return b_locked && PyBool_Check(b_locked);
}

static void
add_on(struct tasks_on *on, uint32_t task)
{
	if (on->n < TASKS_ON)
		on->of[on->n++] = task;
	else
		on->others++;
}

/* Those that are done have no address any more. */
static void
add_task(PyObject *b_item, void *data)
{
	const struct tasks_task *t = tasks_table_find(b_item);

	if (t)
		add_on(data, t->number);
}

static void
add_holder(struct tasks_on *on, const void *lock)
{
	for (size_t i = 0; i < LOCKS; i++)
		if (wait.locks[i].lock == lock && wait.locks[i].task)
			add_on(on, wait.locks[i].task);
}

static int64_t
nanoseconds(PyObject *b_delay)
{
	double s = -1;

	if (b_delay && PyFloat_CheckExact(b_delay))
		s = PyFloat_AS_DOUBLE(b_delay);
	else if (b_delay && PyLong_CheckExact(b_delay))
		s = PyLong_AsDouble(b_delay);
	PyErr_Clear();
	return isfinite(s) && s >= 0 && s < 9e9 ? (int64_t)(s * 1e9)
						: TASKS_NEVER;
}

/* What its variables tell, of the innermost. */
static void
look_at(struct tasks_chain *c, PyFrameObject *f)
{
	PyObject *b_self = NULL;

	switch (c->code.role) {
	case TASKS_SLEEP:
		c->delay_ns = nanoseconds(tasks_read_local(f, 0));
		return;
	case TASKS_WAIT:
		tasks_read_each(tasks_read_local(f, 0), add_task, &c->on);
		return;
	case TASKS_WAIT_FOR:
		b_self = tasks_read_local(f, 0);
		if (b_self)
			add_task(b_self, &c->on);
		return;
	case TASKS_GROUP:
		tasks_read_each(
			tasks_read_attribute(tasks_read_local(f, 0), "_tasks"),
			add_task, &c->on);
		return;
	case TASKS_OTHER:
	case TASKS_LIBRARY:
	case TASKS_RUN:
	case TASKS_SOON:
	case TASKS_FOREVER:
	case TASKS_ONCE:
	case TASKS_CLOSE:
	case TASKS_CREATE:
	case TASKS_SELECT:
	case TASKS_PYTHON:
	case TASKS_YIELD:
	case TASKS_GATHER:
	case TASKS_SHIELD:
	case TASKS_EXECUTOR:
	case TASKS_RELEASE:
	case TASKS_ROLES:
		return;
	case TASKS_ACQUIRE:
	case TASKS_SYNC:
	case TASKS_QUEUE:
	case TASKS_IO:
		break;
	}
	b_self = tasks_read_local_named(f, "self");
	if (b_self && c->code.role == TASKS_ACQUIRE)
		add_holder(&c->on, b_self);
	if (b_self)
		tasks_read_type(Py_TYPE(b_self), c->type);
}

void
tasks_wait_left(struct tasks_chain *c, PyFrameObject *f,
	const struct tasks_code *code, PyObject *passed)
{
	/* Borrowed, as the frame's is. */
	PyCodeObject *b_code = (PyCodeObject *)code->key;

	if (!c->any || c->passed != passed) {
		*c = (struct tasks_chain){.any = true,
			.passed = passed,
			.b_innermost = b_code,
			.code = *code,
			.delay_ns = TASKS_NEVER};
		look_at(c, f);
	}
	if (code->ours && !c->b_script) {
		int line = PyFrame_GetLineNumber(f);
		c->b_script = b_code;
		c->line = line > 0 ? line : 0;
	}
}

static const enum tasks_kind kinds[TASKS_ROLES] = {
	[TASKS_SLEEP] = TASKS_K_SLEEP,
	[TASKS_YIELD] = TASKS_K_YIELD,
	[TASKS_GATHER] = TASKS_K_TASKS,
	[TASKS_WAIT] = TASKS_K_TASKS,
	[TASKS_WAIT_FOR] = TASKS_K_TASK,
	[TASKS_GROUP] = TASKS_K_TASKS,
	[TASKS_SHIELD] = TASKS_K_TASK,
	[TASKS_EXECUTOR] = TASKS_K_THREAD,
	[TASKS_ACQUIRE] = TASKS_K_LOCK,
	[TASKS_SYNC] = TASKS_K_LOCK,
	[TASKS_QUEUE] = TASKS_K_QUEUE,
	[TASKS_IO] = TASKS_K_IO,
};

static enum tasks_kind
kind_of(const struct tasks_chain *c, PyObject *b_future,
	const struct tasks_link *links, unsigned nlinks, struct tasks_on *on)
{
	if (!b_future)
		return TASKS_K_YIELD;
	if (tasks_read_is_task(b_future)) {
		*on = (struct tasks_on){.n = 0};
		add_task(b_future, on);
		return TASKS_K_TASK;
	}
	if (strcmp(Py_TYPE(b_future)->tp_name, "_GatheringFuture") == 0) {
		*on = (struct tasks_on){.n = 0};
		tasks_read_each(tasks_read_attribute(b_future, "_children"),
			add_task, on);
		return TASKS_K_TASKS;
	}
	for (unsigned i = 0; i < nlinks; i++)
		if (links[i].future == b_future) {
			if (links[i].task)
				add_on(on, links[i].task);
			return kinds[links[i].role];
		}
	enum tasks_kind kind = c->any ? kinds[c->code.role] : TASKS_K_NONE;
	return kind == TASKS_K_NONE ? TASKS_K_FUTURE : kind;
}

static bool
is_same(const struct tasks_wait *a, const struct tasks_wait *b)
{
	return a->kind == b->kind && a->function == b->function &&
	       a->in == b->in && a->line == b->line &&
	       a->delay_ns == b->delay_ns && strcmp(a->type, b->type) == 0;
}

uint32_t
tasks_wait_number(const struct tasks_chain *c, PyObject *b_future,
	const struct tasks_link *links, unsigned nlinks,
	struct tasks_on *ret_on)
{
	struct tasks_waits *all = &tasks_waits;
	struct tasks_wait w = {.function = CALLTREE_NONE,
		.in = CALLTREE_NONE,
		.delay_ns = TASKS_NEVER};
	uint32_t i = 1;

	*ret_on = c->any ? c->on : (struct tasks_on){.n = 0};
	w.kind = kind_of(c, b_future, links, nlinks, ret_on);
	if (b_future)
		tasks_read_type(Py_TYPE(b_future), w.type);
	if (c->any) {
		if (*c->type)
			memcpy(w.type, c->type, sizeof(w.type));
		if (w.kind == TASKS_K_SLEEP)
			w.delay_ns = c->delay_ns;
		if (!c->code.ours)
			w.function = calltree_functions_python(
				c->b_innermost, wait.script);
		if (c->b_script)
			w.in = calltree_functions_python(
				c->b_script, wait.script);
		w.line = c->line;
	}
	while (i < all->n && !is_same(&w, &all->of[i]))
		i++;
	if (i == TASKS_WAITS) {
		all->dropped++;
		return 0;
	}
	if (i == all->n)
		all->of[all->n++] = w;
	return i;
}

void
tasks_wait_count(uint32_t n, int64_t ns)
{
	struct tasks_wait *w = &tasks_waits.of[n];

	w->times++;
	w->ns += ns;
	if (ns > w->longest_ns)
		w->longest_ns = ns;
}
