/*
 * Executing a runner: what it is given is what docs/wire.md says under
 * "Starting a runner", and nothing else of this process.
 */
#ifndef SERVER_RUNNER_SPAWN_H
#define SERVER_RUNNER_SPAWN_H

#include <sys/types.h>

#include "base/fail.h"
#include "server/runner.h"

/* Starts the program with `sock` as its control socket.  0, or -1 with *f. */
int runner_spawn(const struct runner_config *c, int sock, pid_t *ret_pid,
	struct fail *f);

#endif
