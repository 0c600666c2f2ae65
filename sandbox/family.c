#include "sandbox/family.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "sandbox/child.h"
#include "sandbox/gcov.h"
#include "sandbox/huge.h"
#include "sandbox/py/child.h"

#define START_TIMEOUT_MS 20000

/* One module that cannot be imported is left to the runs. */
static int
widen(enum zygote z, struct fail *f)
{
	struct fail missing;

	for (int i = ZYGOTE_LENSES; i <= (int)z; i++)
		if (py_import(zygote_modules((enum zygote)i), &missing))
			log_error("the zygote %s: %s", zygote_name(z),
				missing.text);
	huge_code();
	return py_settle(z, f);
}

/* Waits for an order, or to be woken.  False when nothing of it will come. */
static bool
await_word(int sock)
{
	char byte;
	ssize_t n;

	do
		n = recv(sock, &byte, 1, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	/* An order has more bytes, and does not begin with this one. */
	return n > 0 && byte != FAMILY_REST;
}

/* report: the runner waits for what the lenses find. */
_Noreturn static void
live(const struct zygote_config *c, bool report)
{
	struct jail jail = *c->jail;
	struct py_lenses lenses;
	struct zygote_config mine = *c;
	struct fail f = {0};
	char name[16];

	snprintf(name, sizeof(name), "zygote %.8s", zygote_name(c->kind));
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* Groups of its cells are its own, and where there are no namespaces,
	 * what they leave behind comes to it. */
	jail.cgroup_owner = (unsigned)getpid();
	mine.jail = &jail;
	if (jail_is_plain(&jail))
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (report) {
		py_warm_lenses(&lenses);
		(void)!send(c->orders, &lenses, sizeof(lenses), MSG_NOSIGNAL);
	}
	if (!await_word(c->orders)) {
		gcov_flush(1);
		_exit(0);
	}
	if (!report)
		py_warm_lenses(&lenses);
	int rc = widen(c->kind, &f);
	if (rc == 0) {
		child_learn(&jail);
		rc = zygote_serve(&mine, &f);
	}
	if (rc)
		log_error("the zygote %s: %s", zygote_name(c->kind), f.text);
	gcov_flush(1);
	_exit(rc ? 1 : 0);
}

static void
close_member(struct member *m)
{
	if (m->sock < 0)
		return;
	close(m->sock);
	close(m->pidfd);
	m->sock = m->pidfd = -1;
}

static int
fork_one(struct family *y, enum zygote z, bool report, struct fail *f)
{
	struct member *m = &y->serving[z];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return fail_errno(f, "socketpair");
	scope_fd int theirs = pair[1];
	scope_fd int ours = pair[0];
	py_before_fork();
	pid_t pid = fork();
	if (pid == 0) {
		struct zygote_config mine = *y->config;
		py_after_fork_child();
		close(steal_fd(&ours));
		for (int i = 0; i < ZYGOTE_COUNT; i++) {
			close_member(&y->serving[i]);
			close_member(&y->leaving[i]);
		}
		zygote_forget();
		mine.kind = z;
		mine.orders = theirs;
		mine.family = NULL;
		live(&mine, report);
	}
	py_after_fork_parent();
	if (pid < 0)
		return fail_errno(f, "the zygote %s", zygote_name(z));
	int pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		fail_errno(f, "pidfd_open");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	*m = (struct member){steal_fd(&ours), pidfd, pid, io_now_ns()};
	return 0;
}

static bool
is_there(const struct family *y, int z)
{
	return z != ZYGOTE_LEAN && (z != ZYGOTE_NUMPY || y->numpy);
}

int
family_fork(struct family *y, struct fail *f)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++)
		y->serving[z].sock = y->leaving[z].sock = -1;
	/* What the lenses find is asked for in any case. */
	for (int z = 0; z < ZYGOTE_COUNT; z++)
		if (is_there(y, z) && (!y->rest_ns || z == ZYGOTE_LENSES) &&
			fork_one(y, (enum zygote)z, z == ZYGOTE_LENSES, f))
			return -1;
	return 0;
}

static void
say(const struct member *m, enum family_word word)
{
	const char byte = (char)word;

	(void)!send(m->sock, &byte, 1, MSG_NOSIGNAL);
}

