/* An exception as a record: what went wrong, where. */
#include "sandbox/py/internal.h"
#include "sandbox/py/lock.h"

#include <string.h>

#define MAX_TRACEBACK 200

static void
key_str(struct jsonw *w, const char *key, PyObject *str)
{
	jsonw_key(w, key);
	if (str && PyUnicode_Check(str))
		py_json_str(w, str);
	else
		jsonw_null(w);
	PyErr_Clear();
}

/* The name as a traceback shows it: without the module for built-in types and
 * the snippet's own. */
static PyObject *
type_name(PyObject *type)
{
	scope_py PyObject *name = PyObject_GetAttrString(type, "__qualname__");
	scope_py PyObject *module = PyObject_GetAttrString(type, "__module__");

	PyErr_Clear();
	if (!name || !PyUnicode_Check(name))
		return PyUnicode_FromString(((PyTypeObject *)type)->tp_name);
	if (!module || !PyUnicode_Check(module) ||
		PyUnicode_CompareWithASCIIString(module, "builtins") == 0 ||
		PyUnicode_CompareWithASCIIString(module, "__main__") == 0)
		return Py_NewRef(name);
	return PyUnicode_FromFormat("%U.%U", module, name);
}

/* Are the names still there, in their order, as they were?  Nothing is looked
 * up by key, which would ask keys of the snippet's making whether they are
 * equal.
 */
static bool
begins_as(PyObject *now, PyObject *was)
{
	PyObject *b_key, *b_value, *b_now_key, *b_now_value;
	Py_ssize_t at = 0, now_at = 0;
	bool same = true;

	Py_BEGIN_CRITICAL_SECTION(now);
	while (same && PyDict_Next(was, &at, &b_key, &b_value))
		same = PyDict_Next(now, &now_at, &b_now_key, &b_now_value) &&
		       b_now_key == b_key && b_now_value == b_value;
	Py_END_CRITICAL_SECTION();
	return same;
}

/* Would a function that was kept still meet the names that it was written for,
 * or something of the snippet's?  (What is inside of them is not looked at.) */
static bool
is_untouched(void)
{
	Py_ssize_t n = PyList_GET_SIZE(py_kept.untouched);

	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *b_pair = PyList_GET_ITEM(py_kept.untouched, i);
		if (!begins_as(PyTuple_GET_ITEM(b_pair, 0),
			    PyTuple_GET_ITEM(b_pair, 1)))
			return false;
	}
	return true;
}

/* The source line as the traceback prints it, from linecache's view. */
static PyObject *
source_line(PyObject *file, int line)
{
	PyObject *text =
		PyObject_CallFunction(py_kept.getline, "Oi", file, line);

	if (!text)
		PyErr_Clear();
	if (!text || !PyUnicode_Check(text)) {
		Py_XDECREF(text);
		return NULL;
	}
	scope_py PyObject *whole = text;
	return PyObject_CallMethod(whole, "strip", NULL);
}

/* A list of (code, line, its text or None), of which the first MAX_TRACEBACK
 * are told; the text only if that runs nothing of the snippet.  *ret_last is
 * the last line that is in the script, or 0.
 *
 * All that runs Python is done here, before the record is begun: other threads
 * of the snippet's may go on meanwhile, and write records of their own. */
