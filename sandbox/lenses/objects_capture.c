/*
 * A capture: names, and then object after object that is reached from them,
 * near ones first, until there are enough.
 */
#include "sandbox/lenses/objects_capture.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_ask.h"
#include "wire/limits.h"

static struct {
	struct lens_run run;
	/* The keys that __main__ had before the program: not owned, and only
	 * compared. */
	const void **before;
	size_t nbefore;
	struct objects_heap heap;
} capture;

void
objects_capture_begin(const struct lens_run *r)
{
	struct dict_table d = dict_table_of(r->globals);
	struct dict_entry e;
	Py_ssize_t at = 0;

	capture.run = *r;
	capture.before = calloc((size_t)d.used + 1, sizeof(*capture.before));
	while (capture.before && dict_table_next(&d, &at, &e))
		capture.before[capture.nbefore++] = e.key;
}

static bool
was_before(const PyObject *b_name)
{
	for (size_t i = 0; i < capture.nbefore; i++)
		if (capture.before[i] == b_name)
			return true;
	return false;
}

bool
objects_capture_wants(PyObject *b_name)
{
	const char *value;
	size_t at = 0, n;
	bool asked = false;

	if (!PyUnicode_CheckExact(b_name))
		return false;
	while ((value = lens_option(&capture.run, "objects.names", &at, &n))) {
		if (objects_text_equals(b_name, value, n))
			return true;
		asked = true;
	}
	/* The implicit ".0" of a comprehension is nobody's name. */
	return !asked && !was_before(b_name) && py_unicode_is_ready(b_name) &&
	       !(PyUnicode_GET_LENGTH(b_name) &&
		       PyUnicode_READ_CHAR(b_name, 0) == '.');
}

static bool
next_in(PyObject *b_dict, Py_ssize_t *at, struct objects_name *ret)
{
	struct dict_table d = dict_table_of(b_dict);
	struct dict_entry e;

	if (!dict_table_next(&d, at, &e))
		return false;
	ret->name = e.key;
	ret->value = e.value;
	return true;
}

bool
objects_capture_next(
	PyFrameObject *f, struct objects_walk *at, struct objects_name *ret)
{
	PyObject *b_space = f ? frames_namespace(f) : NULL;
	PyObject *b_globals = f ? frames_globals(f) : capture.run.globals;

	ret->scope = "local";
	for (struct frames_local l;
		f && frames_next_local(f, &at->local, &l);) {
		ret->name = l.b_name;
		ret->value = frames_local_value(&l);
		if (ret->value)
			return true;
	}
	if (b_space && b_space != b_globals && PyDict_Check(b_space) &&
		next_in(b_space, &at->space, ret))
		return true;
	ret->scope = "global";
	return b_globals && PyDict_Check(b_globals) &&
	       next_in(b_globals, &at->global, ret);
}

/* Returns how many were left out. */
static size_t
write_names(struct objects_heap *h, PyFrameObject *f)
{
	struct objects_walk at = {.local = 0};
	struct objects_name name;
	size_t n = 0;

	jsonw_key(h->w, "names");
	jsonw_array(h->w);
	while (objects_capture_next(f, &at, &name)) {
		if (!objects_capture_wants(name.name) || n++ >= MAX_NAMES)
			continue;
		jsonw_object(h->w);
		objects_write_name(h->w, "name", name.name);
		jsonw_key(h->w, "scope");
		jsonw_str(h->w, name.scope);
		objects_heap_ref(h, "object", name.value);
		jsonw_end(h->w);
	}
	jsonw_end(h->w);
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
write_place(struct jsonw *w, const struct objects_place *p)
{
	PyObject *b_function =
		p->frame ? py_qualname(frames_code(p->frame)) : NULL;

	jsonw_key(w, "when");
	jsonw_str(w, p->when);
	jsonw_key(w, "line");
	if (p->line)
		jsonw_int(w, p->line);
	else
		jsonw_null(w);
	objects_write_name(w, "function", b_function);
	jsonw_key(w, "hit");
	if (p->hit)
		jsonw_int(w, p->hit);
	else
		jsonw_null(w);
}

/* What there is, and is not in the capture. */
static bool
write_dropped(struct objects_heap *h, size_t names)
{
	jsonw_key(h->w, "dropped");
	jsonw_object(h->w);
	objects_write_int(h->w, "names", (int64_t)names);
	objects_write_int(h->w, "objects", (int64_t)h->dropped_objects);
	objects_write_int(h->w, "items", (int64_t)h->dropped_items);
	jsonw_end(h->w);
	return names || h->dropped_objects || h->dropped_items;
}

bool
objects_capture_write(enum record_kind kind, const char *member,
	const struct objects_place *p, size_t most)
{
	struct record_writer *r = capture.run.records;
	struct objects_heap *h = &capture.heap;
	size_t room = (r->size - r->start) / 2;
	struct jsonw *w = record_begin(r, kind, LENS_OBJECTS, member);

	objects_heap_clear(h, w);
	jsonw_object(w);
	write_place(w, p);
	size_t names = write_names(h, p->frame);
	objects_ask_probes(h, &capture.run, p->frame);
	objects_ask_lookups(h, &capture.run, p->frame);
	write_objects(h, room < most ? room : most);
	bool dropped = write_dropped(h, names);
	jsonw_end(w);
	return record_commit(r) && !dropped;
}
