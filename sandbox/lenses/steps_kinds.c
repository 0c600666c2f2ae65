/* What is shown of an object, by its kind. */
#include "sandbox/lenses/steps_kinds.h"

#include <string.h>

#include "sandbox/lenses/deque.h"
#include "sandbox/lenses/dict_table.h"
#include "sandbox/lenses/frames.h"
#include "sandbox/lenses/objects.h"
#include "sandbox/lenses/objects_class.h"

struct steps_kind_row {
	const char *name;
	bool (*is)(PyObject *o, const char *script);
	/* Members of the object. */
	void (*write)(struct steps_walk *w, struct steps_sink *j, PyObject *o);
};

static void
write_member(struct steps_walk *w, struct steps_sink *j, const char *key,
	PyObject *o)
{
	steps_sink_key(j, key);
	if (o)
		steps_walk_value(w, j, o);
	else
		steps_sink_null(j);
}

/* How many there are, where not all are shown. */
static void
write_length(struct steps_sink *j, Py_ssize_t n)
{
	if (n <= STEPS_ITEMS)
		return;
	steps_sink_key(j, "length");
	steps_sink_uint(j, (uint64_t)n);
}

static Py_ssize_t
shown(Py_ssize_t n)
{
	return n < STEPS_ITEMS ? n : STEPS_ITEMS;
}

static void
write_items(struct steps_walk *w, struct steps_sink *j, const char *key,
	PyObject *const *items, Py_ssize_t n)
{
	write_length(j, n);
	steps_sink_key(j, key);
	steps_sink_array(j);
	for (Py_ssize_t i = 0; i < shown(n); i++)
		if (items[i])
			steps_walk_value(w, j, items[i]);
		else
			steps_sink_null(j);
	steps_sink_end(j);
}

static bool
is_list(PyObject *o, const char *script)
{
	(void)script;
	return PyList_Check(o);
}

static void
write_list(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	const PyListObject *l = (const PyListObject *)o;

	write_items(w, j, "items", l->ob_item, Py_SIZE(l));
}

static bool
is_tuple(PyObject *o, const char *script)
{
	(void)script;
	return PyTuple_Check(o);
}

static void
write_tuple(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	write_items(w, j, "items", ((PyTupleObject *)o)->ob_item,
		PyTuple_GET_SIZE(o));
}

static bool
is_set(PyObject *o, const char *script)
{
	(void)script;
	return PyAnySet_Check(o);
}

static void
write_set(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	const PySetObject *s = (const PySetObject *)o;
	Py_ssize_t left = shown(s->used);

	write_length(j, s->used);
	steps_sink_key(j, "items");
	steps_sink_array(j);
	for (Py_ssize_t i = 0; i <= s->mask && left > 0; i++)
		/* A hash of -1 is a place that was left. */
		if (s->table[i].key && s->table[i].hash != -1) {
			steps_walk_value(w, j, s->table[i].key);
			left--;
		}
	steps_sink_end(j);
}

static bool
is_dict(PyObject *o, const char *script)
{
	(void)script;
	return PyDict_Check(o);
}

static void
write_dict(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	struct dict_table d = dict_table_of(o);
	struct dict_entry e;
	Py_ssize_t at = 0, left = shown(d.used);

	write_length(j, d.used);
	steps_sink_key(j, "entries");
	steps_sink_array(j);
	while (left-- > 0 && dict_table_next(&d, &at, &e)) {
		steps_sink_array(j);
		steps_walk_value(w, j, e.key);
		steps_walk_value(w, j, e.value);
		steps_sink_end(j);
	}
	steps_sink_end(j);
}

static bool
is_deque(PyObject *o, const char *script)
{
	(void)script;
	return deque_is(o);
}

static void
write_deque(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	Py_ssize_t n = Py_SIZE(o);

	write_length(j, n);
	steps_sink_key(j, "items");
	steps_sink_array(j);
	struct deque_at at = deque_begin(o);
	for (Py_ssize_t i = 0; i < shown(n); i++)
		steps_walk_value(w, j, deque_next(&at));
	steps_sink_end(j);
}

static bool
is_bytearray(PyObject *o, const char *script)
{
	(void)script;
	return PyByteArray_Check(o);
}

static void
write_text(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	(void)w;
	steps_sink_key(j, "text");
	steps_sink_text(j, o);
}

static bool
is_exception(PyObject *o, const char *script)
{
	(void)script;
	return PyExceptionInstance_Check(o);
}

