/*
 * The command lines that run programs.  Values are put
 * into the request as they are said: api/request checks them, here as for HTTP.
 */
#include "server/cli_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"
#include "server/cli_words.h"
#include "server/cmd.h"

enum {
	OPT_LENS = 256,
	OPT_NAMES,
	OPT_CACHES,
	OPT_ADAPTIVE,
	OPT_CAUSES,
	OPT_HOLDERS,
	OPT_AT,
	OPT_KEYS,
	OPT_ATTRIBUTES,
	OPT_NO_GROWTH,
	OPT_TUTOR,
	OPT_PARTS,
	OPT_BLOCKED,
	OPT_VIRTUAL_CLOCK,
	OPT_SCHEDULES,
	OPT_RACE_SEED,
	OPT_RACE_LINE,
	OPT_RUNTIME,
	OPT_RUNTIMES,
	OPT_ROUNDS,
	OPT_BUDGET,
	OPT_SIZES,
	OPT_NO_COUNTS,
	OPT_COLD,
	OPT_SEED,
	OPT_STDIN,
	OPT_FILE,
	OPT_JSON,
	OPT_COLOR,
	OPT_MISSING,
	OPT_RUNNERS,
	OPT_LIMIT, /* and on: one for each limit */
};

#define X(member, ...) LIMIT_##member,
enum { LIMITS_TABLE(X) LIMIT_deadline_ms, LIMIT_COUNT };
#undef X

/* member as its option says it: "wall-ms". */
struct limit {
	const char *member;
	char option[32], help[96];
};

static struct limit limits[LIMIT_COUNT];

#define X(id, name, ...) " " #name
static const char lens_help[] = "Look through these lenses (several with "
				"commas, or the option again):" LENS_TABLE(X);
#undef X

static const struct argp_option options[] = {
	{"lens", OPT_LENS, "NAMES", 0, lens_help, 1},
	{"names", OPT_NAMES, "NAMES", 0,
		"refcounts, objects: these variables only", 1},
	{"causes", OPT_CAUSES, NULL, 0,
		"refcounts: which instruction changed each count", 1},
	{"holders", OPT_HOLDERS, NULL, 0,
		"refcounts: who holds the references, at the end", 1},
	{"show-caches", OPT_CACHES, NULL, 0,
		"bytecode: show inline cache entries too", 1},
	{"adaptive", OPT_ADAPTIVE, NULL, 0,
		"bytecode: show what the code specialised to after a run", 1},
	{"at", OPT_AT, "LINES", 0,
		"objects, or refcounts with --holders: look before these lines "
		"run, too",
		1},
	{"keys", OPT_KEYS, "KEYS", 0,
		"objects: where dicts and sets look for these keys", 1},
	{"attributes", OPT_ATTRIBUTES, "NAMES", 0,
		"objects: where these are looked up, as in point.x", 1},
	{"no-growth", OPT_NO_GROWTH, NULL, 0,
		"objects: do not look at containers from line to line", 1},
	{"python-tutor", OPT_TUTOR, NULL, 0,
		"steps: with --json, Python Tutor's trace format as well", 1},
	{"parts", OPT_PARTS, "NAMES", 0,
		"ast: show these parts only: tokens, tree, symbols, code", 1},
	{"blocked-ms", OPT_BLOCKED, "N", 0,
		"tasks: what takes so long holds a loop up: 1 to 60000, "
		"usually 50",
		1},
	{"virtual-clock", OPT_VIRTUAL_CLOCK, NULL, 0,
		"tasks: sleeping takes no time: the program's clocks are put "
		"forward",
		1},
	{"schedules", OPT_SCHEDULES, "N", 0,
		"races: how often the program is run: 1 to 1000, usually 60",
		1},
	{"race-seed", OPT_RACE_SEED, "N", 0,
		"races: what schedules decide by, usually 1", 1},
	{"race-line", OPT_RACE_LINE, "LINE", 0,
		"races: switch threads inside of what this line does", 1},
	{"json", OPT_JSON, NULL, 0,
		"Print what HTTP would answer, and nothing else", 1},
	{"color", OPT_COLOR, "WHEN", 0, "auto, always or never", 1},
	{"stdin", OPT_STDIN, "PATH", 0,
		"Standard input of the program (- for ours; else it is empty)",
		2},
	{"file", OPT_FILE, "PATH", 0,
		"A file for the program's directory; may be repeated", 2},
	{"runtime", OPT_RUNTIME, "ID", 0, "The Python to run on, as in 3.11",
		3},
	{"runtimes", OPT_RUNTIMES, "IDS", 0,
		"The Pythons to compare, as in 3.11,3.13; all (the default) "
		"for those that there are",
		3},
	{"rounds", OPT_ROUNDS, "N", 0,
		"How often each of them runs and counts: 6 to 100, usually 20",
		3},
	{"budget-ms", OPT_BUDGET, "N", 0,
		"No round begins after that: 100 to 60000, usually 10000", 3},
	{"sizes", OPT_SIZES, "LIST", 0,
		"Count each at these sizes, as in 64,128,256,512, which are "
		"its last argument, and tell how that grows",
		3},
	{"no-counts", OPT_NO_COUNTS, NULL, 0, "Count nothing after the rounds",
		3},
	{"cold", OPT_COLD, NULL, 0,
		"A newly started interpreter in place of a forked one", 3},
	{"hash-seed", OPT_SEED, "N", 0, "Fix PYTHONHASHSEED (implies --cold)",
		3},
	{"allow-missing", OPT_MISSING, "LAYERS", 0,
		"Run even without these layers of the jail", 5},
	{"runners", OPT_RUNNERS, "DIR", 0, "Where the runner programs are", 5},
	{0},
};

