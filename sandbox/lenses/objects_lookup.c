/*
 * Attributes, as they would be looked up: place after place, and what is found
 * there, without calling what would be called.
 *
 * The order is that of _PyObject_GenericGetAttrWithDict() (Objects/object.c),
 * of type_getattro() (Objects/typeobject.c) for classes, and of
 * module_getattro() (Objects/moduleobject.c).  A class with a __getattribute__
 * of its own, and a C type with its own way, have the word themselves.
 */
#include "sandbox/lenses/objects_ask.h"

#include <structmember.h>

#include <string.h>

#include "sandbox/lenses/dict_table.h"

/* One attribute of one object. */
struct lookup {
	struct objects_heap *h;
	const char *name; /* not NUL-terminated */
	size_t n;
	const char *result;
	PyObject *object; /* borrowed: what it comes to; NULL when that would
			     have to be called for */
	PyObject *calls;  /* borrowed: what would be called, or NULL */
};

static bool
is_it(const struct lookup *l, PyObject *b_key)
{
	return objects_text_equals(b_key, l->name, l->n);
}

static PyObject *
in_dict(const struct lookup *l, PyObject *b_dict)
{
	struct dict_entry e;
	Py_ssize_t at = 0;

	if (!b_dict || !PyDict_Check(b_dict))
		return NULL;
	struct dict_table d = dict_table_of(b_dict);
	while (dict_table_next(&d, &at, &e))
		if (is_it(l, e.key))
			return e.value;
	return NULL;
}

static void
write_place(struct lookup *l, const char *place, PyTypeObject *type,
	PyObject *b_found)
{
	struct jsonw *w = l->h->w;
	struct objects_text name = {.n = 0};

	jsonw_object(w);
	jsonw_key(w, "place");
	jsonw_str(w, place);
	if (type) {
		objects_text_type(&name, type);
		objects_write_member(w, "name", &name);
	}
	objects_write_bool(w, "found", b_found != NULL);
	if (b_found) {
		const char *kind = objects_type_descriptor(b_found);
		objects_heap_ref(l->h, "object", b_found);
		jsonw_key(w, "descriptor");
		if (kind)
			jsonw_str(w, kind);
		else
			jsonw_null(w);
	}
	jsonw_end(w);
}

/* In the dicts of a type's MRO, in their order. */
static PyObject *
in_classes(struct lookup *l, PyTypeObject *type, const char *place)
{
	PyObject *b_mro = type->tp_mro;

	for (Py_ssize_t i = 0; b_mro && PyTuple_Check(b_mro) &&
			       i < PyTuple_GET_SIZE(b_mro) && i < OBJECTS_BASES;
		i++) {
		PyTypeObject *t = (PyTypeObject *)PyTuple_GET_ITEM(b_mro, i);
		PyObject *b_found = in_dict(l, objects_class_dict(t));
		write_place(l, place, t, b_found);
		if (b_found)
			return b_found;
	}
	return NULL;
}

static PyObject *
special(PyTypeObject *type, const char *name)
{
	PyObject *b_mro = type->tp_mro;

	for (Py_ssize_t i = 0;
		b_mro && PyTuple_Check(b_mro) && i < PyTuple_GET_SIZE(b_mro);
		i++) {
		PyObject *b_found = objects_class_entry(
			(PyTypeObject *)PyTuple_GET_ITEM(b_mro, i), name);
		if (b_found)
			return b_found;
	}
	return NULL;
}

static void
ends(struct lookup *l, const char *result, PyObject *b_object,
	PyObject *b_calls)
{
	l->result = result;
	l->object = b_object;
	l->calls = b_calls;
}

static void
by_nothing(struct lookup *l, PyObject *b_getattr)
{
	if (b_getattr)
		ends(l, "__getattr__", NULL, b_getattr);
	else
		ends(l, "AttributeError", NULL, NULL);
}

/* What a slot's descriptor, which may stand in any class, has in this object;
 * false when it has no such slot. */
