/*
 * What `vitrine run` and `vitrine compare` have in common: an engine without a
 * server, from the command line to the exit status.
 */
#ifndef SERVER_CLI_SESSION_H
#define SERVER_CLI_SESSION_H

#include "api/problem.h"
#include "server/cli_options.h"
#include "server/engine.h"
#include "server/loop.h"

struct cli_session {
	const char *name; /* "vitrine run", in front of what is said */
	struct cli_options options;
	struct buf code; /* the source */
	struct loop *loop;
	struct engine *engine;
	struct loop_fd signals;
	bool begun, over;
	const char *const *only; /* as in struct engine_config */
	size_t nonly;
	int interrupted; /* the signal that we were sent */
	int status;	 /* our exit status */

	/* Reads the request of options, and says which runtimes are for it;
	 * -1 with what is wrong with it. */
	int (*check)(struct cli_session *s, const char *body, size_t n,
		struct problem **ret_p);
	/* The runners are there: begins, or says why not and returns -1. */
	int (*begin)(struct cli_session *s);
	/* Begun, and interrupted: ends it, which then comes to its end. */
	void (*cancel)(struct cli_session *s);
};

/* Reads the command line, runs the loop until cli_session_end, and cleans up;
 * the exit status of the program. */
int cli_session_main(
	struct cli_session *s, enum cli_command command, int argc, char **argv);

void cli_session_end(struct cli_session *s);

/* Says on standard error what is wrong; a stranger's text is fine. */
void cli_session_complain(const struct cli_session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The same of a problem with the request, by the words of the command line;
 * with --json, prints it as well. */
void cli_session_problem(const struct cli_session *s, const struct problem *p);
/* Prints a reply on a line, for --json. */
void cli_session_json(const json_t *reply);

#endif
