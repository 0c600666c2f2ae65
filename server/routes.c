/* What each path answers. */
#include "server/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/report.h"
#include "base/scope.h"

typedef void route_fn(struct exchange *x, struct site *s);

/* A run that an exchange waits for. */
struct waiting {
	struct exchange *x;
	struct run_request q;
	struct engine_run *run;
};

static void
run_done(void *arg, enum engine_outcome outcome, struct run_result *result,
	const char *reason)
{
	struct waiting *w = arg;

	if (outcome == ENGINE_DONE) {
		http_json(w->x, 200, report_json(&w->q, result));
	} else {
		struct problem *p = problem_new(503, "unavailable",
			"The run could not be made",
			"It was not the program's fault: %s. Try again.",
			reason);
		problem_retry_after(p, 1);
		http_problem(w->x, p);
	}
	run_request_clear(&w->q);
	free(w);
}

static bool
is_type(struct exchange *x, const char *type)
{
	const char *given = http_header(x, "Content-Type");
	size_t n = strlen(type);

	return given && strncasecmp(given, type, n) == 0 &&
	       (!given[n] || given[n] == ';' || given[n] == ' ');
}

static int
read_request(struct exchange *x, struct run_request *q, struct problem **p)
{
	size_t n, nquery;
	const char *body = http_body(x, &n);

	if (n > MAX_BODY_BYTES) {
		*p = problem_new(413, "too-large", "The body is too large",
			"The body has %zu bytes; at most %llu are taken.", n,
			MAX_BODY_BYTES);
		return -1;
	}
	if (is_type(x, "application/json"))
		return run_request_from_json(body, n, q, p);
	if (is_type(x, "text/x-python")) {
		scope_free struct query_item *query = http_query(x, &nquery);
		return run_request_from_text(body, n, query, nquery, q, p);
	}
	*p = problem_new(415, "unsupported-media-type",
		"The body is of another kind",
		"Send application/json, or the source itself as "
		"text/x-python; the Content-Type is %.80s.",
		http_header(x, "Content-Type") ? http_header(x, "Content-Type")
					       : "missing");
	return -1;
}

static void
post_run(struct exchange *x, struct site *s)
{
	struct problem *p = NULL;
	struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	if (read_request(x, &w->q, &p)) {
		free(w);
		http_problem(x, p);
		return;
	}
	if (!engine_has_runtime(s->engine, w->q.runtime)) {
		p = problem_new(422, "invalid-request",
			"The request has faults",
			"There is no such runtime here; GET /v1/runtimes lists "
			"those that are.");
		problem_at(p, "/runtime", "names no runtime that serves here");
		run_request_clear(&w->q);
		free(w);
		http_problem(x, p);
		return;
	}
	w->x = x;
	http_set_data(x, w);
	http_wait(x);
	w->run = engine_submit(s->engine, &w->q, run_done, w);
}

static void
get_runtimes(struct exchange *x, struct site *s)
{
	json_t *list = json_array(), *broken = json_array();
	const struct msg_hello *h;
	const char *id, *reason;

	for (size_t i = 0; (h = engine_runtime(s->engine, i)); i++)
		json_array_append_new(list, report_runtime(h));
	for (size_t i = 0; (id = engine_broken(s->engine, i, &reason)); i++)
		json_array_append_new(broken,
			json_pack("{s:s, s:s}", "id", id, "reason", reason));
	http_json(x, 200,
		json_pack("{s:o, s:o}", "runtimes", list, "broken", broken));
}

static void
get_lenses(struct exchange *x, struct site *s)
{
	json_t *list = json_array();

	(void)s;
	for (int i = 0; i < LENS_COUNT; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "name",
				      lens_name((enum lens)i), "shows",
				      lens_summary((enum lens)i), "pass",
				      pass_name(lens_pass((enum lens)i))));
	http_json(x, 200, json_pack("{s:o}", "lenses", list));
}

static json_t *
posture_json(const struct msg_hello *h)
{
	json_t *layers = json_array();

	for (int i = 0; i < LAYER_COUNT; i++)
		json_array_append_new(
			layers, json_pack("{s:s, s:b, s:s, s:s}", "name",
					layer_name((enum layer)i), "holds",
					h->layers & BIT(i) ? 1 : 0, "how",
					h->layer_note[i], "without",
					layer_purpose((enum layer)i)));
	return json_pack("{s:s, s:o}", "runtime", h->id, "layers", layers);
}

static void
get_posture(struct exchange *x, struct site *s)
{
	json_t *list = json_array();
	const struct msg_hello *h;

	for (size_t i = 0; (h = engine_runtime(s->engine, i)); i++)
		json_array_append_new(list, posture_json(h));
	http_json(x, 200,
		json_pack("{s:o, s:o}", "runtimes", list, "probes",
			s->probe ? probe_json(s->probe) : json_array()));
}

static void
get_livez(struct exchange *x, struct site *s)
{
	(void)s;
	http_json(x, 200, json_pack("{s:s}", "status", "alive"));
}

static void
get_readyz(struct exchange *x, struct site *s)
{
	bool over = s->probe && probe_over(s->probe);
	bool ready = over && probe_passed(s->probe) && !s->stopping;

	http_json(x, ready ? 200 : 503,
		json_pack("{s:s, s:o}", "status",
			ready	      ? "ready"
			: s->stopping ? "stopping"
			: over	      ? "a probe was not contained"
				      : "starting",
			"probes",
			s->probe ? probe_json(s->probe) : json_array()));
}

