/*
 * Who asks, as far as runs are counted: sixteen bytes that are equal or not.
 * What they are made of is known here only, so that something else than an
 * address can take its place.
 */
#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include <stdbool.h>
#include <sys/socket.h>

struct client {
	unsigned char id[16];
};

/* The client at an address: of IPv4 the whole of it, also when it came mapped
 * into IPv6; of IPv6 the first 64 bits, as one customer has that many, but the
 * others of a link-local address, whose first are everybody's.  All of any
 * other family are one. */
struct client client_of_peer(const struct sockaddr *a);
bool client_same(const struct client *a, const struct client *b);

#endif
