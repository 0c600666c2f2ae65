/* vitrine doctor: what holds on this machine, and what to do about the rest. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/log.h"
#include "server/cmd.h"
#include "server/engine.h"
#include "server/loop.h"

struct doctor {
	struct loop *loop;
	struct engine *engine;
	struct loop_timer tick;
	struct fail why;
	int ready;
};

/* What to do when a layer does not hold. */
static const char *const remedies[LAYER_COUNT] = {
	[LAYER_NAMESPACES] =
		"Allow user namespaces: sysctl user.max_user_namespaces must "
		"not be 0; on Debian kernel.unprivileged_userns_clone=1; on "
		"Ubuntu 24.04 and later "
		"kernel.apparmor_restrict_unprivileged_userns=0. In a "
		"container, the seccomp profile must allow unshare, clone and "
		"mount (podman's default does, docker's does not).",
	[LAYER_LANDLOCK] =
		"Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK and "
		"landlock in the lsm= list of the kernel's command line.",
	[LAYER_SECCOMP] = "Linux with CONFIG_SECCOMP_FILTER.",
	[LAYER_RLIMITS] = "The limits that this process was given may be lower "
			  "than a run needs: see ulimit -a.",
};

static void
tick(struct loop_timer *t)
{
	struct doctor *d =
		(struct doctor *)((char *)t - offsetof(struct doctor, tick));

	d->ready = engine_ready(d->engine, &d->why);
	if (d->ready)
		loop_stop(d->loop);
	else
		loop_timer_set(d->loop, t, io_now_ns() + 1000000);
}

static bool
show_runtime(const struct msg_hello *h)
{
	bool all = true;

	printf("runtime %s: CPython %s%s%s\n", h->id, h->build,
		h->numpy[0] ? ", numpy " : ", no numpy", h->numpy);
	printf("  lenses:");
	for (int i = 0; i < LENS_COUNT; i++)
		if (h->lenses & BIT(i))
			printf(" %s", lens_name((enum lens)i));
	printf("\n");
	for (int i = 0; i < LAYER_COUNT; i++) {
		bool holds = h->layers & BIT(i);
		all = all && holds;
		printf("  %-11s %-8s %s\n", layer_name((enum layer)i),
			holds ? "holds" : "MISSING", h->layer_note[i]);
		if (!holds)
			printf("  %-20s lost: %s\n  %-20s do: %s\n", "",
				layer_purpose((enum layer)i), "", remedies[i]);
	}
	return all;
}

static int
examine(const struct engine_config *c, struct fail *f)
{
	struct doctor d = {.tick.fire = tick};
	const char *id, *reason;
	const struct msg_hello *h;
	bool well = true;

	if (loop_open(&d.loop, f) || engine_open(d.loop, c, &d.engine, f))
		return -1;
	loop_timer_set(d.loop, &d.tick, io_now_ns());
	if (loop_run(d.loop, f))
		return -1;
	for (size_t i = 0; (h = engine_runtime(d.engine, i)); i++)
		well = show_runtime(h) && well;
	for (size_t i = 0; (id = engine_broken(d.engine, i, &reason)); i++) {
		well = false;
		printf("runtime %s: does not start: %s\n", id, reason);
		for (int k = 0; k < LAYER_COUNT; k++)
			if (strncmp(reason, layer_name((enum layer)k),
				    strlen(layer_name((enum layer)k))) == 0)
				printf("  do: %s\n", remedies[k]);
	}
	printf("%s\n",
		well ? "everything holds" : "not everything holds: see above");
	engine_close(d.engine);
	loop_free(d.loop);
	return well ? 0 : 1;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct engine_config *c = state->input;
	struct fail f = {0};

	if (key != 'm')
		return ARGP_ERR_UNKNOWN;
	if (cmd_parse_layers(arg, &c->allow_missing, &f))
		argp_error(state, "%s", f.text);
	return 0;
}

int
cmd_doctor(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"allow-missing", 'm', "LAYERS", 0,
			"Look further even without these layers", 0},
		{0},
	};
	const struct argp argp = {options, parse, NULL,
		"Says what of the jail holds on this machine, and what to do "
		"about what does not.",
		NULL, NULL, NULL};
	struct engine_config c = {.standby = 1};
	struct fail f = {0};
	char dir[4096];

	log_as("vitrine doctor");
	argp_parse(&argp, argc, argv, 0, NULL, &c);
	c.runner_dir = dir;
	int rc = cmd_program_dir(dir, sizeof(dir), &f) ? -1 : examine(&c, &f);
	if (rc < 0)
		log_error("%s", f.text);
	return rc ? 1 : 0;
}
