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
set(Py_tracefunc function, Py_tracefunc profile)
{
	PyEval_SetTrace(function, NULL);
	if (profile || t.profile)
		PyEval_SetProfile(profile, NULL);
}
#else
/* As _PyEval_SetTrace() and _PyEval_SetProfile(), Python/ceval.c of 3.11, but
 * no audit hook of the snippet's hears of it. */
static void
set(Py_tracefunc function, Py_tracefunc profile)
{
	PyThreadState *self = PyThreadState_Get();
	PyObject *had = self->c_traceobj;

#if PY_VERSION_HEX < PY_3_10
	PyInterpreterState_Get()->ceval.tracing_possible +=
		(function != NULL) - (self->c_tracefunc != NULL);
#endif
	self->c_tracefunc = function;
	self->c_traceobj = NULL;
	if (self->c_profilefunc == t.profile || !self->c_profilefunc)
		self->c_profilefunc = profile;
		/* Within a trace function it is off, and set again after it. */
#if PY_VERSION_HEX < PY_3_10
	self->use_tracing = function || self->c_profilefunc;
#else
	if (!self->tracing)
		self->cframe->use_tracing =
			function || self->c_profilefunc ? 255 : 0;
#endif
	Py_XDECREF(had);
}
#endif

/* What threading calls as a trace function in each new thread. */
static PyObject *
hook(PyObject *self, PyObject *args)
{
	(void)self;
	(void)args;
	set(t.function, t.profile);
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
	set(function, profile);
}

void
tracing_stop(void)
{
	set(NULL, NULL);
}

bool
tracing_end(void)
{
	const PyThreadState *self = PyThreadState_Get();
	bool ours = self->c_tracefunc == t.function &&
		    self->c_profilefunc == t.profile;

	if (self->c_tracefunc == t.function)
		tracing_stop();
	return ours &&
	       PyDict_GetItemString(t.threading, "_trace_hook") == t.hook;
}
