/*
 * Growth: lists, dicts, sets and bytearrays that names, and attributes of what
 * names are bound to, hold.  Each is known by its address, with the room that
 * it had when it was last seen; when that is another now, the two are recorded.
 * One that came and went in between, at the same address, is not told apart.
 *
 * Between two events a container may have changed more than once: recorded is
 * from what to what.
 */
#include "sandbox/lenses/objects_growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_capture.h"

/* Containers that are known at a time, a power of two; and how full that may
 * be.  Those that were not seen for the longest time are forgotten. */
#define PLACES	  4096
#define MOST	  (PLACES / 2)
#define MAX_STEPS 2000 /* changes that are recorded */
/* Names and attributes that are looked at, all together: a third of a second.
 */
#define MAX_WORK 20000000L
#define FUNCTION 48

/* The room that a container has. */
struct room {
	const char *kind;
	const void *block; /* where its items are */
	int64_t length, capacity, bytes;
	const char *table; /* of a dict, else NULL */
};

static struct {
	struct lens_run run;
	struct seen {
		const void *address;
		struct room room;
		bool told; /* it is recorded already */
		long turn; /* when it was last seen */
		int line;  /* where it was first seen */
		char function[FUNCTION];
	} * seen, *spare;
	size_t n;
	long turn, work;
	int steps;
	bool over;
} growth;

void
objects_growth_begin(const struct lens_run *r)
{
	growth.run = *r;
	growth.seen = calloc(PLACES, sizeof(*growth.seen));
	growth.spare = calloc(PLACES, sizeof(*growth.spare));
	growth.over = !growth.seen || !growth.spare;
}

bool
objects_growth_is_over(void)
{
	return growth.over;
}

static bool
dict_room(PyObject *o, struct room *ret)
{
	static const char *const kinds[] = {[DICT_GENERAL] = "general",
		[DICT_UNICODE] = "unicode",
		[DICT_SPLIT] = "split"};
	struct dict_table d = dict_table_of(o);

	*ret = (struct room){"dict", d.keys, d.used, (int64_t)d.slots,
		(int64_t)d.keys_bytes, kinds[d.kind]};
	return true;
}

/* False for what is no container that grows. */
static bool
find_room(PyObject *o, struct room *ret)
{
	if (PyList_Check(o)) {
		const PyListObject *l = (const PyListObject *)o;
		*ret = (struct room){"list", l->ob_item, Py_SIZE(o),
			l->allocated,
			l->allocated * (int64_t)sizeof(PyObject *), NULL};
		return true;
	}
	if (PyDict_Check(o))
		return dict_room(o, ret);
	if (PyAnySet_Check(o)) {
		const PySetObject *s = (const PySetObject *)o;
		*ret = (struct room){"set", s->table, s->used, s->mask + 1,
			(s->mask + 1) * (int64_t)sizeof(setentry), NULL};
		return true;
	}
	if (PyByteArray_Check(o)) {
		const PyByteArrayObject *a = (const PyByteArrayObject *)o;
		*ret = (struct room){"bytearray", a->ob_bytes, Py_SIZE(o),
			a->ob_alloc, a->ob_alloc, NULL};
		return true;
	}
	return false;
}

/* The place that has it, or the empty one where it belongs. */
static struct seen *
find(const void *address)
{
	size_t at = (uintptr_t)address >> 4;

	for (;; at++) {
		struct seen *s = &growth.seen[at & (PLACES - 1)];
		if (s->address == address || !s->address)
			return s;
	}
}

static size_t
seen_since(long turn)
{
	size_t n = 0;

	for (size_t i = 0; i < PLACES; i++)
		n += growth.seen[i].address && growth.seen[i].turn > turn;
	return n;
}

/* Forgets at least half of them. */
static void
forget(void)
{
	struct seen *all = growth.seen;
	long window = growth.turn;

	while (window > 0 && seen_since(growth.turn - window) > MOST / 2)
		window /= 2;
	growth.seen = growth.spare;
	growth.spare = all;
	memset(growth.seen, 0, PLACES * sizeof(*growth.seen));
	growth.n = 0;
	for (size_t i = 0; i < PLACES; i++)
		if (all[i].address && all[i].turn > growth.turn - window) {
			*find(all[i].address) = all[i];
			growth.n++;
		}
}

