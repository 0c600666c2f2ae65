/*
 * What is in the blocks that stayed.
 *
 * A block may hold an object or anything else, and its bytes do not say which.
 * The collector knows objects: those that it keeps, and what they refer to by
 * tp_traverse, which is C's even for a program's own classes.  A dict visits no
 * keys that are text, so these are looked up.  What is reached from nowhere
 * stays without a type, and so do parts of objects that lie in blocks of their
 * own, as the items of a list.
 */
#include "sandbox/lenses/memory.h"

#include <string.h>

#include "sandbox/lenses/gc_walk.h"
#include "sandbox/lenses/objects.h"

#define MAX_TYPES (1U << 12) /* pairs of a row and a type; half are used */
#define MAX_DEPTH 32	     /* of what the collector does not keep */

struct pair {
	PyTypeObject *type; /* NULL: empty */
	uint64_t blocks, bytes;
	uint16_t row;
};

static struct {
	struct pair *pairs;
	size_t n;
	int depth;
	bool full;
} types;

static void
count(PyTypeObject *type, const struct memory_block *b)
{
	uint64_t key = ((uintptr_t)type >> 4) + ((uint64_t)b->row << 48);
	size_t i = key * 0x9e3779b97f4a7c15UL >> 32 & (MAX_TYPES - 1);
	struct pair *p;

	for (; (p = &types.pairs[i])->type; i = (i + 1) & (MAX_TYPES - 1))
		if (p->type == type && p->row == b->row)
			break;
	if (!p->type) {
		if (types.n == MAX_TYPES / 2) {
			types.full = true;
			return;
		}
		types.n++;
		*p = (struct pair){.type = type, .row = b->row};
	}
	p->blocks++;
	p->bytes += b->bytes;
}

static int visit(PyObject *o, void *data);

/* Those that it refers to. */
static void
look_into(PyObject *o)
{
	PyObject *b_key, *b_value;
	Py_ssize_t at = 0;

	if (!Py_TYPE(o)->tp_traverse || types.depth == MAX_DEPTH)
		return;
	types.depth++;
	Py_TYPE(o)->tp_traverse(o, visit, NULL);
	while (PyDict_Check(o) && PyDict_Next(o, &at, &b_key, &b_value))
		visit(b_key, NULL);
	types.depth--;
}

/* Is it in a block that was given out by this run, and met for the first time?
 */
static bool
is_new(PyObject *o)
{
	const char *p = (char *)o - objects_class_head_bytes(o);
	struct memory_block b;

	if (!memory_blocks_get(p, &b) || b.seen)
		return false;
	b.seen = true;
	memory_blocks_change(p, b);
	count(Py_TYPE(o), &b);
	return true;
}

/* What the collector keeps has its own turn. */
static int
visit(PyObject *o, void *data)
{
	(void)data;
	if (PyObject_IS_GC(o) && PyObject_GC_IsTracked(o))
		return 0;
	if (is_new(o) && PyObject_IS_GC(o))
		look_into(o);
	return 0;
}

/* One whose block is not known is looked into as well: it may have come from a
 * free list. */
static void
visit_kept(PyObject *o)
{
	is_new(o);
	look_into(o);
}

bool
memory_types_find(void)
{
	types.pairs = memory_map(MAX_TYPES * sizeof(*types.pairs));
	if (!types.pairs)
		return false;
	gc_walk(visit_kept);
	return !types.full;
}

static void
write_pair(struct jsonw *w, const struct pair *p)
{
	struct objects_text name = {.n = 0};

	objects_text_type(&name, p->type);
	jsonw_object(w);
	objects_write_member(w, "type", &name);
	jsonw_key(w, "blocks");
	jsonw_uint(w, p->blocks);
	jsonw_key(w, "bytes");
	jsonw_uint(w, p->bytes);
	jsonw_end(w);
}

void
memory_types_write(struct jsonw *w, uint16_t row)
{
	for (size_t i = 0; types.pairs && i < MAX_TYPES; i++)
		if (types.pairs[i].type && types.pairs[i].row == row)
			write_pair(w, &types.pairs[i]);
}
