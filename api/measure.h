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

/* What is counted.  X(member, lens, its member of `totals`) */
#define MEASURE_COUNTERS(X)                                                    \
	X("instructions", LENS_COUNTS, "instructions")                         \
	X("comparisons", LENS_COUNTS, "comparisons")                           \
	X("hashes", LENS_COUNTS, "hashes")                                     \
	X("moved_bytes", LENS_COUNTS, "moved_bytes")                           \
	X("allocations", LENS_MEMORY, "allocations")                           \
	X("allocated_bytes", LENS_MEMORY, "bytes")
enum {
#define X(member, lens, of) +1
	MEASURE_COUNTERS_N = MEASURE_COUNTERS(X)
#undef X
};
#define MEASURE_LENSES (BIT(LENS_COUNTS) | BIT(LENS_MEMORY))
struct measure_count {
	int64_t of[MEASURE_COUNTERS_N]; /* -1: it was not counted to the end */
};
/* Reads them off the reply to a run with those lenses. */
struct measure_count measure_count_read(const json_t *reply);

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
	/* counts[i][k] is of the snippet i at the size k, or at none; the first
	 * ncounts of them, all snippets at a size after the other, were made.
	 */
	struct measure_count counts[MAX_MEASURED][GROWTH_MOST];
	size_t ncounts;
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
/* The n-th count, as an event tells of it; a new reference. */
json_t *measure_count_json(const struct measure_state *s, size_t n);
/* api/measure_counts.c: a list of what a snippet does, at each size; how that
 * grows, or null; both new references.  Notes what is missing. */
json_t *measure_counts_json(const struct measure_state *s, size_t snippet);
json_t *measure_growth_json(const struct measure_state *s, size_t snippet);
void measure_counts_note(const struct measure_state *s, json_t *notes);
/* The whole reply to POST /v1/measurements, a new reference. */
json_t *measure_json(const struct measure_state *s);

#endif
