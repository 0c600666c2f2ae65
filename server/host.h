/*
 * Hosts: the runners that are kept alive, one for each program runner-<id> in a
 * directory, and the short-lived ones of cold runs.  A runner that ends is
 * started again; one that cannot start is reported and left out.
 */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "server/loop.h"
#include "server/runner.h"

struct host;
struct host_set;

struct host_config {
	const char *dir;
	uint32_t allow_missing;
	unsigned standby;
};

struct host_events {
	void (*started)(void *arg, struct host *h, uint64_t id, int pidfd);
	void (*exited)(void *arg, struct host *h, uint64_t id,
		const struct msg_exited *x);
	/* It is ready (lost is NULL), or what was given to it is lost. */
	void (*changed)(void *arg, struct host *h, const char *lost);
};

int host_open(struct loop *l, const struct host_config *c,
	const struct host_events *events, void *arg, struct host_set **ret_s,
	struct fail *f);
void host_close(struct host_set *s);

/* As engine_ready, engine_runtime, engine_broken. */
int host_state(const struct host_set *s, struct fail *f);
const struct msg_hello *host_serving(const struct host_set *s, size_t i);
const char *host_broken(
	const struct host_set *s, size_t i, const char **ret_reason);

/* The host of that runtime (NULL: of the first), if it serves or is being
 * started again; else NULL. */
struct host *host_find(const struct host_set *s, const char *id);
/* A runner of its own for one cold run, of the same program. */
int host_start_own(struct host *like, int64_t hash_seed, struct host **ret_h,
	struct fail *f);
void host_free(struct host *own);

bool host_ready(const struct host *h);
const struct msg_hello *host_hello(const struct host *h);
struct runner *host_runner(const struct host *h);

#endif
