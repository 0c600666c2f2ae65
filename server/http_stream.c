/*
 * Replies that come in parts.
 *
 * Theory of operation.  The daemon asks for bytes whenever the connection can
 * take some.  When there are none, the connection is suspended, as one that
 * waits for its reply is; the next part resumes it.  What was not taken yet is
 * kept, so that a client that reads slowly costs memory and keeps nobody.
 */
#include "server/http_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "wire/limits.h"

#define BLOCK_BYTES 65536
#define BEAT_NS	    (15 * 1000000000LL)
/* Of one that cannot be kept any more, the client hears no end. */
#define MAX_STREAM_BYTES (2 * GIB)

struct stream {
	struct loop_timer timer; /* of the next beat */
	struct exchange *x;
	const char *beat;
	struct buf pending;
	size_t sent;	    /* of pending */
	bool ended, broken; /* broken: without an end, and ended */
};

static ssize_t
give(void *arg, uint64_t pos, char *to, size_t max)
{
	struct exchange *x = arg;
	struct stream *s = x->stream;
	size_t n = s->pending.len - s->sent;

	(void)pos;
	if (s->broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0 && s->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		http_inside_suspend(x);
		return 0;
	}
	n = n < max ? n : max;
	memcpy(to, s->pending.data + s->sent, n);
	s->sent += n;
	if (s->sent == s->pending.len) {
		buf_free(&s->pending);
		s->sent = 0;
	}
	return (ssize_t)n;
}

static void
set_beat(struct stream *s)
{
	loop_timer_set(s->x->http->loop, &s->timer, io_now_ns() + BEAT_NS);
}

static void
beat_fired(struct loop_timer *t)
{
	struct stream *s =
		(struct stream *)((char *)t - offsetof(struct stream, timer));

	/* One that is not being read has something to be sent already. */
	if (s->pending.len == s->sent)
		http_stream_put(s->x, s->beat, strlen(s->beat));
	else
		set_beat(s);
}

void
http_stream_begin(struct exchange *x, const char *type, const char *beat,
	const char *const *headers)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	assert(!x->waiting && !x->stream);
	*s = (struct stream){
		.timer.fire = beat_fired,
		.x = x,
		.beat = beat,
		.pending = BUF_INIT(MAX_STREAM_BYTES),
	};
	x->stream = s;
	http_inside_drop_body(x);
	http_inside_reply(x, 200, type,
		MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, BLOCK_BYTES, give, x, NULL),
		headers);
	set_beat(s);
}

static void
go_on(struct exchange *x)
{
	if (x->waiting)
		http_inside_resume(x);
}

void
http_stream_put(struct exchange *x, const char *bytes, size_t n)
{
	struct stream *s = x->stream;

	assert(!s->ended);
	if (s->broken)
		return;
	set_beat(s);
	if (buf_put(&s->pending, bytes, n) < n)
		s->broken = true;
	go_on(x);
}

void
http_stream_end(struct exchange *x)
{
	struct stream *s = x->stream;

	s->ended = true;
	loop_timer_clear(x->http->loop, &s->timer);
	go_on(x);
}

void
http_stream_break(struct exchange *x)
{
	if (!x->stream)
		return;
	x->stream->broken = true;
	http_stream_end(x);
}

bool
http_stream_open(const struct exchange *x)
{
	return x->stream && !x->stream->ended;
}

void
http_stream_free(struct exchange *x)
{
	struct stream *s = x->stream;

	if (!s)
		return;
	loop_timer_clear(x->http->loop, &s->timer);
	buf_free(&s->pending);
	free(s);
	x->stream = NULL;
}
