/* Finding, making and removing control groups: cgroups(7). */
#include "server/cgroups.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/sabotage.h"
#include "base/scope.h"
#include "wire/limits.h"

#define PREFIX	   "vitrine-"
#define LINE_BYTES 8192

/* --- Finding ------------------------------------------------------------- */

/* Is `word` one of those in a list with `between` between them? */
static bool
has_word(const char *list, const char *word, const char *between)
{
	const size_t n = strlen(word);

	for (; list; list = strpbrk(list, between)) {
		list += strspn(list, between);
		if (strncmp(list, word, n) == 0 &&
			(!list[n] || strchr(between, list[n])))
			return true;
	}
	return false;
}

/* Where the hierarchy of a controller ("" is version 2) is mounted, and which
 * of its directories is there: proc_pid_mountinfo(5). */
static int
find_mount(
	const char *controller, char ret_at[PATH_MAX], char ret_root[PATH_MAX])
{
	scope_file FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[LINE_BYTES], type[32], options[LINE_BYTES];

	while (f && fgets(line, sizeof(line), f)) {
		const char *rest = strstr(line, " - ");
		if (!rest || sscanf(line, "%*d %*d %*s %4095s %4095s", ret_root,
				     ret_at) != 2)
			continue;
		if (sscanf(rest, " - %31s %*s %8191s", type, options) != 2)
			continue;
		if (*controller ? strcmp(type, "cgroup") == 0 &&
					  has_word(options, controller, ",")
				: strcmp(type, "cgroup2") == 0)
			return 0;
	}
	return -1;
}

/* The group that this process is in: cgroups(7), /proc/pid/cgroup. */
static int
find_group(const char *controller, char ret[PATH_MAX])
{
	scope_file FILE *f = fopen("/proc/self/cgroup", "re");
	char line[LINE_BYTES];

	while (f && fgets(line, sizeof(line), f)) {
		char *list = strchr(line, ':');
		char *path = list ? strchr(++list, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		if (*controller ? !has_word(list, controller, ",") : *list)
			continue;
		snprintf(ret, PATH_MAX, "%.4000s", path);
		return 0;
	}
	return -1;
}

/* The directory of the group of this process, as it can be reached here. */
static int
find_directory(const char *controller, char ret[PATH_MAX])
{
	char at[PATH_MAX], root[PATH_MAX], group[PATH_MAX];

	if (find_mount(controller, at, root) || find_group(controller, group))
		return -1;
	const size_t n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(group, root, n) != 0)
		return -1; /* not in what is mounted here */
	int len = snprintf(ret, PATH_MAX, "%s%s", at, group + n);
	return len < PATH_MAX - 64 ? 0 : -1;
}

static bool
says_delegated(const char *dir, const char *attribute)
{
	char value;

	return getxattr(dir, attribute, &value, 1) == 1 && value == '1';
}

/* Root may write everywhere, and must not divide a group that systemd manages
 * unless that says so; the root of what is seen is a container's own. */
static bool
is_delegated(const char *dir)
{
	char group[PATH_MAX];

	return geteuid() != 0 || says_delegated(dir, "trusted.delegate") ||
	       says_delegated(dir, "user.delegate") ||
	       (find_group("", group) == 0 && strcmp(group, "/") == 0);
}

/* --- Making -------------------------------------------------------------- */

static int
write_at(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	scope_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	return fd >= 0 && write(fd, text, n) == (ssize_t)n ? 0 : -1;
}

static bool
has_controllers(const char *dir)
{
	char path[PATH_MAX + 64], line[LINE_BYTES] = "";

	snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	scope_file FILE *f = fopen(path, "re");
	return f && fgets(line, sizeof(line), f) &&
	       has_word(line, "memory", " \n") && has_word(line, "pids", " \n");
}

/* A directory for this server in that one; its path in ret is what is removed
 * at the end. */
static int
make(char ret[PATH_MAX], const char *in, const char *what)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" PREFIX "%d%s", in, (int)getpid(),
		    what) >= (int)sizeof(path))
		return -1;
	if (mkdir(path, 0755) && errno != EEXIST)
		return -1;
	memcpy(ret, path, sizeof(path));
	return 0;
}

/* A runner that was started by root is another user by then. */
static int
hand_over(const char *dir)
{
	static const char *const files[] = {"", "/cgroup.procs",
		"/cgroup.subtree_control", "/cgroup.threads"};
	char path[PATH_MAX + 64];

	for (size_t i = 0; geteuid() == 0 && i < sizeof(files) / sizeof(*files);
		i++) {
		snprintf(path, sizeof(path), "%s%s", dir, files[i]);
		if (!SABOTAGE(USER_ID) && chown(path, RUNNER_ID, RUNNER_ID) &&
			errno != ENOENT)
			return -1;
	}
	return 0;
}

/* Above the numbers that a runner gets them as: see spawn_actions in
 * runner.c. */
