/* Where what is shown of a value goes. */
#include "sandbox/lenses/steps_sink.h"

#include <string.h>

enum { OPENED = 1, CLOSED, NOTHING, NUMBER, TEXT, NAME, TYPE, OTHER };

void
steps_sink_object(struct steps_sink *s)
{
	if (s->json)
		jsonw_object(s->json);
	else
		steps_sink_mix(s, OPENED);
}

void
steps_sink_array(struct steps_sink *s)
{
	if (s->json)
		jsonw_array(s->json);
	else
		steps_sink_mix(s, OPENED);
}

void
steps_sink_end(struct steps_sink *s)
{
	if (s->json)
		jsonw_end(s->json);
	else
		steps_sink_mix(s, CLOSED);
}

void
steps_sink_key(struct steps_sink *s, const char *key)
{
	if (s->json)
		jsonw_key(s->json, key);
}

/* Eight bytes at a time. */
static void
mix_bytes(struct steps_sink *s, const void *bytes, size_t n)
{
	const char *at = bytes;
	uint64_t v;

	steps_sink_mix(s, n);
	for (; n >= sizeof(v); n -= sizeof(v), at += sizeof(v)) {
		memcpy(&v, at, sizeof(v));
		steps_sink_mix(s, v);
	}
	v = 0;
	memcpy(&v, at, n);
	steps_sink_mix(s, v);
}

void
steps_sink_str(struct steps_sink *s, const char *text)
{
	if (s->json)
		jsonw_str(s->json, text);
	else
		mix_bytes(s, text, strlen(text));
}

void
steps_sink_uint(struct steps_sink *s, uint64_t v)
{
	if (s->json) {
		jsonw_uint(s->json, v);
	} else {
		steps_sink_mix(s, NUMBER);
		steps_sink_mix(s, v);
	}
}

void
steps_sink_null(struct steps_sink *s)
{
	if (s->json)
		jsonw_null(s->json);
	else
		steps_sink_mix(s, NOTHING);
}

/* All that is shown of a str follows from this: its hash, where it has one, or
 * its characters. */
static void
mix_str(struct steps_sink *s, PyObject *str)
{
	Py_hash_t hash = ((PyASCIIObject *)str)->hash;
	size_t n;

	if (hash != -1) {
		steps_sink_mix(s, (uint64_t)hash);
		return;
	}
	if (!py_unicode_is_ready(str))
		return;
	n = (size_t)PyUnicode_GET_LENGTH(str);
	steps_sink_mix(s, n);
	/* Which quotes it is shown in depends on all of it. */
	mix_bytes(s, PyUnicode_DATA(str), n * (size_t)PyUnicode_KIND(str));
}

static void
write_text(struct steps_sink *s, const struct objects_text *t)
{
	if (s->json)
		jsonw_strn(s->json, t->bytes, t->n);
	else
		mix_bytes(s, t->bytes, t->n);
}

void
steps_sink_name(struct steps_sink *s, PyObject *str)
{
	struct objects_text t = {.n = 0};

	if (!str || !PyUnicode_Check(str)) {
		steps_sink_null(s);
	} else if (s->json) {
		objects_text_str(&t, str);
		write_text(s, &t);
	} else {
		steps_sink_mix(s, NAME);
		mix_str(s, str);
	}
}

void
steps_sink_type(struct steps_sink *s, PyTypeObject *type)
{
	struct objects_text t = {.n = 0};

	if (!s->json) {
		steps_sink_mix(s, TYPE);
		steps_sink_mix(s, (uintptr_t)type);
		if (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
			mix_str(s, ((PyHeapTypeObject *)type)->ht_qualname);
		return;
	}
	objects_text_type(&t, type);
	write_text(s, &t);
}

/* Values whose text follows from few bytes. */
static bool
mix_plain(struct steps_sink *s, PyObject *o)
{
	uint64_t bits;

	if (PyLong_CheckExact(o)) {
		int overflow;
		long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
		if (overflow)
			return false;
		steps_sink_mix(s, NUMBER);
		steps_sink_mix(s, (uint64_t)v);
	} else if (PyUnicode_CheckExact(o)) {
		steps_sink_mix(s, TEXT);
		mix_str(s, o);
	} else if (PyFloat_CheckExact(o)) {
		double v = PyFloat_AS_DOUBLE(o);
		memcpy(&bits, &v, sizeof(bits));
		steps_sink_mix(s, OTHER);
		steps_sink_mix(s, bits);
	} else if (o == Py_None || o == Py_True || o == Py_False) {
		steps_sink_mix(s, (uintptr_t)o);
	} else {
		return false;
	}
	return true;
}

/* Most values are small: without a format. */
static bool
write_int(struct steps_sink *s, PyObject *o)
{
	char text[24], *at = text + sizeof(text);
	int overflow = 1;
	long long v = PyLong_CheckExact(o)
			      ? PyLong_AsLongLongAndOverflow(o, &overflow)
			      : 0;
	unsigned long long left =
		v < 0 ? -(unsigned long long)v : (unsigned long long)v;

	if (overflow)
		return false;
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--at = '-';
	jsonw_strn(s->json, at, (size_t)(text + sizeof(text) - at));
	return true;
}

void
steps_sink_text(struct steps_sink *s, PyObject *o)
{
	struct objects_text t;

	if (s->json ? write_int(s, o) : mix_plain(s, o))
		return;
	objects_show_value(&t, o);
	write_text(s, &t);
}
