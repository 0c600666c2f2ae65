/* One epoll loop. */
#include "server/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#define BATCH 64

struct loop {
	int epoll;
	bool stopped;
	struct loop_timer **heap; /* smallest at_ns first */
	unsigned timers, room;
	loop_before_fn *before;
	void *before_arg;
	/* The batch being handled: what is unwatched meanwhile is struck. */
	struct epoll_event batch[BATCH];
	int batch_n;
};

int
loop_open(struct loop **ret_l, struct fail *f)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return fail_set(f, "no memory");
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0) {
		free(l);
		return fail_errno(f, "epoll_create1");
	}
	*ret_l = l;
	return 0;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	close(l->epoll);
	free(l->heap);
	free(l);
}

int
loop_watch(struct loop *l, struct loop_fd *w, uint32_t events, struct fail *f)
{
	struct epoll_event e = {.events = events, .data.ptr = w};

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &e) == 0)
		return 0;
	if (errno == EEXIST &&
		epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e) == 0)
		return 0;
	return fail_errno(f, "epoll_ctl");
}

void
loop_unwatch(struct loop *l, struct loop_fd *w)
{
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = 0; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == w)
			l->batch[i].data.ptr = NULL;
}

/* Puts a timer at heap[i], with its slot told. */
static void
place(struct loop *l, unsigned i, struct loop_timer *t)
{
	l->heap[i] = t;
	t->slot = i + 1;
}

static void
sift_up(struct loop *l, unsigned i, struct loop_timer *t)
{
	while (i > 0 && l->heap[(i - 1) / 2]->at_ns > t->at_ns) {
		place(l, i, l->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(l, i, t);
}

static void
sift_down(struct loop *l, unsigned i, struct loop_timer *t)
{
	for (;;) {
		unsigned kid = 2 * i + 1;
		if (kid >= l->timers)
			break;
		if (kid + 1 < l->timers &&
			l->heap[kid + 1]->at_ns < l->heap[kid]->at_ns)
			kid++;
		if (l->heap[kid]->at_ns >= t->at_ns)
			break;
		place(l, i, l->heap[kid]);
		i = kid;
	}
	place(l, i, t);
}

void
loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	unsigned i = t->slot - 1;

	if (!t->slot)
		return;
	assert(l->heap[i] == t);
	t->slot = 0;
	struct loop_timer *last = l->heap[--l->timers];
	if (last == t)
		return;
	if (i > 0 && l->heap[(i - 1) / 2]->at_ns > last->at_ns)
		sift_up(l, i, last);
	else
		sift_down(l, i, last);
}

void
loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns)
{
	loop_timer_clear(l, t);
	if (l->timers == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->heap = realloc(l->heap, l->room * sizeof(*l->heap));
		if (!l->heap)
			abort();
	}
	t->at_ns = at_ns;
	sift_up(l, l->timers++, t);
}

static void
fire_timers(struct loop *l)
{
	int64_t now = io_now_ns();

	while (l->timers && l->heap[0]->at_ns <= now) {
		struct loop_timer *t = l->heap[0];
		loop_timer_clear(l, t);
		t->fire(t);
	}
}

void
loop_before(struct loop *l, loop_before_fn *fn, void *arg)
{
	l->before = fn;
	l->before_arg = arg;
}

/* How long to wait, in ms rounded up; -1: until something comes. */
static int
patience(struct loop *l)
{
	int64_t ns = l->before ? l->before(l->before_arg) : -1;

	if (l->timers) {
		int64_t left = l->heap[0]->at_ns - io_now_ns();
		if (left < 0)
			left = 0;
		if (ns < 0 || left < ns)
			ns = left;
	}
	return ns < 0 ? -1 : (int)((ns + 999999) / 1000000);
}

int
loop_run(struct loop *l, struct fail *f)
{
	l->stopped = false;
	while (!l->stopped) {
		int ms = patience(l);
		if (l->stopped)
			break;
		int n = epoll_wait(l->epoll, l->batch, BATCH, ms);
		if (n < 0 && errno != EINTR)
			return fail_errno(f, "epoll_wait");
		l->batch_n = n > 0 ? n : 0;
		for (int i = 0; i < l->batch_n; i++) {
			struct loop_fd *w = l->batch[i].data.ptr;
			if (w)
				w->ready(w, l->batch[i].events);
		}
		l->batch_n = 0;
		fire_timers(l);
	}
	return 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}
