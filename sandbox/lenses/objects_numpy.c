/*
 * numpy's arrays: the block that they look into, and how.
 *
 * Layout: PyArrayObject_fields, numpy/core/include/numpy/ndarraytypes.h of
 * numpy 1.24, the same in 2.x.  It is believed when the array's own getter says
 * as many dimensions.  What the data type is, its getter says, in C.
 */
#include "sandbox/lenses/objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/py/scope_py.h"

#define MAX_DIMENSIONS 64 /* of numpy 2; 32 before */
#define OWNS_DATA      0x0004
#define SHOWN	       8 /* elements, as text */

struct array {
	PyObject_HEAD char *data;
	int nd;
	Py_ssize_t *dimensions, *strides;
	PyObject *base, *descr;
	int flags;
	PyObject *weakreflist;
};

static const struct {
	int bit;
	const char *name;
} flags[] = {{0x0001, "C_CONTIGUOUS"}, {0x0002, "F_CONTIGUOUS"},
	{OWNS_DATA, "OWNDATA"}, {0x0100, "ALIGNED"}, {0x0400, "WRITEABLE"},
	{0x2000, "WRITEBACKIFCOPY"}};

static long
getter_number(PyObject *o, const char *name)
{
	scope_py PyObject *n = objects_class_get(o, name);
	long v = n && PyLong_CheckExact(n) ? PyLong_AsLong(n) : -1;

	PyErr_Clear();
	return v;
}

/* The type that C made, by the name that only it can have: a class statement's
 * would be a heap type. */
static bool
is_array(PyObject *o)
{
	for (PyTypeObject *t = Py_TYPE(o); t; t = t->tp_base)
		if (!(t->tp_flags & Py_TPFLAGS_HEAPTYPE) &&
			strcmp(t->tp_name, "numpy.ndarray") == 0) {
			long n = ((const struct array *)o)->nd;
			return t->tp_basicsize >=
				       (Py_ssize_t)sizeof(struct array) &&
			       n >= 0 && n <= MAX_DIMENSIONS &&
			       getter_number(o, "ndim") == n;
		}
	return false;
}

static void
write_numbers(struct jsonw *w, const char *key, const Py_ssize_t *v, int n)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (int i = 0; i < n; i++)
		jsonw_int(w, v[i]);
	jsonw_end(w);
}

static void
write_flags(struct jsonw *w, int set)
{
	jsonw_key(w, "flags");
	jsonw_array(w);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (set & flags[i].bit)
			jsonw_str(w, flags[i].name);
	jsonw_end(w);
}

static int64_t
count(const struct array *a)
{
	int64_t n = 1;

	for (int i = 0; i < a->nd; i++)
		n *= a->dimensions[i];
	return n;
}

/* "<f8": byte order, kind and bytes. */
static void
type_text(const struct array *a, struct objects_text *ret)
{
	scope_py PyObject *text = objects_class_get(a->descr, "str");

	*ret = (struct objects_text){.n = 0};
	if (text && PyUnicode_CheckExact(text))
		objects_text_str(ret, text);
	else
		objects_text_put(ret, "?");
}

static void
array_details(struct objects_heap *h, PyObject *o)
{
	const struct array *a = (const struct array *)o;
	struct objects_text type;
	bool owns = a->flags & OWNS_DATA;

	type_text(a, &type);
	objects_write_member(h->w, "dtype", &type);
	objects_write_int(h->w, "itemsize", getter_number(o, "itemsize"));
	write_numbers(h->w, "shape", a->dimensions, a->nd);
	write_numbers(h->w, "strides", a->strides, a->nd);
	objects_write_int(h->w, "elements", count(a));
	write_flags(h->w, a->flags);
	objects_write_bool(h->w, "owns_data", owns);
	objects_write_int(h->w, "data", (int64_t)(uintptr_t)a->data);
	objects_heap_ref(h, "base", a->base);
	jsonw_key(h->w, "offset_in_base");
	if (a->base && is_array(a->base))
		jsonw_int(
			h->w, a->data - ((const struct array *)a->base)->data);
	else
		jsonw_null(h->w);
}

