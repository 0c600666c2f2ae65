/* The command line of `vitrine serve`. */
#include "server/serve_options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "server/cmd.h"

/* Warming an interpreter and proving it takes as long as some tens of passes.
 */
#define MIN_RECYCLE_PASSES  100
#define MIN_RECYCLE_MINUTES 0.01

enum {
	OPT_ANONYMOUS = 256,
	OPT_MISSING,
	OPT_SLOTS,
	OPT_QUEUE,
	OPT_PER_CLIENT,
	OPT_MAX_WAIT_MS,
	OPT_STANDBY,
	OPT_RECYCLE_PASSES,
	OPT_RECYCLE_MINUTES,
	OPT_RUNNERS,
	OPT_RUNTIMES,
	OPT_WARM,
	OPT_REST_SECONDS,
	OPT_WEB,
	OPT_LINKS,
	OPT_LINKS_MAX,
	OPT_LINKS_PER_CLIENT
};

static const struct argp_option options[] = {
	{"listen", 'l', "HOST:PORT", 0,
		"Serve there (default: $VITRINE_LISTEN, else 127.0.0.1:8080)",
		0},
	{"anonymous", OPT_ANONYMOUS, NULL, 0,
		"Serve anybody who reaches an address that is not loopback", 0},
	{"allow-missing", OPT_MISSING, "LAYERS", 0,
		"Serve even without these layers of the jail", 0},
	{"slots", OPT_SLOTS, "N", 0, "Passes at a time", 0},
	{"queue", OPT_QUEUE, "N", 0, "Runs that may wait", 0},
	{"per-client", OPT_PER_CLIENT, "N", 0,
		"Runs that one address may have, waiting or not (default: half "
		"of slots and queue; 0: all)",
		0},
	{"max-wait-ms", OPT_MAX_WAIT_MS, "N", 0,
		"Milliseconds that a run may wait (default: 30000; 0: for "
		"ever)",
		0},
	{"standby", OPT_STANDBY, "N", 0, "Cells kept ready", 0},
	{"recycle-passes", OPT_RECYCLE_PASSES, "N", 0,
		"Replace a warm interpreter after so many passes (default: "
		"20000; 0: never)",
		0},
	{"recycle-minutes", OPT_RECYCLE_MINUTES, "N", 0,
		"Replace a warm interpreter of this age (default: 60; 0: "
		"never)",
		0},
	{"runners", OPT_RUNNERS, "DIR", 0, "Where the runner programs are", 0},
	{"runtimes", OPT_RUNTIMES, "IDS", 0,
		"Serve these runtimes only, as in 3.11,3.13 (default: all that "
		"there are)",
		0},
	{"warm", OPT_WARM, "IDS", 0,
		"Of these, keep ready all that is imported ahead of need "
		"(default: the default runtime; all: of all)",
		0},
	{"rest-seconds", OPT_REST_SECONDS, "N", 0,
		"The others let it go when it was not needed for so long "
		"(default: 600)",
		0},
	{"links", OPT_LINKS, "DIR", 0,
		"Store links there that are asked to be (default: none are "
		"stored)",
		0},
	{"links-max", OPT_LINKS_MAX, "N", 0,
		"Links stored at a time, of 8 KiB each all in all (default: "
		"10000)",
		0},
	{"links-per-client", OPT_LINKS_PER_CLIENT, "N", 0,
		"Links that one address may have stored in an hour (default: "
		"100; 0: all)",
		0},
	{"web", OPT_WEB, "DIR", 0, "Where the page's files are", 0},
	{0},
};

static unsigned
number(const char *s, unsigned low, unsigned high, struct argp_state *state)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (!*s || *end || *s == '-' || v < low || v > high)
		argp_error(state, "%s is not a number from %u to %u", s, low,
			high);
	return (unsigned)v;
}

/* 0, or from low to a million. */
static double
period(const char *s, double low, struct argp_state *state)
{
	char *end;
	double v = strtod(s, &end);

	if (s[strspn(s, "0123456789.")] || !*s || *end || (v > 0 && v < low) ||
		v > 1000000)
		argp_error(state,
			"%s is neither 0 (never) nor a number from %g to "
			"1000000",
			s, low);
	return v;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct serve_options *o = state->input;
	struct fail f = {0};

	switch (key) {
	case 'l':
		o->listen = arg;
		return 0;
	case OPT_ANONYMOUS:
		o->anonymous = true;
		return 0;
	case OPT_MISSING:
		if (cmd_parse_layers(arg, &o->engine.allow_missing, &f))
			argp_error(state, "%s", f.text);
		return 0;
	case OPT_SLOTS:
		o->engine.slots = number(arg, 1, 4096, state);
		return 0;
	case OPT_QUEUE:
		o->engine.queue = number(arg, 1, 4096, state);
		return 0;
	case OPT_PER_CLIENT:
		o->engine.per_client = number(arg, 0, 8192, state);
		return 0;
	case OPT_MAX_WAIT_MS:
		o->engine.max_wait_ms = number(arg, 0, 600000, state);
		return 0;
	case OPT_STANDBY:
		o->engine.standby = number(arg, 1, 4096, state);
		return 0;
	case OPT_RECYCLE_PASSES:
		o->engine.recycle_passes =
			(unsigned)period(arg, MIN_RECYCLE_PASSES, state);
		return 0;
	case OPT_RECYCLE_MINUTES:
		o->engine.recycle_minutes =
			period(arg, MIN_RECYCLE_MINUTES, state);
		return 0;
	case OPT_RUNNERS:
		o->engine.runner_dir = arg;
		return 0;
	case OPT_RUNTIMES:
		o->engine.runtimes = arg;
		return 0;
	case OPT_WARM:
		o->engine.warm = arg;
		return 0;
	case OPT_REST_SECONDS:
		o->engine.rest_seconds = number(arg, 1, 1000000, state);
		return 0;
	case OPT_WEB:
		o->web = arg;
		return 0;
	case OPT_LINKS:
		o->links = arg;
		return 0;
	case OPT_LINKS_MAX:
		o->links_max = number(arg, 1, 100000, state);
		return 0;
	case OPT_LINKS_PER_CLIENT:
		o->links_per_client = number(arg, 0, 1000000, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void
serve_options_parse(int argc, char **argv, struct serve_options *ret_o)
{
	const struct argp argp = {options, parse, NULL,
		"Serves the page and the HTTP API.", NULL, NULL, NULL};

	*ret_o = (struct serve_options){.links_max = 10000,
		.links_per_client = 100,
		.engine = {
			.per_client = ADMIT_HALF,
			.max_wait_ms = 30000,
			.recycle_passes = 20000,
			.recycle_minutes = 60,
		}};
	argp_parse(&argp, argc, argv, 0, NULL, ret_o);
}