static void
let_go(struct family *y, int z)
{
	struct member *m = &y->serving[z];

	say(m, FAMILY_REST);
	y->leaving[z] = *m;
	m->sock = -1;
}

int
family_wait(struct family *y, struct py_lenses *ret, struct fail *f)
{
	struct pollfd p = {
		.fd = y->serving[ZYGOTE_LENSES].sock, .events = POLLIN};

	if (poll(&p, 1, START_TIMEOUT_MS) != 1 ||
		recv(p.fd, ret, sizeof(*ret), 0) != sizeof(*ret))
		return fail_set(f, "the zygote %s said nothing",
			zygote_name(ZYGOTE_LENSES));
	if (y->rest_ns)
		let_go(y, ZYGOTE_LENSES);
	return 0;
}

void
family_wake(const struct family *y)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++)
		if (y->serving[z].sock >= 0)
			say(&y->serving[z], FAMILY_WAKE);
}

bool
family_take(struct family *y, const struct msg *order, const void *bytes,
	size_t n, const int *fds, size_t nfd)
{
	struct fail f = {0};
	int z = y ? (int)order->pass.zygote : ZYGOTE_LEAN;

	if (z == ZYGOTE_LEAN || !is_there(y, z))
		return false;
	struct member *m = &y->serving[z];
	if (m->sock < 0 && fork_one(y, (enum zygote)z, false, &f)) {
		log_error("%s; its runs are forked from %s", f.text,
			zygote_name(ZYGOTE_LEAN));
		return false;
	}
	m->ordered = io_now_ns();
	return io_send_fds(m->sock, bytes, n, fds, nfd) == 0;
}

int
family_rest(struct family *y)
{
	int64_t now = io_now_ns(), next = -1;

	for (int z = 0; y->rest_ns && z < ZYGOTE_COUNT; z++) {
		struct member *m = &y->serving[z];
		/* One after the other: what the one before still runs is over
		 * some time, which is noticed. */
		if (m->sock < 0 || y->leaving[z].sock >= 0)
			continue;
		int64_t left = m->ordered + y->rest_ns - now;
		if (left <= 0)
			let_go(y, z);
		else if (next < 0 || left < next)
			next = left;
	}
	return next < 0 ? -1 : (int)(next / 1000000) + 1;
}

nfds_t
family_poll(const struct family *y, struct pollfd *ret)
{
	nfds_t n = 0;

	for (int z = 0; z < ZYGOTE_COUNT; z++) {
		if (y->serving[z].sock >= 0)
			ret[n++] =
				(struct pollfd){y->serving[z].pidfd, POLLIN, 0};
		if (y->leaving[z].sock >= 0)
			ret[n++] =
				(struct pollfd){y->leaving[z].pidfd, POLLIN, 0};
	}
	return n;
}

/* 1 when it ended as one does that was let go, 0 while it lives, else -1. */
static int
end_of(const struct member *m)
{
	siginfo_t end = {0};

	if (waitid(P_PIDFD, (id_t)m->pidfd, &end, WEXITED | WNOHANG))
		return -1;
	if (end.si_pid == 0)
		return 0;
	return end.si_code == CLD_EXITED && end.si_status == 0 ? 1 : -1;
}

int
family_polled(struct family *y, struct fail *f)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++) {
		struct member *m = &y->serving[z], *gone = &y->leaving[z];
		int end = gone->sock >= 0 ? end_of(gone) : 0;
		if (end < 0 || (m->sock >= 0 && end_of(m)))
			return fail_set(f, "its zygote %s has ended",
				zygote_name((enum zygote)z));
		if (end)
			close_member(gone);
	}
	return 0;
}

size_t
family_pids(const struct family *y, pid_t *ret)
{
	size_t n = 0;

	for (int z = 0; z < ZYGOTE_COUNT; z++) {
		if (y->serving[z].sock >= 0)
			ret[n++] = y->serving[z].pid;
		if (y->leaving[z].sock >= 0)
			ret[n++] = y->leaving[z].pid;
	}
	return n;
}

void
family_end(struct family *y)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++)
		for (int i = 0; i < 2; i++) {
			struct member *m = i ? &y->leaving[z] : &y->serving[z];
			if (m->sock < 0)
				continue;
			close_member(m);
			waitpid(m->pid, NULL, 0);
		}
}