static PyObject *
frames_of(const char *script, PyObject *tb, bool untouched, int *ret_last)
{
	scope_py PyObject *frames = PyList_New(0);

	*ret_last = 0;
	for (PyTracebackObject *t = (PyTracebackObject *)tb;
		frames && t && PyTraceBack_Check(t); t = t->tb_next) {
		scope_py PyObject *code =
			(PyObject *)PyFrame_GetCode(t->tb_frame);
		PyCodeObject *c = (PyCodeObject *)code;
		/* tb_lineno is -1 until somebody asks (3.11). */
		int line = t->tb_lineno;
		if (line <= 0)
			line = PyCode_Addr2Line(c, t->tb_lasti);
		const char *file = PyUnicode_AsUTF8(c->co_filename);
		if (!file)
			PyErr_Clear();
		if (file && strcmp(file, script) == 0)
			*ret_last = line;
		if (PyList_GET_SIZE(frames) >= MAX_TRACEBACK)
			continue;
		scope_py PyObject *text =
			untouched ? source_line(c->co_filename, line) : NULL;
		scope_py PyObject *frame = Py_BuildValue(
			"(OiO)", code, line, text ? text : Py_None);
		if (!frame || PyList_Append(frames, frame))
			return NULL;
	}
	return Py_XNewRef(frames);
}

static void
write_traceback(struct jsonw *w, PyObject *frames)
{
	Py_ssize_t n = frames ? PyList_GET_SIZE(frames) : 0;

	jsonw_array(w);
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *b_frame = PyList_GET_ITEM(frames, i);
		PyCodeObject *b_code =
			(PyCodeObject *)PyTuple_GET_ITEM(b_frame, 0);
		jsonw_object(w);
		key_str(w, "file", b_code->co_filename);
		jsonw_key(w, "line");
		py_json(w, PyTuple_GET_ITEM(b_frame, 1));
		key_str(w, "function", b_code->co_name);
		key_str(w, "text", PyTuple_GET_ITEM(b_frame, 2));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static int
syntax_line(PyObject *value)
{
	scope_py PyObject *line = PyObject_GetAttrString(value, "lineno");
	long n = line && PyLong_Check(line) ? PyLong_AsLong(line) : 0;

	PyErr_Clear();
	return n > 0 && n < 1 << 30 ? (int)n : 0;
}

/* Is it alone, so that to format it calls nothing of another's? */
static bool
is_alone(PyObject *value)
{
	scope_py PyObject *cause = PyException_GetCause(value);
	scope_py PyObject *context = PyException_GetContext(value);

	return !cause && !context;
}

static PyObject *
formatted(PyObject *type, PyObject *value, PyObject *tb)
{
	scope_py PyObject *lines = PyObject_CallFunctionObjArgs(
		py_kept.format_exception, type, value, tb ? tb : Py_None, NULL);
	scope_py PyObject *empty = PyUnicode_FromString("");

	if (!lines || !empty)
		return NULL;
	return PyUnicode_Join(empty, lines);
}

void
py_record_exception(struct record_writer *r, const char *script,
	const char *phase, PyObject *type, PyObject *value, PyObject *tb,
	PyObject *text)
{
	scope_py PyObject *name = type_name(type);
	scope_py PyObject *message =
		name ? py_message(value, name, text) : NULL;
	PyErr_Clear();
	/* A hook of the snippet's printed, or not: then it is made, if that
	 * runs nothing of the snippet. */
	bool untouched = is_untouched();
	bool quiet = untouched && py_message_is_plain(value) && is_alone(value);
	scope_py PyObject *made =
		!text && quiet ? formatted(type, value, tb) : NULL;
	PyErr_Clear();
	int line = strcmp(phase, "compile") == 0 ? syntax_line(value) : 0;
	int last;
	scope_py PyObject *frames = frames_of(script, tb, untouched, &last);
	PyErr_Clear();

	py_lock();
	struct jsonw *w = record_begin(r, RECORD_SET, RECORD_RUN, "exception");
	jsonw_object(w);
	key_str(w, "type", name);
	key_str(w, "message", message);
	jsonw_key(w, "phase");
	jsonw_str(w, phase);
	jsonw_key(w, "traceback");
	write_traceback(w, frames);
	jsonw_key(w, "line");
	if (line ? line : last)
		jsonw_int(w, line ? line : last);
	else
		jsonw_null(w);
	key_str(w, "text", text ? text : made);
	jsonw_end(w);
	record_commit(r);
	py_unlock();
	PyErr_Clear();
}
