/*
 * The end of an interpreter as a program sees it, without the ten milliseconds
 * of Py_FinalizeEx (Python/pylifecycle.c, 3.11): threads are joined, atexit
 * functions run, the snippet's modules go and with them what only they held,
 * cycles included, and the streams are flushed.  What stays is the zygote's.
 */
#include "sandbox/py/internal.h"

#include <string.h>

/* wait_for_thread_shutdown() */
void
py_join_threads(void)
{
	scope_py PyObject *name = PyUnicode_FromString("threading");
	scope_py PyObject *threading = name ? PyImport_GetModule(name) : NULL;

	if (!threading)
		return;
	scope_py PyObject *done =
		PyObject_CallMethod(threading, "_shutdown", NULL);
	if (!done)
		PyErr_WriteUnraisable(threading);
}

static int
flush(const char *stream, bool say)
{
	PyObject *b_file = PySys_GetObject(stream);

	if (!b_file || b_file == Py_None)
		return 0;
	scope_py PyObject *file = Py_NewRef(b_file);
	scope_py PyObject *closed = PyObject_GetAttrString(file, "closed");
	if (!closed)
		PyErr_Clear();
	if (closed && PyObject_IsTrue(closed) == 1)
		return 0;
	scope_py PyObject *done = PyObject_CallMethod(file, "flush", NULL);
	if (done)
		return 0;
	if (say)
		PyErr_WriteUnraisable(file);
	PyErr_Clear();
	return -1;
}

/* flush_io(), after the program: before its exception is printed. */
void
py_flush(void)
{
	PyObject *type, *value, *tb;

	PyErr_Fetch(&type, &value, &tb);
	flush("stderr", false);
	flush("stdout", false);
	PyErr_Restore(type, value, tb);
}

/* As flush_std_files(): said for stdout, silent for stderr. */
static int
flush_streams(void)
{
	int out = flush("stdout", true), err = flush("stderr", false);

	return out || err ? -1 : 0;
}

/* Is this module one of the snippet's: __main__, or loaded from a file in its
 * directory? */
static bool
is_snippets(PyObject *name, PyObject *module, const char *dir, size_t n)
{
	if (PyUnicode_Check(name) &&
		PyUnicode_CompareWithASCIIString(name, "__main__") == 0)
		return true;
	if (!PyModule_Check(module))
		return false;
	PyObject *b_file =
		PyDict_GetItemString(PyModule_GetDict(module), "__file__");
	const char *file = b_file && PyUnicode_Check(b_file)
				   ? PyUnicode_AsUTF8(b_file)
				   : NULL;
	PyErr_Clear();
	return file && strncmp(file, dir, n) == 0;
}

/* What of sys holds on to the snippet's objects
 * (finalize_modules_delete_special of 3.11). */
static void
clear_sys(void)
{
	static const char *const names[] = {"path", "argv", "ps1", "ps2",
		"last_type", "last_value", "last_traceback", "path_hooks",
		"path_importer_cache", "meta_path"};

	static const char *const streams[][2] = {{"stdin", "__stdin__"},
		{"stdout", "__stdout__"}, {"stderr", "__stderr__"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		PySys_SetObject(names[i], Py_None);
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		PyObject *b_first = PySys_GetObject(streams[i][1]);
		PySys_SetObject(streams[i][0], b_first ? b_first : Py_None);
	}
	PyErr_Clear();
}

/* Tuples (name, module) of those that are the snippet's.  No reference is taken
 * to any other: that would write to the pages of all that the zygote imported,
 * which this process shares until then. */
static PyObject *
find_snippets(const char *dir, size_t n)
{
	scope_py PyObject *found = PyList_New(0);
	PyObject *b_name, *b_module;
	Py_ssize_t at = 0;

	while (PyDict_Next(PyImport_GetModuleDict(), &at, &b_name, &b_module)) {
		if (!is_snippets(b_name, b_module, dir, n))
			continue;
		scope_py PyObject *pair = PyTuple_Pack(2, b_name, b_module);
		if (!found || !pair || PyList_Append(found, pair))
			return NULL;
	}
	return Py_XNewRef(found);
}

/* finalize_modules(): the modules leave sys.modules, the collector runs, and
 * those that something still holds are cleared, the newest first. */
static void
drop_modules(const char *script)
{
	size_t n = (size_t)(strrchr(script, '/') - script) + 1;
	PyObject *b_modules = PyImport_GetModuleDict();
	scope_py PyObject *items = find_snippets(script, n);
	scope_py PyObject *weak = PyList_New(0);

	if (!items || !weak)
		return;
	for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
		PyObject *b_pair = PyList_GET_ITEM(items, i);
		PyObject *b_name = PyTuple_GET_ITEM(b_pair, 0);
		PyObject *b_module = PyTuple_GET_ITEM(b_pair, 1);
		scope_py PyObject *ref = PyWeakref_NewRef(b_module, NULL);
		if (ref)
			PyList_Append(weak, ref);
		PyDict_DelItem(b_modules, b_name);
		PyErr_Clear();
	}
	Py_CLEAR(items);
	clear_sys();
	PyGC_Enable();
	PyGC_Collect();
	for (Py_ssize_t i = PyList_GET_SIZE(weak); i-- > 0;) {
		PyObject *b_module =
			PyWeakref_GetObject(PyList_GET_ITEM(weak, i));
		if (b_module && b_module != Py_None &&
			PyModule_Check(b_module)) {
			scope_py PyObject *module = Py_NewRef(b_module);
			_PyModule_Clear(module);
		}
	}
	PyGC_Collect();
	PyErr_Clear();
}

int
py_shutdown(const char *script)
{
	scope_py PyObject *done = PyObject_CallNoArgs(py_kept.run_exitfuncs);
	if (!done)
		PyErr_WriteUnraisable(NULL);
	int rc = flush_streams();
	PyGC_Collect(); /* nothing when the snippet disabled it */
	drop_modules(script);
	/* What finalisers printed.  sys has no streams any more when CPython is
	 * here; they flush themselves as they go, and a failure is nobody's. */
	flush("stdout", false);
	flush("stderr", false);
	return rc;
}
