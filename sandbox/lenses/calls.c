/* What CPython holds because it is traced. */
#include "sandbox/lenses/calls.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/lenses/frames.h"

#define MAX_CALLS (1 << 20)

static struct {
	struct call {
		PyFrameObject *frame; /* of the caller; not owned */
		PyObject *object;     /* held by the call; not owned */
		PyObject *method;     /* which holds it; not owned */
	} * of;
	size_t n, room;
} calls;

#if PY_VERSION_HEX < PY_3_12
static void
push(PyFrameObject *f, PyObject *method)
{
	if (calls.n == calls.room) {
		size_t room = calls.room ? calls.room * 2 : 64;
		struct call *more =
			room > MAX_CALLS
				? NULL
				: realloc(calls.of, room * sizeof(*more));
		if (!more)
			return;
		calls.of = more;
		calls.room = room;
	}
	calls.of[calls.n++] =
		(struct call){f, PyCFunction_GET_SELF(method), method};
}
#endif

void
calls_over(PyFrameObject *f)
{
	for (size_t i = calls.n; i-- > 0;)
		if (calls.of[i].frame == f) {
			calls.n--;
			memmove(&calls.of[i], &calls.of[i + 1],
				(calls.n - i) * sizeof(calls.of[i]));
		}
}

Py_ssize_t
calls_hold(PyObject *o)
{
	Py_ssize_t n = 0;

	for (size_t i = 0; i < calls.n; i++)
		n += calls.of[i].object == o;
	return n;
}

bool
calls_has(const PyObject *method)
{
	for (size_t i = 0; i < calls.n; i++)
		if (calls.of[i].method == method)
			return true;
	return false;
}

#if PY_VERSION_HEX < PY_3_12
int
calls_profile(PyObject *self, PyFrameObject *f, int what, PyObject *arg)
{
	(void)self;
	if (what == PyTrace_C_CALL) {
		/* One that the program made is on its stack.  With keywords in
		 * a dict, the arguments would be held once more without
		 * tracing (_PyVectorcall_Call()): it is the same. */
		if (Py_REFCNT(arg) == 1 && PyCFunction_Check(arg) &&
			!frames_has_on_stack(f, arg) &&
			!frames_calls_with_dict(f))
			push(f, arg);
	} else if (what == PyTrace_C_RETURN || what == PyTrace_C_EXCEPTION) {
		if (calls.n && calls.of[calls.n - 1].frame == f)
			calls.n--;
		else
			calls_over(f);
	}
	return 0;
}
#endif
