/*
 * Printing an uncaught exception as python3 does, and keeping what was printed.
 *
 * To print an exception may run code of the snippet (__str__, __repr__ of its
 * arguments, __notes__), and python3 runs it once.  So the text is not made a
 * second time for the record: sys.stderr is, while the interpreter prints, an
 * object that hands everything on to the real one and keeps a copy.
 * PyErr_Display of CPython 3.11 (Python/pythonrun.c) calls write() and flush().
 */
#include "sandbox/py/internal.h"

#include <structmember.h>

#define MAX_KEPT_TEXT (256 * 1024)

struct tee {
	PyObject_HEAD PyObject *real;
	PyObject *kept; /* list of str */
	Py_ssize_t size;
};

static PyObject *
tee_write(PyObject *self, PyObject *text)
{
	struct tee *t = (struct tee *)self;

	if (PyUnicode_CheckExact(text) && t->size < MAX_KEPT_TEXT) {
		t->size += PyUnicode_GET_LENGTH(text);
		if (PyList_Append(t->kept, text))
			return NULL;
	}
	return PyObject_CallMethod(t->real, "write", "O", text);
}

static PyObject *
tee_flush(PyObject *self, PyObject *unused)
{
	(void)unused;
	return PyObject_CallMethod(((struct tee *)self)->real, "flush", NULL);
}

/* Whatever else is asked of it, the real one answers. */
static PyObject *
tee_getattro(PyObject *self, PyObject *name)
{
	PyObject *own = PyObject_GenericGetAttr(self, name);

	if (own || !PyErr_ExceptionMatches(PyExc_AttributeError))
		return own;
	PyErr_Clear();
	return PyObject_GetAttr(((struct tee *)self)->real, name);
}

static void
tee_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((struct tee *)self)->real);
	Py_XDECREF(((struct tee *)self)->kept);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef tee_methods[] = {
	{"write", tee_write, METH_O, NULL},
	{"flush", tee_flush, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot tee_slots[] = {
	{Py_tp_methods, tee_methods},
	{Py_tp_getattro, tee_getattro},
	{Py_tp_dealloc, tee_dealloc},
	{0, NULL},
};

static PyType_Spec tee_spec = {
	.name = "vitrine.tee",
	.basicsize = sizeof(struct tee),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = tee_slots,
};

static struct tee *
tee_new(PyObject *real)
{
	scope_py PyObject *type = PyType_FromSpec(&tee_spec);
	struct tee *t =
		type ? PyObject_New(struct tee, (PyTypeObject *)type) : NULL;

	if (!t)
		return NULL;
	t->real = Py_NewRef(real);
	t->kept = PyList_New(0);
	t->size = 0;
	if (t->kept)
		return t;
	Py_DECREF(t);
	return NULL;
}

/* Is the hook the interpreter's own, and is there a stream to print on? */
static bool
plain_hook(PyObject *b_stderr)
{
	PyObject *b_hook = PySys_GetObject("excepthook");

	return b_hook && b_hook == py_kept.excepthook && b_stderr &&
	       b_stderr != Py_None;
}

PyObject *
py_display(PyObject *type, PyObject *value, PyObject *tb)
{
	PyObject *b_stderr = PySys_GetObject("stderr");
	scope_py PyObject *real =
		plain_hook(b_stderr) ? Py_NewRef(b_stderr) : NULL;
	scope_py PyObject *tee = real ? (PyObject *)tee_new(real) : NULL;
	scope_py PyObject *empty = PyUnicode_FromStringAndSize(NULL, 0);

	if (tee)
		PySys_SetObject("stderr", tee);
	else
		PyErr_Clear();
	PyErr_Restore(Py_NewRef(type), Py_NewRef(value), Py_XNewRef(tb));
	PyErr_Print();
	if (!tee)
		return NULL;
	/* Unless what it called put another in its place. */
	if (PySys_GetObject("stderr") == tee)
		PySys_SetObject("stderr", real);
	PyObject *text =
		empty ? PyUnicode_Join(empty, ((struct tee *)tee)->kept) : NULL;
	PyErr_Clear();
	return text;
}
