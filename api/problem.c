/* RFC 9457 problem details. */
#include "api/problem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/scope.h"

/* More faults than this are counted and not listed: a body of a million
 * unknown members is not answered with a million sentences. */
#define MAX_ERRORS 64

struct problem {
	int status, retry_after;
	json_t *type, *title, *detail; /* detail is NULL: made from errors */
	json_t *errors;
	size_t omitted;
};

static json_t *
words(const char *fmt, va_list args)
{
	scope_free char *text = NULL;
	int n = vasprintf(&text, fmt, args);

	if (n < 0)
		abort();
	return text_json(text, (size_t)n);
}

struct problem *
problem_new(int status, const char *slug, const char *title,
	const char *detail_fmt, ...)
{
	struct problem *p = calloc(1, sizeof(*p));
	scope_free char *type = NULL;
	va_list args;

	assert(status >= 400 && status < 600);
	if (!p || asprintf(&type, "/problems/%s", slug) < 0)
		abort();
	p->status = status;
	p->type = text_json(type, strlen(type));
	p->title = text_json(title, strlen(title));
	p->errors = text_need(json_array());
	if (detail_fmt) {
		va_start(args, detail_fmt);
		p->detail = words(detail_fmt, args);
		va_end(args);
	}
	return p;
}

bool
problem_full(const struct problem *p)
{
	return json_array_size(p->errors) >= MAX_ERRORS;
}

void
problem_at(struct problem *p, const char *pointer, const char *fmt, ...)
{
	va_list args;

	if (problem_full(p)) {
		p->omitted++;
		return;
	}
	va_start(args, fmt);
	json_t *detail = words(fmt, args);
	va_end(args);
	json_t *entry = text_need(json_object());
	text_set(entry, "pointer", text_json(pointer, strlen(pointer)));
	text_set(entry, "detail", detail);
	text_append(p->errors, entry);
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

/* One sentence for the whole, when none was given. */
static json_t *
summary(const struct problem *p)
{
	size_t listed = json_array_size(p->errors);
	const json_t *first = json_array_get(p->errors, 0);
	const json_t *what = json_object_get(first, "detail");
	const char *at = json_string_value(json_object_get(first, "pointer"));
	scope_free char *text = NULL;
	int n;

	assert(first);
	if (listed == 1)
		n = asprintf(&text, "%s%s%s", at, *at ? ": " : "",
			json_string_value(what));
	else if (p->omitted)
		n = asprintf(&text,
			"%zu things are wrong with the request; the first %zu "
			"are listed under \"errors\".",
			listed + p->omitted, listed);
	else
		n = asprintf(&text,
			"%zu things are wrong with the request; each is listed "
			"under \"errors\".",
			listed);
	if (n < 0)
		abort();
	return text_json(text, (size_t)n);
}

json_t *
problem_json(const struct problem *p)
{
	json_t *j = text_need(json_object());

	text_set(j, "type", json_incref(p->type));
	text_set(j, "title", json_incref(p->title));
	text_set(j, "status", json_integer(p->status));
	text_set(j, "detail", p->detail ? json_incref(p->detail) : summary(p));
	if (json_array_size(p->errors))
		text_set(j, "errors", json_deep_copy(p->errors));
	if (p->omitted)
		text_set(j, "errors_omitted",
			json_integer((json_int_t)p->omitted));
	return j;
}

void
problem_free(struct problem *p)
{
	if (!p)
		return;
	json_decref(p->type);
	json_decref(p->title);
	json_decref(p->detail);
	json_decref(p->errors);
	free(p);
}
