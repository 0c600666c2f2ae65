/*
 * The command lines of `vitrine run`, `vitrine compare` and `vitrine measure`.
 */
#ifndef SERVER_CLI_OPTIONS_H
#define SERVER_CLI_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/cli_text.h"
#include "wire/tables.h"

/* Our own faults, as env(1) and timeout(1) have them. */
#define CLI_EXIT_FAULT 125
#define CLI_EXIT_LIMIT 124

/* What the runs of a comparison differ in, as diff(1) has it. */
#define CLI_EXIT_DIFFER 1

enum cli_command { CLI_RUN, CLI_COMPARE, CLI_MEASURE, CLI_COMMANDS };

struct cli_options {
	enum cli_command command;
	const char *file; /* "-" for standard input */
	/* MEASURE: the others. */
	const char **others;
	size_t nothers;
	const char *input;  /* of --stdin, or NULL */
	const char **paths; /* of --file */
	size_t npaths;
	/* The request as far as the command line says it: everything but code,
	 * stdin and files, which have to be read. */
	json_t *request;
	json_t *names;		/* of --names, before they are in the request */
	json_t *at;		/* of --at, likewise */
	const char *runner_dir; /* NULL: the program's own directory */
	unsigned allow_missing; /* set of enum layer */
	enum cli_colour colour;
	bool json;
};

/* Reads the command line.  What is wrong with it is said on standard error and
 * ends the program with CLI_EXIT_FAULT; --help ends it with 0. */
void cli_options_parse(enum cli_command command, int argc, char **argv,
	struct cli_options *ret_o);
void cli_options_clear(struct cli_options *o);

/* The options of a lens, which is thereby asked for. */
json_t *cli_options_lens(struct cli_options *o, const char *name);
/* server/cli_options_place.c: puts --names and --at into the request. */
void cli_options_place(struct cli_options *o);

/* server/cli_origin.c: the word of the command line that a JSON pointer into
 * the request comes from:
 * "--wall-ms" for "/limits/wall_ms".  The buffer holds the answer. */
const char *cli_options_origin(
	const struct cli_options *o, const char *pointer, struct buf *b);

#endif
