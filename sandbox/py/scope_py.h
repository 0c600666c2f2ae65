/* Owned Python references that end with their scope. */
#ifndef SANDBOX_PY_SCOPE_PY_H
#define SANDBOX_PY_SCOPE_PY_H

#include "sandbox/py/compat.h"

static inline void
scope_py_(PyObject **o)
{
	Py_XDECREF(*o);
}
/* An owned reference, given back at the end of the scope. */
#define scope_py __attribute__((cleanup(scope_py_)))

#endif
