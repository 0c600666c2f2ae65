/* The digits of an int. */
#ifndef SANDBOX_LENSES_OBJECTS_INT_H
#define SANDBOX_LENSES_OBJECTS_INT_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for the text of the longest that is written out. */
#define OBJECTS_INT_TEXT 200

/* How many digits, of PyLong_SHIFT bits each, the least significant first; and
 * whether it is negative. */
const digit *objects_int_digits(PyObject *o, size_t *ret_n, bool *ret_negative);
size_t objects_int_bits(PyObject *o);
/* In decimal; false when it is too long. */
bool objects_int_text(PyObject *o, char ret[OBJECTS_INT_TEXT]);

#endif
