/* GET and POST /noscript: a form, and what came of it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/form.h"
#include "api/report.h"
#include "base/scope.h"
#include "server/fanout.h"
#include "server/noscript.h"
#include "server/outcome.h"
#include "server/routes.h"

/* Lenses that are shown as tables are shorter than that, or not read. */
#define CLAIMS_BYTES (16 * MIB)

/* A form that waits for what comes of it. */
struct waiting {
	struct routes_waiting left; /* first */
	struct exchange *x;
	struct site *s;
	json_t *form;
	struct run_request q;
	struct engine_run *run; /* else: */
	struct fanout *f;
};

/* retry: seconds for the Retry-After header; 0 for none. */
static void
reply_page(struct exchange *x, int status, struct buf *b, int retry)
{
	/* With no-referrer a form's own Origin would be "null". */
	static const char policy[] =
		"default-src 'none'; style-src 'self'; form-action 'self'; "
		"base-uri 'none'; frame-ancestors 'none'";
	char seconds[16];
	snprintf(seconds, sizeof(seconds), "%d", retry);
	const char *const headers[] = {"Cache-Control", "no-store",
		"Referrer-Policy", "same-origin", "Content-Security-Policy",
		policy, retry ? "Retry-After" : NULL, seconds, NULL};

	noscript_end(b);
	/* What was sent, and each text of a result, look at how much room there
	 * is. */
	assert(!b->dropped);
	http_reply(x, status, "text/html; charset=utf-8", b->data, b->len,
		HTTP_GIVEN, headers);
}

static void
reply_problem(struct exchange *x, const struct site *s, const json_t *form,
	struct problem *p)
{
	struct buf b = BUF_INIT(NOSCRIPT_BYTES);

	noscript_begin(&b, form, s->engine);
	noscript_put_problem(&b, p);
	reply_page(x, problem_status(p), &b, problem_get_retry_after(p));
	problem_free(p);
}

static void
waiting_free(struct waiting *w)
{
	json_decref(w->form);
	run_request_clear(&w->q);
	free(w);
}

static void
run_done(void *arg, enum engine_outcome outcome, struct run_result *r,
	const char *reason)
{
	struct waiting *w = arg;
	struct exchange *x = w->x;
	struct buf b = BUF_INIT(NOSCRIPT_BYTES);
	size_t n;
	const char *code = form_first(w->form, "code", &n);

	http_set_data(x, NULL);
	if (outcome == ENGINE_DONE) {
		json_auto_t *reply = report_json_within(&w->q, r, CLAIMS_BYTES);
		noscript_begin(&b, w->form, w->s->engine);
		noscript_put_run(&b, reply, code, n);
		reply_page(x, 200, &b, 0);
	} else {
		reply_problem(x, w->s, w->form,
			outcome_problem(w->s->engine, &w->q, outcome, reason));
	}
	waiting_free(w);
}

static void
comparison_done(void *arg, const struct fanout *f)
{
	struct waiting *w = arg;
	struct exchange *x = w->x;
	struct buf b = BUF_INIT(NOSCRIPT_BYTES);
	json_auto_t *reply = fanout_reply(f);

	http_set_data(x, NULL);
	noscript_begin(&b, w->form, w->s->engine);
	noscript_put_comparison(&b, reply);
	reply_page(x, 200, &b, 0);
	waiting_free(w);
}

/* Its callback comes all the same, and frees w. */
static void
client_left(struct routes_waiting *left)
{
	struct waiting *w = (struct waiting *)left;

	if (w->run)
		engine_cancel(w->run);
	else
		fanout_cancel(w->f);
}

static struct waiting *
wait_for(struct exchange *x, struct site *s, const json_t *form)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct waiting){.left = {client_left},
		.x = x,
		.s = s,
		.form = json_incref((json_t *)form)};
	http_set_data(x, w);
	http_wait(x);
	return w;
}

static struct problem *
run(struct exchange *x, struct site *s, const json_t *form, const char *body)
{
	const struct client c = client_of_peer(http_peer(x));
	struct run_request q = {0};
	struct problem *p = NULL;

	if (!run_request_from_json(body, strlen(body), &q, &p) &&
		!engine_has_runtime(s->engine, q.runtime))
		p = routes_no_runtime(&q);
	if (p) {
		run_request_clear(&q);
		return p;
	}
	struct waiting *w = wait_for(x, s, form);
	w->q = q;
	w->run = engine_submit(s->engine, &c, &w->q, run_done, w);
	return NULL;
}

static struct problem *
compare(struct exchange *x, struct site *s, const json_t *form,
	const char *body)
{
	const struct client c = client_of_peer(http_peer(x));
	struct compare_request q = {0};
	struct problem *p = NULL;

	if (!compare_request_from_json(body, strlen(body), &q, &p) &&
		!fanout_name(s->engine, &q, &p))
		p = routes_runs_refusal(x, s, (unsigned)q.n);
	if (p) {
		compare_request_clear(&q);
		return p;
	}
	struct waiting *w = wait_for(x, s, form);
	w->f = fanout_new(s->engine, &c, &q,
		&(struct fanout_hooks){w, NULL, comparison_done});
	fanout_begin(w->f);
	return NULL;
}

static struct problem *
no_form(void)
{
	return problem_new(415, "unsupported-media-type",
		"The body is of another kind",
		"Send the form as application/x-www-form-urlencoded, in UTF-8; "
		"POST /v1/runs takes JSON.");
}

void
routes_post_noscript(struct exchange *x, struct site *s)
{
	struct problem *p = NULL;
	size_t n = 0;
	const char *sent = routes_body(x, &n, &p);
	json_auto_t *form =
		sent && routes_is_type(x, "application/x-www-form-urlencoded")
			? form_json(sent, n)
			: NULL;
	bool comparison;

	if (!p && !form)
		p = no_form();
	if (!p)
		p = routes_runs_refusal(x, s, 1);
	if (!p) {
		json_auto_t *q = noscript_request(form, &comparison);
		scope_free char *body = json_dumps(q, JSON_COMPACT);
		if (!body)
			abort();
		p = comparison ? compare(x, s, form, body)
			       : run(x, s, form, body);
	}
	if (p)
		reply_problem(x, s, form, p);
}

void
routes_get_noscript(struct exchange *x, struct site *s)
{
	struct buf b = BUF_INIT(NOSCRIPT_BYTES);

	noscript_begin(&b, NULL, s->engine);
	reply_page(x, 200, &b, 0);
}
