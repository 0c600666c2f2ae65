/*
 * The bytes of an object, field by field: those of its head, those of its kind,
 * those of its type's members (which slots of a class are), and where its dict
 * and its weak references hang.
 *
 * Layout: what lies before an object: Include/internal/pycore_object.h and
 * pycore_gc.h of CPython 3.11, 3.13 and 3.14.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"

#include <internal/pycore_object.h>
#include <structmember.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/objects_class.h"

#define WORD ((Py_ssize_t)sizeof(void *))

void
objects_layout_add(struct objects_layout *l, struct objects_field f)
{
	Py_ssize_t end = f.offset + (Py_ssize_t)f.bytes;

	for (size_t i = 0; i < l->n; i++) {
		const struct objects_field *g = &l->fields[i];
		if (f.offset < g->offset + (Py_ssize_t)g->bytes &&
			g->offset < end)
			return;
	}
	if (l->n == OBJECTS_FIELDS) {
		l->cut = true;
		return;
	}
	l->fields[l->n++] = f;
}

static void
add(struct objects_layout *l, const char *name, Py_ssize_t offset, size_t bytes,
	enum objects_form form)
{
	objects_layout_add(
		l, (struct objects_field){name, offset, bytes, form});
}

/* What lies before the object. */
static void
add_before(struct objects_layout *l, PyObject *o)
{
#if PY_VERSION_HEX >= PY_3_11
	unsigned long flags = Py_TYPE(o)->tp_flags;
#endif

	if (!objects_class_head_bytes(o))
		return;
#ifndef Py_GIL_DISABLED
	add(l, "_gc_next", -2 * WORD, sizeof(void *), OBJECTS_POINTER);
	add(l, "_gc_prev", -WORD, sizeof(void *), OBJECTS_POINTER);
#endif
#if PY_VERSION_HEX >= PY_3_13
	if (flags & Py_TPFLAGS_MANAGED_DICT)
		add(l, "dict", MANAGED_DICT_OFFSET, sizeof(void *),
			OBJECTS_OBJECT);
#elif PY_VERSION_HEX >= PY_3_12
	if (flags & Py_TPFLAGS_MANAGED_DICT)
		add(l, "dict_or_values", MANAGED_DICT_OFFSET, sizeof(void *),
			OBJECTS_POINTER);
#elif PY_VERSION_HEX >= PY_3_11
	if (flags & Py_TPFLAGS_MANAGED_DICT) {
		add(l, "dict", -3 * WORD, sizeof(void *), OBJECTS_OBJECT);
		add(l, "values", -4 * WORD, sizeof(void *), OBJECTS_POINTER);
	}
#endif
#if PY_VERSION_HEX >= PY_3_12
	if (flags & Py_TPFLAGS_MANAGED_WEAKREF)
		add(l, "weakrefs", MANAGED_WEAKREF_OFFSET, sizeof(void *),
			OBJECTS_POINTER);
#endif
}

/* Types with items that do not say how many in their head are those of frames:
 * generators, too. */
static bool
has_size(PyObject *o)
{
#if PY_VERSION_HEX < PY_3_12
	if (PyLong_Check(o))
		return true;
#endif
#if PY_VERSION_HEX >= PY_3_11
	if (PyCode_Check(o))
		return true;
#endif
	return PyTuple_Check(o) || PyBytes_Check(o) || PyList_Check(o) ||
	       PyByteArray_Check(o) || PyType_Check(o);
}

static void
add_head(struct objects_layout *l, PyObject *o)
{
#ifdef Py_GIL_DISABLED
	add(l, "ob_refcnt", offsetof(PyObject, ob_ref_local),
		sizeof(o->ob_ref_local), OBJECTS_UINT);
#else
	add(l, "ob_refcnt", offsetof(PyObject, ob_refcnt), sizeof(o->ob_refcnt),
		OBJECTS_UINT);
#endif
	add(l, "ob_type", offsetof(PyObject, ob_type), sizeof(void *),
		OBJECTS_OBJECT);
	if (has_size(o))
		add(l, "ob_size", offsetof(PyVarObject, ob_size),
			sizeof(Py_ssize_t), OBJECTS_INT);
}

