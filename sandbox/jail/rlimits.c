/*
 * Resource limits.  Soft equals hard everywhere: nothing can be raised.
 *
 * Memory is bounded by RLIMIT_DATA (brk, private writable mappings, thread
 * stacks: mm/mmap.c, may_expand_vm), not by RLIMIT_AS: address space that is
 * only reserved, as by glibc's arenas and OpenBLAS, does not count there, so a
 * MemoryError means memory.  RLIMIT_AS stays as a fence behind it, for shared
 * mappings, with room for what threads reserve and do not use.
 *
 * CPU time is bounded by the init of the cell, not by RLIMIT_CPU: a process
 * that has it reads its own CPU clock from a sum that the kernel brings up to
 * date at ticks only (kernel/time/posix-cpu-timers.c, cpu_clock_sample_group),
 * and time.process_time() would stand still for milliseconds.
 */
#include <sys/resource.h>

#include "base/sabotage.h"
#include "sandbox/jail/jail.h"

#define AS_SLACK (1 * GIB)

/* A machine that allows less already (`ulimit -Hc 0`) keeps it: only root may
 * raise a hard limit, and less is no worse for the jail. */
static int
limit(__rlimit_resource_t what, uint64_t value)
{
	struct rlimit r;

	if (SABOTAGE(RLIMITS))
		return 0;
	if (getrlimit(what, &r))
		return -1;
	if (value < r.rlim_max)
		r.rlim_max = value;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r);
}

int
jail_limit_base(void)
{
	static const struct {
		__rlimit_resource_t what;
		uint64_t value;
	} base[] = {
		{RLIMIT_NOFILE, MAX_OPEN_FILES},
		/* 1, not 0: it also stops a core_pattern pipe helper. */
		{RLIMIT_CORE, 1},
		{RLIMIT_MEMLOCK, 0},
		{RLIMIT_MSGQUEUE, 0},
		{RLIMIT_SIGPENDING, 256},
		{RLIMIT_NICE, 0},
		{RLIMIT_RTPRIO, 0},
		{RLIMIT_STACK, 8 * MIB},
	};

	for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
		if (limit(base[i].what, base[i].value))
			return -1;
	return 0;
}

int
jail_limit_order(const struct jail *j, const struct limits *l)
{
	/* The init of the cell counts as one of this user; without a user
	 * namespace everything does that has its id, and the init counts. */
	if (!jail_is_plain(j) && limit(RLIMIT_NPROC, l->processes + 1))
		return -1;
	if (limit(RLIMIT_FSIZE, l->disk_bytes))
		return -1;
#ifdef VITRINE_SANITIZED
	return 0; /* the shadow of a sanitizer is larger than any limit */
#else
	if (limit(RLIMIT_DATA, l->memory_bytes))
		return -1;
	return limit(RLIMIT_AS,
		l->memory_bytes + AS_SLACK + l->processes * j->thread_bytes);
#endif
}
