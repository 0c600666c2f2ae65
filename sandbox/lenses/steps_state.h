/*
 * A program's state as it was last told, and what has changed since.
 *
 * The state is cells: frames, the variables of each, and objects; what a cell
 * holds is JSON.  A look at the program tells all cells that there are, one by
 * one; those that hold something else than before, and those that were not told
 * again, make the delta.  Deltas of two looks in a row can be made into one, so
 * that a step can be left out without what it changed being lost.
 *
 * No Python here, and no reference to anything of the program's.
 */
#ifndef SANDBOX_LENSES_STEPS_STATE_H
#define SANDBOX_LENSES_STEPS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonw.h"

enum steps_kind { STEPS_FRAME, STEPS_VARIABLE, STEPS_OBJECT };

struct steps_key {
	enum steps_kind kind;
	uint32_t owner;	  /* number of the frame or object */
	const char *name; /* of a variable, UTF-8; NULL for the others */
	uint32_t name_len;
	uint32_t name_hash; /* of any kind, the same for the same name */
};

/* Where bytes lie in the memory of a delta. */
struct steps_span {
	uint32_t at, len;
};

struct steps_change {
	enum steps_kind kind;
	uint32_t owner;
	struct steps_span name, json;
	bool gone; /* the cell is no more */
};

struct steps_delta {
	struct steps_change *changes;
	size_t n, room;
	char *bytes;
	size_t nbytes, bytes_room;
};

struct steps_cell {
	struct steps_key key; /* its name is owned */
	uint32_t hash, seen;
	uint64_t print; /* hash of what it holds */
	char *json;
	uint32_t len, room;
};

struct steps_state {
	struct steps_cell *cells;
	size_t n, room;
	uint32_t *slots; /* index of a cell and 1; 0 where empty */
	size_t nslots;
	uint32_t look;
	size_t bytes; /* of JSON in cells */
};

/* Begins a look. */
void steps_state_look(struct steps_state *s);
/* Has a cell this, by its hash?  It is told again by that. */
bool steps_state_has(
	struct steps_state *s, const struct steps_key *key, uint64_t print);
/* Tells a cell; what differs is added to the delta.  Names and JSON are copied.
 * False when it could not be kept: the state has a bound, and so has memory. */
bool steps_state_tell(struct steps_state *s, struct steps_delta *d,
	const struct steps_key *key, uint64_t print, const char *json,
	size_t n);
/* Ends the look: cells that were not told are gone. */
void steps_state_end(struct steps_state *s, struct steps_delta *d);
void steps_state_free(struct steps_state *s);

/* Adds a change, which must be of a cell that it has none of; `json` is NULL
 * for one that is gone.  False, and nothing added, without memory. */
bool steps_delta_add(struct steps_delta *d, const struct steps_key *key,
	const char *json, size_t n);
void steps_delta_clear(struct steps_delta *d);
/* Makes `later`, which comes right after `earlier`, hold what both changed. */
void steps_delta_merge(
	struct steps_delta *later, const struct steps_delta *earlier);
void steps_delta_free(struct steps_delta *d);

/* Makes the delta hold all there is.  False without memory for it. */
bool steps_delta_all(struct steps_delta *d, const struct steps_state *s);
/* Writes the members "frames", "variables" and "objects" into an open object,
 * those of which nothing has changed left out.  null is what is gone; with a
 * frame its variables are.  Sorts the delta. */
void steps_delta_write(struct steps_delta *d, struct jsonw *w);

/* Room for `need` elements of a growing array; false, and nothing changed,
 * without memory. */
bool steps_grow(void **array, size_t *room, size_t need, size_t size);

#endif
