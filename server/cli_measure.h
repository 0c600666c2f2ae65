/*
 * What vitrine measure shows of counts.
 */
#ifndef SERVER_CLI_MEASURE_H
#define SERVER_CLI_MEASURE_H

#include <jansson.h>

#include "server/cli_text.h"

/* A table of what each snippet does, at each size, and one of how that grows;
 * nothing where it was not counted. */
void cli_measure_counts(const json_t *reply, const struct cli_out *o);

#endif
