/*
 * What the files of the lens `races` share.
 *
 * The pass runs nothing itself.  It forks a process for each schedule, one
 * after the other, which runs the program whole (races_child.c), and hears what
 * that printed and how it ended (races_watch.c).  Runs that came to the same
 * are one outcome (races_outcomes.c); races_write.c makes records of them.
 * races_windows.c knows where the program reads what it then writes, and where
 * this CPython looks whether another thread wants the GIL.  In a schedule's
 * process, races_trace.c hears of each instruction and decides whether another
 * thread goes on there, and races_switch.c hands over to it.
 *
 * What a schedule's process says about itself lies in memory that it shares
 * with the pass: numbers are any, indices and texts are checked where they are
 * used.
 */
#ifndef SANDBOX_LENSES_RACES_H
#define SANDBOX_LENSES_RACES_H

#include "sandbox/py/compat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "sandbox/lenses/lens.h"

#define RACES_SCHEDULES	    60	/* unless it is asked for others */
#define RACES_WINDOWS	    100 /* WINDOWS of races.py */
#define RACES_THREADS	    64	/* whose places are known */
#define RACES_SWITCHES	    16	/* of a schedule that are told, the first */
#define RACES_OUTCOMES	    64	/* that are told apart */
#define RACES_OUT_BYTES	    4096
#define RACES_ERR_BYTES	    2048
#define RACES_RAISED	    4 /* exceptions of threads that are told */
#define RACES_TYPE_BYTES    64
#define RACES_MESSAGE_BYTES 200

/* What a thread is switched at. */
enum races_kind {
	RACES_AS_IS,	 /* what CPython does by itself, ever so often */
	RACES_AT_BREAKS, /* where its eval loop looks whether it is to */
	RACES_INSIDE,	 /* anywhere, and most of all within a window */
	RACES_KINDS
};

struct races_schedule {
	unsigned number; /* from 1 on */
	enum races_kind kind;
	uint64_t seed;
	double interval; /* of AS_IS, seconds; 0: CPython's own */
	/* Of 65536 chances of the others, within windows and elsewhere. */
	uint32_t within, elsewhere;
	/* The main thread goes ahead of the others, which have all begun before
	 * any does much; not for ever. */
	bool main_first;
};

/* --- what a schedule's process says ----------------------------------------
 */

struct races_place {
	uint32_t code; /* its number from 1 on; 0: none */
	uint32_t unit;
};
struct races_switch {
	struct races_place at;
	uint16_t window;   /* from 1 on; 0: none */
	uint16_t from, to; /* threads, 0 the main one */
};
struct races_raised {
	uint32_t line; /* of the script; 0: none */
	char type[RACES_TYPE_BYTES], message[RACES_MESSAGE_BYTES];
};
struct races_said {
	uint32_t started;  /* threads, beside the main one */
	uint32_t switches; /* that were forced */
	/* How often one could have been, elsewhere and within a window, since
	 * there were threads. */
	uint64_t chances[2];
	struct races_switch first[RACES_SWITCHES];
	uint32_t within[RACES_WINDOWS]; /* of these */
	uint32_t threads;		/* whose places are known */
	struct races_place at[RACES_THREADS];
	uint32_t ended; /* the main thread, by an exception */
	struct races_raised end;
	uint32_t raised; /* threads that ended by one */
	uint64_t raised_hash;
	struct races_raised of[RACES_RAISED];
};

/* --- races_windows.c ---------------------------------------------------------
 */

/* Flags of a unit, as races.py has them. */
enum { RACES_AFTER = 1, RACES_AFTER_BACK = 2, RACES_NEVER_BEFORE = 4 };

struct races_code {
	PyCodeObject *code;
	uint32_t number, n; /* from 1 on; units */
	const uint8_t *breaks;
	uint16_t *window; /* of each unit, from 1 on; 0: none */
};
int races_windows_warm(struct fail *f);
/* Of the program.  line: only windows there, or when there is none its
 * instructions; 0: all.  0, or -1 when they cannot be had. */
int races_windows_begin(const struct lens_run *r, int line);
/* NULL for what is not the script's. */
const struct races_code *races_windows_find(const PyCodeObject *code);
/* What can be asked of a claim: the line and the name of the instruction there
 * (borrowed), and the function (borrowed).  False when it is no place. */
