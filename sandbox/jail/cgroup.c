/*
 * Control groups: the memory and the processes of a run as a whole.
 *
 * The server gave the runner directories of its own (server/cgroups.c).  Each
 * place for a cell has a group in them, used by one cell after the other; the
 * child moves there before it is jailed, the init stays outside, so that it
 * lives to tell when the kernel ended what is in it: Documentation/admin-guide,
 * cgroup-v2.rst and cgroup-v1/memory.rst.
 *
 * Interpreter and run count together with what the run keeps in its places,
 * which are memory, too.  So a group may take what a single process may, all of
 * the disk, and some for what the kernel keeps for them: whoever stays within
 * these limits never meets this one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sabotage.h"
#include "base/scope.h"
#include "base/log.h"
#include "sandbox/jail/jail.h"

#define KERNEL_BYTES  (16 * MIB)
#define PROCESS_SLACK 2

enum { MEMORY, PIDS };

/* Of that controller, for the cell's place; version 2 has one for both. */
static int
dir_of(const struct jail *j, int controller)
{
	return j->cgroup_fd[j->cgroup_version == 1 ? controller : 0];
}

static int
open_file(const struct jail *j, unsigned place, int controller,
	const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "%u-%u/%s", j->cgroup_owner, place, name);
	return openat(dir_of(j, controller), path, flags | O_CLOEXEC);
}

static int
put(const struct jail *j, unsigned place, int controller, const char *name,
	const char *text)
{
	scope_fd int fd = open_file(j, place, controller, name, O_WRONLY);
	size_t n = strlen(text);

	return fd >= 0 && write(fd, text, n) == (ssize_t)n ? 0 : -1;
}

static int
put_number(const struct jail *j, unsigned place, int controller,
	const char *name, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	return put(j, place, controller, name, text);
}

/* How many processes of the group the kernel has ended for memory, ever. */
static uint64_t
count_kills(const struct jail *j, unsigned place)
{
	const char *name =
		j->cgroup_version == 1 ? "memory.oom_control" : "memory.events";
	scope_fd int fd = open_file(j, place, MEMORY, name, O_RDONLY);
	char text[512];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return 0;
	text[n] = '\0';
	const char *at = strstr(text, "oom_kill ");
	return at ? strtoull(at + strlen("oom_kill "), NULL, 10) : 0;
}

void
jail_enter_cgroups(struct jail *j, unsigned version)
{
	char *note = j->note[LAYER_CGROUPS];

	j->cgroup_owner = (unsigned)getpid();
	j->cgroup_version = version;
	if (version == 2) {
		/* Who moves a process needs both ends and what is above them to
		 * be its own: so this one is below the same directory. */
		scope_fd int fd = openat(j->cgroup_fd[0],
			"runners/cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1) {
			snprintf(note, sizeof(j->note[0]),
				"missing: the runner cannot be moved: %s",
				strerror(errno));
			j->cgroup_version = 0;
			return;
		}
	}
	snprintf(note, sizeof(j->note[0]),
		"version %u: memory and processes of a run as a whole",
		version);
	j->layers |= BIT(LAYER_CGROUPS);
}

int
jail_make_cgroup(const struct jail *j, unsigned place)
{
	char name[32];

	if (!(j->layers & BIT(LAYER_CGROUPS)))
		return 0;
	snprintf(name, sizeof(name), "%u-%u", j->cgroup_owner, place);
	for (int i = 0; i < (j->cgroup_version == 1 ? 2 : 1); i++)
		if (mkdirat(j->cgroup_fd[i], name, 0755) && errno != EEXIST)
			return -1;
	return 0;
}

void
jail_remove_cgroup(const struct jail *j, unsigned place)
{
	char name[32];

	if (!(j->layers & BIT(LAYER_CGROUPS)))
		return;
	snprintf(name, sizeof(name), "%u-%u", j->cgroup_owner, place);
	for (int i = 0; i < (j->cgroup_version == 1 ? 2 : 1); i++)
		if (unlinkat(j->cgroup_fd[i], name, AT_REMOVEDIR) &&
			errno != ENOENT)
			log_error("the control group %s stays: %s", name,
				strerror(errno));
}

