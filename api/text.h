/*
 * JSON values that are always made: text of any bytes, base64, and jansson's
 * constructors without their failures.  Out of memory aborts, here and in all
 * of api/: a reply that lacks a part would be a lie.
 */
#ifndef API_TEXT_H
#define API_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/request.h"

/* j, or abort when it is NULL. */
json_t *text_need(json_t *j);
/* A JSON string of n bytes, NULs kept; bytes that are not UTF-8 become
 * U+FFFD. */
json_t *text_json(const char *bytes, size_t n);
/* Sets a member or appends an element, and takes over the reference to j. */
void text_set(json_t *object, const char *key, json_t *j);
void text_append(json_t *array, json_t *j);

/* A JSON string: n bytes in base64 (RFC 4648, with padding). */
json_t *text_base64(const char *bytes, size_t n);
/* The other way; strict: padded, canonical, without white space.  0, or -1
 * with the offset of the first character that is wrong. */
int text_unbase64(
	const char *s, size_t n, struct blob *ret_b, size_t *ret_wrong);

/* A bound on the memory that a JSON text takes once parsed.  Stops where it
 * nests deeper than max_depth; *ret_deep (may be NULL) says whether it does. */
size_t text_weight(const char *s, size_t n, unsigned max_depth, bool *ret_deep);

/* A copy of n bytes, NUL-terminated. */
struct blob text_blob(const char *bytes, size_t n);

#endif
