/*
 * What the files of the lens `tasks` share.
 *
 * A profile function (tasks.c) hears of asyncio's own Python code, which
 * tasks_codes.c knows by file and name: BaseEventLoop._call_soon() is told what
 * is to run, and a callback that is a task's makes it ready, or is the first
 * that is heard of it; Handle._run() runs it, and what is between its call and
 * its return is one step; coroutines that are left at an await within it, the
 * innermost first, tell what the task waits for.  tasks_read.c reads what C
 * code of asyncio made, tasks_table.c has the tasks and what they did when,
 * tasks_step.c each thread's steps, tasks_events.c
 * what is heard, tasks_calls.c the calls within them,
 * tasks_loops.c the loops, tasks_wait.c what is waited for, tasks_graph.c who
 * waits for whom, tasks_write.c makes records, tasks_check.c tries all of it.
 *
 * Everything is under py_lock().  No reference is held: a task is an address,
 * until it is done, and what tells it from another that comes to lie there is
 * that the coroutine of a new one has not begun.
 */
#ifndef SANDBOX_LENSES_TASKS_H
#define SANDBOX_LENSES_TASKS_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "sandbox/lenses/calltree.h"
#include "sandbox/lenses/lens.h"

#define TASKS_MAX	 1500 /* that have a row */
#define TASKS_ON	 8    /* tasks that one waits for, which are told */
#define TASKS_FIRST	 1000 /* spans that are kept, the first */
#define TASKS_LAST	 1000 /* and the last */
#define TASKS_WAITS	 500  /* things to wait for, that are told apart */
#define TASKS_BLOCKED	 100  /* that are shown, the longest */
#define TASKS_LOOPS	 32
#define TASKS_NAME_BYTES 64
#define TASKS_NEVER	 ((int64_t)-1)
#define TASKS_BLOCKED_MS 50 /* unless the option says otherwise */

/* --- tasks_codes.c: code of asyncio's that tells something ------------------
 */

enum tasks_role {
	TASKS_OTHER,   /* any code that is not asyncio's */
	TASKS_LIBRARY, /* of asyncio's, and no more is known */
	TASKS_RUN,     /* Handle._run */
	TASKS_SOON,    /* BaseEventLoop._call_soon */
	TASKS_FOREVER, /* .run_forever */
	TASKS_ONCE,    /* ._run_once */
	TASKS_CLOSE,   /* .close */
	TASKS_CREATE,  /* .create_task; what an eager task factory makes */
	TASKS_SELECT,  /* Selector.select */
	TASKS_PYTHON,  /* __init__ of the Task that is written in Python */
	TASKS_SLEEP,
	TASKS_YIELD,  /* of sleep(0) */
	TASKS_GATHER, /* not a code: by the type of the future */
	TASKS_WAIT,
	TASKS_WAIT_FOR,
	TASKS_GROUP, /* TaskGroup.__aexit__ */
	TASKS_SHIELD,
	TASKS_EXECUTOR,
	TASKS_ACQUIRE, /* Lock.acquire */
	TASKS_RELEASE,
	TASKS_SYNC, /* the rest of locks.py */
	TASKS_QUEUE,
	TASKS_IO, /* streams, sockets, pipes, processes */
	TASKS_ROLES
};

struct tasks_code {
	const void *key, *b_name, *b_file; /* what tells it apart */
	int line;
	enum tasks_role role;
	bool ours;  /* the script's */
	bool waits; /* a generator, coroutine or asynchronous generator */
	bool coroutine;
};

/* Zygote: where asyncio is.  0, or -1. */
int tasks_codes_warm(struct fail *f);
/* Says which code is the script's. */
void tasks_codes_begin(PyCodeObject *script);
struct tasks_code tasks_codes_of(PyCodeObject *b_code);
/* The innermost of the script's frames, from one of this thread's on; what it
 * runs, borrowed, NULL for none.  Steps over `skip` frames. */
PyCodeObject *tasks_codes_here(unsigned skip, int *ret_line);
/* The same of the one that asked for the task that is being made. */
PyCodeObject *tasks_codes_maker(unsigned skip, int *ret_line);

/* --- tasks_read.c: objects that C code made --------------------------------
 */

/* Is it a task of asyncio's C code, or of a class based on that? */
bool tasks_read_is_task(PyObject *o);
/* The task whose step or wake-up this callback is; borrowed, or NULL. */
PyObject *tasks_read_callback(PyObject *b_callback);
/* What a Handle is to call; borrowed, or NULL. */
PyObject *tasks_read_handle(PyObject *b_handle);
/* Of a task, by C getters alone.  New references, or NULL without an
 * exception. */
PyObject *tasks_read_coroutine(PyObject *o);
PyObject *tasks_read_waiter(PyObject *o);
PyObject *tasks_read_exception(PyObject *o);
/* 'P'ending, 'C'ancelled or 'F'inished; 0: not known. */
char tasks_read_state(PyObject *o);
/* The name; false when it is no plain str. */
bool tasks_read_name(PyObject *o, char name[TASKS_NAME_BYTES]);
/* Calls fn for each element of a list, set or tuple, exactly. */
void tasks_read_each(
	PyObject *o, void (*fn)(PyObject *b_item, void *data), void *data);
