/*
 * One runner process, seen from the server: exec, control socket, death.
 *
 * A runner is started with an environment of two constants (wire/runtime.h) and
 * exactly these descriptors: /dev/null as 0 and 1, our stderr as 2, its end of
 * the socket as 3, and the directories of its control groups from 4 on.
 */
#ifndef SERVER_RUNNER_H
#define SERVER_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "server/cgroups.h"
#include "server/loop.h"
#include "wire/msg.h"

struct runner;

struct runner_config {
	const char *path;
	const char *root; /* of the runtime, or NULL: the machine's */
	unsigned standby;
	unsigned rest_seconds;	/* 0: it is kept warm */
	uint32_t allow_missing; /* set of enum layer */
	int64_t hash_seed;	/* -1: random */
	struct cgroups *cgroups;
};

/* All are called from the loop, never from within runner_start. */
struct runner_owner {
	void *arg;
	/* The runner is warm and jailed. */
	void (*hello)(void *arg, const struct msg_hello *h);
	/* STARTED (pidfd is then the callee's to close) or EXITED (-1). */
	void (*message)(void *arg, const struct msg *m, int pidfd);
	/* It is dead, broke the protocol, or could not start: why is a
	 * sentence.  Comes once, and nothing after it; call runner_free. */
	void (*gone)(void *arg, const char *why);
};

int runner_start(struct loop *l, const struct runner_config *c,
	const struct runner_owner *o, struct runner **ret_r, struct fail *f);

/* Orders a pass; the descriptors stay the caller's. */
int runner_send_pass(struct runner *r, uint64_t pass_id,
	const struct msg_pass *p, const int fds[PASS_FD_COUNT], struct fail *f);

/* It does not answer any more: SIGKILL; gone() follows. */
void runner_kill(struct runner *r);

/* Closes the socket, upon which a runner exits; it is reaped from the loop, and
 * killed when it takes too long.  No callback comes any more. */
void runner_free(struct runner *r);

/* At the end of the program, without the loop: waits for those that were freed
 * and are not gone yet. */
void runner_reap_all(void);

#endif
