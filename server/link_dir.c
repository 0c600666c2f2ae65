/* The directory of stored links. */
#include "server/link_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/scope.h"

/* What is being written; no name of a link. */
#define FRESH "new"

/* Below these is what the jail shows to runs, or lets them write to
 * (sandbox/jail/tbl/paths.h, places.c), and what is no disk. */
static const char *const seen[] = {"/usr", "/dev", "/box", "/proc", "/sys"};

static bool
is_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (!path[n] || path[n] == '/');
}

/* Where a directory is, or would be made. */
static int
resolve(const char *path, char real[PATH_MAX], struct fail *f)
{
	if (realpath(path, real))
		return 0;
	scope_free char *name = strdup(path);
	if (!name)
		abort();
	if (errno != ENOENT || !realpath(dirname(name), real))
		return fail_errno(f, "cannot make %s", path);
	return 0;
}

static int
check_place(const char *path, const char *const *others, struct fail *f)
{
	char real[PATH_MAX], other[PATH_MAX];

	if (resolve(path, real, f))
		return -1;
	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++)
		if (is_within(real, seen[i]))
			return fail_set(f,
				"%s is below %s, of which runs see a part; "
				"choose another directory",
				path, seen[i]);
	for (; *others; others++)
		if (realpath(*others, other) && is_within(real, other))
			return fail_set(f,
				"%s is below %s, which is Vitrine's own; "
				"choose another directory",
				path, *others);
	return 0;
}

static int
check_owner(int fd, const char *path, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st))
		return fail_errno(f, "%s", path);
	if (st.st_uid != geteuid())
		return fail_set(f,
			"%s belongs to the user %u and not to this one, %u",
			path, st.st_uid, geteuid());
	if (st.st_mode & 077)
		return fail_set(f,
			"%s is open to other users (mode %03o): chmod 700 "
			"makes it private",
			path, st.st_mode & 0777U);
	return 0;
}

/* Tries what each link takes. */
static int
check_writable(int fd, const char *path, struct fail *f)
{
	scope_buf struct buf none = BUF_INIT(1);

	if (link_dir_write(fd, "try", &none, f) ||
		link_dir_remove(fd, "try", f))
		return fail_in(f, "%s cannot be written to", path);
	return 0;
}

int
link_dir_open(const char *path, const char *const *others, struct fail *f)
{
	if (check_place(path, others, f))
		return -1;
	if (mkdir(path, 0700) && errno != EEXIST)
		return fail_errno(f, "cannot make %s", path);
	scope_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(f, "cannot open %s", path);
	if (check_owner(fd, path, f))
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK
			       ? fail_set(f, "%s is in use by another server",
					 path)
			       : fail_errno(f, "cannot lock %s", path);
	if (check_writable(fd, path, f))
		return -1;
	return steal_fd(&fd);
}

int
link_dir_read(int dir, const char *name, struct buf *b, struct fail *f)
{
	/* A pipe that somebody put there is not waited for. */
	scope_fd int fd = openat(dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return fail_errno(f, "%s", name);
	if (!S_ISREG(st.st_mode))
		return fail_set(f, "%s is no file", name);
	return io_read_all(fd, b, f);
}

static int
write_fresh(int dir, const struct buf *b, struct fail *f)
{
	if (unlinkat(dir, FRESH, 0) && errno != ENOENT)
		return fail_errno(f, "cannot remove %s", FRESH);
	scope_fd int fd = openat(dir, FRESH,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || io_write_all(fd, b->data, b->len) || fsync(fd))
		return fail_errno(f, "cannot write");
	return 0;
}

int
link_dir_write(int dir, const char *name, const struct buf *b, struct fail *f)
{
	if (write_fresh(dir, b, f)) {
		unlinkat(dir, FRESH, 0);
		return -1;
	}
	if (renameat(dir, FRESH, dir, name) || fsync(dir))
		return fail_errno(f, "cannot put %s in its place", name);
	return 0;
}

int
link_dir_remove(int dir, const char *name, struct fail *f)
{
	if (unlinkat(dir, name, 0) && errno != ENOENT)
		return fail_errno(f, "cannot remove %s", name);
	return 0;
}

int
link_dir_sync(int dir, struct fail *f)
{
	return fsync(dir) ? fail_errno(f, "cannot write the directory") : 0;
}