static int
open_directory(const char *path)
{
	scope_fd int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

/* Held for as long as the server lives: who looks from another PID namespace
 * cannot tell by its number. -1 when another has it. */
static int
lock_directory(const char *path)
{
	scope_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return -1;
	return steal_fd(&fd);
}

/* A group with groups in it may have no processes of its own: this process
 * goes into one beside those of the cells. */
static int
divide(const char *own)
{
	static const char wanted[] = "+memory +pids";
	char side[PATH_MAX];

	if (write_at(own, "cgroup.subtree_control", wanted) == 0)
		return 0;
	if (errno != EBUSY || make(side, own, ".server") ||
		write_at(side, "cgroup.procs", "0"))
		return -1;
	return write_at(own, "cgroup.subtree_control", wanted);
}

static int
open_second(struct cgroups *c)
{
	char own[PATH_MAX], runners[PATH_MAX + 16];

	if (find_directory("", own) || !has_controllers(own)) {
		snprintf(c->why, sizeof(c->why),
			"no cgroup of version 2 with memory and pids");
		return -1;
	}
	if (!is_delegated(own)) {
		snprintf(c->why, sizeof(c->why),
			"the cgroup was not delegated (Delegate=yes in the "
			"unit)");
		return -1;
	}
	if (divide(own) || make(c->path[0], own, "") || hand_over(c->path[0]) ||
		write_at(c->path[0], "cgroup.subtree_control", "+memory +pids"))
		goto refused;
	snprintf(runners, sizeof(runners), "%s/runners", c->path[0]);
	if ((mkdir(runners, 0755) && errno != EEXIST) || hand_over(runners))
		goto refused;
	c->fd[0] = open_directory(c->path[0]);
	if (c->fd[0] >= 0) {
		c->version = 2;
		return 0;
	}
refused:
	snprintf(c->why, sizeof(c->why), "cgroups of version 2: %s",
		strerror(errno));
	return -1;
}

static int
open_first(struct cgroups *c)
{
	static const char *const controllers[CGROUP_FDS] = {"memory", "pids"};

	char own[PATH_MAX];

	for (int i = 0; i < CGROUP_FDS; i++) {
		if (find_directory(controllers[i], own))
			return -1;
		if (make(c->path[i], own, "") || hand_over(c->path[i]) ||
			(c->fd[i] = open_directory(c->path[i])) < 0) {
			snprintf(c->why, sizeof(c->why),
				"cgroups of version 1, %s: %s", controllers[i],
				strerror(errno));
			return -1;
		}
	}
	c->version = 1;
	return 0;
}

/* --- Removing ------------------------------------------------------------ */

static bool
is_gone(const char *pid)
{
	char *end;
	long v = strtol(pid, &end, 10);

	return end != pid && v > 0 && kill((pid_t)v, 0) && errno == ESRCH;
}

/* The groups in it, which have none in them; all, or those of runners that are
 * gone.  One with a process in it stays. */
static void
clear_below(const char *path, bool all)
{
	char below[PATH_MAX + 256];
	scope_dir DIR *d = opendir(path);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		if (all || is_gone(e->d_name))
			rmdir(below);
	}
}

/* False while a process is left. */
static bool
clear(const char *path)
{
	clear_below(path, true);
	return rmdir(path) == 0 || errno == ENOENT;
}

/* What servers left behind that were killed. */
static void
sweep(const char *beside)
{
	char path[PATH_MAX + 256];
	const char *slash = strrchr(beside, '/');
	const int n = slash ? (int)(slash - beside) : 0;

	snprintf(path, sizeof(path), "%.*s", n, beside);
	scope_dir DIR *d = n ? opendir(path) : NULL;
	const struct dirent *e;
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 ||
			!is_gone(e->d_name + strlen(PREFIX)))
			continue;
		snprintf(path, sizeof(path), "%.*s/%s", n, beside, e->d_name);
		scope_fd int lock = lock_directory(path);
		if (lock >= 0)
			clear(path);
	}
}

static void
drop(struct cgroups *c)
{
	for (int i = 0; i < CGROUP_FDS; i++) {
		scope_close_fd_(&c->fd[i]);
		c->fd[i] = -1;
		scope_close_fd_(&c->lock[i]);
		c->lock[i] = -1;
		if (c->path[i][0])
			clear(c->path[i]);
		c->path[i][0] = '\0';
	}
}

void
cgroups_open(struct cgroups *ret_c)
{
	*ret_c = (struct cgroups){.fd = {-1, -1}, .lock = {-1, -1}};
	if (open_second(ret_c)) {
		drop(ret_c);
		if (open_first(ret_c))
			drop(ret_c);
	}
	for (int i = 0; i < CGROUP_FDS && ret_c->version; i++) {
		ret_c->lock[i] = lock_directory(ret_c->path[i]);
		sweep(ret_c->path[i]);
	}
}

void
cgroups_tidy(const struct cgroups *c)
{
	for (int i = 0; i < CGROUP_FDS; i++)
		if (c->path[i][0])
			clear_below(c->path[i], false);
}

void
cgroups_close(struct cgroups *c)
{
	/* The last processes of cells are on their way out when the last runner
	 * is gone, and no event of version 1 tells that they are.  What is not
	 * gone in time is swept by the next server. */
	for (int tries = 0; tries < 200; tries++) {
		bool gone = true;
		for (int i = 0; i < CGROUP_FDS; i++)
			gone &= !c->path[i][0] || clear(c->path[i]);
		if (gone)
			break;
		usleep(5000);
	}
	drop(c);
}