static bool
in_slot(PyObject *o, PyObject *b_descriptor, PyObject **ret)
{
	const PyMemberDef *m = ((PyMemberDescrObject *)b_descriptor)->d_member;

	if (m->type != T_OBJECT_EX ||
		!PyObject_TypeCheck(o, PyDescr_TYPE(b_descriptor)))
		return false;
	memcpy(ret, (const char *)o + m->offset, sizeof(*ret));
	return true;
}

/* A data descriptor has the word.  What a slot holds can be read. */
static void
by_data_descriptor(struct lookup *l, PyObject *o, PyObject *b_descriptor)
{
	PyObject *b_value, *b_getter = NULL;

	if (Py_IS_TYPE(b_descriptor, &PyMemberDescr_Type) &&
		in_slot(o, b_descriptor, &b_value)) {
		if (b_value)
			ends(l, "slot", b_value, NULL);
		else
			by_nothing(l, special(Py_TYPE(o), "__getattr__"));
		return;
	}
	if (PyObject_TypeCheck(b_descriptor, &PyProperty_Type))
		b_getter = objects_class_member(b_descriptor, "fget");
	ends(l, "data descriptor", NULL, b_getter ? b_getter : b_descriptor);
}

struct wanted {
	const struct lookup *l;
	PyObject *value;
};

static void
is_wanted(const struct objects_attribute *a, void *data)
{
	struct wanted *w = data;

	if (!a->slot && !w->value && is_it(w->l, a->key))
		w->value = a->value;
}

/* In what the object has of its own; its name for the place, NULL when there is
 * no such place. */
static PyObject *
in_object(struct lookup *l, PyObject *o)
{
	struct wanted w = {l, NULL};
	PyObject *b_dict;

	if (PyModule_Check(o)) {
		w.value = in_dict(l, PyModule_GetDict(o));
		write_place(l, "module", NULL, w.value);
	} else if (objects_instance_has_place(o, &b_dict)) {
		objects_instance_each(o, is_wanted, &w);
		write_place(l, b_dict ? "instance dict" : "instance values",
			NULL, w.value);
	}
	return w.value;
}

/* What a function is, found in a class, for an instance; and what else is made
 * of what is found. */
static void
by_class_attribute(struct lookup *l, PyObject *b_found)
{
	if (!objects_type_descriptor(b_found))
		ends(l, "class", b_found, NULL);
	else if (PyFunction_Check(b_found) ||
		 Py_IS_TYPE(b_found, &PyMethodDescr_Type) ||
		 Py_IS_TYPE(b_found, &PyWrapperDescr_Type))
		ends(l, "method", NULL, b_found);
	else if (Py_IS_TYPE(b_found, &PyStaticMethod_Type))
		ends(l, "static method",
			objects_class_member(b_found, "__func__"), NULL);
	else if (Py_IS_TYPE(b_found, &PyClassMethod_Type))
		ends(l, "class method", NULL,
			objects_class_member(b_found, "__func__"));
	else
		ends(l, "descriptor", NULL, b_found);
}

static void
of_object(struct lookup *l, PyObject *o)
{
	PyTypeObject *type = Py_TYPE(o);
	PyObject *b_class = in_classes(l, type, "class"), *b_own;
	const char *kind = b_class ? objects_type_descriptor(b_class) : NULL;
	PyObject *b_getattr = special(type, "__getattr__");

	if (kind && strcmp(kind, "data") == 0) {
		by_data_descriptor(l, o, b_class);
		return;
	}
	b_own = in_object(l, o);
	if (b_own)
		ends(l, "instance", b_own, NULL);
	else if (b_class)
		by_class_attribute(l, b_class);
	else if (PyModule_Check(o))
		by_nothing(
			l, dict_table_text(PyModule_GetDict(o), "__getattr__"));
	else
		by_nothing(l, b_getattr);
}

/* Does its __get__ give itself when it is asked of a class? */
static bool
is_itself_of_class(PyObject *o)
{
	PyTypeObject *const all[] = {&PyFunction_Type, &PyProperty_Type,
		&PyMemberDescr_Type, &PyGetSetDescr_Type, &PyMethodDescr_Type,
		&PyWrapperDescr_Type};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (Py_IS_TYPE(o, all[i]))
			return true;
	return false;
}

