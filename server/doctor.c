/*
 * vitrine doctor: what holds on this machine, and what to do about the rest.
 *
 * Runners are started with every layer allowed to be missing, so that one that
 * is missing does not hide the others; what the user did not allow to be
 * missing then counts as a fault.
 */
#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/report.h"
#include "api/text.h"
#include "base/log.h"
#include "base/scope.h"
#include "server/cli_kernel.h"
#include "server/cli_text.h"
#include "server/cmd.h"
#include "server/engine.h"
#include "server/loop.h"

#define ALL_LAYERS (BIT(LAYER_COUNT) - 1)

struct doctor {
	struct loop *loop;
	struct engine *engine;
	struct cli_kernel kernel;
	const char *runner_dir;
	unsigned allow_missing;
	bool as_json;
	enum cli_colour colour;
};

/* --- Finding out: one JSON object, shown or printed ----------------------- */

static json_t *
text(const char *s)
{
	return text_json(s, strlen(s));
}

static json_t *
errno_words(int err)
{
	return err ? text(strerror(err)) : json_null();
}

static json_t *
number_or_null(long v)
{
	return v < 0 ? json_null() : json_integer(v);
}

static json_t *
advice(const struct doctor *d, enum layer l)
{
	json_t *list = text_need(json_array());
	const char *words;

	for (size_t i = 0; (words = cli_kernel_advice(&d->kernel, l, i)); i++)
		text_append(list, text(words));
	return list;
}

static json_t *
kernel_json(const struct cli_kernel *k)
{
	json_t *j = text_need(json_object());

	text_set(j, "release", text(k->release));
	text_set(j, "root", json_boolean(k->root));
	text_set(j, "container", json_boolean(k->container));
	text_set(j, "filtered", json_boolean(k->filtered));
	text_set(j, "root_error", errno_words(k->drop_error));
	text_set(j, "user_namespace_error", errno_words(k->userns_error));
	text_set(j, "id_map_error", errno_words(k->idmap_error));
	text_set(j, "other_namespaces_error", errno_words(k->nested_error));
	text_set(j, "mount_error", errno_words(k->mount_error));
	text_set(j, "max_user_namespaces", number_or_null(k->userns_max));
	text_set(j, "unprivileged_userns_clone",
		number_or_null(k->userns_clone));
	text_set(j, "apparmor_restrict_unprivileged_userns",
		number_or_null(k->apparmor));
	text_set(j, "landlock_abi", json_integer(k->landlock_abi));
	text_set(j, "landlock_error", errno_words(k->landlock_error));
	text_set(j, "seccomp", json_boolean(k->seccomp));
	text_set(j, "seccomp_error", errno_words(k->seccomp_error));
	return j;
}

/* Where runs have no place of their own. */
static void
advise_place(json_t *layer, const char *workdir)
{
	scope_free char *words = NULL;

	if (asprintf(&words,
		    "Runs are in %s, since there is no tmpfs at /box that they "
		    "could have, and share its size with /dev/shm. Give them "
		    "one: --tmpfs /box:rw,mode=1777,size=256m (Docker, "
		    "podman), "
		    "an emptyDir of medium Memory at /box (Kubernetes).",
		    workdir) < 0)
		abort();
	text_append(json_object_get(layer, "advice"), text(words));
}

/* One layer: `holds` is true or false as a runner said, or null when none came
 * that far. */
static json_t *
layer_json(const struct doctor *d, enum layer l, json_t *holds, bool needed,
	const char *note)
{
	json_t *j = text_need(json_object());

	text_set(j, "advice",
		json_is_false(holds) ? advice(d, l) : json_array());
	text_set(j, "name", text(layer_name(l)));
	text_set(j, "holds", holds);
	text_set(j, "allowed_missing", json_boolean(!needed));
	text_set(j, "note", text(note));
	text_set(j, "purpose", text(layer_purpose(l)));
	return j;
}

static json_t *
runtime_json(const struct doctor *d, const struct msg_hello *h, bool *well)
{
	json_t *j = report_runtime(h);
	json_t *layers = text_need(json_array());

	for (enum layer l = 0; l < LAYER_COUNT; l++) {
		bool holds = h->layers & BIT(l);
		/* Who starts without namespaces does what they do in other
		 * ways; control groups are used where there are any. */
		bool needed = !(d->allow_missing & BIT(l)) &&
			      l != LAYER_NAMESPACES && l != LAYER_CGROUPS;
		if (!holds && needed)
			*well = false;
		json_t *one = layer_json(
			d, l, json_boolean(holds), needed, h->layer_note[l]);
		if (l == LAYER_NAMESPACES && strcmp(h->workdir, "/box") != 0)
			advise_place(one, h->workdir);
		text_append(layers, one);
	}
	text_set(j, "starts", json_true());
	text_set(j, "posture", text(posture_name(h->layers)));
	text_set(j, "layers", layers);
	return j;
}