#define FIXED (sizeof(options) / sizeof(*options) - 1)

static const struct {
	const char *arguments, *doc;
} commands[CLI_COMMANDS] = {
	[CLI_RUN] = {"FILE [ARGS...]",
		"Runs FILE (- for standard input) in the jail and shows what "
		"the interpreter did."
		"\vWords after FILE are arguments of the program; those that "
		"begin with - follow after --. The exit status is the "
		"program's own, 124 when a limit ended it, 128 and the number "
		"when a signal did, 125 when the fault was ours."},
	[CLI_COMPARE] = {"FILE [ARGS...]",
		"Runs FILE (- for standard input) on several Pythons, each in "
		"the jail, and shows what differs."
		"\vWords after FILE are arguments of the program; those that "
		"begin with - follow after --. The exit status is 0 when all "
		"ran and none differs, 1 when some differ, 125 when one did "
		"not run."},
	[CLI_MEASURE] = {"FILE FILE...\nFILE --sizes=LIST",
		"Runs two or more files in turns, each time in a fresh process "
		"in the jail, and shows how many times as long each takes as "
		"the first, what each of them does in numbers, and with "
		"--sizes how those grow."
		"\vThe exit status is 0 when it can be told of all of them, 1 "
		"when not, 125 when one did not run or did not end well."},
};

static bool
is_for(enum cli_command command, int key)
{
	if (key == OPT_RUNTIMES)
		return command == CLI_COMPARE;
	if (key == OPT_RUNTIME)
		return command != CLI_COMPARE;
	if (key >= OPT_ROUNDS && key <= OPT_NO_COUNTS)
		return command == CLI_MEASURE;
	return command != CLI_MEASURE || key < OPT_LENS || key > OPT_RACE_LINE;
}

/* The fixed options, then one for each limit. */
static void
complete(enum cli_command command, struct argp_option *ret)
{
	size_t n = 0;

	static const struct {
		const char *member;
		unsigned long long usual, low, high;
	} rows[] = {
#define X(member, usual, low, high) {#member, usual, low, high},
		LIMITS_TABLE(X)
#undef X
			{"deadline_ms", 0, MIN_DEADLINE_MS, MAX_DEADLINE_MS},
	};

	for (size_t i = 0; i < FIXED; i++)
		if (is_for(command, options[i].key))
			ret[n++] = options[i];
	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		struct limit *l = &limits[i];
		l->member = rows[i].member;
		snprintf(l->option, sizeof(l->option), "%s", l->member);
		for (char *c = strchr(l->option, '_'); c; c = strchr(c, '_'))
			*c = '-';
		int at = snprintf(l->help, sizeof(l->help),
			"Limit: %llu to %llu, usually ", rows[i].low,
			rows[i].high);
		snprintf(l->help + at, sizeof(l->help) - (size_t)at,
			rows[i].usual ? "%llu" : "none", rows[i].usual);
		ret[n++] = (struct argp_option){
			l->option, OPT_LIMIT + (int)i, "N", 0, l->help, 4};
	}
}

