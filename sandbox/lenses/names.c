/* A set of names that holds no references: open addressing, linear probing. */
#include "sandbox/lenses/names.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

void
names_clear(struct names *n)
{
	if (n->slot)
		memset(n->slot, 0, n->size * sizeof(*n->slot));
	n->used = 0;
}

/* The slot that holds the name, or the empty one where it belongs. */
static PyObject **
find(const struct names *n, PyObject *b_name)
{
	size_t at = (size_t)PyObject_Hash(b_name);

	for (;; at++) {
		PyObject **slot = &n->slot[at & (n->size - 1)];
		if (!*slot || *slot == b_name ||
			PyUnicode_Compare(*slot, b_name) == 0)
			return slot;
	}
}

static bool
grow(struct names *n)
{
	struct names more = {.size = n->size ? n->size * 2 : FIRST_SIZE};

	more.slot = calloc(more.size, sizeof(*more.slot));
	if (!more.slot)
		return false;
	for (size_t i = 0; i < n->size; i++)
		if (n->slot[i])
			*find(&more, n->slot[i]) = n->slot[i];
	more.used = n->used;
	free(n->slot);
	*n = more;
	return true;
}

bool
names_add(struct names *n, PyObject *b_name)
{
	if (n->used * 2 >= n->size && !grow(n))
		return false;
	PyObject **slot = find(n, b_name);
	if (*slot)
		return false;
	*slot = b_name;
	n->used++;
	return true;
}
