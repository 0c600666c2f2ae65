/*
 * Lines, and who called them.
 *
 * An instruction of a code object is a place, whose file and line are looked up
 * when it is first met: at the end the code object may be gone, and another lie
 * at its address.  No reference is kept to any, for a program can see those.
 */
#include "sandbox/lenses/memory.h"

#include <assert.h>
#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"

#define MAX_SITES   (1U << 15)
#define MAX_CODES   (1U << 13)
#define NAMES_BYTES (64 * 1024) /* bytes of all names of files */
/* Frames of others between one and the script's that called it. */
#define MAX_BETWEEN 1000

/* Slots of the tables by address: GONE was used, and is passed over. */
#define GONE ((const PyCodeObject *)1)

struct site {
	const PyCodeObject *code; /* NULL: empty */
	int instruction;
	uint16_t place;
	uint16_t next; /* of the same code object; index + 1 */
};

struct code {
	const PyCodeObject *code;
	uint16_t file, first; /* of its sites; index + 1 */
};

struct place {
	int line; /* 0: none */
	uint16_t file;
};
#define SCRIPT 1 /* its file */

/* Of a place, and of the place in the script that led to it (or 0). */
struct row {
	uint16_t place, via; /* index + 1 */
};

static struct {
	PyObject *script; /* its filename; only compared */
	struct tables {
		struct site sites[MAX_SITES];
		struct code codes[MAX_CODES];
		struct place places[MEMORY_MAX_PLACES];
		struct row rows[MEMORY_MAX_ROWS];
		/* By hash; index + 1. */
		uint16_t place_of[2 * MEMORY_MAX_PLACES];
		uint16_t row_of[2 * MEMORY_MAX_ROWS];
		uint32_t name_at[MEMORY_MAX_FILES];
		char names[NAMES_BYTES];
	} * t;
	unsigned nsites, ncodes, nplaces, nrows, nfiles, nnames;
	bool full;
} places;

static size_t
hashed(uint64_t key, size_t size)
{
	return key * 0x9e3779b97f4a7c15UL >> 32 & (size - 1);
}

/* The number of a file, by its name; 0 when there is no room. */
static uint16_t
file_named(const struct objects_text *name)
{
	for (unsigned i = 0; i < places.nfiles; i++)
		if (strcmp(places.t->names + places.t->name_at[i],
			    name->bytes) == 0)
			return (uint16_t)(i + 1);
	if (places.nfiles == MEMORY_MAX_FILES ||
		places.nnames + name->n + 1 > NAMES_BYTES)
		return 0;
	places.t->name_at[places.nfiles++] = places.nnames;
	memcpy(places.t->names + places.nnames, name->bytes, name->n + 1);
	places.nnames += (unsigned)name->n + 1;
	return (uint16_t)places.nfiles;
}

int
memory_places_begin(PyCodeObject *script)
{
	struct objects_text name = {.n = 0};

	places.t = memory_map(sizeof(*places.t));
	if (!places.t)
		return -1;
	places.script = script->co_filename;
	places.nrows = 1; /* MEMORY_NO_ROW */
	objects_text_str(&name, script->co_filename);
	return file_named(&name) == SCRIPT ? 0 : -1;
}

/* A code object with the number of its file; NULL when there is no room. */
static struct code *
code_of(PyCodeObject *code)
{
	struct code *c, *to = NULL;
	size_t i = hashed((uintptr_t)code >> 4, MAX_CODES);
	struct objects_text name = {.n = 0};
	struct memory_block b;

	for (; (c = &places.t->codes[i])->code; i = (i + 1) & (MAX_CODES - 1)) {
		if (c->code == code)
			return c;
		if (c->code == GONE && !to)
			to = c;
	}
	objects_text_str(&name, code->co_filename);
	uint16_t file = file_named(&name);
	if (!file || (!to && places.ncodes == MAX_CODES / 4 * 3))
		return NULL;
	if (!to) {
		places.ncodes++;
		to = c;
	}
	*to = (struct code){code, file, 0};
	/* memory_places_forget() is told when it goes. */
	if (memory_blocks_get(code, &b)) {
		b.code = true;
		memory_blocks_change(code, b);
	}
	return to;
}

