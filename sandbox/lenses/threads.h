/*
 * What the files of the lens `threads` share.
 *
 * CPython signals a condition variable when a thread has taken the GIL and
 * another when it has let go, and waits on that one, for a switch interval at a
 * time, when it wants it (take_gil() and drop_gil(), Python/ceval_gil.h of 3.9
 * to 3.11, Python/ceval_gil.c of 3.12 to 3.15).  The runner has
 * pthread_cond_signal() and pthread_cond_timedwait() of its own, which call
 * libc's and tell of those two (threads_hooks.c).  From there:
 * threads_table.c has the threads, threads_holds.c who held the GIL from when
 * to when, threads_places.c the lines, threads_forced.c whether a thread gave
 * way or let go by itself, threads_gil.c what CPython knows of its lock, and
 * threads_write.c makes records of it.
 *
 * Tables are in mappings of their own, and no reference is held.  What has no
 * word on it is called with threads_lock().
 */
#ifndef SANDBOX_LENSES_THREADS_H
#define SANDBOX_LENSES_THREADS_H

#include "sandbox/py/compat.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "sandbox/lenses/lens.h"

#define THREADS_MAX	    256	 /* that are told apart */
#define THREADS_PLACES	    4096 /* lines, with what was called there */
#define THREADS_FILES	    256
#define THREADS_NAMES_BYTES (64 * 1024) /* of files and functions */
#define THREADS_NAME_BYTES  96		/* of a thread */
#define THREADS_FIRST	    1000	/* holds that are kept, the first */
#define THREADS_LAST	    1000	/* and the last */
#define THREADS_LONG	    100 /* and between them, the longest holds */
#define THREADS_INTERVALS   32	/* changes of the switch interval */
#define THREADS_NEVER	    ((int64_t)-1)

/* --- threads_gil.c: CPython's own lock -------------------------------------
 */

struct threads_gil {
	const pthread_cond_t *released; /* gil->cond */
	const pthread_cond_t *taken;	/* gil->switch_cond */
};
/* Of the main interpreter. */
struct threads_gil threads_gil(void);
/* Is there one, at this moment? */
bool threads_gil_is_on(void);
/* With gil->mutex, or the GIL: microseconds that one waits before it asks. */
uint64_t threads_gil_interval(void);
/* How often the GIL went to another thread than had it before. */
uint64_t threads_gil_switches(void);
/* Has somebody got it? */
bool threads_gil_is_held(void);
/* Who took it last. */
PyThreadState *threads_gil_holder(void);
/* From 3.13 on a request is to a thread, and may be left over from when it had
 * the GIL before: is there one? */
bool threads_gil_is_asked_of(PyThreadState *holder);

/* --- threads_places.c: lines ------------------------------------------------
 */

/* Rows of places; 0: none is known. */
struct threads_place {
	/* Of the innermost of the script's frames; 0: there is none. */
	int line, instruction;
	int column, end_line, end_column; /* -1: not known */
	/* Of the innermost frame, where that is of another file; or 0. */
	int library_line;
	uint32_t function, library_function, library_file; /* names; 0: none */
	uint64_t forced, voluntary;
	int64_t away_ns, waited_ns; /* after those */
};
struct threads_places {
	struct threads_place *of; /* the first is none */
	uint32_t n;
	uint64_t dropped; /* looks at lines that there was no room for */
};
extern struct threads_places threads_places;
/* 0, or -1 without memory. */
int threads_places_begin(PyCodeObject *script);
/* Where a thread is: the caller's own, or one that cannot run meanwhile. */
uint32_t threads_places_here(PyThreadState *thread);
/* A name by its number. */
const char *threads_places_name(uint32_t name);

/* --- threads_table.c: the threads -------------------------------------------
 */

struct threads_thread {
	unsigned number; /* 1: the main thread */
	uint64_t ident;	 /* 0: it has not begun */
	unsigned by;	 /* who started it; 0: not known */
	uint32_t at;	 /* where it was started: a place */
	int64_t created, began, ended;
	bool over; /* it let go of the GIL for the last time */
	char name[THREADS_NAME_BYTES];
	bool named, daemon; /* both are known, or neither */
	void *(*routine)(void *);
	void *arg;
	/* Since when it waits for the GIL; whether it asked for it. */
	int64_t wants;
	bool asked;
	int64_t released;     /* the GIL, last; */
	uint32_t left;	      /* where, */
	bool forced;	      /* how, */
	uint64_t hold;	      /* and which hold that ended; 0: none */
	PyThreadState *state; /* then; only compared */
	uint64_t takes, drops, forcibly, by_itself, waits, requests;
	int64_t held_ns, waited_ns, away_ns, longest_hold_ns, longest_wait_ns;
	uint64_t longest_hold, longest_wait; /* holds; 0: none */
};
struct threads_table {
	struct threads_thread *of;
	unsigned n;
	uint64_t dropped; /* threads that there was no room for */
};
extern struct threads_table threads_table;
/* Zygote: what names are read from.  0, or -1. */
int threads_table_warm(struct fail *f);
/* The main thread is this one.  0, or -1 without memory. */
int threads_table_begin(void);
/* This thread's row, made when it has none; NULL where there is no room. */
struct threads_thread *threads_table_me(int64_t now);
/* Without threads_lock(): one is about to be started by this thread, by
 * CPython.  NULL where there is no room. */
