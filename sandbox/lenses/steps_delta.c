/* What changed from one look at a program to the next, and its JSON. */
#include "sandbox/lenses/steps_state.h"

#include <stdlib.h>
#include <string.h>

bool
steps_grow(void **array, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return true;
	size_t more = *room ? *room * 2 : 64;
	while (more < need)
		more *= 2;
	void *p = realloc(*array, more * size);
	if (!p)
		return false;
	*array = p;
	*room = more;
	return true;
}

static bool
keep(struct steps_delta *d, const char *bytes, size_t n, struct steps_span *ret)
{
	if (!steps_grow((void **)&d->bytes, &d->bytes_room, d->nbytes + n, 1))
		return false;
	*ret = (struct steps_span){(uint32_t)d->nbytes, (uint32_t)n};
	if (n && bytes)
		memcpy(d->bytes + d->nbytes, bytes, n);
	d->nbytes += n;
	return true;
}

bool
steps_delta_add(struct steps_delta *d, const struct steps_key *key,
	const char *json, size_t n)
{
	struct steps_change c = {
		.kind = key->kind, .owner = key->owner, .gone = !json};

	if (!steps_grow((void **)&d->changes, &d->room, d->n + 1, sizeof(c)) ||
		!keep(d, key->name, key->name_len, &c.name) ||
		!keep(d, json, n, &c.json))
		return false;
	d->changes[d->n++] = c;
	return true;
}

void
steps_delta_clear(struct steps_delta *d)
{
	d->n = d->nbytes = 0;
}

void
steps_delta_free(struct steps_delta *d)
{
	free(d->changes);
	free(d->bytes);
	*d = (struct steps_delta){0};
}

static bool
same_cell(const struct steps_delta *a, const struct steps_change *x,
	const struct steps_delta *b, const struct steps_change *y)
{
	return x->kind == y->kind && x->owner == y->owner &&
	       x->name.len == y->name.len &&
	       (x->name.len == 0 ||
		       memcmp(a->bytes + x->name.at, b->bytes + y->name.at,
			       x->name.len) == 0);
}

void
steps_delta_merge(struct steps_delta *later, const struct steps_delta *earlier)
{
	size_t own = later->n;

	for (size_t i = 0; i < earlier->n; i++) {
		const struct steps_change *c = &earlier->changes[i];
		bool again = false;
		for (size_t j = 0; j < own && !again; j++)
			again = same_cell(
				later, &later->changes[j], earlier, c);
		const struct steps_key key = {.kind = c->kind,
			.owner = c->owner,
			.name = earlier->bytes + c->name.at,
			.name_len = c->name.len};
		if (!again)
			steps_delta_add(later, &key,
				c->gone ? NULL : earlier->bytes + c->json.at,
				c->json.len);
	}
}

bool
steps_delta_all(struct steps_delta *d, const struct steps_state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct steps_cell *c = &s->cells[i];
		if (c->json && !steps_delta_add(d, &c->key, c->json, c->len))
			return false;
	}
	return true;
}

/* By kind and owner, and as they were told. */
static int
by_place(const void *a, const void *b)
{
	const struct steps_change *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return (x->json.at > y->json.at) - (x->json.at < y->json.at);
}

static void
write_value(const struct steps_delta *d, const struct steps_change *c,
	struct jsonw *w)
{
	if (c->gone)
		jsonw_null(w);
	else
		jsonw_raw(w, d->bytes + c->json.at, c->json.len);
}

/* Is it of a frame that is no more? */
static bool
went_along(const struct steps_delta *d, const struct steps_change *c)
{
	for (size_t i = 0; i < d->n && d->changes[i].kind == STEPS_FRAME; i++)
		if (d->changes[i].owner == c->owner)
			return d->changes[i].gone;
	return false;
}

/* Variables of a frame that is no more go with it, unsaid. */
static void
leave_out(struct steps_delta *d)
{
	size_t left = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->changes[i].kind != STEPS_VARIABLE ||
			!went_along(d, &d->changes[i]))
			d->changes[left++] = d->changes[i];
	d->n = left;
}

/* The variables of a frame, from the change at *at on. */
static void
write_variables(const struct steps_delta *d, size_t *at, struct jsonw *w)
{
	const struct steps_change *first = &d->changes[*at];

	jsonw_key_uint(w, first->owner);
	jsonw_object(w);
	for (; *at < d->n && d->changes[*at].kind == STEPS_VARIABLE &&
		d->changes[*at].owner == first->owner;
		(*at)++) {
		const struct steps_change *c = &d->changes[*at];
		jsonw_keyn(w, d->bytes + c->name.at, c->name.len);
		write_value(d, c, w);
	}
	jsonw_end(w);
}

void
steps_delta_write(struct steps_delta *d, struct jsonw *w)
{
	static const char *const members[] = {[STEPS_FRAME] = "frames",
		[STEPS_VARIABLE] = "variables",
		[STEPS_OBJECT] = "objects"};

	if (d->n > 1) {
		qsort(d->changes, d->n, sizeof(*d->changes), by_place);
		leave_out(d);
	}
	for (size_t i = 0; i < d->n;) {
		const enum steps_kind kind = d->changes[i].kind;
		jsonw_key(w, members[kind]);
		jsonw_object(w);
		while (i < d->n && d->changes[i].kind == kind)
			if (kind == STEPS_VARIABLE) {
				write_variables(d, &i, w);
			} else {
				jsonw_key_uint(w, d->changes[i].owner);
				write_value(d, &d->changes[i++], w);
			}
		jsonw_end(w);
	}
}
