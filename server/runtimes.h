/*
 * Which runtimes there are.  Nothing says so but what lies in the directory of
 * the programs:
 *
 *   runner-<id>             a runner for a CPython of the machine itself
 *   runtimes/<id>/runner    a runner for one with a root of its own, which is
 *   runtimes/<id>/root      beside it (wire/runtime.h)
 */
#ifndef SERVER_RUNTIMES_H
#define SERVER_RUNTIMES_H

#include "base/fail.h"
#include "server/runtime.h"

/* Has add() make a struct runtime for each that it wants (else NULL), and fills
 * in path and root; or state and reason for one that cannot serve as it is. -1:
 * there is none. */
int runtimes_find(const char *dir,
	struct runtime *(*add)(void *arg, const char *id), void *arg,
	struct fail *f);

#endif
