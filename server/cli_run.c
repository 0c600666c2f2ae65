/*
 * vitrine run: one file, without HTTP.
 *
 * The request is made as JSON and read by api/request, so that every check is
 * the one that HTTP makes.
 */
#include <argp.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/problem.h"
#include "api/report.h"
#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "server/cli_tables.h"
#include "server/cmd.h"
#include "server/engine.h"
#include "server/loop.h"

/* As timeout(1) and env(1) have it. */
#define EXIT_LIMIT 124
#define EXIT_FAULT 125

struct options {
	const char *file;
	json_t *request;
	struct buf source;
	bool json;
	enum cli_colour colour;
	struct engine_config engine;
	char dir[4096];
};

enum {
	OPT_LENS = 256,
	OPT_RUNTIME,
	OPT_STDIN,
	OPT_FILE,
	OPT_SEED,
	OPT_COLD,
	OPT_NAMES,
	OPT_CACHES,
	OPT_ADAPTIVE,
	OPT_MISSING,
	OPT_JSON,
	OPT_COLOR,
	OPT_RUNNERS,
#define X(member, ...) OPT_LIMIT_##member,
	LIMITS_TABLE(X)
#undef X
};

static const struct argp_option options[] = {
	{"lens", OPT_LENS, "NAMES", 0,
		"Look through these lenses: bytecode, refcounts, gc, timing",
		0},
	{"runtime", OPT_RUNTIME, "ID", 0, "The CPython to run on, as 3.11", 0},
	{"stdin", OPT_STDIN, "FILE", 0,
		"Standard input of the program (- for this one's)", 0},
	{"file", OPT_FILE, "PATH", 0,
		"Put this file beside the program; may be given again", 0},
	{"hash-seed", OPT_SEED, "N", 0, "Fix the hash seed (starts cold)", 0},
	{"cold", OPT_COLD, NULL, 0, "Start a fresh interpreter", 0},
	{"names", OPT_NAMES, "NAMES", 0, "refcounts: watch only these names",
		0},
	{"show-caches", OPT_CACHES, NULL, 0, "bytecode: show cache entries", 0},
	{"adaptive", OPT_ADAPTIVE, NULL, 0,
		"bytecode: show what it was specialised to", 0},
	{"allow-missing", OPT_MISSING, "LAYERS", 0,
		"Run even without these layers of the jail", 0},
	{"json", OPT_JSON, NULL, 0, "Print the JSON of POST /v1/runs", 0},
	{"color", OPT_COLOR, "WHEN", 0, "auto, always or never", 0},
	{"runners", OPT_RUNNERS, "DIR", 0, "Where the runner programs are", 0},
	{"wall-ms", OPT_LIMIT_wall_ms, "N", 0, "Time on the clock", 1},
	{"cpu-ms", OPT_LIMIT_cpu_ms, "N", 0, "CPU time", 1},
	{"memory-bytes", OPT_LIMIT_memory_bytes, "N", 0, "Memory", 1},
	{"output-bytes", OPT_LIMIT_output_bytes, "N", 0, "Output", 1},
	{"processes", OPT_LIMIT_processes, "N", 0, "Processes and threads", 1},
	{"disk-bytes", OPT_LIMIT_disk_bytes, "N", 0, "Files", 1},
	{0},
};

/* The object under a key, made when it is not there. */
static json_t *
below(json_t *o, const char *key)
{
	json_t *child = json_object_get(o, key);

	if (!child) {
		child = json_object();
		json_object_set_new(o, key, child);
	}
	return child;
}

/* Bytes as the API takes them: a string, else base 64. */
static json_t *
bytes_json(const struct buf *b)
{
	json_t *stream = report_stream(b->data ? b->data : "", b->len, false);
	json_t *text = json_object_get(stream, "text");
	json_t *out = text ? json_incref(text)
			   : json_pack("{s:O}", "base64",
				     json_object_get(stream, "base64"));

	json_decref(stream);
	return out;
}

static int
read_file(const char *path, size_t max, struct buf *b, struct fail *f)
{
	scope_fd int fd = strcmp(path, "-") == 0
				  ? fcntl(0, F_DUPFD_CLOEXEC, 3)
				  : open(path, O_RDONLY | O_CLOEXEC);

	*b = BUF_INIT(max);
	if (fd < 0)
		return fail_errno(f, "cannot open %s", path);
	return io_read_all(fd, b, f) ? fail_in(f, "%s", path) : 0;
}

