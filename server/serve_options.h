/*
 * The command line of `vitrine serve`.
 */
#ifndef SERVER_SERVE_OPTIONS_H
#define SERVER_SERVE_OPTIONS_H

#include <stdbool.h>

#include "server/engine.h"

struct serve_options {
	const char *listen, *web; /* NULL: where they usually are */
	bool anonymous;
	const char *links; /* where links are stored; NULL: nowhere */
	unsigned links_max, links_per_client;
	struct engine_config engine;
};

/* Ends the program when the command line cannot be understood. */
void serve_options_parse(int argc, char **argv, struct serve_options *ret_o);

#endif
