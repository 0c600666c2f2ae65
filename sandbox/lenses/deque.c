/* collections.deque, read where it is. */
#include "sandbox/lenses/deque.h"

#include "sandbox/py/scope_py.h"

#define BLOCKLEN 64

struct block {
	struct block *leftlink;
	PyObject *data[BLOCKLEN];
	struct block *rightlink;
};

struct deque {
	PyObject_VAR_HEAD struct block *leftblock, *rightblock;
	Py_ssize_t leftindex, rightindex;
};

static PyTypeObject *type; /* kept */

bool
deque_is(PyObject *o)
{
	return type && PyObject_TypeCheck(o, type);
}

struct deque_at
deque_begin(PyObject *deque)
{
	const struct deque *d = (const struct deque *)deque;

	return (struct deque_at){d->leftblock, d->leftindex};
}

PyObject *
deque_next(struct deque_at *at)
{
	const struct block *b = at->block;
	PyObject *o = b->data[at->index++];

	if (at->index == BLOCKLEN)
		*at = (struct deque_at){b->rightlink, 0};
	return o;
}

/* More than two blocks, of which the first begins in the middle. */
static bool
holds(PyObject *deque, PyObject *items)
{
	struct deque_at at = deque_begin(deque);

	if (Py_SIZE(deque) != PyList_GET_SIZE(items))
		return false;
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++)
		if (deque_next(&at) != PyList_GET_ITEM(items, i))
			return false;
	return true;
}

int
deque_warm(struct fail *f)
{
	scope_py PyObject *module = PyImport_ImportModule("_collections");
	scope_py PyObject *found =
		module ? PyObject_GetAttrString(module, "deque") : NULL;
	scope_py PyObject *items = PyList_New(0);

	for (long i = 0; items && i < 3 * BLOCKLEN; i++) {
		scope_py PyObject *n = PyLong_FromLong(1000 + i);
		if (!n || PyList_Append(items, n))
			return fail_set(f, "no memory for a list");
	}
	scope_py PyObject *deque =
		found && items ? PyObject_CallOneArg(found, items) : NULL;
	if (!deque || !PyType_Check(found) || !holds(deque, items)) {
		PyErr_Clear();
		return fail_set(f, "collections.deque is not as expected");
	}
	type = (PyTypeObject *)Py_NewRef(found);
	return 0;
}
