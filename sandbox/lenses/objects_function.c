/*
 * What can be called: functions with their defaults, their cells and their
 * code; bound methods; what C wrote; and modules, where functions live.
 *
 * Layout: PyFunctionObject, Include/cpython/funcobject.h of CPython 3.11, 3.13
 * and 3.14, Include/funcobject.h of 3.9; PyMethodObject,
 * Include/cpython/classobject.h; PyCFunctionObject,
 * Include/cpython/methodobject.h; PyCellObject, Include/cpython/cellobject.h.
 */
#include "sandbox/lenses/objects.h"

#include "sandbox/lenses/dict_table.h"

/* The name of the i-th variable of the code that is an argument, or (free) that
 * is in a cell of the functions around it. */
static PyObject *
variable(PyCodeObject *code, Py_ssize_t i, bool free)
{
#if PY_VERSION_HEX >= PY_3_11
	PyObject *b_names = code->co_localsplusnames;

	if (free)
		i += code->co_nlocalsplus - code->co_nfreevars;
#else
	PyObject *b_names = free ? code->co_freevars : code->co_varnames;
#endif
	return i >= 0 && i < PyTuple_GET_SIZE(b_names)
		       ? PyTuple_GET_ITEM(b_names, i)
		       : NULL;
}

static void
write_named(struct objects_heap *h, PyObject *b_name, PyObject *b_value)
{
	jsonw_object(h->w);
	objects_write_name(h->w, "name", b_name);
	objects_heap_ref(h, "object", b_value);
	jsonw_end(h->w);
}

/* The last arguments have them. */
static void
write_defaults(struct objects_heap *h, PyCodeObject *code, PyObject *b_defaults)
{
	Py_ssize_t n = b_defaults && PyTuple_Check(b_defaults)
			       ? PyTuple_GET_SIZE(b_defaults)
			       : 0;

	jsonw_key(h->w, "defaults");
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < n && i < OBJECTS_ITEMS; i++)
		write_named(h, variable(code, code->co_argcount - n + i, false),
			PyTuple_GET_ITEM(b_defaults, i));
	jsonw_end(h->w);
	h->dropped_items += n > OBJECTS_ITEMS ? (size_t)n - OBJECTS_ITEMS : 0;
}

static void
write_keyword_defaults(struct objects_heap *h, PyObject *b_dict)
{
	Py_ssize_t at = 0, n = 0;
	struct dict_entry e;

	jsonw_key(h->w, "kwdefaults");
	jsonw_array(h->w);
	if (b_dict && PyDict_Check(b_dict)) {
		struct dict_table d = dict_table_of(b_dict);
		while (n++ < OBJECTS_ITEMS && dict_table_next(&d, &at, &e))
			write_named(h, e.key, e.value);
		h->dropped_items += n > OBJECTS_ITEMS && d.used > OBJECTS_ITEMS
					    ? (size_t)d.used - OBJECTS_ITEMS
					    : 0;
	}
	jsonw_end(h->w);
}

static void
write_closure(struct objects_heap *h, PyCodeObject *code, PyObject *b_closure)
{
	Py_ssize_t n = b_closure ? PyTuple_GET_SIZE(b_closure) : 0;

	jsonw_key(h->w, "closure");
	jsonw_array(h->w);
	for (Py_ssize_t i = 0; i < n && i < OBJECTS_ITEMS; i++)
		write_named(h, variable(code, i, true),
			PyTuple_GET_ITEM(b_closure, i));
	jsonw_end(h->w);
	h->dropped_items += n > OBJECTS_ITEMS ? (size_t)n - OBJECTS_ITEMS : 0;
}

static bool
is_function(PyObject *o)
{
	return PyFunction_Check(o);
}

static void
function_details(struct objects_heap *h, PyObject *o)
{
	const PyFunctionObject *f = (const PyFunctionObject *)o;
	PyCodeObject *code = (PyCodeObject *)f->func_code;

	objects_write_name(h->w, "qualname", f->func_qualname);
	objects_write_name(h->w, "module", f->func_module);
	objects_heap_ref(h, "code", f->func_code);
	write_defaults(h, code, f->func_defaults);
	write_keyword_defaults(h, f->func_kwdefaults);
	write_closure(h, code, f->func_closure);
	objects_heap_ref(h, "dict", f->func_dict);
}

static void
function_layout(struct objects_layout *l, PyObject *o)
{
	static const struct objects_field all[] = {
#define F(member) OBJECTS_FIELD(PyFunctionObject, member, OBJECTS_OBJECT)
#if PY_VERSION_HEX >= PY_3_11
		F(func_builtins),
#endif
		F(func_globals),
		F(func_name),
		F(func_qualname),
		F(func_code),
		F(func_defaults),
		F(func_kwdefaults),
		F(func_closure),
		F(func_doc),
		F(func_dict),
		F(func_module),
		F(func_annotations),
#if PY_VERSION_HEX >= PY_3_12
		F(func_typeparams),
#endif
#if PY_VERSION_HEX >= PY_3_14
		F(func_annotate),
#endif
#undef F
		OBJECTS_FIELD(
			PyFunctionObject, func_weakreflist, OBJECTS_POINTER),
		OBJECTS_FIELD(PyFunctionObject, vectorcall, OBJECTS_POINTER),
#if PY_VERSION_HEX >= PY_3_11
		OBJECTS_FIELD(PyFunctionObject, func_version, OBJECTS_UINT),
#endif
	};

	(void)o;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		objects_layout_add(l, all[i]);
}

