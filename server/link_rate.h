/*
 * How often a client may have a link stored: so many at once, and then one
 * whenever its share of an hour is over.  Arithmetic on times, without a clock.
 */
#ifndef SERVER_LINK_RATE_H
#define SERVER_LINK_RATE_H

#include <stdint.h>

#include "server/client.h"

/* Clients that are remembered; of more the one that came last takes the place
 * of the one that has most left. */
#define LINK_RATE_CLIENTS 1024

/* Zeroed, and per_hour set; 0: no bound. */
struct link_rate {
	unsigned per_hour, n;
	struct {
		struct client client;
		int64_t spent_ns; /* when it has all of its share again */
	} of[LINK_RATE_CLIENTS];
};

/* Takes one from a client's share.  0, or the seconds after which there is one
 * again: nothing is taken then. */
int link_rate_take(struct link_rate *r, const struct client *c, int64_t now_ns);

#endif
