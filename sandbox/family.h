/*
 * The zygotes of a runner.  The runner's own process is the LEAN one, talks
 * with the server and hands orders on; the others are its children and answer
 * the server themselves, on the same socket.  Each imports its modules when it
 * gets its first order, or when it is woken.
 *
 * A runner that is kept warm forks them before any cell, and wakes them all.
 * One that may cool forks each at its first order, and lets it go when it had
 * none for a while: it then finishes what it runs, and ends.  One that ends
 * without having been let go takes the runner along, and they end with it.
 */
#ifndef SANDBOX_FAMILY_H
#define SANDBOX_FAMILY_H

#include <poll.h>

#include "base/fail.h"
#include "sandbox/py/child.h"
#include "sandbox/zygote.h"
#include "wire/msg.h"

/* What a zygote hears from the runner beside orders: a datagram of one byte. */
enum family_word {
	FAMILY_WAKE = 'w', /* get ready */
	FAMILY_REST = 'r'  /* no order follows: finish, and end */
};

/* sock is -1 where there is none, and then nothing else holds. */
struct member {
	int sock, pidfd;
	pid_t pid;
	int64_t ordered; /* io_now_ns of its last order, else of its start */
};

#define FAMILY_FDS (2 * ZYGOTE_COUNT)

struct family {
	const struct zygote_config *config; /* of the runner itself */
	bool numpy;			    /* is there one? */
	int64_t rest_ns; /* without an order, then it is let go; 0: never */
	/* LEAN's are not used. */
	struct member serving[ZYGOTE_COUNT], leaving[ZYGOTE_COUNT];
};

/* Runner, warmed, without any cell: forks the others; they wait.  In a child it
 * does not return.  config, numpy and rest_ns are filled in.  0 or -1. */
int family_fork(struct family *y, struct fail *f);
/* Waits until the lenses were looked at. */
int family_wait(struct family *y, struct py_lenses *ret, struct fail *f);
/* Those that are there get ready; so does one that is given an order. */
void family_wake(const struct family *y);
/* Hands an order on, with its descriptors.  False when there is no such zygote.
 */
bool family_take(struct family *y, const struct msg *order, const void *bytes,
	size_t n, const int *fds, size_t nfd);
/* Lets go of those that had no order for long.  How many ms until the next
 * might have to; -1: for good. */
int family_rest(struct family *y);

/* At most FAMILY_FDS descriptors, to be polled; how many. */
nfds_t family_poll(const struct family *y, struct pollfd *ret);
/* After that: buries those that were let go, and ended well.  -1 when one has
 * ended otherwise, and what it ran is lost. */
int family_polled(struct family *y, struct fail *f);
/* At most FAMILY_FDS; how many. */
size_t family_pids(const struct family *y, pid_t *ret);

/* Runner, at its end: they end, too. */
void family_end(struct family *y);

#endif
