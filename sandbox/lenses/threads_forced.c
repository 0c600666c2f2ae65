/*
 * Forced, or by itself?  drop_gil() is called by the eval loop's handler, when
 * another thread asked for it, and by PyEval_SaveThread() and its like, before
 * C code waits for something, and when a thread is over.  Asked for it may have
 * been each time.  Which it is the C stack tells: at some depth is the handler
 * (eval_frame_handle_pending(), Python/ceval.c of 3.9 to 3.11;
 * _Py_HandlePending(), Python/ceval_gil.c of 3.12 to 3.15).  It has no name in
 * a library without symbols, so that it is learned where an interpreter starts:
 * the first function that is not on the way of a drop of the other kinds.
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
	struct stack other[THREADS_GIVES_WAY]; /* n is 0 until it is known */
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

/* How many functions two stacks have in common, from the innermost on. */
static int
common(const struct stack *a, const struct stack *b)
{
	int n = 0;

	while (n < a->n && n < b->n && a->function[n] == b->function[n])
		n++;
	return n;
}

bool
threads_forced_knows(enum threads_lesson lesson)
{
	return lesson == THREADS_GIVES_WAY ? learned->forced > 0
					   : learned->other[lesson].n > 0;
}

void
threads_forced_learn(enum threads_lesson lesson)
{
	struct stack s = look();
	int at = 0;

	if (lesson != THREADS_GIVES_WAY) {
		learned->other[lesson] = s;
		return;
	}
	for (int i = 0; i < THREADS_GIVES_WAY; i++) {
		int n = common(&s, &learned->other[i]);
		at = n > at ? n : at;
	}
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
