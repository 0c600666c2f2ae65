/*
 * One runtime that the server keeps a warm runner for: started, started again
 * when it dies, given up only when it never could start, and replaced by age
 * and count.
 *
 * What runs of one warm interpreter share (hash secret, address layout) is to
 * last for so many passes or minutes only.  The next runner is started while
 * the one before it serves, and takes over once it said HELLO; runs that began
 * on the one before it stay there, so that all passes of a run see one
 * interpreter, and it ends with the last of them.
 */
#ifndef SERVER_RUNTIME_H
#define SERVER_RUNTIME_H

#include <limits.h>

#include "server/runner.h"

struct runtime;

/* One runner of a runtime, and who uses it. */
struct generation {
	struct runtime *rt;
	struct runner *runner;
	struct generation *next; /* of the runtime's */
	unsigned users;		 /* runs that began on it */
	uint64_t passes;	 /* that it was given */
};

struct runtime_owner {
	void *arg;
	/* It serves now, or does not any more: look at state. */
	void (*changed)(void *arg, struct runtime *rt);
	/* This one's runner is dead, and with it what it was given; users give
	 * it back. */
	void (*lost)(void *arg, struct generation *g, const char *why);
	/* As runner_owner's message. */
	void (*message)(void *arg, struct generation *g, const struct msg *m,
		int pidfd);
};

enum runtime_state {
	RUNTIME_FOUND,	  /* it was not asked for, and is not started */
	RUNTIME_STARTING, /* for the first time */
	RUNTIME_SERVING,
	RUNTIME_AGAIN,	/* died, and is being started again */
	RUNTIME_BROKEN, /* could not start; reason says why */
};

struct runtime {
	struct loop *loop;
	struct runtime_owner owner;
	char id[16], path[PATH_MAX];
	char root[PATH_MAX]; /* of its own; empty: the machine's */
	unsigned standby;
	unsigned rest_seconds; /* 0: it is kept warm */
	uint32_t allow_missing;
	struct cgroups *cgroups;
	uint64_t recycle_passes; /* 0: never */
	int64_t recycle_ns;	 /* 0: never */
	enum runtime_state state;
	struct generation *all;
	struct generation *serving; /* NULL: nobody does now */
	struct generation *warming; /* it did not say HELLO yet */
	struct msg_hello hello;	    /* the last that came */
	char reason[640];
	int64_t started_ns, backoff_ns;
	struct loop_timer again;
	struct loop_timer age; /* when the one that serves is to be replaced */
	int64_t renew_backoff_ns; /* 0 but after one that could not start */
	uint64_t starts;	  /* how often a runner was started */
	uint64_t generations;	  /* how many of them came to serve */
	uint64_t renewals;	  /* how many of these replaced one that did */
	unsigned failed_starts;	  /* in a row, since one last served */
	struct runtime *next;
};

/* Starts the first runner, unless it is broken, as whoever found it may say.
 * id, path, root, standby, rest_seconds, allow_missing, cgroups,
 * recycle_passes, recycle_ns, loop and owner are filled in; the rest is zero.
 */
void runtime_open(struct runtime *rt);
/* How its runners are started. */
struct runner_config runtime_config(const struct runtime *rt);
/* Nobody uses a generation any more. */
void runtime_close(struct runtime *rt);

/* A run begins on the one that serves, which there must be.  To be given back.
 */
struct generation *runtime_take(struct runtime *rt);
void generation_give_back(struct generation *g);
/* A pass was ordered from it. */
void generation_count_pass(struct generation *g);

#endif
