/*
 * Inside api/report*.c: the verdict on a pass, and what it claimed.
 */
#ifndef API_REPORT_PARTS_H
#define API_REPORT_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "api/result.h"
#include "base/buf.h"
#include "wire/tables.h"

/* How a pass ended, by the facts alone. */
struct verdict {
	enum {
		VERDICT_OK,
		VERDICT_ERROR,
		VERDICT_LIMIT,
		VERDICT_SIGNAL,
		VERDICT_CANCELLED,
		VERDICT_COUNT
	} status;
	int exit_code; /* OK and ERROR */
	int signal;    /* SIGNAL */
	/* LIMIT: its name, what was allowed and used, and "ms" or "bytes" */
	const char *limit, *unit;
	uint64_t allowed, used;
};

struct verdict report_verdict(
	const struct pass_result *p, const struct limits *l);
/* "ok", "error"… */
const char *report_verdict_status(const struct verdict *v);
/* The `limit` member, or null. */
json_t *report_verdict_limit(const struct verdict *v);
/* The `signal` member ("SIGSEGV"), or null. */
json_t *report_verdict_signal(const struct verdict *v);
/* Appends how it ended: "was ended by the wall limit (10000 ms)". */
void report_verdict_words(const struct verdict *v, struct buf *b);
/* What a stranger should be told about it, appended to notes. */
void report_verdict_explain(const struct verdict *v, json_t *notes);

/* api/report_runtime.c, new references: the layers of the jail in force there,
 * and the runtime as a run tells of it. */
json_t *report_confinement(const struct msg_hello *h);
json_t *report_runtime_brief(const struct msg_hello *h);

/* Appends one sentence to notes. */
void report_note(json_t *notes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What one pass claimed: objects of checked members, by lens and for the run.
 * One that was claimed nothing is an empty object. */
struct claims {
	json_t *run;
	json_t *lens[LENS_COUNT];
	bool cut; /* something was left out, by the child or by us */
};

/* How much more memory the claims of one reply may take; shared by its
 * passes. */

/* Reads the records of a pass that are about the run or one of `lenses`.  What
 * cannot be read is left out and becomes a note. */
void report_claims_read(struct claims *ret_c, enum pass pass,
	const struct buf *report, uint32_t lenses, size_t *memory,
	json_t *notes);
void report_claims_clear(struct claims *c);

#define scope_claims __attribute__((cleanup(report_claims_clear)))

/* The exception as contract.md has it, a new reference, or null with a note
 * when what was claimed is not one. */
json_t *report_exception(const json_t *claimed, json_t *notes);

/* The limit that an exception of this form is the sign of (MemoryError, EMFILE
 * and so on), with what was allowed, and what was used where that was measured;
 * or null.  A new reference.  One that is found is explained in a note. */
json_t *report_limit_met(const json_t *exception, const struct msg_exited *x,
	const struct limits *l, json_t *notes);

/* Whether the value may stand for this member of this lens (or of the run,
 * RECORD_RUN).  With item: as an element of it. */
bool report_shape_ok(
	unsigned lens, const char *member, const json_t *value, bool item);
/* Adds what the lens always has and the claims have not. */
void report_shape_complete(enum lens l, json_t *value);

#endif
