/* What a collection is about to find. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/gc_graph.h"

#ifndef Py_GIL_DISABLED

#include <string.h>

#include "sandbox/lenses/frames.h"
#include "sandbox/py/gc_state.h"

#include <internal/pycore_gc.h>

/* Twice as many as there may be objects; a power of two. */
#define SLOTS (2 * GC_GRAPH_MAX)
/* References of one frame that are not counted. */
#define UNCOUNTED 256

static struct {
	struct gc_graph graph;
	uint16_t slots[SLOTS]; /* by address: number + 1; 0: empty */
	uint16_t open[GC_GRAPH_MAX];
	size_t nopen;
	size_t listed; /* by the collector */
	size_t behind; /* nodes behind those of the graph */
} look;

static PyGC_Head *
head_of(int generation)
{
	return &py_gc_state()->generations[generation].head;
}

static PyObject *
object_of(PyGC_Head *head)
{
	return (PyObject *)(head + 1);
}

/* The slot of the object, or the empty one where it belongs. */
static uint16_t *
find(const PyObject *o)
{
	/* Objects are 16 bytes apart. */
	for (size_t at = (uintptr_t)o >> 4;; at++) {
		uint16_t *slot = &look.slots[at & (SLOTS - 1)];
		if (!*slot || look.graph.nodes[*slot - 1].o == o)
			return slot;
	}
}

Py_ssize_t
gc_graph_find(const PyObject *o)
{
	uint16_t slot = *find(o);

	return slot <= look.graph.n ? slot - 1 : -1;
}

bool
gc_graph_call(PyObject *ref)
{
	struct gc_graph *g = &look.graph;
	uint16_t *slot = find(ref);

	if (!*slot) {
		if (g->n + look.behind == GC_GRAPH_MAX)
			return false;
		g->nodes[g->n + look.behind] =
			(struct gc_node){.o = ref, .verdict = GC_REACHED};
		*slot = (uint16_t)(g->n + ++look.behind);
	}
	g->nodes[*slot - 1].called = true;
	g->called++;
	return true;
}

Py_ssize_t
gc_graph_count(int generation, const PyObject *but)
{
	Py_ssize_t n = 0;

	for (int i = 0; i <= generation; i++)
		for (PyGC_Head *head = head_of(i), *at = _PyGCHead_NEXT(head);
			at != head; at = _PyGCHead_NEXT(at))
			n += object_of(at) != but;
	return n;
}

static bool
add_list(PyGC_Head *head, const PyObject *but)
{
	struct gc_graph *g = &look.graph;

	for (PyGC_Head *at = _PyGCHead_NEXT(head); at != head;
		at = _PyGCHead_NEXT(at)) {
		PyObject *o = object_of(at);
		look.listed++;
		/* From 3.12 on update_refs() puts immortal ones aside. */
		if (o == but || py_is_immortal(o))
			continue;
		if (g->n == GC_GRAPH_MAX)
			return false;
		g->nodes[g->n] = (struct gc_node){.o = o,
			.refs = Py_REFCNT(o),
			.left = Py_REFCNT(o),
			.verdict = GC_GARBAGE};
		*find(o) = (uint16_t)++g->n;
	}
	return true;
}

/* A walk over what an object refers to. */
struct walk {
	size_t from;
	gc_graph_edge *fn;
	void *data;
	bool lent; /* what is not counted, too */
	PyObject *uncounted[UNCOUNTED];
	size_t nuncounted;
	bool stopped;
};

/* Is it a reference that is not counted?  Each stands for one. */
static bool
take_uncounted(struct walk *w, const PyObject *o)
{
	for (size_t i = 0; i < w->nuncounted; i++)
		if (w->uncounted[i] == o) {
			w->uncounted[i] = w->uncounted[--w->nuncounted];
			return true;
		}
	return false;
}

static int
visit(PyObject *o, void *data)
{
	struct walk *w = data;
	uint16_t slot = *find(o);

	if (!slot || slot > look.graph.n ||
		(w->nuncounted && take_uncounted(w, o)))
		return 0;
	if (!w->fn(w->from, slot - 1U, w->data))
		w->stopped = true;
	return w->stopped;
}

