/*
 * What `vitrine run` sends: the request of the command line with the files that
 * it names, as the JSON that HTTP would bring.
 */
#ifndef SERVER_CLI_REQUEST_H
#define SERVER_CLI_REQUEST_H

#include "base/buf.h"
#include "base/fail.h"
#include "server/cli_options.h"

/* Reads FILE, --stdin and --file into o->request.  ret_code (empty, with its
 * maximum set) keeps the source. */
int cli_request_complete(
	struct cli_options *o, struct buf *ret_code, struct fail *f);

/* The name that a file of --file has beside main.py: the path from FILE's own
 * directory when it lies there, the last part of an absolute path, else the
 * path as it is said. */
const char *cli_request_name(const char *file, const char *path);

#endif