static uint16_t
place_at(uint16_t file, int line)
{
	size_t size = sizeof(places.t->place_of) / sizeof(uint16_t);
	size_t i = hashed((uint64_t)file << 32 | (unsigned)line, size);

	for (uint16_t at; (at = places.t->place_of[i]);
		i = (i + 1) & (size - 1))
		if (places.t->places[at - 1].file == file &&
			places.t->places[at - 1].line == line)
			return at;
	if (places.nplaces == MEMORY_MAX_PLACES)
		return 0;
	places.t->places[places.nplaces++] = (struct place){line, file};
	return places.t->place_of[i] = (uint16_t)places.nplaces;
}

static uint16_t
row_at(uint16_t place, uint16_t via)
{
	size_t size = sizeof(places.t->row_of) / sizeof(uint16_t);
	size_t i = hashed((uint64_t)place << 16 | via, size);

	for (uint16_t at; (at = places.t->row_of[i]); i = (i + 1) & (size - 1))
		if (places.t->rows[at].place == place &&
			places.t->rows[at].via == via)
			return at;
	if (places.nrows == MEMORY_MAX_ROWS)
		return MEMORY_NO_ROW;
	places.t->rows[places.nrows] = (struct row){place, via};
	return places.t->row_of[i] = (uint16_t)places.nrows++;
}

/* Of an instruction that was not met; 0 when there is no room. */
static uint16_t
new_site(struct site *s, const struct frames_at *at)
{
	struct code *c = code_of(at->code);
	int line = PyCode_Addr2Line(at->code, at->instruction);
	uint16_t place = c ? place_at(c->file, line > 0 ? line : 0) : 0;

	if (!place)
		return 0;
	*s = (struct site){at->code, at->instruction, place, c->first};
	c->first = (uint16_t)(s - places.t->sites + 1);
	return place;
}

static uint16_t
place_of(const struct frames_at *at)
{
	struct site *s, *to = NULL;
	size_t i = hashed(((uintptr_t)at->code >> 4) +
				  (uint64_t)at->instruction * 0x10001,
		MAX_SITES);

	for (; (s = &places.t->sites[i])->code; i = (i + 1) & (MAX_SITES - 1)) {
		if (s->code == at->code && s->instruction == at->instruction)
			return s->place;
		if (s->code == GONE && !to)
			to = s;
	}
	if (to)
		return new_site(to, at);
	if (places.nsites == MAX_SITES / 4 * 3)
		return 0;
	uint16_t place = new_site(s, at);
	places.nsites += place != 0;
	return place;
}

/* Of the script's line that led to a frame of another file; 0: none. */
static uint16_t
via(PyThreadState *thread, void **frame)
{
	struct frames_at at;

	for (int n = 0; n < MAX_BETWEEN && frames_next(thread, frame, &at); n++)
		if (at.code->co_filename == places.script)
			return place_of(&at);
	return 0;
}

uint16_t
memory_places_here(PyThreadState *thread)
{
	struct frames_at at;
	void *frame = NULL;

	if (!thread || !frames_next(thread, &frame, &at))
		return MEMORY_NO_ROW;
	uint16_t place = place_of(&at);
	uint16_t row = MEMORY_NO_ROW;
	if (place)
		row = row_at(place, at.code->co_filename == places.script
					    ? 0
					    : via(thread, &frame));
	places.full |= row == MEMORY_NO_ROW;
	return row;
}

void
memory_places_forget(const void *code)
{
	size_t i = hashed((uintptr_t)code >> 4, MAX_CODES);
	struct code *c;

	for (; (c = &places.t->codes[i])->code != code;
		i = (i + 1) & (MAX_CODES - 1))
		if (!c->code)
			return;
	for (uint16_t at = c->first; at; at = places.t->sites[at - 1].next)
		places.t->sites[at - 1].code = GONE;
	c->code = GONE;
}

bool
memory_places_full(void)
{
	return places.full;
}

size_t
memory_places_rows(void)
{
	return places.nrows;
}

static void
write_line(struct jsonw *w, const char *key, uint16_t place)
{
	int line = place ? places.t->places[place - 1].line : 0;

	jsonw_key(w, key);
	if (line)
		jsonw_int(w, line);
	else
		jsonw_null(w);
}

void
memory_places_write(struct jsonw *w, uint16_t row)
{
	const struct row *r = &places.t->rows[row];

	jsonw_key(w, "file");
	if (r->place)
		jsonw_str(w,
			places.t->names +
				places.t->name_at[places.t->places[r->place - 1]
							  .file -
						  1]);
	else
		jsonw_null(w);
	write_line(w, "line", r->place);
	bool own = r->place && places.t->places[r->place - 1].file == SCRIPT;
	write_line(w, "via", own ? r->place : r->via);
}
