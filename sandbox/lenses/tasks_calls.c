/* Calls within a step, by how long they took; steps that took too long. */
#include "sandbox/lenses/tasks.h"

struct tasks_blocks tasks_blocks;

void
tasks_calls_enter(
	struct tasks_calls *c, const void *frame, bool is_c, int64_t now)
{
	if (c->n == TASKS_CALLS || c->deeper)
		c->deeper++;
	else
		c->of[c->n++] = (struct tasks_call){frame, now, is_c};
}

int64_t
tasks_calls_leave(
	struct tasks_calls *c, const void *frame, bool is_c, int64_t now)
{
	if (c->deeper) {
		c->deeper--;
		return -1;
	}
	/* What is above it was left, and nothing said so. */
	for (unsigned i = c->n; i-- > 0;)
		if (c->of[i].frame == frame && c->of[i].is_c == is_c) {
			c->n = i;
			return now - c->of[i].from;
		}
	return -1;
}

void
tasks_calls_blocked(const struct tasks_blocked *b)
{
	struct tasks_blocks *all = &tasks_blocks;
	unsigned least = 0;

	all->all++;
	if (all->n < TASKS_BLOCKED) {
		all->of[all->n++] = *b;
		return;
	}
	for (unsigned i = 1; i < all->n; i++)
		if (all->of[i].ns < all->of[least].ns)
			least = i;
	if (b->ns <= all->of[least].ns)
		return;
	/* They stay in the order of time. */
	for (unsigned i = least; i + 1 < all->n; i++)
		all->of[i] = all->of[i + 1];
	all->of[all->n - 1] = *b;
}
