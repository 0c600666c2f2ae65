/* Replies that are Server-Sent Events (WHATWG HTML, 9.2). */
#include <stdlib.h>
#include <string.h>

#include "api/header.h"
#include "base/buf.h"
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
	scope_buf struct buf head = BUF_INIT(64);

	/* A JSON text in this form has no line ends.  It may be long, and is
	 * copied once. */
	if (!text || !buf_printf(&head, "event: %s\ndata: ", event))
		abort();
	json_decref(data);
	http_stream_put(x, head.data, head.len);
	http_stream_put(x, text, strlen(text));
	http_stream_put(x, "\n\n", 2);
}