/* False when too much is lent to one frame. */
static bool
walk_from(struct walk *w, size_t from)
{
	PyObject *o = look.graph.nodes[from].o;

	w->from = from;
	w->nuncounted =
		w->lent ? 0 : frames_uncounted(o, w->uncounted, UNCOUNTED);
	if (w->nuncounted > UNCOUNTED)
		return false;
	Py_TYPE(o)->tp_traverse(o, visit, w);
	return true;
}

static bool
each_edge(gc_graph_edge *fn, void *data)
{
	struct walk w = {.fn = fn, .data = data};

	for (size_t i = 0; i < look.graph.n && !w.stopped; i++)
		if (!walk_from(&w, i))
			return false;
	return true;
}

void
gc_graph_edges(gc_graph_edge *fn, void *data)
{
	each_edge(fn, data);
}

static bool
subtract(size_t from, size_t to, void *data)
{
	(void)from;
	(void)data;
	look.graph.nodes[to].left--;
	return true;
}

static void
open_node(size_t i, size_t via, enum gc_verdict verdict)
{
	struct gc_node *node = &look.graph.nodes[i];

	node->verdict = (uint8_t)verdict;
	node->via = (uint16_t)via;
	look.open[look.nopen++] = (uint16_t)i;
}

/* All that what is open leads to, of what was garbage until now. */
static bool
reach(size_t from, size_t to, void *data)
{
	const enum gc_verdict *verdict = data;

	if (look.graph.nodes[to].verdict == GC_GARBAGE)
		open_node(to, from, *verdict);
	return true;
}

static void
close_open(enum gc_verdict verdict)
{
	struct walk w = {.fn = reach, .data = &verdict, .lent = true};

	while (look.nopen)
		walk_from(&w, look.open[--look.nopen]);
}

static void
judge(void)
{
	struct gc_graph *g = &look.graph;

	look.nopen = 0;
	for (size_t i = 0; i < g->n; i++)
		if (g->nodes[i].left > 0)
			open_node(i, i, GC_ROOT);
	close_open(GC_REACHED);
	for (size_t i = 0; i < g->n; i++)
		if (g->nodes[i].verdict == GC_GARBAGE &&
			Py_TYPE(g->nodes[i].o)->tp_del)
			open_node(i, i, GC_UNCOLLECTABLE);
	close_open(GC_UNCOLLECTABLE);
	memset(g->sums, 0, sizeof(g->sums));
	for (size_t i = 0; i < g->n; i++)
		g->sums[g->nodes[i].verdict]++;
}

const struct gc_graph *
gc_graph_make(int generation, const PyObject *but)
{
	memset(look.slots, 0, sizeof(look.slots));
	look.graph.n = look.graph.called = look.behind = look.listed = 0;
	/* Younger ones are put behind those of the generation. */
	if (!add_list(head_of(generation), but))
		return NULL;
	for (int i = 0; i < generation; i++)
		if (!add_list(head_of(i), but))
			return NULL;
	if (!each_edge(subtract, NULL))
		return NULL;
	judge();
	return &look.graph;
}

struct gc_alive
gc_graph_alive(int generation)
{
	int into =
		generation == NUM_GENERATIONS - 1 ? generation : generation + 1;
	PyGC_Head *head = head_of(into), *at = _PyGCHead_PREV(head);
	size_t most = look.listed + look.behind;
	struct gc_alive alive = {0, 0};

	for (; at != head && most-- > 0; at = _PyGCHead_PREV(at)) {
		uint16_t slot = *find(object_of(at));
		if (!slot)
			continue;
		alive.objects +=
			look.graph.nodes[slot - 1].verdict == GC_GARBAGE;
		alive.refs += look.graph.nodes[slot - 1].called;
	}
	return alive;
}

#else

Py_ssize_t
gc_graph_count(int generation, const PyObject *but)
{
	(void)generation;
	(void)but;
	return -1;
}

const struct gc_graph *
gc_graph_make(int generation, const PyObject *but)
{
	(void)generation;
	(void)but;
	return NULL;
}

void
gc_graph_edges(gc_graph_edge *fn, void *data)
{
	(void)fn;
	(void)data;
}

Py_ssize_t
gc_graph_find(const PyObject *o)
{
	(void)o;
	return -1;
}

bool
gc_graph_call(PyObject *ref)
{
	(void)ref;
	return false;
}

struct gc_alive
gc_graph_alive(int generation)
{
	(void)generation;
	return (struct gc_alive){0, 0};
}

#endif
