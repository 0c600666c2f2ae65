/*
 * The message of an exception, without calling code of the snippet: python3
 * calls it once, when it prints, and so do we (display.c).
 */
#include "sandbox/py/internal.h"

/* str() and repr() of these run nothing but the interpreter's own. */
static bool
is_plain(PyObject *o)
{
	return !o || o == Py_None || PyUnicode_CheckExact(o) ||
	       PyLong_CheckExact(o) || PyBool_Check(o) ||
	       PyFloat_CheckExact(o) || PyBytes_CheckExact(o);
}

static bool
args_are_plain(PyObject *value)
{
	PyObject *b_args = ((PyBaseExceptionObject *)value)->args;

	for (Py_ssize_t i = 0; b_args && i < PyTuple_GET_SIZE(b_args); i++)
		if (!is_plain(PyTuple_GET_ITEM(b_args, i)))
			return false;
	return true;
}

/* The type's __str__ is one of the interpreter's (Objects/exceptions.c). */
static bool
str_is_builtin(PyObject *value)
{
	scope_py PyObject *name = PyUnicode_InternFromString("__str__");
	PyObject *b_str = name ? _PyType_Lookup(Py_TYPE(value), name) : NULL;

	PyErr_Clear();
	return b_str && Py_IS_TYPE(b_str, &PyWrapperDescr_Type);
}

static bool
is_a(PyObject *value, PyObject *type)
{
	return PyObject_TypeCheck(value, (PyTypeObject *)type);
}

bool
py_message_is_plain(PyObject *value)
{
	if (!PyExceptionInstance_Check(value) || !str_is_builtin(value))
		return false;
#if PY_VERSION_HEX >= PY_3_11
	/* Its own message and the number of its exceptions. */
	if (is_a(value, PyExc_BaseExceptionGroup))
		return true;
#endif
	if (is_a(value, PyExc_OSError)) {
		PyOSErrorObject *e = (PyOSErrorObject *)value;
		return args_are_plain(value) && is_plain(e->myerrno) &&
		       is_plain(e->strerror) && is_plain(e->filename) &&
		       is_plain(e->filename2);
	}
	if (is_a(value, PyExc_SyntaxError)) {
		PySyntaxErrorObject *e = (PySyntaxErrorObject *)value;
		return is_plain(e->msg) && is_plain(e->filename) &&
		       is_plain(e->lineno);
	}
	return args_are_plain(value);
}

/* How long the text is without the notes that end it (PEP 678), each on lines
 * of its own. */
static Py_ssize_t
before_notes(PyObject *value, PyObject *text)
{
	scope_py PyObject *notes = PyObject_GetAttrString(value, "__notes__");
	Py_ssize_t n = PyUnicode_GET_LENGTH(text);
	Py_ssize_t i =
		notes && PyList_CheckExact(notes) ? PyList_GET_SIZE(notes) : 0;

	PyErr_Clear();
	while (i-- > 0) {
		PyObject *b_note = PyList_GET_ITEM(notes, i);
		if (!PyUnicode_CheckExact(b_note))
			break;
		Py_ssize_t len = PyUnicode_GET_LENGTH(b_note);
		if (len >= n ||
			PyUnicode_Tailmatch(text, b_note, n - len, n, 1) != 1)
			break;
		n -= len + 1; /* and the end of the line before it */
	}
	return n;
}

/* What follows "name: " where that begins a line for the last time. */
static PyObject *
find(PyObject *value, PyObject *name, PyObject *text)
{
	scope_py PyObject *title = PyUnicode_FromFormat("%U: ", name);
	Py_ssize_t end = PyUnicode_GET_LENGTH(text), at = end;

	if (end && PyUnicode_READ_CHAR(text, end - 1) == '\n')
		end--;
	while (title && at > 0) {
		at = PyUnicode_Find(text, title, 0, at, -1);
		if (at < 0)
			break;
		if (at && PyUnicode_READ_CHAR(text, at - 1) != '\n')
			continue;
		scope_py PyObject *rest = PyUnicode_Substring(
			text, at + PyUnicode_GET_LENGTH(title), end);
		return rest ? PyUnicode_Substring(
				      rest, 0, before_notes(value, rest))
			    : NULL;
	}
	return NULL;
}

PyObject *
py_message(PyObject *value, PyObject *name, PyObject *text)
{
	if (py_message_is_plain(value))
		return PyObject_Str(value);
	return text ? find(value, name, text) : NULL;
}
