/* Namespaces: the runner's, entered once, and a cell's, one set each. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/jail/jail.h"

static int
write_at(int dir, const char *path, const char *text)
{
	scope_fd int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0)
		return -1;
	return write(fd, text, n) == (ssize_t)n ? 0 : -1;
}

/* Maps inner onto outer for this process; both maps hold one line. */
static int
map_ids(int proc, uid_t inner_uid, uid_t uid, gid_t inner_gid, gid_t gid)
{
	char line[64];

	snprintf(line, sizeof(line), "%u %u 1\n", inner_uid, uid);
	if (write_at(proc, "self/uid_map", line))
		return -1;
	if (write_at(proc, "self/setgroups", "deny"))
		return -1;
	snprintf(line, sizeof(line), "%u %u 1\n", inner_gid, gid);
	return write_at(proc, "self/gid_map", line);
}

/* Real root becomes an id that owns nothing, without supplementary groups. */
static int
drop_root(struct fail *f)
{
	if (geteuid() != 0)
		return 0;
	if (!SABOTAGE(GROUPS) && setgroups(0, NULL))
		return fail_errno(f, "cannot drop supplementary groups");
	if (SABOTAGE(USER_ID))
		return 0;
	if (setresgid(RUNNER_ID, RUNNER_ID, RUNNER_ID) ||
		setresuid(RUNNER_ID, RUNNER_ID, RUNNER_ID))
		return fail_errno(f, "cannot give up root");
	return 0;
}

/* Cells get clocks of their own that begin with the runner: how long the
 * machine has been up is not theirs to know.  This process keeps its own, and
 * nobody compares the two.  time_namespaces(7); Linux 5.6. */
static bool
hide_uptime(int proc)
{
	struct timespec up, boot;
	char text[128];

	if (unshare(CLONE_NEWTIME) || clock_gettime(CLOCK_MONOTONIC, &up) ||
		clock_gettime(CLOCK_BOOTTIME, &boot))
		return false;
	snprintf(text, sizeof(text), "monotonic -%lld 0\nboottime -%lld 0\n",
		(long long)up.tv_sec, (long long)boot.tv_sec);
	return write_at(proc, "self/timens_offsets", text) == 0;
}

int
jail_enter_namespaces(struct jail *j, struct fail *f)
{
	char *note = j->note[LAYER_NAMESPACES];
	bool root = geteuid() == 0, named, timed;
	int groups;

	j->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (j->proc_fd < 0)
		return fail_errno(f, "cannot open /proc");
	if (drop_root(f))
		return -1;
	/* After a change of ids the process is not dumpable, and its own
	 * uid_map could not be written. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return fail_errno(f, "prctl(PR_SET_DUMPABLE)");
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (unshare(CLONE_NEWUSER))
		return fail_errno(f, "a user namespace cannot be made");
	if (map_ids(j->proc_fd, JAIL_UID, uid, JAIL_GID, gid))
		return fail_errno(
			f, "ids cannot be mapped in a user namespace");
	if (unshare(CLONE_NEWNS | (SABOTAGE(NET_NAMESPACE) ? 0 : CLONE_NEWNET) |
		    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP))
		return fail_errno(f,
			"mount, network, IPC, UTS and cgroup namespaces cannot "
			"be made inside a user namespace");
	/* A container's filter may refuse this to whoever lacks the capability
	 * outside (podman's does); the namespace is a copy all the same. */
	named = !sethostname("vitrine", 7);
	if (!named && errno != EPERM)
		return fail_errno(f, "cannot set the host name");
	timed = hide_uptime(j->proc_fd);
	groups = getgroups(0, NULL);
	snprintf(note, sizeof(j->note[0]), "%s%s%s%s%s%s",
		"user, mount, network, IPC, UTS, cgroup", timed ? ", time" : "",
		"; a cell's own user, PID, mount",
		root ? "; root given up" : "", named ? "" : "; host name kept",
		/* They reach nothing in the root, but they are there. */
		groups > 0 ? "; supplementary groups kept (not root)" : "");
	return 0;
}

pid_t
jail_clone_init(const struct jail *j, int *ret_pidfd)
{
	struct clone_args a = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
	};

	if (j->layers & BIT(LAYER_NAMESPACES))
		a.flags |= CLONE_NEWUSER | CLONE_NEWNS |
			   (SABOTAGE(PID_NAMESPACE) ? 0 : CLONE_NEWPID);
	/* Names of abstract sockets live in the network namespace, which cells
	 * of a runner share. Where Landlock does not fence them off, each has
	 * its own, for about a millisecond more. */
	if ((j->layers & BIT(LAYER_NAMESPACES)) && j->landlock_abi < 6)
		a.flags |= CLONE_NEWNET;
	long pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid < 0 && errno == ENOSYS) /* a container's filter */
		pid = syscall(SYS_clone, a.flags | SIGCHLD, 0, ret_pidfd, 0, 0);
	return (pid_t)pid;
}

int
jail_map_ids(const struct jail *j)
{
	if (!(j->layers & BIT(LAYER_NAMESPACES)))
		return 0;
	return map_ids(j->proc_fd, JAIL_UID, JAIL_UID, JAIL_GID, JAIL_GID);
}
