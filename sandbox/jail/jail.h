/*
 * The jail: what confines a cell.  A file per kernel facility; no Python here.
 *
 * Order, which matters: the runner enters its own user, mount, network, IPC and
 * UTS namespaces and builds the read-only root once (ns.c, root.c).  For each
 * cell the init gets a user, PID and mount namespace of its own and mounts the
 * scratch (ns.c, scratch.c).  The child then drops capabilities (creds.c), sets
 * limits (rlimits.c), and closes Landlock and last seccomp (landlock.c,
 * seccomp.c) before it is given a byte of the caller's.
 *
 * Functions of the child's side make plain system calls only: no malloc, no
 * libseccomp (seccomp_load of 2.5.4 allocates: the program is exported once).
 */
#ifndef SANDBOX_JAIL_JAIL_H
#define SANDBOX_JAIL_JAIL_H

#include <limits.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"
#include "wire/msg.h"

/* Where runs are, in their own directory: j->workdir is this nearly always. */
#define JAIL_WORKDIR "/box"
/* Ids as a snippet sees them; /etc/passwd in the jail names them. */
#define JAIL_UID 1000
#define JAIL_GID 1000

#if defined(__x86_64__)
#define JAIL_TRIPLET "x86_64-linux-gnu"
#else
#error "the root and the filter are written for x86-64"
#endif

/* Kinds of tbl/paths.h. */
enum jail_path { JAIL_PROGRAM, JAIL_DIR, JAIL_LIST, JAIL_DEVICE };

/* clone(2) is refused with any of these, as tbl/syscalls.h says: CLONE_NEW*,
 * PARENT, PTRACE, UNTRACED.
 */
#define JAIL_CLONE_DENIED 0x7e82a000ULL

/* System calls have smaller numbers. */
#define JAIL_MAX_CALL 600

/* Where runs write without namespaces (places.c). */
enum jail_place { JAIL_BOX, JAIL_SHM, JAIL_PLACES };

struct jail {
	uint32_t layers; /* set of enum layer in force */
	int proc_fd;	 /* host's /proc, O_PATH, zygote only */
	int landlock_abi;
	const char *version; /* of Python, as in "3.11" */
	/* Address space that each of its threads reserves. */
	uint64_t thread_bytes;
	/* The runtime's CPython is not the machine's: it is in a root of its
	 * own, which is the working directory. */
	bool own_root;
	/* Working directory of runs. */
	const char *workdir;
	/* Without namespaces: the places that runs write to, one run at a
	 * time; -1: not there.  The first may be a directory in the second. */
	int places[JAIL_PLACES];
	bool box_in_shm;
	/* What they hold, each: the smaller one counts.  0: each run is given
	 * its own. */
	uint64_t disk_bytes;
	/* Directories that cells get control groups in (cgroup.c), the version
	 * of these, 0: there are none, and the runner that they are named for.
	 */
	int cgroup_fd[2];
	unsigned cgroup_version, cgroup_owner;
	struct sock_fprog filter;
	/* seccomp(2) flags with which refusals are counted (denials.h), or 0:
	 * they are not; and their names by number. */
	unsigned listen_flags;
	const char *call_name[JAIL_MAX_CALL];
	/* How each layer is done here, or why it is missing. */
	char note[LAYER_COUNT][160];
};

/* ns.c: runner, once.  Drops root for good and enters the namespaces. */
int jail_enter_namespaces(struct jail *j, struct fail *f);
/* ns.c: runner.  Makes a cell's init by clone(2): returns its pid (and a pidfd
 * in *ret_pidfd), 0 in the new process, -1 with errno. */
pid_t jail_clone_init(const struct jail *j, int *ret_pidfd);
/* ns.c: the new init.  Maps its ids.  0 or -1 with errno. */
int jail_map_ids(const struct jail *j);

/* root.c: a path of tbl/paths.h for that version of Python. */
void jail_path_name(char ret[PATH_MAX], const char *path, const char *version);
/* root.c: runner, once.  Builds the read-only root from the running system's
 * CPython of j->version, or of the runtime's own root, and pivots into it. */
int jail_enter_root(struct jail *j, struct fail *f);
/* root.c: runner, in it: what the runtime's own root holds; 0: it has none. */
uint64_t jail_root_bytes(const struct jail *j);

/* plain.c: runner, once, when there can be no namespaces: what stands in for
 * them. */
