/*
 * Parts of an exchange that need no libmicrohttpd: its path, its query, its id,
 * whether a body follows, and whether more can come.
 */
#ifndef SERVER_HTTP_PARTS_H
#define SERVER_HTTP_PARTS_H

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct query_item;

/* Does the path of a target, as it came, have a NUL?  What decodes it would let
 * the path end there. */
bool http_parts_has_nul(const char *target);
/* The path of a decoded target, without its query; malloc'd.  One that ended at
 * a NUL ends in "%00", so that it is none of ours. */
char *http_parts_path(const char *target, bool nul);

/* Do its headers announce a body? */
bool http_parts_has_body(const struct exchange *x);

/* Is an end of the stream all that a socket still has to give? */
bool http_parts_has_ended(int sock);

struct http_query {
	struct query_item *items; /* malloc'd */
	size_t n;
	bool nul; /* there is a NUL in one of them */
};
/* Appends an item, whose strings stay its owner's; value may be NULL. */
void http_parts_gather(struct http_query *q, const char *name, size_t name_size,
	const char *value, size_t size);

#define HTTP_ID_SIZE 24
/* A new id: "req_" and 18 random digits. */
void http_parts_id(char ret_id[HTTP_ID_SIZE]);

#endif
