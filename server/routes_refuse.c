/* What is refused by its headers alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/header.h"
#include "server/routes.h"

/* What two programs would cut in two ways, and what nobody can cut. */
static struct problem *
refuse_framing(const struct exchange *x)
{
	const char *coding = http_header(x, "Transfer-Encoding");

	if (coding && strcasecmp(coding, "chunked") != 0)
		return problem_new(400, "not-http",
			"Where the body ends is not clear",
			"The Transfer-Encoding is %.80s; only chunked is "
			"taken.",
			coding);
	if (coding && http_header(x, "Content-Length"))
		return problem_new(400, "not-http",
			"Where the body ends is not clear",
			"There is a Content-Length and a Transfer-Encoding; "
			"only one of them can hold.");
	return NULL;
}

static struct problem *
refuse_size(const struct exchange *x)
{
	const char *length = http_header(x, "Content-Length");

	if (!length || strtoull(length, NULL, 10) <= MAX_BODY_BYTES)
		return NULL;
	return problem_new(413, "body-too-large", "The body is too large",
		"The body has %.20s bytes; at most %llu are taken.", length,
		MAX_BODY_BYTES);
}

static struct problem *
refuse_coding(const struct exchange *x)
{
	const char *coding = http_header(x, "Content-Encoding");

	if (!coding || !*coding || strcasecmp(coding, "identity") == 0)
		return NULL;
	return problem_new(415, "unsupported-media-type",
		"The body is of another kind",
		"The body is encoded (Content-Encoding: %.80s); send it as it "
		"is.",
		coding);
}

/* Browsers send the origin with every POST.  A page of another site could give
 * native code to a server on the loopback of whoever looks at it: not by a
 * request to another site, for which it would have to ask first, but with a
 * name of its own that it lets point at 127.0.0.1. */
static struct problem *
refuse_origin(const struct exchange *x, const struct site *s)
{
	const char *origin = http_header(x, "Origin");
	size_t n = strlen(s->url);

	if (s->anonymous || !origin || header_is_loopback(origin))
		return NULL;
	if (n && strlen(origin) == n - 1 &&
		strncasecmp(origin, s->url, n - 1) == 0)
		return NULL;
	return problem_new(403, "foreign-origin",
		"Not for pages of other sites",
		"A page of %.120s asked for this; a server that listens on "
		"loopback makes runs and keeps links for pages of this "
		"machine only, unless it was started with --anonymous.",
		origin);
}

/* A person sent it, who is told on a page. */
static bool
is_form(const struct exchange *x)
{
	return strcmp(http_path(x), "/noscript") == 0;
}

/* What is posted makes runs: one at least. */
static bool
makes_run(const struct exchange *x)
{
	static const char probes[] = "/v1/posture/probes/";
	const char *path = http_path(x);

	return strcmp(http_method(x), "POST") == 0 &&
	       (strcmp(path, "/v1/runs") == 0 || is_form(x) ||
		       strcmp(path, "/v1/comparisons") == 0 ||
		       strcmp(path, "/v1/measurements") == 0 ||
		       strncmp(path, probes, sizeof(probes) - 1) == 0);
}

/* It stores a link, or takes one back. */
static bool
changes_links(const struct exchange *x)
{
	static const char links[] = "/v1/links";
	const char *method = http_method(x);

	return (strcmp(method, "POST") == 0 || strcmp(method, "DELETE") == 0) &&
	       strncmp(http_path(x), links, sizeof(links) - 1) == 0;
}

struct problem *
routes_refusal(const struct exchange *x, const struct site *s)
{
	struct problem *p = refuse_framing(x);

	if (!p)
		p = refuse_size(x);
	if (p || !(makes_run(x) || changes_links(x)))
		return p;
	p = refuse_origin(x, s);
	if (!p)
		p = refuse_coding(x);
	return p || is_form(x) || changes_links(x)
		       ? p
		       : routes_runs_refusal(x, s, 1);
}