int jail_enter_plain(struct jail *j, struct fail *f);
/* plain.c: is that how it is done here? */
bool jail_is_plain(const struct jail *j);
/* places.c: runner, once: finds them, and sets j->workdir.  *ret_why is why
 * that is not /box, or stays as it is. */
int jail_open_places(
	struct jail *j, char *ret_why, size_t why_size, struct fail *f);
/* places.c: init, on its order.  Waits until no other run has the places, takes
 * them until this process ends, and empties them.  0 or -1 with errno. */
int jail_take_places(const struct jail *j);
/* places.c: removes all that is in the places, which are this process's.
 * 0 or -1 with errno. */
int jail_empty_places(const struct jail *j);
/* places.c: the same, after a run that was killed; leaves them alone when
 * another has them. */
int jail_clean_places(const struct jail *j);
/* places.c: what is in the places now takes that much. */
uint64_t jail_used_places(const struct jail *j);
/* plain.c: ends and reaps every child of this process but those in spare[0..n),
 * and their children, which become its own as it is a subreaper.  Nothing may
 * be able to fork meanwhile. */
void jail_sweep(const struct jail *j, const pid_t *spare, size_t n);

/* cgroup.c: runner, first of all, with the directories that the server gave it:
 * cells will have groups there. */
void jail_enter_cgroups(struct jail *j, unsigned version);
/* cgroup.c: zygote, before it makes a cell: its group, when it is not there
 * yet. `place` is one that no other cell has.  0 or -1 with errno. */
int jail_make_cgroup(const struct jail *j, unsigned place);
/* cgroup.c: zygote that will make no cell there any more; the last is gone. */
void jail_remove_cgroup(const struct jail *j, unsigned place);
/* cgroup.c: init.  Moves the child there, before it has done anything. */
int jail_join_cgroup(const struct jail *j, unsigned place, pid_t pid);
/* cgroup.c: init, ahead of need.  Notes in *ret what was counted in the group
 * until now, and nothing about its bounds.  0 or -1 with errno. */
struct cgroup_count {
	uint64_t bytes;	    /* that the run may take as a whole */
	uint64_t processes; /* and threads, that there may be */
	uint64_t kills;
	int event; /* readable when it ran out, and is to be ended; or -1 */
};
int jail_watch_cgroup(
	const struct jail *j, unsigned place, struct cgroup_count *ret);
/* cgroup.c: init, ahead of need and on its order.  Bounds the run, where *c
 * says that it is not bounded so already.  0 or -1 with errno. */
int jail_limit_cgroup(const struct jail *j, unsigned place,
	const struct limits *l, struct cgroup_count *c);
/* cgroup.c: init, at the end, once.  Did the run want more since than its group
 * may have, so that something of it had to be ended? */
bool jail_cgroup_ran_out(
	const struct jail *j, unsigned place, const struct cgroup_count *c);

/* scratch.c: init.  Mounts the cell's own tmpfs on /box, /tmp, /dev/shm. */
int jail_mount_scratch(void);
/* scratch.c: init, on its order.  Its size is that of a run with the usual
 * limits; sets what the order allows. */
int jail_size_scratch(uint64_t bytes);

/* creds.c: child.  No capability in any set, no new privileges, not dumpable,
 * a job of its own.  0 or -1 with errno. */
int jail_drop_privileges(void);
/* creds.c: init.  A session of its own, which has no terminal.  0 or -1 with
 * errno.  Not the child's: with sched_autogroup_enabled each session has a
 * share of the CPU, and the first of a run's processes would have to wait for
 * its share of every wake-up (p50 of a pass 2.9 ms, 2.1 when the init has it).
 */
int jail_leave_session(void);

/* rlimits.c: child, ahead of need: those that do not depend on the order. */
int jail_limit_base(void);
/* rlimits.c: child, on its order. */
int jail_limit_order(const struct jail *j, const struct limits *l);

/* landlock.c: runner, once: is it there?  Fills landlock_abi and the note. */
int jail_probe_landlock(struct jail *j, struct fail *f);
/* landlock.c: child.  0 or -1 with errno. */
int jail_close_landlock(const struct jail *j);

/* seccomp.c: runner, once: builds the program from the table and keeps it. */
int jail_build_filter(struct jail *j, struct fail *f);
/* seccomp.c: child, last.  0 or -1 with errno.  *ret_listener is the descriptor
 * that refusals are told on, or -1: it is the init's, and nobody else's. */
int jail_close_seccomp(const struct jail *j, int *ret_listener);

#endif
