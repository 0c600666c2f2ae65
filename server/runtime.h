/*
 * One runtime that the server keeps a warm runner for: started, started again
 * when it dies, and given up only when it never could start.
 */
#ifndef SERVER_RUNTIME_H
#define SERVER_RUNTIME_H

#include <limits.h>

#include "server/runner.h"

struct runtime;

struct runtime_owner {
	void *arg;
	/* It serves now, or does not any more: look at state. */
	void (*changed)(void *arg, struct runtime *rt);
	/* As runner_owner's message. */
	void (*message)(
		void *arg, struct runtime *rt, const struct msg *m, int pidfd);
};

enum runtime_state {
	RUNTIME_STARTING, /* for the first time */
	RUNTIME_SERVING,
	RUNTIME_AGAIN,	/* died, and is being started again */
	RUNTIME_BROKEN, /* could not start; reason says why */
};

struct runtime {
	struct loop *loop;
	struct runtime_owner owner;
	char id[16], path[PATH_MAX];
	unsigned standby;
	uint32_t allow_missing;
	struct cgroups *cgroups;
	enum runtime_state state;
	struct runner *runner; /* NULL between two starts */
	struct msg_hello hello;
	char reason[640];
	int64_t started_ns, backoff_ns;
	struct loop_timer again;
	uint64_t starts;	/* how often a runner was started */
	unsigned failed_starts; /* in a row, since one last served */
	struct runtime *next;
};

/* Starts the first runner.  id, path, standby, allow_missing, cgroups, loop
 * and owner are filled in; the rest is zero. */
void runtime_open(struct runtime *rt);
/* How its runners are started. */
struct runner_config runtime_config(const struct runtime *rt);
void runtime_close(struct runtime *rt);
/* The runner broke the rules or hangs: ends it; changed() follows. */
void runtime_kill(struct runtime *rt);

#endif
