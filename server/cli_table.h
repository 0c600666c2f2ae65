/*
 * A table of text: columns as wide as their cells, narrowed to the terminal.
 */
#ifndef SERVER_CLI_TABLE_H
#define SERVER_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/cli_text.h"

/* `shrink` columns give way, the widest first, down to `least` columns, when a
 * line would be wider than the terminal; what is cut ends in an ellipsis.
 * `close` puts one blank in front in place of two. */
struct cli_column {
	const char *title; /* a stranger's text is fine; copied */
	bool right, shrink, close;
	unsigned least;
};

struct cli_table;

/* Never NULL (out of memory aborts).  Columns past CLI_TABLE_COLUMNS are a bug
 * of the caller. */
#define CLI_TABLE_COLUMNS 64
struct cli_table *cli_table_new(const struct cli_column *columns, size_t n);
/* Fills the next cell; the text is cleaned.  Rows follow from the count. */
void cli_table_cell(struct cli_table *t, enum cli_style s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with n bytes of a stranger's text. */
void cli_table_text(
	struct cli_table *t, enum cli_style s, const char *text, size_t n);
/* Fills the rest of the row with empty cells. */
void cli_table_end_row(struct cli_table *t);
/* Writes titles (unless all are empty) and rows, indented by two. */
void cli_table_print(const struct cli_table *t, const struct cli_out *o);
void cli_table_free(struct cli_table *t);

static inline void
cli_table_free_(struct cli_table **t)
{
	cli_table_free(*t);
}
#define scope_table __attribute__((cleanup(cli_table_free_)))

#endif