struct threads_thread *threads_table_new(
	void *(*routine)(void *), void *arg, int64_t now);
/* It could not be started. */
void threads_table_undo(struct threads_thread *t);
/* In the new thread, without threads_lock(): what it begins with. */
void *threads_table_run(void *thread);

/* --- threads_forced.c: forced or not ----------------------------------------
 */

#define THREADS_FRAMES 8 /* the handler is one of the first three */

/* Why the GIL is let go, of a drop of which it is known. */
enum threads_lesson {
	THREADS_BY_ITSELF, /* some function of C's waits */
	THREADS_AT_END,	   /* the thread is over */
	THREADS_GIVES_WAY, /* to a request */
	THREADS_LESSONS
};

/* Called by what drop_gil() calls.  Does the eval loop give way to a request?
 * Otherwise some function of C's lets go. */
bool threads_forced_is(void);
/* Zygote, in a process of its own, of a drop that is known to be one of them,
 * GIVES_WAY after the others; then threads_forced_is() can tell. */
void threads_forced_learn(enum threads_lesson lesson);
bool threads_forced_knows(enum threads_lesson lesson);
/* The same: how they differ was found.  0, or -1 with a reason. */
int threads_forced_learned(struct fail *f);
/* Zygote, before: what is learned reaches all processes.  0, or -1. */
int threads_forced_warm(struct fail *f);

/* --- threads_holds.c: who held it -------------------------------------------
 */

enum threads_how {
	THREADS_STILL, /* it has it */
	THREADS_FORCED,
	THREADS_VOLUNTARY,
	THREADS_END, /* of the thread */
};
struct threads_hold {
	uint64_t n;	 /* from 1 on */
	unsigned thread; /* its number; 0: of those there was no room for */
	int64_t wanted;	 /* THREADS_NEVER: it had it at once */
	int64_t from, to;
	uint32_t at, left; /* places */
	enum threads_how how;
	uint64_t requests;  /* to let go, while it had it */
	int64_t request;    /* the first of them */
	unsigned requester; /* its number */
};
struct threads_holds {
	int64_t start; /* clock at the beginning; all other times are since */
	bool held;     /* `now` is going on */
	struct threads_hold now;
	uint64_t n; /* begun, this one included */
	struct threads_hold *first, *last, *longest;
	unsigned nlongest;
	uint64_t takes, drops, switches, forced, voluntary, ends, requests;
	uint64_t switches_before;    /* CPython's number */
	int64_t free_since, free_ns; /* nobody had it */
	PyThreadState *holder;	     /* the last; only compared */
	struct {
		int64_t at;
		uint64_t us;
	} interval[THREADS_INTERVALS]; /* the first: at the beginning */
	unsigned nintervals;
	uint64_t us; /* the one that was seen last */
	uint64_t dropped_intervals;
};
extern struct threads_holds threads_holds;
/* The caller has the GIL.  0, or -1 without memory. */
int threads_holds_begin(void);
int64_t threads_holds_now(void);
/* With gil->mutex, as all of these: this thread begins to wait. */
void threads_holds_wait(void);
/* It has waited for an interval, in which nobody else got it: it asks. */
void threads_holds_ask(void);
void threads_holds_take(void);
void threads_holds_drop(void);
/* This thread is over, by libc; it has let go. */
void threads_holds_end(struct threads_thread *t, int64_t now);
/* How many are kept, and one of them, in their order. */
size_t threads_holds_kept(void);
const struct threads_hold *threads_holds_at(size_t i);

/* --- threads_hooks.c ---------------------------------------------------------
 */

/* Zygote: finds libc's functions, and CPython's two.  0, or -1. */
int threads_hooks_warm(struct fail *f);
/* From now on they tell; records go to r. */
void threads_hooks_begin(struct record_writer *r);
void threads_hooks_end(void);
/* Do they, in this process? */
bool threads_hooks_watch(void);
void threads_lock(void);
void threads_unlock(void);
/* Another lens that hears of the same, in this process and whatever the lens
 * `threads` does; NULL: nobody.  Any of the functions may be NULL.  All but
 * `starts` and `fails` are called with gil->mutex held. */
struct threads_ear {
	void (*taken)(void);	/* this thread has the GIL */
	void (*released)(void); /* it has let go */
	/* It has to wait for the GIL.  True when that has been done, with the
	 * mutex let go meanwhile: it looks whether the GIL is free, and waits
	 * again when not. */
	bool (*waits)(pthread_mutex_t *gil_mutex);
	void (*starts)(void); /* it is about to start one of CPython's */
	void (*fails)(void);  /* that could not be */
};
void threads_hooks_lend(const struct threads_ear *ear);
/* For the check, in a process of its own: of which kind drops are now,
 * BY_ITSELF and GIVES_WAY each, AT_END those of other threads that have no
 * frame. */
void threads_hooks_teach(enum threads_lesson lesson);

/* --- threads_check.c
 * ---------------------------------------------------------- */

/* Zygote: do they tell what they are to?  0, or -1 with what is wrong. */
int threads_check(struct fail *f);

/* --- threads_write.c
 * ---------------------------------------------------------- */

/* With the GIL: all members, as they are now. */
void threads_write(struct record_writer *r);
/* The same, when it is time for one more: ever more seldom, as long as there is
 * room for the last. */
void threads_write_snapshot(struct record_writer *r);
/* Is anything not in what was written? */
bool threads_write_left_out(void);

#endif
