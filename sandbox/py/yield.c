/*
 * Modules that give way.  The zygote imported some that python3 does not start
 * with; a run that brings a file json.py has to get its own, as the directory
 * of the script is first on sys.path.
 */
#include "sandbox/py/internal.h"

#include <string.h>

#include "wire/bundle.h"

/* The name of the module or package that a path is, or is in; its length. */
static size_t
module_of(const struct bundle_part *file)
{
	const char *slash = memchr(file->name, '/', file->name_len);

	if (slash)
		return (size_t)(slash - file->name);
	if (file->name_len > 3 &&
		memcmp(file->name + file->name_len - 3, ".py", 3) == 0)
		return file->name_len - 3;
	return 0;
}

/* Is key this module, or one in it? */
static bool
is_in(PyObject *key, const char *name, size_t n)
{
	Py_ssize_t size = 0;
	const char *s = PyUnicode_Check(key)
				? PyUnicode_AsUTF8AndSize(key, &size)
				: NULL;

	if (!s || (size_t)size < n || memcmp(s, name, n) != 0)
		return false;
	return (size_t)size == n || s[n] == '.';
}

static void
give_way(const char *name, size_t n)
{
	PyObject *b_modules = PyImport_GetModuleDict();
	scope_py PyObject *keys = PyDict_Keys(b_modules);

	for (Py_ssize_t i = 0; keys && i < PyList_GET_SIZE(keys); i++) {
		PyObject *b_key = PyList_GET_ITEM(keys, i);
		if (is_in(b_key, name, n) &&
			PyDict_Contains(py_kept.at_start, b_key) == 0)
			PyDict_DelItem(b_modules, b_key);
	}
}

void
py_yield_modules(const struct py_pass *p)
{
	struct bundle_part part;
	size_t at = 0;

	while (bundle_next(p->bundle, p->bundle_len, &at, &part)) {
		size_t n = part.kind == BUNDLE_FILE ? module_of(&part) : 0;
		if (n)
			give_way(part.name, n);
	}
	PyErr_Clear();
}
