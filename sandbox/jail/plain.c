/*
 * The jail where there are no namespaces: a plain container, most often.
 *
 * What they would do is done in other ways.  Landlock shows a cell the paths of
 * tbl/paths.h only, and keeps its signals and abstract sockets in it (ABI 6).
 * Forks and threads ask the init, by seccomp user notification, which counts
 * them and refuses all of them once the cell is to end, so that a sweep finds
 * everything.  Where they write is in places.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "sandbox/jail/jail.h"

#define MIN_ABI 6

bool
jail_is_plain(const struct jail *j)
{
	return !(j->layers & BIT(LAYER_NAMESPACES));
}

/* --- Processes ---------------------------------------------------------- */

static bool
among(pid_t pid, const pid_t *spare, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (spare[i] == pid)
			return true;
	return false;
}

/* A child of this process that is not spared, or 0.  Only this process reaps
 * it: its number cannot be another's by the time it is used. */
static pid_t
find_child(const struct jail *j, const pid_t *spare, size_t n)
{
	char text[8192], *at = text, *end;
	scope_fd int fd = openat(
		j->proc_fd, "thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0)
		return 0;
	text[len] = '\0';
	for (;; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			return 0;
		if (!among(pid, spare, n))
			return pid;
	}
}

void
jail_sweep(const struct jail *j, const pid_t *spare, size_t n)
{
	pid_t pid;

	while ((pid = find_child(j, spare, n)) > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

/* Can children be found at all, and counted?  A container may hide /proc, or
 * processes in it that are not dumpable, as a snippet's is. */
static int
try_sweep(const struct jail *j, struct fail *f)
{
	char path[64], byte = 0;
	int ready[2];

	if (pipe2(ready, O_CLOEXEC))
		return fail_errno(f, "pipe");
	scope_fd int from = ready[0];
	scope_fd int to = ready[1];
	pid_t pid = fork();
	if (pid < 0)
		return fail_errno(f, "fork");
	if (pid == 0) {
		if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
			write(to, &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(steal_fd(&to)); /* or the end of the child would not be one */
	bool told = read(from, &byte, 1) == 1;
	bool found = told && find_child(j, NULL, 0) == pid;
	snprintf(path, sizeof(path), "%d/stat", pid);
	found = found && faccessat(j->proc_fd, path, R_OK, AT_EACCESS) == 0;
	snprintf(path, sizeof(path), "%d/task/%d/children", pid, pid);
	found = found && faccessat(j->proc_fd, path, R_OK, AT_EACCESS) == 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return found ? 0
		     : fail_set(f,
			       "/proc does not tell of a process's children");
}

/* --- All of it ---------------------------------------------------------- */

/* Landlock does not know of chmod(2) and utimensat(2): what belongs to the user
 * who runs this could be made unreadable by a snippet.  The program itself must
 * not. */
static int
check_owner(struct fail *f)
{
	struct stat st;

	if (stat("/proc/self/exe", &st))
		return fail_errno(f, "/proc/self/exe");
	if (st.st_uid == geteuid())
		return fail_set(f,
			"the program belongs to the user that it runs as, so "
			"that snippets could change its mode");
	return 0;
}

/* Docker and podman mount a tmpfs so, Kubernetes does not. */
static bool
is_noexec(int place)
{
	struct statfs fs;

	return fstatfs(place, &fs) == 0 && (fs.f_flags & ST_NOEXEC);
}

int
jail_enter_plain(struct jail *j, struct fail *f)
{
	char why[64] = "";

	/* Its interpreter names the machine's loader, and would be started with
	 * libraries that are not its own. */
	if (j->own_root)
		return fail_set(f,
			"a runtime that is not the machine's own has to be "
			"shown in a root of its own");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return fail_errno(f, "prctl(PR_SET_CHILD_SUBREAPER)");
	if (check_owner(f) || jail_open_places(j, why, sizeof(why), f) ||
		try_sweep(j, f) || jail_probe_landlock(j, f))
		return -1;
	if (j->landlock_abi < MIN_ABI)
		return fail_set(f,
			"Landlock's ABI is %d; without namespaces it has to be "
			"%d, which keeps signals in a cell (Linux 6.12)",
			j->landlock_abi, MIN_ABI);
	umask(022);
	snprintf(j->note[LAYER_NAMESPACES], sizeof(j->note[0]),
		"none here: one run at a time in %s%s%s%s%s%s; paths by "
		"Landlock, processes by the filter and a sweep",
		j->workdir, *why ? " (" : "", why, *why ? ")" : "",
		is_noexec(j->places[JAIL_BOX]) ? "" : ", not noexec",
		j->places[JAIL_SHM] >= 0 ? "" : ", no /dev/shm");
	return 0;
}
