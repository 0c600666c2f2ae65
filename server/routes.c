/* Which path is answered by whom. */
#include "server/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const struct {
	const char *method, *path;
	route_fn *answer;
} routes[] = {
	{"POST", "/v1/runs", routes_post_run},
	{"POST", "/v1/comparisons", routes_post_comparison},
	{"POST", "/v1/measurements", routes_post_measurement},
	{"GET", "/v1/runtimes", routes_get_runtimes},
	{"GET", "/v1/lenses", routes_get_lenses},
	{"GET", "/v1/posture", routes_get_posture},
	{"POST", "/v1/posture/probes/{name}", routes_post_probe},
	{"POST", "/v1/links", routes_post_link},
	{"GET", "/v1/links/{id}", routes_get_link},
	{"DELETE", "/v1/links/{id}", routes_delete_link},
	{"GET", "/s/{id}", routes_get_short},
	{"GET", "/oembed", routes_get_oembed},
	{"GET", "/noscript", routes_get_noscript},
	{"POST", "/noscript", routes_post_noscript},
	{"GET", "/openapi.yaml", routes_get_openapi},
	{"GET", "/livez", routes_get_livez},
	{"GET", "/readyz", routes_get_readyz},
	{"GET", "/metrics", routes_get_metrics},
};
#define ROUTES (sizeof(routes) / sizeof(*routes))

/* {name} stands for one segment of a path, the last. */
static bool
matches(const char *pattern, const char *path)
{
	size_t n = strcspn(pattern, "{");

	if (!pattern[n])
		return strcmp(pattern, path) == 0;
	return strncmp(pattern, path, n) == 0 && path[n] &&
	       !strchr(path + n, '/');
}

const char *
routes_name(const struct exchange *x)
{
	return strrchr(http_path(x), '/') + 1;
}

void
routes_head(struct exchange *x, void *site)
{
	struct problem *p = routes_refusal(x, site);

	if (p)
		http_problem(x, p, NULL);
}

static void
not_found(struct exchange *x)
{
	http_problem(x,
		problem_new(404, "not-found", "Nothing here",
			"There is nothing at %.200s.", http_path(x)),
		NULL);
}

static void
wrong_method(struct exchange *x, const char *allow)
{
	http_problem(x,
		problem_new(405, "method-not-allowed", "Not by this method",
			"%.200s is not answered to %.20s, but to %s.",
			http_path(x), http_method(x), allow),
		allow);
}

void
routes_request(struct exchange *x, void *site)
{
	struct site *s = site;
	const char *method = http_method(x);
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	scope_buf struct buf allow = BUF_INIT(64);

	for (size_t i = 0; i < ROUTES; i++) {
		if (!matches(routes[i].path, http_path(x)))
			continue;
		if (strcmp(routes[i].method, get ? "GET" : method) == 0) {
			routes[i].answer(x, s);
			return;
		}
		buf_printf(&allow, "%s%s%s", allow.len ? ", " : "",
			routes[i].method,
			routes[i].method[0] == 'G' ? ", HEAD" : "");
	}
	if (allow.len) {
		wrong_method(x, allow.data);
		return;
	}
	/* Pages; a wrong method is told only of those that are there. */
	if (!get && ((s->assets && assets_has(s->assets, x)) ||
			    routes_has_problem(x)))
		wrong_method(x, "GET, HEAD");
	else if (!get)
		not_found(x);
	else if (!(s->assets && assets_reply(s->assets, x, s->anonymous)) &&
		 !routes_problem_page(x))
		not_found(x);
}

void
routes_left(struct exchange *x, void *site)
{
	struct routes_waiting *w = http_data(x);

	(void)site;
	if (w)
		w->left(w);
}
