/*
 * vitrine run: one file, in the same jail and by the same request as over HTTP,
 * without HTTP.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/problem.h"
#include "api/report.h"
#include "api/text.h"
#include "base/log.h"
#include "base/scope.h"
#include "server/cli_options.h"
#include "server/cli_request.h"
#include "server/cli_tables.h"
#include "server/cmd.h"
#include "server/engine.h"
#include "server/loop.h"

#define NAME "vitrine run"

/* A run from its request to its end. */
struct session {
	const struct cli_options *options;
	const struct buf *code;
	struct run_request request;
	struct loop *loop;
	struct engine *engine;
	struct loop_fd signals;
	struct engine_run *run; /* while it is in flight */
	bool begun;
	int interrupted; /* the signal that we were sent */
	int status;	 /* our exit status */
};

__attribute__((format(printf, 1, 2))) static void
complain(const char *fmt, ...)
{
	scope_free char *text = NULL;
	scope_buf struct buf clean = BUF_INIT(64 * KIB);
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	cli_text_clean(&clean, text, (size_t)n);
	fprintf(stderr, NAME ": %s\n", clean.len ? clean.data : "");
}

/* --- What is wrong with the request -------------------------------------- */

static void
tell_problem(const struct cli_options *o, const struct problem *p)
{
	json_auto_t *j = problem_json(p);
	const json_t *errors = json_object_get(j, "errors"), *e;
	size_t i;

	if (o->json) {
		json_dumpf(j, stdout, JSON_COMPACT);
		fputc('\n', stdout);
	}
	if (!json_array_size(errors))
		complain("%s", json_string_value(json_object_get(j, "detail")));
	json_array_foreach(errors, i, e)
	{
		scope_buf struct buf b = BUF_INIT(4 * KIB);
		const char *at =
			json_string_value(json_object_get(e, "pointer"));
		complain("%s: %s", cli_options_origin(o, at, &b),
			json_string_value(json_object_get(e, "detail")));
	}
}

static int
check(const struct cli_options *o, struct run_request *ret_q)
{
	struct problem *p = NULL;
	scope_free char *body = json_dumps(o->request, JSON_COMPACT);

	if (!body)
		abort();
	if (run_request_from_json(body, strlen(body), ret_q, &p) == 0)
		return 0;
	tell_problem(o, p);
	problem_free(p);
	return -1;
}

/* --- What came of it ------------------------------------------------------ */

static int
signal_number(const char *name)
{
	for (int i = 1; i < NSIG; i++) {
		const char *abbrev = sigabbrev_np(i);
		if (abbrev && strncmp(name, "SIG", 3) == 0 &&
			strcmp(name + 3, abbrev) == 0)
			return i;
	}
	if (strncmp(name, "SIGRTMIN+", 9) == 0)
		return SIGRTMIN + atoi(name + 9);
	return strncmp(name, "signal ", 7) == 0 ? atoi(name + 7) : 0;
}

static int
exit_status(const struct session *s, const json_t *reply)
{
	const json_t *code = json_object_get(reply, "exit_code");
	const json_t *sig = json_object_get(reply, "signal");

	if (json_is_integer(code))
		return (int)json_integer_value(code);
	if (json_is_string(sig))
		return 128 + signal_number(json_string_value(sig));
	if (json_is_object(json_object_get(reply, "limit")))
		return CLI_EXIT_LIMIT;
	return s->interrupted ? 128 + s->interrupted : CLI_EXIT_FAULT;
}

static void
put_stream(FILE *to, const struct buf *b)
{
	if (b->len)
		fwrite(b->data, 1, b->len, to);
	/* So that what follows begins on a line of its own; a file gets what
	 * the program wrote and nothing else. */
	if (b->len && b->data[b->len - 1] != '\n' && isatty(fileno(to)))
		fputc('\n', to);
	fflush(to);
}

static void
show(const struct session *s, const struct run_result *r, const json_t *reply)
{
	const struct pass_result *clean = &r->pass[PASS_CLEAN];
	struct cli_out out = cli_text_out(stdout, s->options->colour);
	struct cli_out err = cli_text_out(stderr, s->options->colour);

	put_stream(stdout, &clean->out);
	put_stream(stderr, &clean->err);
	cli_tables_lenses(
		reply, s->code->data ? s->code->data : "", s->code->len, &out);
	fflush(stdout);
	cli_tables_status(reply, &err);
}

