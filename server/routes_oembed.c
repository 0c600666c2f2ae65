/* A link as a frame, for sites that ask by oEmbed. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "api/oembed.h"
#include "base/scope.h"
#include "server/routes.h"

/* What is asked; unknown parameters are no fault in oEmbed. */
struct asked {
	const char *url, *format;
	const char *maxwidth, *maxheight;
};

static void
read_query(const struct query_item *query, size_t n, struct asked *ret)
{
	const struct {
		const char *name, **value;
	} known[] = {
		{"url", &ret->url},
		{"format", &ret->format},
		{"maxwidth", &ret->maxwidth},
		{"maxheight", &ret->maxheight},
	};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
			if (strcmp(query[i].name, known[k].name) == 0)
				*known[k].value = query[i].value;
}

/* Pixels, or 0 when it is no number of them; NULL is any. */
static int
pixels(const char *text)
{
	if (!text)
		return INT_MAX;
	size_t digits = strspn(text, "0123456789");
	return digits > 0 && digits < 7 && !text[digits]
		       ? (int)strtol(text, NULL, 10)
		       : 0;
}

static struct problem *
fault(const char *parameter, const char *must)
{
	struct problem *p = problem_new(422, "invalid-request",
		"The request has members that cannot be taken", NULL);

	problem_at(p, parameter, "%s", must);
	return p;
}

static struct problem *
answer(const struct exchange *x, const struct asked *a, json_t **ret_j)
{
	const char *host = http_header(x, "Host");
	int width = pixels(a->maxwidth), height = pixels(a->maxheight);

	if (!a->url)
		return fault("/url", "The address of a snippet must be there.");
	if (width == 0)
		return fault("/maxwidth", "It must be a number of pixels.");
	if (height == 0)
		return fault("/maxheight", "It must be a number of pixels.");
	if (a->format && strcmp(a->format, "json") != 0)
		return problem_new(501, "not-implemented", "Not in that format",
			"The format is %.40s; there is json only.", a->format);
	*ret_j = oembed_reply(a->url, host ? host : "", width, height);
	if (*ret_j)
		return NULL;
	return problem_new(404, "not-found", "Nothing to embed",
		"The address is not that of a snippet on this server: it has "
		"to be / or /e/ with a link behind its #.");
}

void
routes_get_oembed(struct exchange *x, struct site *s)
{
	size_t n = 0;
	scope_free struct query_item *query = http_query(x, &n);
	struct asked a = {0};
	struct problem *p;
	json_t *j = NULL;

	(void)s;
	if (query)
		read_query(query, n, &a);
	p = answer(x, &a, &j);
	if (p)
		http_problem(x, p, NULL);
	else
		http_json(x, 200, j);
}
