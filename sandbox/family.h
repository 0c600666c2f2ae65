/*
 * The zygotes of a runner.  The runner's own process is the LEAN one, talks
 * with the server and hands orders on; the others are its children, forked
 * before anything else was, and answer the server themselves, on the same
 * socket.  Each imports its modules when it gets its first order, or when it is
 * woken.  One that ends takes the runner along, and they end with it.
 */
#ifndef SANDBOX_FAMILY_H
#define SANDBOX_FAMILY_H

#include "base/fail.h"
#include "sandbox/py/child.h"
#include "sandbox/zygote.h"
#include "wire/msg.h"

struct family {
	/* LEAN's are not used; -1 in what is not there. */
	int sock[ZYGOTE_COUNT];
	int pidfd[ZYGOTE_COUNT];
	pid_t pid[ZYGOTE_COUNT];
};

/* Runner, warmed, without any cell: forks the others; they wait.  In a child it
 * does not return.  numpy: is there one?  0 or -1. */
int family_fork(struct family *ret, const struct zygote_config *c, bool numpy,
	struct fail *f);
/* Waits until the lenses were looked at. */
int family_wait(const struct family *y, struct py_lenses *ret, struct fail *f);
/* They get ready; so does one that is given an order. */
void family_wake(const struct family *y);
/* Hands an order on, with its descriptors.  False when there is no such zygote.
 */
bool family_take(const struct family *y, const struct msg *order,
	const void *bytes, size_t n, const int *fds, size_t nfd);

/* Runner, at its end: they end, too. */
void family_end(struct family *y);

#endif
