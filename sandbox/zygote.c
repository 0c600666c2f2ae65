/* The zygote's loop. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "sandbox/cell.h"
#include "sandbox/code.h"
#include "sandbox/family.h"
#include "sandbox/huge.h"
#include "sandbox/jail/denials.h"
#include "sandbox/zygote.h"

#define MAX_CELLS	 (2 * MAX_STANDBY)
#define PROVE_TIMEOUT_MS 20000
/* A pass has the machine for itself so long, if enough cells are ready, and the
 * server so long when it is told the facts, so that it can answer. */
#define REFILL_AFTER_NS 10000000LL
#define ANSWER_NS	1000000LL
#define LATELY_NS	(60 * 1000000000LL)
/* A runner that was started for one run has ended by then. */
#define WAKE_AFTER_NS (1 * 1000000000LL)
/* A runner that may cool has its code copied into huge pages, several MB of
 * them, after this many orders: a pass gains some ms of CPU time by them, and
 * copying takes some tens. */
#define HUGE_AFTER 16
/* After this many faults in a row no cell is made ahead of need. */
#define MAX_FAULTS 3

enum slot_state { SLOT_FREE, SLOT_MAKING, SLOT_READY, SLOT_BUSY, SLOT_OVER };

struct slot {
	enum slot_state state;
	struct cell cell;
	uint64_t pass_id;
	int64_t started;   /* io_now_ns when the order was given */
	uint64_t cpu_base; /* CPU time spent on being made */
};

static struct slot slots[MAX_CELLS];
static unsigned faults, orders;
static int64_t last_order, last_told; /* io_now_ns */
static bool resting;		      /* no order will come any more */

static unsigned
count(enum slot_state state)
{
	unsigned n = 0;

	for (size_t i = 0; i < MAX_CELLS; i++)
		n += slots[i].state == state;
	return n;
}

static struct slot *
find(enum slot_state state)
{
	for (size_t i = 0; i < MAX_CELLS; i++)
		if (slots[i].state == state)
			return &slots[i];
	return NULL;
}

/* The runner's own process, of a runtime that is not kept warm. */
static bool
may_cool(const struct zygote_config *c)
{
	return c->family && c->family->rest_ns;
}

static struct slot *
make(const struct zygote_config *c, struct fail *f)
{
	static bool copied;
	struct slot *s = find(SLOT_FREE);

	if (may_cool(c) && orders >= HUGE_AFTER && !copied) {
		huge_code();
		copied = true;
	}
	if (!s) {
		fail_set(f, "%d cells are in use", MAX_CELLS);
		return NULL;
	}
	if (cell_make(c->jail, (unsigned)(s - slots), &s->cell, f))
		return NULL;
	s->state = SLOT_MAKING;
	s->cpu_base = 0;
	return s;
}

static int
tell(const struct zygote_config *c, struct msg *m, enum msg_type type,
	uint64_t pass_id, const int *fds, size_t nfd)
{
	size_t n = msg_seal(m, type, pass_id);

	return io_send_fds(c->replies, m, n, fds, nfd);
}

static void
tell_exited(const struct zygote_config *c, struct slot *s,
	const struct msg_exited *facts)
{
	struct msg m = {0};

	m.exited = *facts;
	denials_tell(s->cell.denials, c->jail, &m.exited);
	tell(c, &m, MSG_EXITED, s->pass_id, NULL, 0);
	s->state = SLOT_OVER;
	last_told = io_now_ns();
}

static void
refuse(const struct zygote_config *c, uint64_t pass_id, const char *why)
{
	struct msg m = {.exited = {.cause = END_JAIL}};

	snprintf(m.exited.text, sizeof(m.exited.text), "%s", why);
	tell(c, &m, MSG_EXITED, pass_id, NULL, 0);
}

/* Gives an order to a cell: a ready one, else one being made, which reads it
 * when it is ready, else a new one. */
