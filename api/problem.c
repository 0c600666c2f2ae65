/* RFC 9457 problem details. */
#include "api/problem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_ERRORS 100

struct problem {
	int status, retry_after;
	size_t more; /* errors beyond MAX_ERRORS */
	json_t *body, *errors;
};

static json_t *
text(const char *fmt, va_list args)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, args) < 0)
		abort();
	json_t *j = json_string(s);
	/* Words of ours about bytes of theirs may be cut inside a character. */
	if (!j)
		j = json_string_nocheck("(text that is not UTF-8)");
	free(s);
	return j;
}

struct problem *
problem_new(int status, const char *slug, const char *title,
	const char *detail_fmt, ...)
{
	struct problem *p = calloc(1, sizeof(*p));
	va_list args;

	if (!p)
		abort();
	p->status = status;
	va_start(args, detail_fmt);
	p->body = json_pack("{s:o, s:s, s:i, s:o}", "type",
		json_sprintf("/problems/%s", slug), "title", title, "status",
		status, "detail", text(detail_fmt, args));
	va_end(args);
	if (!p->body)
		abort();
	return p;
}

void
problem_at(struct problem *p, const char *pointer, const char *fmt, ...)
{
	va_list args;

	if (!p->errors) {
		p->errors = json_array();
		json_object_set_new(p->body, "errors", p->errors);
	}
	if (json_array_size(p->errors) >= MAX_ERRORS) {
		p->more++;
		json_object_set_new(p->body, "more_errors",
			json_integer((json_int_t)p->more));
		return;
	}
	va_start(args, fmt);
	json_t *where = json_string(pointer);
	json_array_append_new(
		p->errors, json_pack("{s:o, s:o}", "pointer",
				   where ? where : json_string(""), "detail",
				   text(fmt, args)));
	va_end(args);
}

void
problem_retry_after(struct problem *p, int seconds)
{
	p->retry_after = seconds;
}

int
problem_get_retry_after(const struct problem *p)
{
	return p->retry_after;
}

int
problem_status(const struct problem *p)
{
	return p->status;
}

json_t *
problem_json(const struct problem *p)
{
	return json_incref(p->body);
}

void
problem_free(struct problem *p)
{
	if (!p)
		return;
	json_decref(p->body);
	free(p);
}
