/*
 * A run request: JSON in, a checked struct out.
 */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/tables.h"

/* n bytes at data, NUL-terminated one past n; may hold NULs. */
struct blob {
	char *data;
	size_t n;
};

struct run_file {
	char *path;
	struct blob content;
};

/* One lens option as it travels in the bundle: name "refcounts.names",
 * value "a"; "bytecode.show_caches" "1"; "bytecode.adaptive" "1". */
struct lens_option {
	char *name, *value;
};

struct run_request {
	struct blob code;
	struct blob stdin_bytes;
	struct blob *args;
	size_t nargs;
	struct run_file *files;
	size_t nfiles;
	char *runtime;	   /* "3.11", or NULL for the default */
	bool cold;	   /* "start": "cold", or a hash_seed was given */
	int64_t hash_seed; /* 0 to 4294967295, or -1 for random */
	uint32_t lenses;   /* set of enum lens */
	struct lens_option *options;
	size_t noptions;
	bool adaptive;	   /* bytecode {"adaptive": true} */
	bool python_tutor; /* steps {"python_tutor": true} */
	struct limits limits;
	uint64_t deadline_ms; /* from taken in to over; 0: none */
};

struct problem;

/* Frees what the struct holds. */
void run_request_clear(struct run_request *r);

/*
 * Checks a JSON body (application/json) and fills *ret.  -1 with *ret_problem
 * (400 for what is not JSON, 422 with a pointer for each fault otherwise).
 * Every fault is listed, not just the first.
 */
int run_request_from_json(const char *body, size_t n, struct run_request *ret,
	struct problem **ret_problem);

/* One query parameter of a text/x-python request. */
struct query_item {
	const char *name, *value;
};

/*
 * The same for a text/x-python body: the body is the code; options come from
 * the query: runtime, start, hash_seed, stdin, arg (repeats), lens or lenses
 * (repeats, or comma-separated), and each limit by its name.
 */
int run_request_from_text(const char *body, size_t n,
	const struct query_item *query, size_t nquery, struct run_request *ret,
	struct problem **ret_problem);

#endif
