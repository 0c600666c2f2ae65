#include "sandbox/family.h"

#include <errno.h>
#include <poll.h>
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

/* Waits for an order, or to be woken.  False when the runner is gone. */
static bool
await_word(int sock)
{
	char byte;
	ssize_t n;

	do
		n = recv(sock, &byte, 1, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

_Noreturn static void
live(const struct zygote_config *c)
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
	if (c->kind == ZYGOTE_LENSES) {
		py_warm_lenses(&lenses);
		(void)!send(c->orders, &lenses, sizeof(lenses), MSG_NOSIGNAL);
	}
	if (!await_word(c->orders)) {
		gcov_flush(1);
		_exit(0);
	}
	if (c->kind != ZYGOTE_LENSES)
		py_warm_lenses(&lenses);
	int rc = widen(c->kind, &f);
	if (rc == 0)
		child_learn(&jail);
	if (rc || zygote_serve(&mine, &f) < 0)
		log_error("the zygote %s: %s", zygote_name(c->kind), f.text);
	gcov_flush(1);
	_exit(1);
}

static int
fork_one(struct family *y, enum zygote z, const struct zygote_config *c,
	struct fail *f)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return fail_errno(f, "socketpair");
	scope_fd int theirs = pair[1];
	y->sock[z] = pair[0];
	py_before_fork();
	y->pid[z] = fork();
	if (y->pid[z] == 0) {
		struct zygote_config mine = *c;
		py_after_fork_child();
		for (int i = 0; i < ZYGOTE_COUNT; i++) {
			if (y->sock[i] >= 0)
				close(y->sock[i]);
			if (y->pidfd[i] >= 0)
				close(y->pidfd[i]);
		}
		mine.kind = z;
		mine.orders = theirs;
		mine.family = NULL;
		live(&mine);
	}
	py_after_fork_parent();
	if (y->pid[z] < 0)
		return fail_errno(f, "the zygote %s", zygote_name(z));
	y->pidfd[z] = pidfd_open(y->pid[z], 0);
	return y->pidfd[z] < 0 ? fail_errno(f, "pidfd_open") : 0;
}

int
family_fork(struct family *ret, const struct zygote_config *c, bool numpy,
	struct fail *f)
{
	memset(ret, -1, sizeof(*ret));
	for (int z = ZYGOTE_LENSES; z < ZYGOTE_COUNT; z++)
		if ((z != ZYGOTE_NUMPY || numpy) &&
			fork_one(ret, (enum zygote)z, c, f))
			return -1;
	return 0;
}

int
family_wait(const struct family *y, struct py_lenses *ret, struct fail *f)
{
	struct pollfd p = {.fd = y->sock[ZYGOTE_LENSES], .events = POLLIN};

	if (poll(&p, 1, START_TIMEOUT_MS) != 1 ||
		recv(p.fd, ret, sizeof(*ret), 0) != sizeof(*ret))
		return fail_set(f, "the zygote %s said nothing",
			zygote_name(ZYGOTE_LENSES));
	return 0;
}

void
family_wake(const struct family *y)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++)
		if (y->sock[z] >= 0)
			(void)!send(y->sock[z], "", 1, MSG_NOSIGNAL);
}

bool
family_take(const struct family *y, const struct msg *order, const void *bytes,
	size_t n, const int *fds, size_t nfd)
{
	int sock = y ? y->sock[order->pass.zygote] : -1;

	return sock >= 0 && io_send_fds(sock, bytes, n, fds, nfd) == 0;
}

void
family_end(struct family *y)
{
	for (int z = 0; z < ZYGOTE_COUNT; z++) {
		if (y->sock[z] < 0)
			continue;
		close(y->sock[z]);
		waitpid(y->pid[z], NULL, 0);
	}
}