static void
add_names(json_t *array, const char *list)
{
	scope_free char *copy = strdup(list);
	char *save = NULL;

	for (char *n = copy ? strtok_r(copy, ",", &save) : NULL; n;
		n = strtok_r(NULL, ",", &save))
		json_array_append_new(array, json_string(n));
}

static void
set_limit(struct options *o, const char *name, const char *value)
{
	char *end;
	long long v = strtoll(value, &end, 10);

	json_object_set_new(below(o->request, "limits"), name,
		*value && !*end ? json_integer(v) : json_string(value));
}

static void
add_lenses(struct options *o, const char *list)
{
	json_t *names = json_array(), *name;
	size_t i;

	add_names(names, list);
	json_array_foreach(names, i, name)
		below(below(o->request, "lenses"), json_string_value(name));
	json_decref(names);
}

static void
add_file(struct options *o, const char *path, struct argp_state *state)
{
	json_t *files = json_object_get(o->request, "files");
	scope_buf struct buf b = {0};
	struct fail f = {0};
	const char *name = strrchr(path, '/');

	if (!files) {
		files = json_array();
		json_object_set_new(o->request, "files", files);
	}
	if (read_file(path, MAX_FILE_BYTES, &b, &f))
		argp_failure(state, EXIT_FAULT, 0, "%s", f.text);
	json_array_append_new(
		files, json_pack("{s:s, s:o}", "path", name ? name + 1 : path,
			       "text", bytes_json(&b)));
}

static void
add_stdin(struct options *o, const char *path, struct argp_state *state)
{
	scope_buf struct buf b = {0};
	struct fail f = {0};

	if (read_file(path, MAX_STDIN_BYTES, &b, &f))
		argp_failure(state, EXIT_FAULT, 0, "%s", f.text);
	json_object_set_new(o->request, "stdin", bytes_json(&b));
}

static void
set_colour(struct options *o, const char *when, struct argp_state *state)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++)
		if (strcmp(when, words[i]) == 0) {
			o->colour = (enum cli_colour)i;
			return;
		}
	argp_error(state, "--color is auto, always or never");
}

