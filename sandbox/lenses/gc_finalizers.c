/* What runs before garbage is freed. */
#include "sandbox/lenses/gc_finalizers.h"

#include <string.h>

#include "sandbox/lenses/objects.h"

static bool
is_finalized(PyObject *o)
{
	return PyObject_GC_IsFinalized(o);
}

/* As a class statement has it, or as C has it. */
static const char *
kind_of(PyTypeObject *type)
{
	PyObject *b_mro = type->tp_mro;
	Py_ssize_t n = b_mro ? PyTuple_GET_SIZE(b_mro) : 0;

	for (Py_ssize_t i = 0; i < n && i < OBJECTS_BASES; i++) {
		PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(b_mro, i);
		PyObject *b_del = objects_class_entry(base, "__del__");
		if (b_del)
			return objects_class_is_python(base) ? "__del__" : "C";
	}
	return "C";
}

static const char *
finalizer_of(PyObject *o)
{
	PyTypeObject *type = Py_TYPE(o);

	if (type->tp_del)
		return "tp_del";
	return type->tp_finalize && !is_finalized(o) ? kind_of(type) : NULL;
}

void
gc_finalizers_write_kind(struct jsonw *w, const char *key, PyObject *o)
{
	const char *kind = finalizer_of(o);

	jsonw_key(w, key);
	if (kind)
		jsonw_str(w, kind);
	else
		jsonw_null(w);
}

struct walk {
	const struct gc_graph *g;
	size_t n, most;
	gc_finalizers_fn *fn;
	void *data;
};

static void
tell(struct walk *w, size_t node, const char *kind, PyObject *b_ref)
{
	const struct gc_finalizer z = {node, kind, b_ref};

	if (w->n++ < w->most)
		w->fn(&z, w->data);
}

static bool
is_garbage(const struct gc_graph *g, Py_ssize_t i)
{
	return i >= 0 && g->nodes[i].verdict == GC_GARBAGE;
}

static PyWeakReference *
weak_references(PyObject *o)
{
	Py_ssize_t at = Py_TYPE(o)->tp_weaklistoffset;
	PyWeakReference *first = NULL;

	if (at)
		memcpy(&first, (const char *)o + at, sizeof(first));
	return first;
}

static void
look_at_weak_references(struct walk *w, size_t node)
{
	for (PyWeakReference *r = weak_references(w->g->nodes[node].o); r;
		r = r->wr_next)
		if (r->wr_callback &&
			!is_garbage(w->g, gc_graph_find((PyObject *)r)))
			tell(w, node, "weakref callback", (PyObject *)r);
}

size_t
gc_finalizers_each(
	const struct gc_graph *g, size_t most, gc_finalizers_fn *fn, void *data)
{
	struct walk w = {g, 0, most, fn, data};

	for (size_t i = 0; i < g->n; i++)
		if (is_garbage(g, (Py_ssize_t)i))
			look_at_weak_references(&w, i);
	for (size_t i = 0; i < g->n; i++) {
		const char *kind = is_garbage(g, (Py_ssize_t)i)
					   ? finalizer_of(g->nodes[i].o)
					   : NULL;
		if (kind)
			tell(&w, i, kind, NULL);
	}
	return w.n;
}
