/* A generator, coroutine or asynchronous generator: where it waits, with which
 * variables, and for what. */
#include "sandbox/lenses/objects.h"

#include "sandbox/lenses/frames.h"
#include "sandbox/py/scope_py.h"

static bool
is_generator(PyObject *o)
{
	struct frames_generator g;

	return frames_generator(o, &g);
}

static void
write_locals(struct objects_heap *h, const struct frames_generator *g)
{
	struct frames_local local;
	int at = 0;

	jsonw_key(h->w, "locals");
	jsonw_array(h->w);
	while (g->frame && frames_next_local_in(g->frame, &at, &local)) {
		if (at > OBJECTS_ITEMS) {
			h->dropped_items++;
			continue;
		}
		jsonw_object(h->w);
		objects_write_name(h->w, "name", local.b_name);
		objects_heap_ref(h, "object", frames_local_value(&local));
		jsonw_end(h->w);
	}
	jsonw_end(h->w);
}

static void
write_stack(struct objects_heap *h, const struct frames_generator *g)
{
	PyObject *b_value;
	int at = 0;

	jsonw_key(h->w, "stack");
	jsonw_array(h->w);
	while (frames_generator_stack(g, &at, &b_value)) {
		if (at > OBJECTS_ITEMS)
			h->dropped_items++;
		else
			objects_heap_item(h, b_value);
	}
	jsonw_end(h->w);
}

/* What it waits for, at a yield from or an await. */
static void
write_awaited(struct objects_heap *h, PyObject *o)
{
	const char *name = PyGen_CheckExact(o)	  ? "gi_yieldfrom"
			   : PyCoro_CheckExact(o) ? "cr_await"
						  : "ag_await";
	scope_py PyObject *awaited = objects_class_get(o, name);

	objects_heap_ref(h, "waits_for", awaited == Py_None ? NULL : awaited);
}

static void
generator_details(struct objects_heap *h, PyObject *o)
{
	static const char *const states[] = {[FRAMES_CREATED] = "created",
		[FRAMES_SUSPENDED] = "suspended",
		[FRAMES_RUNNING] = "running",
		[FRAMES_CLOSED] = "closed"};
	struct frames_generator g;

	if (!frames_generator(o, &g))
		return;
	objects_write_name(h->w, "qualname", g.qualname);
	jsonw_key(h->w, "state");
	jsonw_str(h->w, states[g.state]);
	jsonw_key(h->w, "line");
	if (g.line > 0)
		jsonw_int(h->w, g.line);
	else
		jsonw_null(h->w);
	objects_heap_ref(h, "code", (PyObject *)g.code);
	write_locals(h, &g);
	write_stack(h, &g);
	write_awaited(h, o);
}

const struct objects_kind objects_generator = {
	"generator", is_generator, generator_details, NULL, NULL, NULL};
