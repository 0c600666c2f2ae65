/*
 * Objects of types that are not known here: what their type tells of their
 * members, and what else they refer to, as the collector is told
 * (tp_traverse, which is C and only visits).
 */
#include "sandbox/lenses/objects.h"

#include <structmember.h>

#include <string.h>

/* What is visited; the first ones are kept. */
struct visit {
	struct objects_heap *h;
	PyObject *seen[OBJECTS_ITEMS];
	size_t n;
	PyObject *type; /* not told: every object of such a type refers to it */
	bool cut;
};

static bool
was_seen(const struct visit *v, const PyObject *o)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->seen[i] == o)
			return true;
	return false;
}

static int
visit(PyObject *o, void *data)
{
	struct visit *v = data;

	if (!o || o == v->type || was_seen(v, o))
		return 0;
	if (v->n == OBJECTS_ITEMS) {
		v->cut = true;
		return 1;
	}
	v->seen[v->n++] = o;
	return 0;
}

static void
write_members(struct objects_heap *h, PyObject *o, struct visit *v)
{
	jsonw_key(h->w, "members");
	jsonw_array(h->w);
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
		for (const PyMemberDef *m = t->tp_members; m && m->name; m++) {
			PyObject *b_value;
			if (m->type != T_OBJECT && m->type != T_OBJECT_EX)
				continue;
			memcpy(&b_value, (const char *)o + m->offset,
				sizeof(b_value));
			jsonw_object(h->w);
			jsonw_key(h->w, "name");
			jsonw_str(h->w, m->name);
			objects_heap_ref(h, "object", b_value);
			jsonw_end(h->w);
			(void)visit(b_value, v);
		}
	jsonw_end(h->w);
}

void
objects_other_write(struct objects_heap *h, PyObject *o)
{
	struct visit v = {.h = h, .type = (PyObject *)Py_TYPE(o)};
	traverseproc traverse = Py_TYPE(o)->tp_traverse;

	write_members(h, o, &v);
	size_t known = v.n;
	if (traverse && PyObject_IS_GC(o))
		(void)traverse(o, visit, &v);
	jsonw_key(h->w, "refers_to");
	jsonw_array(h->w);
	for (size_t i = known; i < v.n; i++)
		objects_heap_item(h, v.seen[i]);
	jsonw_end(h->w);
	h->dropped_items += v.cut;
}
