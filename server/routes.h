/*
 * What each path answers.
 */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "server/assets.h"
#include "server/engine.h"
#include "server/http.h"
#include "server/link_rate.h"
#include "server/links.h"
#include "server/probe.h"

/* Everything that routes look at. */
struct site {
	struct engine *engine;
	struct http *http;
	struct loop *loop;
	struct assets *assets; /* NULL: no page */
	struct links *links;   /* NULL: none are stored */
	struct link_rate link_rate;
	struct probes *probes; /* NULL until the runners are there */
	bool stopping;
	bool anonymous; /* serves pages of other sites as well */
	char url[300];	/* where it serves, with a slash at the end */
};

/* http_handlers of a struct site. */
void routes_head(struct exchange *x, void *site);
void routes_request(struct exchange *x, void *site);
void routes_left(struct exchange *x, void *site);

/* The answers; each lives in the file that is named after it. */
typedef void route_fn(struct exchange *x, struct site *s);

/* What an exchange that waits keeps (http_set_data) begins with this: what to
 * do when its client leaves. */
struct routes_waiting {
	void (*left)(struct routes_waiting *w);
};

/* routes_runs.c */
route_fn routes_post_run;
/* May whoever asks send so many runs now, all of them?  Else the refusal. */
struct problem *routes_runs_refusal(
	const struct exchange *x, const struct site *s, unsigned runs);
/* Is the Content-Type that one? */
bool routes_is_type(const struct exchange *x, const char *type);
/* The body, or NULL with the problem that it is too large. */
const char *routes_body(
	const struct exchange *x, size_t *ret_n, struct problem **ret_p);
/* The same of a body that has to be JSON, or NULL with the problem that it is
 * not said to be. */
const char *routes_json(
	const struct exchange *x, size_t *ret_n, struct problem **ret_p);
/* Its runtime does not serve here. */
struct problem *routes_no_runtime(const struct run_request *q);
/* Makes a run, which is taken over; the exchange waits for what reply makes of
 * it. */
typedef json_t *route_reply_fn(
	const struct run_request *q, const struct run_result *r, size_t arg);
void routes_run(struct exchange *x, struct site *s, struct run_request *q,
	route_reply_fn *reply, size_t arg);

/* routes_live.c: the same, as events while it goes on; the reply has begun. */
void routes_run_live(struct exchange *x, struct site *s, struct run_request *q);

/* routes_compare.c */
route_fn routes_post_comparison;

/* routes_measure.c */
route_fn routes_post_measurement;

/* routes_events.c: begins a reply of Server-Sent Events if that is wanted, else
 * false; and one event, whose data is taken over. */
bool routes_events_begin(struct exchange *x);
void routes_event(struct exchange *x, const char *event, json_t *data);

/* routes_info.c: what there is */
route_fn routes_get_runtimes, routes_get_lenses, routes_get_openapi;

/* routes_oembed.c: a link as a frame */
route_fn routes_get_oembed;

/* routes_links.c: links that are stored, and the page with one of them */
route_fn routes_post_link, routes_get_link, routes_delete_link,
	routes_get_short;

/* routes_posture.c: what confines a snippet, and proof of it */
route_fn routes_get_posture, routes_post_probe;
/* What stands for {name} in the path of an exchange that was matched. */
const char *routes_name(const struct exchange *x);

/* routes_noscript.c: a page that needs no JavaScript */
route_fn routes_get_noscript, routes_post_noscript;

/* routes_health.c: how it goes */
route_fn routes_get_livez, routes_get_readyz, routes_get_metrics;

/* routes_refuse.c: why an exchange is answered before its body is read, or
 * NULL. */
struct problem *routes_refusal(const struct exchange *x, const struct site *s);

/* routes_problems.c: a page for each kind of problem; false when the path is
 * none of theirs. */
bool routes_has_problem(const struct exchange *x);
bool routes_problem_page(struct exchange *x);

#endif
