/* A program's state as it was last told, and what has changed since. */
#include "sandbox/lenses/steps_state.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CELLS (1 << 16)
#define MAX_BYTES (8 << 20)

static uint32_t
hash_of(const struct steps_key *k)
{
	uint32_t h = (k->owner * 4 + (uint32_t)k->kind) * 0x9e3779b1u;

	h = (h ^ h >> 15 ^ k->name_hash) * 0x85ebca6bu;
	return h ^ h >> 13;
}

static bool
same_key(const struct steps_key *a, const struct steps_key *b)
{
	return a->kind == b->kind && a->owner == b->owner &&
	       a->name_len == b->name_len &&
	       (a->name_len == 0 || memcmp(a->name, b->name, a->name_len) == 0);
}

/* The slot of the cell, or the empty one where it belongs. */
static uint32_t *
find(const struct steps_state *s, const struct steps_key *key, uint32_t hash)
{
	for (size_t at = hash;; at++) {
		uint32_t *slot = &s->slots[at & (s->nslots - 1)];
		if (!*slot || (s->cells[*slot - 1].hash == hash &&
				      same_key(&s->cells[*slot - 1].key, key)))
			return slot;
	}
}

static bool
rehash(struct steps_state *s, size_t nslots)
{
	uint32_t *slots = calloc(nslots, sizeof(*slots));

	if (!slots)
		return false;
	free(s->slots);
	s->slots = slots;
	s->nslots = nslots;
	for (size_t i = 0; i < s->n; i++)
		*find(s, &s->cells[i].key, s->cells[i].hash) = (uint32_t)i + 1;
	return true;
}

/* The cell of a key, made when there is none; NULL when there cannot be. */
static struct steps_cell *
cell_of(struct steps_state *s, const struct steps_key *key)
{
	uint32_t hash = hash_of(key);

	if ((s->n + 1) * 2 > s->nslots &&
		!rehash(s, s->nslots ? s->nslots * 2 : 256))
		return NULL;
	uint32_t *slot = find(s, key, hash);
	if (*slot)
		return &s->cells[*slot - 1];
	char *name = key->name_len ? malloc(key->name_len) : NULL;
	if (s->n >= MAX_CELLS || (key->name_len && !name) ||
		!steps_grow((void **)&s->cells, &s->room, s->n + 1,
			sizeof(*s->cells))) {
		free(name);
		return NULL;
	}
	if (name)
		memcpy(name, key->name, key->name_len);
	s->cells[s->n] = (struct steps_cell){.key = *key, .hash = hash};
	s->cells[s->n].key.name = name;
	*slot = (uint32_t)++s->n;
	return &s->cells[s->n - 1];
}

static void
cell_free(struct steps_cell *c)
{
	free((char *)c->key.name);
	free(c->json);
}

void
steps_state_look(struct steps_state *s)
{
	s->look++;
}

bool
steps_state_has(
	struct steps_state *s, const struct steps_key *key, uint64_t print)
{
	uint32_t slot = s->nslots ? *find(s, key, hash_of(key)) : 0;

	if (!slot || !s->cells[slot - 1].json ||
		s->cells[slot - 1].print != print)
		return false;
	s->cells[slot - 1].seen = s->look;
	return true;
}

bool
steps_state_tell(struct steps_state *s, struct steps_delta *d,
	const struct steps_key *key, uint64_t print, const char *json, size_t n)
{
	struct steps_cell *c = cell_of(s, key);

	if (!c)
		return false;
	c->seen = s->look;
	c->print = print;
	if (c->json && c->len == n && memcmp(c->json, json, n) == 0)
		return true;
	size_t room = c->room;
	if (s->bytes - c->len + n > MAX_BYTES ||
		!steps_grow((void **)&c->json, &room, n, 1) ||
		!steps_delta_add(d, key, json, n))
		return false;
	c->room = (uint32_t)room;
	s->bytes += n - c->len;
	memcpy(c->json, json, n);
	c->len = (uint32_t)n;
	return true;
}

void
steps_state_end(struct steps_state *s, struct steps_delta *d)
{
	size_t left = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct steps_cell *c = &s->cells[i];
		if (c->seen == s->look) {
			s->cells[left++] = *c;
			continue;
		}
		if (c->json)
			steps_delta_add(d, &c->key, NULL, 0);
		s->bytes -= c->len;
		cell_free(c);
	}
	if (left == s->n)
		return;
	s->n = left;
	/* As it has been: no more memory is asked for. */
	memset(s->slots, 0, s->nslots * sizeof(*s->slots));
	for (size_t i = 0; i < s->n; i++)
		*find(s, &s->cells[i].key, s->cells[i].hash) = (uint32_t)i + 1;
}

void
steps_state_free(struct steps_state *s)
{
	for (size_t i = 0; i < s->n; i++)
		cell_free(&s->cells[i]);
	free(s->cells);
	free(s->slots);
	*s = (struct steps_state){0};
}
