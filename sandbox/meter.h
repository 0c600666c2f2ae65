/*
 * The CPU time of a cell, as its init sees it.
 *
 * Three sources, because no one tells all before everything has ended: the
 * clock of the child, exact; getrusage(RUSAGE_CHILDREN) for what the init has
 * reaped; and the host's /proc, where there is one with the children of each
 * thread (CONFIG_PROC_CHILDREN), for what the child waited for and for the
 * processes of the snippet that are alive, in clock ticks (10 ms).
 */
#ifndef SANDBOX_METER_H
#define SANDBOX_METER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct meter {
	int proc;	 /* the host's /proc, O_PATH */
	pid_t pid;	 /* of the child, as the init knows it */
	int last_pid;	 /* the last that was given in our namespace; or -1 */
	long host_pid;	 /* as /proc knows it; 0 when it does not */
	clockid_t clock; /* of the child */
	int64_t base;	 /* what was used before the order, ns */
	int64_t limit;	 /* what may be used from then on, ns */
	int64_t started; /* the order, io_now_ns */
	int64_t cpus;	 /* of the machine */
};

/* Right after the child was forked, the only child of this process.  0, or -1
 * with errno. */
int meter_open(struct meter *m, int proc, pid_t child);
/* On the order: counts from now on. */
void meter_start(struct meter *m, int64_t limit_ns);
/* Of the child alone, since it was forked; 0 once it is reaped. */
int64_t meter_child_ns(const struct meter *m);
/* Processes and threads that are alive now; 0 when /proc does not tell. */
unsigned meter_tasks(const struct meter *m);
/* How long the cell can go on, at most, before its time is used up, in ms
 * rounded up, if all CPUs are its; 0: it is used up. */
int meter_patience_ms(const struct meter *m);
/* When all is reaped: what was used since the order, and the peak of memory of
 * the largest process. */
uint64_t meter_total_ns(const struct meter *m, uint64_t *ret_peak_bytes);

/* While the child is about to end: the same, if it is known already, because
 * there never was another process or thread in its PID namespace.  That is what
 * ns_last_pid tells (CONFIG_CHECKPOINT_RESTORE). */
bool meter_alone_ns(
	const struct meter *m, uint64_t *ret_cpu_ns, uint64_t *ret_peak_bytes);

#endif
