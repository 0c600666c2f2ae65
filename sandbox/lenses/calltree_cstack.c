/*
 * Where the C stack of a thread ends, and what CPython does about that.
 *
 * Up to 3.11 there is no check of its own: sys.setrecursionlimit() counts calls
 * of Python and of C together, whatever they take (Include/internal/
 * pycore_ceval.h, 3.9 and 3.11).  3.12 and 3.13 count calls through C apart,
 * and their number is fixed (Include/cpython/pystate.h).  From 3.14 on
 * addresses are compared with the end of the stack
 * (Include/internal/pycore_tstate.h).
 */
#define Py_BUILD_CORE 1
#include "sandbox/lenses/calltree.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#if PY_VERSION_HEX >= PY_3_14
#include <internal/pycore_tstate.h>
#endif

/* ld.so: just below the words that the kernel put at the top. */
extern void *__libc_stack_end;

static uintptr_t main_top;

static bool
ask(struct calltree_cstack *ret)
{
	pthread_attr_t attr;
	void *low;
	size_t n;

	if (pthread_getattr_np(pthread_self(), &attr))
		return false;
	bool known = pthread_attr_getstack(&attr, &low, &n) == 0;
	if (known)
		*ret = (struct calltree_cstack){(uintptr_t)low + n, n};
	pthread_attr_destroy(&attr);
	return known;
}

void
calltree_cstack_warm(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct calltree_cstack s;

	/* Of the main thread it reads /proc/self/maps. */
	main_top = ask(&s) ? s.top
			   : ((uintptr_t)__libc_stack_end | (page - 1)) + 1;
}

void
calltree_cstack_find(struct calltree_cstack *ret, bool main_thread)
{
	struct rlimit limit;

	*ret = (struct calltree_cstack){0};
	if (!main_thread) {
		ask(ret);
		return;
	}
	ret->top = main_top;
	if (getrlimit(RLIMIT_STACK, &limit) == 0 &&
		limit.rlim_cur != RLIM_INFINITY)
		ret->bytes = limit.rlim_cur;
}

uint32_t
calltree_cstack_used(const struct calltree_cstack *s)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return s->top > here && s->top - here < UINT32_MAX
		       ? (uint32_t)(s->top - here)
		       : 0;
}

/* How much recursion through C this version allows, and in what it counts. */
#if PY_VERSION_HEX >= PY_3_14
#define LIMITED_BY "bytes"
static void
write_most(struct jsonw *w)
{
	const _PyThreadStateImpl *self =
		(_PyThreadStateImpl *)PyThreadState_Get();

	jsonw_uint(w, self->c_stack_top - self->c_stack_soft_limit);
}
#elif PY_VERSION_HEX >= PY_3_12
#define LIMITED_BY "calls"
static void
write_most(struct jsonw *w)
{
#if PY_VERSION_HEX >= PY_3_13
	jsonw_int(w, Py_C_RECURSION_LIMIT);
#else
	jsonw_int(w, C_RECURSION_LIMIT);
#endif
}
#else
#define LIMITED_BY "nothing"
#define write_most jsonw_null
#endif

void
calltree_cstack_write_limit(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "by");
	jsonw_str(w, LIMITED_BY);
	jsonw_key(w, "most");
	write_most(w);
	jsonw_end(w);
}
