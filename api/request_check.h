/*
 * Inside api/request*.c: faults gathered while a request is checked, and the
 * places they point at.
 */
#ifndef API_REQUEST_CHECK_H
#define API_REQUEST_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "api/problem.h"
#include "api/request.h"

/* A place in the request: a chain of member names and indices, innermost
 * first.  key is NULL for an index and for the whole (which has no `up`). */
struct place {
	const struct place *up;
	const char *key;
	size_t key_len, index;
};

/* A check in progress: what is filled, and what is wrong so far. */
struct check {
	struct run_request *q;
	struct problem *p; /* NULL while nothing is wrong */
};

/* A place below another. */
struct place request_check_member(const struct place *up, const char *key);
struct place request_check_element(const struct place *up, size_t index);

/* Notes one fault. */
void request_check_fault(struct check *c, const struct place *at,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Notes "must be <expected>, not <what was found>". */
void request_check_expected(struct check *c, const struct place *at,
	const json_t *found, const char *expected_fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Checks of one kind of value; false when a fault was noted. */
bool request_check_object(
	struct check *c, const struct place *at, const json_t *j);
bool request_check_array(struct check *c, const struct place *at,
	const json_t *j, const char *of_what, size_t max);
bool request_check_bool(
	struct check *c, const struct place *at, const json_t *j, bool *ret);
/* unit is put after the range: " milliseconds". */
bool request_check_integer(struct check *c, const struct place *at,
	const json_t *j, uint64_t low, uint64_t high, const char *unit,
	uint64_t *ret);
/* A string of at most max bytes; with no_nul, without NUL. */
bool request_check_string(struct check *c, const struct place *at,
	const json_t *j, size_t max, bool no_nul);
/* Bytes: a string, or an object with one of "text" and "base64". */
bool request_check_bytes(struct check *c, const struct place *at,
	const json_t *j, size_t max, struct blob *ret);
/* The same two members in an object that has others as well; which of them is
 * there is part of the check. */
bool request_check_content(struct check *c, const struct place *at,
	const json_t *object, size_t max, struct blob *ret);

/* One member that an object may have. */
struct member {
	const char *name;
	void (*check)(struct check *c, const struct place *at, const json_t *j);
};
/* How a kind of request differs from the one for a run: members that it has not
 * (a set of REQUEST_), and further ones.  With `what` one has to be there, and
 * that is what it is, should it be missing. */
enum {
	REQUEST_CODE = 1 << 0,
	REQUEST_RUNTIME = 1 << 1,
	REQUEST_LENSES = 1 << 2
};
#define REQUEST_FURTHER 5
struct request_form {
	unsigned without;
	struct {
		struct member member;
		const char *what;
	} further[REQUEST_FURTHER]; /* the rest is zero */
	/* What is known only of all of them together; or NULL. */
	void (*together)(struct check *c, const struct place *whole);
};

/* Checks each member by the table; one that is not in it is a fault. */
void request_check_members(struct check *c, const struct place *at,
	const json_t *object, const struct member *table, size_t n);

/* A string of Python source. */
void request_check_source(struct check *c, const struct place *at,
	const json_t *j, struct blob *ret);
/* NUL in source is an error of its own: says on which line.  False when a fault
 * was noted. */
bool request_check_code(
	struct check *c, const struct place *at, const char *code, size_t n);

/* api/request_lens.c: the lenses member, and one lens by its name. */
void request_lens_check(
	struct check *c, const struct place *at, const json_t *j);
void request_lens_name(
	struct check *c, const struct place *at, const char *name, size_t n);

/* api/request_lens.c: one option, as it travels; and whether it is there. */
void request_lens_option(struct check *c, const char *name, const char *value);
bool request_lens_has_option(
	const struct check *c, const char *name, const char *value);
/* Could it be the name of a variable? */
bool request_lens_identifier(const char *s, size_t n);
/* An array of names of variables, each of which becomes an option. */
void request_lens_names(struct check *c, const struct place *at,
	const json_t *j, const char *option);

/* api/request_objects.c: the options of the lens objects. */
#define REQUEST_OBJECTS_OPTIONS 5
extern const struct member request_objects_options[REQUEST_OBJECTS_OPTIONS];
/* An array of lines, each of which becomes an option. */
void request_objects_lines(struct check *c, const struct place *at,
	const json_t *j, const char *option);

/* api/request_refcounts.c: the options of the lens refcounts. */
#define REQUEST_REFCOUNTS_OPTIONS 4
extern const struct member request_refcounts_options[REQUEST_REFCOUNTS_OPTIONS];

/* api/request_files.c: the files member. */
void request_files_check(
	struct check *c, const struct place *at, const json_t *j);

/* api/request_limits.c: the limits member, and one limit as text in a query;
 * false when there is no limit of that name. */
void request_limits_check(
	struct check *c, const struct place *at, const json_t *j);
bool request_limits_text(struct check *c, const char *name, const char *value);
/* A whole number in a query.  False when a fault was noted. */
bool request_limits_number(struct check *c, const struct place *at,
	const char *text, uint64_t low, uint64_t high, const char *unit,
	uint64_t *ret);

/* api/request.c: what every request for runs is checked by in that form.  *q is
 * filled as the check goes, and empty on failure. */
int request_from_json(const char *body, size_t n,
	const struct request_form *form, struct run_request *q,
	struct problem **ret_problem);

/* api/request.c: members that a query has as well. */
void request_set_start(
	struct check *c, const struct place *at, const char *start, size_t n);
void request_set_runtime(
	struct check *c, const struct place *at, const char *id, size_t n);

/* api/request_parse.c: the JSON value of a body, or NULL with the problem. */
json_t *request_parse(const char *body, size_t n, struct problem **ret_problem);
/* What a number in the parsed body was that JSON cannot hold: "NaN",
 * "-Infinity", "a number too large to be one"; NULL for every other. */
const char *request_parse_odd(double v);

#endif
