/* Who waits for whom, as it is now. */
#include "sandbox/lenses/tasks.h"

#define MOST_SHOWN 32 /* of one cycle */

static struct {
	/* Of each task: which search came to it, and from which one. */
	uint32_t search[TASKS_MAX + 1], at[TASKS_MAX + 1];
	uint32_t path[TASKS_MAX + 1];
} graph;

static void
write_path(struct jsonw *w, uint32_t from, uint32_t n)
{
	jsonw_object(w);
	jsonw_key(w, "tasks");
	jsonw_array(w);
	for (uint32_t i = from; i < n && i < from + MOST_SHOWN; i++)
		jsonw_uint(w, graph.path[i]);
	jsonw_end(w);
	jsonw_end(w);
}

/* From one task on, along what is waited for, once through each. */
static unsigned
search(struct jsonw *w, uint32_t first, unsigned left)
{
	uint32_t n = 0;
	unsigned found = 0;

	graph.path[n++] = first;
	graph.search[first] = first;
	graph.at[first] = 0;
	while (n && found < left) {
		const struct tasks_task *t = tasks_table_at(graph.path[n - 1]);
		uint32_t i = graph.at[t->number]++;
		if (t->state != TASKS_WAITING || i >= t->on.n) {
			/* All that it leads to has been seen. */
			graph.at[t->number] = TASKS_ON + 1;
			n--;
			continue;
		}
		uint32_t next = t->on.of[i];
		if (!graph.search[next]) {
			graph.search[next] = first;
			graph.at[next] = 0;
			graph.path[n++] = next;
		} else if (graph.at[next] <= TASKS_ON) {
			/* It is on the path. */
			uint32_t from = n - 1;
			while (graph.path[from] != next)
				from--;
			write_path(w, from, n);
			found++;
		}
	}
	return found;
}

void
tasks_graph_write_cycles(struct jsonw *w)
{
	unsigned found = 0;

	graph = (typeof(graph)){{0}, {0}, {0}};
	jsonw_array(w);
	for (uint32_t i = 1; i <= tasks_table.n && found < TASKS_CYCLES; i++)
		if (!graph.search[i])
			found += search(w, i, TASKS_CYCLES - found);
	jsonw_end(w);
}

/* Could only a task of the loop end this? */
static bool
is_for_tasks(enum tasks_kind kind)
{
	return kind == TASKS_K_TASK || kind == TASKS_K_TASKS ||
	       kind == TASKS_K_LOCK || kind == TASKS_K_QUEUE ||
	       kind == TASKS_K_FUTURE;
}

bool
tasks_graph_is_stuck(void)
{
	bool any = false;

	for (unsigned i = 0; i < tasks_loops.n; i++) {
		const struct tasks_loop *l = &tasks_loops.of[i];
		if (!l->loop || l->to != TASKS_NEVER)
			continue; /* it does not run */
		if (l->idle == TASKS_NEVER || !l->forever)
			return false;
		any = true;
	}
	if (!any)
		return false;
	any = false;
	for (uint32_t i = 1; i <= tasks_table.n; i++) {
		const struct tasks_task *t = tasks_table_at(i);
		if (!t->task || t->state > TASKS_WAITING)
			continue;
		any = true;
		if (t->state != TASKS_WAITING ||
			!is_for_tasks(tasks_waits.of[t->wait].kind))
			return false;
	}
	return any;
}
