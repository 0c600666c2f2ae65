/* The read-only root: what of the system a snippet can see, and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/gcov.h"
#include "sandbox/jail/jail.h"
#include "sandbox/jail/tbl/paths.h"

#define LOADER	      "/usr/lib64/ld-linux-x86-64.so.2"
#define LOADER_TARGET "../lib/" JAIL_TRIPLET "/ld-linux-x86-64.so.2"

/* Where the root is put together; only a mount point, hidden afterwards. */
static const char *const mount_points[] = {"/mnt", "/srv", "/media", "/opt"};

/* Made as directories in the root. */
static const char *const dirs[] = {"/usr", "/usr/bin", "/usr/lib", "/usr/lib64",
	"/usr/lib/python3", "/usr/lib/python3/dist-packages", "/usr/share",
	"/etc", "/etc/alternatives", "/dev", "/dev/shm", "/tmp", "/box", "/var",
	"/usr/lib/locale"};

static const struct {
	const char *at, *to;
} links[] = {
	{"/lib", "usr/lib"},
	{"/lib64", "usr/lib64"},
	{"/bin", "usr/bin"},
	{"/var/tmp", "/tmp"},
	{LOADER, LOADER_TARGET},
};

static const struct {
	const char *path;
	bool needed;
	enum jail_path kind;
} binds[] = {
#define X(path, needed, kind) {path, needed, JAIL_##kind},
	PATH_TABLE(X)
#undef X
};

/* Debian's alternatives that numpy's libraries go through. */
static const char *const alternatives[] = {
	"/etc/alternatives/libblas.so.3-" JAIL_TRIPLET,
	"/etc/alternatives/liblapack.so.3-" JAIL_TRIPLET,
};

static const struct {
	const char *path, *text;
} texts[] = {
	/* Owners of files that programs look up: root's and the host's are
	 * nobody's in the namespace. */
	{"/etc/passwd",
		"root:x:0:0:root:/:/bin/false\n"
		"vitrine:x:1000:1000:vitrine:/box:/bin/false\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"},
	{"/etc/group", "root:x:0:\n"
		       "vitrine:x:1000:\n"
		       "nogroup:x:65534:\n"},
	{"/etc/hosts", "127.0.0.1 localhost\n"},
};

static int
write_text(const char *path, const char *text)
{
	scope_fd int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	return fd < 0 ? -1 : io_write_all(fd, text, strlen(text));
}

static int
bind_one(const char *base, const char *path, const char *from, bool file,
	struct fail *f)
{
	char at[PATH_MAX];

	snprintf(at, sizeof(at), "%s%s", base, path);
	if (file ? write_text(at, "") : (mkdir(at, 0755) && errno != EEXIST))
		return fail_errno(f, "cannot make %s in the root", path);
	if (mount(from, at, NULL, MS_BIND | MS_REC, NULL))
		return fail_errno(f, "cannot bind %s into the root", path);
	return 0;
}

void
jail_path_name(char ret[PATH_MAX], const char *path, const char *version)
{
	const char *at = strstr(path, "%s");

	if (at)
		snprintf(ret, PATH_MAX, "%.*s%s%s", (int)(at - path), path,
			version, at + 2);
	else
		snprintf(ret, PATH_MAX, "%s", path);
}

/* Where to take it from: devices are the machine's. */
static const char *
source(const struct jail *j, const char *path, enum jail_path kind)
{
	return j->own_root && kind != JAIL_DEVICE ? path + 1 : path;
}

static int
bind_all(const char *base, const struct jail *j, struct fail *f)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(binds) / sizeof(*binds); i++) {
		/* What is only listed is made: it is among dirs. */
		if (binds[i].kind == JAIL_LIST)
			continue;
		jail_path_name(path, binds[i].path, j->version);
		const char *from = source(j, path, binds[i].kind);
		if (access(from, F_OK)) {
			if (!binds[i].needed)
				continue;
			return fail_set(f, "%s is not %s: %s", path,
				j->own_root ? "in the runtime's root"
					    : "on this system",
				strerror(errno));
		}
		if (bind_one(base, path, from, binds[i].kind != JAIL_DIR, f))
			return -1;
	}
	return 0;
}

