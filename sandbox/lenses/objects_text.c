/*
 * Text that is made without asking anybody: characters as they are, or as
 * repr() has them (Objects/unicodeobject.c, bytesobject.c), and the names of
 * types.
 */
#include "sandbox/lenses/objects.h"

#include <stdio.h>
#include <string.h>

/* n bytes that belong together, or none of them. */
static void
put(struct objects_text *t, const char *s, size_t n)
{
	if (t->cut)
		return;
	if (t->n + n > OBJECTS_TEXT) {
		t->cut = true;
		memcpy(t->bytes + t->n, "…", sizeof("…"));
		t->n += sizeof("…") - 1;
		return;
	}
	memcpy(t->bytes + t->n, s, n);
	t->n += n;
	t->bytes[t->n] = '\0';
}

void
objects_text_put(struct objects_text *t, const char *s)
{
	/* Character by character, so that a long one is shown to the cut. */
	for (; *s && !t->cut;) {
		size_t n = 1;
		while ((s[n] & 0xc0) == 0x80)
			n++;
		put(t, s, n);
		s += n;
	}
}

static void
put_hex(struct objects_text *t, const char *lead, int digits, Py_UCS4 c)
{
	char text[16];
	int n = snprintf(
		text, sizeof(text), "\\%s%0*x", lead, digits, (unsigned)c);

	put(t, text, (size_t)n);
}

static void
put_char(struct objects_text *t, Py_UCS4 c)
{
	char b[4];
	size_t n;

	if (c < 0x80) {
		b[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	put(t, b, n);
}

static bool
is_surrogate(Py_UCS4 c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

static void
put_escaped(struct objects_text *t, Py_UCS4 c, Py_UCS4 quote)
{
	static const char plain[] = "\nn\rr\tt\\\\";

	for (const char *p = plain; *p; p += 2)
		if (c == (unsigned char)*p) {
			put(t, (const char[]){'\\', p[1]}, 2);
			return;
		}
	if (c == quote)
		put(t, (const char[]){'\\', (char)c}, 2);
	else if (c < ' ' || c == 0x7f)
		put_hex(t, "x", 2, c);
	else if (c < 0x7f || Py_UNICODE_ISPRINTABLE(c))
		put_char(t, c);
	else if (c <= 0xff)
		put_hex(t, "x", 2, c);
	else if (c <= 0xffff)
		put_hex(t, "u", 4, c);
	else
		put_hex(t, "U", 8, c);
}

/* repr() has ' unless there are some and no ". */
struct quotes {
	bool one, two;
};

static Py_UCS4
quote_for(struct quotes q)
{
	return q.one && !q.two ? '"' : '\'';
}

void
objects_text_repr(struct objects_text *t, PyObject *o)
{
	struct quotes q = {false, false};

	if (!py_unicode_is_ready(o)) {
		objects_text_put(t, "<str that is not ready>");
		return;
	}
	int kind = (int)PyUnicode_KIND(o);
	const void *data = PyUnicode_DATA(o);
	Py_ssize_t n = PyUnicode_GET_LENGTH(o);
	Py_ssize_t scan = n < OBJECTS_SCAN ? n : OBJECTS_SCAN;
	for (Py_ssize_t i = 0; i < scan; i++) {
		Py_UCS4 c = PyUnicode_READ(kind, data, i);
		q.one |= c == '\'';
		q.two |= c == '"';
	}
	Py_UCS4 quote = quote_for(q);
	put_char(t, quote);
	for (Py_ssize_t i = 0; i < n && !t->cut; i++)
		put_escaped(t, PyUnicode_READ(kind, data, i), quote);
	put_char(t, quote);
}

void
objects_text_bytes(struct objects_text *t, const char *s, Py_ssize_t n)
{
	struct quotes q = {memchr(s, '\'', (size_t)n) != NULL,
		memchr(s, '"', (size_t)n) != NULL};
	Py_UCS4 quote = quote_for(q);

	put_char(t, 'b');
	put_char(t, quote);
	for (Py_ssize_t i = 0; i < n && !t->cut; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x7f)
			put_escaped(t, c, quote);
		else
			put_hex(t, "x", 2, c);
	}
	put_char(t, quote);
}

void
objects_text_str(struct objects_text *t, PyObject *str)
{
	if (!PyUnicode_Check(str) || !py_unicode_is_ready(str)) {
		objects_text_put(t, "?");
		return;
	}
	int kind = (int)PyUnicode_KIND(str);
	const void *data = PyUnicode_DATA(str);
	Py_ssize_t n = PyUnicode_GET_LENGTH(str);
	for (Py_ssize_t i = 0; i < n && !t->cut; i++) {
		Py_UCS4 c = PyUnicode_READ(kind, data, i);
		if (is_surrogate(c))
			put_hex(t, "u", 4, c);
		else
			put_char(t, c);
	}
}

/* Is it said with types of that module? */
static bool
is_plain_module(PyObject *b_module)
{
	return objects_text_equals(b_module, "builtins", 8) ||
	       objects_text_equals(b_module, "__main__", 8);
}

void
objects_text_type(struct objects_text *t, PyTypeObject *type)
{
	if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
		/* "collections.deque", "int" */
		objects_text_put(t, type->tp_name);
		return;
	}
	PyObject *b_name = ((PyHeapTypeObject *)type)->ht_qualname;
	PyObject *b_module = objects_class_entry(type, "__module__");
	if (b_module && PyUnicode_CheckExact(b_module) &&
		!is_plain_module(b_module)) {
		objects_text_str(t, b_module);
		objects_text_put(t, ".");
	}
	if (b_name)
		objects_text_str(t, b_name);
	else
		/* One that is being made has neither. */
		objects_text_put(t, type->tp_name ? type->tp_name : "?");
}

bool
objects_text_equals(PyObject *str, const char *utf8, size_t n)
{
	struct objects_text t = {.n = 0};

	if (!str || !PyUnicode_CheckExact(str) || !py_unicode_is_ready(str) ||
		(size_t)PyUnicode_GET_LENGTH(str) > n || n > OBJECTS_TEXT)
		return false;
	objects_text_str(&t, str);
	return !t.cut && t.n == n && memcmp(t.bytes, utf8, n) == 0;
}
