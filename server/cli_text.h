/*
 * Text for a terminal: widths in columns, colours, numbers for people.
 *
 * Everything that comes from a run is a stranger's text: control characters
 * are shown, never sent.  UTF-8 is written whatever the locale says.
 */
#ifndef SERVER_CLI_TEXT_H
#define SERVER_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

/* Where tables go. */
struct cli_out {
	FILE *file;
	unsigned width; /* columns of a line */
	bool colour;
};

enum cli_style {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_DIM,
	CLI_GOOD,
	CLI_BAD,
	CLI_WARN,
	CLI_NAME,
	CLI_STYLES
};

enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* "auto", "always" or "never"; -1 for anything else. */
int cli_text_when(const char *word, enum cli_colour *ret_when);

/* Call once, before anything else here: makes wcwidth(3) know UTF-8. */
void cli_text_init(void);
/* Width and colour for f: COLUMNS, else the terminal's width, else 80; with
 * AUTO, colour on a terminal that is not "dumb" unless NO_COLOR is set. */
struct cli_out cli_text_out(FILE *f, enum cli_colour when);

/* Columns that n bytes take when cli_text_clean wrote them. */
unsigned cli_text_width(const char *s, size_t n);
/* The largest length <= n whose text takes at most `columns`. */
size_t cli_text_fit(const char *s, size_t n, unsigned columns);
/* Appends n bytes, each control character as a picture or an escape and each
 * byte that is not UTF-8 as U+FFFD; tabs become spaces up to the next multiple
 * of eight from where this text began. */
void cli_text_clean(struct buf *b, const char *s, size_t n);

/* Switches a style on and off again; nothing without colour. */
void cli_text_on(const struct cli_out *o, enum cli_style s);
void cli_text_off(const struct cli_out *o, enum cli_style s);
/* One formatted text in a style; the caller's words only, not cleaned. */
void cli_text_say(const struct cli_out *o, enum cli_style s, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));
/* Words broken at blanks to the width, cleaned; each line but the first is
 * indented by `hang`, and the first is taken to begin in column `at`. */
void cli_text_wrap(
	const struct cli_out *o, unsigned at, unsigned hang, const char *words);

/* "831 ns", "12.4 µs", "3.02 ms", "1.50 s". */
#define CLI_NUMBER 32
const char *cli_text_ns(char ret[CLI_NUMBER], int64_t ns);
/* "9.1 MiB". */
const char *cli_text_bytes(char ret[CLI_NUMBER], uint64_t bytes);

#endif
