/*
 * One run inside the engine: its passes, and what to do when a runner is lost.
 * Only engine.c and run.c know this.
 */
#ifndef SERVER_RUN_H
#define SERVER_RUN_H

#include "server/engine.h"
#include "server/flight.h"
#include "server/runtime.h"

struct engine_run {
	struct engine *engine;
	struct engine_run *prev, *next; /* in order of arrival */
	const struct run_request *q;
	engine_done_fn *done;
	void *arg;
	engine_hear_fn *hear; /* NULL: nobody does */
	void *hear_arg;
	struct run_result result;
	struct buf bundle;
	int64_t accepted_ns;
	struct loop_timer patience; /* until it gets its first slot */
	struct loop_timer deadline; /* of the request */
	struct admit_share *share;  /* of whoever asked for it */
	/* The slots that it has, since when so many, and how long it had each
	 * until then. */
	unsigned held;
	int64_t held_since_ns, held_ns;
	uint32_t todo;	 /* set of enum pass still to begin */
	unsigned flying; /* passes in flight */
	bool begun;	 /* an order was given once */
	bool retried;	 /* this is the second attempt */
	bool cancelled;
	bool late;    /* its deadline is over */
	bool spoiled; /* by our fault: why says how */
	char why[640];
	struct flight flight[PASS_COUNT];
	struct runtime *runtime;
	struct generation *warm; /* whose passes these are, once begun */
	/* "start": "cold": a runner of its own. */
	struct runner *cold;
	bool warming; /* it did not say HELLO yet, and holds a slot */
	struct msg_hello cold_hello;
};

/* What a run needs from the engine. */
struct loop *engine_loop(struct engine *e);
/* There must be one that is free. */
void engine_slot_take(struct engine_run *run);
void engine_slot_release(struct engine_run *run);
uint64_t engine_next_pass_id(struct engine *e);
/* Counts, unlinks, tells the owner and frees. */
void engine_run_over(
	struct engine_run *run, enum engine_outcome outcome, const char *why);
void engine_count_begun(struct engine_run *run);
void engine_count_pass(struct engine *e);
void engine_count_retry(struct engine *e);
/* Lets waiting runs go on, soon. */
void engine_pump(struct engine *e);

/* An id that nobody can guess: four characters that say of what, as "run_", and
 * 26 others. */
void run_make_id(const char *kind, char ret_id[40]);
/* Could it do something with a slot now? */
bool run_wants_slot(const struct engine_run *run);
/* Takes a slot for what comes next.  May end the run. */
void run_step(struct engine_run *run);
/* Why nothing will come of its waiting, or NULL. */
const char *run_hopeless(const struct engine_run *run);
/* A message about one of its passes; -1 when it may not come now.  The pidfd is
 * taken over either way. */
int run_message(struct engine_run *run, struct flight *fl, const struct msg *m,
	int pidfd);
/* The flight of that id, or NULL. */
struct flight *run_find(struct engine_run *run, uint64_t pass_id);
/* Its runner is gone: what was in flight is lost.  May end the run. */
void run_runner_lost(struct engine_run *run, const char *why);
/* Its deadline is over: what is in flight is ended, and nothing more is begun.
 * May end the run. */
void run_late(struct engine_run *run);
/* May end the run. */
void run_cancel(struct engine_run *run);
/* Gives the runner back that it began on. */
void run_let_go(struct engine_run *run);
/* The engine closes: lets go of everything, with no callback. */
void run_drop(struct engine_run *run);

#endif
