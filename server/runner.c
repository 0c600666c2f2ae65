/* Starting, hearing and burying a runner. */
#include "server/runner_spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"

/* Warming an interpreter on a machine that is busy with other things. */
#define START_NS (60 * 1000000000LL)
/* Closing the socket ends a runner; one that does not notice is killed. */
#define LEAVE_NS (3 * 1000000000LL)

struct runner {
	struct loop *loop;
	struct runner_owner owner;
	struct loop_fd sock;  /* fd -1 once closed */
	struct loop_fd pidfd; /* readable when the process is dead */
	struct loop_timer timer;
	pid_t pid;
	enum msg_state state;
	bool freed, over;
	struct runner *next; /* in leaving, once freed */
	struct runner *next_alive;
};

/* Those whose process was not reaped yet. */
static struct runner *alive;

/* Freed runners whose process was not reaped yet. */
static struct runner *leaving;

/* Where the groups of all runners' cells are. */
static struct cgroups *groups;

/* --- The end ---------------------------------------------------------------
 */

static void
hang_up(struct runner *r)
{
	if (r->sock.fd < 0)
		return;
	loop_unwatch(r->loop, &r->sock);
	close(r->sock.fd);
	r->sock.fd = -1;
}

static bool
is_runner(pid_t pid)
{
	for (const struct runner *r = alive; r; r = r->next_alive)
		if (r->pid == pid)
			return true;
	return false;
}

/* Children of this process that are no runners were left behind by one that
 * died, and came here because this is a subreaper: cells, which notice and end
 * what is theirs, and where there are no PID namespaces, processes of snippets.
 * Reaps those that are dead; `force` ends the others, too.  The control group
 * of a cell can be removed only then. */
static void
end_orphans(bool force)
{
	char text[8192], *at = text, *end;
	scope_fd int fd =
		open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	for (;; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			return;
		if (is_runner(pid))
			continue;
		if (force)
			kill(pid, SIGKILL);
		if (waitpid(pid, NULL, force ? 0 : WNOHANG) == pid)
			cgroups_tidy(groups);
	}
}

static void
orphans_fired(struct loop_timer *t)
{
	(void)t;
	end_orphans(true);
}

static struct loop_timer orphans = {.fire = orphans_fired};

static void
child_ended(struct loop_fd *w, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	(void)!read(w->fd, &info, sizeof(info));
	end_orphans(false);
}

static struct loop_fd sigchld = {-1, child_ended};

/* Once, before the first runner. */
static int
watch_orphans(struct loop *l, struct fail *f)
{
	sigset_t set;

	if (sigchld.fd >= 0)
		return 0;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return fail_errno(f, "prctl(PR_SET_CHILD_SUBREAPER)");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigchld.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sigchld.fd < 0)
		return fail_errno(f, "signalfd");
	return loop_watch(l, &sigchld, EPOLLIN, f);
}

/* The process is dead: takes its status and forgets it. */
static void
bury(struct runner *r)
{
	siginfo_t info;

	waitid(P_PIDFD, (id_t)r->pidfd.fd, &info, WEXITED);
	for (struct runner **p = &alive; *p; p = &(*p)->next_alive)
		if (*p == r) {
			*p = r->next_alive;
			break;
		}
	cgroups_tidy(groups);
	end_orphans(false);
	loop_timer_set(r->loop, &orphans, io_now_ns() + LEAVE_NS);
	loop_unwatch(r->loop, &r->pidfd);
	close(r->pidfd.fd);
	r->pidfd.fd = -1;
}

static void
leave(struct runner *r)
{
	for (struct runner **p = &leaving; *p; p = &(*p)->next)
		if (*p == r) {
			*p = r->next;
			break;
		}
	loop_timer_clear(r->loop, &r->timer);
	free(r);
}

__attribute__((format(printf, 2, 3))) static void
gone(struct runner *r, const char *fmt, ...)
{
	char why[640];
	va_list args;

	if (r->over || r->freed)
		return;
	r->over = true;
	hang_up(r);
	loop_timer_clear(r->loop, &r->timer);
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	r->owner.gone(r->owner.arg, why);
}

/* --- Hearing ---------------------------------------------------------------
 */

static void
failed(struct runner *r, const struct msg_failed *m)
{
	if (m->layer == LAYER_COUNT) {
		gone(r, "%s", m->text);
		return;
	}
	const char *layer = layer_name((enum layer)m->layer);
	gone(r, "the layer %s cannot be had: %s", layer, m->text);
}

static void
heard(struct runner *r, const struct msg *m, int pidfd)
{
	switch ((enum msg_type)m->head.type) {
	case MSG_HELLO:
		r->state = STATE_READY;
		loop_timer_clear(r->loop, &r->timer);
		r->owner.hello(r->owner.arg, &m->hello);
		return;
	case MSG_FAILED:
		failed(r, &m->failed);
		return;
	case MSG_STARTED:
	case MSG_EXITED:
		r->owner.message(r->owner.arg, m, pidfd);
		return;
	case MSG_PASS:
	case MSG_COUNT:
		break;
	}
	assert(!"msg_open let through what a runner may not send");
}

