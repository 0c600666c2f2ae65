/*
 * Inside server/http*.c: what the server and an exchange are made of.
 */
#ifndef SERVER_HTTP_INSIDE_H
#define SERVER_HTTP_INSIDE_H

#include "server/http.h"

#include <microhttpd.h>

#include "base/buf.h"
#include "server/http_parts.h"
#include "server/linger.h"

struct http {
	struct loop_fd watch; /* first */
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct http_handlers handlers;
	bool due; /* the daemon has to run again */
	unsigned connections;
	bool quiescing; /* every reply is the last of its connection */
	bool closing;	/* nobody is told any more that a client left */
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
	struct stream *stream; /* of a reply that comes in parts */
	void *data;
	struct exchange *prev, *next; /* in http's waiting */
};

/* http.c: the reply is made, with these headers and those that every reply has;
 * its bytes are still to come or there already. */
void http_inside_reply(struct exchange *x, int status, const char *type,
	struct MHD_Response *reply, const char *const *headers);
/* Its connection rests until it is resumed; its client's leaving is told. */
void http_inside_suspend(struct exchange *x);
void http_inside_resume(struct exchange *x);
void http_inside_drop_body(struct exchange *x);

/* http_stream.c: the client left, or the server ends; nothing more is sent.
 * Resumes the exchange if it rests. */
void http_stream_break(struct exchange *x);
/* There may be more to come. */
bool http_stream_open(const struct exchange *x);
void http_stream_free(struct exchange *x);

#endif