static json_t *
member(json_t *object, const char *key)
{
	json_t *j = json_object_get(object, key);

	if (!j) {
		j = text_need(json_object());
		text_set(object, key, j);
	}
	return j;
}

json_t *
cli_options_lens(struct cli_options *o, const char *name)
{
	return member(member(o->request, "lenses"), name);
}

static void
add_key(json_t *object, const char *w)
{
	member(object, w);
}

/* The array that a member is, made when it is not there. */
static json_t *
list_of(json_t *object, const char *key)
{
	json_t *list = json_object_get(object, key);

	if (!list) {
		list = text_need(json_array());
		text_set(object, key, list);
	}
	return list;
}

/* "all", or ids with commas between. */
static void
add_runtimes(struct cli_options *o, const char *list)
{
	json_t *ids = json_object_get(o->request, "runtimes");

	if (strcmp(list, "all") == 0) {
		text_set(o->request, "runtimes", json_string("all"));
		return;
	}
	if (!json_is_array(ids)) {
		ids = text_need(json_array());
		text_set(o->request, "runtimes", ids);
	}
	cli_words_each(ids, list, cli_words_add_text);
}

static void
add_path(const char ***list, size_t *n, const char *path)
{
	*list = reallocarray(*list, *n + 1, sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*n)++] = path;
}

static void
argument(struct cli_options *o, const char *arg)
{
	if (!o->file) {
		o->file = arg;
		return;
	}
	if (o->command == CLI_MEASURE) {
		add_path(&o->others, &o->nothers, arg);
		return;
	}
	if (!json_object_get(o->request, "args"))
		text_set(o->request, "args", json_array());
	text_append(json_object_get(o->request, "args"),
		text_json(arg, strlen(arg)));
}

