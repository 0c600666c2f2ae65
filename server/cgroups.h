/*
 * Control groups for cells, where this process may make some.
 *
 * The kernel then bounds the memory and the processes of a run as a whole,
 * which limits of single processes cannot.  Version 2 is used where the
 * controllers memory and pids were delegated to this process: the group that it
 * is in is its own to divide (systemd's Delegate=, a container with a writable
 * hierarchy), else version 1, where both hierarchies can be written.  Nothing
 * is lost where there is none but that bound.
 *
 * Below the group of this process a directory vitrine-<pid> is made, of which
 * runners are given descriptors; they make a group in it for each cell
 * (sandbox/jail/cgroup.c).
 */
#ifndef SERVER_CGROUPS_H
#define SERVER_CGROUPS_H

#include <limits.h>

/* Version 1: memory, pids.  Version 2: one for both. */
#define CGROUP_FDS 2

struct cgroups {
	int version; /* 0: none; why says the reason */
	int fd[CGROUP_FDS];
	int lock[CGROUP_FDS]; /* this server is alive */
	char path[CGROUP_FDS][PATH_MAX];
	char why[160];
};

/* Looks, makes the directory, and removes those of servers that are gone. */
void cgroups_open(struct cgroups *ret_c);
/* After a runner: removes the groups of those that are gone. */
void cgroups_tidy(const struct cgroups *c);
/* After the last runner: removes what was made. */
void cgroups_close(struct cgroups *c);

#endif