static void
array_layout(struct objects_layout *l, PyObject *o)
{
	static const struct objects_field all[] = {
#define F(member, form) OBJECTS_FIELD(struct array, member, form)
		F(data, OBJECTS_POINTER),
		F(nd, OBJECTS_INT),
		F(dimensions, OBJECTS_POINTER),
		F(strides, OBJECTS_POINTER),
		F(base, OBJECTS_OBJECT),
		F(descr, OBJECTS_OBJECT),
		F(flags, OBJECTS_INT),
		F(weakreflist, OBJECTS_POINTER),
#undef F
	};

	(void)o;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		objects_layout_add(l, all[i]);
}

static size_t
array_blocks(PyObject *o, struct objects_block *ret)
{
	const struct array *a = (const struct array *)o;
	long size = getter_number(o, "itemsize");
	bool owns = a->flags & OWNS_DATA;
	size_t n = 0;

	ret[n++] = (struct objects_block){"dimensions", a->dimensions,
		2 * (size_t)a->nd * sizeof(Py_ssize_t), true, false};
	if (size >= 0)
		ret[n++] = (struct objects_block){"data", a->data,
			(size_t)size * (size_t)count(a), owns, !owns};
	return n;
}

/* A number of the machine's own byte order; false for other types. */
static bool
put_element(struct objects_text *t, const char *type, const char *at)
{
	int64_t i = 0;
	uint64_t u = 0;
	float f;
	double d = 0;
	char text[32];
	size_t n = (size_t)(type[1] && type[2] ? type[2] - '0' : 0);

	if ((type[0] != '<' && type[0] != '|') || type[3] || n == 0 ||
		n > sizeof(i))
		return false;
	switch (type[1]) {
	case 'b':
		objects_text_put(t, *at ? "True" : "False");
		return true;
	case 'i':
		memcpy(&i, at, n);
		i = (int64_t)((uint64_t)i << (64 - 8 * n)) >> (64 - 8 * n);
		snprintf(text, sizeof(text), "%" PRId64, i);
		break;
	case 'u':
		memcpy(&u, at, n);
		snprintf(text, sizeof(text), "%" PRIu64, u);
		break;
	case 'f':
		if (n == sizeof(f)) {
			memcpy(&f, at, n);
			d = (double)f;
		} else if (n == sizeof(d))
			memcpy(&d, at, n);
		else
			return false;
		snprintf(text, sizeof(text), "%.6g", d);
		break;
	default:
		return false;
	}
	objects_text_put(t, text);
	return true;
}

/* The n-th element in the order of the last index first. */
static const char *
element(const struct array *a, int64_t n)
{
	const char *at = a->data;

	for (int i = a->nd; i-- > 0;) {
		at += (n % a->dimensions[i]) * a->strides[i];
		n /= a->dimensions[i];
	}
	return at;
}

/* Is the memory numpy's own, or somebody's who may have let go of it? */
static bool
is_numpys_memory(PyObject *o)
{
	for (int depth = 0; o && is_array(o) && depth < OBJECTS_DEPTH;
		depth++) {
		const struct array *a = (const struct array *)o;
		if (a->flags & OWNS_DATA)
			return true;
		o = a->base;
	}
	return false;
}

bool
objects_numpy_show(struct objects_text *t, PyObject *o)
{
	const struct array *a = (const struct array *)o;
	struct objects_text type;
	char text[32];

	if (!is_array(o))
		return false;
	type_text(a, &type);
	objects_text_put(t, "<array ");
	objects_text_put(t, type.bytes);
	for (int i = 0; i < a->nd; i++) {
		snprintf(text, sizeof(text), "%s%zd", i ? "×" : " ",
			a->dimensions[i]);
		objects_text_put(t, text);
	}
	objects_text_put(t, ":");
	int64_t all = count(a);
	for (int64_t i = 0; i < all && i < SHOWN; i++) {
		objects_text_put(t, i ? ", " : " ");
		if (!is_numpys_memory(o) ||
			!put_element(t, type.bytes, element(a, i))) {
			objects_text_put(t, "…");
			break;
		}
	}
	objects_text_put(t, all > SHOWN ? ", …>" : ">");
	return true;
}

const struct objects_kind objects_numpy = {
	"array", is_array, array_details, array_layout, array_blocks, NULL};
