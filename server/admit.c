#include "server/admit.h"

#include <assert.h>
#include <stdlib.h>

#define NS_PER_SECOND 1000000000ULL
/* Asking again is worth a request at any time, and nobody needs to stay away
 * for longer: runs are short, and clients give up. */
#define MIN_RETRY_AFTER 1
#define MAX_RETRY_AFTER 60
/* The mean follows what was measured by one part of so many. */
#define MEMORY 8

static struct admit_share *
find(const struct admit *a, const struct client *c)
{
	for (struct admit_share *s = a->shares; s; s = s->next)
		if (!s->ours && client_same(&s->client, c))
			return s;
	return NULL;
}

static uint64_t
drain_ns(const struct admit *a, uint64_t runs)
{
	uint64_t ns;

	assert(a->slots > 0);
	if (__builtin_mul_overflow(runs, a->mean_ns, &ns))
		return UINT64_MAX;
	return ns / a->slots;
}

/* How long the last of so many new ones would wait.  Turns go round: of each
 * other client as many runs come first as this one has waiting by then, and
 * one. */
static uint64_t
wait_ns(const struct admit *a, const struct client *c, unsigned runs)
{
	const struct admit_share *own = find(a, c);
	unsigned waiting = (own ? own->waiting : 0) + runs - 1;
	uint64_t ahead = waiting;

	for (const struct admit_share *s = a->shares; s; s = s->next)
		if (s != own)
			ahead += s->waiting < waiting + 1 ? s->waiting
							  : waiting + 1;
	return drain_ns(a, ahead);
}

uint64_t
admit_wait_ns(const struct admit *a, const struct client *c)
{
	return wait_ns(a, c, 1);
}

unsigned
admit_most_of_one(const struct admit *a)
{
	unsigned share = admit_share_of(a), all = a->slots + a->queue;

	return share && share < all ? share : all;
}

unsigned
admit_share_of(const struct admit *a)
{
	unsigned half = (a->slots + a->queue + 1) / 2;

	if (a->per_client != ADMIT_HALF)
		return a->per_client;
	return half > a->slots ? half : a->slots;
}

static int
seconds(uint64_t ns)
{
	uint64_t s = ns / NS_PER_SECOND + (ns % NS_PER_SECOND != 0);

	if (s > MAX_RETRY_AFTER)
		return MAX_RETRY_AFTER;
	return s < MIN_RETRY_AFTER ? MIN_RETRY_AFTER : (int)s;
}

int
admit_retry_after(const struct admit *a, const struct client *c)
{
	return seconds(admit_wait_ns(a, c));
}

enum admit_verdict
admit_ask(const struct admit *a, const struct client *c, unsigned runs,
	int *ret_retry_after)
{
	const struct admit_share *own = find(a, c);
	unsigned share = admit_share_of(a);
	uint64_t wait = wait_ns(a, c, runs);

	assert(runs > 0);
	if (share && (own ? own->accepted : 0) + runs > share) {
		*ret_retry_after = seconds(wait);
		return ADMIT_CLIENT;
	}
	if (a->accepted + runs > a->slots + a->queue) {
		*ret_retry_after = seconds(drain_ns(a, a->queue));
		return ADMIT_QUEUE;
	}
	if (a->max_wait_ns && wait > a->max_wait_ns) {
		*ret_retry_after = seconds(wait - a->max_wait_ns);
		return ADMIT_WAIT;
	}
	return ADMIT_YES;
}

struct admit_share *
admit_enter(struct admit *a, const struct client *c)
{
	struct admit_share *s = a->shares;

	if (c)
		s = find(a, c);
	else
		while (s && !s->ours)
			s = s->next;
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			abort();
		s->ours = !c;
		if (c)
			s->client = *c;
		s->since = ++a->turn;
		s->next = a->shares;
		a->shares = s;
	}
	s->accepted++;
	s->waiting++;
	a->accepted += !s->ours;
	return s;
}

void
admit_begun(struct admit_share *s)
{
	assert(s->waiting > 0);
	s->waiting--;
}

static void
forget(struct admit *a, struct admit_share *s)
{
	struct admit_share **at = &a->shares;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free(s);
}

void
admit_leave(struct admit *a, struct admit_share *s, bool begun)
{
	assert(s->accepted > 0);
	if (!begun)
		admit_begun(s);
	s->accepted--;
	a->accepted -= !s->ours;
	if (!s->accepted) {
		assert(!s->slots && !s->waiting);
		forget(a, s);
	}
}

void
admit_forget_all(struct admit *a)
{
	while (a->shares)
		forget(a, a->shares);
}

unsigned
admit_most(const struct admit *a, unsigned *ret_clients)
{
	unsigned most = 0;

	*ret_clients = 0;
	for (const struct admit_share *s = a->shares; s; s = s->next) {
		if (s->ours)
			continue;
		++*ret_clients;
		most = s->accepted > most ? s->accepted : most;
	}
	return most;
}

void
admit_slot_taken(struct admit_share *s)
{
	s->slots++;
}

void
admit_slot_back(struct admit *a, struct admit_share *s)
{
	assert(s->slots > 0);
	s->slots--;
	s->since = ++a->turn;
}

void
admit_measured(struct admit *a, uint64_t ns)
{
	a->mean_ns = a->mean_ns ? a->mean_ns - a->mean_ns / MEMORY + ns / MEMORY
				: ns;
}

bool
admit_before(const struct admit_share *x, const struct admit_share *y)
{
	return x->slots != y->slots ? x->slots < y->slots : x->since < y->since;
}
