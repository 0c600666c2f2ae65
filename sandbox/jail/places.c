/*
 * Where runs write when there are no namespaces, and so no mounts of their own.
 *
 * Two places that are there: the working directory and /dev/shm, which is for
 * POSIX semaphores and shared memory.  They hold one run at a time, and are
 * emptied before and after.  The working directory is /box, when that is a
 * tmpfs of its own.  A container has that only when it is asked for, and a
 * /dev/shm always: then it is a directory there.  A run may make and remove
 * files beside that directory, and nothing else: it cannot take it away from
 * the runs after it.
 *
 * /dev/shm is used only when nobody else had anything in it: all that is there
 * is then ours to remove.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/scope.h"
#include "sandbox/jail/jail.h"

#define SHM_NAME "/dev/shm"
/* The working directory there. */
#define WITHIN "vitrine"
/* Says that /dev/shm was empty when it was taken, also after a runner was
 * killed. */
#define MARK ".vitrine"

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

/* Names in a place that stay. */
struct kept {
	const char *name[2]; /* or NULL */
};

/* All but ".", ".." and those. */
static const struct dirent *
dir_next(DIR *d, struct kept but)
{
	const struct dirent *e;

	while ((e = readdir(d))) {
		bool stays = strcmp(e->d_name, ".") == 0 ||
			     strcmp(e->d_name, "..") == 0;
		for (int i = 0; i < 2; i++)
			stays = stays ||
				(but.name[i] &&
					strcmp(e->d_name, but.name[i]) == 0);
		if (!stays)
			break;
	}
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
	while ((e = dir_next(d, (struct kept){0}))) {
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
empty(int top, struct kept but)
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
	const char *within = j->box_in_shm ? WITHIN : NULL;
	const int box = j->places[JAIL_BOX], shm = j->places[JAIL_SHM];

	/* A snippet can close its own directory, where it belongs to its user:
	 * EPERM says that it does not. */
	if (fchmod(box, 0700) && errno != EPERM)
		return -1;
	if (empty(box, (struct kept){0}))
		return -1;
	if (shm < 0)
		return 0;
	/* The mark goes last, and is made anew: a snippet can have written to
	 * it, or put something else in its place. */
	return empty(shm, (struct kept){{MARK, within}}) ||
			       empty(shm, (struct kept){{within}}) || mark(shm)
		       ? -1
		       : 0;
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
	if (fchmod(j->places[JAIL_BOX], 0700) && errno != EPERM)
		return -1;
	return openat(
		j->places[JAIL_BOX], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

/* A directory that lies at `name`, as a killed runner may have left it. */
static int
open_dir(int at, const char *name)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(st.st_mode) && st.st_uid == geteuid())
		(void)!fchmodat(at, name, 0700, 0);
	return openat(
		at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static int
open_place(const char *path, struct fail *f)
{
	struct stat st, root;
	struct statfs fs;
	scope_fd int fd = open_dir(AT_FDCWD, path);

	if (fd < 0 || fstat(fd, &st) || fstatfs(fd, &fs) || stat("/", &root))
		return fail_errno(f, "%s", path);
	/* What is in a tmpfs is not meant to last. */
	if (st.st_dev == root.st_dev || fs.f_type != TMPFS_MAGIC)
		return fail_set(f, "%s is not a tmpfs of its own", path);
	/* One without a size does not count what it holds. */
	if (!fs.f_blocks || !fs.f_files)
		return fail_set(f, "%s is a tmpfs without a size", path);
	if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS))
		return fail_errno(f, "%s", path);
	return steal_fd(&fd);
}

/* Is the working directory there, as a runner made it? */
static bool
has_within(int shm)
{
	struct stat st;

	return fstatat(shm, WITHIN, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

static bool
is_ours(int shm)
{
	scope_dir DIR *d = dir_open(shm, ".");

	return d &&
	       (!dir_next(d, (struct kept){0}) || has_within(shm) ||
		       faccessat(shm, MARK, F_OK, AT_EACCESS) == 0) &&
	       mark(shm) == 0;
}

/* -1 with words when there is none, or others have something in it. */
static int
open_shm(struct fail *f)
{
	scope_fd int fd = open_place(SHM_NAME, f);

	if (fd < 0)
		return -1;
	if (!is_ours(fd))
		return fail_set(f, "others have files in " SHM_NAME);
	return steal_fd(&fd);
}

static int
open_within(int shm, struct fail *f)
{
	struct stat st;

	if (mkdirat(shm, WITHIN, 0700) && errno != EEXIST)
		return fail_errno(f, SHM_NAME "/" WITHIN);
	scope_fd int fd = open_dir(shm, WITHIN);
	if (fd < 0 || fstat(fd, &st))
		return fail_errno(f, SHM_NAME "/" WITHIN);
	if (st.st_uid != geteuid())
		return fail_set(f, SHM_NAME "/" WITHIN " belongs to another");
	return steal_fd(&fd);
}

static int
open_box(struct jail *j, const struct fail *no_shm, char *ret_why,
	size_t why_size, struct fail *f)
{
	struct fail no_box = {0}, no_dir = *no_shm;

	j->places[JAIL_BOX] = open_place(JAIL_WORKDIR, &no_box);
	if (j->places[JAIL_BOX] >= 0)
		return 0;
	if (j->places[JAIL_SHM] >= 0)
		j->places[JAIL_BOX] = open_within(j->places[JAIL_SHM], &no_dir);
	if (j->places[JAIL_BOX] < 0)
		return fail_set(f,
			"runs have no place to write to: %.100s, and %.100s",
			no_box.text, no_dir.text);
	j->box_in_shm = true;
	j->workdir = SHM_NAME "/" WITHIN;
	snprintf(ret_why, why_size, "%s", no_box.text);
	return 0;
}

uint64_t
jail_used_places(const struct jail *j)
{
	uint64_t used = 0;

	for (int i = j->box_in_shm ? JAIL_SHM : JAIL_BOX; i < JAIL_PLACES;
		i++) {
		struct statfs fs;
		if (j->places[i] < 0 || fstatfs(j->places[i], &fs))
			continue;
		used += (fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize +
			(fs.f_files - fs.f_ffree) * DISK_FILE_BYTES;
	}
	return used;
}

/* What the places hold when they are empty. */
static int
measure(struct jail *j, struct fail *f)
{
	for (int i = 0; i < JAIL_PLACES; i++) {
		struct statfs fs;
		if (j->places[i] < 0)
			continue;
		if (fstatfs(j->places[i], &fs))
			return fail_errno(f, "a place cannot be measured");
		uint64_t room = fs.f_bavail * (uint64_t)fs.f_bsize;
		if (!j->disk_bytes || room < j->disk_bytes)
			j->disk_bytes = room;
	}
	if (j->disk_bytes < MIN_DISK_BYTES)
		return fail_set(
			f, "%s has no room for a run's files", j->workdir);
	return 0;
}

int
jail_open_places(struct jail *j, char *ret_why, size_t why_size, struct fail *f)
{
	struct fail no_shm = {0};

	j->places[JAIL_SHM] = open_shm(&no_shm);
	if (open_box(j, &no_shm, ret_why, why_size, f))
		return -1;
	/* A run of another runner may be going on, or be ended right now. */
	if (lock(j->places[JAIL_BOX]))
		return fail_errno(f, "%s cannot be locked", j->workdir);
	if (jail_empty_places(j))
		return fail_errno(f, "%s cannot be emptied", j->workdir);
	if (measure(j, f))
		return -1;
	flock(j->places[JAIL_BOX], LOCK_UN);
	return 0;
}
