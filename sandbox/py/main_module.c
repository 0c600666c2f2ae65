/* What a program finds when it begins: its arguments, its path, its __main__.
 */
#include "sandbox/py/internal.h"

#include <string.h>

#include "wire/bundle.h"

int
py_set_arguments(const struct py_pass *p)
{
	scope_py PyObject *argv = Py_BuildValue("[s]", "main.py");
	struct bundle_part part;
	size_t at = 0;

	while (argv && bundle_next(p->bundle, p->bundle_len, &at, &part)) {
		if (part.kind != BUNDLE_ARG)
			continue;
		scope_py PyObject *arg = PyUnicode_DecodeUTF8(part.value,
			(Py_ssize_t)part.value_len, "surrogateescape");
		if (!arg || PyList_Append(argv, arg))
			return -1;
	}
#if PY_VERSION_HEX < PY_3_10
	return argv ? PySys_SetObject("argv", argv) : -1;
#else
	PyObject *b_program = PySys_GetObject("executable");
	scope_py PyObject *orig =
		b_program ? Py_BuildValue("[O]", b_program) : NULL;
	scope_py PyObject *whole =
		orig && argv ? PySequence_Concat(orig, argv) : NULL;
	if (!whole || PySys_SetObject("argv", argv))
		return -1;
	return PySys_SetObject("orig_argv", whole);
#endif
}

int
py_set_path(const char *script)
{
	PyObject *b_path = PySys_GetObject("path");
	scope_py PyObject *dir = PyUnicode_FromStringAndSize(
		script, strrchr(script, '/') - script);

	return b_path && dir ? PyList_Insert(b_path, 0, dir) : -1;
}

PyObject *
py_make_main(const char *script)
{
	PyObject *b_modules = PyImport_GetModuleDict();

	/* The first rehearsal finds that of the interpreter's own. */
	if (PyDict_GetItemString(b_modules, "__main__"))
		PyDict_DelItemString(b_modules, "__main__");
	PyObject *b_main = PyImport_AddModule("__main__");
	PyObject *b_dict = b_main ? PyModule_GetDict(b_main) : NULL;
	scope_py PyObject *builtins = PyImport_ImportModule("builtins");
	scope_py PyObject *file = PyUnicode_FromString(script);
	scope_py PyObject *loader = PyObject_CallFunction(
		py_kept.file_loader, "ss", "__main__", script);

	if (!b_dict || !builtins || !file || !loader)
		return NULL;
#if PY_VERSION_HEX < PY_3_14
	scope_py PyObject *annotations = PyDict_New();
	if (!annotations ||
		PyDict_SetItemString(b_dict, "__annotations__", annotations))
		return NULL;
#endif
	if (PyDict_SetItemString(b_dict, "__builtins__", builtins) ||
		PyDict_SetItemString(b_dict, "__file__", file))
		return NULL;
#if PY_VERSION_HEX < PY_3_15
	if (PyDict_SetItemString(b_dict, "__cached__", Py_None))
		return NULL;
#endif
	if (PyDict_SetItemString(b_dict, "__loader__", loader))
		return NULL;
	return b_dict;
}
