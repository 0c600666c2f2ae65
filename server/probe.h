/*
 * Proof at start: snippets that really must run, and others that really must be
 * contained, before /readyz says yes.
 */
#ifndef SERVER_PROBE_H
#define SERVER_PROBE_H

#include <jansson.h>
#include <stdbool.h>

#include "server/engine.h"

struct probe;

/* Submits the probes; `done` is called once all have answered. */
struct probe *probe_start(struct engine *e, void (*done)(void *arg), void *arg);
bool probe_over(const struct probe *p);
/* Every probe came out as it must. */
bool probe_passed(const struct probe *p);
/* [{"name", "what", "passed", "got"}], a new reference. */
json_t *probe_json(const struct probe *p);
/* A line in the log for each that did not. */
void probe_log(const struct probe *p);
/* Only when it is over. */
void probe_free(struct probe *p);

#endif
