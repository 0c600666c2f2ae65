/* Which runtimes there are. */
#include "server/runtimes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "wire/runtime.h"

#define RUNNER_PREFIX "runner-"

struct search {
	const char *dir;
	struct runtime *(*add)(void *arg, const char *id);
	void *arg;
	unsigned found;
};

static bool
id_ok(const char *id)
{
	size_t n = strspn(id, "0123456789.abcdefghijklmnopqrstuvwxyz");

	return isdigit((unsigned char)id[0]) && !id[n] && n < 16;
}

static int
join(char ret[PATH_MAX], const char *dir, const char *name, struct fail *f)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return fail_set(f, "the path of the runners is too long");
	return 0;
}

/* The server starts it as itself, and its jail comes later: whoever can write
 * there is as trusted as the server. */
static int
check_owner(const char *path, struct fail *f)
{
	struct stat st;

	if (stat(path, &st))
		return fail_errno(f, "%.200s", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fail_set(f,
			"%.200s belongs to somebody else (uid %u): it has to "
			"be root's, or of the user who serves",
			path, st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail_set(f,
			"others may write to %.200s (mode %03o): chmod go-w",
			path, st.st_mode & 0777);
	return 0;
}

/* A directory with a root: is it as it should be? */
static int
examine(struct runtime *rt, const char *dir, struct fail *f)
{
	char loader[PATH_MAX];

	if (join(rt->path, dir, RUNTIME_RUNNER, f) ||
		join(rt->root, dir, RUNTIME_ROOT, f) ||
		join(loader, rt->root, RUNTIME_LOADER, f))
		return -1;
	if (check_owner(dir, f) || check_owner(rt->root, f) ||
		check_owner(rt->path, f) || check_owner(loader, f))
		return -1;
	if (access(rt->path, X_OK))
		return fail_errno(f, "%.200s cannot be executed", rt->path);
	return 0;
}

static int
each(struct search *s, const char *dir, const char *prefix, bool own_root,
	struct fail *f)
{
	scope_dir DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return fail_errno(f, "%s", dir);
	while ((entry = readdir(d))) {
		const char *id = entry->d_name + strlen(prefix);
		char path[PATH_MAX];
		struct fail why = {0};
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
			!id_ok(id))
			continue;
		if (join(path, dir, entry->d_name, f))
			return -1;
		struct runtime *rt = s->add(s->arg, id);
		if (!rt)
			continue;
		s->found++;
		if (!own_root) {
			snprintf(rt->path, sizeof(rt->path), "%s", path);
		} else if (examine(rt, path, &why)) {
			rt->state = RUNTIME_BROKEN;
			snprintf(
				rt->reason, sizeof(rt->reason), "%s", why.text);
		}
	}
	return 0;
}

int
runtimes_find(const char *dir,
	struct runtime *(*add)(void *arg, const char *id), void *arg,
	struct fail *f)
{
	struct search s = {dir, add, arg, 0};
	char more[PATH_MAX];

	if (join(more, dir, RUNTIME_DIR, f) ||
		each(&s, dir, RUNNER_PREFIX, false, f))
		return -1;
	if (access(more, F_OK) == 0 && each(&s, more, "", true, f))
		return -1;
	if (!s.found)
		return fail_set(f,
			"no " RUNNER_PREFIX "* program in %s that is asked for",
			dir);
	return 0;
}
