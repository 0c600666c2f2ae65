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

struct steps_object *
steps_objects_meet(struct steps_objects *s, PyObject *o)
{
	struct steps_look *l = &s->looks[s->now], *before = &s->looks[!s->now];
	uint16_t *slot = find(l, o);

	if (*slot)
		return &l->met[*slot - 1];
	if (l->n == STEPS_MAX_OBJECTS)
		return NULL;
	uint16_t known = *find(before, o);
	struct steps_object *e = &l->met[l->n];
	if (known && before->met[known - 1].type == Py_TYPE(o)) {
		*e = before->met[known - 1];
		e->runs = false;
	} else
		*e = (struct steps_object){
			.o = o, .type = Py_TYPE(o), .number = ++s->last};
	*slot = (uint16_t)++l->n;
	return e;
}
