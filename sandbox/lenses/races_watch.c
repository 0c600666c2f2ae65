/* One schedule, from outside: its process, what it prints, how it ends. */
#include "sandbox/lenses/races.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"
#include "sandbox/py/internal.h"

#define NS_PER_S 1000000000LL

struct watch {
	pid_t pid;
	struct pollfd in[2]; /* its output and its errors */
	struct races_stream *to[2];
	uint64_t bound; /* of bytes */
	int64_t until;
	/* It is looked from time to time whether its CPU time moves. */
	int64_t quiet, look, cpu;
	bool ended;
	int status;
};

static void
on_child(int signal)
{
	(void)signal; /* ppoll(2) comes back */
}

/* Signals as they were before. */
struct signals {
	sigset_t mask;
	struct sigaction child;
};

static void
hold_signals(struct signals *ret)
{
	const struct sigaction heard = {.sa_handler = on_child};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &ret->mask);
	sigaction(SIGCHLD, &heard, &ret->child);
}

static void
free_signals(const struct signals *was)
{
	sigaction(SIGCHLD, &was->child, NULL);
	sigprocmask(SIG_SETMASK, &was->mask, NULL);
}

/* Of the output all is counted and hashed (FNV-1a), the first is kept. */
static void
take(struct races_stream *s, const char *bytes, size_t n)
{
	size_t keep = s->room - s->kept < n ? s->room - s->kept : n;

	memcpy(s->text + s->kept, bytes, keep);
	s->kept += keep;
	s->bytes += n;
	for (size_t i = 0; i < n; i++)
		s->hash = (s->hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
}

/* What there is to read.  False when there was nothing. */
static bool
read_once(struct watch *w, int i)
{
	static char bytes[64 * 1024];
	ssize_t n =
		w->in[i].fd < 0 ? 0 : read(w->in[i].fd, bytes, sizeof(bytes));

	if (n > 0) {
		take(w->to[i], bytes, (size_t)n);
		return true;
	}
	if (n == 0 || errno != EAGAIN)
		w->in[i].fd = -1; /* poll(2) does not look any more */
	return false;
}

static bool
is_flooded(const struct watch *w)
{
	return w->to[0]->bytes + w->to[1]->bytes > w->bound;
}

/* CPU time of a process, or -1. */
static int64_t
cpu_of(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		return -1;
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* For as long as nothing was printed, has it had no CPU time at all? */
static bool
is_stuck(struct watch *w, int64_t now)
{
	if (now < w->look)
		return false;
	int64_t cpu = cpu_of(w->pid);
	bool stuck = cpu >= 0 && cpu == w->cpu;
	w->cpu = cpu;
	w->look = now + w->quiet;
	return stuck;
}

/* Until it has ended, or is not to go on. */
static enum races_how
await(struct watch *w)
{
	const sigset_t *none = &(sigset_t){0};

	for (;;) {
		if (waitpid(w->pid, &w->status, WNOHANG) == w->pid) {
			w->ended = true;
			return RACES_EXITED;
		}
		int64_t now = io_now_ns();
		if (is_flooded(w))
			return RACES_FLOODED;
		if (now >= w->until)
			return RACES_UNFINISHED;
		if (is_stuck(w, now))
			return RACES_STUCK;
		int64_t ns = (w->until < w->look ? w->until : w->look) - now;
		const struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
		if (ppoll(w->in, 2, &t, none) > 0)
			for (int i = 0; i < 2; i++)
				if (w->in[i].revents && read_once(w, i))
					w->look = io_now_ns() + w->quiet;
	}
}

/* The process is gone, and whatever of its group is left. */
static void
end_all(struct watch *w)
{
	kill(-w->pid, SIGKILL);
	if (w->ended)
		return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &w->status, 0) < 0 && errno == EINTR)
		;
}

static int64_t
cpu_of_children(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000LL;
}

static void
hear(struct watch *w, const struct races_bounds *b, struct races_end *ret)
{
	int64_t began = io_now_ns();

	w->until = began + b->wall_ns;
	w->quiet = b->quiet_ns;
	w->look = began + w->quiet;
	w->cpu = -1;
	w->bound = b->output_bytes;
	ret->how = await(w);
	end_all(w);
	/* What it printed last. */
	for (int i = 0; i < 2; i++)
		while (!is_flooded(w) && read_once(w, i))
			;
	ret->wall_ns = io_now_ns() - began;
	if (ret->how != RACES_EXITED)
		return;
	if (is_flooded(w))
		ret->how = RACES_FLOODED;
	else if (WIFSIGNALED(w->status))
		ret->how = RACES_SIGNALED;
	ret->code = WIFSIGNALED(w->status) ? WTERMSIG(w->status)
					   : WEXITSTATUS(w->status);
}

_Noreturn static void
be_schedule(const struct lens_run *r, const struct races_schedule *s,
	struct races_said *said, const int *fds)
{
	setpgid(0, 0);
	/* Standard input from its start, where it has one. */
	lseek(0, 0, SEEK_SET);
	if (dup2(fds[0], 1) < 0 || dup2(fds[1], 2) < 0 ||
		syscall(SYS_close_range, 3, ~0U, 0))
		_exit(70);
	races_child_run(r, s, said);
}

static pid_t
fork_schedule(const struct lens_run *r, const struct races_schedule *s,
	struct races_said *said, const int *fds, const struct signals *was)
{
	py_before_fork();
	pid_t pid = fork();
	if (pid == 0) {
		free_signals(was);
		be_schedule(r, s, said, fds);
	}
	int error = errno;
	py_after_fork_parent();
	errno = error;
	return pid;
}

/* Two pipes, of which ours do not wait.  0 or -1. */
static int
open_pipes(int ret_in[2], int ret_out[2])
{
	int pair[2];

	for (int i = 0; i < 2; i++) {
		if (pipe2(pair, O_CLOEXEC))
			return -1;
		ret_in[i] = pair[0];
		ret_out[i] = pair[1];
		if (fcntl(pair[0], F_SETFL, O_NONBLOCK))
			return -1;
	}
	return 0;
}

/* It is new for each: who is left of another schedule has not got it. */
static struct races_said *
map_said(void)
{
	void *p = mmap(NULL, sizeof(struct races_said), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
races_watch(const struct lens_run *r, const struct races_schedule *s,
	const struct races_bounds *b, struct races_end *ret)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	struct races_said *said = map_said();
	struct signals was;

	*ret = (struct races_end){
		.out = {.hash = 0xcbf29ce484222325, .room = RACES_OUT_BYTES},
		.err = {.hash = 0xcbf29ce484222325, .room = RACES_ERR_BYTES}};
	ret->out.text = ret->out_text;
	ret->err.text = ret->err_text;
	int64_t cpu = cpu_of_children();
	hold_signals(&was);
	pid_t pid = said && open_pipes(in, out) == 0
			    ? fork_schedule(r, s, said, out, &was)
			    : -1;
	int error = errno;
	for (int i = 0; i < 2; i++)
		if (out[i] >= 0)
			close(out[i]);
	if (pid > 0) {
		struct watch w = {.pid = pid,
			.in = {{in[0], POLLIN, 0}, {in[1], POLLIN, 0}},
			.to = {&ret->out, &ret->err}};
		hear(&w, b, ret);
		ret->said = *said;
		ret->cpu_ns = cpu_of_children() - cpu;
	}
	free_signals(&was);
	for (int i = 0; i < 2; i++)
		if (in[i] >= 0)
			close(in[i]);
	if (said)
		munmap(said, sizeof(*said));
	errno = error;
	return pid > 0 ? 0 : -1;
}
