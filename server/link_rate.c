/* How often a client may have a link stored. */
#include "server/link_rate.h"

#define HOUR_NS	  3600000000000LL
#define SECOND_NS 1000000000LL

static unsigned
place_of(const struct link_rate *r, const struct client *c)
{
	unsigned first = 0;

	for (unsigned i = 0; i < r->n; i++)
		if (client_same(&r->of[i].client, c))
			return i;
	if (r->n < LINK_RATE_CLIENTS)
		return r->n;
	for (unsigned i = 1; i < r->n; i++)
		if (r->of[i].spent_ns < r->of[first].spent_ns)
			first = i;
	return first;
}

int
link_rate_take(struct link_rate *r, const struct client *c, int64_t now_ns)
{
	if (!r->per_hour)
		return 0;
	const unsigned at = place_of(r, c);
	const int64_t each = HOUR_NS / r->per_hour;
	int64_t from = now_ns;

	if (at < r->n && client_same(&r->of[at].client, c) &&
		r->of[at].spent_ns > now_ns)
		from = r->of[at].spent_ns;
	/* All of the share is each * per_hour. */
	const int64_t over = from + each - now_ns - each * r->per_hour;
	if (over > 0)
		return (int)((over + SECOND_NS - 1) / SECOND_NS);
	r->of[at].client = *c;
	r->of[at].spent_ns = from + each;
	r->n += at == r->n;
	return 0;
}
