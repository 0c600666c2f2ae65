/*
 * What a pass costs without HTTP:
 *   pass RUNNER STANDBY PAUSE_MS COUNT CODE EXPECTED
 *
 * Starts a runner with STANDBY cells kept ready and orders COUNT passes of CODE
 * from it, PAUSE_MS after the one before has ended, each with the pipes and
 * memfds of a real one.
 * Prints the nanoseconds from the order to the end of each, one per line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/plan.h"
#include "base/io.h"
#include "server/flight.h"

static struct bench {
	struct loop *loop;
	struct runner *runner;
	struct run_request request;
	struct buf bundle;
	struct flight flight;
	struct pass_result result;
	const char *expected;
	struct loop_timer timer;
	int64_t pause;
	long to_come;
	uint64_t id;
	int64_t began;
} b;

_Noreturn static void
die(const char *what)
{
	fprintf(stderr, "pass: %s\n", what);
	exit(1);
}

static void
next(struct loop_timer *unused)
{
	const struct flight_order o = {++b.id, PASS_CLEAN, 0,
		plan_zygote(&b.request, PASS_CLEAN), b.request.limits,
		&b.request, &b.bundle, NULL, NULL};
	struct fail f;

	(void)unused;
	if (b.to_come-- == 0) {
		loop_stop(b.loop);
		return;
	}
	b.result = (struct pass_result){0};
	b.flight = (struct flight){0};
	b.began = io_now_ns();
	if (flight_begin(&b.flight, b.loop, b.runner, &o, &b.result, &f))
		die(f.text);
}

static void
hello(void *arg, const struct msg_hello *h)
{
	(void)arg;
	(void)h;
	loop_timer_set(b.loop, &b.timer, io_now_ns() + b.pause);
}

static void
message(void *arg, const struct msg *m, int pidfd)
{
	(void)arg;
	if (m->head.type == MSG_STARTED) {
		flight_started(&b.flight, &m->started, pidfd);
		return;
	}
	flight_exited(&b.flight, &m->exited);
	printf("%lld\n", (long long)(io_now_ns() - b.began));
	if (b.result.exit.cause != END_SELF || b.result.exit.wait_status ||
		b.result.out.len != strlen(b.expected) ||
		memcmp(b.result.out.data, b.expected, b.result.out.len) != 0)
		die("a pass came to something else");
	buf_free(&b.result.out);
	buf_free(&b.result.err);
	buf_free(&b.result.report);
	loop_timer_set(b.loop, &b.timer, io_now_ns() + b.pause);
}

static void
gone(void *arg, const char *why)
{
	(void)arg;
	die(why);
}

int
main(int argc, char **argv)
{
	static struct cgroups groups;
	struct fail f;

	if (argc != 7)
		die("usage: pass RUNNER STANDBY PAUSE_MS COUNT CODE EXPECTED");
	cgroups_open(&groups);
	const struct runner_config c = {
		.cgroups = &groups,
		.path = argv[1],
		.standby = (unsigned)strtoul(argv[2], NULL, 10),
		.hash_seed = -1,
	};
	const struct runner_owner owner = {NULL, hello, message, gone};
	b.timer.fire = next;
	b.pause = strtol(argv[3], NULL, 10) * 1000000LL;
	b.to_come = strtol(argv[4], NULL, 10);
	b.expected = argv[6];
	b.request = (struct run_request){
		.code = {argv[5], strlen(argv[5])},
		.hash_seed = -1,
		.limits = limits_default(),
	};
	if (plan_bundle(&b.request, &b.bundle, &f) || loop_open(&b.loop, &f) ||
		runner_start(b.loop, &c, &owner, &b.runner, &f) ||
		loop_run(b.loop, &f))
		die(f.text);
	runner_free(b.runner);
	runner_reap_all();
	cgroups_close(&groups);
	loop_free(b.loop);
	return 0;
}
