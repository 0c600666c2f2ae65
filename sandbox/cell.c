/*
 * The init of a cell.
 *
 * It is made by a raw clone(2) in namespaces of its own, maps its ids, mounts
 * the scratch, and forks the child with libc's fork(), so that fork handlers
 * run and glibc's thread id is right.  From then on it only waits: for the
 * order, for the child, for its CPU time to be used up, for the server to end
 * the pass (SIGTERM), for the zygote to go.
 * User code cannot signal it (it is pid 1 of the namespace), trace it (refused
 * by the filter), or reach its descriptors.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/cell.h"
#include "sandbox/child.h"
#include "sandbox/gcov.h"
#include "sandbox/jail/denials.h"
#include "sandbox/meter.h"
#include "sandbox/py/child.h"

#define NS_PER_MS 1000000LL
/* So often it is looked how much a run has in places that hold no limit of
 * their own.  Nothing tells of a tmpfs that fills. */
#define LOOK_MS 20

/* The init's whole state. */
struct init {
	struct jail jail; /* with the descriptors that this process has */
	struct denials *denials;
	unsigned place; /* of the cell, for its control group */
	struct cgroup_count group;
	/* Without a file system of its own: what the places held before, what
	 * the run may add, and what it has added. */
	uint64_t disk_before, disk_bytes, disk_used;
	unsigned processes; /* and threads, that there may be */
	bool ending;	    /* nothing may be forked any more */
	int listener;	    /* of the child's filter; -1: none, or no more */
	int zygote;	    /* socket to the zygote */
	int child;	    /* socket to the child */
	int signals;	    /* signalfd: SIGCHLD, and SIGTERM of the server */
	int proc;	    /* the host's /proc */
	pid_t pid;	    /* of the child */
	struct meter meter;
	int64_t started;
	bool ordered;
	bool told;  /* what it came to */
	bool over;  /* the child was reaped */
	int status; /* raw */
	/* By us: */
	bool cpu_ended;
	bool disk_ended;
	bool asked; /* the server said so */
};

_Noreturn static void
init_exit(void)
{
	gcov_flush(1);
	_exit(0);
}

static void
say(int sock, const struct cell_say *s)
{
	(void)!send(sock, s, sizeof(*s), MSG_NOSIGNAL);
}

_Noreturn static void
init_fault(int sock, uint32_t layer, int err, const char *step)
{
	struct cell_say s = {.word = CELL_FAULT, .layer = layer};

	s.facts.cause = END_JAIL;
	snprintf(s.facts.text, sizeof(s.facts.text), "%s: %s", step,
		strerror(err));
	say(sock, &s);
	init_exit();
}

static void
reap(struct init *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == s->pid) {
			s->over = true;
			s->status = status;
		}
}

static void
fork_child(struct init *s, const struct jail *j)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		init_fault(s->zygote, LAYER_COUNT, errno, "socketpair");
	s->pid = fork();
	if (s->pid < 0)
		init_fault(s->zygote, LAYER_COUNT, errno, "fork");
	if (s->pid == 0) {
		if (dup2(pair[1], s->zygote) < 0 ||
			syscall(SYS_close_range, s->zygote + 1, ~0U, 0))
			_exit(70);
		child_main(j, s->zygote);
	}
	close(pair[1]);
	s->child = pair[0];
	if (jail_join_cgroup(&s->jail, s->place, s->pid))
		init_fault(s->zygote, LAYER_CGROUPS, errno, "control group");
	const struct limits usual = limits_default();
	if (jail_watch_cgroup(&s->jail, s->place, &s->group) ||
		jail_limit_cgroup(&s->jail, s->place, &usual, &s->group))
		init_fault(s->zygote, LAYER_CGROUPS, errno, "control group");
	if (meter_open(&s->meter, s->proc, s->pid))
		init_fault(s->zygote, LAYER_COUNT, errno, "CPU clock");
}

/* Where there is no PID namespace: as many as the order says, and none at the
 * end. */
static bool
may_fork(void *arg)
{
	const struct init *s = arg;

	unsigned tasks = s->ending ? 0 : meter_tasks(&s->meter);

	/* 0: it cannot be told how many there are. */
	return tasks > 0 && tasks < s->processes;
}