/* An attribute of an instance of a Python class; borrowed, or NULL. */
PyObject *tasks_read_attribute(PyObject *o, const char *name);
/* A local variable by its number, or its name; borrowed, or NULL. */
PyObject *tasks_read_local(PyFrameObject *f, int number);
PyObject *tasks_read_local_named(PyFrameObject *f, const char *name);
/* The name of a type, cut. */
void tasks_read_type(PyTypeObject *type, char name[TASKS_NAME_BYTES]);
/* What a callback is called, cut: that of its function, or of its type. */
void tasks_read_callback_name(
	PyObject *b_callback, char name[TASKS_NAME_BYTES]);

/* --- tasks_wait.c: what is waited for --------------------------------------
 */

enum tasks_kind {
	TASKS_K_NONE,
	TASKS_K_YIELD, /* it gave way, and is ready at once */
	TASKS_K_SLEEP,
	TASKS_K_TASK,
	TASKS_K_TASKS, /* several */
	TASKS_K_LOCK,  /* and what else is in asyncio.locks */
	TASKS_K_QUEUE,
	TASKS_K_IO,
	TASKS_K_THREAD,
	TASKS_K_FUTURE, /* any other */
	TASKS_KINDS
};

/* One thing that was waited for at one line. */
struct tasks_wait {
	enum tasks_kind kind;
	uint32_t function; /* of the library, innermost */
	uint32_t in;	   /* function of the script's */
	int line;	   /* of the script's */
	int64_t delay_ns;  /* of a sleep */
	char type[TASKS_NAME_BYTES];
	uint64_t times;
	int64_t ns, longest_ns;
};
struct tasks_waits {
	struct tasks_wait *of; /* the first is none */
	uint32_t n;
	uint64_t dropped; /* waits that there was no room to tell apart */
};
extern struct tasks_waits tasks_waits;
/* Tasks that are waited for, by number. */
struct tasks_on {
	uint32_t of[TASKS_ON];
	unsigned n, others; /* others have no room, or no row */
};
/* Coroutines that were left at one await, the innermost first. */
struct tasks_chain {
	bool any;
	const void *passed; /* what each of them handed on; only compared */
	PyCodeObject *b_innermost;
	struct tasks_code code; /* of it */
	PyCodeObject *b_script; /* innermost of the script's */
	int line;
	int64_t delay_ns;
	char type[TASKS_NAME_BYTES]; /* of its self */
	struct tasks_on on;
};
/* Futures that functions of asyncio returned in a step. */
struct tasks_link {
	const void *future; /* only compared */
	enum tasks_role role;
	uint32_t task;
};

/* A frame is left and will go on; it hands `passed` on. */
void tasks_wait_left(struct tasks_chain *c, PyFrameObject *f,
	const struct tasks_code *code, PyObject *passed);
/* What is waited for, of a task that was left waiting for `b_future` (NULL:
 * none), as a number; 0: there is no room.  *ret_on is filled. */
uint32_t tasks_wait_number(const struct tasks_chain *c, PyObject *b_future,
	const struct tasks_link *links, unsigned nlinks,
	struct tasks_on *ret_on);
/* It was waited for. */
void tasks_wait_count(uint32_t n, int64_t ns);
/* A lock was taken by a task (0: by none that is known), or let go. */
void tasks_wait_lock(const void *lock, uint32_t task);
void tasks_wait_unlock(const void *lock);
/* A Semaphore, which several may have, is told from it where names of methods
 * do not say the class (3.9). */
bool tasks_wait_is_lock(PyObject *b_self);
int tasks_wait_begin(const char *script);

/* --- tasks_table.c: the tasks -----------------------------------------------
 */

enum tasks_state {
	TASKS_READY,
	TASKS_RUNNING,
	TASKS_WAITING,
	TASKS_RETURNED,
	TASKS_RAISED,
	TASKS_CANCELLED,
	TASKS_STATES
};

struct tasks_task {
	uint32_t number;	       /* from 1 on */
	const void *task, *coro;       /* only compared; NULL: it is done */
	uint32_t next_task, next_coro; /* of the same hash; 0: none */
	char name[TASKS_NAME_BYTES];
	bool named, eager, late; /* late: it was there before it was seen */
	uint32_t function;
	char coroutine[TASKS_NAME_BYTES]; /* its type, when there is no function
					   */
	uint32_t parent, loop;		  /* 0: none */
	int64_t created, ended;
	int line; /* where it was created: of the script's */
	uint32_t by;
	enum tasks_state state;
	int64_t since;
	bool woken; /* while it runs */
	uint32_t wait;
	struct tasks_on on;
	char exception[TASKS_NAME_BYTES];
	uint64_t steps;
	int64_t ns[TASKS_WAITING + 1], longest_ns;
};
struct tasks_span {
	uint32_t task, wait;
	enum tasks_state state;
	int64_t from, to;
	struct tasks_on on;
};
struct tasks_table {
	int64_t start; /* clock at the beginning; all other times are since */
	struct tasks_task *of;
	uint32_t n;
	uint64_t dropped, python; /* tasks: without room; of Python's class */
	struct tasks_span *first, *last;
	uint64_t spans;
	uint64_t ended[TASKS_STATES];
};
extern struct tasks_table tasks_table;
int tasks_table_begin(void);
int64_t tasks_table_now(void);
/* By number; NULL for 0. */
struct tasks_task *tasks_table_at(uint32_t number);
/* By the address of a task, or of its coroutine; NULL when it has no row. */
struct tasks_task *tasks_table_find(const void *task);
struct tasks_task *tasks_table_find_coroutine(const void *coro);
/* A new one, ready; its coroutine is given.  NULL where there is no room. */
struct tasks_task *tasks_table_add(
	PyObject *coro, uint32_t parent, uint32_t loop, const char *script);