static error_t
parse_ours(int key, char *arg, struct argp_state *state)
{
	struct cli_options *o = state->input;
	struct fail f = {0};

	switch (key) {
	case OPT_STDIN:
		o->input = arg;
		return 0;
	case OPT_FILE:
		add_path(&o->paths, &o->npaths, arg);
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_COLOR:
		if (cli_text_when(arg, &o->colour))
			argp_error(state,
				"--color is auto, always or never, not %s",
				arg);
		return 0;
	case OPT_MISSING:
		if (cmd_parse_layers(arg, &o->allow_missing, &f))
			argp_error(state, "--allow-missing: %s", f.text);
		return 0;
	case OPT_RUNNERS:
		o->runner_dir = arg;
		return 0;
	case ARGP_KEY_ARG:
		argument(o, arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->file)
			argp_error(state, "which FILE is to be run?");
		if (o->command == CLI_MEASURE && !o->nothers &&
			!json_object_get(o->request, "sizes"))
			argp_error(state,
				"which FILE is %s to be measured against? One "
				"alone takes --sizes.",
				o->file);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Options that are a number, of a lens or (NULL) of the request. */
static const struct {
	int key;
	const char *lens, *member;
} numbers[] = {{OPT_BLOCKED, "tasks", "blocked_ms"},
	{OPT_SCHEDULES, "races", "schedules"}, {OPT_RACE_SEED, "races", "seed"},
	{OPT_RACE_LINE, "races", "line"}, {OPT_ROUNDS, NULL, "rounds"},
	{OPT_BUDGET, NULL, "budget_ms"}};

static bool
take_number(struct cli_options *o, int key, const char *arg)
{
	size_t n = sizeof(numbers) / sizeof(*numbers), i = 0;

	while (i < n && numbers[i].key != key)
		i++;
	if (i == n)
		return false;
	text_set(numbers[i].lens ? cli_options_lens(o, numbers[i].lens)
				 : o->request,
		numbers[i].member, cli_words_number(arg));
	return true;
}

/* Options of a lens that take no argument. */
static const struct {
	int key;
	const char *lens, *member;
	bool value;
} switches[] = {{OPT_CACHES, "bytecode", "show_caches", true},
	{OPT_ADAPTIVE, "bytecode", "adaptive", true},
	{OPT_CAUSES, "refcounts", "causes", true},
	{OPT_HOLDERS, "refcounts", "holders", true},
	{OPT_NO_GROWTH, "objects", "growth", false},
	{OPT_TUTOR, "steps", "python_tutor", true}};

static bool
take_switch(struct cli_options *o, int key)
{
	size_t n = sizeof(switches) / sizeof(*switches), i = 0;

	while (i < n && switches[i].key != key)
		i++;
	if (i == n)
		return false;
	text_set(cli_options_lens(o, switches[i].lens), switches[i].member,
		json_boolean(switches[i].value));
	return true;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct cli_options *o = state->input;

	if (take_number(o, key, arg) || take_switch(o, key))
		return 0;

	if (key >= OPT_LIMIT && key < OPT_LIMIT + LIMIT_COUNT) {
		text_set(member(o->request, "limits"),
			limits[key - OPT_LIMIT].member, cli_words_number(arg));
		return 0;
	}
	switch (key) {
	case OPT_LENS:
		cli_words_each(member(o->request, "lenses"), arg, add_key);
		return 0;
	case OPT_NAMES:
		cli_words_each(o->names, arg, cli_words_add_text);
		return 0;
	case OPT_PARTS:
		cli_words_each(list_of(cli_options_lens(o, "ast"), "parts"),
			arg, cli_words_add_text);
		return 0;
	case OPT_AT:
		cli_words_each(o->at, arg, cli_words_add_number);
		return 0;
	case OPT_KEYS:
		cli_words_each(list_of(cli_options_lens(o, "objects"), "keys"),
			arg, cli_words_add_number);
		return 0;
	case OPT_ATTRIBUTES:
		cli_words_each(
			list_of(cli_options_lens(o, "objects"), "attributes"),
			arg, cli_words_add_text);
		return 0;
	case OPT_VIRTUAL_CLOCK:
		text_set(cli_options_lens(o, "tasks"), "virtual_clock",
			json_true());
		return 0;
	case OPT_RUNTIME:
		text_set(o->request, "runtime", text_json(arg, strlen(arg)));
		return 0;
	case OPT_RUNTIMES:
		add_runtimes(o, arg);
		return 0;
	case OPT_SIZES:
		cli_words_each(list_of(o->request, "sizes"), arg,
			cli_words_add_number);
		return 0;
	case OPT_NO_COUNTS:
		text_set(o->request, "counts", json_false());
		return 0;
	case OPT_COLD:
		text_set(o->request, "start", json_string("cold"));
		return 0;
	case OPT_SEED:
		text_set(o->request, "hash_seed", cli_words_number(arg));
		return 0;
	default:
		return parse_ours(key, arg, state);
	}
}

void
cli_options_parse(enum cli_command command, int argc, char **argv,
	struct cli_options *ret_o)
{
	struct argp_option all[FIXED + LIMIT_COUNT + 1] = {0};
	const struct argp argp = {all, parse, commands[command].arguments,
		commands[command].doc, NULL, NULL, NULL};

	*ret_o = (struct cli_options){.command = command,
		.request = text_need(json_object()),
		.names = text_need(json_array()),
		.at = text_need(json_array())};
	if (command == CLI_COMPARE)
		add_runtimes(ret_o, "all");
	complete(command, all);
	argp_err_exit_status = CLI_EXIT_FAULT;
	argp_parse(&argp, argc, argv, 0, NULL, ret_o);
	cli_options_place(ret_o);
}

void
cli_options_clear(struct cli_options *o)
{
	json_decref(o->request);
	json_decref(o->names);
	json_decref(o->at);
	free(o->paths);
	free(o->others);
	*o = (struct cli_options){0};
}
