/*
 * Snippets that are measured against each other: their runs in turns, by the
 * engine, one at a time.  Without HTTP; `vitrine serve` and `vitrine measure`
 * both stand on it.
 *
 * A first round shows what each of them does and does not count.  Then every
 * other round goes backwards, so that what changes steadily meanwhile, as the
 * clock rate of a CPU does, befalls all of them alike.  They end after the
 * rounds that are wanted, when the time is over, or with the first run that
 * does not end well.  Then each runs once more, or once at each size, with the
 * lenses that count.
 */
#ifndef SERVER_MEASURING_H
#define SERVER_MEASURING_H

#include "api/measure.h"
#include "api/problem.h"
#include "server/engine.h"

struct measuring;

struct measuring_hooks {
	void *arg;
	/* A whole round that counts is over.  May be NULL. */
	void (*round)(void *arg, const struct measure_state *s, size_t round);
	/* The n-th run that counts is over.  May be NULL. */
	void (*count)(void *arg, const struct measure_state *s, size_t n);
	/* It is over, and gone when this returns: with the problem, which is
	 * then the callee's, when a run could not be made. */
	void (*done)(
		void *arg, const struct measure_state *s, struct problem *p);
};

/* For a client, or of our own (NULL).  Takes the request over, whose runtime is
 * here.  Nothing happens before measuring_begin, which may end it; and it is
 * gone once hooks.done returned. */
struct measuring *measuring_new(struct engine *e, const struct client *c,
	struct measure_request *q, const struct measuring_hooks *hooks);
void measuring_begin(struct measuring *m);
/* It begins no further round: hooks.done is called at the end of the one that
 * goes on, with STOPPED. */
void measuring_stop(struct measuring *m);
/* The client left: ends the run; hooks.done is called all the same, perhaps
 * from within this call. */
void measuring_cancel(struct measuring *m);

#endif
