/* Links that are stored under a short name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "api/link.h"
#include "base/io.h"
#include "server/routes.h"
#include "server/wall.h"

/* What a browser keeps it may show once more after somebody took it back. */
#define KEEP_SECONDS 300

static struct problem *
none(const struct site *s)
{
	if (!s->links)
		return problem_new(404, "not-found", "Nothing here",
			"This server stores no links; it does when it is "
			"started with --links.");
	return problem_new(404, "not-found", "Nothing here",
		"There is no link of that name here: it never was, it is "
		"over, or it was taken back.");
}

static struct problem *
problem_of(const struct site *s, enum links_outcome why, const struct fail *f)
{
	switch (why) {
	case LINKS_DONE:
	case LINKS_ALREADY:
		return NULL;
	case LINKS_NONE:
		return none(s);
	case LINKS_FULL:
	case LINKS_SHARED:
		return problem_new(507, "links-full",
			"No room for one more link", "%s",
			f->err ? "The disk of the server is full." : f->text);
	case LINKS_BROKEN:
		break;
	}
	return problem_new(500, "link-damaged",
		"The link cannot be read or written",
		"The server cannot read or write the file of this link, or it "
		"was damaged. Nothing of it is shown; the server's log says "
		"more.");
}

/* A time of the JSON, or null. */
static json_t *
time_json(int64_t until)
{
	char text[32];
	struct tm tm;
	time_t t = (time_t)until;

	if (until == LINK_NEVER || !gmtime_r(&t, &tm))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

static void
reply_made(struct exchange *x, int status, const struct links_made *made)
{
	char url[8 + LINK_ID_CHARS], at[16 + LINK_ID_CHARS];
	const char *headers[] = {
		"Cache-Control", "no-store", "Location", at, NULL};

	snprintf(url, sizeof(url), "/s/%s", made->id);
	snprintf(at, sizeof(at), "/v1/links/%s", made->id);
	json_auto_t *j = json_pack("{s:s, s:s, s:o, s:s}", "id", made->id,
		"url", url, "expires_at", time_json(made->until),
		"delete_token", made->token);
	char *text = json_dumps(j, JSON_COMPACT);
	if (!text)
		abort();
	http_reply(x, status, "application/json", text, strlen(text),
		HTTP_GIVEN, headers);
}

static struct problem *
too_often(struct exchange *x, struct site *s)
{
	const struct client c = client_of_peer(http_peer(x));
	int seconds = link_rate_take(&s->link_rate, &c, io_now_ns());

	if (!seconds)
		return NULL;
	struct problem *p = problem_new(429, "too-many-links",
		"Too many links in an hour",
		"%u links in an hour are what one address may have stored "
		"here. Share the long link, or try again later.",
		s->link_rate.per_hour);
	problem_retry_after(p, seconds);
	return p;
}

void
routes_post_link(struct exchange *x, struct site *s)
{
	struct link_request q = {0};
	struct links_made made;
	struct problem *p = s->links ? NULL : none(s);
	struct fail f = {0};
	size_t n;
	const char *body = p ? NULL : routes_json(x, &n, &p);
	enum links_outcome out = LINKS_DONE;

	if (!p && !link_request_from_json(body, n, &q, &p))
		p = too_often(x, s);
	if (!p) {
		out = links_put(s->links, q.text, q.size,
			q.expires_in_s ? wall_now() + (int64_t)q.expires_in_s
				       : LINK_NEVER,
			&made, &f);
		p = problem_of(s, out, &f);
	}
	link_request_clear(&q);
	if (p)
		http_problem(x, p, NULL);
	else
		reply_made(x, out == LINKS_ALREADY ? 200 : 201, &made);
}

static void
reply_link(struct exchange *x, const char *id, const struct buf *text,
	int64_t until)
{
	char etag[64], keep[64];
	const char *match = http_header(x, "If-None-Match");
	const char *headers[] = {"ETag", etag, "Cache-Control", keep, NULL};
	int64_t left = until - wall_now();

	snprintf(etag, sizeof(etag), "\"%s-%llx\"", id,
		until == LINK_NEVER ? 0ULL : (unsigned long long)until);
	snprintf(keep, sizeof(keep), "private, max-age=%d, immutable",
		left < KEEP_SECONDS ? (int)left : KEEP_SECONDS);
	if (match && strstr(match, etag)) {
		http_reply(x, 304, NULL, "", 0, HTTP_STAY, headers);
		return;
	}
	json_auto_t *j = json_pack("{s:s, s:s%, s:o}", "id", id, "link",
		text->data, text->len, "expires_at", time_json(until));
	char *reply = json_dumps(j, JSON_COMPACT);
	if (!reply)
		abort();
	http_reply(x, 200, "application/json", reply, strlen(reply), HTTP_GIVEN,
		headers);
}

void
routes_get_link(struct exchange *x, struct site *s)
{
	scope_buf struct buf text = BUF_INIT(MAX_LINK_BYTES);
	const char *id = routes_name(x);
	struct fail f = {0};
	int64_t until = 0;
	enum links_outcome out =
		s->links ? links_get(s->links, id, &text, &until, &f)
			 : LINKS_NONE;
	struct problem *p = problem_of(s, out, &f);

	if (p)
		http_problem(x, p, NULL);
	else
		reply_link(x, id, &text, until);
}

/* RFC 6750, 2.1.  "" when there is none. */
static const char *
token_of(const struct exchange *x)
{
	const char *given = http_header(x, "Authorization");

	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return "";
	return given + 7 + strspn(given + 7, " ");
}

void
routes_delete_link(struct exchange *x, struct site *s)
{
	static const char *const headers[] = {
		"Cache-Control", "no-store", NULL};
	struct fail f = {0};
	enum links_outcome out =
		s->links ? links_delete(
				   s->links, routes_name(x), token_of(x), &f)
			 : LINKS_NONE;
	struct problem *p = problem_of(s, out, &f);

	if (p && out == LINKS_NONE && s->links) {
		problem_free(p);
		p = problem_new(404, "not-found", "Nothing here",
			"There is no link of that name here that this token "
			"takes back. It goes into the header Authorization, "
			"as Bearer and the token.");
	}
	if (p)
		http_problem(x, p, NULL);
	else
		http_reply(x, 204, NULL, "", 0, HTTP_STAY, headers);
}

/* The page is the same for each: it asks for the link itself. */
void
routes_get_short(struct exchange *x, struct site *s)
{
	if (!s->links)
		http_problem(x, none(s), NULL);
	else if (!s->assets || !assets_reply(s->assets, x, s->anonymous))
		http_problem(x,
			problem_new(404, "not-found", "Nothing here",
				"This server has no page."),
			NULL);
}
