/*
 * A request for a comparison: one snippet, and the runtimes that it is run on.
 */
#ifndef API_COMPARE_REQUEST_H
#define API_COMPARE_REQUEST_H

#include "api/request.h"

struct compare_request {
	struct run_request run; /* its runtime is NULL */
	char **runtimes;	/* ids, each once; none when `all` */
	size_t n;
	bool all;
};

void compare_request_clear(struct compare_request *q);

/* As run_request_from_json, which also checks everything but the runtimes:
 * whether they are there is for others to say. */
int compare_request_from_json(const char *body, size_t n,
	struct compare_request *ret, struct problem **ret_problem);

#endif
