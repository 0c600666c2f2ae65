/* The objects that a look at a program meets, and the number of each. */
#include "sandbox/lenses/steps_objects.h"

#include <string.h>

#define SLOTS (sizeof(((struct steps_look *)0)->slots) / sizeof(uint16_t))

/* The slot of the object, or the empty one where it belongs. */
static uint16_t *
find(struct steps_look *l, const PyObject *o)
{
	/* Objects are 16 bytes apart. */
	for (size_t at = (uintptr_t)o >> 4;; at++) {
		uint16_t *slot = &l->slots[at & (SLOTS - 1)];
		if (!*slot || l->met[*slot - 1].o == o)
			return slot;
	}
}

void
steps_objects_look(struct steps_objects *s)
{
	s->now = !s->now;
	struct steps_look *l = &s->looks[s->now];
	if (l->n)
		memset(l->slots, 0, sizeof(l->slots));
	l->n = 0;
}

static struct steps_object *
put(struct steps_look *l, uint16_t *slot, const struct steps_object *e)
{
	if (l->n == STEPS_MAX_OBJECTS)
		return NULL;
	l->met[l->n] = *e;
	l->met[l->n].runs = false;
	*slot = (uint16_t)++l->n;
	return &l->met[l->n - 1];
}

struct steps_object *
steps_objects_meet(struct steps_objects *s, PyObject *o)
{
	struct steps_look *l = &s->looks[s->now], *before = &s->looks[!s->now];
	uint16_t *slot = find(l, o);

	if (*slot)
		return &l->met[*slot - 1];
	uint16_t known = *find(before, o);
	if (!known || before->met[known - 1].type != Py_TYPE(o))
		return NULL;
	return put(l, slot, &before->met[known - 1]);
}

struct steps_object *
steps_objects_add(
	struct steps_objects *s, PyObject *o, const struct steps_kind_row *kind)
{
	struct steps_look *l = &s->looks[s->now];

	if (l->n == STEPS_MAX_OBJECTS)
		return NULL;
	return put(l, find(l, o),
		&(struct steps_object){.o = o,
			.type = Py_TYPE(o),
			.number = ++s->last,
			.kind = kind});
}
