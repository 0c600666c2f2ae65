/*
 * The part of the runner that knows Python: warm-up in the zygote, and one pass
 * of one snippet in a child.  Nothing here knows how the jail is made.
 */
#ifndef SANDBOX_PY_CHILD_H
#define SANDBOX_PY_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "wire/msg.h"
#include "wire/record.h"

/* How the interpreter is set up; paths are as the jail shows them. */
struct py_config {
	const char *id;		/* "3.11" */
	const char *executable; /* "/usr/bin/python3.11" */
	const char *home;	/* "/usr" */
	int64_t hash_seed;	/* -1: random */
};

/* Zygote, once: initialises the interpreter by PyConfig (isolated from the
 * environment, no user site, UTF-8 mode, no bytecode written) and imports what
 * a run itself needs.  Fills the parts of *ret_hello that only Python knows
 * (version, build, id, gil, numpy). */
int py_warm(
	const struct py_config *c, struct msg_hello *ret_hello, struct fail *f);
/* Adds to the environment what an interpreter of this kind reads there as it is
 * loaded.  This one has read it. */
void py_set_environment(void);
/* Address space that each thread's allocator reserves, and that is no memory.
 */
uint64_t py_thread_bytes(void);
/* Zygote: makes each lens ready to look, and finds out which of them work here,
 * and why the others do not. */
struct py_lenses {
	uint32_t work; /* set of enum lens */
	char note[MAX_LENSES][sizeof(((struct msg_hello *)0)->lens_note[0])];
};
void py_warm_lenses(struct py_lenses *ret);
/* Zygote: imports modules, names with a space between.  0, or -1 when one
 * cannot be; the others are. */
int py_import(const char *modules, struct fail *f);
/* Zygote, last: rehearses, notes what is there, and freezes the garbage
 * collector.  May be done again after more was imported. */
int py_settle(enum zygote z, struct fail *f);

/* Zygote, around fork(), in the process that becomes the user's. */
void py_before_fork(void);
void py_after_fork_parent(void);
/* Child, before it is jailed and before it waits for an order: makes the
 * interpreter this process's own. */
void py_after_fork_child(void);
/* Zygote, warmed, and child, while it waits ahead of need: runs a program of
 * ours as a snippet will be run, and leaves no trace of it that a snippet could
 * see; descriptor 1 is /dev/null after it.  all: the zygote's.  0, or -1 with
 * an exception set. */
int py_rehearse(const char *script, bool all);

/* One pass, as the child has it.  The working directory is the snippet's; its
 * main.py and files are there already; descriptors 0, 1, 2 are the streams. */
struct py_pass {
	enum pass pass;
	uint32_t lenses;
	const char *script; /* absolute path of main.py in the jail */
	const void *bundle; /* checked by bundle_check */
	size_t bundle_len;
	const struct limits *limits;
	struct record_writer *records;
};

/* Child, jailed: compiles, runs as `python3 main.py args` would, shuts down as
 * the interpreter would (threads joined, atexit, objects finalised, streams
 * flushed) and returns the exit status for _exit(). */
int py_run(const struct py_pass *p);
/* A child that the snippet forks, in it, by pthread_atfork(3): what only
 * another thread of the snippet could have let go is free.  Its records go
 * nowhere. */
void py_forked(void);

#endif
