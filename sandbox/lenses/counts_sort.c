/*
 * What list.sort() compares past the types: where all keys are int, or float,
 * or str, it takes their values (unsafe_long_compare() and its like,
 * Objects/listobject.c).  What it does depends on nothing but the answers, so
 * the same list is sorted twice: once as objects whose only comparison is the
 * one that counts, then as it is, uncounted.
 *
 * With a key, its results are there once it has been called for the last item,
 * and nothing of the program's runs from then on.
 */
#include "sandbox/lenses/counts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/py/lock.h"
#include "sandbox/py/scope_py.h"

typedef PyObject *(*sort_function)(
	PyObject *list, PyObject *const *args, Py_ssize_t n, PyObject *names);

static struct {
	sort_function theirs;
	PyMethodDef *def;
	PyListObject *list; /* made ahead: its making would be counted */
	PyObject *reverse;  /* ("reverse",) */
} sort;

static _Thread_local bool is_counted;

bool
counts_sort_is_counted(void)
{
	return is_counted;
}

/* --- objects that nobody else sees: their types are not made ready, so that
 * object.__subclasses__() does not show them ------------------------------- */

struct stand_in {
	PyObject_HEAD PyObject *b_value;
};

static PyObject *
compare(PyObject *a, PyObject *b, int op)
{
	PyObject *b_a = ((struct stand_in *)a)->b_value;
	PyObject *b_b = ((struct stand_in *)b)->b_value;

	return Py_TYPE(b_a)->tp_richcompare(b_a, b_b, op);
}

static PyTypeObject stand_in_type = {
	PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "stand_in",
	.tp_basicsize = sizeof(struct stand_in),
	.tp_richcompare = compare,
};

/* What stands for the key function. */
struct key {
	PyObject_HEAD vectorcallfunc call;
	PyObject *b_key;
	PyObject *b_reverse; /* or NULL */
	PyObject **b_values;
	Py_ssize_t n, room;
};

static PyObject *call_key(
	PyObject *self, PyObject *const *args, size_t n, PyObject *names);

static PyTypeObject key_type = {
	PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "key",
	.tp_basicsize = sizeof(struct key),
	.tp_call = PyVectorcall_Call,
	.tp_vectorcall_offset = offsetof(struct key, call),
#if PY_VERSION_HEX >= PY_3_12
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
#else
	.tp_flags = Py_TPFLAGS_DEFAULT | _Py_TPFLAGS_HAVE_VECTORCALL,
#endif
};

/* --- which lists ---------------------------------------------------------- */

static bool
is_plain(const PyObject *o)
{
	return PyLong_CheckExact(o) || PyFloat_CheckExact(o) ||
	       PyUnicode_CheckExact(o);
}

/* A plain value, or a tuple of such: comparing it runs nothing of the
 * program's, and the type is asked for nothing else. */
static bool
is_simple(const PyObject *o)
{
	if (!o || !PyTuple_CheckExact(o))
		return o && is_plain(o);
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++)
		if (!is_plain(PyTuple_GET_ITEM(o, i)))
			return false;
	return true;
}

/* All of one simple type?  Others are compared by their types, which count. */
static bool
are_simple(PyObject *const *values, Py_ssize_t n)
{
	for (Py_ssize_t i = 0; i < n; i++)
		if (!is_simple(values[i]) ||
			Py_TYPE(values[i]) != Py_TYPE(values[0]))
			return false;
	return n > 1;
}

/* --- sorting -------------------------------------------------------------- */

/* The whole list once more, for its comparisons. */
static void
sort_stand_ins(PyObject *const *values, Py_ssize_t n, PyObject *reverse)
{
	struct stand_in *made = calloc((size_t)n, sizeof(*made));
	PyObject **items = calloc((size_t)n, sizeof(*items));

	if (!made || !items) {
		free(made);
		free(items);
		return;
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		made[i].b_value = values[i];
		PyObject_Init((PyObject *)&made[i], &stand_in_type);
		items[i] = (PyObject *)&made[i];
	}
	py_lock();
	PyListObject *list = sort.list;
	list->ob_item = items;
	Py_SET_SIZE(list, n);
	list->allocated = n;
	scope_py PyObject *none = sort.theirs(
		(PyObject *)list, &reverse, 0, reverse ? sort.reverse : NULL);
	PyErr_Clear();
	list->ob_item = NULL;
	Py_SET_SIZE(list, 0);
	list->allocated = 0;
	py_unlock();
	free(items);
	free(made);
}

