/*
 * One pass under way: its pipes, its clock, its report.
 */
#ifndef SERVER_PASS_H
#define SERVER_PASS_H

#include "api/request.h"
#include "api/result.h"
#include "server/loop.h"
#include "server/runner.h"

struct pass_job;

/* The pass is over: `result` is filled.  lost is set when no facts will come
 * (words why); the job may be freed in it. */
typedef void pass_done_fn(struct pass_job *j, void *owner, const char *lost);

/* Makes the descriptors and gives the order.  `result` is the caller's and must
 * live as long as the job. */
int pass_start(struct loop *l, struct runner *r, uint64_t id, enum pass kind,
	uint32_t lenses, const struct run_request *q, int bundle_fd,
	struct pass_result *result, pass_done_fn *done, void *owner,
	struct pass_job **ret_j, struct fail *f);
uint64_t pass_id(const struct pass_job *j);
struct runner *pass_runner(const struct pass_job *j);
/* What the runner says of it. */
void pass_started(struct pass_job *j, int pidfd);
void pass_exited(struct pass_job *j, const struct msg_exited *x);
void pass_lost(struct pass_job *j, const char *why);
/* Ends it; pass_exited comes later. */
void pass_kill(struct pass_job *j, enum kill_cause cause);
void pass_free(struct pass_job *j);

#endif
