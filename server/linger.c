/* Lingering closes. */
#include "server/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "wire/limits.h"

#define MAX_LINGER 64
#define LINGER_NS  (5 * 1000000000LL)
/* More than this is not thrown away for anybody. */
#define MAX_THROWN (16 * MAX_BODY_BYTES)

struct lingerer {
	struct loop_fd w; /* first */
	struct loop_timer timer;
	struct linger_set *set;
	struct lingerer *prev, *next;
	unsigned long long thrown;
};

static void
end(struct lingerer *g)
{
	struct linger_set *s = g->set;

	loop_unwatch(s->loop, &g->w);
	loop_timer_clear(s->loop, &g->timer);
	close(g->w.fd);
	if (g->prev)
		g->prev->next = g->next;
	else
		s->first = g->next;
	if (g->next)
		g->next->prev = g->prev;
	s->n--;
	free(g);
}

static void
ready(struct loop_fd *w, uint32_t events)
{
	static char chunk[65536];
	struct lingerer *g = (struct lingerer *)w;
	ssize_t n = recv(w->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	g->thrown += n > 0 ? (unsigned long long)n : 0;
	if (n <= 0 || g->thrown > MAX_THROWN)
		end(g);
}

static void
timer_fired(struct loop_timer *t)
{
	end((struct lingerer *)((char *)t - offsetof(struct lingerer, timer)));
}

void
linger_begin(struct linger_set *s, int sock)
{
	struct lingerer *g = s->n < MAX_LINGER ? calloc(1, sizeof(*g)) : NULL;

	if (!g)
		return;
	g->w = (struct loop_fd){fcntl(sock, F_DUPFD_CLOEXEC, 3), ready};
	g->timer.fire = timer_fired;
	g->set = s;
	if (g->w.fd < 0 || loop_watch(s->loop, &g->w, EPOLLIN, NULL)) {
		if (g->w.fd >= 0)
			close(g->w.fd);
		free(g);
		return;
	}
	loop_timer_set(s->loop, &g->timer, io_now_ns() + LINGER_NS);
	g->next = s->first;
	if (s->first)
		s->first->prev = g;
	s->first = g;
	s->n++;
}

void
linger_end_all(struct linger_set *s)
{
	while (s->first)
		end(s->first);
}
