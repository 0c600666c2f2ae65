/* One pass in flight. */
#include "server/flight.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"
#include "wire/record.h"

#define MS 1000000LL
/* A runner answers an order at once, and tells of a killed cell as soon as the
 * kernel has freed its memory.  One that does not is hung, and is killed. */
#define HUNG_NS (15000 * MS)
/* A cell's init that is asked to end the cell does so at once, unless it is
 * still being made. */
#define ASKED_NS (1000 * MS)
#define CHUNK	 (64 * KIB)

/* --- Output ------------------------------------------------------------- */

static void
stream_close(struct flight *fl, struct flight_stream *s)
{
	if (s->w.fd < 0)
		return;
	loop_unwatch(fl->loop, &s->w);
	close(s->w.fd);
	s->w.fd = -1;
}

/* Keeps what fits under the limit of both streams together. */
static void
take(struct flight_stream *s, const char *bytes, size_t n)
{
	struct pass_result *r = s->flight->result;
	size_t kept = r->out.len + r->err.len;
	size_t max = s->flight->limits.output_bytes;

	assert(kept <= max);
	s->keep->max = s->keep->len + (max - kept);
	buf_put(s->keep, bytes, n);
	r->output_seen += n;
	if (r->output_seen > max)
		flight_kill(s->flight, KILL_OUTPUT);
	if (s->flight->heard)
		s->flight->heard(s->flight->heard_arg);
}

/* One read.  False when there is nothing more for now. */
static bool
stream_read(struct flight_stream *s)
{
	static char chunk[CHUNK];
	ssize_t n;

	do
		n = read(s->w.fd, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		take(s, chunk, (size_t)n);
		return true;
	}
	if (n == 0 || errno != EAGAIN)
		stream_close(s->flight, s);
	return false;
}

/* One chunk a turn, so that no snippet keeps the others waiting. */
static void
stream_ready(struct loop_fd *w, uint32_t events)
{
	(void)events;
	stream_read((struct flight_stream *)w);
}

/* The cell is gone: what is left is in the pipe, at most its size. */
static void
stream_drain(struct flight *fl, struct flight_stream *s)
{
	while (s->w.fd >= 0 && stream_read(s))
		;
	stream_close(fl, s);
}

static int
stream_open(struct flight *fl, struct flight_stream *s, struct buf *keep,
	int *ret_write_end, struct fail *f)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return fail_errno(f, "pipe");
	*s = (struct flight_stream){{ends[0], stream_ready}, fl, keep};
	*ret_write_end = ends[1];
	if (io_set_nonblock(ends[0], true))
		return fail_errno(f, "fcntl");
	return loop_watch(fl->loop, &s->w, EPOLLIN, f);
}

/* --- The report --------------------------------------------------------- */