static int
make_tree(const char *base, const struct jail *j, struct fail *f)
{
	char at[PATH_MAX], to[PATH_MAX];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(at, sizeof(at), "%s%s", base, dirs[i]);
		if (mkdir(at, 0755))
			return fail_errno(f, "cannot make %s", dirs[i]);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(at, sizeof(at), "%s%s", base, links[i].at);
		if (symlink(links[i].to, at))
			return fail_errno(f, "cannot link %s", links[i].at);
	}
	snprintf(at, sizeof(at), "%s/usr/bin/python3", base);
	snprintf(to, sizeof(to), "python%s", j->version);
	if (symlink(to, at))
		return fail_errno(f, "cannot link /usr/bin/python3");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		snprintf(at, sizeof(at), "%s%s", base, texts[i].path);
		if (write_text(at, texts[i].text))
			return fail_errno(f, "cannot write %s", texts[i].path);
	}
	for (size_t i = 0; !j->own_root &&
			   i < sizeof(alternatives) / sizeof(*alternatives);
		i++) {
		ssize_t n = readlink(alternatives[i], to, sizeof(to) - 1);
		if (n < 0)
			continue; /* numpy is not installed */
		to[n] = '\0';
		snprintf(at, sizeof(at), "%s%s", base, alternatives[i]);
		if (symlink(to, at))
			return fail_errno(f, "cannot link %s", alternatives[i]);
	}
	return bind_all(base, j, f);
}

static int
lock_tree(const char *base, struct fail *f)
{
	struct mount_attr a = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
	};

	/* Devices that were bound must stay usable: nodev only for the rest,
	 * where nobody can make a node anyway. */
	if (!SABOTAGE(READONLY_ROOT) &&
		syscall(SYS_mount_setattr, AT_FDCWD, base, AT_RECURSIVE, &a,
			sizeof(a)))
		return fail_errno(f, "the root cannot be made read-only");
	return 0;
}

/* A build that counts its own coverage (`make coverage`) writes it where its
 * objects are: that directory is the one hole in the root. */
static int
bind_coverage(const char *base, bool locked, struct fail *f)
{
#ifdef VITRINE_COVERAGE
	char at[PATH_MAX];

	snprintf(at, sizeof(at), "%s" GCOV_DIR, base);
	if (!locked && mkdir(at, 0755))
		return fail_errno(f, "cannot make " GCOV_DIR);
	if (locked && mount(VITRINE_COVERAGE_DIR, at, NULL, MS_BIND, NULL))
		return fail_errno(f, "cannot bind " VITRINE_COVERAGE_DIR);
#endif
	(void)base;
	(void)locked;
	(void)f;
	return 0;
}

int
jail_enter_root(struct jail *j, struct fail *f)
{
	const char *base = NULL;
	struct stat st;

	if (!(j->layers & BIT(LAYER_NAMESPACES)))
		return 0;
	for (size_t i = 0; i < sizeof(mount_points) / sizeof(*mount_points);
		i++)
		if (!base && !stat(mount_points[i], &st) && S_ISDIR(st.st_mode))
			base = mount_points[i];
	if (!base)
		return fail_set(f, "no directory to put the root together on");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail_errno(f, "mounts cannot be made private");
	if (mount("root", base, "tmpfs", MS_NOSUID,
		    "size=1m,nr_inodes=256,mode=755"))
		return fail_errno(f, "a tmpfs cannot be mounted");
	umask(022);
	if (make_tree(base, j, f) || bind_coverage(base, false, f) ||
		lock_tree(base, f) || bind_coverage(base, true, f))
		return -1;
	if (chdir(base) || syscall(SYS_pivot_root, ".", ".") ||
		umount2(".", MNT_DETACH) || chdir("/"))
		return fail_errno(f, "pivot_root");
	return 0;
}

/* --- How much that is ----------------------------------------------------- */

static uint64_t counted;

static int
count(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)at;
	if (type == FTW_F)
		counted += (uint64_t)st->st_size;
	return 0;
}

uint64_t
jail_root_bytes(const struct jail *j)
{
	if (!j->own_root)
		return 0;
	counted = 0;
	nftw("/usr", count, 16, FTW_PHYS);
	return counted;
}
