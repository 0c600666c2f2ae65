/*
 * The end of an interpreter as a program sees it, without the ten milliseconds
 * of Py_FinalizeEx (Python/pylifecycle.c, 3.11): threads are joined, atexit
 * functions run, the snippet's modules go and with them what only they held,
 * cycles included, and the streams are flushed.  What stays is the zygote's.
 */
#include "sandbox/py/internal.h"

#include <stdlib.h>
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

/* What of sys holds on to a program's objects
 * (finalize_modules_delete_special of 3.11; last_exc from 3.12 on). */
static const char *const holders[] = {"path", "argv", "ps1", "ps2", "last_type",
	"last_value", "last_traceback", "last_exc", "path_hooks",
	"path_importer_cache", "meta_path"};

/* What was there before any program, by address alone: a reference would be
 * seen by a program that counts them, and none of these is looked into. */
struct before {
	const void **objects;
	size_t n;
};
static struct before modules, held;

static int
note(struct before *b, const void *object)
{
	const void **more = reallocarray(b->objects, b->n + 1, sizeof(*more));

	if (!more)
		return -1;
	b->objects = more;
	b->objects[b->n++] = object;
	return 0;
}

static int
note_all(struct before *b, PyObject *o)
{
	PyObject *b_value;
	Py_ssize_t at = 0;
	int rc = 0;

	if (PyList_CheckExact(o))
		for (; at < PyList_GET_SIZE(o); at++)
			rc |= note(b, PyList_GET_ITEM(o, at));
	else if (PyDict_CheckExact(o))
		while (PyDict_Next(o, &at, NULL, &b_value))
			rc |= note(b, b_value);
	return rc;
}

int
py_keep_objects(void)
{
	PyObject *b_name, *b_module;
	Py_ssize_t at = 0;
	int rc = 0;

	modules.n = held.n = 0;
	/* The program's __main__ may well be where this one was. */
	while (PyDict_Next(PyImport_GetModuleDict(), &at, &b_name, &b_module))
		if (!PyUnicode_Check(b_name) ||
			PyUnicode_CompareWithASCIIString(b_name, "__main__"))
			rc |= note(&modules, b_module);
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
		PyObject *b_holder = PySys_GetObject(holders[i]);
		if (b_holder)
			rc |= note_all(&held, b_holder);
	}
	return rc;
}

/* Where it is, from `from` on; b->n when it is not. */
static size_t
find(const struct before *b, size_t from, const void *object)
{
	while (from < b->n && b->objects[from] != object)
		from++;
	return from;
}

/* None of a program's finalisers is reached from here: text, and what was there
 * before the program. */
static bool
is_harmless(PyObject *o)
{
	return o == Py_None || PyUnicode_CheckExact(o) ||
	       find(&held, 0, o) < held.n;
}

static bool
holds_nothing(PyObject *o)
{
	PyObject *b_value;
	Py_ssize_t at = 0;

	if (PyList_CheckExact(o)) {
		while (at < PyList_GET_SIZE(o) &&
			is_harmless(PyList_GET_ITEM(o, at)))
			at++;
		return at == PyList_GET_SIZE(o);
	}
	while (PyDict_CheckExact(o) && PyDict_Next(o, &at, NULL, &b_value))
		if (!is_harmless(b_value))
			return false;
	return PyDict_CheckExact(o);
}

/* The names are None from now on.  What holds nothing of the program's is not
 * freed, for that would copy the pages of all that is in it. */
static void
clear_sys(void)
{
	static const char *const streams[][2] = {{"stdin", "__stdin__"},
		{"stdout", "__stdout__"}, {"stderr", "__stderr__"}};

	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
		PyObject *b_holder = PySys_GetObject(holders[i]);
		if (!b_holder || b_holder == Py_None)
			continue;
		if (holds_nothing(b_holder))
			Py_INCREF(b_holder); /* until the process ends */
		PySys_SetObject(holders[i], Py_None);
	}
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		PyObject *b_first = PySys_GetObject(streams[i][1]);
		PySys_SetObject(streams[i][0], b_first ? b_first : Py_None);
	}
	PyErr_Clear();
}

