/* A look at all that a program's names lead to. */
#include "sandbox/lenses/steps_walk.h"

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/steps_kinds.h"
#include "wire/limits.h"

/* A cell's JSON, while it is made. */
static char scratch[128 * KIB];

static void
tell(struct steps_walk *w, struct steps_key key, const struct jsonw *j)
{
	if (!jsonw_done(j) ||
		!steps_state_tell(&w->state, w->delta, key, j->buf, j->len))
		w->cut = true;
}

void
steps_walk_begin(struct steps_walk *w, struct steps_delta *d)
{
	w->delta = d;
	steps_state_look(&w->state);
	steps_objects_look(&w->objects);
}

void
steps_walk_value(struct steps_walk *w, struct jsonw *j, PyObject *o)
{
	if (steps_kind_of(o, w->script)) {
		const struct steps_object *e =
			steps_objects_meet(&w->objects, o);
		if (e) {
			jsonw_uint(j, e->number);
			return;
		}
		w->cut = true;
		jsonw_null(j);
		return;
	}
	struct objects_text t;
	objects_show_value(&t, o);
	jsonw_strn(j, t.bytes, t.n);
}

uint32_t
steps_walk_generator(struct steps_walk *w, PyObject *generator)
{
	struct steps_object *e = steps_objects_meet(&w->objects, generator);

	if (!e)
		return 0;
	if (!e->frame)
		e->frame = ++w->frames;
	return e->frame;
}

void
steps_walk_frame(struct steps_walk *w, uint32_t frame, PyObject *function,
	uint32_t caller, PyObject *generator)
{
	struct jsonw j;

	jsonw_init(&j, scratch, sizeof(scratch));
	jsonw_object(&j);
	objects_write_name(&j, "function", function);
	if (caller) {
		jsonw_key(&j, "caller");
		jsonw_uint(&j, caller);
	}
	if (generator) {
		struct steps_object *e =
			steps_objects_meet(&w->objects, generator);
		jsonw_key(&j, "generator");
		if (e) {
			e->runs = true;
			jsonw_uint(&j, e->number);
		} else {
			jsonw_null(&j);
		}
	}
	jsonw_end(&j);
	tell(w, (struct steps_key){STEPS_FRAME, frame, NULL, 0}, &j);
}

void
steps_walk_variable(
	struct steps_walk *w, uint32_t frame, PyObject *name, PyObject *value)
{
	struct objects_text t = {.n = 0};
	struct jsonw j;

	objects_text_str(&t, name);
	/* No name in a program is like that; a key of globals() may be. */
	if (t.cut || t.n > MAX_NAME_BYTES || memchr(t.bytes, '\0', t.n)) {
		w->cut = true;
		return;
	}
	jsonw_init(&j, scratch, sizeof(scratch));
	steps_walk_value(w, &j, value);
	tell(w,
		(struct steps_key){
			STEPS_VARIABLE, frame, t.bytes, (uint32_t)t.n},
		&j);
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
	PyObject *b_name, *b_value;
	int at = 0;

	while (frames_next_local(f, &at, &b_name, &b_value))
		walk_local(w, frame, b_name, b_value);
}

/* The frame of a generator that nobody runs now. */
static void
walk_suspended(struct steps_walk *w, struct steps_object *e)
{
	struct frames_generator g;
	PyObject *b_name, *b_value;
	int at = 0;

	if (e->runs || !frames_generator(e->o, &g) || !g.frame ||
		g.state == FRAMES_RUNNING)
		return;
	uint32_t frame = steps_walk_generator(w, e->o);
	steps_walk_frame(w, frame, g.qualname, 0, e->o);
	while (frames_next_local_in(g.frame, &at, &b_name, &b_value))
		walk_local(w, frame, b_name, b_value);
}

void
steps_walk_end(struct steps_walk *w)
{
	struct steps_look *l = &w->objects.looks[w->objects.now];

	/* It grows as objects lead to others. */
	for (size_t i = 0; i < l->n; i++) {
		struct steps_object *e = &l->met[i];
		struct jsonw j;
		walk_suspended(w, e);
		jsonw_init(&j, scratch, sizeof(scratch));
		steps_kind_write(w, &j, e);
		tell(w, (struct steps_key){STEPS_OBJECT, e->number, NULL, 0},
			&j);
	}
	steps_state_end(&w->state, w->delta);
}
