/*
 * Forced, or by itself?  drop_gil() is called by the eval loop's handler, when
 * another thread asked for it, and by PyEval_SaveThread() and its like, before
 * C code waits for something.  Asked for it may have been in both cases.  Which
 * of the two it is the C stack tells: at some depth there is the handler
 * (eval_frame_handle_pending(), Python/ceval.c of 3.9 to 3.11;
 * _Py_HandlePending(), Python/ceval_gil.c of 3.12 to 3.15).  It has no name in
 * a library without symbols, so that it is learned where an interpreter starts:
 * the first function that is not on the way of a drop of the other kind.
 *
 * Functions are told by the tables that C++ unwinds the stack with, which every
 * library has.  That takes some microseconds, and is done only where another
 * thread did ask.
 */
#include "sandbox/lenses/threads.h"

#include <unwind.h>

#include "sandbox/lenses/memory.h"

/* Frames outside of the function that drop_gil() calls, which is ours. */
struct stack {
	uintptr_t function[THREADS_FRAMES];
	int n;
	bool outside;
};

/* In memory that all processes have in common. */
static struct learned {
	struct stack voluntary;
	bool has_voluntary;
	int depth;
	uintptr_t handler;
	int forced, unlike;
} * learned;

static _Unwind_Reason_Code
frame(struct _Unwind_Context *c, void *data)
{
	struct stack *s = data;

	uintptr_t function = _Unwind_GetRegionStart(c);

	if (s->outside)
		s->function[s->n++] = function;
	else
		s->outside = function == (uintptr_t)pthread_cond_signal;
	return s->n == THREADS_FRAMES ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static struct stack
look(void)
{
	struct stack s = {.n = 0};

	_Unwind_Backtrace(frame, &s);
	return s;
}

bool
threads_forced_is(void)
{
	if (!learned->handler)
		return false;
	struct stack s = look();
	return s.n > learned->depth &&
	       s.function[learned->depth] == learned->handler;
}

void
threads_forced_learn(bool forced)
{
	struct stack s = look();

	if (!forced) {
		learned->voluntary = s;
		learned->has_voluntary = true;
		return;
	}
	if (!learned->has_voluntary)
		return;
	int at = 0;
	while (at < s.n && at < learned->voluntary.n &&
		s.function[at] == learned->voluntary.function[at])
		at++;
	if (at == s.n)
		return;
	if (!learned->handler) {
		learned->depth = at;
		learned->handler = s.function[at];
	}
	learned->forced++;
	learned->unlike +=
		learned->depth != at || learned->handler != s.function[at];
}

int
threads_forced_warm(struct fail *f)
{
	if (!learned)
		learned = memory_map(sizeof(*learned));
	if (!learned)
		return fail_set(f, "no memory for what is learned");
	*learned = (struct learned){.forced = 0};
	return 0;
}

int
threads_forced_learned(struct fail *f)
{
	if (learned->forced && !learned->unlike)
		return 0;
	return fail_set(f,
		"of %d forced releases of the GIL %d are not like the first",
		learned->forced, learned->unlike);
}
