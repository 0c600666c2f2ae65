/*
 * Where what is shown of a value goes: to its JSON, or, when it is to be known
 * only whether it is the same as before, to a hash of it, which takes a
 * fraction of the time.
 */
#ifndef SANDBOX_LENSES_STEPS_SINK_H
#define SANDBOX_LENSES_STEPS_SINK_H

#include "sandbox/py/compat.h"

#include <stdint.h>

#include "base/jsonw.h"
#include "sandbox/lenses/objects.h"

struct steps_sink {
	struct jsonw *json; /* NULL: hash only */
	uint64_t hash;
};

static inline void
steps_sink_mix(struct steps_sink *s, uint64_t v)
{
	s->hash = (s->hash ^ v) * 0x9e3779b97f4a7c15ULL;
	s->hash ^= s->hash >> 29;
}

/* As those of base/jsonw.h.  Keys and brackets follow from what else is told,
 * so that a hash does without. */
void steps_sink_object(struct steps_sink *s);
void steps_sink_array(struct steps_sink *s);
void steps_sink_end(struct steps_sink *s);
void steps_sink_key(struct steps_sink *s, const char *key);
void steps_sink_str(struct steps_sink *s, const char *text);
void steps_sink_uint(struct steps_sink *s, uint64_t v);
void steps_sink_null(struct steps_sink *s);
/* The characters of a str; null for what is none. */
void steps_sink_name(struct steps_sink *s, PyObject *str);
/* What a type is called. */
void steps_sink_type(struct steps_sink *s, PyTypeObject *type);
/* A value as its text. */
void steps_sink_text(struct steps_sink *s, PyObject *o);

#endif
