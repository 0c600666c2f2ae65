/*
 * The lenses frames and profile: what called what, and how long that took.
 *
 * calltree.c hears of calls and returns.  calltree_stack.c has a stack of each
 * thread, as CPython's own, calltree_functions.c what is called,
 * calltree_tree.c the calls merged by their path, calltree_cstack.c where the C
 * stack ends, and calltree_write.c and calltree_crash.c make records of them.
 * profile.c hears of the same, with a clock.
 * All of it is under py_lock(); nothing here holds a reference.
 */
#ifndef SANDBOX_LENSES_CALLTREE_H
#define SANDBOX_LENSES_CALLTREE_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/lenses/lens.h"

#define CALLTREE_NONE	   UINT32_MAX
#define CALLTREE_THREADS   64	   /* that are shown, and have their own end */
#define CALLTREE_FUNCTIONS 5000	   /* that are told apart */
#define CALLTREE_NODES	   20000   /* of the tree */
#define CALLTREE_LEVELS	   200	   /* of it; calls below go to one like them */
#define CALLTREE_ENTRIES   2000000 /* on the stack of one thread */
#define CALLTREE_POINTS	   256	   /* of depth over time */
#define CALLTREE_SHOWN	   2000	   /* calls that run, of a stack */

/* --- calltree_functions.c ------------------------------------------------- */

struct calltree_function {
	int line; /* first */
	bool is_c;
	char *name, *file; /* copies; file is NULL for C and for the script */
	uint64_t calls, resumes, unwound;
	uint64_t nested;      /* of both: while it was running already */
	unsigned most_active; /* at one time, in one thread */
	uint32_t c_bytes;     /* see struct calltree_node */
	/* Nanoseconds, where calls are timed: in it, and in it with all that it
	 * called, of which a call within a call of the same counts once. */
	uint64_t own_ns, all_ns;
};
struct calltree_functions {
	struct calltree_function *of; /* CALLTREE_FUNCTIONS, in place */
	uint32_t n;
	uint64_t dropped; /* calls of others */
};
extern struct calltree_functions calltree_functions;
/* The number of what has this code, or of what a call event has for its
 * argument; CALLTREE_NONE where there is no room. */
uint32_t calltree_functions_python(PyCodeObject *b_code, const char *script);
uint32_t calltree_functions_c(PyObject *o);

/* --- calltree_tree.c ------------------------------------------------------ */

struct calltree_node {
	uint32_t function, parent; /* CALLTREE_NONE: outermost */
	uint32_t level;
	int line; /* of the caller; 0: it is none of Python's, or not known */
	uint64_t calls, resumes, unwound;
	uint64_t deeper;      /* of both: from further down, folded into it */
	uint64_t first, last; /* events of its first and its last call */
	uint32_t c_bytes; /* most C stack between it and its Python caller */
	uint64_t own_ns, all_ns; /* as of a function */
};
struct calltree_tree {
	struct calltree_node *of; /* CALLTREE_NODES, in place */
	uint32_t n;
	uint64_t dropped; /* calls that no node has */
};
extern struct calltree_tree calltree_tree;
/* The node of a call of `function` from what runs at `parent`, and *ret_line,
 * the line of the caller there; its own node, or that of a call like it further
 * up.  `caller` is the frame that calls, NULL when it is no Python.
 * CALLTREE_NONE where there is no room. */
uint32_t calltree_tree_call(uint32_t parent, uint32_t function,
	PyFrameObject *caller, int *ret_line, bool *ret_folded);

/* --- calltree_cstack.c ---------------------------------------------------- */

/* The C stack of a thread: it grows down from `top`, for `bytes`; 0: without
 * an end that is known. */
struct calltree_cstack {
	uintptr_t top;
	size_t bytes;
};
/* Zygote: where the main thread's is. */
void calltree_cstack_warm(void);
/* This thread's. */
void calltree_cstack_find(struct calltree_cstack *ret, bool main_thread);
/* How much of it is in use here, and a little more. */
uint32_t calltree_cstack_used(const struct calltree_cstack *s);
/* Writes what this version of CPython does about its end. */
void calltree_cstack_write_limit(struct jsonw *w);

/* --- calltree_stack.c ----------------------------------------------------- */

