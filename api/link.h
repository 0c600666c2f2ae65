/*
 * A request to keep a link under a short name: what POST /v1/links takes.
 */
#ifndef API_LINK_H
#define API_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/problem.h"

/* As much as the page reads (web/src/share/format.ts): "1:" and 32,768
 * characters; and a year. */
#define MAX_LINK_BYTES	 32770
#define MAX_LINK_SECONDS 31536000

struct link_request {
	char *text; /* malloc'd: "1:" and what stands behind it */
	size_t size;
	uint64_t expires_in_s; /* 0: never */
};

/* Checks the JSON of a body; all of its faults are told at once.  *ret is
 * filled on success only.  0, or -1 with the problem. */
int link_request_from_json(const char *body, size_t n, struct link_request *ret,
	struct problem **ret_problem);
void link_request_clear(struct link_request *q);

/* Is it what stands behind the # of a link (docs/links.md): "1:" and base64url,
 * of at most MAX_LINK_BYTES?  What that unpacks to is not looked into. */
bool link_is_text(const char *text, size_t n);

#endif
