/*
 * A clock by which sleeping takes as long as ever, and no time: what would wait
 * puts the program's clocks forward.
 *
 * In the place of the functions of the module time that tell the time or sleep
 * there are some that add what was skipped, and in that of the selector's
 * select() one that asks what is there already and then takes a loop's timeout
 * for over.  asyncio takes its time from time.monotonic(), its timers from it,
 * and waits in select() alone (Lib/asyncio/base_events.py, _run_once(), 3.9 to
 * 3.15).
 *
 * Nothing is skipped while something besides the clock could end the wait: a
 * thread, a child process, an alarm.  What comes by sockets and pipes within
 * one process is there when it is sent, or a moment later, for which a loop
 * that has some waits in real time.  There is no network to come from.
 */
#include "sandbox/py/clock.h"

#include "sandbox/py/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

/* What is sent within this process has come by then. */
#define MOMENT_S 0.002
/* What is to last longer than that is no sleep: the original says so. */
#define LONGEST_S 1e9

enum {
	TIME,
	MONOTONIC,
	PERF,
	TIME_NS,
	MONOTONIC_NS,
	PERF_NS,
	SLEEP,
	FUNCTIONS
};

static struct {
	bool on;
	_Atomic int64_t skipped;
	_Atomic int64_t waiting;	    /* for what a selector is to wait */
	PyObject *of[FUNCTIONS];	    /* the originals */
	PyObject *select, *selector, *once; /* of asyncio, where it is there */
} virtual;

/* Not less: a timer that is due by then is not to be a moment late. */
static int64_t
ns_of(double seconds)
{
	return (int64_t)(seconds * 1e9) + 1;
}

static void
skip(double seconds)
{
	atomic_fetch_add(&virtual.skipped, ns_of(seconds));
}

static bool
is_alone(void)
{
	PyInterpreterState *interp = PyThreadState_Get()->interp;
	PyThreadState *first = PyInterpreterState_ThreadHead(interp);
	struct itimerval alarm = {0};
	siginfo_t child;

	if (first && PyThreadState_Next(first))
		return false;
	if (getitimer(ITIMER_REAL, &alarm) || alarm.it_value.tv_sec ||
		alarm.it_value.tv_usec)
		return false;
	return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) &&
	       errno == ECHILD;
}

/* Seconds of a plain number that is a time to wait for; -1: it is none, or
 * what waits that long finds what is wrong with it. */
static double
seconds_of(PyObject *o)
{
	if (!PyFloat_CheckExact(o) && !PyLong_CheckExact(o))
		return -1;
	double seconds = PyFloat_AsDouble(o);
	if (PyErr_Occurred()) {
		PyErr_Clear();
		return -1;
	}
	return seconds > 0 && seconds <= LONGEST_S ? seconds : -1;
}

static PyObject *
in_seconds(int which)
{
	scope_py PyObject *now = PyObject_CallNoArgs(virtual.of[which]);

	return now ? PyFloat_FromDouble(PyFloat_AsDouble(now) +
					(double)virtual.skipped / 1e9)
		   : NULL;
}

static PyObject *
in_ns(int which)
{
	scope_py PyObject *now = PyObject_CallNoArgs(virtual.of[which]);

	return now ? PyLong_FromLongLong(
			     PyLong_AsLongLong(now) + virtual.skipped)
		   : NULL;
}

#define FUNCTION(name, kind, which)                                            \
	static PyObject *name(PyObject *self, PyObject *none)                  \
	{                                                                      \
		(void)self;                                                    \
		(void)none;                                                    \
		return kind(which);                                            \
	}
FUNCTION(now_time, in_seconds, TIME)
FUNCTION(now_monotonic, in_seconds, MONOTONIC)
FUNCTION(now_perf, in_seconds, PERF)
FUNCTION(now_time_ns, in_ns, TIME_NS)
FUNCTION(now_monotonic_ns, in_ns, MONOTONIC_NS)
FUNCTION(now_perf_ns, in_ns, PERF_NS)
#undef FUNCTION

/* A signal that came is seen, and what else a sleep lets happen. */
static PyObject *
sleep_none(PyObject *self, PyObject *arg)
{
	(void)self;
	double seconds = seconds_of(arg);

	if (seconds < 0 || !is_alone())
		return PyObject_CallOneArg(virtual.of[SLEEP], arg);
	skip(seconds);
	scope_py PyObject *zero = PyLong_FromLong(0);
	return zero ? PyObject_CallOneArg(virtual.of[SLEEP], zero) : NULL;
}

