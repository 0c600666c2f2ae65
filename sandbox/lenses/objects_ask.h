/* What is asked of the objects in a capture, beyond what they are. */
#ifndef SANDBOX_LENSES_OBJECTS_ASK_H
#define SANDBOX_LENSES_OBJECTS_ASK_H

#include "sandbox/lenses/lens.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_capture.h"

/* objects_probe.c: member "probes", for the keys of the option objects.keys. */
void objects_ask_probes(
	struct objects_heap *h, const struct lens_run *r, PyFrameObject *f);
/* objects_lookup.c: member "lookups", for those of objects.attributes. */
void objects_ask_lookups(
	struct objects_heap *h, const struct lens_run *r, PyFrameObject *f);

#endif
