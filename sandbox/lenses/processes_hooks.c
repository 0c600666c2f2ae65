/*
 * What libpython calls in the place of libc's functions, as a program's own
 * definition is found before that of a library: fork(), the wait functions and
 * _exit().  They do what libc's do, always; where the lens looks, they also
 * tell.  Elsewhere a flag is read.
 *
 * os.fork() calls with the GIL, the wait functions are called without.
 */
#include "sandbox/lenses/processes.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_bool on;

static struct {
	pid_t (*fork)(void);
	pid_t (*wait4)(pid_t, int *, int, struct rusage *);
	void (*exit)(int);
} libc;

static void
find(void)
{
	*(void **)&libc.fork = dlsym(RTLD_NEXT, "fork");
	*(void **)&libc.wait4 = dlsym(RTLD_NEXT, "wait4");
	*(void **)&libc.exit = dlsym(RTLD_NEXT, "_exit");
}

int
processes_hooks_warm(struct fail *f)
{
	find();
	if (!libc.fork || !libc.wait4 || !libc.exit)
		return fail_set(f, "libc has no fork(), wait4() or _exit()");
	return 0;
}

void
processes_hooks_begin(void)
{
	atomic_store(&on, true);
}

bool
processes_hooks_watch(void)
{
	return __builtin_expect(
		atomic_load_explicit(&on, memory_order_relaxed), false);
}

pid_t
fork(void)
{
	if (!libc.fork)
		find();
	if (!processes_hooks_watch() || !processes_table_me())
		return libc.fork();
	int64_t before = processes_table_faults();
	struct processes_row *me = processes_table_me();
	struct processes_row *row = processes_table_new();
	if (row)
		processes_places_start(row, PROCESSES_FORK);
	processes_table_own(me, before);
	pid_t pid = libc.fork();
	int e = errno;
	if (pid == 0) {
		processes_table_be(row);
		errno = e;
		return 0;
	}
	before = processes_table_faults();
	if (pid > 0)
		processes_table_started(row, pid);
	else
		processes_table_failed(row, e);
	processes_table_note(me);
	processes_write();
	processes_table_own(me, before);
	errno = e;
	return pid;
}

static void
write_here(void)
{
	struct processes_row *me = processes_table_me();
	int64_t before = processes_table_faults();

	processes_write();
	if (me)
		processes_table_own(me, before);
}

static pid_t
wait_for(pid_t pid, int *status, int options, struct rusage *used)
{
	struct rusage own;
	int ended = 0;

	if (!libc.wait4)
		find();
	if (!processes_hooks_watch())
		return libc.wait4(pid, status, options, used);
	int64_t from = processes_table_now();
	pid_t got = libc.wait4(pid, &ended, options, &own);
	int e = errno;
	if (got > 0) {
		processes_table_waited(got, ended, &own, from);
		if (status)
			*status = ended;
		if (used)
			*used = own;
		write_here();
	}
	errno = e;
	return got;
}

pid_t
wait4(pid_t pid, int *stat_loc, int options, struct rusage *usage)
{
	return wait_for(pid, stat_loc, options, usage);
}

pid_t
wait3(int *stat_loc, int options, struct rusage *usage)
{
	return wait_for(-1, stat_loc, options, usage);
}

pid_t
waitpid(pid_t pid, int *stat_loc, int options)
{
	return wait_for(pid, stat_loc, options, NULL);
}

pid_t
wait(int *stat_loc)
{
	return wait_for(-1, stat_loc, 0, NULL);
}

/* As wait(2) would have it; -1 when it has not ended. */
static int
status_of(const siginfo_t *info)
{
	int value = info->si_status;

	if (info->si_pid == 0)
		return -1;
	switch (info->si_code) {
	case CLD_EXITED:
		return (value & 0xff) << 8;
	case CLD_KILLED:
		return value & 0x7f;
	case CLD_DUMPED:
		return (value & 0x7f) | 0x80;
	default:
		return -1;
	}
}

int
waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options)
{
	struct rusage used = {.ru_minflt = 0};
	siginfo_t own = {.si_pid = 0};

	if (!infop)
		infop = &own;
	int64_t from = processes_hooks_watch() ? processes_table_now() : 0;
	/* The system call has one more argument than libc's function. */
	int rc = (int)syscall(SYS_waitid, idtype, id, infop, options, &used);
	int e = errno;
	if (rc == 0 && processes_hooks_watch() && !(options & WNOWAIT) &&
		status_of(infop) >= 0) {
		processes_table_waited(
			infop->si_pid, status_of(infop), &used, from);
		write_here();
	}
	errno = e;
	return rc;
}

int
processes_hooks_peek(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	return syscall(SYS_waitid, P_PID, pid, &info,
		       WEXITED | WNOHANG | WNOWAIT, NULL)
		       ? -1
		       : status_of(&info);
}

static void
tell_end(int status)
{
	struct processes_row *me = processes_table_me();

	if (!me)
		return;
	int64_t before = processes_table_faults();
	processes_table_note(me);
	me->exit_code = status & 0xff;
	me->ended = processes_table_now();
	if (processes_table_is_first())
		processes_table->over = true;
	processes_write();
	/* What its parent is told of it has these, too. */
	processes_table_own(me, before);
}

void
_exit(int status)
{
	if (processes_hooks_watch())
		tell_end(status);
	if (!libc.exit)
		find();
	/* Where the kernel does not let it end, as when the init is gone that
	 * has to answer, libc's ends by a signal. */
	libc.exit(status);
	__builtin_trap();
}
