/* Types, beyond what every file of the lens needs. */
#ifndef SANDBOX_LENSES_OBJECTS_CLASS_H
#define SANDBOX_LENSES_OBJECTS_CLASS_H

#include "sandbox/py/compat.h"

#include "base/fail.h"

/* Zygote: how a class statement's classes are known. */
int objects_class_warm(struct fail *f);
/* objects_check.c: zygote, after it: is all laid out as it is read? */
int objects_check(struct fail *f);
/* objects_layout.c: where an object's dict hangs, from its address; 0 when
 * there is no place for one, or not in the object. */
Py_ssize_t objects_layout_dict_offset(PyObject *o);

#endif