/* Handles what is waiting in the socket.  False when nothing more can come. */
static bool
hear(struct runner *r)
{
	while (r->sock.fd >= 0) {
		char bytes[MSG_MAX_BYTES];
		int fds[IO_MAX_FDS];
		size_t nfd = IO_MAX_FDS;
		struct msg m;
		struct fail f = {0};
		ssize_t n = io_recv_fds(
			r->sock.fd, bytes, sizeof(bytes), fds, &nfd);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		if (msg_open(&m, bytes, (size_t)n, nfd, SIDE_RUNNER, r->state,
			    &f)) {
			while (nfd > 0)
				close(fds[--nfd]);
			gone(r, "the runner broke the protocol: %s", f.text);
			return true;
		}
		heard(r, &m, nfd ? fds[0] : -1);
	}
	return true;
}

static void
sock_ready(struct loop_fd *w, uint32_t events)
{
	struct runner *r = (void *)((char *)w - offsetof(struct runner, sock));

	(void)events;
	if (!hear(r))
		gone(r, "the runner hung up");
}

static void
pidfd_ready(struct loop_fd *w, uint32_t events)
{
	struct runner *r = (void *)((char *)w - offsetof(struct runner, pidfd));

	(void)events;
	/* What it said last still counts.  Nothing below frees r: freed ones
	 * leave only here, after their last callback. */
	hear(r);
	gone(r, "the runner died");
	bury(r);
	if (r->freed)
		leave(r);
}

static void
timer_fired(struct loop_timer *t)
{
	struct runner *r = (void *)((char *)t - offsetof(struct runner, timer));

	runner_kill(r);
	gone(r, "the runner was not ready after %lld seconds",
		START_NS / 1000000000LL);
}

/* --- Outside ----------------------------------------------------------------
 */

static int
watch(struct runner *r, struct fail *f)
{
	if (io_set_nonblock(r->sock.fd, true))
		return fail_errno(f, "fcntl");
	return loop_watch(r->loop, &r->sock, EPOLLIN, f) ||
			       loop_watch(r->loop, &r->pidfd, EPOLLIN, f)
		       ? -1
		       : 0;
}

int
runner_start(struct loop *l, const struct runner_config *c,
	const struct runner_owner *o, struct runner **ret_r, struct fail *f)
{
	int pair[2];
	pid_t pid = -1;

	if (watch_orphans(l, f))
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return fail_errno(f, "socketpair");
	scope_fd int ours = pair[0];
	scope_fd int theirs = pair[1];
	scope_free struct runner *r = calloc(1, sizeof(*r));
	if (!r)
		return fail_errno(f, "no memory for a runner");
	if (runner_spawn(c, theirs, &pid, f))
		return -1;
	groups = c->cgroups;
	*r = (struct runner){
		.loop = l,
		.owner = *o,
		.sock = {steal_fd(&ours), sock_ready},
		.pidfd = {pidfd_open(pid, 0), pidfd_ready},
		.timer.fire = timer_fired,
	};
	if (r->pidfd.fd < 0 || watch(r, f)) {
		if (r->pidfd.fd < 0)
			fail_errno(f, "pidfd_open");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		hang_up(r);
		scope_close_fd_(&r->pidfd.fd);
		return -1;
	}
	loop_timer_set(l, &r->timer, io_now_ns() + START_NS);
	r->pid = pid;
	r->next_alive = alive;
	alive = r;
	*ret_r = steal_ptr(&r);
	return 0;
}

int
runner_send_pass(struct runner *r, uint64_t pass_id, const struct msg_pass *p,
	const int fds[PASS_FD_COUNT], struct fail *f)
{
	struct msg m = {.pass = *p};
	size_t n = msg_seal(&m, MSG_PASS, pass_id);

	if (r->sock.fd < 0)
		return fail_set(f, "the runner is gone");
	if (io_send_fds(r->sock.fd, &m, n, fds, PASS_FD_COUNT))
		return fail_errno(f, "cannot give the order to the runner");
	return 0;
}

void
runner_kill(struct runner *r)
{
	if (r->pidfd.fd >= 0)
		pidfd_send_signal(r->pidfd.fd, SIGKILL, NULL, 0);
}

void
runner_free(struct runner *r)
{
	if (!r)
		return;
	assert(!r->freed);
	r->freed = true;
	hang_up(r);
	loop_timer_clear(r->loop, &r->timer);
	if (r->pidfd.fd < 0) {
		free(r);
		return;
	}
	r->next = leaving;
	leaving = r;
	loop_timer_set(r->loop, &r->timer, io_now_ns() + LEAVE_NS);
}

void
runner_reap_all(void)
{
	while (leaving) {
		struct runner *r = leaving;
		struct pollfd p = {r->pidfd.fd, POLLIN, 0};
		if (poll(&p, 1, LEAVE_NS / 1000000) != 1)
			runner_kill(r);
		bury(r);
		leave(r);
	}
}
