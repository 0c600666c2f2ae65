/*
 * CPython's own lock: struct _gil_runtime_state, Include/internal/pycore_gil.h;
 * of the runtime up to 3.11 (pycore_runtime.h), of the interpreter from 3.12 on
 * (struct _ceval_state, pycore_ceval_state.h; pycore_interp_structs.h of 3.14
 * and 3.15).  threads_check.c tries whether it lies there.
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/threads.h"

#if PY_VERSION_HEX >= PY_3_13
#include <internal/pycore_ceval.h>
#endif
#include <internal/pycore_gil.h>
#include <internal/pycore_interp.h>
#if PY_VERSION_HEX < PY_3_12
#include <internal/pycore_runtime.h>
#endif

static struct _gil_runtime_state *
gil(void)
{
#if PY_VERSION_HEX < PY_3_12
	return &_PyRuntime.ceval.gil;
#else
	return PyInterpreterState_Main()->ceval.gil;
#endif
}

struct threads_gil
threads_gil(void)
{
	return (struct threads_gil){&gil()->cond, &gil()->switch_cond};
}

bool
threads_gil_is_on(void)
{
#ifdef Py_GIL_DISABLED
	return gil()->enabled != 0;
#else
	return true;
#endif
}

uint64_t
threads_gil_interval(void)
{
	return gil()->interval;
}

uint64_t
threads_gil_switches(void)
{
	return gil()->switch_number;
}

bool
threads_gil_is_held(void)
{
#if PY_VERSION_HEX < PY_3_13
	return _Py_atomic_load_relaxed(&gil()->locked) == 1;
#else
	return __atomic_load_n(&gil()->locked, __ATOMIC_RELAXED) == 1;
#endif
}

PyThreadState *
threads_gil_holder(void)
{
#if PY_VERSION_HEX < PY_3_13
	uintptr_t address = _Py_atomic_load_relaxed(&gil()->last_holder);
	PyThreadState *holder;

	memcpy(&holder, &address, sizeof(holder));
	return holder;
#else
	return __atomic_load_n(&gil()->last_holder, __ATOMIC_RELAXED);
#endif
}

bool
threads_gil_is_asked_of(PyThreadState *holder)
{
#if PY_VERSION_HEX < PY_3_13
	(void)holder;
	return false;
#else
	return _Py_eval_breaker_bit_is_set(holder, _PY_GIL_DROP_REQUEST_BIT);
#endif
}
