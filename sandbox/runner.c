/*
 * runner-<version>: one CPython, warm, that forks jailed cells.
 *
 * Theory of operation.  The server exec'd this program with an environment of
 * constants (wire/runtime.h), its end of a SEQPACKET socket as descriptor 3,
 * and nothing else but standard streams.  In this order it: closes what it
 * should not have, gives up root, enters its namespaces, pivots into the
 * read-only root, warms the interpreter there, builds the system call filter,
 * makes one cell to prove that all of it works, and says HELLO.  Whatever fails
 * on the way is said in a FAILED message, with the layer, and the program ends:
 * it never serves with less than was asked for.  Then it is the zygote
 * (zygote.c) until the socket closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/scope.h"
#include "sandbox/child.h"
#include "sandbox/gcov.h"
#include "sandbox/huge.h"
#include "sandbox/jail/jail.h"
#include "sandbox/py/child.h"
#include "sandbox/family.h"
#include "sandbox/zygote.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION is set by the Makefile, as in \"3.11\""
#endif

#define FD_CONTROL 3
#define FD_CGROUP  4 /* one or two, see server/cgroups.h */
/* Thread stacks count as memory; the default of 8 MiB would leave a run with
 * the default limits 30 threads. */
#define THREAD_STACK (1 * MIB)
#define OOM_SCORE    500
/* Of the heap, free at its top. */
#define KEPT_BYTES (4 * MIB)

struct options {
	unsigned standby;
	unsigned rest_seconds; /* see struct family; 0: never */
	uint32_t allow_missing;
	int64_t hash_seed;
	unsigned cgroups;	/* version; 0: none */
	const char *no_cgroups; /* why */
	const char *root;	/* of the runtime, or NULL: the machine's */
};

static int
parse_layers(const char *list, uint32_t *ret_set)
{
	char copy[256], *save = NULL;

	if (strlen(list) >= sizeof(copy))
		return -1;
	strcpy(copy, list);
	for (char *name = strtok_r(copy, ",", &save); name;
		name = strtok_r(NULL, ",", &save)) {
		int layer = layer_find(name);
		if (layer < 0)
			return -1;
		*ret_set |= BIT(layer);
	}
	return 0;
}

static int
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"standby", required_argument, NULL, 's'},
		{"allow-missing", required_argument, NULL, 'm'},
		{"hash-seed", required_argument, NULL, 'h'},
		{"socket", required_argument, NULL, 'f'},
		{"cgroups", required_argument, NULL, 'c'},
		{"no-cgroups", required_argument, NULL, 'n'},
		{"root", required_argument, NULL, 'r'},
		{"rest-seconds", required_argument, NULL, 'i'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's')
			o->standby = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'i')
			o->rest_seconds = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'm' && !parse_layers(optarg, &o->allow_missing))
			continue;
		else if (c == 'h')
			o->hash_seed = strtoll(optarg, NULL, 10);
		else if (c == 'c')
			o->cgroups = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'n')
			o->no_cgroups = optarg;
		else if (c == 'r')
			o->root = optarg;
		else if (c != 'f' || strcmp(optarg, "3") != 0)
			return -1;
	}
	return o->standby > MAX_STANDBY || o->cgroups > 2 ? -1 : 0;
}

/* The whole environment of every snippet. */
static void
set_environment(const char *home)
{
	static const char *const fixed[][2] = {
		{"PATH", "/usr/bin"},
		{"LANG", "C.UTF-8"},
		{"USER", "vitrine"},
		{"LOGNAME", "vitrine"},
		/* One thread each: a zygote with threads cannot be forked, and
		 * their stacks count against the memory of a run. */
		{"OMP_NUM_THREADS", "1"},
		{"OPENBLAS_NUM_THREADS", "1"},
	};

	clearenv();
	setenv("HOME", home, 1);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		setenv(fixed[i][0], fixed[i][1], 1);
	py_set_environment(); /* of interpreters that it starts */
}

/* A layer that cannot be had is left out only by name. */
static int
settle(int rc, enum layer layer, const struct options *o, struct jail *j,
	uint32_t *ret_layer, struct fail *f)
{
	if (rc == 0) {
		j->layers |= BIT(layer);
		return 0;
	}
	*ret_layer = layer;
	if (!(o->allow_missing & BIT(layer)))
		return -1;
	snprintf(
		j->note[layer], sizeof(j->note[0]), "missing: %.140s", f->text);
	return 0;
}

/* The posture of a plain container.  When that cannot be had either, both
 * reasons are told. */
static int
do_without(struct jail *j, struct fail *f)
{
	const struct fail first = *f;
	struct fail then = {0};

	if (jail_enter_plain(j, &then) == 0)
		return 0;
	return fail_set(f, "%.240s; nor can it be done without them: %.240s",
		first.text, then.text);
}

static int
confine(struct jail *j, const struct options *o, uint32_t *ret_layer,
	struct fail *f)
{
	if (o->cgroups)
		jail_enter_cgroups(j, o->cgroups);
	else
		snprintf(j->note[LAYER_CGROUPS], sizeof(j->note[0]),
			"missing: %.140s", o->no_cgroups);
	/* Taken along into the namespaces as the working directory: what is
	 * above it may not be ours to pass once root was given up. */
	*ret_layer = LAYER_COUNT;
	if (o->root && chdir(o->root))
		return fail_errno(f, "the root %.200s", o->root);
	j->own_root = o->root != NULL;
	*ret_layer = LAYER_NAMESPACES;
	if (jail_enter_namespaces(j, f) == 0) {
		j->layers |= BIT(LAYER_NAMESPACES);
		if (jail_enter_root(j, f))
			return -1;
	} else if (do_without(j, f)) {
		return -1;
	}
	if (settle(jail_probe_landlock(j, f), LAYER_LANDLOCK, o, j, ret_layer,
		    f))
		return -1;
	j->layers |= BIT(LAYER_RLIMITS);
	snprintf(j->note[LAYER_RLIMITS], sizeof(j->note[0]),
		"memory, processes, file size, open files, core");
	return 0;
}