int
jail_join_cgroup(const struct jail *j, unsigned place, pid_t pid)
{
	if (!(j->layers & BIT(LAYER_CGROUPS)) || SABOTAGE(CGROUPS))
		return 0;
	if (put_number(j, place, MEMORY, "cgroup.procs", (uint64_t)pid))
		return -1;
	return j->cgroup_version == 1 ? put_number(j, place, PIDS,
						"cgroup.procs", (uint64_t)pid)
				      : 0;
}

static int
limit_memory(const struct jail *j, unsigned place, uint64_t bytes)
{
	static const char limit[] = "memory.limit_in_bytes",
			  with_swap[] = "memory.memsw.limit_in_bytes";

	if (j->cgroup_version == 2) {
		/* All of it goes, or a run would go on with a part of it. */
		if (put_number(j, place, MEMORY, "memory.max", bytes) ||
			put(j, place, MEMORY, "memory.oom.group", "1"))
			return -1;
		/* Not there without swap. */
		put(j, place, MEMORY, "memory.swap.max", "0");
		return 0;
	}
	/* The second may not be below the first, whichever way they go; not
	 * every kernel has it. */
	put_number(j, place, MEMORY, with_swap, bytes);
	if (put_number(j, place, MEMORY, limit, bytes))
		return -1;
	put_number(j, place, MEMORY, with_swap, bytes);
	return 0;
}

/* Version 1 ends one process of the group, and the rest would go on without it:
 * an eventfd that becomes readable then, cgroup-v1/memory.rst, section 10. */
static int
watch_memory(const struct jail *j, unsigned place)
{
	char text[32];
	scope_fd int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	scope_fd int control =
		open_file(j, place, MEMORY, "memory.oom_control", O_RDONLY);

	snprintf(text, sizeof(text), "%d %d", event, control);
	if (event < 0 || control < 0 ||
		put(j, place, MEMORY, "cgroup.event_control", text))
		return -1;
	return steal_fd(&event);
}

int
jail_watch_cgroup(
	const struct jail *j, unsigned place, struct cgroup_count *ret)
{
	*ret = (struct cgroup_count){.event = -1};
	if (!(j->layers & BIT(LAYER_CGROUPS)))
		return 0;
	ret->kills = count_kills(j, place);
	if (j->cgroup_version == 1)
		ret->event = watch_memory(j, place);
	return j->cgroup_version == 1 && ret->event < 0 ? -1 : 0;
}

int
jail_limit_cgroup(const struct jail *j, unsigned place, const struct limits *l,
	struct cgroup_count *c)
{
	uint64_t bytes = l->memory_bytes + l->memory_bytes / 32 +
			 l->disk_bytes + KERNEL_BYTES;
	uint64_t processes = l->processes + PROCESS_SLACK;

	if (!(j->layers & BIT(LAYER_CGROUPS)))
		return 0;
	if (bytes != c->bytes && limit_memory(j, place, bytes))
		return -1;
	c->bytes = bytes;
	if (processes != c->processes &&
		put_number(j, place, PIDS, "pids.max", processes))
		return -1;
	c->processes = processes;
	return 0;
}

bool
jail_cgroup_ran_out(
	const struct jail *j, unsigned place, const struct cgroup_count *c)
{
	uint64_t times;

	if (!(j->layers & BIT(LAYER_CGROUPS)))
		return false;
	/* Version 1 says so before it picks whom to end, and counts only after:
	 * one whom the init was quicker to end is never counted
	 * (mm/memcontrol-v1.c, mem_cgroup_oom_notify). */
	if (c->event >= 0 && read(c->event, &times, sizeof(times)) > 0)
		return true;
	return count_kills(j, place) > c->kills;
}
