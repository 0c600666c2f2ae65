/*
 * Does asyncio tell what it is to?  A program of ours with known tasks is run,
 * in a process of its own, and what was seen of it is held against what it
 * does.
 */
#include "sandbox/lenses/tasks.h"

#include <string.h>

#include "sandbox/lenses/tracing.h"
#include "sandbox/py/internal.h"

#define FILE_NAME "/known.py"

#define wrong(f, what) fail_set(f, "asyncio is not as expected: %s", what)

static const char program[] =
	"async def child():\n"
	"    await asyncio.sleep(0.002)\n"
	"async def fails():\n"
	"    raise KeyError(1)\n"
	"async def wants(lock):\n"
	"    async with lock:\n"
	"        pass\n"
	"async def main():\n"
	"    loop = asyncio.get_running_loop()\n"
	"    lock = asyncio.Lock()\n"
	"    async with lock:\n"
	"        kid = loop.create_task(child(), name='kid')\n"
	"        other = asyncio.ensure_future(wants(lock))\n"
	"        await asyncio.gather(kid, child())\n"
	"        bad = asyncio.ensure_future(fails())\n"
	"        await asyncio.wait([bad])\n"
	"        bad.exception()\n"
	"        long = asyncio.ensure_future(asyncio.sleep(1000))\n"
	"        await asyncio.sleep(0)\n"
	"        long.cancel()\n"
	"        await asyncio.wait([long])\n"
	"    await other\n"
	"    time.sleep(0.02)\n"
	"asyncio.run(main())\n";

enum { MAIN = 1, KID, WANTS, SECOND, FAILS, LONG, TASKS = LONG };

static const struct known {
	const char *function;
	int first, line; /* of the function; where it was created */
	uint32_t parent;
	enum tasks_state state;
} known[TASKS + 1] = {
	[MAIN] = {"main", 8, 24, 0, TASKS_RETURNED},
	[KID] = {"child", 1, 12, MAIN, TASKS_RETURNED},
	[WANTS] = {"wants", 5, 13, MAIN, TASKS_RETURNED},
	[SECOND] = {"child", 1, 14, MAIN, TASKS_RETURNED},
	[FAILS] = {"fails", 3, 15, MAIN, TASKS_RAISED},
	[LONG] = {"sleep", 0, 18, MAIN, TASKS_CANCELLED},
};

static bool
is_as_known(uint32_t i)
{
	const struct tasks_task *t = tasks_table_at(i);
	const struct known *k = &known[i];

	if (t->function == CALLTREE_NONE)
		return false;
	const struct calltree_function *f = &calltree_functions.of[t->function];
	return strcmp(f->name, k->function) == 0 && t->line == k->line &&
	       (!k->first || f->line == k->first) && t->parent == k->parent &&
	       t->state == k->state && !t->task && !t->coro && !t->late &&
	       t->loop == 1;
}

/* Was that waited for at that line by the task, and which others? */
static bool
has_waited(uint32_t task, enum tasks_kind kind, int line, uint32_t on)
{
	for (size_t i = 0; i < tasks_table_kept(); i++) {
		const struct tasks_span *s = tasks_table_span(i);
		const struct tasks_wait *w = &tasks_waits.of[s->wait];
		if (s->task != task || s->state != TASKS_WAITING ||
			w->kind != kind || w->line != line)
			continue;
		uint32_t seen = 0;
		for (unsigned j = 0; j < s->on.n; j++)
			seen |= 1U << s->on.of[j];
		return seen == on;
	}
	return false;
}

static bool
has_given_way(uint32_t task, int line)
{
	const struct tasks_wait *w = tasks_waits.of;

	for (uint32_t i = 1; i < tasks_waits.n; i++)
		if (w[i].kind == TASKS_K_YIELD && w[i].line == line)
			return tasks_table_at(task)->ns[TASKS_READY] > 0;
	return false;
}

#define ON(task) (1U << (task))

static int
look_at_waits(struct fail *f)
{
	if (!has_waited(KID, TASKS_K_SLEEP, 2, 0))
		return wrong(f, "a sleep");
	if (!has_waited(WANTS, TASKS_K_LOCK, 6, ON(MAIN)))
		return wrong(f, "a lock that another task has");
	if (!has_waited(MAIN, TASKS_K_TASKS, 14, ON(KID) | ON(SECOND)))
		return wrong(f, "tasks that are gathered");
	if (!has_waited(MAIN, TASKS_K_TASKS, 16, ON(FAILS)) ||
		!has_waited(MAIN, TASKS_K_TASKS, 21, ON(LONG)))
		return wrong(f, "tasks that are waited for");
	if (!has_waited(MAIN, TASKS_K_TASK, 22, ON(WANTS)))
		return wrong(f, "a task that is awaited");
	if (!has_given_way(MAIN, 19))
		return wrong(f, "a task that gives way");
	return 0;
}

static int
look_at_tasks(struct fail *f)
{
	/* Beside these there may be some that shut the loop down. */
	if (tasks_table.n < TASKS)
		return wrong(f, "how many tasks there are");
	for (uint32_t i = 1; i <= TASKS; i++)
		if (!is_as_known(i))
			return fail_set(f,
				"asyncio is not as expected: task %u, %s", i,
				known[i].function);
	if (strcmp(tasks_table_at(KID)->name, "kid") != 0 ||
		strcmp(tasks_table_at(FAILS)->exception, "KeyError") != 0)
		return wrong(f, "a task's name, or its exception");
	return look_at_waits(f);
}

/* Its threshold is that low that other steps may be there as well. */
static int
look_at_blocked(struct fail *f)
{
	for (unsigned i = 0; i < tasks_blocks.n; i++) {
		const struct tasks_blocked *b = &tasks_blocks.of[i];
		if (b->call.line != 23)
			continue;
		if (b->task == MAIN && b->call.ns >= 20000000 &&
			b->call.function != CALLTREE_NONE &&
			strcmp(calltree_functions.of[b->call.function].name,
				"time.sleep") == 0)
			return 0;
	}
	return wrong(f, "a call that held the loop up");
}

static int
look(struct fail *f)
{
	scope_py PyObject *code =
		Py_CompileString(program, FILE_NAME, Py_file_input);
	scope_py PyObject *asyncio = PyImport_ImportModule("asyncio");
	scope_py PyObject *time = PyImport_ImportModule("time");
	scope_py PyObject *space =
		asyncio && time ? Py_BuildValue("{s:O,s:O,s:O}", "__builtins__",
					  PyEval_GetBuiltins(), "asyncio",
					  asyncio, "time", time)
				: NULL;

	if (!code || !space || tasks_begin((PyCodeObject *)code, FILE_NAME)) {
		PyErr_Print();
		return fail_set(f, "asyncio cannot be had to try it");
	}
	tasks_blocks.threshold_ns = 10000000;
	tracing_begin(NULL, tasks_profile);
	scope_py PyObject *done = PyEval_EvalCode(code, space, space);
	tracing_end();
	if (!done) {
		PyErr_Print();
		return fail_set(f, "a known program with tasks fails");
	}
	if (tasks_loops.n != 1 || tasks_loops.of[0].to == TASKS_NEVER)
		return wrong(f, "a loop that runs");
	return look_at_tasks(f) ? -1 : look_at_blocked(f);
}

int
tasks_check(struct fail *f)
{
	return py_apart(look, f);
}
