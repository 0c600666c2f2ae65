/*
 * str: how wide its characters are, and what is kept beside them.
 *
 * Layout: Include/cpython/unicodeobject.h of CPython 3.9, 3.11, 3.13 and 3.14
 * (PEP 393).
 */
#include "sandbox/lenses/objects.h"

#include <stddef.h>

static bool
is_str(PyObject *o)
{
	return PyUnicode_Check(o);
}

static bool
is_ready(PyObject *o)
{
	return py_unicode_is_ready(o);
}

static bool
is_compact(PyObject *o)
{
	return ((PyASCIIObject *)o)->state.compact;
}

static bool
is_ascii(PyObject *o)
{
	return ((PyASCIIObject *)o)->state.ascii;
}

/* Where its characters are. */
static const char *
data_of(PyObject *o)
{
	if (!is_compact(o))
		return ((PyUnicodeObject *)o)->data.any;
	return (const char *)o + (is_ascii(o) ? sizeof(PyASCIIObject)
					      : sizeof(PyCompactUnicodeObject));
}

/* With the zero at their end. */
static size_t
data_bytes(PyObject *o)
{
	return ((size_t)PyUnicode_GET_LENGTH(o) + 1) *
	       (size_t)PyUnicode_KIND(o);
}

/* UTF-8 that was made of it and is kept; none when it is the data. */
static const char *
utf8_of(PyObject *o)
{
	const PyCompactUnicodeObject *c = (const PyCompactUnicodeObject *)o;

	if (is_compact(o) && is_ascii(o))
		return NULL;
	return c->utf8 && c->utf8 != data_of(o) ? c->utf8 : NULL;
}

static const char *
interned(PyObject *o)
{
	static const char *const words[] = {
		"no", "mortal", "immortal", "immortal"};
	/* 3 is one of those that are part of the program: 3.12 and later. */
	unsigned state = ((PyASCIIObject *)o)->state.interned;

	return words[state & 3];
}

static void
str_details(struct objects_heap *h, PyObject *o)
{
	Py_hash_t hash = ((PyASCIIObject *)o)->hash;
	struct jsonw *w = h->w;

	objects_write_int(w, "length",
		is_ready(o) ? (int64_t)PyUnicode_GET_LENGTH(o) : -1);
	objects_write_int(
		w, "char_bytes", is_ready(o) ? (int64_t)PyUnicode_KIND(o) : 0);
	objects_write_bool(w, "ascii", is_ascii(o));
	objects_write_bool(w, "compact", is_compact(o));
	jsonw_key(w, "interned");
	jsonw_str(w, interned(o));
	objects_write_hash(w, hash);
	objects_write_bool(w, "utf8_kept", is_ready(o) && utf8_of(o));
	if (!is_ready(o))
		return;
	objects_write_hex(w, "data", data_of(o),
		data_bytes(o) - (size_t)PyUnicode_KIND(o));
}

static void
str_layout(struct objects_layout *l, PyObject *o)
{
	objects_layout_add(
		l, OBJECTS_FIELD(PyASCIIObject, length, OBJECTS_INT));
	objects_layout_add(l, OBJECTS_FIELD(PyASCIIObject, hash, OBJECTS_INT));
	/* The other bits are nobody's, and hold what was there before. */
	objects_layout_add(
		l, (struct objects_field){"state",
			   offsetof(PyASCIIObject, state), 1, OBJECTS_HEX});
#if PY_VERSION_HEX < PY_3_12
	objects_layout_add(
		l, OBJECTS_FIELD(PyASCIIObject, wstr, OBJECTS_POINTER));
#endif
	if (!is_compact(o) || !is_ascii(o)) {
		objects_layout_add(l, OBJECTS_FIELD(PyCompactUnicodeObject,
					      utf8_length, OBJECTS_INT));
		objects_layout_add(l, OBJECTS_FIELD(PyCompactUnicodeObject,
					      utf8, OBJECTS_POINTER));
#if PY_VERSION_HEX < PY_3_12
		objects_layout_add(l, OBJECTS_FIELD(PyCompactUnicodeObject,
					      wstr_length, OBJECTS_INT));
#endif
	}
	if (!is_compact(o))
		objects_layout_add(l,
			OBJECTS_FIELD(PyUnicodeObject, data, OBJECTS_POINTER));
	else
		objects_layout_add(l, (struct objects_field){"characters",
					      data_of(o) - (const char *)o,
					      data_bytes(o), OBJECTS_HEX});
}

static size_t
str_blocks(PyObject *o, struct objects_block *ret)
{
	const PyCompactUnicodeObject *c = (const PyCompactUnicodeObject *)o;
	size_t n = 0;

	if (!is_ready(o))
		return 0;
	if (!is_compact(o))
		ret[n++] = (struct objects_block){
			"data", data_of(o), data_bytes(o), true, false};
	if (utf8_of(o))
		ret[n++] = (struct objects_block){"utf8", c->utf8,
			(size_t)c->utf8_length + 1, true, false};
#if PY_VERSION_HEX < PY_3_12
	const wchar_t *wide = ((PyASCIIObject *)o)->wstr;
	size_t length = is_ascii(o) ? (size_t)PyUnicode_GET_LENGTH(o)
				    : (size_t)c->wstr_length;
	if (wide && (const char *)wide != data_of(o))
		ret[n++] = (struct objects_block){"wstr", wide,
			(length + 1) * sizeof(wchar_t), true, false};
#endif
	return n;
}

/* One that is compact is one block, whatever its type says. */
static size_t
str_bytes(PyObject *o)
{
	if (!is_compact(o))
		return 0;
	return (size_t)(data_of(o) - (const char *)o) + data_bytes(o);
}

const struct objects_kind objects_str = {
	"str", is_str, str_details, str_layout, str_blocks, str_bytes};
