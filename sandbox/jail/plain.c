/*
 * The jail where there are no namespaces: a plain container, most often.
 *
 * What they would do is done in other ways.  Landlock shows a cell the paths of
 * tbl/paths.h only, and keeps its signals and abstract sockets in it (ABI 6).
 * Forks and threads ask the init, by seccomp user notification, which counts
 * them and refuses all of them once the cell is to end, so that a sweep finds
 * everything.  /box is a directory that is there, a tmpfs of its own; it holds
 * one run at a time, and is emptied in between.  So is /dev/shm, for POSIX
 * semaphores and shared memory, when nobody else has anything in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "sandbox/jail/jail.h"

#define MIN_ABI 6

enum { BOX, SHM };
static const char *const places[JAIL_PLACES] = {
	[BOX] = JAIL_WORKDIR, [SHM] = "/dev/shm"};

/* Says that /dev/shm was empty when it was taken: what else is in it is ours to
 * remove, also after a runner was killed. */
#define MARK ".vitrine"

bool
jail_is_plain(const struct jail *j)
{
	return !(j->layers & BIT(LAYER_NAMESPACES));
}

/* --- Places ------------------------------------------------------------- */

/* A stream of its own over the directory, from its beginning. */
static DIR *
dir_open(int at, const char *name)
{
	int fd = openat(
		at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

/* All but ".", ".." and `but` (may be NULL). */
static const struct dirent *
dir_next(DIR *d, const char *but)
{
	const struct dirent *e;

	do
		e = readdir(d);
	while (e &&
		(strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			(but && strcmp(e->d_name, but) == 0)));
	return e;
}

/* Empties a directory that lies in `top`, however deep it is: the directories
 * in it are moved up, beside it, and are then its callers' to empty. */
static int
flatten(int top, const char *name)
{
	static unsigned moved;
	char beside[32];
	const struct dirent *e;

	if (fchmodat(top, name, 0700, 0))
		return -1;
	scope_dir DIR *d = dir_open(top, name);
	if (!d)
		return -1;
	while ((e = dir_next(d, NULL))) {
		if (unlinkat(dirfd(d), e->d_name, 0) == 0)
			continue;
		if (errno != EISDIR)
			return -1;
		/* A directory that moves has its ".." written. */
		if (fchmodat(dirfd(d), e->d_name, 0700, 0))
			return -1;
		snprintf(beside, sizeof(beside), ".%u", ++moved);
		if (renameat(dirfd(d), e->d_name, top, beside) &&
			errno != EEXIST && errno != ENOTEMPTY)
			return -1;
	}
	return 0;
}

static int
empty(int top, const char *but)
{
	const struct dirent *e;
	bool left;

	do {
		scope_dir DIR *d = dir_open(top, ".");
		if (!d)
			return -1;
		left = false;
		while ((e = dir_next(d, but))) {
			if (unlinkat(top, e->d_name, 0) == 0)
				continue;
			if (errno != EISDIR || flatten(top, e->d_name))
				return -1;
			/* Unless something was moved into it by its name. */
			unlinkat(top, e->d_name, AT_REMOVEDIR);
			left = true;
		}
	} while (left);
	return 0;
}

/* Makes the mark, or finds it.  It is nobody's but this user's. */
static int
mark(int shm)
{
	struct stat st;
	scope_fd int fd = openat(
		shm, MARK, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0400);

	if (fd < 0 || fstat(fd, &st))
		return -1;
	errno = EPERM;
	return st.st_uid == geteuid() && S_ISREG(st.st_mode) ? 0 : -1;
}

int
jail_empty_places(const struct jail *j)
{
	/* A snippet can close its own directory, where it belongs to its user:
	 * EPERM says that it does not. */
	if (fchmod(j->places[BOX], 0700) && errno != EPERM)
		return -1;
	if (empty(j->places[BOX], NULL))
		return -1;
	if (j->places[SHM] < 0)
		return 0;
	if (empty(j->places[SHM], MARK))
		return -1;
	if (mark(j->places[SHM]) == 0)
		return 0;
	/* A snippet can put something else in its place. */
	return empty(j->places[SHM], NULL) || mark(j->places[SHM]) ? -1 : 0;
}

static int
lock(int fd)
{
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return -1;
	return 0;
}

/* The lock is of an open file: a new one for each that takes it. */
static int
open_again(const struct jail *j)
{
	if (fchmod(j->places[BOX], 0700) && errno != EPERM)
		return -1;
	return openat(j->places[BOX], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
jail_take_places(const struct jail *j)
{
	int fd = open_again(j); /* open until this process ends */

	return fd < 0 || lock(fd) ? -1 : jail_empty_places(j);
}

int
jail_clean_places(const struct jail *j)
{
	scope_fd int fd = open_again(j);

	if (fd < 0)
		return -1;
	/* Another run empties them itself, before and after. */
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? 0 : -1;
	return jail_empty_places(j);
}

static int
open_place(int place, struct fail *f)
{
	const char *path = places[place];
	struct stat st, root;
	struct statfs fs;

	/* As a killed runner may have left it. */
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		st.st_uid == geteuid())
		(void)!chmod(path, 0700);
	scope_fd int fd =
		open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) || fstatfs(fd, &fs) || stat("/", &root))
		return fail_errno(f, "%s", path);
	/* What is in a tmpfs is not meant to last. */
	if (st.st_dev == root.st_dev || fs.f_type != TMPFS_MAGIC)
		return fail_set(f, "%s is not a tmpfs of its own", path);
	if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS))
		return fail_errno(f, "%s", path);
	return steal_fd(&fd);
}

static bool
is_ours(int shm)
{
	scope_dir DIR *d = dir_open(shm, ".");

	return d &&
	       (!dir_next(d, NULL) ||
		       faccessat(shm, MARK, F_OK, AT_EACCESS) == 0) &&
	       mark(shm) == 0;
}

static int
open_places(struct jail *j, struct fail *f)
{
	struct fail unused;

	j->places[SHM] = -1;
	j->places[BOX] = open_place(BOX, f);
	if (j->places[BOX] < 0)
		return -1;
	/* A run of another runner may be going on, or be ended right now. */
	if (lock(j->places[BOX]))
		return fail_errno(f, "%s cannot be locked", places[BOX]);
	int shm = open_place(SHM, &unused);
	if (shm >= 0 && !is_ours(shm)) {
		close(shm);
		shm = -1;
	}
	j->places[SHM] = shm;
	if (jail_empty_places(j))
		return fail_errno(f, "%s cannot be emptied", places[BOX]);
	flock(j->places[BOX], LOCK_UN);
	return 0;
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

int
jail_enter_plain(struct jail *j, struct fail *f)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return fail_errno(f, "prctl(PR_SET_CHILD_SUBREAPER)");
	if (check_owner(f) || open_places(j, f) || try_sweep(j, f) ||
		jail_probe_landlock(j, f))
		return -1;
	if (j->landlock_abi < MIN_ABI)
		return fail_set(f,
			"Landlock's ABI is %d; without namespaces it has to be "
			"%d, which keeps signals in a cell (Linux 6.12)",
			j->landlock_abi, MIN_ABI);
	umask(022);
	snprintf(j->note[LAYER_NAMESPACES], sizeof(j->note[0]),
		"none here: one run at a time in /box%s; paths by Landlock, "
		"processes by the filter and a sweep",
		j->places[SHM] >= 0 ? "" : ", no /dev/shm");
	return 0;
}