/* A runner that cannot start: the probes are all there is to go by. */
static json_t *
broken_json(const struct doctor *d, const char *id, const char *reason)
{
	json_t *j = text_need(json_object());
	json_t *layers = text_need(json_array());

	for (enum layer l = 0; l < LAYER_COUNT; l++) {
		bool failed = strstr(reason, layer_name(l)) ||
			      !cli_kernel_offers(&d->kernel, l);
		text_append(layers,
			layer_json(d, l, failed ? json_false() : json_null(),
				!(d->allow_missing & BIT(l)),
				failed ? "see above"
				       : "this machine offers it"));
	}
	text_set(j, "id", text(id));
	text_set(j, "starts", json_false());
	text_set(j, "reason", text(reason));
	text_set(j, "layers", layers);
	return j;
}

static json_t *
examine(const struct doctor *d, bool *ret_well)
{
	json_t *j = text_need(json_object());
	json_t *runtimes = text_need(json_array());
	const struct msg_hello *h;
	const char *id, *reason;
	bool well = true;

	for (size_t i = 0; (h = engine_runtime(d->engine, i)); i++)
		text_append(runtimes, runtime_json(d, h, &well));
	for (size_t i = 0; (id = engine_broken(d->engine, i, &reason)); i++) {
		text_append(runtimes, broken_json(d, id, reason));
		well = false;
	}
	text_set(j, "well", json_boolean(well));
	text_set(j, "kernel", kernel_json(&d->kernel));
	text_set(j, "runtimes", runtimes);
	*ret_well = well;
	return j;
}

/* --- Showing -------------------------------------------------------------- */

static const char *
string(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static void put_fact(const struct cli_out *o, const char *name, bool good,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
put_fact(const struct cli_out *o, const char *name, bool good, const char *fmt,
	...)
{
	scope_free char *words = NULL;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&words, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	fprintf(o->file, "  %-17s ", name);
	cli_text_on(o, good ? CLI_GOOD : CLI_BAD);
	cli_text_wrap(o, 20, 20, words);
	cli_text_off(o, good ? CLI_GOOD : CLI_BAD);
}

static void
show_namespaces(const struct cli_out *o, const struct cli_kernel *k)
{
	static const char *const words[] = {
		"need an ordinary user, and root cannot be given up",
		"cannot be made", "ids cannot be mapped in them",
		"others cannot be made in them",
		"nothing can be mounted in them"};
	const int errors[] = {k->drop_error, k->userns_error, k->idmap_error,
		k->nested_error, k->mount_error};
	char limit[64] = "";

	if (k->userns_max >= 0)
		snprintf(limit, sizeof(limit), " (at most %ld)", k->userns_max);
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i]) {
			put_fact(o, "user namespaces", false, "%s: %s%s",
				words[i], strerror(errors[i]), limit);
			return;
		}
	put_fact(o, "user namespaces", true, "yes%s", limit);
}

static void
show_kernel(const struct cli_out *o, const struct cli_kernel *k)
{
	cli_text_say(o, CLI_BOLD, "machine\n");
	put_fact(o, "kernel", true, "%s%s%s", k->release,
		k->container ? ", in a container" : "",
		k->filtered ? ", under a system call filter already" : "");
	show_namespaces(o, k);
	if (k->landlock_abi)
		put_fact(o, "landlock", true, "ABI %d", k->landlock_abi);
	else
		put_fact(o, "landlock", false, "%s",
			strerror(k->landlock_error));
	put_fact(o, "seccomp", k->seccomp, "%s",
		k->seccomp ? "yes" : strerror(k->seccomp_error));
}

static void
show_words(const struct cli_out *o, const char *head, const char *words)
{
	unsigned at = 15 + (unsigned)strlen(head);

	cli_text_say(o, CLI_DIM, "%15s%s", "", head);
	cli_text_wrap(o, at, at, words);
}

static void
show_layer(const struct cli_out *o, const json_t *layer)
{
	const json_t *holds = json_object_get(layer, "holds");
	bool allowed = json_is_true(json_object_get(layer, "allowed_missing"));
	const json_t *todo = json_object_get(layer, "advice"), *words;
	enum cli_style s = json_is_true(holds)	  ? CLI_GOOD
			   : json_is_false(holds) ? CLI_BAD
						  : CLI_DIM;
	const char *state = json_is_true(holds)	  ? "holds"
			    : json_is_null(holds) ? "not tried"
			    : allowed		  ? "not needed"
						  : "missing";
	size_t i;

	fprintf(o->file, "  %-12s ", string(layer, "name"));
	cli_text_say(o, s, "%-11s", state);
	cli_text_wrap(o, 26, 26, string(layer, "note"));
	if (!json_is_false(holds))
		return;
	show_words(o, "lost: ", string(layer, "purpose"));
	json_array_foreach(todo, i, words)
	{
		show_words(o, "do:   ", json_string_value(words));
	}
}

