/*
 * The page's files, read into memory at start: nothing else is ever served
 * from the disk.
 */
#ifndef SERVER_ASSETS_H
#define SERVER_ASSETS_H

#include "base/fail.h"
#include "server/http.h"

struct assets;

/* Reads every file below dir.  A directory that is not there is a failure. */
int assets_open(const char *dir, struct assets **ret_a, struct fail *f);
void assets_free(struct assets *a);
/* Is there a file of that path ("/", and all below /s/, is index.html)? */
bool assets_has(const struct assets *a, const struct exchange *x);
/* Replies with it; false when there is none.  The page at /e/ may be framed:
 * anywhere, or by pages of this machine only. */
bool assets_reply(const struct assets *a, struct exchange *x, bool anywhere);

#endif
