/*
 * HTTP, by libmicrohttpd in external epoll mode.
 *
 * Theory of operation.  The daemon's epoll descriptor is watched by our loop,
 * and the daemon runs when that is ready, or when an exchange that waited has
 * its reply.  While an exchange waits its connection is suspended, which takes
 * it out of the daemon's sight: then we watch for the client's leaving
 * ourselves.  Bodies are kept in memory, all of them together up to a bound.
 */
#include "server/http.h"

#include <microhttpd.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "server/http_parts.h"
#include "server/linger.h"
#include "wire/limits.h"

#define IDLE_SECONDS 60
#define LEFT_SECONDS 1 /* after an end of the stream amid a request */
/* More than 32 KiB are mapped: many at once leave no holes in the heap. */
#define CONNECTION_BYTES (36 * KIB)
/* All bodies that are being collected, together. */
#define MAX_BODIES_BYTES (16 * MAX_BODY_BYTES)
/* One that is no larger is kept all the same: slow large ones harm no other. */
#define SMALL_BODY_BYTES (64 * KIB)
/* A body of unknown length that goes on and on after it was too long. */
#define MAX_THROWN_BYTES (16 * MAX_BODY_BYTES)
/* How often in a row the daemon may run before the loop looks elsewhere. */
#define MAX_ROUNDS 16

struct http {
	struct loop_fd watch; /* first */
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct http_handlers handlers;
	bool due; /* the daemon has to run again */
	unsigned connections;
	bool quiescing; /* every reply is the last of its connection */
	size_t bodies;	/* bytes kept for all exchanges */
	struct exchange *waiting;
	struct linger_set lingering;
	struct http_stats stats;
};

struct exchange {
	struct loop_fd peer; /* first: the client's leaving while we wait */
	struct http *http;
	struct MHD_Connection *connection;
	char *method, *path;
	struct buf body;
	struct MHD_Response *reply; /* made, not handed over yet */
	int status;
	bool replied, waiting, handed;
	bool refused; /* before its body was read */
	bool counted; /* in stats.busy: the request is whole */
	char id[HTTP_ID_SIZE];
	void *data;
	struct exchange *prev, *next; /* in http's waiting */
};

static void
hand_over(struct exchange *x)
{
	if (!x->reply || x->handed)
		return;
	x->handed = true;
	MHD_queue_response(x->connection, (unsigned)x->status, x->reply);
	MHD_destroy_response(x->reply);
	x->reply = NULL;
}

static void
peer_ready(struct loop_fd *w, uint32_t events)
{
	struct exchange *x = (struct exchange *)w;

	(void)events;
	loop_unwatch(x->http->loop, &x->peer);
	x->peer.fd = -1;
	if (x->http->handlers.left)
		x->http->handlers.left(x, x->http->handlers.arg);
}

/* What a connection holds before it has an exchange, when the path of its
 * request has a NUL: MHD would let it end there. */
static char nul_in_path;

static void *
see_target(void *arg, const char *target, struct MHD_Connection *c)
{
	(void)arg;
	(void)c;
	return http_parts_has_nul(target) ? &nul_in_path : NULL;
}

static struct exchange *
exchange_new(struct http *h, struct MHD_Connection *c, char *path,
	const char *method)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	*x = (struct exchange){
		.peer = {-1, peer_ready},
		.http = h,
		.connection = c,
		.method = strdup(method),
		.path = path,
		.body = BUF_INIT(MAX_BODY_BYTES),
	};
	if (!x->method)
		abort();
	http_parts_id(x->id);
	return x;
}

static void
drop_body(struct exchange *x)
{
	x->http->bodies -= x->body.len;
	buf_free(&x->body);
}

static void
exchange_free(struct exchange *x)
{
	if (x->reply)
		MHD_destroy_response(x->reply);
	drop_body(x);
	free(x->method);
	free(x->path);
	free(x);
}

static int
socket_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
}

/* After a part of a request: has its client left?  The daemon overlooks an end
 * of the stream that came along with it, and may have read more by then. */
static void
look_for_end(struct exchange *x)
{
	if (http_parts_has_body(x) &&
		http_parts_has_ended(socket_of(x->connection)))
		MHD_set_connection_option(x->connection,
			MHD_CONNECTION_OPTION_TIMEOUT, LEFT_SECONDS);
}