/* It lies there. */
void tasks_table_place(struct tasks_task *t, PyObject *task);
/* Its name is what it is now. */
void tasks_table_rename(struct tasks_task *t, PyObject *task);
/* From now on it is in that state, which may be an end. */
void tasks_table_change(struct tasks_task *t, enum tasks_state s, int64_t now);
size_t tasks_table_kept(void);
const struct tasks_span *tasks_table_span(size_t i);

/* --- tasks_loops.c: the loops ------------------------------------------------
 */

struct tasks_loop {
	const void *loop; /* only compared; NULL: it is closed */
	char type[TASKS_NAME_BYTES];
	unsigned thread;
	int64_t from, to; /* to: NEVER while it runs */
	uint64_t turns, callbacks, steps;
	int64_t idle_ns, busy_ns;
	int64_t idle; /* since when it waits; NEVER: it does not */
	bool forever; /* and for how long: until something comes */
};
struct tasks_loops {
	struct tasks_loop of[TASKS_LOOPS];
	unsigned n;
	uint64_t dropped;
};
extern struct tasks_loops tasks_loops;
/* Its number, from 1 on; 0 where there is no room. */
uint32_t tasks_loops_run(PyObject *b_loop, unsigned thread, int64_t now);
void tasks_loops_close(const void *loop);

/* --- tasks_calls.c: what took long within a step
 * ------------------------------
 */

#define TASKS_CALLS 200 /* that are told apart, of those that are going on */

struct tasks_long {
	uint32_t function;
	int line; /* of the script's, that called it, or led there */
	int64_t ns;
};
struct tasks_call {
	const void *frame; /* of a call of Python's; of C's, who calls it */
	int64_t from;
	bool is_c;
};
struct tasks_calls {
	struct tasks_call of[TASKS_CALLS];
	unsigned n, deeper;
};
void tasks_calls_enter(
	struct tasks_calls *c, const void *frame, bool is_c, int64_t now);
/* It is over: how long it took, -1 when it is not there. */
int64_t tasks_calls_leave(
	struct tasks_calls *c, const void *frame, bool is_c, int64_t now);

struct tasks_blocked {
	int64_t from, ns;
	uint32_t task; /* 0: a callback */
	uint32_t loop;
	char callback[TASKS_NAME_BYTES];
	int from_line, to_line; /* where it went on, where it was left */
	struct tasks_long call;
};
struct tasks_blocks {
	struct tasks_blocked of[TASKS_BLOCKED];
	unsigned n;
	uint64_t all;
	int64_t threshold_ns;
};
extern struct tasks_blocks tasks_blocks;
/* Keeps it if it is one of the longest. */
void tasks_calls_blocked(const struct tasks_blocked *b);

/* --- tasks_step.c: what runs in each thread (tasks_step.h)
 * --------------------
 */

void tasks_step_begin(const char *script);
/* Steps so far. */
uint64_t tasks_step_count(void);

/* --- tasks_events.c
 * ------------------------------------------------------------
 */

void tasks_events_begin(const char *script);
/* As a profile function has them. */
void tasks_events_call(PyFrameObject *f);
void tasks_events_return(PyFrameObject *f, PyObject *arg);
void tasks_events_c_call(PyFrameObject *f);
void tasks_events_c_return(PyFrameObject *f, PyObject *function);
/* True once after each time that a loop came to wait, with no time set. */
bool tasks_events_is_quiet(void);

/* --- tasks_graph.c: who waits for whom -------------------------------------
 */

#define TASKS_CYCLES 16

/* Writes an array of objects that have the tasks of each. */
void tasks_graph_write_cycles(struct jsonw *w);
/* Do all that are left wait for each other, or for what only they could do? */
bool tasks_graph_is_stuck(void);

/* --- tasks_write.c
 * ------------------------------------------------------------
 */

void tasks_write(struct record_writer *r);
bool tasks_write_left_out(void);
/* About how many bytes that takes. */
size_t tasks_write_bytes(void);

/* --- tasks_check.c
 * ------------------------------------------------------------
 */

/* Zygote: 0, or -1 with what is not as expected. */
int tasks_check(struct fail *f);
/* For it: the lens, without what else begin does. */
int tasks_begin(PyCodeObject *code, const char *script);
int tasks_profile(
	PyObject *self, PyFrameObject *frame, int what, PyObject *arg);

#endif
