/* The event loops that ran. */
#include "sandbox/lenses/tasks.h"

struct tasks_loops tasks_loops;

uint32_t
tasks_loops_run(PyObject *b_loop, unsigned thread, int64_t now)
{
	struct tasks_loops *all = &tasks_loops;
	unsigned i = 0;

	while (i < all->n && all->of[i].loop != b_loop)
		i++;
	if (i == TASKS_LOOPS) {
		all->dropped++;
		return 0;
	}
	if (i == all->n) {
		all->of[all->n++] = (struct tasks_loop){.loop = b_loop,
			.thread = thread,
			.from = now,
			.idle = TASKS_NEVER};
		tasks_read_type(Py_TYPE(b_loop), all->of[i].type);
	}
	all->of[i].to = TASKS_NEVER;
	return i + 1;
}

void
tasks_loops_close(const void *loop)
{
	for (unsigned i = 0; i < tasks_loops.n; i++)
		if (tasks_loops.of[i].loop == loop)
			tasks_loops.of[i].loop = NULL;
}