/* Bytes and form of a member; 0 for one that is no memory of its own. */
static size_t
member_bytes(int type, enum objects_form *ret_form)
{
	static const struct {
		int type;
		size_t bytes;
		enum objects_form form;
	} all[] = {{T_OBJECT, sizeof(void *), OBJECTS_OBJECT},
		{T_OBJECT_EX, sizeof(void *), OBJECTS_OBJECT},
		{T_SHORT, sizeof(short), OBJECTS_INT},
		{T_INT, sizeof(int), OBJECTS_INT},
		{T_LONG, sizeof(long), OBJECTS_INT},
		{T_LONGLONG, sizeof(long long), OBJECTS_INT},
		{T_PYSSIZET, sizeof(Py_ssize_t), OBJECTS_INT},
		{T_BYTE, 1, OBJECTS_INT}, {T_BOOL, 1, OBJECTS_UINT},
		{T_CHAR, 1, OBJECTS_UINT}, {T_UBYTE, 1, OBJECTS_UINT},
		{T_USHORT, sizeof(short), OBJECTS_UINT},
		{T_UINT, sizeof(int), OBJECTS_UINT},
		{T_ULONG, sizeof(long), OBJECTS_UINT},
		{T_ULONGLONG, sizeof(long long), OBJECTS_UINT},
		{T_FLOAT, sizeof(float), OBJECTS_HEX},
		{T_DOUBLE, sizeof(double), OBJECTS_HEX},
		{T_STRING, sizeof(char *), OBJECTS_POINTER}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].type == type) {
			*ret_form = all[i].form;
			return all[i].bytes;
		}
	return 0;
}

/* Slots of classes, and what C types tell of theirs. */
static void
add_members(struct objects_layout *l, PyObject *o)
{
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
		for (const PyMemberDef *m = t->tp_members; m && m->name; m++) {
			enum objects_form form;
			size_t n = member_bytes(m->type, &form);
			if (n && m->offset >= (Py_ssize_t)sizeof(PyObject))
				add(l, m->name, m->offset, n, form);
		}
}

Py_ssize_t
objects_layout_dict_offset(PyObject *o)
{
	PyTypeObject *t = Py_TYPE(o);
	Py_ssize_t at = t->tp_dictoffset;

#if PY_VERSION_HEX >= PY_3_11
	if (t->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		return 0;
#endif
	if (at < 0) {
		Py_ssize_t n = Py_SIZE(o);
		at += (Py_ssize_t)_PyObject_VAR_SIZE(t, n < 0 ? -n : n);
	}
	return at;
}

static void
add_hooks(struct objects_layout *l, PyObject *o)
{
	Py_ssize_t dict = objects_layout_dict_offset(o);
	Py_ssize_t weak = Py_TYPE(o)->tp_weaklistoffset;

	if (dict > 0)
		add(l, "__dict__", dict, sizeof(void *), OBJECTS_OBJECT);
	if (weak > 0)
		add(l, "__weakref__", weak, sizeof(void *), OBJECTS_POINTER);
}

static int
by_offset(const void *a, const void *b)
{
	const struct objects_field *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void
write_signed(struct jsonw *w, const void *at, size_t bytes)
{
	int64_t v = 0;

	memcpy(&v, at, bytes);
	/* Little-endian: the sign is the highest bit of what was copied. */
	unsigned shift = (unsigned)(8 * (sizeof(v) - bytes));
	jsonw_key(w, "value");
	jsonw_int(w, (int64_t)((uint64_t)v << shift) >> shift);
}

static void
write_unsigned(struct jsonw *w, const char *key, const void *at, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, at, bytes);
	jsonw_key(w, key);
	jsonw_uint(w, v);
}

static void
write_field(struct objects_heap *h, PyObject *o, const struct objects_field *f)
{
	const char *at = (const char *)o + f->offset;
	PyObject *b_object;
	unsigned number;

	jsonw_object(h->w);
	jsonw_key(h->w, "offset");
	jsonw_int(h->w, f->offset);
	jsonw_key(h->w, "bytes");
	jsonw_uint(h->w, f->bytes);
	jsonw_key(h->w, "field");
	jsonw_str(h->w, f->name);
	switch (f->form) {
	case OBJECTS_INT:
		write_signed(h->w, at, f->bytes);
		break;
	case OBJECTS_UINT:
		write_unsigned(h->w, "value", at, f->bytes);
		break;
	case OBJECTS_POINTER:
		write_unsigned(h->w, "address", at, f->bytes);
		break;
	case OBJECTS_OBJECT:
		write_unsigned(h->w, "address", at, f->bytes);
		memcpy(&b_object, at, sizeof(b_object));
		number = b_object ? objects_heap_find(h, b_object) : 0;
		if (number) {
			jsonw_key(h->w, "object");
			jsonw_uint(h->w, number);
		}
		break;
	case OBJECTS_HEX:
		objects_write_hex(h->w, "hex", at, f->bytes);
		break;
	}
	jsonw_end(h->w);
}

void
objects_layout_write(
	struct objects_heap *h, PyObject *o, const struct objects_kind *kind)
{
	struct objects_layout l = {.n = 0};

	add_before(&l, o);
	add_head(&l, o);
	if (kind->layout)
		kind->layout(&l, o);
	add_members(&l, o);
	add_hooks(&l, o);
	qsort(l.fields, l.n, sizeof(*l.fields), by_offset);
	jsonw_key(h->w, "layout");
	jsonw_array(h->w);
	for (size_t i = 0; i < l.n; i++)
		write_field(h, o, &l.fields[i]);
	jsonw_end(h->w);
	h->dropped_items += l.cut;
}
