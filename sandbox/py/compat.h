/*
 * What CPythons call differently, by the names of 3.11.
 *
 * Versions differ here, and in the lens whose meaning differs; a layout that is
 * read stands with the file and version that it was read from.
 */
#ifndef SANDBOX_PY_COMPAT_H
#define SANDBOX_PY_COMPAT_H

#include <Python.h>

#include <frameobject.h>
#include <stdbool.h>

#define PY_3_10 0x030a0000
#define PY_3_11 0x030b0000
#define PY_3_12 0x030c0000
#define PY_3_13 0x030d0000
#define PY_3_14 0x030e0000
#define PY_3_15 0x030f0000

#if PY_VERSION_HEX < PY_3_10
#define Py_TPFLAGS_DISALLOW_INSTANTIATION 0
#endif

#if PY_VERSION_HEX < PY_3_11
#define Py_Version ((unsigned long)PY_VERSION_HEX)
#endif

#if PY_VERSION_HEX < PY_3_10
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include <internal/pycore_interp.h>

static inline int
PyGC_IsEnabled(void)
{
	return PyInterpreterState_Get()->gc.enabled;
}

static inline int
PyGC_Enable(void)
{
	int was = PyGC_IsEnabled();

	PyInterpreterState_Get()->gc.enabled = 1;
	return was;
}

static inline int
PyGC_Disable(void)
{
	int was = PyGC_IsEnabled();

	PyInterpreterState_Get()->gc.enabled = 0;
	return was;
}

static inline PyObject *
Py_NewRef(PyObject *o)
{
	Py_INCREF(o);
	return o;
}

static inline PyObject *
Py_XNewRef(PyObject *o)
{
	Py_XINCREF(o);
	return o;
}
#define Py_NewRef(o)  Py_NewRef((PyObject *)(o))
#define Py_XNewRef(o) Py_XNewRef((PyObject *)(o))
#endif

#if PY_VERSION_HEX >= PY_3_13
/* Include/internal/pycore_pymem.h, exported by libpython. */
PyAPI_FUNC(const char *) _PyMem_GetCurrentAllocatorName(void);
#endif

#if PY_VERSION_HEX < PY_3_13
#define Py_BEGIN_CRITICAL_SECTION(o) {
#define Py_END_CRITICAL_SECTION()    }
#endif

/* Is it never freed, so that its count says nothing? */
static inline bool
py_is_immortal(PyObject *o)
{
#if PY_VERSION_HEX >= PY_3_12
	return _Py_IsImmortal(o);
#else
	(void)o;
	return false;
#endif
}

/* How a code object is called: with the classes and functions around it, where
 * it knows them. */
static inline PyObject *
py_qualname(PyCodeObject *code)
{
#if PY_VERSION_HEX >= PY_3_11
	return code->co_qualname;
#else
	return code->co_name;
#endif
}

/* Has a str its characters?  Before 3.12 one of the old API may not. */
static inline bool
py_unicode_is_ready(PyObject *o)
{
#if PY_VERSION_HEX >= PY_3_12
	(void)o;
	return true;
#else
	return PyUnicode_IS_READY(o);
#endif
}

/* A new reference to an item of a list; NULL, and no error, when it is not so
 * long any more. */
static inline PyObject *
py_list_item(PyObject *list, Py_ssize_t i)
{
#ifdef Py_GIL_DISABLED
	PyObject *o = PyList_GetItemRef(list, i);

	PyErr_Clear();
	return o;
#else
	return i < PyList_GET_SIZE(list) ? Py_NewRef(PyList_GET_ITEM(list, i))
					 : NULL;
#endif
}

/* What a weak reference is to; NULL when that is gone. */
static inline PyObject *
py_weak_target(PyObject *ref)
{
#if PY_VERSION_HEX >= PY_3_13
	PyObject *o = NULL;

	PyWeakref_GetRef(ref, &o);
	return o;
#else
	PyObject *b_o = PyWeakref_GetObject(ref);

	return b_o && b_o != Py_None ? Py_NewRef(b_o) : NULL;
#endif
}

#endif
