/* C trace and profile functions on every thread of the snippet. */
#include "sandbox/lenses/tracing.h"

#include "sandbox/py/scope_py.h"

static struct {
	Py_tracefunc function, profile;
	PyObject *hook;
	PyObject *threading; /* the module's dict, as it was in the zygote */
} t;

#if PY_VERSION_HEX >= PY_3_12
static void
set_trace(Py_tracefunc function)
{
	PyEval_SetTrace(function, NULL);
}

static void
set_profile(Py_tracefunc profile)
{
	PyEval_SetProfile(profile, NULL);
}
#else
/* As _PyEval_SetTrace() and _PyEval_SetProfile(), Python/ceval.c of 3.11, but
 * no audit hook of the snippet's hears of it. */
static void
set_use(PyThreadState *self)
{
	bool use = self->c_tracefunc || self->c_profilefunc;

#if PY_VERSION_HEX < PY_3_10
	self->use_tracing = use;
#else
	/* Within a trace function it is off, and set again after it. */
	if (!self->tracing)
		self->cframe->use_tracing = use ? 255 : 0;
#endif
}

static void
set_trace(Py_tracefunc function)
{
	PyThreadState *self = PyThreadState_Get();
	PyObject *had = self->c_traceobj;

#if PY_VERSION_HEX < PY_3_10
	PyInterpreterState_Get()->ceval.tracing_possible +=
		(function != NULL) - (self->c_tracefunc != NULL);
#endif
	self->c_tracefunc = function;
	self->c_traceobj = NULL;
	set_use(self);
	Py_XDECREF(had);
}

static void
set_profile(Py_tracefunc profile)
{
	PyThreadState *self = PyThreadState_Get();

	self->c_profilefunc = profile;
	set_use(self);
}
#endif

/* The profile function of this thread, when it has none but ours. */
static void
change_profile(Py_tracefunc profile)
{
	Py_tracefunc had = PyThreadState_Get()->c_profilefunc;

	if (had != profile && (!had || had == t.profile))
		set_profile(profile);
}

/* What threading calls as a trace function in each new thread, at its first
 * call, which a profile function that is set here hears of. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
	(void)self;
	(void)args;
	set_trace(t.function);
	change_profile(t.profile);
	Py_RETURN_NONE;
}

int
tracing_warm(struct fail *f)
{
	static PyMethodDef def = {"trace", hook, METH_VARARGS, NULL};
	scope_py PyObject *module = PyImport_ImportModule("threading");

	if (t.hook)
		return 0;
	t.hook = PyCFunction_New(&def, NULL);
	t.threading = module ? Py_NewRef(PyModule_GetDict(module)) : NULL;
	if (!t.hook || !t.threading ||
		!PyDict_GetItemString(t.threading, "_trace_hook"))
		return fail_set(f, "threading is not as expected");
	return 0;
}

void
tracing_begin(Py_tracefunc function, Py_tracefunc profile)
{
	t.function = function;
	t.profile = profile;
	PyDict_SetItemString(t.threading, "_trace_hook", t.hook);
	if (function)
		set_trace(function);
	change_profile(profile);
}

void
tracing_stop(void)
{
	if (t.function && PyThreadState_Get()->c_tracefunc == t.function)
		set_trace(NULL);
	if (t.profile)
		change_profile(NULL);
}

bool
tracing_end(void)
{
	const PyThreadState *self = PyThreadState_Get();
	bool ours = (!t.function || self->c_tracefunc == t.function) &&
		    self->c_profilefunc == t.profile;

	tracing_stop();
	return ours &&
	       PyDict_GetItemString(t.threading, "_trace_hook") == t.hook;
}