static void
write_exception(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	PyObject *b_args = ((PyBaseExceptionObject *)o)->args;

	if (b_args && PyTuple_Check(b_args))
		write_items(w, j, "args", ((PyTupleObject *)b_args)->ob_item,
			PyTuple_GET_SIZE(b_args));
}

static bool
is_of(PyObject *b_code, const char *script)
{
	return PyCode_Check(b_code) &&
	       frames_is_code_of((PyCodeObject *)b_code, script);
}

static bool
is_function(PyObject *o, const char *script)
{
	return PyFunction_Check(o) &&
	       is_of(((PyFunctionObject *)o)->func_code, script);
}

/* [name, value]; a name that is no str is shown as the value that it is. */
static void
write_named(struct steps_walk *w, struct steps_sink *j, PyObject *name,
	PyObject *value)
{
	steps_sink_array(j);
	if (PyUnicode_Check(name))
		steps_sink_name(j, name);
	else
		steps_sink_text(j, name);
	if (value)
		steps_walk_value(w, j, value);
	else
		steps_sink_null(j);
	steps_sink_end(j);
}

/* What a closure holds, by name. */
static void
write_closure(struct steps_walk *w, struct steps_sink *j, PyFunctionObject *f)
{
	PyObject *b_cells = f->func_closure;
	PyObject *name;
	int at = 0;

	if (!b_cells || !PyTuple_Check(b_cells))
		return;
	steps_sink_key(j, "closure");
	steps_sink_array(j);
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(b_cells) &&
			       frames_next_free(f->func_code, &at, &name);
		i++) {
		PyObject *b_cell = PyTuple_GET_ITEM(b_cells, i);
		write_named(w, j, name,
			PyCell_Check(b_cell) ? PyCell_GET(b_cell) : NULL);
	}
	steps_sink_end(j);
}

static void
write_function(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	PyFunctionObject *f = (PyFunctionObject *)o;

	steps_sink_key(j, "name");
	steps_sink_name(j, f->func_qualname);
	steps_sink_key(j, "line");
	steps_sink_uint(
		j, (uint64_t)((PyCodeObject *)f->func_code)->co_firstlineno);
	if (f->func_defaults && PyTuple_Check(f->func_defaults))
		write_items(w, j, "defaults",
			((PyTupleObject *)f->func_defaults)->ob_item,
			PyTuple_GET_SIZE(f->func_defaults));
	write_closure(w, j, f);
}

static bool
is_method(PyObject *o, const char *script)
{
	return PyMethod_Check(o) &&
	       is_function(PyMethod_GET_FUNCTION(o), script);
}

static void
write_method(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	write_member(w, j, "function", PyMethod_GET_FUNCTION(o));
	write_member(w, j, "self", PyMethod_GET_SELF(o));
}

static bool
is_class(PyObject *o, const char *script)
{
	(void)script;
	return PyType_Check(o) && objects_class_is_snippets((PyTypeObject *)o);
}

/* What every class has, and says nothing. */
static bool
is_usual(PyObject *name)
{
	static const char *const usual[] = {"__module__", "__qualname__",
		"__dict__", "__weakref__", "__doc__", "__firstlineno__",
		"__static_attributes__"};

	if (!PyUnicode_CheckExact(name) || !PyUnicode_IS_COMPACT_ASCII(name))
		return false;
	size_t n = (size_t)PyUnicode_GET_LENGTH(name);
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (strlen(usual[i]) == n &&
			memcmp(PyUnicode_DATA(name), usual[i], n) == 0)
			return true;
	return false;
}

static void
write_class(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	PyTypeObject *type = (PyTypeObject *)o;
	PyObject *b_dict = objects_class_dict(type);

	steps_sink_key(j, "name");
	steps_sink_type(j, type);
	if (type->tp_bases && PyTuple_Check(type->tp_bases))
		write_items(w, j, "bases",
			((PyTupleObject *)type->tp_bases)->ob_item,
			PyTuple_GET_SIZE(type->tp_bases));
	if (!b_dict)
		return;
	struct dict_table d = dict_table_of(b_dict);
	struct dict_entry e;
	Py_ssize_t at = 0, left = STEPS_ITEMS;
	steps_sink_key(j, "attributes");
	steps_sink_array(j);
	while (left > 0 && dict_table_next(&d, &at, &e))
		if (!is_usual(e.key)) {
			write_named(w, j, e.key, e.value);
			left--;
		}
	w->cut |= left == 0;
	steps_sink_end(j);
}

