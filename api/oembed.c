/* Links as frames. */
#include "api/oembed.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/scope.h"

#define DIGITS	"0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define PACKED	DIGITS LETTERS "-_"
#define QUERY	PACKED ".=&"

/* As the page has them (web/src/share/format.ts), and what is asked for before
 * the #. */
#define MAX_PACKED 32768
#define MAX_QUERY  200

/* The parts of a link, none of which is ended by a NUL. */
struct link {
	const char *host, *query, *fragment;
	size_t scheme_len, host_len, query_len;
};

static bool
is_fragment(const char *text)
{
	size_t version = strspn(text, DIGITS);
	size_t packed;

	if (version < 1 || version > 3 || text[version] != ':')
		return false;
	text += version + 1;
	packed = strspn(text, PACKED);
	return packed > 0 && packed <= MAX_PACKED && !text[packed];
}

/* http or https, the host, "/" or "/e/", for the latter a query, and the
 * snippet. */
static bool
split(const char *url, struct link *ret)
{
	bool frame;

	if (strncmp(url, "http://", 7) == 0)
		ret->scheme_len = 7;
	else if (strncmp(url, "https://", 8) == 0)
		ret->scheme_len = 8;
	else
		return false;
	ret->host = url + ret->scheme_len;
	ret->host_len = strcspn(ret->host, "/?#");
	ret->query = ret->host + ret->host_len;
	frame = strncmp(ret->query, "/e/", 3) == 0;
	if (*ret->query != '/')
		return false;
	ret->query += frame ? 3 : 1;
	ret->query_len = 0;
	if (frame && *ret->query == '?') {
		ret->query_len = 1 + strspn(ret->query + 1, QUERY);
		if (ret->query_len > MAX_QUERY)
			return false;
	}
	ret->fragment = ret->query + ret->query_len;
	if (*ret->fragment++ != '#')
		return false;
	return is_fragment(ret->fragment);
}

/* What may stand in a Host header and between the quotes of an attribute. */
static bool
is_plain(const char *host)
{
	return *host && strlen(host) < 256 &&
	       !host[strspn(host, PACKED ".:[]")];
}

json_t *
oembed_reply(const char *url, const char *host, int width, int height)
{
	struct link l;

	if (!is_plain(host) || !split(url, &l) || l.host_len != strlen(host) ||
		strncasecmp(l.host, host, l.host_len) != 0)
		return NULL;
	width = width < OEMBED_WIDTH ? width : OEMBED_WIDTH;
	height = height < OEMBED_HEIGHT ? height : OEMBED_HEIGHT;

	scope_free char *home = NULL;
	scope_free char *html = NULL;
	scope_free char *query = calloc(l.query_len + 1, strlen("&amp;"));
	if (!query)
		abort();
	for (size_t i = 0; i < l.query_len; i++)
		strcat(query, l.query[i] == '&' ? "&amp;"
						: (char[]){l.query[i], '\0'});
	if (asprintf(&home, "%.*s%s/", (int)l.scheme_len, url, host) < 0)
		abort();
	if (asprintf(&html,
		    "<iframe src=\"%se/%s#%s\" title=\"A Python snippet in "
		    "Vitrine\" width=\"%d\" height=\"%d\" "
		    "loading=\"lazy\"></iframe>",
		    home, query, l.fragment, width, height) < 0)
		abort();
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "version",
		"1.0", "type", "rich", "title", "A Python snippet in Vitrine",
		"provider_name", "Vitrine", "provider_url", home, "html", html,
		"width", width, "height", height);
}