/* Tuples (name, module) of those that are the snippet's.  The others are not
 * touched: a reference taken would copy the pages of all that the zygote
 * imported, and a look at each name takes longer than a short program.  Those
 * of the zygote are known by their order, which a dict keeps. */
static PyObject *
find_snippets(const char *dir, size_t n)
{
	scope_py PyObject *found = PyList_New(0);
	PyObject *b_modules = PyImport_GetModuleDict(), *b_name, *b_module;
	size_t known = 0;
	Py_ssize_t at = 0;

	/* Daemon threads go on meanwhile. */
	Py_BEGIN_CRITICAL_SECTION(b_modules);
	while (PyDict_Next(b_modules, &at, &b_name, &b_module)) {
		size_t i = find(&modules, known, b_module);
		if (i < modules.n) {
			known = i + 1;
			continue;
		}
		if (!is_snippets(b_name, b_module, dir, n))
			continue;
		scope_py PyObject *pair = PyTuple_Pack(2, b_name, b_module);
		if (!found || !pair || PyList_Append(found, pair))
			Py_CLEAR(found);
	}
	Py_END_CRITICAL_SECTION();
	return Py_XNewRef(found);
}

/* A name with one underscore: "_" and "_a", not "__a". */
static bool
is_private(PyObject *name)
{
	return PyUnicode_READ_CHAR(name, 0) == '_' &&
	       (PyUnicode_GET_LENGTH(name) == 1 ||
		       PyUnicode_READ_CHAR(name, 1) != '_');
}

/* As _PyModule_ClearDict() (Objects/moduleobject.c), which is not exported from
 * 3.13 on: first the private names, then all but __builtins__, become None. */
static void
clear_module(PyObject *b_dict)
{
	scope_py PyObject *dict = Py_NewRef(b_dict);

	for (int private = 1; private >= 0; private --) {
		PyObject *b_name, *b_value;
		Py_ssize_t at = 0;
		Py_BEGIN_CRITICAL_SECTION(dict);
		while (PyDict_Next(dict, &at, &b_name, &b_value)) {
			if (b_value == Py_None || !PyUnicode_Check(b_name) ||
				!PyUnicode_GET_LENGTH(b_name))
				continue;
			if (private ? !is_private(b_name)
				    : PyUnicode_CompareWithASCIIString(
					      b_name, "__builtins__") == 0)
				continue;
			if (PyDict_SetItem(dict, b_name, Py_None))
				PyErr_WriteUnraisable(NULL);
		}
		Py_END_CRITICAL_SECTION();
	}
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
		scope_py PyObject *module =
			py_weak_target(PyList_GET_ITEM(weak, i));
		if (module && PyModule_Check(module))
			clear_module(PyModule_GetDict(module));
	}
	PyGC_Collect();
	PyErr_Clear();
}

void
py_rehearse_shutdown(const char *script)
{
	size_t n = (size_t)(strrchr(script, '/') - script) + 1;
	scope_py PyObject *items = find_snippets(script, n);

	for (Py_ssize_t i = 0; items && i < PyList_GET_SIZE(items); i++) {
		PyObject *b_pair = PyList_GET_ITEM(items, i);
		Py_XDECREF(PyWeakref_NewRef(PyTuple_GET_ITEM(b_pair, 1), NULL));
	}
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
		PyObject *b_holder = PySys_GetObject(holders[i]);
		if (!b_holder)
			continue;
		scope_py PyObject *holder = Py_NewRef(b_holder);
		(void)holds_nothing(holder);
		PySys_SetObject(holders[i], holder); /* as it was */
	}
	flush("stdout", false);
	flush("stderr", false);
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
