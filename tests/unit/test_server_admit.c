/* Who is let in, and whose turn it is: what is expected is worked out beside
 * each check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/admit.h"

#define unused __attribute__((unused))
#define SECOND 1000000000ULL

static struct client
at(const char *address, uint32_t scope)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = 1};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
		.sin6_port = 2,
		.sin6_scope_id = scope};

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return client_of_peer((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return client_of_peer((const struct sockaddr *)&v6);
}

static bool
one(const char *a, const char *b)
{
	struct client x = at(a, 0), y = at(b, 0);

	assert_int_equal(client_same(&x, &y), client_same(&y, &x));
	return client_same(&x, &y);
}

/* An IPv4 address is one customer's, of IPv6 the first 64 bits are (RFC 6177);
 * those of a link are the same for everybody (RFC 4291, 2.5.6). */
static void
test_client(unused void **state)
{
	assert_true(one("192.0.2.1", "192.0.2.1"));
	assert_false(one("192.0.2.1", "192.0.2.2"));
	assert_false(one("127.0.0.1", "127.0.0.2"));
	/* A socket that takes both families says it so (RFC 4291, 2.5.5.2). */
	assert_true(one("192.0.2.1", "::ffff:192.0.2.1"));
	assert_false(one("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
	assert_true(one("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
	assert_false(one("2001:db8:1:2::1", "2001:db8:1:3::1"));
	assert_true(one("fe80::1", "fe80::1"));
	assert_false(one("fe80::1", "fe80::2"));
	struct client eth0 = at("fe80::1", 2), eth1 = at("fe80::1", 3);
	assert_false(client_same(&eth0, &eth1));
	/* Bytes of one kind are not those of another. */
	assert_false(one("0.0.0.0", "::"));
	assert_false(one("::1", "127.0.0.1"));
	const struct sockaddr local = {.sa_family = AF_UNIX};
	struct client other = client_of_peer(&local), zero = at("0.0.0.0", 0);
	assert_false(client_same(&other, &zero));
}

static enum admit_verdict
ask(const struct admit *a, const struct client *c)
{
	int seconds = 0;
	enum admit_verdict v = admit_ask(a, c, 1, &seconds);

	/* Whoever is refused is told when to come back, and nobody else. */
	assert_int_equal(seconds > 0, v != ADMIT_YES);
	return v;
}

/* Takes runs in until one is refused; how many, and why no more. */
static unsigned
fill(struct admit *a, const struct client *c, enum admit_verdict *ret_why)
{
	unsigned n = 0;

	while ((*ret_why = ask(a, c)) == ADMIT_YES) {
		admit_enter(a, c);
		n++;
	}
	return n;
}

static void
drop_all(struct admit *a)
{
	while (a->shares) {
		unsigned n = a->shares->accepted;
		struct admit_share *s = a->shares;
		while (s->slots)
			admit_slot_back(a, s);
		while (n--)
			admit_leave(a, s, s->waiting == 0);
	}
	assert_int_equal(a->accepted, 0);
}

static void
test_bounds(unused void **state)
{
	/* slots, queue, bound: what one client may have, and what is left */
	static const struct {
		unsigned slots, queue, bound, one, rest;
	} rows[] = {
		{4, 64, ADMIT_HALF, 34, 34}, /* half of 68 */
		{4, 63, ADMIT_HALF, 34, 33}, /* of 67, rounded up */
		{1, 2, ADMIT_HALF, 2, 1},
		/* Half of 9 is 5, but 8 can go at the same time. */
		{8, 1, ADMIT_HALF, 8, 1},
		{4, 64, 1, 1, 1},
		{4, 64, 60, 60, 8},
		{4, 64, 0, 68, 0},
		{4, 64, 4096, 68, 0},
	};
	struct client a = at("192.0.2.1", 0), b = at("192.0.2.2", 0);
	enum admit_verdict why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct admit m = {.slots = rows[i].slots,
			.queue = rows[i].queue,
			.per_client = rows[i].bound};
		bool all = rows[i].one == rows[i].slots + rows[i].queue;
		assert_int_equal(fill(&m, &a, &why), rows[i].one);
		assert_int_equal(why, all ? ADMIT_QUEUE : ADMIT_CLIENT);
		assert_int_equal(fill(&m, &b, &why), rows[i].rest);
		drop_all(&m);
	}
}

static void
test_leaving_makes_room(unused void **state)
{
	struct admit m = {.slots = 1, .queue = 3, .per_client = 2};
	struct client a = at("192.0.2.1", 0), b = at("192.0.2.2", 0),
		      c = at("192.0.2.3", 0);
	struct admit_share *s = admit_enter(&m, &a);

	assert_ptr_equal(admit_enter(&m, &a), s);
	assert_int_equal(ask(&m, &a), ADMIT_CLIENT);
	/* One that has begun is one that was taken in. */
	admit_begun(s);
	assert_int_equal(ask(&m, &a), ADMIT_CLIENT);
	admit_leave(&m, s, true);
	assert_int_equal(ask(&m, &a), ADMIT_YES);
	admit_leave(&m, s, false);
	assert_null(m.shares);
	/* One of a, two of b, one of c are the four that there may be.  Who has
	 * too many hears that, though the queue is full as well. */
	admit_enter(&m, &a);
	s = admit_enter(&m, &b);
	admit_enter(&m, &b);
	admit_enter(&m, &c);
	assert_int_equal(ask(&m, &a), ADMIT_QUEUE);
	assert_int_equal(ask(&m, &b), ADMIT_CLIENT);
	admit_leave(&m, s, false);
	assert_int_equal(ask(&m, &a), ADMIT_YES);
	drop_all(&m);
}

/* The server's own runs take nobody's place. */
static void
test_ours(unused void **state)
{
	struct admit m = {.slots = 1, .queue = 1, .per_client = ADMIT_HALF};
	struct client a = at("192.0.2.1", 0);
	enum admit_verdict why;
	struct admit_share *s = admit_enter(&m, NULL);

	for (int i = 0; i < 9; i++)
		assert_ptr_equal(admit_enter(&m, NULL), s);
	assert_int_equal(fill(&m, &a, &why), 1);
	drop_all(&m);
}

/* --- Turns --------------------------------------------------------------- */

/* Clients with runs of one pass each, one turn after the other. */
struct play {
	struct admit m;
	struct admit_share *clients[16];
	unsigned n;
};

static struct admit_share *
come(struct play *p, const char *address, unsigned runs)
{
	struct client c = at(address, 0);
	struct admit_share *s = NULL;

	while (runs--)
		s = admit_enter(&p->m, &c);
	p->clients[p->n++] = s;
	return s;
}

/* Gives a slot away; whose turn it was. */
static struct admit_share *
turn(struct play *p)
{
	struct admit_share *best = NULL;

	for (unsigned i = 0; i < p->n; i++) {
		struct admit_share *s = p->clients[i];
		if (!s->waiting)
			continue;
		if (best)
			assert_int_not_equal(
				admit_before(s, best), admit_before(best, s));
		if (!best || admit_before(s, best))
			best = s;
	}
	if (!best)
		abort(); /* which the analyser knows the end of */
	admit_begun(best);
	admit_slot_taken(best);
	return best;
}

/* A run of s is over. */
static void
end(struct play *p, struct admit_share *s)
{
	admit_slot_back(&p->m, s);
	if (s->accepted == 1)
		for (unsigned i = 0; i < p->n; i++)
			if (p->clients[i] == s)
				p->clients[i] = p->clients[--p->n];
	admit_leave(&p->m, s, true);
}

/* However many slots the many have, the first that comes free is for the one
 * that came last. */
static void
test_one_among_many(unused void **state)
{
	for (unsigned slots = 1; slots <= 4; slots++) {
		struct play p = {.m = {.slots = slots, .queue = 99}};
		struct admit_share *many = come(&p, "192.0.2.1", 60);
		for (unsigned i = 0; i < slots; i++)
			assert_ptr_equal(turn(&p), many);
		struct admit_share *single = come(&p, "192.0.2.2", 1);
		end(&p, many);
		assert_ptr_equal(turn(&p), single);
		drop_all(&p.m);
	}
}

/* Two that always have more share the slots by halves, whatever each began
 * with. */
static void
test_halves(unused void **state)
{
	struct play p = {.m = {.slots = 4, .queue = 999}};
	struct admit_share *a = come(&p, "192.0.2.1", 400);

	for (int i = 0; i < 4; i++)
		turn(&p);
	struct admit_share *b = come(&p, "192.0.2.2", 400);
	for (int i = 0; i < 100; i++) {
		/* Whoever has more ends one, or both in turns. */
		end(&p, a->slots > b->slots || (a->slots == b->slots && i % 2)
				? a
				: b);
		turn(&p);
		if (i > 2)
			assert_in_range(a->slots, 1, 3);
	}
	/* 104 turns; four were a's alone. */
	assert_in_range(400 - a->waiting, 50, 56);
	assert_in_range(400 - b->waiting, 48, 54);
	drop_all(&p.m);
}

/* A stream of others, each with one run and gone after it, keeps nobody from
 * its turn: with two of them waiting at any time, it comes every third. */
static void
test_nobody_starves(unused void **state)
{
	struct play p = {.m = {.slots = 1, .queue = 999}};
	struct admit_share *many = come(&p, "192.0.2.1", 40);
	struct admit_share *now = turn(&p);
	unsigned own = 0, others = 0;
	char address[16];

	for (int i = 0; i < 90; i++) {
		while (p.m.accepted - many->accepted - (now != many) < 2) {
			snprintf(address, sizeof(address), "198.51.100.%u",
				others++);
			come(&p, address, 1);
		}
		end(&p, now);
		now = turn(&p);
		own += now == many;
	}
	assert_int_equal(own, 30);
	drop_all(&p.m);
}

/* --- Estimates ----------------------------------------------------------- */

static void
test_mean(unused void **state)
{
	struct admit m = {.slots = 1};

	admit_measured(&m, 800);
	assert_int_equal(m.mean_ns, 800); /* the first is all that is known */
	admit_measured(&m, 1600);
	assert_int_equal(m.mean_ns, 900); /* an eighth of the way */
	for (int i = 0; i < 200; i++)
		admit_measured(&m, 8000);
	assert_in_range(m.mean_ns, 7900, 8000);
}

static void
test_wait(unused void **state)
{
	struct admit m = {.slots = 2, .queue = 99};
	struct client a = at("192.0.2.1", 0), b = at("192.0.2.2", 0),
		      c = at("192.0.2.3", 0);

	for (int i = 0; i < 6; i++)
		admit_enter(&m, &a);
	/* Nothing was measured yet. */
	assert_int_equal(admit_wait_ns(&m, &a), 0);
	m.mean_ns = SECOND;
	/* Its own six come first, two at a time; for another, one of these. */
	assert_int_equal(admit_wait_ns(&m, &a), 3 * SECOND);
	assert_int_equal(admit_wait_ns(&m, &b), SECOND / 2);
	struct admit_share *s = admit_enter(&m, &b);
	/* b's one is before the seventh of a; and before b's second are its
	 * first and two of a. */
	assert_int_equal(admit_wait_ns(&m, &a), 7 * SECOND / 2);
	assert_int_equal(admit_wait_ns(&m, &b), 3 * SECOND / 2);
	assert_int_equal(admit_wait_ns(&m, &c), 2 * SECOND / 2);
	/* What has begun does not wait. */
	admit_begun(s);
	assert_int_equal(admit_wait_ns(&m, &a), 3 * SECOND);
	drop_all(&m);
}

static void
test_max_wait(unused void **state)
{
	struct admit m = {.slots = 1,
		.queue = 99,
		.max_wait_ns = 5 * SECOND,
		.mean_ns = 2 * SECOND};
	struct client a = at("192.0.2.1", 0), b = at("192.0.2.2", 0);
	enum admit_verdict why;
	int seconds;

	/* The fourth would wait for three: 6 s. */
	assert_int_equal(fill(&m, &a, &why), 3);
	assert_int_equal(why, ADMIT_WAIT);
	/* In one second it is five. */
	assert_int_equal(admit_ask(&m, &a, 1, &seconds), ADMIT_WAIT);
	assert_int_equal(seconds, 1);
	/* Another waits for one of these only. */
	assert_int_equal(ask(&m, &b), ADMIT_YES);
	m.max_wait_ns = 0;
	assert_int_equal(ask(&m, &a), ADMIT_YES);
	drop_all(&m);
}

static void
test_retry_after(unused void **state)
{
	/* A full queue of 8 before 2 slots is gone after four times the mean:
	 * in whole seconds, upwards, from 1 to 60. */
	static const struct {
		uint64_t mean_ns;
		int seconds;
	} rows[] = {
		{0, 1}, {SECOND / 100, 1}, {SECOND / 4, 1}, {SECOND / 4 + 1, 2},
		{3 * SECOND, 12}, {60 * SECOND, 60},
		{1ULL << 61, 60}, /* eight of them are 0 to 64 bits */
	};
	struct admit m = {.slots = 2, .queue = 8};
	struct client a = at("192.0.2.1", 0);
	enum admit_verdict why;
	int seconds;

	assert_int_equal(fill(&m, &a, &why), 10);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		m.mean_ns = rows[i].mean_ns;
		assert_int_equal(admit_ask(&m, &a, 1, &seconds), ADMIT_QUEUE);
		assert_int_equal(seconds, rows[i].seconds);
	}
	drop_all(&m);
}

/* Several at a time are taken in as a whole or not at all. */
static void
test_several(unused void **state)
{
	struct admit m = {.slots = 2, .queue = 4, .per_client = 3};
	struct client a = at("192.0.2.1", 0), b = at("192.0.2.2", 0),
		      c = at("192.0.2.3", 0);
	int seconds;

	assert_int_equal(admit_most_of_one(&m), 3);
	assert_int_equal(admit_ask(&m, &a, 3, &seconds), ADMIT_YES);
	assert_int_equal(admit_ask(&m, &a, 4, &seconds), ADMIT_CLIENT);
	admit_enter(&m, &a);
	assert_int_equal(admit_ask(&m, &a, 2, &seconds), ADMIT_YES);
	assert_int_equal(admit_ask(&m, &a, 3, &seconds), ADMIT_CLIENT);
	admit_enter(&m, &a);
	admit_enter(&m, &b);
	admit_enter(&m, &b);
	/* Six places, four are taken. */
	assert_int_equal(admit_ask(&m, &c, 2, &seconds), ADMIT_YES);
	assert_int_equal(admit_ask(&m, &c, 3, &seconds), ADMIT_QUEUE);
	drop_all(&m);
	/* By how long the last of them would wait: of three alone here, for the
	 * two before it, one second each in one slot. */
	m = (struct admit){.slots = 1,
		.queue = 99,
		.mean_ns = SECOND,
		.max_wait_ns = 2 * SECOND};
	assert_int_equal(admit_ask(&m, &a, 3, &seconds), ADMIT_YES);
	assert_int_equal(admit_ask(&m, &a, 4, &seconds), ADMIT_WAIT);
	assert_int_equal(seconds, 1);
	/* Another's one comes before the first, and no others of it. */
	admit_enter(&m, &b);
	assert_int_equal(admit_ask(&m, &a, 2, &seconds), ADMIT_YES);
	assert_int_equal(admit_ask(&m, &a, 3, &seconds), ADMIT_WAIT);
	drop_all(&m);
	m = (struct admit){.slots = 2, .queue = 3};
	assert_int_equal(admit_most_of_one(&m), 5);
	m.per_client = 99;
	assert_int_equal(admit_most_of_one(&m), 5);
	m.per_client = ADMIT_HALF; /* of five, upwards */
	assert_int_equal(admit_most_of_one(&m), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_leaving_makes_room),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_one_among_many),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_nobody_starves),
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_max_wait),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_several),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