static PyMethodDef functions[FUNCTIONS] = {
	[TIME] = {"time", now_time, METH_NOARGS, NULL},
	[MONOTONIC] = {"monotonic", now_monotonic, METH_NOARGS, NULL},
	[PERF] = {"perf_counter", now_perf, METH_NOARGS, NULL},
	[TIME_NS] = {"time_ns", now_time_ns, METH_NOARGS, NULL},
	[MONOTONIC_NS] = {"monotonic_ns", now_monotonic_ns, METH_NOARGS, NULL},
	[PERF_NS] = {"perf_counter_ns", now_perf_ns, METH_NOARGS, NULL},
	[SLEEP] = {"sleep", sleep_none, METH_O, NULL},
};

/* Is it a loop that asks, and not the program's own use of a selector? */
static bool
asks_loop(PyObject *selector)
{
	PyFrameObject *b_frame = PyEval_GetFrame();

	if (!b_frame || (PyObject *)Py_TYPE(selector) != virtual.selector)
		return false;
	scope_py PyObject *code = (PyObject *)PyFrame_GetCode(b_frame);
	return code == virtual.once;
}

/* Has it more than the pipe by which a loop wakes itself? */
static bool
has_files(PyObject *selector)
{
	scope_py PyObject *files =
		PyObject_GetAttrString(selector, "_fd_to_key");

	if (!files)
		PyErr_Clear();
	return !files || !PyDict_Check(files) || PyDict_GET_SIZE(files) > 1;
}

/* select() of a loop that would wait. */
static PyObject *
wait_none(PyObject *selector, double seconds)
{
	double moment = has_files(selector) ? MOMENT_S : 0;

	if (moment > seconds)
		moment = seconds;
	scope_py PyObject *at_most = PyFloat_FromDouble(moment);
	PyObject *args[] = {selector, at_most};

	if (!at_most)
		return NULL;
	virtual.waiting = ns_of(seconds - moment);
	PyObject *came = PyObject_Vectorcall(virtual.select, args, 2, NULL);
	if (came && PyList_Check(came) && !PyList_GET_SIZE(came))
		py_clock_waited();
	virtual.waiting = 0;
	return came;
}

static PyObject *
select_none(
	PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
	PyObject *all[] = {self, n > 0 ? args[0] : NULL, NULL};

	if (n == 1 && !names && asks_loop(self) && is_alone() &&
		seconds_of(args[0]) > 0)
		return wait_none(self, seconds_of(args[0]));
	if (n > 1 || (names && PyTuple_GET_SIZE(names) + n > 1)) {
		PyErr_SetString(PyExc_TypeError,
			"select() takes from 1 to 2 positional arguments");
		return NULL;
	}
	if (names && PyTuple_GET_SIZE(names))
		all[1] = args[0];
	return PyObject_Vectorcall(virtual.select, all, (size_t)n + 1, names);
}

static PyMethodDef select_method = {"select",
	(PyCFunction)(void (*)(void))select_none, METH_FASTCALL | METH_KEYWORDS,
	NULL};

static int
begin_loops(void)
{
	scope_py PyObject *events =
		PyImport_ImportModule("asyncio.base_events");
	scope_py PyObject *selectors = PyImport_ImportModule("selectors");
	scope_py PyObject *loop =
		events ? PyObject_GetAttrString(events, "BaseEventLoop") : NULL;
	scope_py PyObject *once =
		loop ? PyObject_GetAttrString(loop, "_run_once") : NULL;

	if (!once || !selectors)
		return -1;
	virtual.once = PyObject_GetAttrString(once, "__code__");
	virtual.selector = PyObject_GetAttrString(selectors, "EpollSelector");
	virtual.select = virtual.selector ? PyObject_GetAttrString(
						    virtual.selector, "select")
					  : NULL;
	if (!virtual.once || !virtual.select || !PyType_Check(virtual.selector))
		return -1;
	scope_py PyObject *method = PyDescr_NewMethod(
		(PyTypeObject *)virtual.selector, &select_method);
	return method ? PyObject_SetAttrString(
				virtual.selector, "select", method)
		      : -1;
}

int
py_clock_begin(void)
{
	scope_py PyObject *time = PyImport_ImportModule("time");
	scope_py PyObject *name = PyUnicode_FromString("time");

	if (!time || !name)
		return -1;
	for (int i = 0; i < FUNCTIONS; i++) {
		virtual.of[i] = PyObject_GetAttrString(
			time, functions[i].ml_name);
		scope_py PyObject *ours =
			PyCFunction_NewEx(&functions[i], time, name);
		if (!virtual.of[i] || !ours ||
			PyObject_SetAttrString(
				time, functions[i].ml_name, ours))
			return -1;
	}
	virtual.on = true;
	return begin_loops();
}

bool
py_clock_is_virtual(void)
{
	return virtual.on;
}

int64_t
py_clock_skipped_ns(void)
{
	return virtual.skipped;
}

void
py_clock_waited(void)
{
	atomic_fetch_add(
		&virtual.skipped, atomic_exchange(&virtual.waiting, 0));
}
