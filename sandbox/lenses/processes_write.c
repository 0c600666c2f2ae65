/*
 * The table as records, written by whichever process something happens in.
 *
 * One writes at a time; who comes meanwhile asks it to do it once more.  One
 * that was killed while it wrote is not waited for.
 */
#include "sandbox/lenses/processes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/record_pair.h"

#define ROW_BYTES   2048 /* of JSON, more than a row can take */
#define ROOM_BYTES  (PROCESSES_MAX * ROW_BYTES + 16384UL)
#define STALE_NS    1000000000LL
#define SELDOM	    20 /* times what it took, between two */
#define MAX_REPEATS 3

static struct record_pair pair;

static const char *const how[PROCESSES_HOWS] = {
	[PROCESSES_FORK] = "fork",
	[PROCESSES_SPAWN] = "spawn",
	[PROCESSES_MP_FORK] = "multiprocessing.fork",
	[PROCESSES_MP_SPAWN] = "multiprocessing.spawn",
	[PROCESSES_MP_SERVER] = "multiprocessing.forkserver",
	[PROCESSES_MP_TRACKER] = "multiprocessing.resource_tracker",
	[PROCESSES_SUBPROCESS] = "subprocess",
};
static const char *const by[PROCESSES_BYS] = {
	[PROCESSES_BY_POOL] = "multiprocessing.Pool",
	[PROCESSES_BY_MANAGER] = "multiprocessing.Manager",
	[PROCESSES_BY_EXECUTOR] = "ProcessPoolExecutor",
};

/* What children of a process, by its row, took that it waited for. */
struct sums {
	uint64_t faults[PROCESSES_MAX], cpu_ns[PROCESSES_MAX];
};

static void
put_text(struct jsonw *w, const char *key, const char *const *texts, unsigned n,
	unsigned i)
{
	jsonw_key(w, key);
	if (i < n && texts[i])
		jsonw_str(w, texts[i]);
	else
		jsonw_null(w);
}

static void
put_count(struct jsonw *w, const char *key, struct processes_count *c)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_member_uint(w, "messages", c->messages);
	jsonw_member_uint(w, "bytes", c->bytes);
	jsonw_end(w);
}

static void
put_time(struct jsonw *w, const char *key, int64_t t)
{
	jsonw_member_if(w, key, t != PROCESSES_NEVER, t);
}