static void
done(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct session *s = arg;

	s->run = NULL;
	loop_stop(s->loop);
	if (outcome == ENGINE_LATE) {
		complain("the deadline was over before the program had begun");
		s->status = CLI_EXIT_LIMIT;
		return;
	}
	if (outcome != ENGINE_DONE) {
		complain("%s", reason);
		return;
	}
	json_auto_t *reply = report_json(&s->request, r);
	s->status = exit_status(s, reply);
	if (s->options->json) {
		json_dumpf(reply, stdout, JSON_COMPACT);
		fputc('\n', stdout);
	} else {
		show(s, r, reply);
	}
}

/* --- The run -------------------------------------------------------------- */

static void
no_such_runtime(const struct session *s)
{
	scope_buf struct buf b = BUF_INIT(4 * KIB);
	const char *id;

	for (size_t i = 0; (id = engine_runtime_id(s->engine, i)); i++)
		buf_printf(&b, "%s%s", i ? ", " : "", id);
	complain("--runtime %s: there is none of that id; there is %s",
		s->request.runtime, b.len ? b.data : "none at all");
}

/* Runners that spoke, or could not start. */
static void
changed(void *arg)
{
	struct session *s = arg;
	struct fail f = {0};
	int ready = engine_ready(s->engine, &f);

	if (s->begun || ready == 0)
		return;
	s->begun = true;
	if (ready < 0) {
		complain("%s", f.text);
		complain("`vitrine doctor` says what to do about it");
		loop_stop(s->loop);
	} else if (!engine_has_runtime(s->engine, s->request.runtime)) {
		no_such_runtime(s);
		loop_stop(s->loop);
	} else {
		s->run = engine_submit(s->engine, NULL, &s->request, done, s);
	}
}

static void
signalled(struct loop_fd *w, uint32_t events)
{
	struct session *s =
		(struct session *)((char *)w -
				   offsetof(struct session, signals));
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	s->interrupted = (int)info.ssi_signo;
	s->status = 128 + s->interrupted;
	if (s->run)
		engine_cancel(s->run);
	else
		loop_stop(s->loop);
}

static int
watch_signals(struct session *s, struct fail *f)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = (struct loop_fd){
		signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), signalled};
	if (s->signals.fd < 0)
		return fail_errno(f, "signalfd");
	return loop_watch(s->loop, &s->signals, EPOLLIN, f);
}

static int
run(struct session *s, struct fail *f)
{
	char dir[4096];
	const struct engine_config c = {
		.runner_dir =
			s->options->runner_dir ? s->options->runner_dir : dir,
		.allow_missing = s->options->allow_missing,
		.standby = 1,
		.only_one = true,
		.only = s->request.runtime,
	};

	if (cmd_program_dir(dir, sizeof(dir), f) || loop_open(&s->loop, f))
		return -1;
	int rc = watch_signals(s, f);
	if (!rc)
		rc = engine_open(s->loop, &c, &s->engine, f);
	if (!rc) {
		engine_on_change(s->engine, changed, s);
		changed(s); /* a runner may have failed already */
		if (!s->begun || s->run)
			rc = loop_run(s->loop, f);
	}
	engine_close(s->engine);
	loop_free(s->loop);
	if (s->signals.fd >= 0)
		close(s->signals.fd);
	return rc;
}

int
cmd_run(int argc, char **argv)
{
	struct cli_options o;
	scope_buf struct buf code = BUF_INIT(MAX_CODE_BYTES);
	struct session s = {
		.options = &o,
		.code = &code,
		.signals.fd = -1,
		.status = CLI_EXIT_FAULT,
	};
	struct fail f = {0};

	log_as(NAME);
	cli_text_init();
	cli_options_parse(argc, argv, &o);
	if (cli_request_complete(&o, &code, &f))
		complain("%s", f.text);
	else if (check(&o, &s.request) == 0 && run(&s, &f))
		complain("%s", f.text);
	run_request_clear(&s.request);
	cli_options_clear(&o);
	if (fflush(stdout) || ferror(stdout)) {
		complain("standard output: %s", strerror(errno));
		return CLI_EXIT_FAULT;
	}
	return s.status;
}
