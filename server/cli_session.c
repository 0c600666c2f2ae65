/* An engine without a server, from the command line to the exit status. */
#include "server/cli_session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/scope.h"
#include "server/cli_request.h"
#include "server/cmd.h"

void
cli_session_complain(const struct cli_session *s, const char *fmt, ...)
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
	fprintf(stderr, "%s: %s\n", s->name, clean.len ? clean.data : "");
}

void
cli_session_json(const json_t *reply)
{
	json_dumpf(reply, stdout, JSON_COMPACT);
	fputc('\n', stdout);
}

void
cli_session_problem(const struct cli_session *s, const struct problem *p)
{
	json_auto_t *j = problem_json(p);
	const json_t *errors = json_object_get(j, "errors"), *e;
	size_t i;

	if (s->options.json)
		cli_session_json(j);
	if (!json_array_size(errors))
		cli_session_complain(s, "%s",
			json_string_value(json_object_get(j, "detail")));
	json_array_foreach(errors, i, e)
	{
		scope_buf struct buf b = BUF_INIT(4 * KIB);
		const char *at =
			json_string_value(json_object_get(e, "pointer"));
		cli_session_complain(s, "%s: %s",
			cli_options_origin(&s->options, at, &b),
			json_string_value(json_object_get(e, "detail")));
	}
}

void
cli_session_end(struct cli_session *s)
{
	s->over = true;
	loop_stop(s->loop);
}

static int
check(struct cli_session *s)
{
	struct problem *p = NULL;
	scope_free char *body = json_dumps(s->options.request, JSON_COMPACT);

	if (!body)
		abort();
	if (s->check(s, body, strlen(body), &p) == 0)
		return 0;
	cli_session_problem(s, p);
	problem_free(p);
	return -1;
}

/* Runners that spoke, or could not start. */
static void
changed(void *arg)
{
	struct cli_session *s = arg;
	struct fail f = {0};
	int ready = s->begun ? 0 : engine_ready(s->engine, &f);

	if (ready == 0)
		return;
	s->begun = true;
	if (ready < 0) {
		cli_session_complain(s, "%s", f.text);
		cli_session_complain(
			s, "`vitrine doctor` says what to do about it");
		cli_session_end(s);
	} else if (s->begin(s)) {
		cli_session_end(s);
	}
}

static void
signalled(struct loop_fd *w, uint32_t events)
{
	struct cli_session *s =
		(struct cli_session *)((char *)w -
				       offsetof(struct cli_session, signals));
	struct signalfd_siginfo info;

	(void)events;
	if (read(w->fd, &info, sizeof(info)) != sizeof(info))
		return;
	s->interrupted = (int)info.ssi_signo;
	s->status = 128 + s->interrupted;
	if (s->begun)
		s->cancel(s);
	else
		cli_session_end(s);
}

static int
watch_signals(struct cli_session *s, struct fail *f)
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
run(struct cli_session *s, struct fail *f)
{
	char dir[4096];
	const struct engine_config c = {
		.runner_dir =
			s->options.runner_dir ? s->options.runner_dir : dir,
		.allow_missing = s->options.allow_missing,
		.standby = 1,
		.only = s->only,
		.nonly = s->nonly,
	};

	if (cmd_program_dir(dir, sizeof(dir), f) || loop_open(&s->loop, f))
		return -1;
	int rc = watch_signals(s, f);
	if (!rc)
		rc = engine_open(s->loop, &c, &s->engine, f);
	if (!rc) {
		engine_on_change(s->engine, changed, s);
		changed(s); /* a runner may have failed already */
		if (!s->over)
			rc = loop_run(s->loop, f);
	}
	engine_close(s->engine);
	loop_free(s->loop);
	if (s->signals.fd >= 0)
		close(s->signals.fd);
	return rc;
}

int
cli_session_main(
	struct cli_session *s, enum cli_command command, int argc, char **argv)
{
	struct fail f = {0};

	s->signals.fd = -1;
	s->status = CLI_EXIT_FAULT;
	s->code = BUF_INIT(MAX_CODE_BYTES);
	log_as(s->name);
	cli_text_init();
	cli_options_parse(command, argc, argv, &s->options);
	if (cli_request_complete(&s->options, &s->code, &f))
		cli_session_complain(s, "%s", f.text);
	else if (check(s) == 0 && run(s, &f))
		cli_session_complain(s, "%s", f.text);
	cli_options_clear(&s->options);
	buf_free(&s->code);
	if (fflush(stdout) || ferror(stdout)) {
		cli_session_complain(s, "standard output: %s", strerror(errno));
		return CLI_EXIT_FAULT;
	}
	return s->status;
}
