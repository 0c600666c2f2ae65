/*
 * Proof that the jail holds: snippets that really must run, and others that
 * really must be contained.  All of them before /readyz says yes, and each when
 * somebody asks.
 */
#ifndef SERVER_PROBE_H
#define SERVER_PROBE_H

#include <jansson.h>
#include <stdbool.h>

#include "server/engine.h"

/* So many are in tbl/probes.h; the others of probe_* take a number below it. */
size_t probe_count(void);
/* By its name; probe_count() when there is none. */
size_t probe_find(const char *name, size_t n);
/* The request that makes it on a runtime, or on the default (NULL), which is
 * the caller's to clear. */
struct run_request probe_request(size_t i, const char *runtime);
/* What came of it, a new reference: {"name", "runtime", "what", "passed",
 * "stopped_by", "missing", "got"}.  *ret_fine, which may be NULL: it passed, or
 * it may get through, for want of a layer that the operator said may be
 * missing. */
json_t *probe_judge(size_t i, const struct run_result *r, bool *ret_fine);
/* The same when there was no answer. */
json_t *probe_lost(size_t i, const char *runtime, const char *why);
/* The source of probe i. */
const char *probe_code(size_t i);

/* All of them, once on each runtime that serves. */
struct probes;

/* Submits them; `done` is called once all have answered. */
struct probes *probes_start(
	struct engine *e, void (*done)(void *arg), void *arg);
bool probes_over(const struct probes *p);
/* Every probe came out as it must, or as it may without the layers that are
 * allowed to be missing. */
bool probes_fine(const struct probes *p);
/* A list of what probe_judge said, a new reference; with the source of each, or
 * without. */
json_t *probes_json(const struct probes *p, bool code);
/* A line in the log for each that did not pass. */
void probes_log(const struct probes *p);
/* Only when it is over. */
void probes_free(struct probes *p);

#endif