static void
show_runtime(const struct cli_out *o, const json_t *r)
{
	const json_t *layer, *lens;
	size_t i;

	cli_text_say(o, CLI_BOLD, "\nruntime %s\n", string(r, "id"));
	if (json_is_true(json_object_get(r, "starts"))) {
		fprintf(o->file, "  CPython %s, numpy %s\n", string(r, "build"),
			*string(r, "numpy") ? string(r, "numpy") : "not there");
		fprintf(o->file, "  posture %s\n", string(r, "posture"));
		fprintf(o->file, "  lenses");
		json_array_foreach(json_object_get(r, "lenses"), i, lens)
		{
			fprintf(o->file, " %s", json_string_value(lens));
		}
		fputc('\n', o->file);
	} else {
		cli_text_say(o, CLI_BAD, "  does not start: ");
		cli_text_wrap(o, 18, 18, string(r, "reason"));
	}
	json_array_foreach(json_object_get(r, "layers"), i, layer)
	{
		show_layer(o, layer);
	}
}

static void
show(const struct doctor *d, const json_t *j, bool well)
{
	struct cli_out o = cli_text_out(stdout, d->colour);
	const json_t *r;
	size_t i;

	show_kernel(&o, &d->kernel);
	json_array_foreach(json_object_get(j, "runtimes"), i, r)
	{
		show_runtime(&o, r);
	}
	cli_text_say(&o, well ? CLI_GOOD : CLI_BAD, "\n%s\n",
		well ? "Everything that is needed holds."
		     : "Not everything that is needed holds: see above.");
}

/* --- The command ---------------------------------------------------------- */

static void
changed(void *arg)
{
	struct doctor *d = arg;

	if (engine_ready(d->engine, NULL))
		loop_stop(d->loop);
}

/* 0 well, 1 not, -1 with words. */
static int
doctor(struct doctor *d, struct fail *f)
{
	const struct engine_config c = {
		.runner_dir = d->runner_dir,
		.allow_missing = ALL_LAYERS,
		.standby = 1,
	};
	bool well = false;

	cli_kernel_probe(&d->kernel);
	if (loop_open(&d->loop, f))
		return -1;
	int rc = engine_open(d->loop, &c, &d->engine, f);
	if (!rc) {
		engine_on_change(d->engine, changed, d);
		if (!engine_ready(d->engine, NULL))
			rc = loop_run(d->loop, f);
	}
	if (!rc) {
		json_auto_t *j = examine(d, &well);
		if (d->as_json)
			json_dumpf(j, stdout, JSON_INDENT(2));
		else
			show(d, j, well);
		if (d->as_json)
			fputc('\n', stdout);
	}
	engine_close(d->engine);
	loop_free(d->loop);
	return rc ? -1 : !well;
}

enum { OPT_MISSING = 256, OPT_JSON, OPT_COLOR, OPT_RUNNERS };

static const struct argp_option options[] = {
	{"json", OPT_JSON, NULL, 0, "Print the findings as JSON", 0},
	{"allow-missing", OPT_MISSING, "LAYERS", 0,
		"Take these layers of the jail for not needed", 0},
	{"color", OPT_COLOR, "WHEN", 0, "auto, always or never", 0},
	{"runners", OPT_RUNNERS, "DIR", 0, "Where the runner programs are", 0},
	{0},
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct doctor *d = state->input;
	struct fail f = {0};

	switch (key) {
	case OPT_JSON:
		d->as_json = true;
		return 0;
	case OPT_MISSING:
		if (cmd_parse_layers(arg, &d->allow_missing, &f))
			argp_error(state, "--allow-missing: %s", f.text);
		return 0;
	case OPT_COLOR:
		if (cli_text_when(arg, &d->colour))
			argp_error(state,
				"--color is auto, always or never, not %s",
				arg);
		return 0;
	case OPT_RUNNERS:
		d->runner_dir = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
cmd_doctor(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL,
		"Says what of the jail holds on this machine, and what to do "
		"about what does not."
		"\vThe exit status is 0 when everything that is needed holds, "
		"1 when not, 2 for a wrong command line.",
		NULL, NULL, NULL};
	char dir[4096];
	struct doctor d = {.runner_dir = dir};
	struct fail f = {0};

	log_as("vitrine doctor");
	cli_text_init();
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &d);
	int rc = cmd_program_dir(dir, sizeof(dir), &f) ? -1 : doctor(&d, &f);
	if (rc < 0)
		log_error("%s", f.text);
	return rc ? 1 : 0;
}
