/* A look at all that a program's names lead to. */
#include "sandbox/lenses/steps_walk.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/steps_kinds.h"
#include "wire/limits.h"

/* A cell's JSON, while it is made. */
static char scratch[128 * KIB];

/* What a cell holds, for a sink. */
typedef void write_fn(
	struct steps_walk *w, struct steps_sink *j, const void *what);

/* A cell is told when it is not what it was. */
static void
tell(struct steps_walk *w, const struct steps_key *key, write_fn *write,
	const void *what)
{
	struct steps_sink print = {.hash = 0}, text = {.hash = 0};
	struct jsonw j;

	write(w, &print, what);
	if (steps_state_has(&w->state, key, print.hash))
		return;
	jsonw_init(&j, scratch, sizeof(scratch));
	text.json = &j;
	write(w, &text, what);
	if (!jsonw_done(&j) || !steps_state_tell(&w->state, w->delta, key,
				       print.hash, j.buf, j.len))
		w->cut = true;
}

void
steps_walk_begin(struct steps_walk *w, struct steps_delta *d)
{
	w->delta = d;
	steps_state_look(&w->state);
	steps_objects_look(&w->objects);
}

/* Met in this look from now on; NULL for what is its own text.  *ret_full: it
 * is not, but there are too many. */
static struct steps_object *
meet(struct steps_walk *w, PyObject *o, bool *ret_full)
{
	struct steps_object *e = steps_objects_meet(&w->objects, o);
	const struct steps_kind_row *kind =
		e ? NULL : steps_kind_of(o, w->script);

	if (kind)
		e = steps_objects_add(&w->objects, o, kind);
	*ret_full = kind && !e;
	w->cut |= *ret_full;
	return e;
}

void
steps_walk_value(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	bool full = false;
	const struct steps_object *e =
		PyLong_CheckExact(o) || PyUnicode_CheckExact(o)
			? NULL
			: meet(w, o, &full);

	if (e)
		steps_sink_uint(j, e->number);
	else if (full)
		steps_sink_null(j);
	else
		steps_sink_text(j, o);
}

void
steps_walk_meet(struct steps_walk *w, PyObject *o)
{
	bool full;

	meet(w, o, &full);
}

uint32_t
steps_walk_generator(struct steps_walk *w, PyObject *generator)
{
	bool full;
	struct steps_object *e = meet(w, generator, &full);

	if (!e)
		return 0;
	if (!e->frame)
		e->frame = ++w->frames;
	return e->frame;
}

struct frame {
	PyObject *function, *generator;
	uint32_t caller;
};

static void
write_frame(struct steps_walk *w, struct steps_sink *j, const void *what)
{
	const struct frame *f = what;

	steps_sink_object(j);
	steps_sink_key(j, "function");
	steps_sink_name(j, f->function);
	if (f->caller) {
		steps_sink_key(j, "caller");
		steps_sink_uint(j, f->caller);
	}
	if (f->generator) {
		steps_sink_key(j, "generator");
		steps_walk_value(w, j, f->generator);
	}
	steps_sink_end(j);
}

void
steps_walk_frame(struct steps_walk *w, uint32_t frame, PyObject *function,
	uint32_t caller, PyObject *generator)
{
	const struct frame f = {function, generator, caller};
	bool full;
	struct steps_object *e = generator ? meet(w, generator, &full) : NULL;

	if (e)
		e->runs = true;
	tell(w, &(struct steps_key){.kind = STEPS_FRAME, .owner = frame},
		write_frame, &f);
}

static void
write_variable(struct steps_walk *w, struct steps_sink *j, const void *what)
{
	steps_walk_value(w, j, *(PyObject *const *)what);
}

void
steps_walk_variable(
	struct steps_walk *w, uint32_t frame, PyObject *name, PyObject *value)
{
	struct steps_key key = {.kind = STEPS_VARIABLE, .owner = frame};
	struct objects_text t;

	key.name_hash = (uint32_t)((PyASCIIObject *)name)->hash;
	if (PyUnicode_IS_COMPACT_ASCII(name)) {
		key.name = PyUnicode_DATA(name);
		key.name_len = (uint32_t)PyUnicode_GET_LENGTH(name);
	} else {
		t = (struct objects_text){.n = 0};
		objects_text_str(&t, name);
		key.name = t.bytes;
		key.name_len = (uint32_t)t.n;
	}
	/* No name in a program is like that; a key of globals() may be. */
	if (key.name_len > MAX_NAME_BYTES ||
		memchr(key.name, '\0', key.name_len)) {
		w->cut = true;
		return;
	}
	tell(w, &key, write_variable, &value);
}

static void
walk_local(struct steps_walk *w, uint32_t frame, PyObject *b_name,
	PyObject *b_value)
{
	/* The ".0" of a comprehension is nobody's name. */
	if (b_value && PyUnicode_GET_LENGTH(b_name) &&
		PyUnicode_READ_CHAR(b_name, 0) != '.')
		steps_walk_variable(w, frame, b_name, b_value);
}

void
steps_walk_locals(struct steps_walk *w, uint32_t frame, PyFrameObject *f)
{
	struct frames_local local;
	int at = 0;

	while (frames_next_local(f, &at, &local))
		walk_local(w, frame, local.b_name, frames_local_value(&local));
}

/* The frame of a generator that nobody runs now. */
static void
walk_suspended(struct steps_walk *w, struct steps_object *e)
{
	struct frames_generator g;
	struct frames_local local;
	int at = 0;

	if (e->runs || !frames_generator(e->o, &g) || !g.frame ||
		g.state == FRAMES_RUNNING)
		return;
	uint32_t frame = steps_walk_generator(w, e->o);
	steps_walk_frame(w, frame, g.qualname, 0, e->o);
	while (frames_next_local_in(g.frame, &at, &local))
		walk_local(w, frame, local.b_name, frames_local_value(&local));
}

static void
write_object(struct steps_walk *w, struct steps_sink *j, const void *what)
{
	steps_kind_write(w, j, what);
}

void
steps_walk_end(struct steps_walk *w)
{
	struct steps_look *l = &w->objects.looks[w->objects.now];

	/* It grows as objects lead to others. */
	for (size_t i = 0; i < l->n; i++) {
		struct steps_object *e = &l->met[i];
		walk_suspended(w, e);
		tell(w,
			&(struct steps_key){
				.kind = STEPS_OBJECT, .owner = e->number},
			write_object, e);
	}
	steps_state_end(&w->state, w->delta);
}