struct races_shown {
	int line, offset;
	const char *op;
	PyObject *function;
};
bool races_windows_show(struct races_place p, struct races_shown *ret);
/* Is there any that switches are to be forced in? */
bool races_windows_any(void);
/* The list of what is shown of each (borrowed). */
PyObject *races_windows_list(void);
bool races_windows_whole(void);

/* --- races_switch.c, in a schedule's process
 * -------------------------------- */

/* Zygote: what it needs of `threads`.  0 or -1. */
int races_switch_warm(struct fail *f);
/* From now on it decides who has the GIL next. */
void races_switch_begin(
	const struct races_schedule *of, struct races_said *said);
/* This thread's number: 0 the main one, the others as they come. */
unsigned races_switch_me(void);
/* With a GIL: threads that were started have come, or take too long. */
void races_switch_meet(void);
/* Does the schedule want a switch here? */
bool races_switch_wants(bool within);
/* Another thread goes on, if there is one that waits for the GIL; when this one
 * has it again, it is over.  Without a GIL: this thread stops until another has
 * come by, for a while at most. */
void races_switch_now(const struct races_switch *here);
/* In a process that the program forked: nobody decides any more. */
void races_switch_forked(void);
/* Without a GIL: this thread has come by; `left` is true behind a window. */
void races_switch_passed(bool left);

/* --- races_trace.c -----------------------------------------------------------
 */

int races_trace_warm(struct fail *f);
void races_trace_begin(enum races_kind kind, struct races_said *said);
/* In a process that the program forked: its threads are its own matter. */
void races_trace_forked(void);

/* --- races_child.c -----------------------------------------------------------
 */

int races_child_warm(struct fail *f);
/* In the forked process: runs the program and ends. */
_Noreturn void races_child_run(const struct lens_run *r,
	const struct races_schedule *s, struct races_said *said);

/* --- races_watch.c -----------------------------------------------------------
 */

enum races_how {
	RACES_EXITED,
	RACES_SIGNALED,
	RACES_STUCK,	  /* ended by us: nothing in it moved */
	RACES_UNFINISHED, /* its time was over */
	RACES_FLOODED,	  /* it printed too much */
	RACES_HOWS
};
struct races_stream {
	uint64_t bytes, hash; /* of all that there was */
	size_t kept, room;
	char *text;
};
struct races_end {
	enum races_how how;
	int code; /* exit code, or the number of the signal */
	int64_t wall_ns, cpu_ns;
	struct races_stream out, err;
	char out_text[RACES_OUT_BYTES], err_text[RACES_ERR_BYTES];
	struct races_said said;
};
struct races_bounds {
	int64_t wall_ns, quiet_ns; /* altogether; without any CPU time */
	uint64_t output_bytes;
};
/* Runs one.  0, or -1 with errno when there could be no process for it. */
int races_watch(const struct lens_run *r, const struct races_schedule *s,
	const struct races_bounds *b, struct races_end *ret);

/* --- races_outcomes.c, races_write.c
 * ---------------------------------------- */

struct races_outcome {
	struct races_schedule first,
		shown; /* `shown` has the fewest switches */
	unsigned by[RACES_KINDS];
	struct races_end end;	/* of the first */
	struct races_said said; /* of the one that is shown */
};
struct races_result {
	unsigned asked, run;
	unsigned by[RACES_KINDS];
	uint64_t switches[RACES_KINDS];
	uint64_t chances[RACES_KINDS][2]; /* that the last of a kind had */
	uint64_t within[RACES_WINDOWS];
	unsigned threads; /* the most that there were, with the main one */
	uint64_t seed;
	int line;
	int64_t first_ns, wall_ns, cpu_ns;
	const char *stopped; /* why not all were run; NULL: all were */
	unsigned n, dropped; /* outcomes; runs that came to none of them */
	struct races_outcome *of[RACES_OUTCOMES];
};
void races_outcomes_add(struct races_result *t, const struct races_schedule *s,
	const struct races_end *e);
/* All members, as they are now.  False when one did not fit. */
bool races_write(const struct lens_run *r, const struct races_result *t);

/* --- races_check.c -----------------------------------------------------------
 */

/* Zygote: is another thread let in where it is to be?  0, or -1 with what is
 * wrong. */
int races_check(struct fail *f);

#endif
