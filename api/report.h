/*
 * A finished run as the JSON of the reply.
 */
#ifndef API_REPORT_H
#define API_REPORT_H

#include <jansson.h>

#include "api/request.h"
#include "api/result.h"

/* The whole reply to POST /v1/runs, a new reference.  Never fails: what the
 * child wrote that cannot be read becomes a note. */
json_t *report_json(const struct run_request *q, const struct run_result *r);

/* The same, for one of several replies that are kept together: what was claimed
 * takes no more memory than that. */
#define REPORT_MEMORY (256 * MIB)
json_t *report_json_within(
	const struct run_request *q, const struct run_result *r, size_t memory);

/* The runtime as GET /v1/runtimes lists it, a new reference. */
json_t *report_runtime(const struct msg_hello *h);

/* A stream: {"text": …, "truncated": …} or {"base64": …, "truncated": …}. */
json_t *report_stream(const char *bytes, size_t n, bool truncated);
/* A part of a stream that goes on: {"text": …} or {"base64": …} of its first
 * *n bytes, which become as many as there are whole characters of, unless it is
 * the last.  NULL when that is none. */
json_t *report_output(const char *bytes, size_t *n, bool last);

#endif
