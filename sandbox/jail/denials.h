/*
 * Counting what the filter refuses.
 *
 * The rows of the table that are answered EPERM are answered by the init of the
 * cell, through a seccomp user notification (seccomp_unotify(2), Linux 5.0):
 * the caller waits until the init has counted the call and said EPERM.  The
 * counts lie in a page that zygote and init share, so that they outlive an init
 * that was killed; no other process has it.
 *
 * The only calls that the init ever lets continue are forks, where there is no
 * PID namespace (plain.c), and where there is one, exit_group(2): their
 * arguments are all in registers, and a thread that waits cannot have its
 * registers changed, so that what was looked at is what is done.
 */
#ifndef SANDBOX_JAIL_DENIALS_H
#define SANDBOX_JAIL_DENIALS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/jail/jail.h"

struct denials {
	struct {
		uint32_t number; /* of the system call */
		uint32_t count;
	} row[MAX_DENIED];
	uint32_t rows;
	uint32_t others; /* of further calls, together */
};

/* Zygote: an empty page, to be made before the init is cloned.  NULL with
 * errno.  The zygote calls denials_keep after the clone, the init before it
 * forks: what is forked next does not have the page. */
struct denials *denials_new(void);
int denials_keep(struct denials *d);
void denials_free(struct denials *d);

/* What the init has to say to calls that are not simply refused. */
struct denials_asked {
	/* May a process or thread more be made?  NULL: never. */
	bool (*may_fork)(void *arg);
	/* A process ends with this status once this has returned; pid is as the
	 * init sees it. */
	void (*leaves)(void *arg, pid_t pid, int status);
	void *arg;
};

/* Init: takes one notification from the listener, counts and answers it.  0, or
 * -1 when none will come any more. */
int denials_serve(
	struct denials *d, int listener, const struct denials_asked *asked);

/* Zygote: the counts as they go over the wire. */
void denials_tell(
	const struct denials *d, const struct jail *j, struct msg_exited *ret);

#endif