static int
report_open(struct fail *f)
{
	scope_fd int fd =
		memfd_create("report", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return fail_errno(f, "memfd_create");
	if (ftruncate(fd, REPORT_BYTES) ||
		fcntl(fd, F_ADD_SEALS,
			F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_SHRINK))
		return fail_errno(f, "cannot make the report");
	return steal_fd(&fd);
}

/* Copies the records that were committed.  A report that cannot be had is an
 * empty one: api/report says so in a note. */
static void
report_take(struct flight *fl)
{
	struct buf *b = &fl->result->report;
	struct record_top top;

	if (io_pread_all(fl->report, &top, sizeof(top), 0, NULL))
		return;
	size_t n = record_length(&top, REPORT_BYTES);
	char *data = malloc(n + 1);
	if (!data || io_pread_all(fl->report, data, n, 0, NULL)) {
		free(data);
		return;
	}
	data[n] = '\0';
	*b = (struct buf){data, n, n + 1, REPORT_BYTES, 0};
}

/* --- Life --------------------------------------------------------------- */

/* SIGTERM asks the cell's init to end the cell, and to tell what it used;
 * SIGKILL ends it with the cell, and what its processes used is lost.  Then the
 * runner owes us its EXITED. */
static void
end_cell(struct flight *fl, int sig)
{
	bool ask = sig == SIGTERM;

	pidfd_send_signal(fl->pidfd, sig, NULL, 0);
	fl->state = ask ? FLIGHT_ASKED : FLIGHT_KILLED;
	loop_timer_set(
		fl->loop, &fl->timer, io_now_ns() + (ask ? ASKED_NS : HUNG_NS));
}

static void
timer_fired(struct loop_timer *t)
{
	struct flight *fl =
		(void *)((char *)t - offsetof(struct flight, timer));

	if (fl->state == FLIGHT_RUNNING)
		flight_kill(fl, KILL_WALL);
	else if (fl->state == FLIGHT_ASKED)
		end_cell(fl, SIGKILL);
	else
		runner_kill(fl->runner);
}

static void
let_go(struct flight *fl)
{
	loop_timer_clear(fl->loop, &fl->timer);
	stream_close(fl, &fl->out);
	stream_close(fl, &fl->err);
	if (fl->report >= 0)
		close(fl->report);
	if (fl->pidfd >= 0)
		close(fl->pidfd);
	fl->report = fl->pidfd = -1;
	fl->state = FLIGHT_NONE;
}

static int
give_order(struct flight *fl, const struct flight_order *o, struct fail *f)
{
	const struct blob *in = &o->request->stdin_bytes;
	const struct msg_pass m = {.pass = o->pass,
		.lenses = o->lenses,
		.zygote = o->zygote,
		.limits = o->limits};
	scope_fd int bundle =
		io_memfd("bundle", o->bundle->data, o->bundle->len, f);
	scope_fd int input =
		bundle < 0 ? -1 : io_memfd("stdin", in->data, in->n, f);
	scope_fd int out_end = -1;
	scope_fd int err_end = -1;

	if (bundle < 0 || input < 0 || (fl->report = report_open(f)) < 0)
		return -1;
	if (stream_open(fl, &fl->out, &fl->result->out, &out_end, f) ||
		stream_open(fl, &fl->err, &fl->result->err, &err_end, f))
		return -1;
	const int fds[PASS_FD_COUNT] = {
		[PASS_FD_BUNDLE] = bundle,
		[PASS_FD_STDIN] = input,
		[PASS_FD_STDOUT] = out_end,
		[PASS_FD_STDERR] = err_end,
		[PASS_FD_REPORT] = fl->report,
	};
	return runner_send_pass(fl->runner, fl->id, &m, fds, f);
}

int
flight_begin(struct flight *fl, struct loop *l, struct runner *r,
	const struct flight_order *o, struct pass_result *result,
	struct fail *f)
{
	assert(fl->state == FLIGHT_NONE);
	*fl = (struct flight){
		.loop = l,
		.runner = r,
		.result = result,
		.id = o->id,
		.limits = o->limits,
		.heard = o->heard,
		.heard_arg = o->heard_arg,
		.out.w.fd = -1,
		.err.w.fd = -1,
		.report = -1,
		.pidfd = -1,
		.timer.fire = timer_fired,
	};
	result->made = true;
	if (give_order(fl, o, f)) {
		let_go(fl);
		return -1;
	}
	fl->state = FLIGHT_ORDERED;
	loop_timer_set(l, &fl->timer, io_now_ns() + HUNG_NS);
	return 0;
}

void
flight_started(struct flight *fl, const struct msg_started *m, int pidfd)
{
	assert(fl->state == FLIGHT_ORDERED && fl->pidfd < 0);
	fl->pidfd = pidfd;
	fl->result->zygote = (enum zygote)m->zygote;
	fl->state = FLIGHT_RUNNING;
	if (fl->result->killed)
		end_cell(fl, SIGTERM);
	else
		loop_timer_set(fl->loop, &fl->timer,
			io_now_ns() + (int64_t)fl->limits.wall_ms * MS);
}

void
flight_kill(struct flight *fl, enum kill_cause why)
{
	if (!fl->result->killed)
		fl->result->killed = why;
	if (fl->state == FLIGHT_RUNNING)
		end_cell(fl, SIGTERM);
}

void
flight_exited(struct flight *fl, const struct msg_exited *facts)
{
	stream_drain(fl, &fl->out);
	stream_drain(fl, &fl->err);
	report_take(fl);
	fl->result->exit = *facts;
	/* It was faster than our hand. */
	if (fl->result->killed == KILL_WALL && facts->cause != END_KILLED)
		fl->result->killed = KILL_NONE;
	/* The limit went by our clock, which may have started before that of
	 * the init: what was used is never less than what was allowed. */
	uint64_t ours = (uint64_t)fl->limits.wall_ms * MS;
	if (fl->result->killed == KILL_WALL && fl->result->exit.wall_ns < ours)
		fl->result->exit.wall_ns = ours;
	let_go(fl);
}

void
flight_lose(struct flight *fl)
{
	if (fl->state == FLIGHT_NONE)
		return;
	/* Its cell ends with the runner, and cleans up after itself, which it
	 * could not if it were killed here. */
	let_go(fl);
}
