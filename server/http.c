/*
 * HTTP, by libmicrohttpd in external epoll mode: its epoll descriptor is
 * watched by our loop, and it runs when that is ready.
 */
#include "server/http.h"

#include <microhttpd.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "wire/limits.h"

#define MAX_CONNECTIONS	 1024
#define IDLE_SECONDS	 60
#define CONNECTION_BYTES 32768
/* How often in a row the daemon may run before the loop looks elsewhere. */
#define MAX_ROUNDS 16

struct http {
	struct loop_fd watch; /* first */
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct http_handlers handlers;
	bool resumed; /* somebody was, since the daemon last ran */
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
	char id[24];
	void *data;
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

static struct exchange *
exchange_new(struct http *h, struct MHD_Connection *c, const char *path,
	const char *method)
{
	static const char hex[] = "0123456789abcdef";
	struct exchange *x = calloc(1, sizeof(*x));
	unsigned char random[10];

	if (!x)
		return NULL;
	*x = (struct exchange){
		.peer = {-1, peer_ready},
		.http = h,
		.connection = c,
		.method = strdup(method),
		.path = strdup(path),
		.body = BUF_INIT(MAX_BODY_BYTES),
	};
	if (!x->method || !x->path ||
		getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	memcpy(x->id, "req_", 4);
	for (size_t i = 0; i < sizeof(random) - 1; i++) {
		x->id[4 + 2 * i] = hex[random[i] >> 4];
		x->id[5 + 2 * i] = hex[random[i] & 15];
	}
	return x;
}

static void
exchange_free(struct exchange *x)
{
	if (x->reply)
		MHD_destroy_response(x->reply);
	buf_free(&x->body);
	free(x->method);
	free(x->path);
	free(x);
}

static enum MHD_Result
on_access(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *upload,
	size_t *upload_size, void **state)
{
	struct http *h = arg;
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		x = exchange_new(h, c, url, method);
		*state = x;
		if (!x)
			return MHD_NO;
		h->stats.requests++;
		h->handlers.head(x, h->handlers.arg);
		hand_over(x);
		return MHD_YES;
	}
	if (x->handed) { /* refused: what still comes is dropped */
		*upload_size = 0;
		return MHD_YES;
	}
	if (*upload_size) {
		buf_put(&x->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
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
	(void)arg;
	(void)c;
	(void)why;
	if (*state)
		exchange_free(*state);
	*state = NULL;
}

static void
daemon_ready(struct loop_fd *w, uint32_t events)
{
	struct http *h = (struct http *)w;

	(void)events;
	MHD_run(h->daemon);
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
		enum MHD_Result timed = MHD_get_timeout(h->daemon, &ms);
		if (!h->resumed && timed != MHD_YES)
			return -1;
		if (!h->resumed && ms > 0)
			return ms > 60000 ? 60000000000LL
					  : (int64_t)ms * 1000000;
		h->resumed = false;
		MHD_run(h->daemon);
	}
	return 0; /* others' turn; the rest is done next time */
}

int
http_open(struct loop *l, int listen_fd, const struct http_handlers *handlers,
	struct http **ret_h, struct fail *f)
{
	struct http *h = calloc(1, sizeof(*h));
	const union MHD_DaemonInfo *info;

	if (!h)
		return fail_set(f, "no memory");
	h->loop = l;
	h->handlers = *handlers;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, on_access, h, MHD_OPTION_LISTEN_SOCKET,
		listen_fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
		MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
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
	MHD_quiesce_daemon(h->daemon);
}

void
http_close(struct http *h)
{
	if (!h)
		return;
	loop_before(h->loop, NULL, NULL);
	loop_unwatch(h->loop, &h->watch);
	MHD_stop_daemon(h->daemon);
	free(h);
}

const char *
http_method(const struct exchange *x)
{
	return x->method;
}

const char *
http_path(const struct exchange *x)
{
	return x->path;
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

struct gather {
	struct query_item *items;
	size_t n;
};

static enum MHD_Result
gather_item(
	void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct gather *g = arg;

	(void)kind;
	g->items = realloc(g->items, (g->n + 1) * sizeof(*g->items));
	if (!g->items)
		abort();
	g->items[g->n++] = (struct query_item){name, value};
	return MHD_YES;
}

struct query_item *
http_query(struct exchange *x, size_t *ret_n)
{
	struct gather g = {NULL, 0};

	MHD_get_connection_values(
		x->connection, MHD_GET_ARGUMENT_KIND, gather_item, &g);
	*ret_n = g.n;
	return g.items;
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

void
http_reply(struct exchange *x, int status, const char *type, const char *bytes,
	size_t n, const char *const *headers)
{
	assert(!x->replied);
	x->replied = true;
	x->status = status;
	x->http->stats.replies_4xx += status / 100 == 4;
	x->http->stats.replies_5xx += status / 100 == 5;
	x->reply = MHD_create_response_from_buffer(
		n, (void *)bytes, MHD_RESPMEM_MUST_COPY);
	if (!x->reply)
		abort();
	if (type)
		MHD_add_response_header(x->reply, "Content-Type", type);
	MHD_add_response_header(x->reply, "X-Request-Id", x->id);
	MHD_add_response_header(x->reply, "X-Content-Type-Options", "nosniff");
	for (; headers && headers[0]; headers += 2)
		MHD_add_response_header(x->reply, headers[0], headers[1]);
	if (!x->waiting)
		return;
	x->waiting = false;
	if (x->peer.fd >= 0)
		loop_unwatch(x->http->loop, &x->peer);
	x->peer.fd = -1;
	MHD_resume_connection(x->connection);
	x->http->resumed = true;
}

void
http_json(struct exchange *x, int status, json_t *j)
{
	static const char *const headers[] = {
		"Cache-Control", "no-store", NULL};
	char *text = json_dumps(j, JSON_COMPACT);

	if (!text)
		abort();
	json_decref(j);
	http_reply(x, status, "application/json", text, strlen(text), headers);
	free(text);
}

void
http_problem(struct exchange *x, struct problem *p)
{
	char seconds[16];
	const char *headers[] = {"Cache-Control", "no-store", NULL, NULL, NULL};
	json_t *j = problem_json(p);

	if (problem_get_retry_after(p)) {
		snprintf(seconds, sizeof(seconds), "%d",
			problem_get_retry_after(p));
		headers[2] = "Retry-After";
		headers[3] = seconds;
	}
	json_object_set_new(j, "request_id", json_string(x->id));
	json_object_set_new(j, "instance", json_string(x->path));
	char *text = json_dumps(j, JSON_COMPACT);
	if (!text)
		abort();
	http_reply(x, problem_status(p), "application/problem+json", text,
		strlen(text), headers);
	free(text);
	json_decref(j);
	problem_free(p);
}

void
http_wait(struct exchange *x)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	x->waiting = true;
	MHD_suspend_connection(x->connection);
	/* While suspended, only we would notice that the client leaves. */
	x->peer.fd = info->connect_fd;
	if (loop_watch(x->http->loop, &x->peer, EPOLLRDHUP | EPOLLET, NULL))
		x->peer.fd = -1;
}

struct http_stats
http_stats(const struct http *h)
{
	return h->stats;
}
