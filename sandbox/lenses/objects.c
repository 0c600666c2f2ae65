/*
 * objects: what the program's names are bound to, as it lies in memory.
 *
 * A capture begins with names and goes from object to object, near ones first,
 * until there are enough: each object has a number, so that what is the same is
 * seen to be the same.  One is made when the program has run its last line.
 *
 * Nothing is called, and nothing changed: see objects.h.
 */
#include "sandbox/lenses/lens.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_class.h"
#include "wire/limits.h"

/* Bytes of a capture after which no further object is begun. */
#define END_BYTES (2 * MIB)

static struct {
	struct lens_run run;
	/* The keys that __main__ had before the program: not owned, and only
	 * compared. */
	const void **before;
	size_t nbefore;
	struct objects_heap heap;
	bool truncated; /* something was left out */
} lens;

static bool
was_before(const PyObject *b_name)
{
	for (size_t i = 0; i < lens.nbefore; i++)
		if (lens.before[i] == b_name)
			return true;
	return false;
}

/* Is it one of those asked for, or, without any, the program's own? */
static bool
is_wanted(PyObject *b_name)
{
	const char *value;
	size_t at = 0, n;
	bool asked = false;

	while ((value = lens_option(&lens.run, "objects.names", &at, &n))) {
		if (objects_show_equals(b_name, value, n))
			return true;
		asked = true;
	}
	return !asked && !was_before(b_name);
}

static void
write_name(struct objects_heap *h, PyObject *b_name, PyObject *b_value,
	const char *scope)
{
	jsonw_object(h->w);
	objects_show_name(h->w, "name", b_name);
	jsonw_key(h->w, "scope");
	jsonw_str(h->w, scope);
	objects_heap_ref(h, "object", b_value);
	jsonw_end(h->w);
}

/* The names of a namespace, in its order.  Returns how many were left out. */
static size_t
write_globals(struct objects_heap *h)
{
	struct dict_table d = dict_table_of(lens.run.globals);
	struct dict_entry e;
	Py_ssize_t at = 0;
	size_t n = 0;

	while (dict_table_next(&d, &at, &e)) {
		if (!PyUnicode_CheckExact(e.key) || !is_wanted(e.key))
			continue;
		if (n++ < MAX_NAMES)
			write_name(h, e.key, e.value, "global");
	}
	return n > MAX_NAMES ? n - MAX_NAMES : 0;
}

static void
write_objects(struct objects_heap *h, size_t most)
{
	jsonw_key(h->w, "objects");
	jsonw_array(h->w);
	for (h->at = 0; h->at < h->n && h->w->len < most; h->at++)
		objects_kinds_write(h, h->of[h->at]);
	jsonw_end(h->w);
	h->dropped_objects += h->n - h->at;
	h->at = OBJECTS_MAX;
}

static void
write_number(struct jsonw *w, const char *key, size_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

/* What a capture holds of what there is. */
static void
write_dropped(struct objects_heap *h, size_t names)
{
	jsonw_key(h->w, "dropped");
	jsonw_object(h->w);
	write_number(h->w, "names", names);
	write_number(h->w, "objects", h->dropped_objects);
	write_number(h->w, "items", h->dropped_items);
	jsonw_end(h->w);
	if (names || h->dropped_objects || h->dropped_items)
		lens.truncated = true;
}

static void
capture_end(void)
{
	struct record_writer *r = lens.run.records;
	struct objects_heap *h = &lens.heap;
	size_t room = (r->size - r->start) / 2;
	struct jsonw *w =
		record_begin(r, RECORD_ITEM, LENS_OBJECTS, "captures");

	objects_heap_clear(h, w);
	jsonw_object(w);
	jsonw_key(w, "when");
	jsonw_str(w, "end");
	jsonw_key(w, "names");
	jsonw_array(w);
	size_t dropped = write_globals(h);
	jsonw_end(w);
	write_objects(h, room < END_BYTES ? room : END_BYTES);
	write_dropped(h, dropped);
	jsonw_end(w);
	if (!record_commit(r))
		lens.truncated = true;
}

static int
warm(struct fail *f)
{
	return objects_class_warm(f);
}

static void
begin(const struct lens_run *r)
{
	struct dict_table d = dict_table_of(r->globals);
	struct dict_entry e;
	Py_ssize_t at = 0;

	lens.run = *r;
	/* So it is when the run is ended before it could say. */
	lens_truncated(&lens.run, LENS_OBJECTS, true);
	lens.before = calloc((size_t)d.used, sizeof(*lens.before));
	while (lens.before && dict_table_next(&d, &at, &e))
		lens.before[lens.nbefore++] = e.key;
}

static void
end(const struct lens_run *r)
{
	(void)r;
	capture_end();
	lens_truncated(&lens.run, LENS_OBJECTS, lens.truncated);
}

const struct lens_ops lens_objects = {LENS_OBJECTS, warm, begin, end, NULL};