static void
get_metrics(struct exchange *x, struct site *s)
{
	struct engine_stats e = engine_stats(s->engine);
	struct http_stats h = http_stats(s->http);
	char text[2048];

	int n = snprintf(text, sizeof(text),
		"# TYPE vitrine_http_requests_total counter\n"
		"vitrine_http_requests_total %llu\n"
		"# TYPE vitrine_http_errors_total counter\n"
		"vitrine_http_errors_total{class=\"4xx\"} %llu\n"
		"vitrine_http_errors_total{class=\"5xx\"} %llu\n"
		"# TYPE vitrine_runs_total counter\n"
		"vitrine_runs_total %llu\n"
		"# TYPE vitrine_runs_unavailable_total counter\n"
		"vitrine_runs_unavailable_total %llu\n"
		"# TYPE vitrine_runs_retried_total counter\n"
		"vitrine_runs_retried_total %llu\n"
		"# TYPE vitrine_passes_total counter\n"
		"vitrine_passes_total %llu\n"
		"# TYPE vitrine_runner_starts_total counter\n"
		"vitrine_runner_starts_total %llu\n"
		"# TYPE vitrine_slots gauge\n"
		"vitrine_slots{state=\"busy\"} %u\n"
		"vitrine_slots{state=\"idle\"} %u\n"
		"# TYPE vitrine_queue_depth gauge\n"
		"vitrine_queue_depth %u\n",
		h.requests, h.replies_4xx, h.replies_5xx,
		(unsigned long long)e.runs_total,
		(unsigned long long)e.runs_unavailable_total,
		(unsigned long long)e.runs_retried_total,
		(unsigned long long)e.passes_total,
		(unsigned long long)e.runner_starts_total, e.running,
		e.slots - e.running, e.queued);
	http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", text,
		(size_t)n, NULL);
}

static const struct {
	const char *method, *path;
	route_fn *answer;
} routes[] = {
	{"POST", "/v1/runs", post_run},
	{"GET", "/v1/runtimes", get_runtimes},
	{"GET", "/v1/lenses", get_lenses},
	{"GET", "/v1/posture", get_posture},
	{"GET", "/livez", get_livez},
	{"GET", "/readyz", get_readyz},
	{"GET", "/metrics", get_metrics},
};
#define ROUTES (sizeof(routes) / sizeof(*routes))

void
routes_head(struct exchange *x, void *site)
{
	const struct site *s = site;
	const char *length = http_header(x, "Content-Length");
	struct problem *p;
	int retry;

	if (length && strtoull(length, NULL, 10) > MAX_BODY_BYTES) {
		http_problem(x,
			problem_new(413, "too-large", "The body is too large",
				"The body has %.20s bytes; at most %llu are "
				"taken.",
				length, MAX_BODY_BYTES));
		return;
	}
	if (strcmp(http_path(x), "/v1/runs") != 0 ||
		strcmp(http_method(x), "POST") != 0)
		return;
	if (!s->stopping && engine_admits(s->engine, &retry))
		return;
	p = problem_new(503, "busy", "Too busy",
		s->stopping ? "The server is going down."
			    : "As many runs as this server takes are waiting "
			      "already. Try again.");
	problem_retry_after(p, s->stopping ? 5 : retry);
	http_problem(x, p);
}

/* A page for each kind of problem: what its type leads to. */
static bool
problem_page(struct exchange *x)
{
	static const struct {
		const char *slug, *text;
	} pages[] = {
		{"not-json",
			"The body could not be read as JSON (RFC 8259). The "
			"detail says where."},
		{"invalid-request",
			"The JSON was read, but something in it is not as it "
			"must be. errors lists every fault with an RFC 6901 "
			"pointer. The full contract is at /openapi.yaml."},
		{"too-large", "The body is larger than the server takes."},
		{"unsupported-media-type",
			"POST /v1/runs takes application/json or "
			"text/x-python."},
		{"busy",
			"As many runs as the server takes are waiting already. "
			"Wait as long as Retry-After says."},
		{"unavailable",
			"The run was taken but could not be made, by no fault "
			"of the program. It may be sent again."},
		{"not-found", "There is nothing under this path."},
		{"method-not-allowed",
			"There is something under this path, but not by this "
			"method. Allow says by which."},
	};
	static const char prefix[] = "/problems/";
	size_t n = strlen(prefix);

	if (strncmp(http_path(x), prefix, n) != 0)
		return false;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (strcmp(http_path(x) + n, pages[i].slug) == 0) {
			http_reply(x, 200, "text/plain; charset=utf-8",
				pages[i].text, strlen(pages[i].text), NULL);
			return true;
		}
	return false;
}

void
routes_request(struct exchange *x, void *site)
{
	struct site *s = site;
	const char *method = http_method(x), *allow = NULL;
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

	for (size_t i = 0; i < ROUTES; i++) {
		if (strcmp(routes[i].path, http_path(x)) != 0)
			continue;
		if (strcmp(routes[i].method, get ? "GET" : method) == 0) {
			routes[i].answer(x, s);
			return;
		}
		allow = routes[i].method;
	}
	if (!allow && get &&
		((s->assets && assets_reply(s->assets, x)) || problem_page(x)))
		return;
	if (!allow) {
		http_problem(x,
			problem_new(404, "not-found", "Nothing here",
				"There is nothing at %.200s.", http_path(x)));
		return;
	}
	json_t *j = json_pack("{s:s, s:s, s:i, s:s}", "type",
		"/problems/method-not-allowed", "title", "Not by this method",
		"status", 405, "detail", "See the Allow header.");
	char *text = json_dumps(j, JSON_COMPACT);
	const char *headers[] = {
		"Allow", strcmp(allow, "GET") == 0 ? "GET, HEAD" : allow, NULL};
	http_reply(x, 405, "application/problem+json", text, strlen(text),
		headers);
	free(text);
	json_decref(j);
}

void
routes_left(struct exchange *x, void *site)
{
	struct waiting *w = http_data(x);

	(void)site;
	engine_cancel(w->run);
}
