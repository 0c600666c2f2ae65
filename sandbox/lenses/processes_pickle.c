/*
 * What multiprocessing pickles and unpickles.
 *
 * All of it goes through an io.BytesIO: ForkingPickler.dumps() returns what
 * getbuffer() has, recv() unpickles that, and a queue unpickles what getvalue()
 * has (Lib/multiprocessing/reduction.py, connection.py, queues.py of 3.9 to
 * 3.15).  So the two methods call ours, which call theirs and ask who called:
 * their table (Modules/_io/bytesio.c, bytesio_methods) says what they call, and
 * the methods themselves stay the objects that they are.
 */
#include "sandbox/lenses/processes.h"

#include "sandbox/py/scope_py.h"

static PyMethodDef *getbuffer, *getvalue;
static PyCFunction their_getbuffer, their_getvalue;

static void
add(struct processes_count *c, uint64_t bytes)
{
	atomic_fetch_add(&c->messages, 1);
	atomic_fetch_add(&c->bytes, bytes);
}

static void
tell(Py_ssize_t bytes)
{
	struct processes_row *me =
		processes_hooks_watch() ? processes_table_me() : NULL;
	enum processes_use use = me ? processes_places_use() : PROCESSES_NO_USE;

	if (use == PROCESSES_NO_USE)
		return;
	int64_t before = processes_table_faults();
	int line = processes_places_line();
	bool out = use == PROCESSES_PICKLED;
	add(out ? &me->pickled : &me->unpickled, (uint64_t)bytes);
	for (int i = 0;; i++) {
		if (i == PROCESSES_PLACES) {
			atomic_fetch_add(&me->dropped_places, 1);
			break;
		}
		struct processes_place *p = &me->place[i];
		int was = 0, mine = line ? line : -1;
		if (atomic_compare_exchange_strong(&p->line, &was, mine) ||
			was == mine) {
			add(out ? &p->pickled : &p->unpickled, (uint64_t)bytes);
			break;
		}
	}
	processes_table_note(me);
	processes_write_seldom();
	processes_table_own(me, before);
}

static void
tell_result(PyObject *result)
{
	if (result && PyMemoryView_Check(result))
		tell(PyMemoryView_GET_BUFFER(result)->len);
	else if (result && PyBytes_CheckExact(result))
		tell(PyBytes_GET_SIZE(result));
}

static PyObject *
our_getvalue(PyObject *self, PyObject *unused)
{
	PyObject *result = their_getvalue(self, unused);

	tell_result(result);
	return result;
}

static PyObject *
our_getbuffer(PyObject *self, PyObject *unused)
{
	PyObject *result = their_getbuffer(self, unused);

	tell_result(result);
	return result;
}

#if PY_VERSION_HEX >= PY_3_12
/* The same where it is told of its class (Argument Clinic's defining_class):
 * PyCMethod, whose number of arguments has no sign before 3.14. */
typedef PyObject *of_class(PyObject *self, PyTypeObject *class,
	PyObject *const *args, Py_ssize_t nargs, PyObject *names);

static PyObject *
our_getbuffer_of(PyObject *self, PyTypeObject *class, PyObject *const *args,
	Py_ssize_t nargs, PyObject *names)
{
	union {
		PyCFunction plain;
		of_class *of;
	} theirs = {.plain = their_getbuffer};
	PyObject *result = theirs.of(self, class, args, nargs, names);

	tell_result(result);
	return result;
}
#endif

static PyMethodDef *
find(PyTypeObject *type, const char *name)
{
	scope_py PyObject *o = PyObject_GetAttrString((PyObject *)type, name);

	PyErr_Clear();
	return o && Py_IS_TYPE(o, &PyMethodDescr_Type)
		       ? ((PyMethodDescrObject *)o)->d_method
		       : NULL;
}

int
processes_pickle_warm(struct fail *f)
{
	scope_py PyObject *module = PyImport_ImportModule("_io");
	scope_py PyObject *type =
		module ? PyObject_GetAttrString(module, "BytesIO") : NULL;

	PyErr_Clear();
	if (!type || !PyType_Check(type))
		return fail_set(f, "there is no io.BytesIO");
	getbuffer = find((PyTypeObject *)type, "getbuffer");
	getvalue = find((PyTypeObject *)type, "getvalue");
	if (!getbuffer || !getvalue || getvalue->ml_flags != METH_NOARGS)
		return fail_set(f, "io.BytesIO has other methods");
	if (getbuffer->ml_flags == METH_NOARGS)
		return 0;
#if PY_VERSION_HEX >= PY_3_12
	if (getbuffer->ml_flags ==
		(METH_METHOD | METH_FASTCALL | METH_KEYWORDS))
		return 0;
#endif
	return fail_set(f, "io.BytesIO.getbuffer() is called in another way");
}

void
processes_pickle_begin(void)
{
	their_getbuffer = getbuffer->ml_meth;
	their_getvalue = getvalue->ml_meth;
	getvalue->ml_meth = our_getvalue;
	getbuffer->ml_meth = our_getbuffer;
#if PY_VERSION_HEX >= PY_3_12
	union {
		PyCFunction plain;
		of_class *of;
	} ours = {.of = our_getbuffer_of};
	if (getbuffer->ml_flags != METH_NOARGS)
		getbuffer->ml_meth = ours.plain;
#endif
}
