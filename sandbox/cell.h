/*
 * A cell: one init (pid 1 of its namespace, trusted C, no Python) and one child
 * (pid 2), made ahead of need, used for one pass, never again.
 *
 * The zygote talks with the init over a socket of their own.  The init passes
 * the order on to the child over a second one, waits for the child, ends every
 * process of the cell, and reports the facts.
 */
#ifndef SANDBOX_CELL_H
#define SANDBOX_CELL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"
#include "sandbox/jail/jail.h"
#include "wire/msg.h"

/* What an init says to the zygote. */
enum cell_word {
	CELL_READY, /* jailed and waiting */
	CELL_FAULT, /* could not be made: facts.text says why */
	CELL_FACTS, /* the pass is over */
};

struct cell_say {
	uint32_t word;
	uint32_t layer; /* with CELL_FAULT: enum layer or LAYER_COUNT */
	struct msg_exited facts;
};

/* An order as the zygote hands it in: with the descriptors of MSG_PASS. */
struct cell_order {
	struct msg_pass pass;
};

/* A cell as the zygote sees it. */
struct denials;
struct cell {
	struct denials *denials; /* shared with its init */
	pid_t pid;
	int pidfd;
	int sock;
};

/* Zygote: makes a cell; `place` is a number that no other cell has now.  0, or
 * -1 when the process could not be made; faults inside come as CELL_FAULT. */
int cell_make(const struct jail *j, unsigned place, struct cell *ret_c,
	struct fail *f);
/* Zygote: closes what it holds of a cell. */
void cell_drop(struct cell *c);

#endif