static bool
is_generator(PyObject *o, const char *script)
{
	struct frames_generator g;

	(void)script;
	return frames_generator(o, &g);
}

static void
write_generator(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	static const char *const states[] = {[FRAMES_CREATED] = "created",
		[FRAMES_SUSPENDED] = "suspended",
		[FRAMES_RUNNING] = "running",
		[FRAMES_CLOSED] = "closed"};
	struct frames_generator g;

	if (!frames_generator(o, &g))
		return;
	steps_sink_key(j, "name");
	steps_sink_name(j, g.qualname);
	steps_sink_key(j, "state");
	steps_sink_str(j, states[g.state]);
	if (!g.frame)
		return;
	steps_sink_key(j, "frame");
	steps_sink_uint(j, steps_walk_generator(w, o));
	if (g.state == FRAMES_SUSPENDED) {
		steps_sink_key(j, "line");
		steps_sink_uint(j, (uint64_t)g.line);
	}
}

static bool
is_instance(PyObject *o, const char *script)
{
	(void)script;
	return objects_class_is_python(Py_TYPE(o));
}

static void
write_nothing(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	(void)w;
	(void)j;
	(void)o;
}

/* The first that fits. */
static const struct steps_kind_row rows[] = {
	{"list", is_list, write_list},
	{"tuple", is_tuple, write_tuple},
	{"dict", is_dict, write_dict},
	{"set", is_set, write_set},
	{"deque", is_deque, write_deque},
	{"bytearray", is_bytearray, write_text},
	{"exception", is_exception, write_exception},
	{"function", is_function, write_function},
	{"method", is_method, write_method},
	{"generator", is_generator, write_generator},
	{"class", is_class, write_class},
	{"instance", is_instance, write_nothing},
};

int
steps_kind_warm(struct fail *f)
{
	return deque_warm(f);
}

/* Most values, of which it is seen at once. */
static bool
is_plain(PyObject *o)
{
	return PyLong_CheckExact(o) || PyUnicode_CheckExact(o) ||
	       PyFloat_CheckExact(o) || PyBool_Check(o) || o == Py_None ||
	       PyBytes_CheckExact(o) || PyCFunction_CheckExact(o) ||
	       PyModule_CheckExact(o);
}

const struct steps_kind_row *
steps_kind_of(PyObject *o, const char *script)
{
	if (is_plain(o))
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].is(o, script))
			return &rows[i];
	return NULL;
}

struct attributes {
	struct steps_walk *w;
	struct steps_sink *j;
	Py_ssize_t left;
};

static void
write_attribute(const struct objects_attribute *a, void *data)
{
	struct attributes *x = data;

	if (!a->value)
		return;
	if (x->left-- <= 0) {
		x->w->cut = true;
	} else if (a->key) {
		write_named(x->w, x->j, a->key, a->value);
	} else {
		steps_sink_array(x->j);
		steps_sink_str(x->j, a->slot);
		steps_walk_value(x->w, x->j, a->value);
		steps_sink_end(x->j);
	}
}

static void
write_attributes(struct steps_walk *w, struct steps_sink *j, PyObject *o)
{
	struct attributes x = {w, j, STEPS_ITEMS};

	/* Those of a class are told as its own. */
	if (PyType_Check(o) || !objects_class_is_python(Py_TYPE(o)))
		return;
	steps_sink_key(j, "attributes");
	steps_sink_array(j);
	objects_instance_each(o, write_attribute, &x);
	steps_sink_end(j);
}

/* Is the type called as its kind is? */
static bool
is_called(PyTypeObject *type, const char *kind)
{
	struct objects_text t = {.n = 0};

	objects_text_type(&t, type);
	return t.n == strlen(kind) && memcmp(t.bytes, kind, t.n) == 0;
}

void
steps_kind_write(struct steps_walk *w, struct steps_sink *j,
	const struct steps_object *e)
{
	const struct steps_kind_row *row = e->kind;

	steps_sink_object(j);
	steps_sink_key(j, "kind");
	steps_sink_str(j, row->name);
	if (!j->json || !is_called(Py_TYPE(e->o), row->name)) {
		steps_sink_key(j, "type");
		steps_sink_type(j, Py_TYPE(e->o));
	}
	row->write(w, j, e->o);
	write_attributes(w, j, e->o);
	steps_sink_end(j);
}