/* The child's last system call: what it came to is told before its memory is
 * freed, which takes longer than many a run.  Not when others may be left, or
 * were there, whose time is known only once they are reaped; nor when it ends
 * for a fault of ours, which it has said by now. */
static void
leaves(void *arg, pid_t pid, int status)
{
	struct init *s = arg;
	struct cell_say facts = {.word = CELL_FACTS,
		.facts = {.cause = END_SELF,
			.wait_status = (status & 0xff) << 8}};
	char byte;

	if (pid != s->pid || !s->ordered || s->told || s->cpu_ended ||
		s->asked ||
		recv(s->child, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return;
	facts.facts.wall_ns = (uint64_t)(io_now_ns() - s->started);
	if (!meter_alone_ns(&s->meter, &facts.facts.cpu_ns,
		    &facts.facts.peak_rss_bytes))
		return;
	say(s->zygote, &facts);
	s->told = true;
}

/* poll(2) of p[0..n), where p[n] is room for the listener: refusals that come
 * meanwhile are counted and answered. */
static int
wait_for(struct init *s, struct pollfd *p, nfds_t n, int ms)
{
	p[n] = (struct pollfd){.fd = s->listener, .events = POLLIN};
	int rc = poll(p, n + 1, ms);
	if (rc > 0 && p[n].revents &&
		(!(p[n].revents & POLLIN) ||
			denials_serve(s->denials, s->listener,
				&(struct denials_asked){jail_is_plain(&s->jail)
								? may_fork
								: NULL,
					leaves, s}))) {
		close(s->listener);
		s->listener = -1;
	}
	return rc;
}

/* What the child says next; its listener is taken. */
static void
hear_child(struct init *s, struct child_say *ret)
{
	struct pollfd p[2] = {{.fd = s->child, .events = POLLIN}};
	int fds[IO_MAX_FDS];
	size_t nfd = IO_MAX_FDS;

	while (!p[0].revents)
		if (wait_for(s, p, 1, -1) < 0 && errno != EINTR)
			init_fault(s->zygote, LAYER_COUNT, errno, "poll");
	if (io_recv_fds(s->child, ret, sizeof(*ret), fds, &nfd) != sizeof(*ret))
		init_fault(s->zygote, LAYER_COUNT, EPIPE,
			"the child ended before it was ready");
	if (ret->word == CHILD_FAULT)
		init_fault(s->zygote, ret->layer, ret->err, ret->step);
	if (nfd > 0)
		s->listener = fds[0];
}

static void
await_child(struct init *s)
{
	struct child_say c;
	struct cell_say ready = {.word = CELL_READY};

	do
		hear_child(s, &c);
	while (c.word != CHILD_READY);
	ready.facts.cpu_ns = (uint64_t)meter_child_ns(&s->meter);
	say(s->zygote, &ready);
}

static void
pass_order(struct init *s)
{
	struct cell_order order;
	int fds[IO_MAX_FDS];
	size_t nfd = IO_MAX_FDS;
	ssize_t n = io_recv_fds(s->zygote, &order, sizeof(order), fds, &nfd);

	if (n == 0)
		init_exit(); /* not wanted any more */
	if (n != sizeof(order) || nfd != PASS_FD_COUNT)
		init_fault(s->zygote, LAYER_COUNT, EPROTO, "the order");
	if (jail_is_plain(&s->jail)
			? jail_take_places(&s->jail)
			: jail_size_scratch(order.pass.limits.disk_bytes))
		init_fault(s->zygote, LAYER_NAMESPACES, errno, "the scratch");
	if (jail_limit_cgroup(
		    &s->jail, s->place, &order.pass.limits, &s->group))
		init_fault(s->zygote, LAYER_CGROUPS, errno, "control group");
	s->disk_before = jail_used_places(&s->jail);
	s->disk_bytes = order.pass.limits.disk_bytes + DISK_SLACK_BYTES;
	s->processes = (unsigned)order.pass.limits.processes;
	meter_start(&s->meter, (int64_t)order.pass.limits.cpu_ms * NS_PER_MS);
	s->started = io_now_ns();
	s->ordered = true;
	if (io_send_fds(s->child, &order, sizeof(order), fds, nfd))
		init_fault(s->zygote, LAYER_COUNT, errno, "order to the child");
	for (size_t i = 0; i < nfd; i++)
		close(fds[i]);
}

/* No survivors: everything else in the namespace, or below this process, ends
 * here. */
static void
end_others(struct init *s)
{
	s->ending = true;
	if (jail_is_plain(&s->jail)) {
		jail_sweep(&s->jail, NULL, 0);
		jail_empty_places(&s->jail);
		return;
	}
	if (!SABOTAGE(PID_NAMESPACE)) /* -1 would be all of the machine */
		kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* The server ends the pass by SIGTERM.  A snippet can send us one, too, but
 * from within the namespace: only who is not in it has no pid here.  Where
 * there is none, Landlock keeps its signals to itself (plain.c). */
static void
take_signal(struct init *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info) ||
		info.ssi_signo != SIGTERM || s->over)
		return;
	if (info.ssi_pid == 0 || jail_is_plain(&s->jail)) {
		s->asked = true;
		kill(s->pid, SIGKILL);
	}
}

/* Ends a run whose files, all together, are more than it may have.  Returns how
 * long it can be waited until the next look, at most ms; negative is for good.
 */
static int
look_at_disk(struct init *s, int ms)
{
	if (!jail_is_plain(&s->jail) || s->disk_ended || SABOTAGE(SCRATCH_SIZE))
		return ms;
	uint64_t now = jail_used_places(&s->jail);
	if (now <= s->disk_before || now - s->disk_before <= s->disk_bytes)
		return ms < 0 || ms > LOOK_MS ? LOOK_MS : ms;
	s->disk_used = now - s->disk_before;
	s->disk_ended = true;
	kill(s->pid, SIGKILL);
	return ms;
}

/* Waits until the child is gone, by itself or because its time is up. */
static void
watch_child(struct init *s)
{
	struct pollfd p[4] = {
		{.fd = s->signals, .events = POLLIN},
		{.fd = s->zygote, .events = 0}, /* hang-up only */
		{.fd = s->group.event, .events = POLLIN},
	};

	for (reap(s); !s->over; reap(s)) {
		int ms = meter_patience_ms(&s->meter);
		if (ms == 0 && !s->over) {
			s->cpu_ended = true;
			kill(s->pid, SIGKILL);
			ms = -1;
		}
		ms = look_at_disk(s, ms);
		if (wait_for(s, p, 3, ms) < 0 && errno != EINTR)
			break;
		if (p[2].revents) {
			kill(s->pid, SIGKILL);
			p[2].fd = -1;
		}
		if (p[1].revents & (POLLHUP | POLLERR)) {
			end_others(s); /* takes the whole cell along */
			init_exit();
		}
		if (p[0].revents & POLLIN)
			take_signal(s);
	}
}

/* A child that met a fault of ours after it was ready says so on its socket,
 * which is closed before the snippet's first byte is looked at. */
static bool
child_faulted(const struct init *s, struct child_say *ret)
{
	return recv(s->child, ret, sizeof(*ret), MSG_DONTWAIT) == sizeof(*ret);
}

static void
report(struct init *s)
{
	struct cell_say say_it = {.word = CELL_FACTS};
	struct msg_exited *x = &say_it.facts;
	struct child_say c;

	x->wall_ns = (uint64_t)(io_now_ns() - s->started);
	end_others(s);
	if (s->told)
		return;
	x->cpu_ns = meter_total_ns(&s->meter, &x->peak_rss_bytes);
	if (child_faulted(s, &c))
		init_fault(s->zygote, c.layer, c.err, c.step);
	/* One that had ended when our SIGKILL came ended by itself. */
	bool ended = WIFSIGNALED(s->status) && WTERMSIG(s->status) == SIGKILL;
	x->cause = s->cpu_ended		    ? END_CPU
		   : s->disk_ended && ended ? END_DISK
		   : s->asked && ended	    ? END_KILLED
					    : END_SELF;
	x->wait_status = x->cause == END_SELF ? s->status : 0;
	x->disk_bytes = x->cause == END_DISK ? s->disk_used : 0;
	if (x->cause == END_SELF && ended &&
		jail_cgroup_ran_out(&s->jail, s->place, &s->group)) {
		x->cause = END_MEMORY;
		x->wait_status = 0;
		x->peak_rss_bytes = s->group.bytes;
	}
	say(s->zygote, &say_it);
}

/* Of all that the zygote has, these stay: out of each other's way first, then
 * in a row from 3 on. */
static void
keep_descriptors(struct init *s, int sock)
{
	int *kept[] = {&s->zygote, &s->jail.proc_fd, &s->jail.places[JAIL_BOX],
		&s->jail.places[JAIL_SHM], &s->jail.cgroup_fd[0],
		&s->jail.cgroup_fd[1]};
	const int n = sizeof(kept) / sizeof(*kept);
	int next = 3;

	s->zygote = sock;
	for (int i = 0; i < n; i++)
		if (*kept[i] >= 0 &&
			(*kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, 16)) < 0)
			init_fault(sock, LAYER_COUNT, errno, "descriptors");
	for (int i = 0; i < n; i++)
		if (*kept[i] >= 0)
			*kept[i] = dup3(*kept[i], next++, O_CLOEXEC);
	s->proc = s->jail.proc_fd;
	if (syscall(SYS_close_range, next, ~0U, 0))
		init_fault(s->zygote, LAYER_COUNT, errno, "close_range");
}