static PyObject *
call_key(PyObject *self, PyObject *const *args, size_t n, PyObject *names)
{
	struct key *k = (struct key *)self;
	PyObject *value = PyObject_Vectorcall(k->b_key, args, n, names);

	if (value && k->n < k->room)
		k->b_values[k->n++] = value; /* which the sort has by then */
	if (value && k->n == k->room && !is_counted &&
		are_simple(k->b_values, k->n)) {
		sort_stand_ins(k->b_values, k->n, k->b_reverse);
		is_counted = true;
	}
	return value;
}

static PyObject *
sort_with_key(PyObject *list, PyObject **args, size_t key, PyObject *names,
	PyObject *b_reverse)
{
	Py_ssize_t n = PyList_GET_SIZE(list);
	struct key k = {.call = call_key,
		.b_key = args[key],
		.b_reverse = b_reverse,
		.b_values = calloc((size_t)n + 1, sizeof(*k.b_values)),
		.room = n};

	PyObject_Init((PyObject *)&k, &key_type);
	/* For as long as the call is. */
	struct key *now = &k;
	if (k.b_values)
		args[key] = (PyObject *)now;
	PyObject *none = sort.theirs(list, args, 0, names);
	args[key] = k.b_key;
	is_counted = false;
	free(k.b_values);
	return none;
}

static PyObject *
sort_plain(PyObject *list, PyObject *const *args, PyObject *names,
	PyObject *b_reverse)
{
	PyObject *const *items = ((PyListObject *)list)->ob_item;
	Py_ssize_t n = PyList_GET_SIZE(list);

	if (are_simple(items, n)) {
		sort_stand_ins(items, n, b_reverse);
		is_counted = true;
	}
	PyObject *none = sort.theirs(list, args, 0, names);
	is_counted = false;
	return none;
}

/* Finds the arguments; false when they are not what is known here. */
static bool
find(PyObject *const *args, PyObject *names, Py_ssize_t *ret_key,
	PyObject **ret_reverse)
{
	Py_ssize_t n = names ? PyTuple_GET_SIZE(names) : 0;

	*ret_key = -1;
	*ret_reverse = NULL;
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *b_name = PyTuple_GET_ITEM(names, i);
		if (!PyUnicode_CompareWithASCIIString(b_name, "key"))
			*ret_key = args[i] == Py_None ? -1 : i;
		else if (!PyUnicode_CompareWithASCIIString(b_name, "reverse"))
			*ret_reverse = args[i];
	}
	return n <= 2 && (!*ret_reverse || PyBool_Check(*ret_reverse) ||
				 PyLong_CheckExact(*ret_reverse));
}

static PyObject *
ours(PyObject *list, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	PyObject *b_reverse, *copy[2];
	Py_ssize_t key;

	if (!counts_watching() || n || is_counted ||
		!find(args, names, &key, &b_reverse))
		return sort.theirs(list, args, n, names);
	if (key < 0)
		return sort_plain(list, args, names, b_reverse);
	memcpy(copy, args, (size_t)PyTuple_GET_SIZE(names) * sizeof(*copy));
	return sort_with_key(list, copy, (size_t)key, names, b_reverse);
}

int
counts_sort_warm(struct fail *f)
{
	PyMethodDef *def = PyList_Type.tp_methods;

	while (def->ml_name && strcmp(def->ml_name, "sort") != 0)
		def++;
	if (!def->ml_name || def->ml_flags != (METH_FASTCALL | METH_KEYWORDS))
		return fail_set(f, "list.sort is not as expected");
	sort.def = def;
	sort.theirs = (sort_function)(void (*)(void))def->ml_meth;
	sort.list = (PyListObject *)PyList_New(0);
	sort.reverse = Py_BuildValue("(s)", "reverse");
	if (!sort.list || !sort.reverse)
		return fail_set(f, "no memory");
	PyObject_GC_UnTrack(sort.list);
	PyObject_GC_UnTrack(sort.reverse);
	return 0;
}

void
counts_sort_begin(void)
{
	sort.def->ml_meth = (PyCFunction)(void (*)(void))ours;
}
