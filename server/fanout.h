/*
 * One snippet on several runtimes: a run on each, by the engine, and what they
 * came to.  Without HTTP; `vitrine serve` and `vitrine compare` both stand on
 * it.
 *
 * Each run is one of its client's like any other, and takes its turn.  What
 * becomes of one is no matter of the others.
 */
#ifndef SERVER_FANOUT_H
#define SERVER_FANOUT_H

#include "api/compare.h"
#include "api/compare_request.h"
#include "server/engine.h"

struct fanout;

struct fanout_hooks {
	void *arg;
	/* One of them has come to its end.  May be NULL. */
	void (*one)(void *arg, const struct compare_one *one);
	/* All have, and it is gone when this returns. */
	void (*done)(void *arg, const struct fanout *f);
};

/* Puts the ids for "all", and says which of those that are named are not here:
 * -1 with a problem that points at each.  One that is here and broken is not
 * wrong. */
int fanout_name(const struct engine *e, struct compare_request *q,
	struct problem **ret_p);

/* For a client, or of our own (NULL).  Takes the request over, whose runtimes
 * are here.  Nothing happens before fanout_begin, which may end it; and it is
 * gone once hooks.done returned. */
struct fanout *fanout_new(struct engine *e, const struct client *c,
	struct compare_request *q, const struct fanout_hooks *hooks);
void fanout_begin(struct fanout *f);
/* The client left: ends all that runs; the hooks are called all the same,
 * perhaps from within this call. */
void fanout_cancel(struct fanout *f);

/* What it came to, new references; once all are over. */
json_t *fanout_reply(const struct fanout *f);
json_t *fanout_differences(const struct fanout *f);
const char *fanout_id(const struct fanout *f);

#endif
