/* What is called: code objects and C functions, by number. */
#include "sandbox/lenses/calltree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"

#define MAX_TEXT 200
#define SLOTS	 16384 /* a power of two */

struct calltree_functions calltree_functions;

/* What is known of something that is called, without reading what it holds: a
 * code object, or the PyMethodDef of a C function. */
struct face {
	const void *key, *b_name, *b_file;
	int line;
};

/* Faces that were seen, and their numbers; those of code objects that are gone
 * stay until it is emptied. */
static struct slot {
	struct face face;
	uint32_t number;
} slots[SLOTS];
static uint32_t used;

static bool
is_same(const struct face *a, const struct face *b)
{
	return a->key == b->key && a->b_name == b->b_name &&
	       a->b_file == b->b_file && a->line == b->line;
}

/* Where it is, or would be. */
static struct slot *
find(const struct face *want)
{
	uint64_t hash = ((uintptr_t)want->key >> 4) * 0x9e3779b97f4a7c15ull;
	size_t i = hash >> 50;

	if (used > SLOTS / 4 * 3) {
		memset(slots, 0, sizeof(slots));
		used = 0;
	}
	while (slots[i].face.key && !is_same(want, &slots[i].face))
		i = (i + 1) & (SLOTS - 1);
	return &slots[i];
}

/* A str as it is shown, cut where it is long.  No UTF-8 is left in it, as
 * PyUnicode_AsUTF8() would, and a lone surrogate has some. */
static char *
copy(PyObject *str)
{
	PyObject *type, *value, *tb;
	char *made = NULL;

	if (!str || !PyUnicode_Check(str))
		return strdup("?");
	PyErr_Fetch(&type, &value, &tb);
	scope_py PyObject *part = PyUnicode_Substring(str, 0, MAX_TEXT);
	scope_py PyObject *bytes = part ? PyUnicode_AsEncodedString(part,
						  "utf-8", "backslashreplace")
					: NULL;
	if (bytes)
		made = strdup(PyBytes_AS_STRING(bytes));
	PyErr_Clear();
	PyErr_Restore(type, value, tb);
	return made ? made : strdup("?");
}

/* Two code objects of one name, file and line are one to a reader. */
static bool
is_alike(const struct calltree_function *a, const struct calltree_function *b)
{
	return a->is_c == b->is_c && a->line == b->line &&
	       !a->file == !b->file && strcmp(a->name, b->name) == 0 &&
	       (!a->file || strcmp(a->file, b->file) == 0);
}

/* The number of that function; takes its texts.  No name: no memory. */
static uint32_t
number(struct calltree_function f)
{
	struct calltree_functions *all = &calltree_functions;
	uint32_t i = 0;

	if (!all->of) {
		all->n = 0;
		all->of = calloc(CALLTREE_FUNCTIONS, sizeof(*all->of));
	}
	if (!all->of || !f.name) {
		free(f.name);
		free(f.file);
		return CALLTREE_NONE;
	}
	while (i < all->n && !is_alike(&f, &all->of[i]))
		i++;
	if (i == CALLTREE_FUNCTIONS) {
		free(f.name);
		free(f.file);
		return CALLTREE_NONE;
	}
	if (i < all->n) {
		free(f.name);
		free(f.file);
	} else {
		all->of[all->n++] = f;
	}
	return i;
}

/* Remembers the number of a face, if there is one. */
static uint32_t
keep(struct slot *s, const struct face *face, uint32_t n)
{
	if (n != CALLTREE_NONE) {
		*s = (struct slot){*face, n};
		used++;
	}
	return n;
}

uint32_t
calltree_functions_python(PyCodeObject *b_code, const char *script)
{
	struct face face = {b_code, py_qualname(b_code), b_code->co_filename,
		b_code->co_firstlineno};
	struct slot *s = find(&face);

	if (s->face.key)
		return s->number;
	bool ours = frames_is_code_of(b_code, script);
	return keep(s, &face,
		number((struct calltree_function){.line = face.line,
			.name = copy(py_qualname(b_code)),
			.file = ours ? NULL : copy(b_code->co_filename)}));
}

/* The class in whose table of methods it lies, or NULL. */
static PyTypeObject *
find_class(const PyMethodDef *def, PyTypeObject *type)
{
	PyObject *b_mro = type->tp_mro;

	for (Py_ssize_t i = 0; b_mro && i < PyTuple_GET_SIZE(b_mro); i++) {
		PyTypeObject *one = (PyTypeObject *)PyTuple_GET_ITEM(b_mro, i);
		const PyMethodDef *m =
			PyType_Check(one) ? one->tp_methods : NULL;
		for (; m && m->ml_name; m++)
			if (m == def)
				return one;
	}
	return NULL;
}

/* The name of the class that defines a method of self's. */
static const char *
class_of(const PyMethodDef *def, PyObject *self)
{
	PyTypeObject *type = NULL;

	if (PyType_Check(self))
		type = find_class(def, (PyTypeObject *)self);
	if (!type)
		type = find_class(def, Py_TYPE(self));
	const char *name = (type ? type : Py_TYPE(self))->tp_name;
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

/* "sorted", "time.sleep", "list.append", "dict.fromkeys". */
static char *
c_name(PyObject *o, const PyMethodDef *def)
{
	PyObject *b_self = PyCFunction_GET_SELF(o);
	PyObject *b_module = ((PyCFunctionObject *)o)->m_module;
	char text[2 * MAX_TEXT + 2];

	if (b_self && !PyModule_Check(b_self)) {
		snprintf(text, sizeof(text), "%.*s.%.*s", MAX_TEXT,
			class_of(def, b_self), MAX_TEXT, def->ml_name);
	} else if (b_module && PyUnicode_Check(b_module) &&
		   PyUnicode_CompareWithASCIIString(b_module, "builtins")) {
		char *module = copy(b_module);
		snprintf(text, sizeof(text), "%.*s.%.*s", MAX_TEXT,
			module ? module : "?", MAX_TEXT, def->ml_name);
		free(module);
	} else {
		snprintf(text, sizeof(text), "%.*s", MAX_TEXT, def->ml_name);
	}
	return strdup(text);
}

uint32_t
calltree_functions_c(PyObject *o)
{
	if (!PyCFunction_Check(o))
		return CALLTREE_NONE;
	PyMethodDef *b_def = ((PyCFunctionObject *)o)->m_ml;
	struct face face = {b_def, b_def->ml_name, NULL, 0};
	struct slot *s = find(&face);

	if (s->face.key)
		return s->number;
	return keep(s, &face,
		number((struct calltree_function){
			.is_c = true, .name = c_name(o, b_def)}));
}
