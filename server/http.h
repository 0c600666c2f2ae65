/*
 * HTTP, by libmicrohttpd, which only http.c and http_stream.c know.
 *
 * An exchange is one request and its one reply.  Its body is collected before
 * the route is called; the route replies at once, or calls http_wait and
 * replies later from the loop, or begins a stream.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "api/problem.h"
#include "api/request.h"
#include "base/fail.h"
#include "server/loop.h"

struct http;
struct exchange;

struct http_handlers {
	void *arg;
	/* Before the body is read: may refuse by replying. */
	void (*head)(struct exchange *x, void *arg);
	/* The request is whole. */
	void (*request)(struct exchange *x, void *arg);
	/* The client left while the exchange waited; the reply that must still
	 * come goes nowhere.  Or in the middle of a stream: then the exchange
	 * is gone, and nobody may touch it any more. */
	void (*left)(struct exchange *x, void *arg);
};

/* Serves the connections of listen_fd, which is taken over; so many at a
 * time. */
int http_open(struct loop *l, int listen_fd, unsigned connections,
	const struct http_handlers *h, struct http **ret_h, struct fail *f);
/* Takes no new connections any more, and ends those that are there after the
 * reply that is due. */
void http_quiesce(struct http *h);
/* Ends every connection; nobody may reply to an exchange any more. */
void http_close(struct http *h);

const char *http_method(const struct exchange *x);
const char *http_request_id(const struct exchange *x);
const char *http_path(const struct exchange *x);
/* The address that it came from; as long as the exchange lives. */
const struct sockaddr *http_peer(const struct exchange *x);
/* The value of a request header, or NULL. */
const char *http_header(const struct exchange *x, const char *name);
/* The body; *ret_n is its whole length, more than MAX_BODY_BYTES when it was
 * not all kept.  It is gone after http_wait. */
const char *http_body(const struct exchange *x, size_t *ret_n);
/* The query's items; the array is the caller's to free, the strings are not.
 * NULL when one of them holds a NUL. */
struct query_item *http_query(struct exchange *x, size_t *ret_n);
/* What the routes keep with an exchange. */
void http_set_data(struct exchange *x, void *data);
void *http_data(const struct exchange *x);

/* Who owns the bytes of a reply. */
enum http_bytes {
	HTTP_COPY,  /* they are copied */
	HTTP_GIVEN, /* from malloc, and freed afterwards */
	HTTP_STAY   /* they outlive the server's last reply */
};

/* The reply; headers are name, value, …, NULL. */
void http_reply(struct exchange *x, int status, const char *type,
	const char *bytes, size_t n, enum http_bytes owner,
	const char *const *headers);
/* The same of a problem, which is freed; allow is for 405, else NULL. */
void http_problem(struct exchange *x, struct problem *p, const char *allow);
/* The same of a JSON value, whose reference is taken. */
void http_json(struct exchange *x, int status, json_t *j);
/* The reply will come later. */
void http_wait(struct exchange *x);

/* server/http_stream.c: a reply that comes in parts.  Replies with 200 at once,
 * from within the route; the body is gone then.  While there is nothing to be
 * sent for a while, `beat` is (a string that stays). */
void http_stream_begin(struct exchange *x, const char *type, const char *beat,
	const char *const *headers);
/* A part of it; the bytes are copied. */
void http_stream_put(struct exchange *x, const char *bytes, size_t n);
/* That was all.  The exchange is gone. */
void http_stream_end(struct exchange *x);

struct http_stats {
	unsigned long long requests, replies[6]; /* by hundreds of status */
	unsigned busy; /* whole requests, not answered to the last byte */
};
struct http_stats http_stats(const struct http *h);

#endif
