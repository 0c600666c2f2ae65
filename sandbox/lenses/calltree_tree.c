/*
 * Calls merged by their path: a node is a function, called at a line of what
 * runs at its parent.
 *
 * A node is found by the instruction that calls, which is known at once; its
 * line is looked up when it is the first time.  Recursion has a node for each
 * of its first levels.  Further down, and when there are as many nodes as there
 * may be, a call goes to the nearest node above that is a call of the same
 * function at the same line.
 *
 * An import may have more paths than all of a program.  So what is called by
 * code that is not the program's has as much room as it wants for a quarter of
 * the nodes, is folded from then on, and has none of the last quarter.
 */
#include "sandbox/lenses/calltree.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"

#define SLOTS	  131072 /* a power of two */
#define FOLD_FROM 64	 /* how many nodes up a call like it is looked for */

struct calltree_tree calltree_tree;

static struct slot {
	uint32_t parent, function;
	int at;	       /* byte of the calling instruction; -2: none */
	uint32_t node; /* + 1; 0: an empty slot */
} * slots;
static uint32_t used;

/* Of a line, in the place of an instruction. */
#define AT_LINE(line) (-3 - (line))

static struct slot *
find(uint32_t parent, uint32_t function, int at)
{
	uint64_t hash = ((uint64_t)parent << 32 | function) * 31 + (uint32_t)at;
	size_t i = hash * 0x9e3779b97f4a7c15ull >> 47;

	while (slots[i].node &&
		!(slots[i].parent == parent && slots[i].function == function &&
			slots[i].at == at))
		i = (i + 1) & (SLOTS - 1);
	return &slots[i];
}

static void
keep(uint32_t parent, uint32_t function, int at, uint32_t node)
{
	*find(parent, function, at) =
		(struct slot){parent, function, at, node + 1};
	used++;
}

/* Nodes stay known by their lines, which are fewer than there are slots. */
static void
make_slots(void)
{
	if (used < SLOTS / 4 * 3)
		return;
	memset(slots, 0, SLOTS * sizeof(*slots));
	used = 0;
	for (uint32_t i = 0; i < calltree_tree.n; i++) {
		const struct calltree_node *n = &calltree_tree.of[i];
		keep(n->parent, n->function, AT_LINE(n->line), i);
	}
}

/* A call like it further up, or CALLTREE_NONE. */
static uint32_t
above(uint32_t from, uint32_t function, int line)
{
	for (int i = 0; i < FOLD_FROM && from != CALLTREE_NONE; i++) {
		const struct calltree_node *n = &calltree_tree.of[from];
		if (n->function == function && n->line == line)
			return from;
		from = n->parent;
	}
	return CALLTREE_NONE;
}

/* Is it a function of the program's, or called by one? */
static bool
is_ours(uint32_t parent, uint32_t function)
{
	const struct calltree_function *f = &calltree_functions.of[function];
	const struct calltree_function *by =
		parent == CALLTREE_NONE
			? NULL
			: &calltree_functions
				   .of[calltree_tree.of[parent].function];

	return (!f->is_c && !f->file) || (by && !by->is_c && !by->file);
}

static uint32_t
make(uint32_t parent, uint32_t function, int line)
{
	struct calltree_tree *t = &calltree_tree;
	uint32_t level = parent == CALLTREE_NONE ? 0 : t->of[parent].level + 1;
	bool ours = is_ours(parent, function);
	bool full = t->n >= (ours ? CALLTREE_NODES : CALLTREE_NODES / 4 * 3);
	bool fold = level >= CALLTREE_LEVELS ||
		    (!ours && t->n >= CALLTREE_NODES / 4);

	if (fold || full) {
		uint32_t like = above(parent, function, line);
		if (like != CALLTREE_NONE || full)
			return like;
	}
	t->of[t->n] = (struct calltree_node){.function = function,
		.parent = parent,
		.level = level,
		.line = line};
	return t->n++;
}

static bool
make_room(void)
{
	if (!slots)
		slots = calloc(SLOTS, sizeof(*slots));
	if (!calltree_tree.of)
		calltree_tree.of =
			calloc(CALLTREE_NODES, sizeof(*calltree_tree.of));
	return slots && calltree_tree.of;
}

uint32_t
calltree_tree_call(uint32_t parent, uint32_t function, PyFrameObject *caller,
	int *ret_line, bool *ret_folded)
{
	int at = caller ? frames_at(caller) : -2;

	if (!make_room())
		return CALLTREE_NONE;
	uint32_t node = find(parent, function, at)->node - 1;
	if (node == CALLTREE_NONE) {
		int line = caller ? PyFrame_GetLineNumber(caller) : 0;
		make_slots();
		node = find(parent, function, AT_LINE(line))->node - 1;
		if (node == CALLTREE_NONE) {
			node = make(parent, function, line);
			if (node == CALLTREE_NONE)
				return node;
			keep(parent, function, AT_LINE(line), node);
		}
		keep(parent, function, at, node);
	}
	*ret_line = calltree_tree.of[node].line;
	*ret_folded = calltree_tree.of[node].parent != parent;
	return node;
}
