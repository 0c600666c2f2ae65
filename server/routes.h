/*
 * What each path answers.
 */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "server/assets.h"
#include "server/engine.h"
#include "server/http.h"
#include "server/probe.h"

/* Everything that routes look at. */
struct site {
	struct engine *engine;
	struct http *http;
	struct assets *assets; /* NULL: no page */
	struct probe *probe;   /* NULL until the runners are there */
	bool stopping;
};

/* http_handlers of a struct site. */
void routes_head(struct exchange *x, void *site);
void routes_request(struct exchange *x, void *site);
void routes_left(struct exchange *x, void *site);

#endif
