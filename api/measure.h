/*
 * What snippets took that were run in turns, and by how much they differ.
 */
#ifndef API_MEASURE_H
#define API_MEASURE_H

#include <jansson.h>

#include "api/measure_request.h"
#include "api/result.h"
#include "api/sign_rank.h"

/* What the program of one run took, without its start and its compilation. */
struct measure_times {
	uint64_t wall_ns, cpu_ns;
};

/* Reads them off a run, which claims them.  False when it does not. */
bool measure_read(const struct run_result *r, struct measure_times *ret);

/* How a measurement came to its end; LEFT: nobody waits for it any more. */
enum measure_end {
	MEASURE_ROUNDS,
	MEASURE_BUDGET,
	MEASURE_STOPPED, /* the server goes down */
	MEASURE_FAILED,
	MEASURE_LEFT
};

struct measure_state {
	char id[40];
	const struct measure_request *q;
	/* Whole rounds that count; times[i][round] is of the snippet i. */
	size_t rounds;
	struct measure_times times[MAX_MEASURED][SIGN_RANK_MOST];
	/* The reply to the first run of each, which does not count. */
	json_t *first[MAX_MEASURED];
	enum measure_end end;
	/* FAILED: whose run, in which round (0: the first), and its reply. */
	size_t failed;
	json_t *failed_run;
};

/* The times of one round that counts, as an event tells of it; a new
 * reference. */
json_t *measure_round_json(const struct measure_state *s, size_t round);
/* The whole reply to POST /v1/measurements, a new reference. */
json_t *measure_json(const struct measure_state *s);

#endif
