/*
 * What built-in types are asked for: whether one value is less than another or
 * equal to it (tp_richcompare), and what its hash is (tp_hash).
 *
 * Ours stand in the slots of the types below, of those that took the slot over
 * from them, and in the wrappers (int.__lt__) from which a class that is made
 * later takes it: update_one_slot(), Objects/typeobject.c.  A dict compares
 * keys that are str, and list.sort() what is all int, float or str, without
 * asking the type (Objects/dictobject.c, Objects/listobject.c).
 */
#include "sandbox/lenses/counts.h"

#include "sandbox/py/scope_py.h"

/* X(name, type) */
#define TYPES(X)                                                               \
	X(int, PyLong_Type)                                                    \
	X(float, PyFloat_Type)                                                 \
	X(complex, PyComplex_Type)                                             \
	X(str, PyUnicode_Type)                                                 \
	X(bytes, PyBytes_Type)                                                 \
	X(bytearray, PyByteArray_Type)                                         \
	X(tuple, PyTuple_Type)                                                 \
	X(list, PyList_Type)                                                   \
	X(dict, PyDict_Type)                                                   \
	X(set, PySet_Type)                                                     \
	X(frozenset, PyFrozenSet_Type)                                         \
	X(range, PyRange_Type)                                                 \
	X(object, PyBaseObject_Type)

enum {
#define X(name, type) ROW_##name,
	TYPES(X)
#undef X
		ROWS
};

static struct row {
	richcmpfunc compare;
	hashfunc hash;
} theirs[ROWS];

/* NotImplemented is no answer: the other operand is asked if its type compares
 * at all, and when it does not know either, whether the two are one object.
 * That is one comparison. */
static _Thread_local struct {
	const PyObject *a, *b;
} unanswered;

static bool
is_one(const PyObject *a, const PyObject *b, const PyObject *answer)
{
	bool both = (unanswered.a == b && unanswered.b == a) ||
		    !Py_TYPE(b)->tp_richcompare;

	unanswered.a = unanswered.b = NULL;
	if (answer != Py_NotImplemented || both)
		return answer != NULL;
	unanswered.a = a;
	unanswered.b = b;
	return false;
}

static PyObject *
compare(int row, PyObject *a, PyObject *b, int op)
{
	PyObject *answer = theirs[row].compare(a, b, op);

	if (counts_watching() && !counts_sort_is_counted() &&
		is_one(a, b, answer))
		counts_totals.comparisons++;
	return answer;
}

static Py_hash_t
hash(int row, PyObject *o)
{
	if (counts_watching())
		counts_totals.hashes++;
	return theirs[row].hash(o);
}

#define X(name, type)                                                          \
	static PyObject *compare_##name(PyObject *a, PyObject *b, int op)      \
	{                                                                      \
		return compare(ROW_##name, a, b, op);                          \
	}                                                                      \
	static Py_hash_t hash_##name(PyObject *o)                              \
	{                                                                      \
		return hash(ROW_##name, o);                                    \
	}
TYPES(X)
#undef X

static const struct {
	PyTypeObject *type;
	struct row ours;
} rows[ROWS] = {
#define X(name, type) {&type, {compare_##name, hash_##name}},
	TYPES(X)
#undef X
};

static bool
has_hash(int row)
{
	return theirs[row].hash &&
	       theirs[row].hash != PyObject_HashNotImplemented;
}

/* A wrapper of the type's own for this slot; borrowed, as the type has it. */
static PyWrapperDescrObject *
find_wrapper(PyTypeObject *type, const char *name, const void *slot)
{
	scope_py PyObject *o = PyObject_GetAttrString((PyObject *)type, name);
	PyWrapperDescrObject *d = (PyWrapperDescrObject *)o;

	PyErr_Clear();
	return o && Py_IS_TYPE(o, &PyWrapperDescr_Type) &&
			       PyDescr_TYPE(d) == type && d->d_wrapped == slot
		       ? d
		       : NULL;
}

static void *
as_object_pointer(void (*f)(void))
{
	void *p;

	_Static_assert(sizeof(p) == sizeof(f), "both are addresses");
	memcpy(&p, &f, sizeof(p));
	return p;
}
#define POINTER(f) as_object_pointer((void (*)(void))(f))

static void
change_wrappers(int row)
{
	static const char *const names[] = {"__lt__", "__le__", "__eq__",
		"__ne__", "__gt__", "__ge__", "__hash__"};
	size_t n = sizeof(names) / sizeof(*names) - !has_hash(row);

	for (size_t i = 0; i < n; i++) {
		bool hashes = i == 6;
		PyWrapperDescrObject *d = find_wrapper(rows[row].type, names[i],
			hashes ? POINTER(theirs[row].hash)
			       : POINTER(theirs[row].compare));
		if (d)
			d->d_wrapped = hashes ? POINTER(rows[row].ours.hash)
					      : POINTER(rows[row].ours.compare);
	}
}

/* The type's slots, where they are a row's. */
static void
change_slots(PyTypeObject *t)
{
	for (int i = 0; i < ROWS; i++) {
		if (t->tp_richcompare == theirs[i].compare)
			t->tp_richcompare = rows[i].ours.compare;
		if (has_hash(i) && t->tp_hash == theirs[i].hash)
			t->tp_hash = rows[i].ours.hash;
	}
}

/* This type and all that are made of it, as type.__subclasses__() has them. */
static int
change_all(PyTypeObject *t)
{
	change_slots(t);
	scope_py PyObject *all = PyObject_CallMethod(
		(PyObject *)&PyType_Type, "__subclasses__", "O", (PyObject *)t);
	if (!all)
		return -1;
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++)
		if (change_all((PyTypeObject *)PyList_GET_ITEM(all, i)))
			return -1;
	return 0;
}

int
counts_slots_warm(struct fail *f)
{
	for (int i = 0; i < ROWS; i++) {
		theirs[i] = (struct row){
			rows[i].type->tp_richcompare, rows[i].type->tp_hash};
		if (!theirs[i].compare ||
			!find_wrapper(rows[i].type, "__eq__",
				POINTER(theirs[i].compare)) ||
			(has_hash(i) && !find_wrapper(rows[i].type, "__hash__",
						POINTER(theirs[i].hash))))
			return fail_set(f,
				"%s compares otherwise than expected",
				rows[i].type->tp_name);
	}
	return 0;
}

int
counts_slots_begin(void)
{
	for (int i = 0; i < ROWS; i++)
		change_wrappers(i);
	int rc = change_all(&PyBaseObject_Type);
	PyErr_Clear();
	return rc;
}
