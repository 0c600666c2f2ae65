/*
 * The child of a cell: jailed, then waiting, then the snippet.
 */
#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include "sandbox/jail/jail.h"

/* What the child says to its init before it runs the snippet: that the jail is
 * closed (with the listener of its filter, if it has one), that it is ready, or
 * that something of ours failed. */
enum child_word { CHILD_JAILED, CHILD_READY, CHILD_FAULT };

struct child_say {
	uint32_t word;
	uint32_t layer; /* enum layer that failed; LAYER_COUNT: none did */
	int32_t err;	/* errno of a fault */
	char step[48];
};

/* Zygote, when nothing of it changes any more: finds out what a child does
 * before its order comes (touched.h). */
void child_learn(const struct jail *j);

/* Jails this process, says so on `sock`, waits there for an order, runs it and
 * exits.  Never returns. */
_Noreturn void child_main(const struct jail *j, int sock);

#endif