static enum MHD_Result
take_head(struct http *h, struct MHD_Connection *c, const char *url,
	const char *method, void **state)
{
	char *path = http_parts_path(url, *state == &nul_in_path);
	struct exchange *x = exchange_new(h, c, path, method);

	*state = x;
	if (!x) {
		free(path);
		return MHD_NO;
	}
	h->stats.requests++;
	h->handlers.head(x, h->handlers.arg);
	x->refused = x->replied && http_parts_has_body(x);
	look_for_end(x);
	hand_over(x);
	return MHD_YES;
}

static enum MHD_Result
take_body(struct exchange *x, const char *bytes, size_t n)
{
	struct http *h = x->http;

	if (x->replied || x->body.dropped) {
		x->body.dropped += n;
	} else if (x->body.len + n > SMALL_BODY_BYTES &&
		   h->bodies + n > MAX_BODIES_BYTES) {
		struct problem *p = problem_new(503, "busy", "Too busy",
			"Too many large requests are arriving at the same "
			"time. Try again.");
		problem_retry_after(p, 1);
		drop_body(x);
		http_problem(x, p, NULL);
	} else {
		h->bodies += buf_put(&x->body, bytes, n);
	}
	look_for_end(x);
	return x->body.dropped > MAX_THROWN_BYTES ? MHD_NO : MHD_YES;
}

static enum MHD_Result
on_access(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_size, void **state)
{
	struct http *h = arg;
	struct exchange *x = *state;
	size_t n = *upload_size;

	(void)version;
	if (!x || *state == &nul_in_path)
		return take_head(h, c, url, method, state);
	*upload_size = 0;
	if (n)
		return take_body(x, upload, n);
	MHD_set_connection_option(
		c, MHD_CONNECTION_OPTION_TIMEOUT, IDLE_SECONDS);
	h->stats.busy += !x->counted;
	x->counted = true;
	if (!x->replied && !x->waiting) {
		h->handlers.request(x, h->handlers.arg);
		assert(x->replied || x->waiting);
	}
	hand_over(x);
	return MHD_YES;
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **state,
	enum MHD_RequestTerminationCode why)
{
	struct http *h = arg;
	struct exchange *x = *state;