static void
write_step(const struct objects_text *name, const struct seen *s,
	const struct room *from, const struct objects_growth_place *p)
{
	const struct room *to = &s->room;
	struct jsonw *w = record_begin(
		growth.run.records, RECORD_ITEM, LENS_OBJECTS, "growth");

	jsonw_object(w);
	objects_write_member(w, "name", name);
	jsonw_key(w, "kind");
	jsonw_str(w, to->kind);
	objects_write_int(w, "address", (int64_t)(uintptr_t)s->address);
	objects_write_int(w, "line", from ? p->line : s->line);
	jsonw_key(w, "function");
	jsonw_str(w, !from ? s->function : p->function ? p->function : "");
	objects_write_int(w, "length", to->length);
	jsonw_key(w, "from");
	if (from)
		jsonw_int(w, from->capacity);
	else
		jsonw_null(w);
	objects_write_int(w, "to", to->capacity);
	objects_write_int(w, "bytes", to->bytes);
	objects_write_bool(w, "moved", from && from->block != to->block);
	if (to->table) {
		jsonw_key(w, "table");
		jsonw_str(w, to->table);
	}
	jsonw_end(w);
	if (!record_commit(growth.run.records) || ++growth.steps >= MAX_STEPS)
		growth.over = true;
}

static void
first_sight(struct seen *s, const void *address, const struct room *room,
	const struct objects_growth_place *p)
{
	*s = (struct seen){.address = address, .room = *room, .line = p->line};
	snprintf(s->function, sizeof(s->function), "%s",
		p->function ? p->function : "");
	growth.n++;
}

static bool
same_room(const struct room *a, const struct room *b)
{
	/* A dict that goes from a table for strings to one for all, or from
	 * shared keys to its own, is made anew. */
	return a->capacity == b->capacity && a->kind == b->kind &&
	       a->table == b->table;
}

/* What a container is called: a name, and perhaps an attribute of what that is
 * bound to. */
struct label {
	PyObject *name; /* borrowed */
	const struct objects_attribute *attribute;
};

static void
spell(const struct label *l, struct objects_text *ret)
{
	*ret = (struct objects_text){.n = 0};
	objects_text_str(ret, l->name);
	if (!l->attribute)
		return;
	objects_text_put(ret, ".");
	if (l->attribute->slot)
		objects_text_put(ret, l->attribute->slot);
	else
		objects_text_str(ret, l->attribute->key);
}

static void
look_at(PyObject *o, const struct label *l,
	const struct objects_growth_place *p)
{
	struct room room, before;
	struct objects_text name;

	growth.work++;
	if (!find_room(o, &room))
		return;
	struct seen *s = find(o);
	if (!s->address && growth.n == MOST) {
		forget();
		s = find(o);
	}
	if (!s->address) {
		first_sight(s, o, &room, p);
		return;
	}
	s->turn = growth.turn;
	if (same_room(&s->room, &room)) {
		s->room = room;
		return;
	}
	spell(l, &name);
	before = s->room;
	if (!s->told)
		write_step(&name, s, NULL, p);
	s->told = true;
	s->room = room;
	if (!growth.over)
		write_step(&name, s, &before, p);
}

struct look {
	PyObject *name;
	const struct objects_growth_place *place;
};

static void
look_at_attribute(const struct objects_attribute *a, void *data)
{
	const struct look *l = data;

	if (a->value && (a->slot || PyUnicode_Check(a->key)) && !growth.over)
		look_at(a->value, &(struct label){l->name, a}, l->place);
}

/* Could it be a container, or have some for attributes?  Most are neither. */
static bool
is_of_interest(PyObject *o)
{
	return PyList_Check(o) || PyDict_Check(o) || PyAnySet_Check(o) ||
	       PyByteArray_Check(o) ||
	       (objects_class_is_python(Py_TYPE(o)) && !PyType_Check(o));
}

void
objects_growth_look(PyFrameObject *f, const struct objects_growth_place *p)
{
	struct objects_walk at = {.local = 0};
	struct objects_name name;

	growth.turn++;
	while (!growth.over && objects_capture_next(f, &at, &name)) {
		if (growth.work++ > MAX_WORK)
			growth.over = true;
		if (!is_of_interest(name.value) ||
			!objects_capture_wants(name.name))
			continue;
		look_at(name.value, &(struct label){name.name, NULL}, p);
		if (objects_class_is_python(Py_TYPE(name.value)))
			objects_instance_each(name.value, look_at_attribute,
				&(struct look){name.name, p});
	}
}
