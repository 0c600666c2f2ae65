#include "sandbox/meter.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"
#include "wire/limits.h"

#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL

/* What is read of /proc fits, but for a thread with thousands of children: then
 * some are not counted. */
#define TEXT_BYTES 4096
/* More processes than any run may have. */
#define MAX_PIDS 512

struct pids {
	long pid[MAX_PIDS];
	size_t n;
};

/* The file's text in ret, NUL-terminated; false when it is gone. */
__attribute__((format(printf, 3, 4))) static bool
read_proc(int proc, char ret[TEXT_BYTES], const char *path, ...)
{
	char name[64];
	va_list args;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	scope_fd int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, TEXT_BYTES - 1);
	if (n < 0)
		return false;
	ret[n] = '\0';
	return true;
}

static void
add_pids(struct pids *p, const char *text)
{
	char *end;

	for (;; text = end) {
		long pid = strtol(text, &end, 10);
		if (end == text || p->n == MAX_PIDS)
			return;
		p->pid[p->n++] = pid;
	}
}

/* The children that each thread of pid has. */
static void
add_children(struct pids *p, int proc, long pid)
{
	char name[32], text[TEXT_BYTES];
	/* getdents64(2), not opendir(3): that allocates. */
	_Alignas(struct dirent64) char entries[TEXT_BYTES];
	long n;

	snprintf(name, sizeof(name), "%ld/task", pid);
	scope_fd int dir =
		openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	while ((n = syscall(SYS_getdents64, dir, entries, sizeof(entries))) > 0)
		for (long at = 0; at < n;) {
			const struct dirent64 *d = (void *)(entries + at);
			at += d->d_reclen;
			if (d->d_name[0] != '.' &&
				read_proc(
					dir, text, "%.20s/children", d->d_name))
				add_pids(p, text);
		}
}

/* What proc(5)'s stat says of a process, in clock ticks. */
struct stat_of {
	unsigned long own[2]; /* fields 14 and 15: its own time */
	long waited[2];	      /* 16 and 17: of those that it waited for */
	long threads;	      /* 20 */
};

/* False when it is gone.  The name in the text is the snippet's to choose, and
 * ends at the last ")". */
static bool
read_stat(int proc, long pid, struct stat_of *ret)
{
	char text[TEXT_BYTES];

	if (!read_proc(proc, text, "%ld/stat", pid))
		return false;
	const char *rest = strrchr(text, ')');
	return rest && sscanf(rest,
			       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			       "%lu %lu %ld %ld %*d %*d %ld",
			       &ret->own[0], &ret->own[1], &ret->waited[0],
			       &ret->waited[1], &ret->threads) == 5;
}

struct alive {
	int64_t ns; /* but for the child's own time, which its clock tells */
	unsigned tasks;
};

static struct alive
look(const struct meter *m)
{
	const int64_t tick = NS_PER_S / sysconf(_SC_CLK_TCK);
	struct alive all = {0};
	struct pids p = {.n = 0};
	char text[TEXT_BYTES];
	struct stat_of s;

	if (!m->host_pid || !read_proc(m->proc, text, "thread-self/children"))
		return all;
	add_pids(&p, text);
	for (size_t i = 0; i < p.n; i++) {
		if (!read_stat(m->proc, p.pid[i], &s))
			continue;
		all.ns += (s.waited[0] + s.waited[1]) * tick;
		if (p.pid[i] != m->host_pid)
			all.ns += (int64_t)(s.own[0] + s.own[1]) * tick;
		all.tasks += s.threads > 0 ? (unsigned)s.threads : 0;
		add_children(&p, m->proc, p.pid[i]);
	}
	return all;
}

unsigned
meter_tasks(const struct meter *m)
{
	return look(m).tasks;
}

static int64_t
timeval_ns(struct timeval t)
{
	return t.tv_sec * NS_PER_S + t.tv_usec * 1000LL;
}

static int64_t
reaped_ns(uint64_t *ret_peak_bytes)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	if (ret_peak_bytes)
		*ret_peak_bytes = (uint64_t)u.ru_maxrss * KIB;
	return timeval_ns(u.ru_utime) + timeval_ns(u.ru_stime);
}

int
meter_open(struct meter *m, int proc, pid_t child)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char text[TEXT_BYTES];

	*m = (struct meter){.proc = proc, .pid = child};
	m->cpus = cpus > 0 ? cpus : 1;
	if (clock_getcpuclockid(child, &m->clock))
		return -1;
	if (read_proc(proc, text, "thread-self/children"))
		m->host_pid = strtol(text, NULL, 10);
	m->last_pid =
		openat(proc, "sys/kernel/ns_last_pid", O_RDONLY | O_CLOEXEC);
	return 0;
}

int64_t
meter_child_ns(const struct meter *m)
{
	struct timespec t;

	/* ESRCH or EINVAL once it is reaped. */
	if (clock_gettime(m->clock, &t))
		return 0;
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

void
meter_start(struct meter *m, int64_t limit_ns)
{
	m->base = meter_child_ns(m);
	m->limit = limit_ns;
	m->started = io_now_ns();
}

int
meter_patience_ms(const struct meter *m)
{
	/* All CPUs since the order: more cannot have been used, and nothing
	 * has to be looked at until that is the limit. */
	int64_t used = (io_now_ns() - m->started) * m->cpus;

	if (used >= m->limit)
		used = meter_child_ns(m) - m->base + look(m).ns +
		       reaped_ns(NULL);
	if (used >= m->limit)
		return 0;
	return (int)((m->limit - used) / m->cpus / NS_PER_MS) + 1;
}

uint64_t
meter_total_ns(const struct meter *m, uint64_t *ret_peak_bytes)
{
	int64_t ns = reaped_ns(ret_peak_bytes) - m->base;

	return ns > 0 ? (uint64_t)ns : 0;
}

bool
meter_alone_ns(
	const struct meter *m, uint64_t *ret_cpu_ns, uint64_t *ret_peak_bytes)
{
	char text[TEXT_BYTES];
	ssize_t n = m->last_pid < 0 || !m->host_pid
			    ? -1
			    : pread(m->last_pid, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	if (strtol(text, NULL, 10) != m->pid ||
		!read_proc(m->proc, text, "%ld/status", m->host_pid))
		return false;
	/* Its name comes first in the text, with newlines escaped. */
	const char *peak = strstr(text, "\nVmHWM:");
	if (!peak)
		return false;
	*ret_peak_bytes = strtoull(peak + strlen("\nVmHWM:"), NULL, 10) * KIB;
	*ret_cpu_ns = (uint64_t)(meter_child_ns(m) - m->base);
	return true;
}
