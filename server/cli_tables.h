/*
 * A reply to a run, as people read it in a terminal.
 */
#ifndef SERVER_CLI_TABLES_H
#define SERVER_CLI_TABLES_H

#include <jansson.h>

#include "server/cli_text.h"

/* Every lens of the reply, in the order of wire/tbl/lenses.h, each under its
 * name.  `source` is what ran. */
void cli_tables_lenses(const json_t *reply, const char *source, size_t n,
	const struct cli_out *o);
/* How it ended: the notes, what the exception said when it was printed nowhere,
 * and the status line. */
void cli_tables_status(const json_t *reply, const struct cli_out *o);

#endif
