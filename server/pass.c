/* One pass under way. */
#include "server/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/scope.h"
#include "wire/record.h"

#define NS_PER_MS 1000000LL
/* A runner that does not even start a pass for so long is broken. */
#define START_PATIENCE_NS (20LL * 1000 * NS_PER_MS)
#define CHUNK		  65536

/* A pipe being read into a buffer. */
struct stream {
	struct loop_fd watch; /* first */
	struct pass_job *job;
	struct buf *kept;
};

struct pass_job {
	struct loop *loop;
	struct runner *runner;
	uint64_t id;
	struct pass_result *result;
	struct limits limits;
	struct stream out, err;
	struct loop_timer timer;
	int report, pidfd;
	pass_done_fn *done;
	void *owner;
};

static struct pass_job *
timer_job(struct loop_timer *t)
{
	return (struct pass_job *)((char *)t -
				   offsetof(struct pass_job, timer));
}

static void
stream_close(struct stream *s)
{
	if (s->watch.fd < 0)
		return;
	loop_unwatch(s->job->loop, &s->watch);
	close(s->watch.fd);
	s->watch.fd = -1;
}

/* Reads what is there.  The first output_bytes of both streams together are
 * kept; one byte more ends the pass. */
static void
stream_read(struct stream *s)
{
	struct pass_job *j = s->job;
	struct pass_result *p = j->result;
	char chunk[CHUNK];

	while (s->watch.fd >= 0) {
		ssize_t n = read(s->watch.fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			stream_close(s);
			return;
		}
		uint64_t room =
			p->output_seen < j->limits.output_bytes
				? j->limits.output_bytes - p->output_seen
				: 0;
		size_t take = (uint64_t)n < room ? (size_t)n : (size_t)room;
		buf_put(s->kept, chunk, take);
		s->kept->dropped += (size_t)n - take;
		p->output_seen += (uint64_t)n;
		if (p->output_seen > j->limits.output_bytes) {
			pass_kill(j, KILL_OUTPUT);
			stream_close(s);
		}
	}
}

static void
stream_ready(struct loop_fd *w, uint32_t events)
{
	(void)events;
	stream_read((struct stream *)w);
}

static void
timer_fire(struct loop_timer *t)
{
	struct pass_job *j = timer_job(t);

	if (j->pidfd < 0)
		pass_lost(j, "the runner did not start the pass");
	else
		pass_kill(j, KILL_WALL);
}

/* A pipe whose read end is ours and does not block. */
static int
stream_open(struct pass_job *j, struct stream *s, struct buf *kept,
	int *ret_far, struct fail *f)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC))
		return fail_errno(f, "pipe2");
	*ret_far = pair[1];
	*kept = BUF_INIT(j->limits.output_bytes);
	*s = (struct stream){{pair[0], stream_ready}, j, kept};
	if (io_set_nonblock(pair[0], true))
		return fail_errno(f, "fcntl");
	return loop_watch(j->loop, &s->watch, EPOLLIN, f);
}

static int
report_open(struct fail *f)
{
	scope_fd int fd =
		memfd_create("report", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, REPORT_BYTES) ||
		fcntl(fd, F_ADD_SEALS,
			F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW))
		return fail_errno(f, "the report's memfd");
	return steal_fd(&fd);
}

static int
give_order(struct pass_job *j, const struct msg_pass *order,
	const struct run_request *q, int bundle_fd, struct fail *f)
{
	scope_fd int in = io_memfd("stdin",
		q->stdin_bytes.data ? q->stdin_bytes.data : "",
		q->stdin_bytes.n, f);
	scope_fd int out = -1;
	scope_fd int err = -1;

	if (in < 0 || stream_open(j, &j->out, &j->result->out, &out, f) ||
		stream_open(j, &j->err, &j->result->err, &err, f))
		return -1;
	j->report = report_open(f);
	if (j->report < 0)
		return -1;
	const int fds[PASS_FD_COUNT] = {
		[PASS_FD_BUNDLE] = bundle_fd,
		[PASS_FD_STDIN] = in,
		[PASS_FD_STDOUT] = out,
		[PASS_FD_STDERR] = err,
		[PASS_FD_REPORT] = j->report,
	};
	return runner_send_pass(j->runner, j->id, order, fds, f);
}

