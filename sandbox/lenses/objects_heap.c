/* The objects of one capture, by their address: which were met, and how far
 * away from a name; a queue, so that near ones come first. */
#include "sandbox/lenses/objects.h"

#include <string.h>

#define NSLOTS (sizeof(((struct objects_heap *)0)->slots) / sizeof(uint16_t))

void
objects_heap_clear(struct objects_heap *h, struct jsonw *w)
{
	memset(h->slots, 0, sizeof(h->slots));
	h->w = w;
	h->n = 0;
	h->at = OBJECTS_MAX;
	h->dropped_objects = h->dropped_items = 0;
}

/* The slot that has it, or the empty one where it belongs. */
static uint16_t *
find(struct objects_heap *h, const PyObject *o)
{
	/* Objects are 16 bytes apart. */
	size_t at = (uintptr_t)o >> 4;

	for (;; at++) {
		uint16_t *slot = &h->slots[at & (NSLOTS - 1)];
		if (!*slot || h->of[*slot - 1] == o)
			return slot;
	}
}

unsigned
objects_heap_find(const struct objects_heap *h, const PyObject *o)
{
	return *find((struct objects_heap *)h, o);
}

unsigned
objects_heap_number(struct objects_heap *h, PyObject *o)
{
	uint16_t *slot = find(h, o);
	unsigned depth = h->at < OBJECTS_MAX ? h->depth[h->at] + 1U : 0;

	unsigned number = *slot;
	if (number)
		return number;
	if (h->n == OBJECTS_MAX || depth > OBJECTS_DEPTH) {
		h->dropped_objects++;
		return 0;
	}
	h->of[h->n] = o;
	h->depth[h->n] = (unsigned char)depth;
	*slot = (uint16_t)++h->n;
	return *slot;
}

void
objects_heap_item(struct objects_heap *h, PyObject *o)
{
	unsigned number = o ? objects_heap_number(h, o) : 0;

	if (number)
		jsonw_uint(h->w, number);
	else
		jsonw_null(h->w);
}

void
objects_heap_ref(struct objects_heap *h, const char *key, PyObject *o)
{
	jsonw_key(h->w, key);
	objects_heap_item(h, o);
}

void
objects_heap_items(struct objects_heap *h, const char *key,
	PyObject *const *items, Py_ssize_t n)
{
	Py_ssize_t shown = n < OBJECTS_ITEMS ? n : OBJECTS_ITEMS;

	jsonw_key(h->w, key);
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < shown; i++)
		objects_heap_item(h, items[i]);
	jsonw_end(h->w);
	h->dropped_items += (size_t)(n - shown);
}
