/*
 * RFC 9457 problem details, with RFC 6901 pointers to each fault.
 */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include <jansson.h>
#include <stdbool.h>

struct problem;

/* A problem: slug is the last part of its type ("/problems/<slug>"), detail one
 * sentence saying what and where, or NULL to have it made from the errors
 * (there must then be one).  Never NULL (out of memory aborts). */
struct problem *problem_new(int status, const char *slug, const char *title,
	const char *detail_fmt, ...) __attribute__((format(printf, 4, 5)));
/* Adds one entry to errors[]: {"pointer", "detail"}.  Past the 64th they are
 * only counted, in errors_omitted. */
void problem_at(struct problem *p, const char *pointer, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Whether further entries would only be counted. */
bool problem_full(const struct problem *p);
/* Seconds for the Retry-After header; 0 for none. */
void problem_retry_after(struct problem *p, int seconds);
int problem_get_retry_after(const struct problem *p);
int problem_status(const struct problem *p);
/* The JSON object, a new reference. */
json_t *problem_json(const struct problem *p);
void problem_free(struct problem *p);

#endif
