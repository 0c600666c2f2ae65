/*
 * What frames hold references to.
 *
 * Layout: _PyInterpreterFrame and struct _frame as in frames.h; PyGenObject as
 * in frames_generator.c.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/frames_refs.h"

#if PY_VERSION_HEX >= PY_3_11
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= PY_3_14
#include <internal/pycore_genobject.h>
#include <internal/pycore_interpframe.h>
#endif
#endif

#include "sandbox/lenses/frames.h"

#if PY_VERSION_HEX >= PY_3_11

static bool
is_generator(PyObject *o)
{
	return PyGen_CheckExact(o) || PyCoro_CheckExact(o) ||
	       PyAsyncGen_CheckExact(o);
}

#if PY_VERSION_HEX >= PY_3_14
/* What is lent carries a tag: Include/internal/pycore_stackref.h. */
typedef _PyStackRef slot_t;

static PyObject *
held_by(slot_t slot)
{
	return PyStackRef_IsNullOrInt(slot) ||
			       !PyStackRef_RefcountOnObject(slot)
		       ? NULL
		       : PyStackRef_AsPyObjectBorrow(slot);
}

/* One that runs does not say how high its stack is; one that is over has no
 * locals any more. */
static int
slots_of(_PyInterpreterFrame *f, const PyCodeObject *code)
{
	return f->stackpointer ? (int)(f->stackpointer - f->localsplus)
			       : code->co_nlocalsplus;
}
#else
typedef PyObject *slot_t;

static PyObject *
held_by(slot_t slot)
{
	return slot;
}

static int
slots_of(_PyInterpreterFrame *f, const PyCodeObject *code)
{
	return f->stacktop >= 0 ? f->stacktop : code->co_nlocalsplus;
}
#endif

static PyCodeObject *
code_of(_PyInterpreterFrame *f)
{
#if PY_VERSION_HEX >= PY_3_13
	return _PyFrame_GetCode(f);
#else
	return f->f_code;
#endif
}

enum { CODE, FUNCTION, NAMESPACE, FRAME, SPECIALS };

static struct frames_ref
special(_PyInterpreterFrame *f, int at)
{
	switch (at) {
	case CODE:
#if PY_VERSION_HEX >= PY_3_13
		return (struct frames_ref){
			held_by(f->f_executable), "f_code", NULL};
#else
		return (struct frames_ref){
			(PyObject *)f->f_code, "f_code", NULL};
#endif
	case FUNCTION:
#if PY_VERSION_HEX >= PY_3_12
		return (struct frames_ref){
			held_by(f->f_funcobj), "function", NULL};
#else
		return (struct frames_ref){
			(PyObject *)f->f_func, "function", NULL};
#endif
	case NAMESPACE:
		return (struct frames_ref){f->f_locals, "f_locals", NULL};
	default:
		return (struct frames_ref){
			(PyObject *)f->frame_obj, "frame", NULL};
	}
}

/* *at counts the specials first, then slots. */
static bool
next_of(_PyInterpreterFrame *f, int *at, struct frames_ref *ret)
{
	PyCodeObject *code = code_of(f);

	for (int i; (i = *at - SPECIALS) < slots_of(f, code);) {
		++*at;
		if (i < 0) {
			*ret = special(f, i + SPECIALS);
		} else {
			bool local = i < code->co_nlocalsplus;
			*ret = (struct frames_ref){held_by(f->localsplus[i]),
				local ? "local" : "stack",
				local ? PyTuple_GET_ITEM(
						code->co_localsplusnames, i)
				      : NULL};
		}
		if (ret->object)
			return true;
	}
	return false;
}

bool
frames_refs_next_of(void *frame, int *at, struct frames_ref *ret)
{
	_PyInterpreterFrame *f = frame;

	return f->owner == FRAME_OWNED_BY_THREAD && next_of(f, at, ret);
}

bool
frames_refs_has(PyObject *o)
{
	return is_generator(o) || PyFrame_Check(o);
}

