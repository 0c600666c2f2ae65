#include "server/client.h"

#include <netinet/in.h>
#include <string.h>

/* The first byte of an id: what the others are. */
enum { KIND_OTHER, KIND_IPV4, KIND_NETWORK, KIND_LINK };

static struct client
make(unsigned char kind, const void *bytes, size_t n)
{
	struct client c = {{kind}};

	memcpy(c.id + 1, bytes, n);
	return c;
}

static struct client
of_ipv6(const struct sockaddr_in6 *a)
{
	const unsigned char *b = a->sin6_addr.s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr))
		return make(KIND_IPV4, b + 12, 4);
	if (!IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr))
		return make(KIND_NETWORK, b, 8);
	/* The same number may be another machine at another interface. */
	struct client c = make(KIND_LINK, b + 8, 8);
	memcpy(c.id + 9, &a->sin6_scope_id, sizeof(a->sin6_scope_id));
	return c;
}

struct client
client_of_peer(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET6)
		return of_ipv6((const struct sockaddr_in6 *)a);
	if (a->sa_family == AF_INET)
		return make(KIND_IPV4,
			&((const struct sockaddr_in *)a)->sin_addr, 4);
	return make(KIND_OTHER, "", 0);
}

bool
client_same(const struct client *a, const struct client *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0;
}
