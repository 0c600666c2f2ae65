/*
 * int: its digits, and whether it is one that is there for all.
 *
 * Layout: Include/cpython/longintrepr.h of CPython 3.9 (Include/longintrepr.h),
 * 3.11, 3.13 and 3.14.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_int.h"

#include <internal/pycore_interp.h>
#if PY_VERSION_HEX < PY_3_11
#include <longintrepr.h>
#else
#include <internal/pycore_runtime.h>
#endif

#include <stdio.h>
#include <string.h>

#define LONGEST_BITS 512 /* that are written in decimal */
#define BASE	     1000000000U

const digit *
objects_int_digits(PyObject *o, size_t *ret_n, bool *ret_negative)
{
	const PyLongObject *v = (const PyLongObject *)o;
#if PY_VERSION_HEX >= PY_3_12
	/* The number of digits above three bits, the two lowest for the sign:
	 * 0 positive, 1 zero, 2 negative. */
	uintptr_t tag = v->long_value.lv_tag;

	*ret_n = tag >> 3;
	*ret_negative = (tag & 3) == 2;
	return v->long_value.ob_digit;
#else
	Py_ssize_t size = Py_SIZE(v);

	*ret_n = (size_t)(size < 0 ? -size : size);
	*ret_negative = size < 0;
	return v->ob_digit;
#endif
}

size_t
objects_int_bits(PyObject *o)
{
	size_t n;
	bool negative;
	const digit *d = objects_int_digits(o, &n, &negative);

	if (!n)
		return 0;
	return (n - 1) * PyLong_SHIFT + 32 -
	       (size_t)__builtin_clz((unsigned)d[n - 1]);
}

/* Divides by BASE, in place, and returns the rest. */
static unsigned
divide(digit *d, size_t n)
{
	uint64_t rest = 0;

	for (size_t i = n; i-- > 0;) {
		rest = rest << PyLong_SHIFT | d[i];
		d[i] = (digit)(rest / BASE);
		rest %= BASE;
	}
	return (unsigned)rest;
}

bool
objects_int_text(PyObject *o, char ret[OBJECTS_INT_TEXT])
{
	digit d[LONGEST_BITS / PyLong_SHIFT + 1];
	unsigned parts[LONGEST_BITS / 29 + 1];
	size_t n, nparts = 0;
	bool negative;
	const digit *digits = objects_int_digits(o, &n, &negative);

	if (objects_int_bits(o) > LONGEST_BITS)
		return false;
	memcpy(d, digits, n * sizeof(*d));
	while (n > 0) {
		parts[nparts++] = divide(d, n);
		while (n > 0 && d[n - 1] == 0)
			n--;
	}
	int at = snprintf(ret, OBJECTS_INT_TEXT, "%s%u", negative ? "-" : "",
		nparts ? parts[nparts - 1] : 0);
	while (nparts-- > 1)
		at += snprintf(ret + at, OBJECTS_INT_TEXT - (size_t)at, "%09u",
			parts[nparts - 1]);
	return true;
}

/* Is it the one that CPython has of this number for everybody? */
static bool
is_cached(PyObject *o)
{
	int overflow;
	long v = PyLong_AsLongAndOverflow(o, &overflow);

	if (!PyLong_CheckExact(o) || overflow || v < -_PY_NSMALLNEGINTS ||
		v >= _PY_NSMALLPOSINTS)
		return false;
	PyObject *cached = PyLong_FromLong(v);
	bool is = cached == o;
	Py_XDECREF(cached);
	return is;
}

static bool
is_int(PyObject *o)
{
	return PyLong_Check(o);
}

static void
int_details(struct objects_heap *h, PyObject *o)
{
	size_t n;
	bool negative;
	const digit *d = objects_int_digits(o, &n, &negative);

	objects_write_int(h->w, "sign", n == 0 ? 0 : negative ? -1 : 1);
	jsonw_key(h->w, "bits");
	jsonw_uint(h->w, objects_int_bits(o));
	objects_write_int(h->w, "digit_bits", PyLong_SHIFT);
	jsonw_key(h->w, "digit_count");
	jsonw_uint(h->w, n);
	jsonw_key(h->w, "digits");
	jsonw_array(h->w);
	for (size_t i = 0; i < n && i < OBJECTS_ITEMS; i++)
		jsonw_uint(h->w, d[i]);
	jsonw_end(h->w);
	h->dropped_items += n > OBJECTS_ITEMS ? n - OBJECTS_ITEMS : 0;
	objects_write_bool(h->w, "cached", is_cached(o));
}

#if PY_VERSION_HEX >= PY_3_12
#define FIRST_DIGIT offsetof(PyLongObject, long_value.ob_digit)
#else
#define FIRST_DIGIT offsetof(PyLongObject, ob_digit)
#endif

static void
int_layout(struct objects_layout *l, PyObject *o)
{
	size_t n;
	bool negative;

	(void)objects_int_digits(o, &n, &negative);
#if PY_VERSION_HEX >= PY_3_12
	objects_layout_add(l, (struct objects_field){"lv_tag",
				      offsetof(PyLongObject, long_value.lv_tag),
				      sizeof(uintptr_t), OBJECTS_UINT});
#endif
	for (size_t i = 0; i < (n ? n : 1); i++)
		objects_layout_add(l,
			(struct objects_field){"ob_digit",
				(Py_ssize_t)(FIRST_DIGIT + i * sizeof(digit)),
				sizeof(digit), OBJECTS_UINT});
}

/* None of the digits of a zero is counted by int.__sizeof__ before 3.12, though
 * there is room for one. */
static size_t
int_bytes(PyObject *o)
{
	size_t n;
	bool negative;

	if (!PyLong_CheckExact(o) && !PyBool_Check(o))
		return 0;
	(void)objects_int_digits(o, &n, &negative);
#if PY_VERSION_HEX >= PY_3_11
	/* gh-100637, in 3.11.2 and 3.12: at least one. */
	n = n ? n : 1;
#endif
	return FIRST_DIGIT + n * sizeof(digit);
}

const struct objects_kind objects_int = {
	"int", is_int, int_details, int_layout, NULL, int_bytes};
