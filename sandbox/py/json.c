/* Python values as JSON, for values that our own code made. */
#include "sandbox/py/internal.h"

void
py_json_str(struct jsonw *w, PyObject *str)
{
	Py_ssize_t n;
	const char *s = PyUnicode_AsUTF8AndSize(str, &n);

	if (s) {
		jsonw_strn(w, s, (size_t)n);
		return;
	}
	PyErr_Clear();
	scope_py PyObject *bytes =
		PyUnicode_AsEncodedString(str, "utf-8", "backslashreplace");
	if (!bytes) {
		PyErr_Clear();
		jsonw_null(w);
		return;
	}
	jsonw_strn(
		w, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
}

static void
json_sequence(struct jsonw *w, PyObject *o)
{
	Py_ssize_t n = PySequence_Fast_GET_SIZE(o);

	jsonw_array(w);
	for (Py_ssize_t i = 0; i < n; i++)
		py_json(w, PySequence_Fast_GET_ITEM(o, i));
	jsonw_end(w);
}

static void
json_dict(struct jsonw *w, PyObject *o)
{
	PyObject *b_key, *b_value;
	Py_ssize_t at = 0;

	jsonw_object(w);
	while (PyDict_Next(o, &at, &b_key, &b_value)) {
		const char *key = PyUnicode_AsUTF8(b_key);
		if (!key) {
			PyErr_Clear();
			continue;
		}
		jsonw_key(w, key);
		py_json(w, b_value);
	}
	jsonw_end(w);
}

void
py_json(struct jsonw *w, PyObject *o)
{
	if (PyBool_Check(o)) {
		jsonw_bool(w, o == Py_True);
	} else if (PyLong_Check(o)) {
		int overflow;
		long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
		if (overflow)
			jsonw_null(w);
		else
			jsonw_int(w, v);
	} else if (PyUnicode_Check(o)) {
		py_json_str(w, o);
	} else if (PyList_Check(o) || PyTuple_Check(o)) {
		json_sequence(w, o);
	} else if (PyDict_Check(o)) {
		json_dict(w, o);
	} else {
		jsonw_null(w);
	}
}
