/* Replies that are JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/http.h"

void
http_json(struct exchange *x, int status, json_t *j)
{
	static const char *const headers[] = {
		"Cache-Control", "no-store", NULL};
	char *text = json_dumps(j, JSON_COMPACT);

	if (!text)
		abort();
	json_decref(j);
	http_reply(x, status, "application/json", text, strlen(text),
		HTTP_GIVEN, headers);
}

void
http_problem(struct exchange *x, struct problem *p, const char *allow)
{
	char seconds[16];
	const char *headers[8] = {"Cache-Control", "no-store"};
	json_t *j = problem_json(p);
	int n = 2;

	if (problem_get_retry_after(p)) {
		snprintf(seconds, sizeof(seconds), "%d",
			problem_get_retry_after(p));
		headers[n++] = "Retry-After";
		headers[n++] = seconds;
	}
	if (allow) {
		headers[n++] = "Allow";
		headers[n++] = allow;
	}
	json_object_set_new(j, "request_id", json_string(http_request_id(x)));
	char *text = json_dumps(j, JSON_COMPACT);
	if (!text)
		abort();
	http_reply(x, problem_status(p), "application/problem+json", text,
		strlen(text), HTTP_GIVEN, headers);
	json_decref(j);
	problem_free(p);
}
