/*
 * Landlock: the second fence around the file system, and no TCP, and no signal
 * or abstract socket out of the cell where the kernel's ABI has these.
 *
 * Constants up to ABI 6 are written out: Debian 12's headers end at ABI 2.
 * From include/uapi/linux/landlock.h, Linux 6.12.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sabotage.h"
#include "base/scope.h"
#include "sandbox/gcov.h"
#include "sandbox/jail/jail.h"
#include "sandbox/jail/tbl/paths.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"

#define FS_EXECUTE    (1ULL << 0)
#define FS_WRITE      (1ULL << 1)
#define FS_READ	      (1ULL << 2)
#define FS_READ_DIR   (1ULL << 3)
#define FS_REMOVE     (1ULL << 5)
#define FS_MAKE_CHAR  (1ULL << 6)
#define FS_MAKE_FILE  (1ULL << 8)
#define FS_MAKE_BLOCK (1ULL << 11)
#define FS_REFER      (1ULL << 13)
#define FS_TRUNCATE   (1ULL << 14)
#define FS_IOCTL_DEV  (1ULL << 15)
#define NET_TCP	      3ULL
#define SCOPE_ALL     3ULL

struct ruleset {
	uint64_t fs, net, scoped;
};

/* File system rights that each ABI knows, as a mask of the lowest bits. */
static uint64_t
rights(int abi)
{
	if (abi >= 5)
		return (FS_IOCTL_DEV << 1) - 1;
	if (abi >= 3)
		return (FS_TRUNCATE << 1) - 1;
	return abi == 2 ? (FS_REFER << 1) - 1 : FS_REFER - 1;
}

int
jail_probe_landlock(struct jail *j, struct fail *f)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return fail_errno(f, "this kernel offers no Landlock");
	j->landlock_abi = (int)abi;
	snprintf(j->note[LAYER_LANDLOCK], sizeof(j->note[0]),
		"ABI %ld: files%s%s", abi, abi >= 4 ? ", TCP" : "",
		abi >= 6 ? ", signals and abstract sockets"
			 : "; a cell's own network namespace");
	return 0;
}

static int
allow(int ruleset, const char *path, uint64_t access)
{
	scope_fd int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr a = {
		.allowed_access = access,
		.parent_fd = fd,
	};

	if (fd < 0)
		return -1;
	return (int)syscall(SYS_landlock_add_rule, ruleset,
		LANDLOCK_RULE_PATH_BENEATH, &a, 0);
}

/* The interpreter may be executed; everything else may be read where the root
 * shows it, and written in the scratch. */
static int
allow_root(int ruleset, uint64_t scratch)
{
	return allow(ruleset, "/", FS_READ | FS_READ_DIR) ||
			       allow(ruleset, "/usr/bin",
				       FS_READ | FS_READ_DIR | FS_EXECUTE) ||
			       allow(ruleset, "/dev",
				       FS_READ | FS_READ_DIR | FS_WRITE) ||
			       allow(ruleset, "/dev/shm", scratch) ||
			       allow(ruleset, "/tmp", scratch)
		       ? -1
		       : 0;
}

/* Without a root of its own: path by path. */
static int
allow_paths(const struct jail *j, int ruleset, uint64_t scratch)
{
	static const struct {
		const char *path;
		bool needed;
		enum jail_path kind;
	} paths[] = {
#define X(path, needed, kind) {path, needed, JAIL_##kind},
		PATH_TABLE(X)
#undef X
	};
	static const uint64_t access[] = {
		[JAIL_PROGRAM] = FS_READ | FS_EXECUTE,
		[JAIL_DIR] = FS_READ | FS_READ_DIR,
		[JAIL_LIST] = FS_READ_DIR,
		[JAIL_DEVICE] = FS_READ | FS_WRITE,
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		char path[PATH_MAX];
		jail_path_name(path, paths[i].path, j->version);
		if (allow(ruleset, path, access[paths[i].kind]) &&
			(paths[i].needed || errno != ENOENT))
			return -1;
	}
	if (j->places[JAIL_SHM] < 0)
		return 0;
	/* Files that come and go, and no directory that could: see places.c.
	 * What is in one of them is allowed by its own rule. */
	return allow(ruleset, "/dev/shm",
		j->box_in_shm ? scratch & (FS_READ | FS_READ_DIR | FS_WRITE |
						  FS_TRUNCATE | FS_REMOVE |
						  FS_MAKE_FILE)
			      : scratch);
}

int
jail_close_landlock(const struct jail *j)
{
	uint64_t all = rights(j->landlock_abi);
	uint64_t scratch = all & ~(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK |
					 FS_IOCTL_DEV);
	struct ruleset r = {
		.fs = all,
		.net = j->landlock_abi >= 4 ? NET_TCP : 0,
		.scoped = j->landlock_abi >= 6 && !SABOTAGE(LANDLOCK_SCOPE)
				  ? SCOPE_ALL
				  : 0,
	};
	size_t size = j->landlock_abi >= 6 ? 24 : j->landlock_abi >= 4 ? 16 : 8;

	if (!(j->layers & BIT(LAYER_LANDLOCK)) || SABOTAGE(LANDLOCK))
		return 0;
	scope_fd int fd =
		(int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0)
		return -1;
	if (allow(fd, LOADER, FS_READ | FS_EXECUTE) ||
		allow(fd, j->workdir, scratch) ||
		(jail_is_plain(j) ? allow_paths(j, fd, scratch)
				  : allow_root(fd, scratch)))
		return -1;
#ifdef VITRINE_COVERAGE
	if (allow(fd, GCOV_DIR, scratch))
		return -1;
#endif
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}