static void
take_argument(struct options *o, char *arg)
{
	json_t *args = json_object_get(o->request, "args");

	if (!o->file) {
		o->file = arg;
		return;
	}
	if (!args) {
		args = json_array();
		json_object_set_new(o->request, "args", args);
	}
	json_array_append_new(args, json_string(arg));
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	json_t *lenses = o->request;
	struct fail f = {0};

	switch (key) {
	case OPT_LENS:
		add_lenses(o, arg);
		return 0;
	case OPT_RUNTIME:
		json_object_set_new(o->request, "runtime", json_string(arg));
		return 0;
	case OPT_STDIN:
		add_stdin(o, arg, state);
		return 0;
	case OPT_FILE:
		add_file(o, arg, state);
		return 0;
	case OPT_SEED:
		json_object_set_new(o->request, "hash_seed",
			json_integer(strtoll(arg, NULL, 10)));
		return 0;
	case OPT_COLD:
		json_object_set_new(o->request, "start", json_string("cold"));
		return 0;
	case OPT_NAMES: {
		json_t *names = json_array();
		add_names(names, arg);
		json_object_set_new(below(below(lenses, "lenses"), "refcounts"),
			"names", names);
		return 0;
	}
	case OPT_CACHES:
	case OPT_ADAPTIVE:
		json_object_set_new(below(below(lenses, "lenses"), "bytecode"),
			key == OPT_CACHES ? "show_caches" : "adaptive",
			json_true());
		return 0;
	case OPT_MISSING:
		if (cmd_parse_layers(arg, &o->engine.allow_missing, &f))
			argp_error(state, "%s", f.text);
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_COLOR:
		set_colour(o, arg, state);
		return 0;
	case OPT_RUNNERS:
		o->engine.runner_dir = arg;
		return 0;
#define X(member, ...)                                                         \
	case OPT_LIMIT_##member:                                               \
		set_limit(o, #member, arg);                                    \
		return 0;
		LIMITS_TABLE(X)
#undef X
	case ARGP_KEY_ARG:
		take_argument(o, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A run under way. */
struct going {
	struct loop *loop;
	const struct options *o;
	struct run_request q;
	struct loop_timer start;
	struct engine *engine;
	int status;
};

static void
pour(const struct buf *b, FILE *to)
{
	if (b->len)
		fwrite(b->data, 1, b->len, to);
	fflush(to);
}

static int
exit_status(const json_t *reply)
{
	const char *status =
		json_string_value(json_object_get(reply, "status"));
	const json_t *code = json_object_get(reply, "exit_code");
	const char *name = json_string_value(json_object_get(reply, "signal"));

	if (json_is_integer(code))
		return (int)json_integer_value(code);
	for (int s = 1; name && s < 32; s++) {
		const char *abbrev = sigabbrev_np(s);
		if (abbrev && strcmp(name + 3, abbrev) == 0)
			return 128 + s;
	}
	return status && strcmp(status, "limit") == 0 ? EXIT_LIMIT : EXIT_FAULT;
}

static void
show(struct going *g, const struct run_result *r)
{
	const struct options *o = g->o;
	json_auto_t *reply = report_json(&g->q, r);

	g->status = exit_status(reply);
	if (o->json) {
		json_dumpf(reply, stdout, JSON_INDENT(2));
		putchar('\n');
		return;
	}
	struct cli_out out = cli_text_out(stdout, o->colour);
	pour(&r->pass[PASS_CLEAN].out, stdout);
	pour(&r->pass[PASS_CLEAN].err, stderr);
	cli_tables_lenses(reply, o->source.data ? o->source.data : "",
		o->source.len, &out);
	cli_tables_status(reply, &out);
}

static void
done(void *arg, enum engine_outcome outcome, struct run_result *result,
	const char *reason)
{
	struct going *g = arg;

	if (outcome == ENGINE_DONE) {
		show(g, result);
	} else {
		log_error("the run could not be made: %s", reason);
		g->status = EXIT_FAULT;
	}
	loop_stop(g->loop);
}

/* Begins once the runners have spoken. */
static void
start_tick(struct loop_timer *t)
{
	struct going *g =
		(struct going *)((char *)t - offsetof(struct going, start));
	struct fail f = {0};
	int ready = engine_ready(g->engine, &f);

	if (ready == 0) {
		loop_timer_set(g->loop, t, io_now_ns() + 1000000);
	} else if (ready < 0 || !engine_has_runtime(g->engine, g->q.runtime)) {
		log_error("%s",
			ready < 0 ? f.text : "there is no such runtime here");
		loop_stop(g->loop);
	} else {
		engine_submit(g->engine, &g->q, done, g);
	}
}

static void
print_problem(struct problem *p)
{
	json_auto_t *j = problem_json(p);
	json_t *errors = json_object_get(j, "errors"), *e;
	size_t i;

	log_error("%s", json_string_value(json_object_get(j, "detail")));
	json_array_foreach(errors, i, e) log_error("%s %s",
		json_string_value(json_object_get(e, "pointer")),
		json_string_value(json_object_get(e, "detail")));
	problem_free(p);
}

static int
run(struct options *o, struct fail *f)
{
	struct going g = {
		.o = o, .start.fire = start_tick, .status = EXIT_FAULT};
	struct problem *p = NULL;
	scope_free char *text = json_dumps(o->request, JSON_COMPACT);

	if (!text)
		return fail_set(f, "the request cannot be written as JSON");
	if (run_request_from_json(text, strlen(text), &g.q, &p)) {
		print_problem(p);
		return EXIT_FAULT;
	}
	if (loop_open(&g.loop, f) ||
		engine_open(g.loop, &o->engine, &g.engine, f))
		return -1;
	loop_timer_set(g.loop, &g.start, io_now_ns());
	int rc = loop_run(g.loop, f);
	engine_close(g.engine);
	loop_free(g.loop);
	run_request_clear(&g.q);
	return rc ? rc : g.status;
}

int
cmd_run(int argc, char **argv)
{
	struct options o = {.request = json_object(), .engine.standby = 1};
	const struct argp argp = {options, parse, "FILE [ARGUMENT...]",
		"Runs FILE (- for standard input) and shows what the "
		"interpreter did.",
		NULL, NULL, NULL};
	struct fail f = {0};

	log_as("vitrine run");
	cli_text_init();
	signal(SIGPIPE, SIG_IGN);
	argp_err_exit_status = EXIT_FAULT;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
	if (!o.engine.runner_dir)
		o.engine.runner_dir = o.dir;
	int rc = cmd_program_dir(o.dir, sizeof(o.dir),
			 &f) || read_file(o.file, MAX_CODE_BYTES, &o.source, &f)
			 ? -1
			 : 0;
	if (!rc) {
		json_object_set_new(o.request, "code", bytes_json(&o.source));
		rc = run(&o, &f);
	}
	if (rc < 0)
		log_error("%s", f.text);
	json_decref(o.request);
	buf_free(&o.source);
	return rc < 0 ? EXIT_FAULT : rc;
}
