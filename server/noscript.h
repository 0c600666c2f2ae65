/*
 * The page for browsers without JavaScript: one form, and under it what came of
 * it, as `vitrine run` and `vitrine compare` show it in a terminal.
 */
#ifndef SERVER_NOSCRIPT_H
#define SERVER_NOSCRIPT_H

#include <jansson.h>
#include <stdbool.h>

#include "api/problem.h"
#include "base/buf.h"
#include "server/engine.h"

/* Pages are never larger; what does not fit is said to be missing. */
#define NOSCRIPT_BYTES (16 * MIB)

/* What the form asks for, as the body of POST /v1/runs, or of
 * POST /v1/comparisons when *ret_compare; a new reference. */
json_t *noscript_request(const json_t *form, bool *ret_compare);

/* The page up to its result, the form filled with what it was sent with (NULL:
 * with nothing). */
void noscript_begin(struct buf *b, const json_t *form, const struct engine *e);
/* One of these is the result.  The reply is that to a run, whose source `code`
 * is, or to a comparison. */
void noscript_put_run(
	struct buf *b, const json_t *reply, const char *code, size_t n);
void noscript_put_comparison(struct buf *b, const json_t *reply);
void noscript_put_problem(struct buf *b, const struct problem *p);
void noscript_end(struct buf *b);

#endif
