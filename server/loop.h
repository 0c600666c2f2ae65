/*
 * One epoll loop: descriptors, timers and child processes.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/fail.h"

struct loop;

/* A watched descriptor; embedded in its owner. */
struct loop_fd {
	int fd;
	void (*ready)(struct loop_fd *w, uint32_t events);
};

/* A one-shot timer; embedded in its owner.  Zeroed means not set. */
struct loop_timer {
	int64_t at_ns;
	unsigned slot; /* place in the heap, plus one; 0: not set */
	void (*fire)(struct loop_timer *t);
};

int loop_open(struct loop **ret_l, struct fail *f);
void loop_free(struct loop *l);

/* Watches w->fd for EPOLLIN, EPOLLOUT …; again to change the events. */
int loop_watch(
	struct loop *l, struct loop_fd *w, uint32_t events, struct fail *f);
/* Stops watching, also from within a callback; before the close. */
void loop_unwatch(struct loop *l, struct loop_fd *w);

/* (Re)sets a timer to fire once at io_now_ns() >= at_ns. */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns);
void loop_timer_clear(struct loop *l, struct loop_timer *t);

/* Called before each wait: lets a library run its own due work and say how long
 * the wait may be (ns; -1: for ever). */
typedef int64_t loop_before_fn(void *arg);
void loop_before(struct loop *l, loop_before_fn *fn, void *arg);

/* Runs until loop_stop. */
int loop_run(struct loop *l, struct fail *f);
void loop_stop(struct loop *l);

#endif
