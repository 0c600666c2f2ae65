/*
 * The processes: rows that all of them share.
 *
 * A row is reserved before there is a process, so that the new one knows its
 * own from its first instruction on and says itself when it began.
 */
#include "sandbox/lenses/processes.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/lenses/memory.h"

struct processes_table *processes_table;

static struct {
	struct processes_row *row;
	pid_t pid; /* that it is of */
	int64_t start;
	int64_t cpu_ns; /* before the program */
} me;

int64_t
processes_table_now(void)
{
	return io_now_ns() - me.start;
}

static void
init(struct processes_row *row)
{
	*row = (struct processes_row){.started = processes_table_now(),
		.began = PROCESSES_NEVER,
		.ended = PROCESSES_NEVER,
		.faults = PROCESSES_NEVER,
		.cpu_ns = PROCESSES_NEVER,
		.waited = PROCESSES_NEVER,
		.status = -1};
}

int
processes_table_begin(void)
{
	me.start = io_now_ns();
	processes_table = memory_map(sizeof(*processes_table));
	if (!processes_table)
		return -1;
	struct processes_row *first = &processes_table->of[0];
	init(first);
	first->started = 0;
	processes_table->n = 1;
	processes_table_be(first);
	/* What came before the program is not its own. */
	processes_table_note(first);
	me.cpu_ns = first->cpu_ns;
	first->own_faults = processes_table_faults();
	return 0;
}

struct processes_row *
processes_table_me(void)
{
	return me.row && getpid() == me.pid ? me.row : NULL;
}

bool
processes_table_is_first(void)
{
	return me.row == processes_table->of && getpid() == me.pid;
}

struct processes_row *
processes_table_new(void)
{
	uint32_t i = atomic_fetch_add(&processes_table->n, 1);

	if (i >= PROCESSES_MAX) {
		atomic_fetch_add(&processes_table->dropped, 1);
		atomic_fetch_sub(&processes_table->n, 1);
		return NULL;
	}
	struct processes_row *row = &processes_table->of[i];
	init(row);
	row->parent = (uint32_t)(me.row - processes_table->of);
	processes_table->over = false;
	return row;
}

void
processes_table_started(struct processes_row *row, pid_t pid)
{
	if (!row)
		return;
	row->pid = pid;
	row->there = 1;
}

void
processes_table_failed(struct processes_row *row, int error)
{
	uint32_t i = atomic_fetch_add(&processes_table->nfailures, 1);

	if (row && i < PROCESSES_FAILURES) {
		struct processes_failure *f = &processes_table->failure[i];
		f->process = row->parent;
		f->at = row->started;
		f->how = row->how;
		f->line = row->line;
		f->error = error;
		f->there = 1;
	}
	if (!row) {
		/* There would have been none. */
		atomic_fetch_sub(&processes_table->dropped, 1);
		return;
	}
	/* The row is the next one's, unless another was reserved meanwhile. */
	uint32_t last = (uint32_t)(row - processes_table->of) + 1;
	atomic_compare_exchange_strong(&processes_table->n, &last, last - 1);
}

int64_t
processes_table_faults(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) ? 0 : used.ru_minflt;
}

static int64_t
ns_of(const struct rusage *used)
{
	return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000000 +
	       (used->ru_utime.tv_usec + used->ru_stime.tv_usec) * 1000;
}

void
processes_table_own(struct processes_row *row, int64_t before)
{
	atomic_fetch_add(&row->own_faults, processes_table_faults() - before);
}

void
processes_table_be(struct processes_row *row)
{
	int64_t before = processes_table_faults();

	me.row = row;
	me.pid = getpid();
	me.cpu_ns = 0;
	if (!row)
		return;
	row->began = processes_table_now();
	processes_table_started(row, me.pid);
	processes_table_own(row, before);
}

void
processes_table_note(struct processes_row *row)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used))
		return;
	/* Without overflow, whatever is there. */
	row->faults =
		(int64_t)((uint64_t)used.ru_minflt - (uint64_t)row->own_faults);
	row->cpu_ns = ns_of(&used) - me.cpu_ns;
}

/* Numbers of processes are given again once they were waited for. */
static struct processes_row *
find_child(pid_t pid)
{
	uint32_t n = processes_table->n;

	for (uint32_t i = n < PROCESSES_MAX ? n : PROCESSES_MAX; i-- > 1;) {
		struct processes_row *row = &processes_table->of[i];
		if (row->there && row->pid == pid &&
			row->waited == PROCESSES_NEVER &&
			row->parent == (uint32_t)(me.row - processes_table->of))
			return row;
	}
	return NULL;
}

void
processes_table_waited(
	pid_t pid, int status, const struct rusage *used, int64_t from)
{
	if (!processes_table_me() ||
		(!WIFEXITED(status) && !WIFSIGNALED(status)))
		return;
	struct processes_row *row = find_child(pid);
	if (!row)
		return;
	row->status = status;
	row->all_faults = used->ru_minflt;
	row->all_cpu_ns = ns_of(used);
	row->wait_line = processes_places_line();
	row->blocked_ns = processes_table_now() - from;
	row->waited = processes_table_now();
}

bool
processes_table_all_ended(void)
{
	uint32_t n = processes_table->n;

	for (uint32_t i = 1; i < n && i < PROCESSES_MAX; i++) {
		const struct processes_row *row = &processes_table->of[i];
		if (row->there && row->status < 0 &&
			row->ended == PROCESSES_NEVER)
			return false;
	}
	return true;
}
