/*
 * What a run came to, before it is JSON: facts measured by us, and claims made
 * by the child.  Filled by the server, read by api/report.
 */
#ifndef API_RESULT_H
#define API_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/msg.h"

/* Why the server itself ended a pass. */
enum kill_cause {
	KILL_NONE,
	KILL_WALL,
	KILL_OUTPUT,
	KILL_CANCEL,
	KILL_DEADLINE
};

struct pass_result {
	enum zygote zygote;	/* where it was forked from */
	bool made;		/* false: this pass was not part of the run */
	struct msg_exited exit; /* the facts */
	/* One that was not made may have DEADLINE here as well. */
	enum kill_cause killed;
	/* DEADLINE, of one that was made: how long the run might take from when
	 * it was taken in, and how long it had taken. */
	uint64_t deadline_ms, deadline_used_ms;
	struct buf out, err;  /* kept output; .dropped counts what was cut */
	uint64_t output_seen; /* bytes of both streams that were read */
	struct buf report;    /* raw report bytes, header included; claims */
};

struct run_result {
	char id[40]; /* "run_" and 26 characters, 128 random bits */
	const struct msg_hello *runtime;
	uint64_t queue_ns; /* accepted to first order given */
	struct pass_result pass[PASS_COUNT];
};

void run_result_clear(struct run_result *r);

#endif
