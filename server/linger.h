/*
 * Lingering closes.
 *
 * A request that was refused before its body was read is answered and its
 * connection closed; but a close with unread bytes is a reset, which can take
 * the answer away from a client that is still sending.  So a duplicate of the
 * socket is kept, and what comes is thrown away until the client has had the
 * time to read: to its end of the stream, and no longer than some seconds.
 */
#ifndef SERVER_LINGER_H
#define SERVER_LINGER_H

#include "server/loop.h"

struct linger_set {
	struct loop *loop;
	struct lingerer *first;
	unsigned n;
};

/* Keeps a duplicate of the socket, which the caller closes as it would.  Beyond
 * a fixed number of them it does nothing. */
void linger_begin(struct linger_set *s, int sock);
void linger_end_all(struct linger_set *s);

#endif
