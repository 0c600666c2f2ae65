/*
 * Lines that threads are at: of the innermost of the script's frames, and,
 * where that has called into another file, of the innermost frame there.
 *
 * Names are copied when a place is first met, for the code may be gone later.
 */
#include "sandbox/lenses/threads.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/memory.h"
#include "sandbox/lenses/objects.h"

#define SLOTS	  (2 * THREADS_PLACES) /* of the table by hash */
#define NAMES_MAX 2048
/* Frames of others between one and the script's that called it. */
#define MAX_BETWEEN 1000

struct threads_places threads_places;

static struct {
	PyObject *script; /* its filename; only compared */
	struct tables {
		struct threads_place of[THREADS_PLACES];
		uint16_t slot[SLOTS]; /* a place's number; 0: empty */
		uint32_t name_at[NAMES_MAX];
		char names[THREADS_NAMES_BYTES];
	} * t;
	unsigned nnames, bytes;
} places;

int
threads_places_begin(PyCodeObject *script)
{
	places.t = memory_map(sizeof(*places.t));
	if (!places.t)
		return -1;
	places.script = script->co_filename;
	places.nnames = 1; /* 0: none */
	threads_places = (struct threads_places){.of = places.t->of, .n = 1};
	return 0;
}

/* The number of a name, 0 where there is no room. */
static uint32_t
name_of(PyObject *str)
{
	struct objects_text text = {.n = 0};

	objects_text_str(&text, str);
	for (uint32_t i = 1; i < places.nnames; i++)
		if (strcmp(threads_places_name(i), text.bytes) == 0)
			return i;
	if (places.nnames == NAMES_MAX ||
		places.bytes + text.n + 1 > THREADS_NAMES_BYTES)
		return 0;
	places.t->name_at[places.nnames] = places.bytes;
	memcpy(places.t->names + places.bytes, text.bytes, text.n + 1);
	places.bytes += (unsigned)text.n + 1;
	return places.nnames++;
}

const char *
threads_places_name(uint32_t name)
{
	return places.t->names + places.t->name_at[name];
}

/* What of the place in the script the text of its call is. */
static void
find_columns(struct threads_place *p, const struct frames_at *at)
{
	p->column = p->end_line = p->end_column = -1;
#if PY_VERSION_HEX >= PY_3_11
	int line;
	if (!PyCode_Addr2Location(at->code, at->instruction, &line, &p->column,
		    &p->end_line, &p->end_column))
		p->column = p->end_line = p->end_column = -1;
#else
	(void)at;
#endif
}

struct look {
	struct frames_at script, library; /* code NULL: no such frame */
};

/* Is it this place?  A function is told from another on its lines by name. */
static bool
is_same(const struct threads_place *a, const struct threads_place *b)
{
	return a->line == b->line && a->instruction == b->instruction &&
	       a->function == b->function &&
	       a->library_line == b->library_line &&
	       a->library_function == b->library_function &&
	       a->library_file == b->library_file;
}

static size_t
hash_of(const struct threads_place *p)
{
	uint64_t h = (uint64_t)p->line << 32 | (unsigned)p->instruction;

	h = (h ^ ((uint64_t)p->library_line << 20 | p->function)) *
	    0x9e3779b97f4a7c15UL;
	return (h >> 32 ^ p->library_function) & (SLOTS - 1);
}

static uint32_t
intern(struct threads_place *p, const struct look *l)
{
	size_t i = hash_of(p);

	for (uint16_t at; (at = places.t->slot[i]); i = (i + 1) & (SLOTS - 1))
		if (is_same(&places.t->of[at], p))
			return at;
	if (threads_places.n == THREADS_PLACES) {
		threads_places.dropped++;
		return 0;
	}
	p->column = p->end_line = p->end_column = -1;
	if (l->script.code)
		find_columns(p, &l->script);
	places.t->of[threads_places.n] = *p;
	places.t->slot[i] = (uint16_t)threads_places.n;
	return threads_places.n++;
}

static int
line_of(const struct frames_at *at)
{
	int line = PyCode_Addr2Line(at->code, at->instruction);

	return line > 0 ? line : 0;
}

static struct look
look_at(PyThreadState *thread)
{
	struct look l = {.script = {NULL, 0}};
	struct frames_at at;
	void *frame = NULL;

	for (int n = 0; n < MAX_BETWEEN && frames_next(thread, &frame, &at);
		n++) {
		if (at.code->co_filename == places.script) {
			l.script = at;
			break;
		}
		if (n == 0)
			l.library = at;
	}
	return l;
}

uint32_t
threads_places_here(PyThreadState *thread)
{
	struct threads_place p = {.line = 0};
	struct look l = look_at(thread);

	if (l.script.code) {
		p.line = line_of(&l.script);
		p.instruction = l.script.instruction;
		p.function = name_of(py_qualname(l.script.code));
	}
	if (l.library.code) {
		p.library_line = line_of(&l.library);
		p.library_function = name_of(py_qualname(l.library.code));
		p.library_file = name_of(l.library.code->co_filename);
	}
	return l.script.code || l.library.code ? intern(&p, &l) : 0;
}
