/* The film of a collection: which objects it shows, and what it says of them.
 */
#include "sandbox/lenses/gc_film.h"

#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/gc_finalizers.h"
#include "sandbox/lenses/gc_how.h"
#include "sandbox/lenses/objects.h"

/* Of these, garbage, so that there is room for what it refers to. */
#define GARBAGE (GC_FILM_OBJECTS - 16)

struct shown {
	size_t node;
	Py_ssize_t left;      /* of its count, as they are subtracted */
	PyObject *b_name;     /* that a frame has for it */
	PyObject *b_function; /* whose frame; NULL: a global */
};

static struct {
	const struct gc_graph *graph;
	struct shown shown[GC_FILM_OBJECTS + 1]; /* from 1 on */
	size_t n;
	uint8_t number[GC_GRAPH_MAX]; /* of a node; 0: not shown */
	struct jsonw *w;
	size_t edges, dropped_edges;
} film;

static bool
is_garbage(size_t node)
{
	enum gc_verdict v = film.graph->nodes[node].verdict;

	return v == GC_GARBAGE || v == GC_UNCOLLECTABLE;
}

/* --- which ----------------------------------------------------------------
 */

static void
show(size_t node, size_t most)
{
	if (film.number[node] || film.n >= most)
		return;
	film.number[node] = 1;
	film.n++;
}

static bool
show_kept_by_garbage(size_t from, size_t to, void *data)
{
	(void)data;
	if (film.number[from] && is_garbage(from) && !is_garbage(to))
		show(to, GC_FILM_OBJECTS);
	return film.n < GC_FILM_OBJECTS;
}

/* Who holds what garbage refers to: of those that were shown before. */
static bool
show_holder(size_t from, size_t to, void *data)
{
	const uint8_t *before = data;

	if (before[to] && !is_garbage(to) && !is_garbage(from))
		show(from, GC_FILM_OBJECTS);
	return film.n < GC_FILM_OBJECTS;
}

static void
choose(void)
{
	static uint8_t before[GC_GRAPH_MAX];
	size_t n = film.graph->n;

	film.n = 0;
	memset(film.number, 0, n);
	for (size_t i = 0; i < n; i++)
		if (is_garbage(i))
			show(i, n <= GC_FILM_OBJECTS ? n : GARBAGE);
	gc_graph_edges(show_kept_by_garbage, NULL);
	memcpy(before, film.number, n);
	gc_graph_edges(show_holder, before);
	for (size_t i = 0; i < n && n <= GC_FILM_OBJECTS; i++)
		show(i, n);
	/* Numbers are in the order of the collector. */
	film.n = 0;
	for (size_t i = 0; i < n; i++)
		if (film.number[i]) {
			film.number[i] = (uint8_t)++film.n;
			film.shown[film.n] = (struct shown){
				.node = i, .left = film.graph->nodes[i].refs};
		}
}

/* --- names ----------------------------------------------------------------
 */

static void
name(PyObject *b_value, PyObject *b_name, PyObject *b_function)
{
	Py_ssize_t i = b_value ? gc_graph_find(b_value) : -1;
	struct shown *s = i < 0 ? NULL : &film.shown[film.number[i]];

	if (!s || !film.number[i] || s->b_name)
		return;
	s->b_name = b_name;
	s->b_function = b_function;
}

static void
name_globals(PyObject *globals)
{
	struct dict_table d = dict_table_of(globals);
	struct dict_entry e;
	Py_ssize_t at = 0;

	while (dict_table_next(&d, &at, &e))
		name(e.value, e.key, NULL);
}

/* By the locals of the script's frames, the innermost first; then by globals.
 */
static void
name_all(const struct lens_run *run)
{
	void *frame = NULL;
	struct frames_at here;
	struct frames_local local;

	while (frames_next(PyThreadState_Get(), &frame, &here)) {
		int at = 0;
		if (!frames_is_code_of(here.code, run->script))
			continue;
		while (frames_next_local_in(frame, &at, &local))
			name(frames_local_value(&local), local.b_name,
				py_qualname(here.code));
	}
	name_globals(run->globals);
}

/* --- what is said of them -------------------------------------------------
 */

static const char *const verdicts[GC_VERDICTS] = {[GC_GARBAGE] = "garbage",
	[GC_ROOT] = "root",
	[GC_REACHED] = "reached",
	[GC_UNCOLLECTABLE] = "uncollectable"};

static void
write_type(struct jsonw *w, const char *key, PyTypeObject *type)
{
	struct objects_text t = {.n = 0};

	objects_text_type(&t, type);
	objects_write_member(w, key, &t);
}

static void
write_number_of(struct jsonw *w, const char *key, size_t node)
{
	jsonw_member_if(w, key, film.number[node] != 0, film.number[node]);
}

