/*
 * A reply to a comparison, as people read it in a terminal.
 */
#ifndef SERVER_CLI_COMPARE_H
#define SERVER_CLI_COMPARE_H

#include <jansson.h>

#include "server/cli_text.h"

/* server/cli_compare_table.c: a column for each runtime, a row for how it
 * ended, one for each aspect, and figures. */
void cli_compare_table(const json_t *reply, const struct cli_out *o);
/* Notes of the runs, and in which aspects they differ. */
void cli_compare_status(const json_t *reply, const struct cli_out *o);

/* server/cli_compare_diff.c: what differs, aspect by aspect. */
void cli_compare_differences(const json_t *reply, const struct cli_out *o);
/* "3.13, 3.14". */
void cli_compare_names(struct buf *b, const json_t *list);

#endif