int
pass_start(struct loop *l, struct runner *r, uint64_t id, enum pass kind,
	uint32_t lenses, const struct run_request *q, int bundle_fd,
	struct pass_result *result, pass_done_fn *done, void *owner,
	struct pass_job **ret_j, struct fail *f)
{
	const struct msg_pass order = {kind, lenses, q->limits};
	struct pass_job *j = calloc(1, sizeof(*j));

	if (!j)
		return fail_set(f, "no memory");
	*j = (struct pass_job){
		.loop = l,
		.runner = r,
		.id = id,
		.result = result,
		.limits = q->limits,
		.out = {{-1, NULL}, j, NULL},
		.err = {{-1, NULL}, j, NULL},
		.timer = {.fire = timer_fire},
		.report = -1,
		.pidfd = -1,
		.done = done,
		.owner = owner,
	};
	result->made = true;
	if (give_order(j, &order, q, bundle_fd, f)) {
		pass_free(j);
		return -1;
	}
	loop_timer_set(l, &j->timer, io_now_ns() + START_PATIENCE_NS);
	*ret_j = j;
	return 0;
}

uint64_t
pass_id(const struct pass_job *j)
{
	return j->id;
}

struct runner *
pass_runner(const struct pass_job *j)
{
	return j->runner;
}

void
pass_started(struct pass_job *j, int pidfd)
{
	if (j->pidfd >= 0)
		close(j->pidfd);
	j->pidfd = pidfd;
	loop_timer_set(j->loop, &j->timer,
		io_now_ns() + (int64_t)j->limits.wall_ms * NS_PER_MS);
	if (j->result->killed != KILL_NONE) /* ended before it began */
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

void
pass_kill(struct pass_job *j, enum kill_cause cause)
{
	if (j->result->killed == KILL_NONE)
		j->result->killed = cause;
	if (j->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, j->pidfd, SIGKILL, NULL, 0);
}

/* The claims: only as many bytes as hold records. */
static void
read_report(struct pass_job *j)
{
	struct record_top top;

	if (io_pread_all(j->report, &top, sizeof(top), 0, NULL))
		return;
	size_t n = record_length(&top, REPORT_BYTES);
	if (!n)
		return;
	j->result->report = BUF_INIT(n);
	char *bytes = malloc(n);
	if (bytes && io_pread_all(j->report, bytes, n, 0, NULL) == 0)
		buf_put(&j->result->report, bytes, n);
	free(bytes);
}

void
pass_exited(struct pass_job *j, const struct msg_exited *x)
{
	j->result->exit = *x;
	loop_timer_clear(j->loop, &j->timer);
	/* Every writer is dead: what the pipes hold is all there will be. */
	stream_read(&j->out);
	stream_read(&j->err);
	read_report(j);
	/* It may have ended by itself just before it would have been ended. */
	if (x->cause == END_SELF && j->result->killed != KILL_OUTPUT)
		j->result->killed = KILL_NONE;
	j->done(j, j->owner, x->cause == END_JAIL ? x->text : NULL);
}

void
pass_lost(struct pass_job *j, const char *why)
{
	loop_timer_clear(j->loop, &j->timer);
	j->done(j, j->owner, why);
}

void
pass_free(struct pass_job *j)
{
	if (!j)
		return;
	loop_timer_clear(j->loop, &j->timer);
	stream_close(&j->out);
	stream_close(&j->err);
	if (j->report >= 0)
		close(j->report);
	if (j->pidfd >= 0)
		close(j->pidfd);
	free(j);
}