static void
write_object(struct jsonw *w, size_t number)
{
	const struct shown *s = &film.shown[number];
	const struct gc_node *node = &film.graph->nodes[s->node];
	bool reached = node->verdict == GC_REACHED;
	struct objects_text value;

	jsonw_object(w);
	objects_write_int(w, "object", (int64_t)number);
	write_type(w, "type", Py_TYPE(node->o));
	objects_show_value(&value, node->o);
	objects_write_member(w, "value", &value);
	objects_write_name(w, "name", s->b_name);
	objects_write_name(w, "function", s->b_function);
	objects_write_int(w, "refcount", node->refs);
	objects_write_int(w, "inside", node->refs - node->left);
	objects_write_int(w, "gc_refs", node->left);
	jsonw_key(w, "verdict");
	jsonw_str(w, verdicts[node->verdict]);
	if (reached)
		write_number_of(w, "via", node->via);
	else
		jsonw_member_if(w, "via", false, 0);
	gc_finalizers_write_kind(w, "finalizer", node->o);
	jsonw_end(w);
}

static void
write_objects(struct jsonw *w)
{
	jsonw_key(w, "objects");
	jsonw_array(w);
	for (size_t i = 1; i <= film.n; i++)
		write_object(w, i);
	jsonw_end(w);
}

/* --- what refers to what --------------------------------------------------
 */

/* Which one it is of those from the one to the other. */
struct pair {
	size_t from;
	uint8_t times[GC_FILM_OBJECTS + 1]; /* seen, of each that is shown */
};

static size_t
nth(struct pair *p, size_t from, uint8_t to)
{
	if (p->from != from) {
		memset(p->times, 0, sizeof(p->times));
		p->from = from;
	}
	return p->times[to] == UINT8_MAX ? UINT8_MAX : p->times[to]++;
}

static bool
write_edge(size_t from, size_t to, void *data)
{
	struct jsonw *w = film.w;
	uint8_t of = film.number[from], at = film.number[to];
	struct objects_text how;

	if (!at)
		return true;
	film.shown[at].left--;
	size_t before = nth(data, from, at);
	if (!of || film.edges == GC_FILM_EDGES) {
		film.dropped_edges++;
		return true;
	}
	film.edges++;
	jsonw_object(w);
	objects_write_int(w, "from", of);
	objects_write_int(w, "to", at);
	if (gc_how(film.graph->nodes[from].o, film.graph->nodes[to].o, before,
		    &how))
		objects_write_member(w, "how", &how);
	else {
		jsonw_key(w, "how");
		jsonw_null(w);
	}
	objects_write_int(w, "left", film.shown[at].left);
	jsonw_end(w);
	return true;
}

static void
write_edges(struct jsonw *w)
{
	struct pair pair = {.from = GC_GRAPH_MAX};

	film.w = w;
	film.edges = film.dropped_edges = 0;
	jsonw_key(w, "edges");
	jsonw_array(w);
	gc_graph_edges(write_edge, &pair);
	jsonw_end(w);
}

static void
write_finalizer(const struct gc_finalizer *z, void *data)
{
	struct jsonw *w = data;
	struct objects_text callback;

	jsonw_object(w);
	write_number_of(w, "object", z->node);
	write_type(w, "type", Py_TYPE(film.graph->nodes[z->node].o));
	jsonw_key(w, "kind");
	jsonw_str(w, z->kind);
	if (z->b_ref) {
		objects_show_value(
			&callback, ((PyWeakReference *)z->b_ref)->wr_callback);
		objects_write_member(w, "callback", &callback);
	} else
		jsonw_member_if(w, "callback", false, 0);
	jsonw_end(w);
}

static size_t
write_finalizers(struct jsonw *w)
{
	jsonw_key(w, "finalizers");
	jsonw_array(w);
	size_t n = gc_finalizers_each(
		film.graph, GC_FILM_FINALIZERS, write_finalizer, w);
	jsonw_end(w);
	return n > GC_FILM_FINALIZERS ? n - GC_FILM_FINALIZERS : 0;
}

static void
write_sums(struct jsonw *w, const struct gc_graph *g)
{
	objects_write_int(w, "candidates", (int64_t)g->n);
	objects_write_int(w, "roots", (int64_t)g->sums[GC_ROOT]);
	objects_write_int(w, "reached", (int64_t)g->sums[GC_REACHED]);
	objects_write_int(w, "garbage", (int64_t)g->sums[GC_GARBAGE]);
	objects_write_int(
		w, "uncollectable", (int64_t)g->sums[GC_UNCOLLECTABLE]);
}

void
gc_film_write(struct jsonw *w, const struct gc_graph *g,
	const struct lens_run *run, size_t collection, int generation)
{
	film.graph = g;
	choose();
	name_all(run);
	jsonw_object(w);
	objects_write_int(w, "collection", (int64_t)collection);
	objects_write_int(w, "generation", generation);
	write_sums(w, g);
	write_objects(w);
	write_edges(w);
	size_t dropped = write_finalizers(w);
	jsonw_key(w, "dropped");
	jsonw_object(w);
	objects_write_int(w, "objects", (int64_t)(g->n - film.n));
	objects_write_int(w, "edges", (int64_t)film.dropped_edges);
	objects_write_int(w, "finalizers", (int64_t)dropped);
	jsonw_end(w);
	jsonw_end(w);
	PyErr_Clear();
}
