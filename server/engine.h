/*
 * The engine: runs checked requests on runners, without HTTP.  Both
 * `vitrine serve` and `vitrine run` stand on it.  Single-threaded; everything
 * happens in callbacks of one epoll loop.
 */
#ifndef SERVER_ENGINE_H
#define SERVER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/request.h"
#include "api/result.h"
#include "base/fail.h"
#include "server/admit.h"

struct loop;
struct engine;
struct engine_run;

struct engine_config {
	const char *runner_dir; /* holds runner-<id> programs */
	/* Start the runtimes of these ids only, so far as they are there; NULL
	 * among them is the default one.  None: all.  Kept by the caller. */
	const char *const *only;
	size_t nonly;
	const char *runtimes;	/* ids with commas between, or NULL: all */
	uint32_t allow_missing; /* set of enum layer */
	unsigned slots;		/* passes at a time; 0: number of CPUs */
	unsigned queue;		/* runs that may wait; 0: 64 */
	unsigned per_client;	/* runs of one client: see struct admit */
	unsigned max_wait_ms;	/* that a run may wait; 0: no bound */
	unsigned standby;	/* cells kept ready per runner; 0: slots */
	/* Ids with commas between of those that keep ready all that is imported
	 * ahead of need; NULL: the default one, "all": all.  The others have it
	 * at first need, and let it go after so long without one. */
	const char *warm;
	unsigned rest_seconds; /* 0: 600 */
	/* A runner is replaced after so many passes or minutes; 0: never. */
	unsigned recycle_passes;
	double recycle_minutes;
};

/* Starts every runner that runner_dir has, or some.  Returns at once;
 * engine_ready says when they have all spoken. */
int engine_open(struct loop *l, const struct engine_config *c,
	struct engine **ret_e, struct fail *f);
void engine_close(struct engine *e);

/* 1 when at least one runner serves and none is still starting, 0 while
 * starting, -1 when none could start, with the reason in *f. */
int engine_ready(const struct engine *e, struct fail *f);
/* Runners that serve, in the order of their ids.  NULL past the end. */
const struct msg_hello *engine_runtime(const struct engine *e, size_t i);
/* How many runners served for it up to now, this one included. */
uint64_t engine_generation(const struct engine *e, size_t i);
/* Runners that do not: their id and the reason.  NULL past the end. */
const char *engine_broken(
	const struct engine *e, size_t i, const char **ret_reason);

/* The ids of all runners that there are, whether they serve or not, in their
 * order.  NULL past the end. */
const char *engine_known_id(const struct engine *e, size_t i);

/* Can so many runs of that client be taken in now, all of them?  When not, that
 * is counted, and *ret_retry_after is seconds. */
enum admit_verdict engine_admits(struct engine *e, const struct client *c,
	unsigned runs, int *ret_retry_after);
/* The most runs that one client can ever have here at a time. */
unsigned engine_most_of_one(const struct engine *e);
/* The runs that one client may have here, and the milliseconds that one may
 * wait; 0: no bound. */
unsigned engine_share(const struct engine *e);
unsigned engine_max_wait_ms(const struct engine *e);
/* When it is worth that client's while to try again: seconds. */
int engine_retry_after(const struct engine *e, const struct client *c);

enum engine_outcome {
	ENGINE_DONE,	    /* *result is complete */
	ENGINE_UNAVAILABLE, /* our fault; the run may be tried again: 503 */
	ENGINE_BUSY, /* it waited as long as runs may, and was not begun: 503 */
	ENGINE_LATE, /* its deadline was over before it could be made: 503 */
};

/* Called once per run, from the loop.  The result is the callee's to read until
 * it returns; reason is set when UNAVAILABLE, and
 * when LATE for one that had begun and was lost. */
typedef void engine_done_fn(void *arg, enum engine_outcome outcome,
	struct run_result *result, const char *reason);

/* Takes a run in, whether it would have been admitted or not: for a client, or
 * of our own (NULL).  The request must live until the callback (and is not
 * freed here).  The runtime must exist (see engine_has_runtime). */
struct engine_run *engine_submit(struct engine *e, const struct client *c,
	const struct run_request *q, engine_done_fn *done, void *arg);
/* What is heard of a run before its end, from the loop. */
enum engine_news {
	ENGINE_BEGUN,  /* it has left the queue */
	ENGINE_OUTPUT, /* pass[PASS_CLEAN] has more of it */
	ENGINE_PASSED, /* one more pass is over, in whatever way */
	/* What there was is lost by our fault, and is made again: it is BEGUN
	 * once more, with nothing. */
	ENGINE_AGAIN,
};
typedef void engine_hear_fn(
	void *arg, enum engine_news news, const struct run_result *r);
/* Has fn called with arg from now on, never from within this call. */
void engine_hear(struct engine_run *r, engine_hear_fn *fn, void *arg);
/* The client left: kills what runs; the callback still comes, with status
 * "cancelled" facts; from within this call when nothing was running. */
void engine_cancel(struct engine_run *r);
/* Called when a runtime begins to serve or stops serving. */
void engine_on_change(struct engine *e, void (*fn)(void *arg), void *arg);
/* The ids of all that there are and may serve, in their order.  NULL past the
 * end. */
const char *engine_runtime_id(const struct engine *e, size_t i);
/* Does a runtime of that id serve?  NULL id: is there a default? */
bool engine_has_runtime(const struct engine *e, const char *id);

/* Counters for /metrics and the tests. */
struct engine_stats {
	uint64_t runs_total, passes_total, runner_starts_total;
	/* Runners that came to serve, and those that took over from one. */
	uint64_t generations_total, runner_renewals_total;
	uint64_t runs_unavailable_total, runs_retried_total;
	uint64_t refused_total[ADMIT_VERDICTS];
	uint64_t runs_waited_out_total, runs_late_total;
	unsigned running, queued, slots;
	/* Clients that have a run here, and the most that one of them has. */
	unsigned clients, client_most;
	uint64_t oldest_ns; /* how long the oldest has waited that waits */
};
struct engine_stats engine_stats(const struct engine *e);

#endif
