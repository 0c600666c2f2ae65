/*
 * vitrine run: one file, in the same jail and by the same request as over HTTP,
 * without HTTP.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/report.h"
#include "server/cli_session.h"
#include "server/cli_tables.h"
#include "server/cmd.h"

/* A run from its request to its end. */
struct session {
	struct cli_session s; /* first */
	struct run_request request;
	const char *runtime;
	struct engine_run *run; /* while it is in flight */
	size_t put[2];		/* bytes of output that were written */
};

static int
check(struct cli_session *s, const char *body, size_t n, struct problem **ret_p)
{
	struct session *own = (struct session *)s;

	if (run_request_from_json(body, n, &own->request, ret_p))
		return -1;
	own->runtime = own->request.runtime;
	s->only = &own->runtime;
	s->nonly = 1;
	return 0;
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
exit_status(const struct cli_session *s, const json_t *reply)
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
put_more(FILE *to, const struct buf *b, size_t *put)
{
	if (b->len > *put)
		fwrite(b->data + *put, 1, b->len - *put, to);
	*put = b->len;
	fflush(to);
}

/* What the program wrote since the last time. */
static void
put_output(struct session *own, const struct run_result *r)
{
	const struct pass_result *clean = &r->pass[PASS_CLEAN];

	put_more(stdout, &clean->out, &own->put[0]);
	put_more(stderr, &clean->err, &own->put[1]);
}

/* So that what follows begins on a line of its own; a file gets what the
 * program wrote and nothing else. */
static void
end_line(FILE *to, const struct buf *b)
{
	if (b->len && b->data[b->len - 1] != '\n' && isatty(fileno(to)))
		fputc('\n', to);
}

static void
hear(void *arg, enum engine_news news, const struct run_result *r)
{
	struct session *own = arg;

	if (own->s.options.json)
		return;
	if (news == ENGINE_OUTPUT)
		put_output(own, r);
	if (news == ENGINE_AGAIN && own->put[0] + own->put[1] > 0)
		cli_session_complain(&own->s,
			"by no fault of the program it is run again, from its "
			"beginning: what it wrote comes once more");
	if (news == ENGINE_AGAIN)
		own->put[0] = own->put[1] = 0;
}

static void
show(struct session *own, const struct run_result *r, const json_t *reply)
{
	const struct cli_session *s = &own->s;
	const struct pass_result *clean = &r->pass[PASS_CLEAN];
	struct cli_out out = cli_text_out(stdout, s->options.colour);
	struct cli_out err = cli_text_out(stderr, s->options.colour);

	put_output(own, r);
	end_line(stdout, &clean->out);
	end_line(stderr, &clean->err);
	cli_tables_lenses(
		reply, s->code.data ? s->code.data : "", s->code.len, &out);
	fflush(stdout);
	cli_tables_status(reply, &err);
}

static void
done(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct session *own = arg;
	struct cli_session *s = &own->s;

	own->run = NULL;
	cli_session_end(s);
	if (outcome == ENGINE_LATE) {
		cli_session_complain(s,
			"the deadline was over before the program had begun");
		s->status = CLI_EXIT_LIMIT;
		return;
	}
	if (outcome != ENGINE_DONE) {
		cli_session_complain(s, "%s", reason);
		return;
	}
	json_auto_t *reply = report_json(&own->request, r);
	s->status = exit_status(s, reply);
	if (s->options.json)
		cli_session_json(reply);
	else
		show(own, r, reply);
}

/* --- The run -------------------------------------------------------------- */

static void
no_such_runtime(const struct session *own)
{
	const struct cli_session *s = &own->s;
	scope_buf struct buf b = BUF_INIT(4 * KIB);
	const char *id;

	for (size_t i = 0; (id = engine_runtime_id(s->engine, i)); i++)
		buf_printf(&b, "%s%s", i ? ", " : "", id);
	cli_session_complain(s,
		"--runtime %s: there is none of that id; there is %s",
		own->request.runtime, b.len ? b.data : "none at all");
}

static int
begin(struct cli_session *s)
{
	struct session *own = (struct session *)s;

	if (!engine_has_runtime(s->engine, own->request.runtime)) {
		no_such_runtime(own);
		return -1;
	}
	own->run = engine_submit(s->engine, NULL, &own->request, done, own);
	engine_hear(own->run, hear, own);
	return 0;
}

static void
cancel(struct cli_session *s)
{
	struct session *own = (struct session *)s;

	if (own->run)
		engine_cancel(own->run);
}

int
cmd_run(int argc, char **argv)
{
	struct session own = {.s = {.name = "vitrine run",
				      .check = check,
				      .begin = begin,
				      .cancel = cancel}};
	int status = cli_session_main(&own.s, CLI_RUN, argc, argv);

	run_request_clear(&own.request);
	return status;
}