/* When the machine runs out of memory, cells go before the server and whatever
 * else lives here: memory of a run is not bounded as a whole.  Only ever more.
 */
static void
offer_to_oom(void)
{
	scope_fd int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	char now[16] = "";

	if (fd >= 0 && pread(fd, now, sizeof(now) - 1, 0) > 0 &&
		strtol(now, NULL, 10) < OOM_SCORE)
		dprintf(fd, "%d", OOM_SCORE);
}

static void
prepare_process(unsigned cgroups)
{
	const int directories = cgroups == 1 ? 2 : cgroups ? 1 : 0;
	pthread_attr_t a;

	offer_to_oom();
	/* Not the terminal's: a Ctrl-C there is the server's to handle. */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	syscall(SYS_close_range, FD_CGROUP + directories, ~0U, 0);
	mallopt(M_ARENA_MAX, 2);
	/* What the rehearsal of a cell has touched is there for its run. */
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, THREAD_STACK);
	pthread_setattr_default_np(&a);
	pthread_attr_destroy(&a);
}

static int
start(const struct options *o, struct zygote_config *z, struct jail *j,
	struct family *y, struct msg *hello, uint32_t *ret_layer,
	struct fail *f)
{
	struct py_lenses lenses;
	const struct py_config py = {
		.id = RUNNER_VERSION,
		.executable = "/usr/bin/python" RUNNER_VERSION,
		.home = "/usr",
		.hash_seed = o->hash_seed,
	};
	j->version = RUNNER_VERSION;
	j->thread_bytes = py_thread_bytes();

	if (confine(j, o, ret_layer, f))
		return -1;
	*ret_layer = LAYER_COUNT;
	set_environment(j->workdir);
	if (py_warm(&py, &hello->hello, f) || py_settle(ZYGOTE_LEAN, f))
		return -1;
	if (settle(jail_build_filter(j, f), LAYER_SECCOMP, o, j, ret_layer, f))
		return -1;
	/* Free chunks are put together here, once, and not in each child, where
	 * that copies their pages. */
	malloc_trim(0);
	if (!y->rest_ns)
		huge_code();
	child_learn(j);
	y->numpy = hello->hello.numpy[0];
	if (family_fork(y, f))
		return -1;
	z->family = y;
	if (zygote_prove(z, ret_layer, f) || family_wait(y, &lenses, f))
		return -1;
	hello->hello.lenses = lenses.work;
	memcpy(hello->hello.lens_note, lenses.note, sizeof(lenses.note));
	hello->hello.root_bytes = jail_root_bytes(j);
	hello->hello.protocol = WIRE_VERSION;
	hello->hello.layers = j->layers;
	hello->hello.hash_fixed = o->hash_seed >= 0;
	hello->hello.standby = o->standby;
	hello->hello.disk_bytes = j->disk_bytes;
	snprintf(hello->hello.workdir, sizeof(hello->hello.workdir), "%s",
		j->workdir);
	memcpy(hello->hello.layer_note, j->note, sizeof(j->note));
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {.hash_seed = -1, .no_cgroups = "not looked for"};
	struct jail j = {.proc_fd = -1,
		.workdir = JAIL_WORKDIR,
		.places = {-1, -1},
		.cgroup_fd = {-1, -1}};
	struct msg m = {0};
	struct fail f = {0};
	uint32_t layer = LAYER_COUNT;

	log_as("runner-" RUNNER_VERSION);
	prctl(PR_SET_NAME, "runner-" RUNNER_VERSION);
	if (parse_options(argc, argv, &o)) {
		log_error("this program is started by vitrine");
		return 2;
	}
	prepare_process(o.cgroups);
	if (o.cgroups)
		j.cgroup_fd[0] = FD_CGROUP;
	if (o.cgroups == 1)
		j.cgroup_fd[1] = FD_CGROUP + 1;
	struct zygote_config z = {.jail = &j,
		.orders = FD_CONTROL,
		.replies = FD_CONTROL,
		.standby = o.standby,
		.kind = ZYGOTE_LEAN};
	struct family family = {
		.config = &z, .rest_ns = o.rest_seconds * 1000000000LL};
	if (start(&o, &z, &j, &family, &m, &layer, &f)) {
		m = (struct msg){.failed.layer = layer};
		snprintf(
			m.failed.text, sizeof(m.failed.text), "%.500s", f.text);
		io_send_fds(
			FD_CONTROL, &m, msg_seal(&m, MSG_FAILED, 0), NULL, 0);
		return 1;
	}
	if (io_send_fds(FD_CONTROL, &m, msg_seal(&m, MSG_HELLO, 0), NULL, 0))
		return 1;
	int rc = zygote_serve(&z, &f);
	if (rc < 0)
		log_error("%s", f.text);
	family_end(&family);
	gcov_flush(1);
	_exit(rc < 0 ? 1 : 0);
}