static void
put_places(struct jsonw *w, struct processes_row *row)
{
	jsonw_key(w, "places");
	jsonw_array(w);
	for (int i = 0; i < PROCESSES_PLACES && row->place[i].line; i++) {
		struct processes_place *p = &row->place[i];
		jsonw_object(w);
		jsonw_member_if(w, "line", p->line > 0, p->line);
		put_count(w, "pickled", &p->pickled);
		put_count(w, "unpickled", &p->unpickled);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Of itself alone: as it said when it ended, else what its parent was told of
 * it less what it was told of others, else what it said last. */
static int64_t
own(const struct processes_row *row, int64_t said, int64_t all, uint64_t others)
{
	if (row->ended != PROCESSES_NEVER || row->waited == PROCESSES_NEVER)
		return said;
	/* Without overflow, whatever is there. */
	int64_t left = (int64_t)((uint64_t)all - others);
	return left > 0 ? left : 0;
}

static void
put_end(struct jsonw *w, const struct processes_row *row)
{
	int status = row->status;
	bool said = status < 0 && row->ended != PROCESSES_NEVER;
	bool exited = status >= 0 && WIFEXITED(status);
	bool killed = status >= 0 && WIFSIGNALED(status);

	put_time(w, "ended_ns", row->ended);
	jsonw_member_if(w, "exit_code", exited || said,
		said ? row->exit_code : WEXITSTATUS(status));
	jsonw_member_if(w, "signal", killed, WTERMSIG(status));
	bool waited = row->waited != PROCESSES_NEVER;
	put_time(w, "waited_ns", row->waited);
	jsonw_member_if(
		w, "wait_line", waited && row->wait_line > 0, row->wait_line);
	jsonw_member_if(w, "blocked_ns", waited, row->blocked_ns);
}

static void
put_row(struct jsonw *w, uint32_t i, const struct sums *s)
{
	struct processes_row *row = &processes_table->of[i];
	bool replaced = row->replaced;
	int64_t faults = own(row, row->faults, row->all_faults,
		s->faults[i] + (uint64_t)row->own_faults);
	int64_t cpu = own(row, row->cpu_ns, row->all_cpu_ns, s->cpu_ns[i]);

	jsonw_object(w);
	jsonw_member_uint(w, "process", i + 1);
	jsonw_member_if(w, "pid", row->pid > 0, row->pid);
	jsonw_member_if(w, "parent", i > 0 && row->parent < PROCESSES_MAX,
		(int64_t)row->parent + 1);
	put_text(w, "how", how, PROCESSES_HOWS, row->how);
	put_text(w, "by", by, PROCESSES_BYS, row->by);
	jsonw_key(w, "name");
	if (row->name[0])
		jsonw_strn(w, row->name, strnlen(row->name, sizeof(row->name)));
	else
		jsonw_null(w);
	jsonw_member_if(w, "line", row->line > 0, row->line);
	put_time(w, "started_ns", row->started);
	put_time(w, "began_ns", row->began);
	put_end(w, row);
	jsonw_key(w, "replaced");
	jsonw_bool(w, replaced);
	jsonw_member_if(w, "minor_faults",
		!replaced && faults != PROCESSES_NEVER, faults);
	put_time(w, "cpu_ns", cpu);
	put_count(w, "pickled", &row->pickled);
	put_count(w, "unpickled", &row->unpickled);
	put_places(w, row);
	jsonw_end(w);
}

static uint32_t
rows(void)
{
	uint32_t n = processes_table->n;

	return n < PROCESSES_MAX ? n : PROCESSES_MAX;
}

static void
add_up(struct sums *s)
{
	memset(s, 0, sizeof(*s));
	for (uint32_t i = 1, n = rows(); i < n; i++) {
		const struct processes_row *row = &processes_table->of[i];
		uint32_t parent = row->parent;
		if (!row->there || row->waited == PROCESSES_NEVER ||
			parent >= PROCESSES_MAX)
			continue;
		s->faults[parent] += (uint64_t)row->all_faults;
		s->cpu_ns[parent] += (uint64_t)row->all_cpu_ns;
	}
}

static struct jsonw *
set(struct record_writer *r, const char *member)
{
	return record_begin(r, RECORD_SET, LENS_PROCESSES, member);
}

static void
write_rows(struct record_writer *r)
{
	struct sums s;
	struct jsonw *w = set(r, "processes");

	add_up(&s);
	jsonw_array(w);
	for (uint32_t i = 0, n = rows(); i < n; i++)
		if (processes_table->of[i].there)
			put_row(w, i, &s);
	jsonw_end(w);
	record_commit(r);
}

static void
write_failures(struct record_writer *r)
{
	uint32_t n = processes_table->nfailures;
	struct jsonw *w = set(r, "failures");

	jsonw_array(w);
	for (uint32_t i = 0; i < n && i < PROCESSES_FAILURES; i++) {
		struct processes_failure *f = &processes_table->failure[i];
		if (!f->there)
			continue;
		const char *name = strerrorname_np(f->error);
		jsonw_object(w);
		jsonw_member_if(w, "process", f->process < PROCESSES_MAX,
			(int64_t)f->process + 1);
		jsonw_member_if(w, "at_ns", true, f->at);
		put_text(w, "how", how, PROCESSES_HOWS, f->how);
		jsonw_member_if(w, "line", f->line > 0, f->line);
		jsonw_key(w, "error");
		jsonw_str(w, name ? name : "?");
		jsonw_end(w);
	}
	jsonw_end(w);
	record_commit(r);
}

/* Returns whether anything was left out. */
static bool
write_totals(struct record_writer *r)
{
	const struct processes_table *t = processes_table;
	struct processes_count in = {0}, out = {0};
	uint64_t processes = t->dropped, places = 0;
	uint32_t failed = t->nfailures;
	uint32_t more =
		failed > PROCESSES_FAILURES ? failed - PROCESSES_FAILURES : 0;

	for (uint32_t i = 0, n = rows(); i < n; i++) {
		const struct processes_row *row = &t->of[i];
		if (!row->there)
			continue;
		processes++;
		places += row->dropped_places;
		out.messages += row->pickled.messages;
		out.bytes += row->pickled.bytes;
		in.messages += row->unpickled.messages;
		in.bytes += row->unpickled.bytes;
	}
	struct jsonw *w = set(r, "totals");
	jsonw_object(w);
	jsonw_member_uint(w, "processes", processes);
	jsonw_member_uint(w, "failures", failed);
	put_count(w, "pickled", &out);
	put_count(w, "unpickled", &in);
	jsonw_member_uint(w, "page_bytes", (uint64_t)sysconf(_SC_PAGESIZE));
	jsonw_end(w);
	record_commit(r);

	w = set(r, "dropped");
	jsonw_object(w);
	jsonw_member_uint(w, "processes", t->dropped);
	jsonw_member_uint(w, "failures", more);
	jsonw_member_uint(w, "places", places);
	jsonw_end(w);
	record_commit(r);
	return t->dropped || more || places;
}

/* What has ended and was not waited for says nothing itself when it was
 * killed; the first process may ask about its children. */
static void
look_at_children(void)
{
	for (uint32_t i = 1, n = rows(); i < n; i++) {
		struct processes_row *row = &processes_table->of[i];
		int status = -1;
		/* Another thread may be told at the same time. */
		if (row->there && row->parent == 0 && row->pid > 0 &&
			row->status < 0)
			atomic_compare_exchange_strong(&row->status, &status,
				processes_hooks_peek(row->pid));
	}
}

static void
write_all(void)
{
	struct record_writer r;

	if (processes_table_is_first())
		look_at_children();
	record_pair_begin(&pair, &r);
	write_rows(&r);
	write_failures(&r);
	bool left_out = write_totals(&r);
	record_pair_commit(&pair, &r, left_out || !processes_table->over);
}

/* Is it this process's turn?  *ret_now says since when, and is never 0. */
static bool
take_turn(int64_t *ret_now)
{
	struct processes_table *t = processes_table;
	int64_t now = processes_table_now() | 1, was = 0;

	*ret_now = now;
	if (atomic_compare_exchange_strong(&t->writing, &was, now))
		return true;
	int64_t age;
	if (__builtin_sub_overflow(now, was, &age) || age > STALE_NS ||
		age < -STALE_NS)
		return atomic_compare_exchange_strong(&t->writing, &was, now);
	t->again = true;
	was = 0;
	return atomic_compare_exchange_strong(&t->writing, &was, now);
}

void
processes_write(void)
{
	struct processes_table *t = processes_table;
	int64_t now;
	int e = errno;

	for (int n = 0; pair.pages && n < MAX_REPEATS && take_turn(&now); n++) {
		t->again = false;
		write_all();
		t->written = processes_table_now();
		t->took = processes_table_now() - now;
		atomic_compare_exchange_strong(&t->writing, &now, 0);
		if (!t->again)
			break;
	}
	errno = e;
}

void
processes_write_seldom(void)
{
	const struct processes_table *t = processes_table;

	if ((uint64_t)processes_table_now() - (uint64_t)t->written >
		SELDOM * (uint64_t)t->took)
		processes_write();
}

int
processes_write_begin(struct record_writer *r)
{
	if (!record_pair_init(&pair, r, LENS_PROCESSES, ROOM_BYTES))
		return -1;
	/* So that a forked process can write them, and them alone. */
	if (madvise(pair.pages, pair.bytes, MADV_DOFORK)) {
		pair.pages = NULL;
		return -1;
	}
	return 0;
}