/* Of the object itself, without the frame; NULL behind the last. */
static const struct frames_ref *
own_of(PyObject *o, int i, struct frames_ref *ret)
{
	if (PyFrame_Check(o)) {
		const PyFrameObject *f = (PyFrameObject *)o;
		const struct frames_ref all[] = {
			{(PyObject *)f->f_back, "f_back", NULL},
			{f->f_trace, "f_trace", NULL},
#if PY_VERSION_HEX >= PY_3_13
			{f->f_extra_locals, "f_locals", NULL},
			{f->f_locals_cache, "f_locals", NULL},
#endif
#if PY_VERSION_HEX >= PY_3_14
			{f->f_overwritten_fast_locals, "f_locals", NULL},
#endif
		};
		if (i >= (int)(sizeof(all) / sizeof(*all)))
			return NULL;
		*ret = all[i];
		return ret;
	}
	const PyGenObject *g = (PyGenObject *)o;
	const struct frames_ref all[] = {
		{g->gi_name, "__name__", NULL},
		{g->gi_qualname, "__qualname__", NULL},
		{g->gi_exc_state.exc_value, "exception", NULL},
		/* A generator's own does not say anything. */
		{PyGen_CheckExact(o) ? NULL : g->gi_origin_or_finalizer,
			"origin", NULL},
#if PY_VERSION_HEX < PY_3_12
		{(PyObject *)g->gi_code, "gi_code", NULL},
#endif
	};
	if (i >= (int)(sizeof(all) / sizeof(*all)))
		return NULL;
	*ret = all[i];
	return ret;
}

/* The frame that it has in itself. */
static _PyInterpreterFrame *
frame_in(PyObject *o)
{
	struct frames_generator g;

	if (PyFrame_Check(o)) {
		PyFrameObject *f = (PyFrameObject *)o;
		return (void *)f->f_frame == (void *)f->_f_frame_data
			       ? f->f_frame
			       : NULL;
	}
	return frames_generator(o, &g) ? g.frame : NULL;
}

/* Below that the object's own, from there on those of its frame. */
#define OWN 100

bool
frames_refs_next(PyObject *o, int *at, struct frames_ref *ret)
{
	while (*at < OWN) {
		if (!own_of(o, *at, ret)) {
			*at = OWN;
			break;
		}
		++*at;
		if (ret->object)
			return true;
	}
	_PyInterpreterFrame *f = frame_in(o);
	int slot = *at - OWN;
	bool found = f && next_of(f, &slot, ret);
	*at = slot + OWN;
	return found;
}

PyObject *
frames_refs_function(PyObject *o)
{
	struct frames_generator g;

	if (PyFrame_Check(o))
		return code_of(((PyFrameObject *)o)->f_frame)->co_qualname;
	return frames_generator(o, &g) ? g.qualname : NULL;
}

#else

bool
frames_refs_has(PyObject *o)
{
	return PyFrame_Check(o);
}

/* All frames are objects. */
bool
frames_refs_next_of(void *frame, int *at, struct frames_ref *ret)
{
	(void)frame;
	(void)at;
	(void)ret;
	return false;
}

#define SPECIALS 6

static struct frames_ref
special(const PyFrameObject *f, int i)
{
	const struct frames_ref all[SPECIALS] = {
		{(PyObject *)f->f_back, "f_back", NULL},
		{(PyObject *)f->f_code, "f_code", NULL},
		{f->f_builtins, "f_builtins", NULL},
		{f->f_globals, "f_globals", NULL},
		{f->f_locals, "f_locals", NULL},
		{f->f_trace, "f_trace", NULL},
	};

	return all[i];
}

/* The names of locals, cells and free variables, which follow each other. */
static PyObject *
name_of(const PyCodeObject *code, Py_ssize_t i)
{
	PyObject *const lists[] = {
		code->co_varnames, code->co_cellvars, code->co_freevars};

	for (int l = 0; l < 3; i -= PyTuple_GET_SIZE(lists[l]), l++)
		if (i < PyTuple_GET_SIZE(lists[l]))
			return PyTuple_GET_ITEM(lists[l], i);
	return NULL;
}

bool
frames_refs_next(PyObject *o, int *at, struct frames_ref *ret)
{
	PyFrameObject *f = (PyFrameObject *)o;
	PyObject **top = f->f_stacktop ? f->f_stacktop : f->f_valuestack;

	for (int i; (i = *at - SPECIALS) < top - f->f_localsplus;) {
		++*at;
		if (i < 0) {
			*ret = special(f, i + SPECIALS);
		} else {
			bool local = f->f_localsplus + i < f->f_valuestack;
			*ret = (struct frames_ref){f->f_localsplus[i],
				local ? "local" : "stack",
				local ? name_of(f->f_code, i) : NULL};
		}
		if (ret->object)
			return true;
	}
	return false;
}

PyObject *
frames_refs_function(PyObject *o)
{
	struct frames_generator g;

	if (PyFrame_Check(o))
		return ((PyFrameObject *)o)->f_code->co_name;
	return frames_generator(o, &g) ? g.qualname : NULL;
}

#endif
