/*
 * One pass in flight: its descriptors, its clock, its end.
 *
 * The two streams together are kept up to output_bytes; one byte more ends the
 * pass.  Nothing here opens a path, or trusts what the report says.
 */
#ifndef SERVER_FLIGHT_H
#define SERVER_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/request.h"
#include "api/result.h"
#include "base/fail.h"
#include "server/loop.h"
#include "server/runner.h"

struct flight;

struct flight_stream {
	struct loop_fd w; /* read end; fd -1 when not open */
	struct flight *flight;
	struct buf *keep;
};

struct flight {
	struct loop *loop;
	struct runner *runner;
	struct pass_result *result;
	uint64_t id;
	struct limits limits;
	struct flight_stream out, err;
	int report, pidfd;
	void (*heard)(void *arg); /* there is more output; may be NULL */
	void *heard_arg;
	enum {
		FLIGHT_NONE,
		FLIGHT_ORDERED,
		FLIGHT_RUNNING,
		FLIGHT_ASKED, /* its init, to end it */
		FLIGHT_KILLED
	} state;
	struct loop_timer timer;
};

/* What a pass is made of. */
struct flight_order {
	uint64_t id; /* unique on the runner */
	enum pass pass;
	uint32_t lenses; /* set of enum lens */
	enum zygote zygote;
	struct limits limits;
	const struct run_request *request;
	const struct buf *bundle;
	/* Called whenever there is more output.  May be NULL. */
	void (*heard)(void *arg);
	void *heard_arg;
};

/* Makes the descriptors and orders the pass from the runner.  *fl must be
 * zeroed and stay where it is; facts and claims go to *result, which is empty.
 */
int flight_begin(struct flight *fl, struct loop *l, struct runner *r,
	const struct flight_order *o, struct pass_result *result,
	struct fail *f);
/* STARTED came; takes the pidfd over. */
void flight_started(struct flight *fl, const struct msg_started *m, int pidfd);
/* EXITED came: the result is complete and the flight over. */
void flight_exited(struct flight *fl, const struct msg_exited *facts);
/* Ends the cell; EXITED is still to come. */
void flight_kill(struct flight *fl, enum kill_cause why);
/* The runner is lost, and the cell with it: lets go.  The result then means
 * nothing.  Nothing happens when no pass is in flight. */
void flight_lose(struct flight *fl);

#endif
