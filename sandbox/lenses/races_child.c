/*
 * A schedule's own process: the program, from its beginning to its end, as in
 * any pass, with threads switched as the schedule says.
 *
 * How it ended the pass hears from the kernel; by which exception the main
 * thread did, and which others did, this process says itself, the latter by
 * threading.excepthook, which is ours and calls the one that was there.
 */
#include "sandbox/lenses/races.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/py/internal.h"
#include "sandbox/py/lock.h"

static struct {
	PyObject *threading; /* the module's dict */
	PyObject *hook, *before;
	PyObject *script;
	struct races_said *said;
} child;

static void
copy(char *to, size_t room, PyObject *text)
{
	Py_ssize_t n = 0;
	const char *s = text && PyUnicode_Check(text)
				? PyUnicode_AsUTF8AndSize(text, &n)
				: NULL;
	size_t len = (size_t)n < room - 1 ? (size_t)n : room - 1;

	PyErr_Clear();
	if (s)
		memcpy(to, s, len);
	to[s ? len : 0] = '\0';
}

/* The line of the script at which it was raised, or passed last. */
static uint32_t
line_of(PyObject *tb)
{
	long line = 0;

	for (; tb && PyTraceBack_Check(tb);
		tb = (PyObject *)((PyTracebackObject *)tb)->tb_next) {
		PyTracebackObject *t = (PyTracebackObject *)tb;
		scope_py PyObject *code =
			(PyObject *)PyFrame_GetCode(t->tb_frame);
		if (PyUnicode_Compare(((PyCodeObject *)code)->co_filename,
			    child.script) != 0)
			continue;
		scope_py PyObject *at = PyObject_GetAttrString(tb, "tb_lineno");
		line = at ? PyLong_AsLong(at) : 0;
	}
	PyErr_Clear();
	return line > 0 ? (uint32_t)line : 0;
}

static void
describe(
	struct races_raised *ret, PyObject *type, PyObject *value, PyObject *tb)
{
	scope_py PyObject *name =
		PyType_Check(type) ? PyObject_GetAttrString(type, "__name__")
				   : NULL;
	scope_py PyObject *message =
		value ? py_message(value, name, NULL) : NULL;

	PyErr_Clear();
	memset(ret, 0, sizeof(*ret));
	copy(ret->type, sizeof(ret->type), name);
	copy(ret->message, sizeof(ret->message), message);
	ret->line = line_of(tb);
}

/* FNV-1a, by Fowler, Noll and Vo. */
static uint64_t
hash(const void *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (const unsigned char *p = bytes; n--; p++)
		h = (h ^ *p) * 0x100000001b3;
	return h;
}

/* The main thread ends by it. */
static void
raised(PyObject *type, PyObject *value, PyObject *tb)
{
	if (PyErr_GivenExceptionMatches(type, PyExc_SystemExit))
		return;
	describe(&child.said->end, type, value, tb);
	child.said->ended = 1;
}

/* threading.excepthook: another thread ends by it.  The sum of the hashes is
 * the same in whichever order they do. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
	struct races_said *said = child.said;
	struct races_raised it;

	(void)self;
	PyObject *b_type = PyTuple_Check(args) && PyTuple_GET_SIZE(args) >= 3
				   ? PyTuple_GET_ITEM(args, 0)
				   : Py_None;
	if (b_type != Py_None && b_type != PyExc_SystemExit) {
		describe(&it, b_type, PyTuple_GET_ITEM(args, 1),
			PyTuple_GET_ITEM(args, 2));
		py_lock();
		if (said->raised < RACES_RAISED)
			said->of[said->raised] = it;
		said->raised++;
		said->raised_hash += hash(&it, sizeof(it));
		py_unlock();
	}
	return PyObject_CallOneArg(child.before, args);
}

int
races_child_warm(struct fail *f)
{
	static PyMethodDef def = {"excepthook", hook, METH_O, NULL};
	scope_py PyObject *module = PyImport_ImportModule("threading");

	child.threading = module ? Py_NewRef(PyModule_GetDict(module)) : NULL;
	child.hook = PyCFunction_New(&def, NULL);
	child.before = child.threading ? Py_XNewRef(PyDict_GetItemString(
						 child.threading, "excepthook"))
				       : NULL;
	if (!child.before || !child.hook)
		return fail_set(f, "threading is not as expected");
	return 0;
}

/* What the program forks has nothing of it. */
static void
forked(void)
{
	races_trace_forked();
	races_switch_forked();
}

static void
set_interval(double seconds)
{
	PyObject *b_set = PySys_GetObject("setswitchinterval");
	scope_py PyObject *done =
		b_set ? PyObject_CallFunction(b_set, "d", seconds) : NULL;

	if (!done)
		PyErr_Clear();
}

_Noreturn void
races_child_run(const struct lens_run *r, const struct races_schedule *s,
	struct races_said *said)
{
	py_after_fork_child();
	child.said = said;
	child.script = ((PyCodeObject *)r->code)->co_filename;
	if (pthread_atfork(NULL, NULL, forked))
		_exit(70);
	PyDict_SetItemString(child.threading, "excepthook", child.hook);
	if (s->interval > 0)
		set_interval(s->interval);
	races_switch_begin(s, said);
	if (s->kind != RACES_AS_IS)
		races_trace_begin(s->kind, said);
	py_run_apart(r, raised);
}
