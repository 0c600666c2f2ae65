/* The order in which classes are searched. */
#ifndef SANDBOX_LENSES_OBJECTS_MRO_H
#define SANDBOX_LENSES_OBJECTS_MRO_H

#include "sandbox/lenses/objects.h"

/* Members "bases", "mro" and "merge" of a type. */
void objects_mro_write(struct objects_heap *h, PyTypeObject *type);

#endif