_Noreturn static void
init_main(const struct jail *j, unsigned place, struct denials *d,
	const sigset_t *heard, int sock)
{
	struct init s = {
		.listener = -1, .denials = d, .jail = *j, .place = place};

	if (jail_map_ids(j))
		init_fault(sock, LAYER_NAMESPACES, errno, "mapping ids");
	keep_descriptors(&s, sock);
	/* Where nothing else ends the cell with it, it has to see to that
	 * itself when the zygote is gone: see watch_child. */
	if (!jail_is_plain(j) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		init_fault(s.zygote, LAYER_COUNT, errno, "pdeathsig");
	if (jail_leave_session())
		init_fault(s.zygote, LAYER_COUNT, errno, "setsid");
	if (denials_keep(d))
		init_fault(s.zygote, LAYER_SECCOMP, errno, "madvise");
	if (jail_is_plain(j) ? prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
			     : jail_mount_scratch())
		init_fault(s.zygote, LAYER_NAMESPACES, errno, "the scratch");
	s.signals = signalfd(-1, heard, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s.signals < 0)
		init_fault(s.zygote, LAYER_COUNT, errno, "signalfd");
	fork_child(&s, j);
	await_child(&s);
	pass_order(&s);
	watch_child(&s);
	report(&s);
	init_exit();
}

int
cell_make(const struct jail *j, unsigned place, struct cell *ret_c,
	struct fail *f)
{
	int pair[2], pidfd = -1;
	sigset_t heard, before;

	if (jail_make_cgroup(j, place))
		return fail_errno(f, "no control group for a cell");
	struct denials *d = denials_new();
	if (!d)
		return fail_errno(f, "no page for a cell");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		denials_free(d);
		return fail_errno(f, "socketpair");
	}
	/* From its first moment on: SIGTERM must not be lost. */
	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGTERM);
	py_before_fork();
	sigprocmask(SIG_BLOCK, &heard, &before);
	pid_t pid = jail_clone_init(j, &pidfd);
	if (pid == 0)
		init_main(j, place, d, &heard, pair[1]);
	int err = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	py_after_fork_parent();
	close(pair[1]);
	/* What is forked next must not have the page. */
	assert(pid < 0 || !denials_keep(d));
	if (pid < 0) {
		denials_free(d);
		close(pair[0]);
		errno = err;
		return fail_errno(f, "a cell cannot be cloned");
	}
	*ret_c = (struct cell){d, pid, pidfd, pair[0]};
	return 0;
}

void
cell_drop(struct cell *c)
{
	if (c->sock >= 0)
		close(c->sock);
	if (c->pidfd >= 0)
		close(c->pidfd);
	denials_free(c->denials);
	*c = (struct cell){.pid = -1, .pidfd = -1, .sock = -1};
}