static void
give(const struct zygote_config *c, const struct msg *in, const int *fds)
{
	struct cell_order order = {.pass = in->pass};
	struct msg m = {0};
	struct fail f = {0};
	struct slot *s = find(SLOT_READY);

	last_order = io_now_ns();
	orders++;
	m.started.standby = s != NULL;
	m.started.zygote = c->kind;
	if (!s)
		s = find(SLOT_MAKING);
	if (!s)
		s = make(c, &f);
	if (!s) {
		refuse(c, in->head.pass_id, f.text);
		return;
	}
	if (io_send_fds(
		    s->cell.sock, &order, sizeof(order), fds, PASS_FD_COUNT)) {
		/* It died while it waited; its end is noticed by its pidfd. */
		s->state = SLOT_OVER;
		refuse(c, in->head.pass_id, "a cell died while it waited");
		return;
	}
	s->state = SLOT_BUSY;
	s->pass_id = in->head.pass_id;
	s->started = io_now_ns();
	tell(c, &m, MSG_STARTED, s->pass_id, &s->cell.pidfd, 1);
}

static void
hear_word(enum family_word word)
{
	switch (word) {
	case FAMILY_WAKE:
		break; /* it is awake by now */
	case FAMILY_REST:
		resting = true;
		break;
	}
}

/* 1 with a message handled, 0 at the end of the stream, -1 on a violation. */
static int
take_message(const struct zygote_config *c, struct fail *f)
{
	char bytes[MSG_MAX_BYTES];
	int fds[IO_MAX_FDS];
	size_t nfd = IO_MAX_FDS;
	struct msg m;
	ssize_t n = io_recv_fds(c->orders, bytes, sizeof(bytes), fds, &nfd);

	if (n == 0)
		return 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR
			       ? 1
			       : fail_errno(f, "the socket of orders");
	if (n == 1 && nfd == 0 && c->kind != ZYGOTE_LEAN) {
		hear_word((enum family_word)bytes[0]);
		return 1;
	}
	int rc = msg_open(
		&m, bytes, (size_t)n, nfd, SIDE_SERVER, STATE_READY, f);
	if (rc == 0) {
		assert(m.head.type == MSG_PASS);
		if (!family_take(c->family, &m, bytes, (size_t)n, fds, nfd))
			give(c, &m, fds);
	}
	for (size_t i = 0; i < nfd; i++)
		close(fds[i]);
	return rc ? -1 : 1;
}

static void
hear(const struct zygote_config *c, struct slot *s)
{
	struct cell_say say;

	while (recv(s->cell.sock, &say, sizeof(say), MSG_DONTWAIT) ==
		sizeof(say)) {
		switch ((enum cell_word)say.word) {
		case CELL_READY:
			faults = 0;
			s->cpu_base = say.facts.cpu_ns;
			if (s->state == SLOT_MAKING)
				s->state = SLOT_READY;
			break;
		case CELL_FAULT:
			faults++;
			log_error(
				"a cell could not be made: %s", say.facts.text);
			if (s->state == SLOT_BUSY)
				tell_exited(c, s, &say.facts);
			s->state = SLOT_OVER;
			break;
		case CELL_FACTS:
			if (s->state == SLOT_BUSY)
				tell_exited(c, s, &say.facts);
			break;
		}
	}
}

