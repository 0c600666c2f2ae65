/* What the type of a problem leads to: a page in plain words. */
#include <string.h>

#include "server/routes.h"

#define PREFIX "/problems/"

static const struct {
	const char *slug, *text;
} pages[] = {
	{"not-json", "400: the body could not be read as JSON (RFC 8259).\n\n"
		     "detail says what is wrong, and at which line, column and "
		     "byte. "
		     "The text must be UTF-8, and no object may have the same "
		     "member twice.\n"},
	{"not-utf8",
		"400: the source is not UTF-8.\n\n"
		"detail names the first byte that is not part of a character. "
		"A text/x-python body is taken as UTF-8, whatever the source "
		"says of its own encoding.\n"},
	{"invalid-request",
		"422: the request was read, but something in it is not as it "
		"must be.\n\n"
		"errors lists every fault: pointer (RFC 6901) says where, "
		"detail says what. Unknown members are faults; nothing is "
		"ignored. The whole contract is at /openapi.yaml.\n"},
	{"body-too-large", "413: the body is larger than the server takes.\n\n"
			   "It was not read to its end.\n"},
	{"unsupported-media-type",
		"415: POST /v1/runs takes application/json, or the source "
		"itself as text/x-python with the options in the query.\n"},
	{"not-http",
		"400: the headers do not say where the body ends.\n\n"
		"Send a Content-Length, or Transfer-Encoding: chunked, and "
		"not both. Where two programs understand one request in two "
		"ways, a second request can be hidden in it.\n"},
	{"foreign-origin",
		"403: a page of another site asked for a run, or to keep a "
		"link, in the browser of somebody who can reach this "
		"server.\n\n"
		"A server on loopback does so for pages of its own and "
		"of this machine, and for clients that are no browsers. "
		"Behind a proxy that others reach, start it with "
		"--anonymous.\n"},
	{"busy", "503: as much as the server takes is waiting already.\n\n"
		 "The request was refused before its body was read; or it "
		 "was taken, and waited as long as the server lets runs wait, "
		 "and was not begun. detail says which. Send it again after "
		 "as many seconds as Retry-After says.\n"},
	{"too-many-runs",
		"429: this address has as many runs waiting or going on as one "
		"may have, so that there is room for others.\n\n"
		"Send the next one when one of them is over, or after as many "
		"seconds as Retry-After says. Behind a proxy all have one "
		"address: its operator may give it more (--per-client).\n"},
	{"deadline",
		"503: the request set a deadline (limits.deadline_ms), and it "
		"was over before the run was begun.\n\n"
		"Nothing of it was run. Send it again after as many seconds as "
		"Retry-After says, or with a later deadline.\n"},
	{"unavailable",
		"503: the run was taken, but could not be made, by no fault of "
		"the program.\n\n"
		"It may be sent again. If it happens again, the server's log "
		"and `vitrine doctor` say more.\n"},
	{"links-full",
		"507: there is no room for one more stored link.\n\n"
		"The server keeps so many (--links-max), its disk has room "
		"for so many, and one content may be shared so often. detail "
		"says which it was. Links that hold the code themselves need "
		"no room.\n"},
	{"link-damaged",
		"500: the file of a stored link could not be read or written, "
		"or is not what was written into it.\n\n"
		"Nothing of it is shown. The server's log says more.\n"},
	{"too-many-links",
		"429: this address had as many links stored lately as one may "
		"in an hour (--links-per-client).\n\n"
		"Store the next one after as many seconds as Retry-After "
		"says.\n"},
	{"not-found", "404: there is nothing under this path.\n"},
	{"not-implemented",
		"501: there is something under this path, but not in the "
		"format that was asked for.\n\ndetail says which there is.\n"},
	{"method-not-allowed",
		"405: there is something under this path, but not by this "
		"method.\n\nThe Allow header says by which.\n"},
};

static const char *
find_text(const struct exchange *x)
{
	const char *path = http_path(x);
	const size_t prefix = strlen(PREFIX);

	if (strncmp(path, PREFIX, prefix) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (strcmp(path + prefix, pages[i].slug) == 0)
			return pages[i].text;
	return NULL;
}

bool
routes_has_problem(const struct exchange *x)
{
	return find_text(x) != NULL;
}

bool
routes_problem_page(struct exchange *x)
{
	const char *text = find_text(x);

	if (text)
		http_reply(x, 200, "text/plain; charset=utf-8", text,
			strlen(text), HTTP_STAY, NULL);
	return text != NULL;
}
