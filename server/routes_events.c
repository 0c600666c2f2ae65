/* Replies that are Server-Sent Events (WHATWG HTML, 9.2). */
#include <stdlib.h>
#include <string.h>

#include "api/header.h"
#include "base/scope.h"
#include "server/routes.h"

bool
routes_events_begin(struct exchange *x)
{
	static const char *const headers[] = {
		"Cache-Control", "no-store", "X-Accel-Buffering", "no", NULL};

	if (!header_accepts(http_header(x, "Accept"), "text/event-stream"))
		return false;
	http_stream_begin(x, "text/event-stream", ": waiting\n\n", headers);
	/* So that the head is not kept back until the first event. */
	http_stream_put(x, ": begun\n\n", 9);
	return true;
}

void
routes_event(struct exchange *x, const char *event, json_t *data)
{
	scope_free char *text = json_dumps(data, JSON_COMPACT);
	scope_free char *whole = NULL;

	/* A JSON text in this form has no line ends. */
	int n = text ? asprintf(&whole, "event: %s\ndata: %s\n\n", event, text)
		     : -1;
	if (n < 0)
		abort();
	http_stream_put(x, whole, (size_t)n);
	json_decref(data);
}