/* Of a class: its metaclass first, for data descriptors, then its own MRO,
 * whose functions are taken as they are. */
static void
of_class(struct lookup *l, PyObject *o)
{
	PyObject *b_meta = in_classes(l, Py_TYPE(o), "metaclass");
	const char *kind = b_meta ? objects_type_descriptor(b_meta) : NULL;
	PyObject *b_found;

	if (kind && strcmp(kind, "data") == 0) {
		by_data_descriptor(l, o, b_meta);
		return;
	}
	b_found = in_classes(l, (PyTypeObject *)o, "class");
	if (b_found && is_itself_of_class(b_found))
		ends(l, "class", b_found, NULL);
	else if (b_found)
		by_class_attribute(l, b_found);
	else if (b_meta)
		by_class_attribute(l, b_meta);
	else
		by_nothing(l, special(Py_TYPE(o), "__getattr__"));
}

static void
look_up(struct lookup *l, PyObject *o)
{
	PyTypeObject *type = Py_TYPE(o);
	PyObject *b_own = special(type, "__getattribute__");
	bool generic = type->tp_getattro == PyObject_GenericGetAttr ||
		       type->tp_getattro == PyModule_Type.tp_getattro ||
		       type->tp_getattro == PyType_Type.tp_getattro;

	if (b_own && !Py_IS_TYPE(b_own, &PyWrapperDescr_Type))
		ends(l, "__getattribute__", NULL, b_own);
	else if (!generic && !objects_class_is_python(type))
		ends(l, "C", NULL, NULL);
	else if (PyType_Check(o))
		of_class(l, o);
	else
		of_object(l, o);
}

static void
write_lookup(struct lookup *l, PyObject *o)
{
	struct jsonw *w = l->h->w;

	jsonw_object(w);
	objects_heap_ref(l->h, "of", o);
	jsonw_key(w, "attribute");
	jsonw_strn(w, l->name, l->n);
	jsonw_key(w, "tried");
	jsonw_array(w);
	look_up(l, o);
	jsonw_end(w);
	jsonw_key(w, "result");
	jsonw_str(w, l->result);
	objects_heap_ref(l->h, "object", l->object);
	objects_heap_ref(l->h, "calls", l->calls);
	jsonw_end(w);
}

static PyObject *
find_name(PyFrameObject *f, const char *name, size_t n)
{
	struct objects_walk at = {.local = 0};
	struct objects_name found;

	while (objects_capture_next(f, &at, &found))
		if (objects_text_equals(found.name, name, n))
			return found.value;
	return NULL;
}

/* "name.one.two": each of what the one before came to, as long as that is
 * known. */
static void
write_chain(
	struct objects_heap *h, PyFrameObject *f, const char *text, size_t n)
{
	const char *dot = memchr(text, '.', n), *end = text + n, *at;
	size_t len = dot ? (size_t)(dot - text) : n;
	PyObject *b_object;

	b_object = find_name(f, text, len);
	jsonw_object(h->w);
	jsonw_key(h->w, "expression");
	jsonw_strn(h->w, text, n);
	objects_write_bool(h->w, "bound", b_object != NULL);
	jsonw_key(h->w, "steps");
	jsonw_array(h->w);
	for (at = text + len; b_object && at < end; at += len) {
		at++; /* the dot */
		dot = memchr(at, '.', (size_t)(end - at));
		len = (size_t)((dot ? dot : end) - at);
		struct lookup l = {.h = h, .name = at, .n = len};
		write_lookup(&l, b_object);
		b_object = l.object;
	}
	jsonw_end(h->w);
	jsonw_end(h->w);
}

void
objects_ask_lookups(
	struct objects_heap *h, const struct lens_run *r, PyFrameObject *f)
{
	const char *value;
	size_t at = 0, n;

	jsonw_key(h->w, "lookups");
	jsonw_array(h->w);
	while ((value = lens_option(r, "objects.attributes", &at, &n)))
		write_chain(h, f, value, n);
	jsonw_end(h->w);
}
