/* float: the parts of IEEE 754. */
#include "sandbox/lenses/objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
is_float(PyObject *o)
{
	return PyFloat_Check(o);
}

/* Sign, exponent with its bias, fraction. */
static void
float_details(struct objects_heap *h, PyObject *o)
{
	double v = PyFloat_AS_DOUBLE(o);
	uint64_t bits;
	char text[20];

	memcpy(&bits, &v, sizeof(bits));
	snprintf(text, sizeof(text), "%016" PRIx64, bits);
	jsonw_key(h->w, "bits");
	jsonw_str(h->w, text);
	jsonw_key(h->w, "sign");
	jsonw_uint(h->w, bits >> 63);
	jsonw_key(h->w, "exponent");
	jsonw_uint(h->w, bits >> 52 & 0x7ff);
	snprintf(text, sizeof(text), "%013" PRIx64,
		bits & UINT64_C(0xfffffffffffff));
	jsonw_key(h->w, "fraction");
	jsonw_str(h->w, text);
}

static void
float_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyFloatObject, ob_fval, OBJECTS_HEX));
}

const struct objects_kind objects_float = {
	"float", is_float, float_details, float_layout, NULL, NULL};
