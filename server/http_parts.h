/*
 * Parts of an exchange that need no libmicrohttpd: its path, its id, and
 * whether a body follows.
 */
#ifndef SERVER_HTTP_PARTS_H
#define SERVER_HTTP_PARTS_H

#include <stdbool.h>

struct exchange;

/* Does the path of a target, as it came, have a NUL?  What decodes it would let
 * the path end there. */
bool http_parts_has_nul(const char *target);
/* The path of a decoded target, without its query; malloc'd.  One that ended at
 * a NUL ends in "%00", so that it is none of ours. */
char *http_parts_path(const char *target, bool nul);

/* Do its headers announce a body? */
bool http_parts_has_body(const struct exchange *x);

#define HTTP_ID_SIZE 24
/* A new id: "req_" and 18 random digits. */
void http_parts_id(char ret_id[HTTP_ID_SIZE]);

#endif
