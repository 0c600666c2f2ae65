/* A runner's arguments, descriptors, signals and environment. */
#include "server/runner_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sabotage.h"
#include "wire/runtime.h"

#define FD_CONTROL 3

static void
name_layers(uint32_t set, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (int i = 0; i < LAYER_COUNT; i++)
		if (set & BIT(i))
			n += (size_t)snprintf(ret + n, size - n, "%s%s",
				n ? "," : "", layer_name((enum layer)i));
}

static int
spawn_actions(posix_spawn_file_actions_t *a, int sock, const struct cgroups *g)
{
	int next = FD_CONTROL + 1;

	/* First, for it may have a number that is taken next; those of the
	 * groups are higher than any of these. */
	if (posix_spawn_file_actions_adddup2(a, sock, FD_CONTROL))
		return -1;
	for (int i = 0; i < CGROUP_FDS; i++)
		if (g->fd[i] >= 0 &&
			posix_spawn_file_actions_adddup2(a, g->fd[i], next++))
			return -1;
	return posix_spawn_file_actions_addopen(
		       a, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
	       posix_spawn_file_actions_addopen(
		       a, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ||
	       posix_spawn_file_actions_addclosefrom_np(a, next);
}

/* The dispositions and the mask of the server are not the runner's. */
static int
spawn_attributes(posix_spawnattr_t *a)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	return posix_spawnattr_setsigdefault(a, &all) ||
	       posix_spawnattr_setsigmask(a, &none) ||
	       posix_spawnattr_setflags(
		       a, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int
spawn(const struct runner_config *c, const char *program, char *const *argv,
	int sock, pid_t *ret_pid, struct fail *f)
{
#define ENTRY(name, value) (char *)name "=" value,
	char *const environment[] = {RUNTIME_ENVIRONMENT(ENTRY) NULL};
#undef ENTRY
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	if (!spawn_actions(&actions, sock, c->cgroups) &&
		!spawn_attributes(&attributes))
		rc = posix_spawn(ret_pid, program, &actions, &attributes, argv,
			SABOTAGE(ENVIRONMENT) ? environ : environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (rc) {
		errno = rc > 0 ? rc : ENOMEM;
		return fail_errno(f, "cannot start %s", program);
	}
	return 0;
}

int
runner_spawn(
	const struct runner_config *c, int sock, pid_t *ret_pid, struct fail *f)
{
	char standby[16], rest[16], seed[24], missing[128], version[8];
	char loader[PATH_MAX], libraries[PATH_MAX];
	const char *program = c->path;
	char *argv[20];
	int n = 0;

	snprintf(standby, sizeof(standby), "%u", c->standby);
	snprintf(rest, sizeof(rest), "%u", c->rest_seconds);
	snprintf(seed, sizeof(seed), "%lld", (long long)c->hash_seed);
	name_layers(c->allow_missing, missing, sizeof(missing));
	if (c->root) {
		snprintf(loader, sizeof(loader), "%s/" RUNTIME_LOADER, c->root);
		snprintf(libraries, sizeof(libraries), "%s/" RUNTIME_LIBRARIES,
			c->root);
		program = loader;
		argv[n++] = loader;
		argv[n++] = (char *)RUNTIME_NO_CACHE;
		argv[n++] = (char *)RUNTIME_LIBRARY_PATH;
		argv[n++] = libraries;
	}
	argv[n++] = (char *)c->path;
	argv[n++] = (char *)"--socket";
	argv[n++] = (char *)"3";
	argv[n++] = (char *)"--standby";
	argv[n++] = standby;
	if (c->rest_seconds) {
		argv[n++] = (char *)"--rest-seconds";
		argv[n++] = rest;
	}
	if (c->root) {
		argv[n++] = (char *)"--root";
		argv[n++] = (char *)c->root;
	}
	if (missing[0]) {
		argv[n++] = (char *)"--allow-missing";
		argv[n++] = missing;
	}
	if (c->hash_seed >= 0) {
		argv[n++] = (char *)"--hash-seed";
		argv[n++] = seed;
	}
	if (c->cgroups->version) {
		snprintf(version, sizeof(version), "%d", c->cgroups->version);
		argv[n++] = (char *)"--cgroups";
		argv[n++] = version;
	} else {
		argv[n++] = (char *)"--no-cgroups";
		argv[n++] = (char *)c->cgroups->why;
	}
	argv[n] = NULL;
	return spawn(c, program, argv, sock, ret_pid, f);
}
