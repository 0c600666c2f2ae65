/*
 * Steps, between tasks_step.c, which has them begin and end, and
 * tasks_events.c, which hears of it.
 */
#ifndef SANDBOX_LENSES_TASKS_STEP_H
#define SANDBOX_LENSES_TASKS_STEP_H

#include "sandbox/lenses/tasks.h"

#define TASKS_STEPS   8 /* within each other, by eager tasks */
#define TASKS_LINKS   4
#define TASKS_THREADS 64
struct tasks_step {
	const void *frame; /* of Handle._run(); NULL: it began eagerly */
	uint32_t task;	   /* 0: none that has a row */
	bool is_task;
	const void *object; /* the task; only compared */
	const void *coro;
	int64_t from, to; /* to: NEVER until the coroutine is left */
	int from_line, to_line;
	bool left; /* the coroutine is, so that the chain is whole */
	struct tasks_chain chain;
	struct tasks_link links[TASKS_LINKS];
	unsigned nlinks, calls;
	struct tasks_long longest;
};
struct tasks_thread {
	unsigned number;
	uint32_t loop;
	struct tasks_step of[TASKS_STEPS];
	unsigned n, deeper;
	struct tasks_calls calls;
	const void *made; /* the last task that began eagerly; only compared */
	uint32_t made_task;
};

/* This thread's; NULL when it has run no loop. */
struct tasks_thread *tasks_step_thread(void);
/* The same, made when there is none; NULL where there is no room. */
struct tasks_thread *tasks_step_new_thread(void);
/* What runs in this thread, or NULL. */
struct tasks_step *tasks_step_innermost(void);
/* The loop that runs in it, or NULL. */
struct tasks_loop *tasks_step_loop(void);
/* In a call of BaseEventLoop._call_soon(): that is to run in the next turn. */
void tasks_step_soon(PyFrameObject *f);
/* In a call of Handle._run(); and when what the handle called is over, or at
 * its end, where it has forgotten which handle it is. */
void tasks_step_run(PyFrameObject *f);
void tasks_step_ran(PyFrameObject *f);
/* A coroutine is called by what makes a task of it, if it is. */
void tasks_step_eager(PyFrameObject *f);
/* What makes tasks returns one, which may have begun eagerly within it. */
void tasks_step_made(PyObject *b_task);
/* A call in it took so long: is it the one that is told of? */
bool tasks_step_is_longest(const struct tasks_step *s, int64_t ns);

#endif
