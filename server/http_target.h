/*
 * The target of a request, and the path in it.
 */
#ifndef SERVER_HTTP_TARGET_H
#define SERVER_HTTP_TARGET_H

#include <stdbool.h>

/* Does the path of a target, as it came, have a NUL?  What decodes it would let
 * the path end there. */
bool http_target_has_nul(const char *target);
/* The path of a decoded target, without its query; malloc'd.  One that ended at
 * a NUL ends in "%00", so that it is none of ours. */
char *http_target_path(const char *target, bool nul);

#endif