/* A cell was ended from outside: the facts come from the kernel. */
static void
tell_killed(
	const struct zygote_config *c, struct slot *s, const struct rusage *u)
{
	struct msg_exited x = {.cause = END_KILLED};
	uint64_t cpu =
		(uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) *
			1000000000ULL +
		(uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1000ULL;

	x.wall_ns = (uint64_t)(io_now_ns() - s->started);
	x.cpu_ns = cpu > s->cpu_base ? cpu - s->cpu_base : 0;
	x.peak_rss_bytes = (uint64_t)u->ru_maxrss * 1024;
	tell_exited(c, s, &x);
}

/* What a cell whose init is gone left behind: its processes are this one's
 * children now, and cannot fork any more, for nobody answers them. */
static void
clean_up(const struct zygote_config *c, const struct slot *gone)
{
	pid_t spared[MAX_CELLS + FAMILY_FDS];
	size_t n = c->family ? family_pids(c->family, spared) : 0;

	for (size_t i = 0; i < MAX_CELLS; i++)
		if (slots[i].state != SLOT_FREE && &slots[i] != gone)
			spared[n++] = slots[i].cell.pid;
	jail_sweep(c->jail, spared, n);
	if (gone->state == SLOT_BUSY && jail_clean_places(c->jail))
		log_error(
			"a run's files cannot be removed: %s", strerror(errno));
}

static void
bury(const struct zygote_config *c, struct slot *s)
{
	struct rusage u;

	hear(c, s); /* what it said last */
	if (wait4(s->cell.pid, NULL, 0, &u) != s->cell.pid)
		return;
	if (jail_is_plain(c->jail))
		clean_up(c, s);
	if (s->state == SLOT_BUSY)
		tell_killed(c, s, &u);
	if (s->state == SLOT_MAKING || s->state == SLOT_READY)
		log_warn("a waiting cell ended");
	cell_drop(&s->cell);
	s->state = SLOT_FREE;
}

/* How much longer it is as if something was asked for, in ns. */
static int64_t
lately(void)
{
	return last_order ? last_order + LATELY_NS - io_now_ns() : 0;
}

/* How many cells should be ready when nothing was asked for lately.  None costs
 * the next run what a cell takes to be made, and one costs its memory. */
static unsigned
least(const struct zygote_config *c)
{
	if (resting || may_cool(c))
		return 0;
	return c->family || c->standby < 1 ? c->standby : 1;
}

/* And now. */
static unsigned
depth(const struct zygote_config *c)
{
	return lately() > 0 && !resting ? c->standby : least(c);
}

static unsigned
count_ahead(void)
{
	return count(SLOT_MAKING) + count(SLOT_READY);
}

static bool
wants_cell(const struct zygote_config *c)
{
	return faults < MAX_FAULTS && count_ahead() < depth(c) &&
	       count(SLOT_FREE) > 0;
}

/* Lets go what was for more orders than come: cells that are too many, which
 * end when their sockets do, and code.  How long until there may be more of it,
 * in ms; -1: for good. */
static int
cool_ms(const struct zygote_config *c)
{
	static bool cooled; /* since then */

	for (size_t i = 0; i < MAX_CELLS && count_ahead() > depth(c); i++)
		if (slots[i].state == SLOT_READY ||
			slots[i].state == SLOT_MAKING) {
			close(steal_fd(&slots[i].cell.sock));
			slots[i].state = SLOT_OVER;
		}
	if (lately() <= 0) {
		if (may_cool(c) && !cooled)
			code_let_go();
		cooled = true;
		return -1;
	}
	cooled = false;
	if (count_ahead() <= least(c) && !may_cool(c))
		return -1;
	return (int)(lately() / 1000000) + 1;
}

/* How long the next cell can wait to be made, in ms; -1: for good.  Making one
 * takes longer than many a pass, and competes with it and with the server that
 * answers: it waits for what has just begun or ended, unless half of what
 * should be ready is gone. */
static int
refill_ms(const struct zygote_config *c)
{
	int64_t now = io_now_ns(), wait = last_told + ANSWER_NS - now;

	if (!wants_cell(c))
		return -1;
	if (2 * count(SLOT_READY) < depth(c))
		return 0;
	for (size_t i = 0; i < MAX_CELLS; i++) {
		int64_t left = slots[i].started + REFILL_AFTER_NS - now;
		if (slots[i].state == SLOT_BUSY && left > wait)
			wait = left;
	}
	return wait > 0 ? (int)((wait + 999999) / 1000000) : 0;
}

/* Waits up to ms and handles what came.  As zygote_serve. */
static int
turn(const struct zygote_config *c, int ms, struct fail *f)
{
	struct pollfd p[1 + 2 * MAX_CELLS + FAMILY_FDS] = {
		{c->orders, POLLIN, 0}};
	struct slot *of[1 + 2 * MAX_CELLS] = {0};
	nfds_t n = 1;

	for (size_t i = 0; i < MAX_CELLS; i++) {
		struct slot *s = &slots[i];
		if (s->state == SLOT_FREE)
			continue;
		of[n] = s;
		p[n++] = (struct pollfd){s->cell.pidfd, POLLIN, 0};
		of[n] = s;
		p[n++] = (struct pollfd){s->cell.sock, POLLIN, 0};
	}
	const nfds_t cells = n;
	if (c->family)
		n += family_poll(c->family, p + n);
	if (poll(p, n, ms) < 0)
		return errno == EINTR ? 1 : fail_errno(f, "poll");
	for (nfds_t i = cells; i < n; i++)
		if (p[i].revents && family_polled(c->family, f))
			return -1;
	for (nfds_t i = 1; i < cells; i += 2) {
		if (p[i + 1].revents & POLLIN)
			hear(c, of[i]);
		if (p[i].revents)
			bury(c, of[i]);
	}
	return p[0].revents ? take_message(c, f) : 1;
}

int
zygote_prove(const struct zygote_config *c, uint32_t *ret_layer, struct fail *f)
{
	struct cell_say say;
	struct slot *s = make(c, f);

	*ret_layer = LAYER_NAMESPACES;
	if (!s)
		return -1;
	*ret_layer = LAYER_COUNT;
	struct pollfd p = {.fd = s->cell.sock, .events = POLLIN};
	if (poll(&p, 1, PROVE_TIMEOUT_MS) != 1 ||
		recv(s->cell.sock, &say, sizeof(say), 0) != sizeof(say))
		return fail_set(f, "the first cell said nothing");
	if (say.word == CELL_FAULT) {
		*ret_layer = say.layer;
		return fail_set(f, "%s", say.facts.text);
	}
	s->state = SLOT_READY;
	s->cpu_base = say.facts.cpu_ns;
	return 0;
}

/* How long until the others of the family are to get ready ahead of need, or
 * one of them let go; -1: for good. */
static int
family_ms(const struct zygote_config *c, int64_t began, bool *woken)
{
	int64_t left = began + WAKE_AFTER_NS - io_now_ns();

	if (c->family && c->family->rest_ns)
		return family_rest(c->family);
	if (!c->family || *woken)
		return -1;
	if (left > 0)
		return (int)(left / 1000000) + 1;
	family_wake(c->family);
	*woken = true;
	return -1;
}

/* The shorter of two waits; -1 is the longest. */
static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int
zygote_serve(const struct zygote_config *c, struct fail *f)
{
	const int64_t began = io_now_ns();
	bool woken = false;
	int rc = 1;

	if (may_cool(c))
		last_order = began; /* there are probes */

	/* Refilling comes after everything that is waiting was handled. */
	while (rc > 0 && !(resting && count(SLOT_FREE) == MAX_CELLS)) {
		int ms = sooner(refill_ms(c), family_ms(c, began, &woken));
		rc = turn(c, sooner(ms, cool_ms(c)), f);
		if (rc > 0 && refill_ms(c) == 0) {
			struct pollfd p = {c->orders, POLLIN, 0};
			if (poll(&p, 1, 0) == 0 && !make(c, f)) {
				log_error("%s", f->text);
				faults++;
			}
		}
	}
	for (unsigned i = 0; resting && i < MAX_CELLS; i++)
		jail_remove_cgroup(c->jail, i);
	return rc < 0 ? -1 : 0;
}

void
zygote_forget(void)
{
	for (size_t i = 0; i < MAX_CELLS; i++) {
		if (slots[i].state != SLOT_FREE) {
			close(slots[i].cell.sock);
			close(slots[i].cell.pidfd);
		}
		slots[i] = (struct slot){.state = SLOT_FREE};
	}
	faults = orders = 0;
	last_order = last_told = 0;
}
