/* The attributes of an instance, read where they are. */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/instance_table.h"

#include <structmember.h>

#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_dict.h>
#include <internal/pycore_object.h>
#endif

#include "sandbox/lenses/objects.h"

static bool
table_of_dict(PyObject *dict, struct dict_table *ret)
{
	if (!dict || !PyDict_Check(dict))
		return false;
	*ret = dict_table_of(dict);
	return true;
}

#if PY_VERSION_HEX >= PY_3_11
static void
table_of_values(PyTypeObject *type, PyDictValues *v, struct dict_table *ret)
{
	*ret = dict_table_of_keys(((PyHeapTypeObject *)type)->ht_cached_keys);
#if PY_VERSION_HEX >= PY_3_13
	dict_table_set_values(ret, v->values, v->capacity,
		(const uint8_t *)&v->values[v->capacity], v->size);
#else
	const uint8_t *before = (const uint8_t *)v;
	dict_table_set_values(ret, v->values,
		(size_t)(ret->usable + ret->nentries), before - 2, before[-2]);
#endif
}

static bool
managed(PyObject *o, struct dict_table *ret)
{
	PyTypeObject *type = Py_TYPE(o);

#if PY_VERSION_HEX >= PY_3_13
	PyDictObject *dict = _PyObject_ManagedDictPointer(o)->dict;
	if (dict)
		return table_of_dict((PyObject *)dict, ret);
	if (!(type->tp_flags & Py_TPFLAGS_INLINE_VALUES) ||
		!_PyObject_InlineValues(o)->valid)
		return false;
	table_of_values(type, _PyObject_InlineValues(o), ret);
#else
	PyDictValues *values = *_PyObject_ValuesPointer(o);
	if (!values)
		return table_of_dict(*_PyObject_ManagedDictPointer(o), ret);
	table_of_values(type, values, ret);
#endif
	return true;
}
#endif

bool
instance_table_of(PyObject *o, struct dict_table *ret)
{
	PyTypeObject *type = Py_TYPE(o);
	Py_ssize_t offset = type->tp_dictoffset;

#if PY_VERSION_HEX >= PY_3_11
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		return managed(o, ret);
#endif
	if (!offset)
		return false;
	if (offset < 0) {
		/* Behind the items: Objects/object.c, _PyObject_DictPointer. */
		Py_ssize_t n = Py_SIZE(o) < 0 ? -Py_SIZE(o) : Py_SIZE(o);
		offset += (Py_ssize_t)_PyObject_VAR_SIZE(type, n);
	}
	return table_of_dict(*(PyObject **)((char *)o + offset), ret);
}

/* The slot that an attribute of a class stands for; NULL when it is none. */
static PyObject **
slot_of(PyObject *o, PyObject *attribute)
{
	if (!Py_IS_TYPE(attribute, &PyMemberDescr_Type))
		return NULL;
	const PyMemberDef *m = ((PyMemberDescrObject *)attribute)->d_member;
	return m->type == T_OBJECT_EX ? (PyObject **)((char *)o + m->offset)
				      : NULL;
}

bool
instance_slots_next(PyObject *o, struct instance_slots *at, PyObject **ret_name,
	PyObject **ret_value)
{
	PyObject *b_mro = Py_TYPE(o)->tp_mro;

	if (!b_mro || !PyTuple_Check(b_mro))
		return false;
	for (; (Py_ssize_t)at->type < PyTuple_GET_SIZE(b_mro);
		at->type++, at->at = 0) {
		PyTypeObject *type =
			(PyTypeObject *)PyTuple_GET_ITEM(b_mro, at->type);
		PyObject *b_dict =
			PyType_Check(type) && objects_class_is_python(type)
				? objects_class_dict(type)
				: NULL;
		struct dict_table d;
		struct dict_entry e;
		if (!table_of_dict(b_dict, &d))
			continue;
		while (dict_table_next(&d, &at->at, &e)) {
			PyObject **slot = slot_of(o, e.value);
			if (!slot || !*slot)
				continue;
			*ret_name = e.key;
			*ret_value = *slot;
			return true;
		}
	}
	return false;
}
