/*
 * What runs of one snippet on several runtimes came to, beside each other: the
 * same replies that each of them would have alone, and what parts them.
 */
#ifndef API_COMPARE_H
#define API_COMPARE_H

#include <jansson.h>

#include "api/request.h"

/* One runtime's part: the reply to its run, or the problem that stands for
 * one. */
struct compare_one {
	const char *runtime;
	json_t *run, *problem; /* one of them; the other is NULL */
};

/* It as an element of `results`, a new reference. */
json_t *compare_result(const struct compare_one *one);

/* What parts them, a new reference: the reply without its results.  The
 * baseline is the first that has a run. */
json_t *compare_differences(const char *id, const struct run_request *q,
	const struct compare_one *ones, size_t n);

/* The whole reply to POST /v1/comparisons, a new reference. */
json_t *compare_json(const char *id, const struct run_request *q,
	const struct compare_one *ones, size_t n);

#endif
