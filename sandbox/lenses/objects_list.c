/*
 * list, whose items are elsewhere, with room to grow, and tuple, whose items
 * are in it.
 *
 * Layout: Include/cpython/listobject.h and tupleobject.h.
 */
#include "sandbox/lenses/objects.h"

static bool
is_list(PyObject *o)
{
	return PyList_Check(o);
}

static void
list_details(struct objects_heap *h, PyObject *o)
{
	const PyListObject *l = (const PyListObject *)o;

	objects_write_int(h->w, "length", Py_SIZE(o));
	objects_write_int(h->w, "capacity", l->allocated);
	objects_heap_items(h, "items", l->ob_item, Py_SIZE(o));
}

static void
list_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyListObject, ob_item, OBJECTS_POINTER));
	objects_layout_add(
		l, OBJECTS_FIELD(PyListObject, allocated, OBJECTS_INT));
}

static size_t
list_blocks(PyObject *o, struct objects_block *ret)
{
	const PyListObject *l = (const PyListObject *)o;

	if (!l->ob_item)
		return 0;
	*ret = (struct objects_block){"ob_item", l->ob_item,
		(size_t)l->allocated * sizeof(PyObject *), true, false};
	return 1;
}

const struct objects_kind objects_list = {
	"list", is_list, list_details, list_layout, list_blocks, NULL};

static bool
is_tuple(PyObject *o)
{
	return PyTuple_Check(o);
}

static void
tuple_details(struct objects_heap *h, PyObject *o)
{
	objects_write_int(h->w, "length", Py_SIZE(o));
#if PY_VERSION_HEX >= PY_3_14
	Py_hash_t hash = ((PyTupleObject *)o)->ob_hash;
	objects_write_hash(h->w, hash);
#endif
	objects_heap_items(
		h, "items", ((PyTupleObject *)o)->ob_item, Py_SIZE(o));
}

static void
tuple_layout(struct objects_layout *l, PyObject *o)
{
#if PY_VERSION_HEX >= PY_3_14
	objects_layout_add(
		l, OBJECTS_FIELD(PyTupleObject, ob_hash, OBJECTS_INT));
#endif
	for (Py_ssize_t i = 0; i < Py_SIZE(o) && !l->cut; i++)
		objects_layout_add(l,
			(struct objects_field){"ob_item",
				(Py_ssize_t)(offsetof(PyTupleObject, ob_item) +
					     (size_t)i * sizeof(PyObject *)),
				sizeof(PyObject *), OBJECTS_OBJECT});
}

const struct objects_kind objects_list_fixed = {
	"tuple", is_tuple, tuple_details, tuple_layout, NULL, NULL};