const struct objects_kind objects_function = {
	"function", is_function, function_details, function_layout, NULL, NULL};

static bool
is_code(PyObject *o)
{
	return PyCode_Check(o);
}

static void
code_details(struct objects_heap *h, PyObject *o)
{
	const PyCodeObject *c = (const PyCodeObject *)o;

	objects_write_name(h->w, "qualname", py_qualname((PyCodeObject *)o));
	objects_write_name(h->w, "file", c->co_filename);
	objects_write_int(h->w, "first_line", c->co_firstlineno);
	objects_write_int(h->w, "arg_count", c->co_argcount);
	objects_write_int(h->w, "posonly_arg_count", c->co_posonlyargcount);
	objects_write_int(h->w, "kwonly_arg_count", c->co_kwonlyargcount);
	objects_write_int(h->w, "local_count", c->co_nlocals);
	objects_write_int(h->w, "stack_size", c->co_stacksize);
#if PY_VERSION_HEX >= PY_3_11
	/* An instruction without its argument, and that:
	 * Include/cpython/code.h, _Py_CODEUNIT. */
	objects_write_int(h->w, "code_bytes", Py_SIZE(o) * 2);
#else
	objects_write_int(h->w, "code_bytes", PyBytes_GET_SIZE(c->co_code));
#endif
}

const struct objects_kind objects_function_code = {
	"code", is_code, code_details, NULL, NULL, NULL};

static bool
is_cell(PyObject *o)
{
	return PyCell_Check(o);
}

static void
cell_details(struct objects_heap *h, PyObject *o)
{
	objects_heap_ref(h, "contents", PyCell_GET(o));
}

static void
cell_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyCellObject, ob_ref, OBJECTS_OBJECT));
}

const struct objects_kind objects_function_cell = {
	"cell", is_cell, cell_details, cell_layout, NULL, NULL};

static bool
is_method(PyObject *o)
{
	return PyMethod_Check(o);
}

static void
method_details(struct objects_heap *h, PyObject *o)
{
	objects_heap_ref(h, "function", PyMethod_GET_FUNCTION(o));
	objects_heap_ref(h, "self", PyMethod_GET_SELF(o));
}

static void
method_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyMethodObject, im_func, OBJECTS_OBJECT));
	objects_layout_add(
		l, OBJECTS_FIELD(PyMethodObject, im_self, OBJECTS_OBJECT));
	objects_layout_add(
		l, OBJECTS_FIELD(PyMethodObject, vectorcall, OBJECTS_POINTER));
}

const struct objects_kind objects_function_bound = {
	"method", is_method, method_details, method_layout, NULL, NULL};

static bool
is_builtin(PyObject *o)
{
	return PyCFunction_Check(o);
}

static void
builtin_details(struct objects_heap *h, PyObject *o)
{
	const PyCFunctionObject *f = (const PyCFunctionObject *)o;

	jsonw_key(h->w, "name");
	jsonw_str(h->w, f->m_ml->ml_name);
	objects_heap_ref(h, "self", f->m_self);
}

static void
builtin_layout(struct objects_layout *l, PyObject *o)
{
	(void)o;
	objects_layout_add(
		l, OBJECTS_FIELD(PyCFunctionObject, m_ml, OBJECTS_POINTER));
	objects_layout_add(
		l, OBJECTS_FIELD(PyCFunctionObject, m_self, OBJECTS_OBJECT));
	objects_layout_add(
		l, OBJECTS_FIELD(PyCFunctionObject, m_module, OBJECTS_OBJECT));
	objects_layout_add(l,
		OBJECTS_FIELD(PyCFunctionObject, vectorcall, OBJECTS_POINTER));
}

const struct objects_kind objects_function_builtin = {
	"builtin", is_builtin, builtin_details, builtin_layout, NULL, NULL};

static bool
is_module(PyObject *o)
{
	return PyModule_Check(o);
}

/* Not what is in it: that is the library's, or another program's. */
static void
module_details(struct objects_heap *h, PyObject *o)
{
	PyObject *b_dict = PyModule_GetDict(o);
	PyObject *b_name = b_dict ? dict_table_text(b_dict, "__name__") : NULL;
	PyObject *b_file = b_dict ? dict_table_text(b_dict, "__file__") : NULL;

	objects_write_name(h->w, "name", b_name);
	objects_write_name(h->w, "file", b_file);
	objects_write_int(
		h->w, "names", b_dict ? dict_table_of(b_dict).used : 0);
}

const struct objects_kind objects_function_module = {
	"module", is_module, module_details, NULL, NULL, NULL};
