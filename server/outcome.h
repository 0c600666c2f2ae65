/*
 * Runs of which nothing came: the problem that stands in the place of a reply.
 */
#ifndef SERVER_OUTCOME_H
#define SERVER_OUTCOME_H

#include "api/problem.h"
#include "server/engine.h"

/* Of an outcome that is not DONE; reason is what came with it. */
struct problem *outcome_problem(const struct engine *e,
	const struct run_request *q, enum engine_outcome outcome,
	const char *reason);
/* Of a run that was never submitted, for its runtime does not serve. */
struct problem *outcome_no_runtime(const struct engine *e, const char *id);

#endif
