/*
 * Who may have a run taken in, and whose turn is next: arithmetic on counts,
 * without a socket, a clock or a run.
 *
 * At most slots + queue runs are taken in at a time, and of one client at most
 * its share of them.  A slot goes to the client that has the fewest, and of
 * several such to the one that has waited longest since it gave one back, or
 * came: so however many runs one client has waiting, the only one of another
 * waits for about one run.
 */
#ifndef SERVER_ADMIT_H
#define SERVER_ADMIT_H

#include <stdint.h>

#include "server/client.h"

/* What one client has. */
struct admit_share {
	struct client client;
	bool ours;	   /* the server's own runs: bounded by nothing */
	unsigned accepted; /* runs that were taken in and are not over */
	unsigned waiting;  /* of these, not begun */
	unsigned slots;	   /* that they have now */
	uint64_t since;	   /* the turn when it last gave a slot back, or came */
	struct admit_share *next;
};

/* Zeroed, and the first four set; slots, never 0, may change. */
struct admit {
	unsigned slots, queue;
	unsigned per_client;  /* its share; 0: no bound; or ADMIT_HALF */
	uint64_t max_wait_ns; /* that a run may wait; 0: no bound */
	unsigned accepted;    /* all but ours */
	uint64_t mean_ns;     /* how long a run has slots, all in all */
	uint64_t turn;
	struct admit_share *shares; /* of those that have a run */
};

/* A share of half of what is taken in, but never less than the slots. */
#define ADMIT_HALF ((unsigned)-1)

enum admit_verdict {
	ADMIT_YES,
	ADMIT_QUEUE,  /* as many as are taken in are there */
	ADMIT_CLIENT, /* this client has its share */
	ADMIT_WAIT,   /* it would wait longer than a run may */
	ADMIT_VERDICTS
};

/* May a client have so many more runs taken in, all of them or none?  When not,
 * *ret_retry_after is the seconds after which it is worth asking again. */
enum admit_verdict admit_ask(const struct admit *a, const struct client *c,
	unsigned runs, int *ret_retry_after);
/* The most runs that one client can have at a time, with nobody else here. */
unsigned admit_most_of_one(const struct admit *a);
/* How long the next run of a client would wait, by what runs took lately; and
 * the same in seconds for a Retry-After. */
uint64_t admit_wait_ns(const struct admit *a, const struct client *c);
int admit_retry_after(const struct admit *a, const struct client *c);
/* The runs that one client may have; 0: no bound. */
unsigned admit_share_of(const struct admit *a);

/* A run was taken in: counts it for its client, or for ourselves (NULL).  The
 * share stays until all runs of its client have left. */
struct admit_share *admit_enter(struct admit *a, const struct client *c);
/* The server ends. */
void admit_forget_all(struct admit *a);
/* The most runs that one client has, and how many clients have some; without
 * ourselves. */
unsigned admit_most(const struct admit *a, unsigned *ret_clients);
/* It has begun. */
void admit_begun(struct admit_share *s);
/* It is over, and had begun or not. */
void admit_leave(struct admit *a, struct admit_share *s, bool begun);
/* One of a client's runs was given a slot, and gave it back. */
void admit_slot_taken(struct admit_share *s);
void admit_slot_back(struct admit *a, struct admit_share *s);
/* One that had begun is over: how long it had slots, of several at a time the
 * sum. */
void admit_measured(struct admit *a, uint64_t ns);

/* Is it rather x's turn than y's?  Exactly one of two clients goes first. */
bool admit_before(const struct admit_share *x, const struct admit_share *y);

#endif
