/*
 * A request for a measurement: snippets that are run in turns, and how often.
 */
#ifndef API_MEASURE_REQUEST_H
#define API_MEASURE_REQUEST_H

#include "api/growth.h"
#include "api/request.h"

struct measure_snippet {
	char *name;
	struct blob code;
};

struct measure_request {
	struct run_request run; /* of each of them, but for the code */
	/* Two at least; or one, where there are sizes: then rounds is 0. */
	struct measure_snippet snippets[MAX_MEASURED];
	size_t n;
	/* Each is the last argument of a run; in the rounds the last is. */
	uint64_t sizes[GROWTH_MOST];
	size_t nsizes;
	bool counts; /* after the rounds, what each of them does is counted */
	uint64_t rounds;    /* that are wanted */
	uint64_t budget_ms; /* after which no further round begins */
};

void measure_request_clear(struct measure_request *q);

/* As run_request_from_json. */
int measure_request_from_json(const char *body, size_t n,
	struct measure_request *ret, struct problem **ret_problem);

#endif