	if (!x || *state == &nul_in_path)
		return;
	/* A suspended connection does not complete. */
	assert(!x->waiting);
	if (x->refused && why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		linger_begin(&h->lingering, socket_of(c));
	h->stats.busy -= x->counted;
	exchange_free(x);
	*state = NULL;
}

static void
daemon_ready(struct loop_fd *w, uint32_t events)
{
	struct http *h = (struct http *)w;

	(void)events;
	MHD_run(h->daemon);
}

/* While there are as many connections as may be, the daemon does not listen; it
 * begins again when it runs after one of them ended, which nobody tells. */
static void
count_connections(struct http *h)
{
	unsigned now = MHD_get_daemon_info(
		h->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
			       ->num_connections;

	h->due |= now < h->connections;
	h->connections = now;
}

/* Lets the daemon do what is due, and says how long it can be left alone.  It
 * has work of its own beside its epoll descriptor: connections that were
 * resumed, data that was read ahead, time-outs. */
static int64_t
before_wait(void *arg)
{
	struct http *h = arg;

	for (int round = 0; round < MAX_ROUNDS; round++) {
		unsigned long long ms = 0;
		count_connections(h);
		enum MHD_Result timed = MHD_get_timeout(h->daemon, &ms);
		if (!h->due && timed != MHD_YES)
			return -1;
		if (!h->due && ms > 0)
			return ms > 60000 ? 60000000000LL
					  : (int64_t)ms * 1000000;
		h->due = false;
		MHD_run(h->daemon);
	}
	return 0; /* others' turn; the rest is done next time */
}

int
http_open(struct loop *l, int listen_fd, unsigned connections,
	const struct http_handlers *handlers, struct http **ret_h,
	struct fail *f)
{
	struct http *h = calloc(1, sizeof(*h));
	const union MHD_DaemonInfo *info;

	if (!h)
		return fail_set(f, "no memory");
	h->loop = l;
	h->lingering.loop = l;
	h->handlers = *handlers;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, on_access, h, MHD_OPTION_LISTEN_SOCKET,
		listen_fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
		MHD_OPTION_URI_LOG_CALLBACK, see_target, NULL,
		MHD_OPTION_CONNECTION_LIMIT, connections,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_END);
	if (!h->daemon) {
		free(h);
		return fail_set(f, "libmicrohttpd cannot start");
	}
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->watch = (struct loop_fd){info->epoll_fd, daemon_ready};
	loop_before(l, before_wait, h);
	*ret_h = h;
	return loop_watch(l, &h->watch, EPOLLIN, f);
}

void
http_quiesce(struct http *h)
{
	if (!h->quiescing)
		close(MHD_quiesce_daemon(h->daemon));
	h->quiescing = true;
}

void
http_close(struct http *h)
{
	if (!h)
		return;
	http_quiesce(h);
	/* The daemon does not end while connections are suspended. */
	while (h->waiting)
		http_problem(h->waiting,
			problem_new(503, "unavailable",
				"The run could not be made",
				"The server was stopped."),
			NULL);
	MHD_run(h->daemon);
	loop_before(h->loop, NULL, NULL);
	loop_unwatch(h->loop, &h->watch);
	MHD_stop_daemon(h->daemon);
	linger_end_all(&h->lingering);
	free(h);
}

const char *
http_method(const struct exchange *x)
{
	return x->method;
}

const char *
http_request_id(const struct exchange *x)
{
	return x->id;
}

const char *
http_path(const struct exchange *x)
{
	return x->path;
}

const struct sockaddr *
http_peer(const struct exchange *x)
{
	return MHD_get_connection_info(
		x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
		->client_addr;
}

const char *
http_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(
		x->connection, MHD_HEADER_KIND, name);
}

const char *
http_body(const struct exchange *x, size_t *ret_n)
{
	*ret_n = x->body.len + x->body.dropped;
	return x->body.data ? x->body.data : "";
}

static enum MHD_Result
gather_item(void *arg, enum MHD_ValueKind kind, const char *name,
	size_t name_size, const char *value, size_t size)
{
	(void)kind;
	http_parts_gather(arg, name, name_size, value, size);
	return MHD_YES;
}

struct query_item *
http_query(struct exchange *x, size_t *ret_n)
{
	struct http_query g = {malloc(sizeof(*g.items)), 0, false};

	MHD_get_connection_values_n(
		x->connection, MHD_GET_ARGUMENT_KIND, gather_item, &g);
	*ret_n = g.n;
	if (!g.nul)
		return g.items;
	free(g.items);
	return NULL;
}

void
http_set_data(struct exchange *x, void *data)
{
	x->data = data;
}

void *
http_data(const struct exchange *x)
{
	return x->data;
}

/* The reply is there: the connection goes on. */
static void
resume(struct exchange *x)
{
	struct http *h = x->http;

	x->waiting = false;
	if (x->peer.fd >= 0)
		loop_unwatch(h->loop, &x->peer);
	x->peer.fd = -1;
	if (x->prev)
		x->prev->next = x->next;
	else
		h->waiting = x->next;
	if (x->next)
		x->next->prev = x->prev;
	MHD_resume_connection(x->connection);
	h->due = true;
}

void
http_reply(struct exchange *x, int status, const char *type, const char *bytes,
	size_t n, enum http_bytes owner, const char *const *headers)
{
	static const enum MHD_ResponseMemoryMode modes[] = {
		[HTTP_COPY] = MHD_RESPMEM_MUST_COPY,
		[HTTP_GIVEN] = MHD_RESPMEM_MUST_FREE,
		[HTTP_STAY] = MHD_RESPMEM_PERSISTENT,
	};

	assert(!x->replied);
	x->replied = true;
	x->status = status;
	x->http->stats.replies[status / 100]++;
	x->reply =
		MHD_create_response_from_buffer(n, (void *)bytes, modes[owner]);
	if (!x->reply)
		abort();
	if (type)
		MHD_add_response_header(x->reply, "Content-Type", type);
	MHD_add_response_header(x->reply, "X-Request-Id", x->id);
	MHD_add_response_header(x->reply, "X-Content-Type-Options", "nosniff");
	if (x->http->quiescing)
		MHD_add_response_header(x->reply, "Connection", "close");
	for (; headers && headers[0]; headers += 2)
		MHD_add_response_header(x->reply, headers[0], headers[1]);
	if (x->waiting)
		resume(x);
}

void
http_wait(struct exchange *x)
{
	struct http *h = x->http;

	drop_body(x);
	x->waiting = true;
	x->prev = NULL;
	x->next = h->waiting;
	if (x->next)
		x->next->prev = x;
	h->waiting = x;
	MHD_suspend_connection(x->connection);
	x->peer.fd = socket_of(x->connection);
	if (loop_watch(h->loop, &x->peer, EPOLLRDHUP | EPOLLET, NULL))
		x->peer.fd = -1;
}

struct http_stats
http_stats(const struct http *h)
{
	return h->stats;
}
