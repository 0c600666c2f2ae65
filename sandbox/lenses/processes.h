/*
 * What the files of the lens `processes` share.
 *
 * The runner has fork(), waitpid() and the like of its own, which call libc's
 * or the kernel and tell of them (processes_hooks.c, processes_spawn.c).  What
 * is known lies in a table that all processes of the program share
 * (processes_table.c): each adds its own rows and changes its own numbers.
 * processes_places.c has the lines and how a process was asked for,
 * processes_pickle.c hears of what is pickled, and processes_write.c makes
 * records of the table, in whichever process something happens: of the report,
 * a forked process has two rooms for that and no more (wire/record_pair.h).
 *
 * What is read from the table may be what a program scribbled there: numbers
 * are any, indices and texts are checked where they are used.
 */
#ifndef SANDBOX_LENSES_PROCESSES_H
#define SANDBOX_LENSES_PROCESSES_H

#include "sandbox/py/compat.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"
#include "sandbox/lenses/lens.h"

#define PROCESSES_MAX	     256
#define PROCESSES_FAILURES   16
#define PROCESSES_PLACES     8 /* lines of one process at which it sends */
#define PROCESSES_NAME_BYTES 64
#define PROCESSES_NEVER	     ((int64_t)-1)

/* How a process came about. */
enum processes_how {
	PROCESSES_FIRST, /* it is the program */
	PROCESSES_FORK,
	PROCESSES_SPAWN,
	PROCESSES_MP_FORK,
	PROCESSES_MP_SPAWN,
	PROCESSES_MP_SERVER,
	PROCESSES_MP_TRACKER,
	PROCESSES_SUBPROCESS,
	PROCESSES_HOWS
};
/* What of the library asked for it, for itself. */
enum processes_by {
	PROCESSES_BY_NOBODY,
	PROCESSES_BY_POOL,
	PROCESSES_BY_MANAGER,
	PROCESSES_BY_EXECUTOR,
	PROCESSES_BYS
};

/* --- processes_table.c: what all of them share ------------------------------
 */

struct processes_count {
	_Atomic uint64_t messages, bytes;
};
struct processes_place {
	_Atomic int line; /* 0: no place yet */
	struct processes_count pickled, unpickled;
};
struct processes_row {
	_Atomic uint32_t there; /* 0: reserved, or never used */
	uint32_t parent;	/* its row */
	_Atomic pid_t pid;	/* 0: not known yet */
	enum processes_how how;
	enum processes_by by;
	int line; /* of the script, at which it was started; 0: none */
	char name[PROCESSES_NAME_BYTES]; /* of a multiprocessing.Process */
	/* It is another program since. */
	_Atomic bool replaced;
	/* Times since the beginning, PROCESSES_NEVER for not yet. */
	_Atomic int64_t started, began;
	/* What it said itself: when it ended, and what it was by then. */
	_Atomic int64_t ended, faults, cpu_ns;
	_Atomic int exit_code;
	/* Faults that came of the lens. */
	_Atomic int64_t own_faults;
	/* What its parent was told when it waited: of this process and of those
	 * that it had waited for. */
	_Atomic int64_t waited, blocked_ns, all_faults, all_cpu_ns;
	_Atomic int wait_line;
	/* As wait(2) has it; -1: not known. */
	_Atomic int status;
	struct processes_count pickled, unpickled;
	struct processes_place place[PROCESSES_PLACES];
	_Atomic uint64_t dropped_places; /* messages at others */
};
struct processes_failure {
	_Atomic uint32_t there;
	uint32_t process; /* row of who asked for it */
	int64_t at;
	enum processes_how how;
	int line, error;
};
struct processes_table {
	_Atomic uint32_t n, nfailures; /* asked for, also those not kept */
	_Atomic uint64_t dropped;      /* processes there was no row for */
	_Atomic bool over;	       /* nothing more is to come */
	/* Who writes, by when it began; 0: nobody.  Something came meanwhile.
	 */
	_Atomic int64_t writing, written, took;
	_Atomic bool again;
	struct processes_row of[PROCESSES_MAX];
	struct processes_failure failure[PROCESSES_FAILURES];
};
extern struct processes_table *processes_table;

/* This process is the first.  0, or -1 without memory. */
int processes_table_begin(void);
/* Since the beginning. */
int64_t processes_table_now(void);
/* This process's row; NULL when it has none, or is not the process that
 * fork() made: by a system call of its own, or before it is another program. */
struct processes_row *processes_table_me(void);
/* Is this the first process? */
bool processes_table_is_first(void);
/* A row for a process that is about to be started by this one; NULL where there
 * is no room. */
struct processes_row *processes_table_new(void);
/* In the parent: it is there, or could not be (errno). */
void processes_table_started(struct processes_row *row, pid_t pid);
void processes_table_failed(struct processes_row *row, int error);
/* In the new process: it is that row, or none. */
void processes_table_be(struct processes_row *row);
/* In it: what it is at this moment. */
void processes_table_note(struct processes_row *row);
/* This process's child has ended; `from` is when the wait began. */
struct rusage;
void processes_table_waited(
	pid_t pid, int status, const struct rusage *used, int64_t from);
/* Of all but the first. */
bool processes_table_all_ended(void);
/* Faults of this process that are the lens's: of what is between the two. */
int64_t processes_table_faults(void);
void processes_table_own(struct processes_row *row, int64_t before);

/* --- processes_places.c ------------------------------------------------------
 */

void processes_places_begin(PyCodeObject *script);
/* The line of the script that this thread is at; 0: none is known. */
int processes_places_line(void);
/* Of a process that this thread is starting: line, how, by, name. */
void processes_places_start(struct processes_row *row, enum processes_how how);
/* What multiprocessing does with the bytes that its code asks for now. */
enum processes_use { PROCESSES_NO_USE, PROCESSES_PICKLED, PROCESSES_UNPICKLED };
enum processes_use processes_places_use(void);

/* --- processes_hooks.c, processes_spawn.c
 * ----------------------------------- */

/* Zygote: finds libc's functions.  0, or -1. */
int processes_hooks_warm(struct fail *f);
int processes_spawn_warm(struct fail *f);
void processes_hooks_begin(void);
/* Do they tell, in this process? */
bool processes_hooks_watch(void);
/* How a child of this process has ended that nobody has waited for, which it
 * does not change: as wait(2) has it, or -1. */
int processes_hooks_peek(pid_t pid);

/* --- processes_pickle.c ------------------------------------------------------
 */

/* Zygote: can what is pickled be heard of?  0, or -1 with a reason. */
int processes_pickle_warm(struct fail *f);
void processes_pickle_begin(void);

/* --- processes_check.c -------------------------------------------------------
 */

/* Zygote: is what is heard as it should be?  0, or -1 with what is wrong. */
int processes_check(struct fail *f);

/* --- processes_write.c -------------------------------------------------------
 */

/* Reserves room in the report.  0, or -1 where there is none. */
int processes_write_begin(struct record_writer *r);
/* All that is known; a process that writes already does it once more. */
void processes_write(void);
/* The same when it has been long enough. */
void processes_write_seldom(void);

#endif
