/*
 * bytes, and bytearray, which has its bytes elsewhere and may have room around
 * them.
 *
 * Layout: Include/cpython/bytesobject.h and bytearrayobject.h.
 */
#include "sandbox/lenses/objects.h"

static bool
is_bytes(PyObject *o)
{
	return PyBytes_Check(o);
}

static Py_hash_t
hash_of(PyObject *o)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	return ((PyBytesObject *)o)->ob_shash;
#pragma GCC diagnostic pop
}

static void
bytes_details(struct objects_heap *h, PyObject *o)
{
	Py_ssize_t n = PyBytes_GET_SIZE(o);

	objects_write_int(h->w, "length", n);
	objects_write_hash(h->w, hash_of(o));
	objects_write_hex(h->w, "data", PyBytes_AS_STRING(o), (size_t)n);
}

static void
bytes_layout(struct objects_layout *l, PyObject *o)
{
	objects_layout_add(
		l, (struct objects_field){"ob_shash",
			   offsetof(PyBytesObject, ob_sval) - sizeof(Py_hash_t),
			   sizeof(Py_hash_t), OBJECTS_INT});
	objects_layout_add(
		l, (struct objects_field){"ob_sval",
			   offsetof(PyBytesObject, ob_sval),
			   (size_t)PyBytes_GET_SIZE(o) + 1, OBJECTS_HEX});
}

const struct objects_kind objects_bytes = {
	"bytes", is_bytes, bytes_details, bytes_layout, NULL, NULL};

static bool
is_array(PyObject *o)
{
	return PyByteArray_Check(o);
}

static void
array_details(struct objects_heap *h, PyObject *o)
{
	const PyByteArrayObject *a = (const PyByteArrayObject *)o;

	objects_write_int(h->w, "length", Py_SIZE(o));
	objects_write_int(h->w, "capacity", a->ob_alloc);
	objects_write_int(
		h->w, "start", a->ob_start ? a->ob_start - a->ob_bytes : 0);
	objects_write_int(h->w, "exports", a->ob_exports);
	objects_write_hex(
		h->w, "data", PyByteArray_AS_STRING(o), (size_t)Py_SIZE(o));
}

static void
array_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyByteArrayObject, ob_alloc, OBJECTS_INT));
	objects_layout_add(
		l, OBJECTS_FIELD(PyByteArrayObject, ob_bytes, OBJECTS_POINTER));
	objects_layout_add(
		l, OBJECTS_FIELD(PyByteArrayObject, ob_start, OBJECTS_POINTER));
	objects_layout_add(
		l, OBJECTS_FIELD(PyByteArrayObject, ob_exports, OBJECTS_INT));
}

static size_t
array_blocks(PyObject *o, struct objects_block *ret)
{
	const PyByteArrayObject *a = (const PyByteArrayObject *)o;

	if (!a->ob_bytes)
		return 0;
	*ret = (struct objects_block){
		"ob_bytes", a->ob_bytes, (size_t)a->ob_alloc, true, false};
	return 1;
}

const struct objects_kind objects_bytes_array = {
	"bytearray", is_array, array_details, array_layout, array_blocks, NULL};