struct calltree_entry {
	PyFrameObject *frame; /* not owned; alive as long as it is here */
	uint32_t node, function;
	int line;      /* of its caller */
	uint32_t used; /* of the C stack, when it was called */
	bool is_c;     /* a C function, called by `frame` */
	bool folded;   /* its node is that of a call further up */
	int64_t began; /* by a clock that stands while the lens works */
};
/* A stack as it was. */
struct calltree_picture {
	struct calltree_entry *of;
	uint32_t n;
	uint32_t depth;
	uint64_t event;
};
struct calltree_thread {
	struct calltree_thread *next;
	unsigned number; /* 1: the main thread */
	struct calltree_cstack c;
	uint32_t c_at_start, c_most;
	struct calltree_entry *of;
	uint32_t n, room;
	uint32_t base;	    /* frames that were there before it was looked at */
	uint32_t depth;	    /* of Python frames, those included */
	uint32_t most;	    /* depth that there ever was */
	uint64_t deeper;    /* entries that there was no room for, now */
	bool at_most;	    /* and is now; not yet in `deepest` */
	uint32_t unchanged; /* lowest entries that deepest has as well */
	struct calltree_picture deepest;
	uint32_t *active; /* by function */
	uint32_t nactive;
	unsigned marks; /* how many shares of the C stack were told */
	uint64_t calls, events;
	/* Where calls are timed: since when the innermost has the clock, when
	 * it was last stopped, and how long it stood for the lens. */
	int64_t since, stopped, lens_ns;
	/* Lowest and highest depth in each `every` events. */
	struct {
		uint32_t low, high;
	} point[CALLTREE_POINTS];
	uint32_t points;
	uint64_t every, in_point;
};
struct calltree_stack {
	struct calltree_thread *threads; /* the last first */
	unsigned n;
	uint64_t dropped_threads;
	uint64_t events; /* of all */
	bool lost;	 /* a stack was deeper than there is room for */
	bool timed;	 /* calls are */
};
extern struct calltree_stack calltree_stack;
/* This thread's, made when `frame` is its first; NULL where there is no room.
 */
struct calltree_thread *calltree_stack_thread(
	PyFrameObject *frame, bool main_thread);
/* A frame begins or goes on; a C function is called by it. */
void calltree_stack_enter(struct calltree_thread *t, PyFrameObject *frame,
	uint32_t function, bool resumed, bool is_c);
/* The frame is left, by an exception or not; a C function that it called is
 * over.  What is not there is nothing. */
void calltree_stack_leave(struct calltree_thread *t, PyFrameObject *frame,
	bool unwound, bool is_c);
/* What a profile function is told.  The thread, NULL where there is no room for
 * it; where calls are timed its clock stands until it is started again. */
struct calltree_thread *calltree_stack_hear(
	PyFrameObject *frame, int what, PyObject *arg, const char *script);
void calltree_stack_start_clock(struct calltree_thread *t);
/* Adds what those that are still running have taken by now, which their all_ns
 * has not: by function and by node, as many as there are of each; of each stack
 * the CALLTREE_SHOWN outermost. */
void calltree_stack_running(uint64_t *functions, uint64_t *nodes);
/* The deepest stack, whether it was left or not. */
const struct calltree_picture *calltree_stack_deepest(
	struct calltree_thread *t);

/* --- calltree_write.c ----------------------------------------------------- */

/* Writes all members; `rest` says whether something is missing beside what is
 * known here. */
void calltree_write(const struct lens_run *r, bool rest);
/* About how many bytes that would take. */
size_t calltree_write_bytes(void);
/* Writes the shares of the C stack that were passed. */
void calltree_write_mark(
	const struct lens_run *r, struct calltree_thread *t, unsigned percent);
/* An object: the stack as entries, those in the middle left out. */
void calltree_write_picture(struct jsonw *w, const struct calltree_entry *of,
	uint32_t n, uint32_t depth, uint64_t event);

/* --- calltree_crash.c ----------------------------------------------------- */

/* Child: from now on an end by SIGSEGV is told, and is one all the same. */
void calltree_crash_begin(const struct lens_run *r);
void calltree_crash_end(void);
/* This thread can tell of it, too. */
void calltree_crash_thread(struct calltree_thread *t);

#endif
