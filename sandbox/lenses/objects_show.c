/*
 * Values as text, without asking them: as repr() has it for CPython's own types
 * (Objects/unicodeobject.c, bytesobject.c and so on), and no address, which
 * says nothing that can be compared.
 */
#include "sandbox/lenses/objects.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/objects_int.h"
#include "sandbox/py/scope_py.h"

#define DEEPEST 3 /* containers in containers */

static void show(struct objects_text *t, PyObject *o, int depth);

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
objects_show_put(struct objects_text *t, const char *s)
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

static void
show_str(struct objects_text *t, PyObject *o)
{
	struct quotes q = {false, false};

	if (!py_unicode_is_ready(o)) {
		objects_show_put(t, "<str that is not ready>");
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

static void
show_bytes(struct objects_text *t, const char *s, Py_ssize_t n)
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

static void
show_float(struct objects_text *t, double v)
{
	char *text = PyOS_double_to_string(v, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);

	if (text)
		objects_show_put(t, text);
	else
		PyErr_Clear();
	PyMem_Free(text);
}

/* Objects/complexobject.c has the rules; its function calls nothing else. */
static void
show_complex(struct objects_text *t, PyObject *o)
{
	scope_py PyObject *text = PyComplex_Type.tp_repr(o);

	if (text)
		objects_show_str(t, text);
	else
		PyErr_Clear();
}

static void
show_int(struct objects_text *t, PyObject *o)
{
	char text[OBJECTS_INT_TEXT];

	if (objects_int_text(o, text))
		objects_show_put(t, text);
	else {
		snprintf(text, sizeof(text), "<int of %zu bits>",
			objects_int_bits(o));
		objects_show_put(t, text);
	}
}

static void
show_items(struct objects_text *t, const char *open, PyObject *const *items,
	Py_ssize_t n, const char *close, int depth)
{
	objects_show_put(t, open);
	if (depth >= DEEPEST && n > 0)
		objects_show_put(t, "…");
	for (Py_ssize_t i = 0; i < n && depth < DEEPEST && !t->cut; i++) {
		if (i > 0)
			objects_show_put(t, ", ");
		show(t, items[i], depth + 1);
	}
	objects_show_put(t, close);
}

static void
show_dict(struct objects_text *t, PyObject *o, int depth)
{
	struct dict_table d = dict_table_of(o);
	Py_ssize_t i = 0;
	struct dict_entry e;

	objects_show_put(t, "{");
	if (depth >= DEEPEST && d.used > 0)
		objects_show_put(t, "…");
	for (bool any = false;
		depth < DEEPEST && !t->cut && dict_table_next(&d, &i, &e);
		any = true) {
		if (any)
			objects_show_put(t, ", ");
		show(t, e.key, depth + 1);
		objects_show_put(t, ": ");
		show(t, e.value, depth + 1);
	}
	objects_show_put(t, "}");
}

static void
show_set(struct objects_text *t, PyObject *o, int depth)
{
	const PySetObject *s = (const PySetObject *)o;
	bool frozen = PyFrozenSet_Check(o), any = false;

	if (!s->used) {
		objects_show_put(t, frozen ? "frozenset()" : "set()");
		return;
	}
	objects_show_put(t, frozen ? "frozenset({" : "{");
	if (depth >= DEEPEST)
		objects_show_put(t, "…");
	for (Py_ssize_t i = 0; depth < DEEPEST && i <= s->mask && !t->cut;
		i++) {
		const setentry *e = &s->table[i];
		if (!e->key || e->hash == -1)
			continue;
		if (any)
			objects_show_put(t, ", ");
		show(t, e->key, depth + 1);
		any = true;
	}
	objects_show_put(t, frozen ? "})" : "}");
}

/* A value of one of the types that have a literal, or nearly. */
static bool
show_literal(struct objects_text *t, PyObject *o, int depth)
{
	if (PyLong_Check(o))
		show_int(t, o);
	else if (PyFloat_Check(o))
		show_float(t, PyFloat_AS_DOUBLE(o));
	else if (PyComplex_Check(o))
		show_complex(t, o);
	else if (PyUnicode_Check(o))
		show_str(t, o);
	else if (PyBytes_Check(o))
		show_bytes(t, PyBytes_AS_STRING(o), PyBytes_GET_SIZE(o));
	else if (PyList_Check(o))
		show_items(t, "[", ((PyListObject *)o)->ob_item,
			PyList_GET_SIZE(o), "]", depth);
	else if (PyTuple_Check(o))
		show_items(t, "(", ((PyTupleObject *)o)->ob_item,
			PyTuple_GET_SIZE(o),
			PyTuple_GET_SIZE(o) == 1 ? ",)" : ")", depth);
	else if (PyDict_Check(o))
		show_dict(t, o, depth);
	else if (PyAnySet_Check(o))
		show_set(t, o, depth);
	else
		return false;
	return true;
}

static bool
has_own_literal(PyObject *o)
{
	return PyLong_CheckExact(o) || PyFloat_CheckExact(o) ||
	       PyComplex_CheckExact(o) || PyUnicode_CheckExact(o) ||
	       PyBytes_CheckExact(o) || PyList_CheckExact(o) ||
	       PyTuple_CheckExact(o) || PyDict_CheckExact(o) ||
	       PyAnySet_CheckExact(o);
}

static bool
show_constant(struct objects_text *t, PyObject *o)
{
	const struct {
		PyObject *o;
		const char *text;
	} all[] = {{Py_None, "None"}, {Py_True, "True"}, {Py_False, "False"},
		{Py_Ellipsis, "Ellipsis"},
		{Py_NotImplemented, "NotImplemented"}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (o == all[i].o) {
			objects_show_put(t, all[i].text);
			return true;
		}
	return false;
}

/* "<word name>" */
static void
show_named(struct objects_text *t, const char *word, PyObject *b_name)
{
	objects_show_put(t, "<");
	objects_show_put(t, word);
	objects_show_put(t, " ");
	if (b_name && PyUnicode_Check(b_name))
		objects_show_str(t, b_name);
	else
		objects_show_put(t, "?");
	objects_show_put(t, ">");
}

static void
show_method(struct objects_text *t, PyObject *o, int depth)
{
	const PyMethodObject *m = (const PyMethodObject *)o;

	objects_show_put(t, "<bound method ");
	if (PyFunction_Check(m->im_func))
		objects_show_str(
			t, ((PyFunctionObject *)m->im_func)->func_qualname);
	else
		show(t, m->im_func, depth + 1);
	objects_show_put(t, " of ");
	if (depth < DEEPEST)
		show(t, m->im_self, depth + 1);
	else
		objects_show_put(t, "…");
	objects_show_put(t, ">");
}

static void
show_builtin(struct objects_text *t, PyObject *o)
{
	const PyCFunctionObject *f = (const PyCFunctionObject *)o;
	bool method = f->m_self && !PyModule_Check(f->m_self);

	objects_show_put(
		t, method ? "<built-in method " : "<built-in function ");
	objects_show_put(t, f->m_ml->ml_name);
	if (method) {
		objects_show_put(t, " of ");
		if (PyType_Check(f->m_self))
			objects_show_put(t, "class ");
		objects_show_type(t, PyType_Check(f->m_self)
					     ? (PyTypeObject *)f->m_self
					     : Py_TYPE(f->m_self));
		objects_show_put(t, PyType_Check(f->m_self) ? "" : " object");
	}
	objects_show_put(t, ">");
}

static void
show_class(struct objects_text *t, PyTypeObject *type)
{
	objects_show_put(t, "<class '");
	objects_show_type(t, type);
	objects_show_put(t, "'>");
}

static PyObject *
module_name(PyObject *module)
{
	PyObject *b_dict = PyModule_GetDict(module);

	return b_dict ? dict_table_text(b_dict, "__name__") : NULL;
}

/* range and slice, by what their types tell of them. */
static void
show_members(struct objects_text *t, PyObject *o, int depth)
{
	static const char *const names[] = {"start", "stop", "step"};

	objects_show_type(t, Py_TYPE(o));
	objects_show_put(t, "(");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		PyObject *b_value = objects_class_member(o, names[i]);
		/* repr() leaves a step of one out. */
		if (i == 2 && PyRange_Check(o) && b_value &&
			PyLong_CheckExact(b_value) &&
			PyLong_AsLong(b_value) == 1)
			break;
		objects_show_put(t, i ? ", " : "");
		show(t, b_value, depth + 1);
	}
	PyErr_Clear();
	objects_show_put(t, ")");
}

static void
show_other(struct objects_text *t, PyObject *o, int depth)
{
	PyObject *b_args = PyExceptionInstance_Check(o)
				   ? ((PyBaseExceptionObject *)o)->args
				   : NULL;

	if (b_args && PyTuple_Check(b_args)) {
		objects_show_type(t, Py_TYPE(o));
		show_items(t, "(", ((PyTupleObject *)b_args)->ob_item,
			PyTuple_GET_SIZE(b_args), ")", depth);
	} else if (PyRange_Check(o) || PySlice_Check(o))
		show_members(t, o, depth);
	else if (PyType_Check(o))
		show_class(t, (PyTypeObject *)o);
	else if (PyFunction_Check(o))
		show_named(
			t, "function", ((PyFunctionObject *)o)->func_qualname);
	else if (PyMethod_Check(o))
		show_method(t, o, depth);
	else if (PyCFunction_Check(o))
		show_builtin(t, o);
	else if (PyModule_Check(o))
		show_named(t, "module", module_name(o));
	else if (PyCode_Check(o))
		show_named(t, "code object", py_qualname((PyCodeObject *)o));
	else if (PyGen_CheckExact(o))
		show_named(
			t, "generator object", ((PyGenObject *)o)->gi_qualname);
	else if (PyCoro_CheckExact(o))
		show_named(t, "coroutine object",
			((PyCoroObject *)o)->cr_qualname);
	else if (PyAsyncGen_CheckExact(o))
		show_named(t, "async_generator object",
			((PyAsyncGenObject *)o)->ag_qualname);
	else if (!objects_numpy_show(t, o)) {
		objects_show_put(t, "<");
		objects_show_type(t, Py_TYPE(o));
		objects_show_put(t, " object>");
	}
}

/* Depth is bounded by DEEPEST, for containers, and what shows another object
 * counts as one. */
static void
show(struct objects_text *t, PyObject *o, int depth)
{
	if (t->cut)
		return;
	if (!o)
		objects_show_put(t, "?");
	else if (show_constant(t, o))
		;
	else if (PyByteArray_CheckExact(o)) {
		objects_show_put(t, "bytearray(");
		show_bytes(
			t, PyByteArray_AS_STRING(o), PyByteArray_GET_SIZE(o));
		objects_show_put(t, ")");
	} else if (has_own_literal(o))
		show_literal(t, o, depth);
	else {
		size_t before = t->n;
		objects_show_type(t, Py_TYPE(o));
		objects_show_put(t, "(");
		if (show_literal(t, o, depth)) {
			objects_show_put(t, ")");
			return;
		}
		t->n = before;
		t->cut = false;
		t->bytes[before] = '\0';
		show_other(t, o, depth);
	}
}

void
objects_show_value(struct objects_text *t, PyObject *o)
{
	*t = (struct objects_text){.n = 0};
	show(t, o, 0);
}

void
objects_show_str(struct objects_text *t, PyObject *str)
{
	if (!PyUnicode_Check(str) || !py_unicode_is_ready(str)) {
		objects_show_put(t, "?");
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
	return objects_show_equals(b_module, "builtins", 8) ||
	       objects_show_equals(b_module, "__main__", 8);
}

void
objects_show_type(struct objects_text *t, PyTypeObject *type)
{
	if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
		/* "collections.deque", "int" */
		objects_show_put(t, type->tp_name);
		return;
	}
	PyObject *b_name = ((PyHeapTypeObject *)type)->ht_qualname;
	PyObject *b_module = objects_class_entry(type, "__module__");
	if (b_module && PyUnicode_CheckExact(b_module) &&
		!is_plain_module(b_module)) {
		objects_show_str(t, b_module);
		objects_show_put(t, ".");
	}
	if (b_name)
		objects_show_str(t, b_name);
	else
		objects_show_put(t, type->tp_name);
}

void
objects_show_member(
	struct jsonw *w, const char *key, const struct objects_text *t)
{
	jsonw_key(w, key);
	jsonw_strn(w, t->bytes, t->n);
}

void
objects_show_name(struct jsonw *w, const char *key, PyObject *str)
{
	struct objects_text t = {.n = 0};

	if (str && PyUnicode_Check(str)) {
		objects_show_str(&t, str);
		objects_show_member(w, key, &t);
	} else {
		jsonw_key(w, key);
		jsonw_null(w);
	}
}

void
objects_show_hex(struct jsonw *w, const char *key, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;
	char text[2 * OBJECTS_DATA];

	if (n > OBJECTS_DATA)
		n = OBJECTS_DATA;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[b[i] >> 4];
		text[2 * i + 1] = digits[b[i] & 15];
	}
	jsonw_key(w, key);
	jsonw_strn(w, text, 2 * n);
}

void
objects_show_int(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	jsonw_int(w, n);
}

void
objects_show_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void
objects_show_hash(struct jsonw *w, Py_hash_t hash)
{
	jsonw_key(w, "hash");
	if (hash == -1)
		jsonw_null(w);
	else
		jsonw_int(w, hash);
}

bool
objects_show_equals(PyObject *str, const char *utf8, size_t n)
{
	struct objects_text t = {.n = 0};

	if (!str || !PyUnicode_CheckExact(str) || !py_unicode_is_ready(str) ||
		(size_t)PyUnicode_GET_LENGTH(str) > n || n > OBJECTS_TEXT)
		return false;
	objects_show_str(&t, str);
	return !t.cut && t.n == n && memcmp(t.bytes, utf8, n) == 0;
}
