/* The tasks, what they did when, and how they ended. */
#include "sandbox/lenses/tasks.h"

#include "base/io.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/memory.h"
#include "sandbox/py/clock.h"

#define SLOTS 2048 /* a power of two */

struct tasks_table tasks_table;

static struct {
	uint32_t by_task[SLOTS], by_coro[SLOTS]; /* numbers; 0: none */
} heads;

int
tasks_table_begin(void)
{
	struct tasks_table *all = &tasks_table;

	*all = (struct tasks_table){
		.start = io_now_ns() + py_clock_skipped_ns(),
		.of = memory_map(TASKS_MAX * sizeof(*all->of)),
		.first = memory_map(
			(TASKS_FIRST + TASKS_LAST) * sizeof(*all->first))};
	heads = (typeof(heads)){{0}, {0}};
	if (!all->of || !all->first)
		return -1;
	all->last = all->first + TASKS_FIRST;
	return 0;
}

int64_t
tasks_table_now(void)
{
	return io_now_ns() + py_clock_skipped_ns() - tasks_table.start;
}

struct tasks_task *
tasks_table_at(uint32_t number)
{
	return number ? &tasks_table.of[number - 1] : NULL;
}

static uint32_t *
head(uint32_t *heads_of, const void *address)
{
	return &heads_of[((uintptr_t)address >> 4) * 0x9e3779b97f4a7c15ull >>
			 53];
}

struct tasks_task *
tasks_table_find(const void *task)
{
	struct tasks_task *t = tasks_table_at(*head(heads.by_task, task));

	while (t && t->task != task)
		t = tasks_table_at(t->next_task);
	return t;
}

struct tasks_task *
tasks_table_find_coroutine(const void *coro)
{
	struct tasks_task *t = tasks_table_at(*head(heads.by_coro, coro));

	while (t && t->coro != coro)
		t = tasks_table_at(t->next_coro);
	return t;
}

/* It is not at any address any more. */
static void
forget(struct tasks_task *t)
{
	if (t->task) {
		uint32_t *at = head(heads.by_task, t->task);
		while (*at && *at != t->number)
			at = &tasks_table_at(*at)->next_task;
		*at = t->next_task;
	}
	if (t->coro) {
		uint32_t *at = head(heads.by_coro, t->coro);
		while (*at && *at != t->number)
			at = &tasks_table_at(*at)->next_coro;
		*at = t->next_coro;
	}
	t->task = t->coro = NULL;
	t->next_task = t->next_coro = 0;
}

void
tasks_table_place(struct tasks_task *t, PyObject *task)
{
	struct tasks_task *before = tasks_table_find(task);

	if (before == t)
		return;
	/* What was there ended without being done. */
	if (before)
		forget(before);
	uint32_t *at = head(heads.by_task, task);
	t->task = task;
	t->next_task = *at;
	*at = t->number;
	tasks_table_rename(t, task);
}

void
tasks_table_rename(struct tasks_task *t, PyObject *task)
{
	t->named = tasks_read_name(task, t->name);
}

struct tasks_task *
tasks_table_add(
	PyObject *coro, uint32_t parent, uint32_t loop, const char *script)
{
	struct tasks_table *all = &tasks_table;
	struct frames_generator g;
	int64_t now = tasks_table_now();

	if (all->n == TASKS_MAX) {
		all->dropped++;
		return NULL;
	}
	struct tasks_task *t = &all->of[all->n++];
	*t = (struct tasks_task){.number = all->n,
		.coro = coro,
		.parent = parent,
		.loop = loop,
		.function = CALLTREE_NONE,
		.by = CALLTREE_NONE,
		.created = now,
		.since = now,
		.ended = TASKS_NEVER,
		.state = TASKS_READY};
	if (!coro)
		return t;
	struct tasks_task *before = tasks_table_find_coroutine(coro);
	if (before)
		forget(before);
	uint32_t *at = head(heads.by_coro, coro);
	t->next_coro = *at;
	*at = t->number;
	if (frames_generator(coro, &g) && g.code)
		t->function = calltree_functions_python(g.code, script);
	else
		tasks_read_type(Py_TYPE(coro), t->coroutine);
	return t;
}

static void
add_span(const struct tasks_task *t, int64_t now)
{
	struct tasks_table *all = &tasks_table;
	uint64_t n = all->spans++;
	struct tasks_span *s =
		n < TASKS_FIRST ? &all->first[n]
				: &all->last[(n - TASKS_FIRST) % TASKS_LAST];

	*s = (struct tasks_span){.task = t->number,
		.state = t->state,
		.from = t->since,
		.to = now};
	if (t->state == TASKS_WAITING) {
		s->wait = t->wait;
		s->on = t->on;
	}
}

void
tasks_table_change(struct tasks_task *t, enum tasks_state s, int64_t now)
{
	int64_t ns = now - t->since;

	add_span(t, now);
	t->ns[t->state] += ns;
	if (t->state == TASKS_RUNNING && ns > t->longest_ns)
		t->longest_ns = ns;
	if (t->state == TASKS_WAITING)
		tasks_wait_count(t->wait, ns);
	t->state = s;
	t->since = now;
	t->steps += s == TASKS_RUNNING;
	if (s != TASKS_RETURNED && s != TASKS_RAISED && s != TASKS_CANCELLED)
		return;
	t->ended = now;
	tasks_table.ended[s]++;
	forget(t);
}

size_t
tasks_table_kept(void)
{
	uint64_t n = tasks_table.spans;

	return n < TASKS_FIRST + TASKS_LAST ? (size_t)n
					    : TASKS_FIRST + TASKS_LAST;
}

const struct tasks_span *
tasks_table_span(size_t i)
{
	uint64_t n = tasks_table.spans;

	if (i < TASKS_FIRST)
		return &tasks_table.first[i];
	if (n > TASKS_FIRST + TASKS_LAST)
		i += (size_t)((n - TASKS_FIRST) % TASKS_LAST);
	return &tasks_table.last[(i - TASKS_FIRST) % TASKS_LAST];
}
