/*
 * Any bytes as a request.  The first byte says in which form: JSON, of a run or
 * of a comparison, or text/x-python with a query line in front.
 *
 * Whatever is accepted keeps every bound and makes a bundle that the runner
 * would take; whatever is refused has words.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/compare_request.h"
#include "api/measure_request.h"
#include "api/sign_rank.h"
#include "api/plan.h"
#include "api/problem.h"
#include "api/request.h"
#include "wire/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_accepted(struct run_request *q)
{
	struct buf b = {0};
	struct fail f;

#define X(member, fallback, low, high)                                         \
	assert(q->limits.member >= (low) && q->limits.member <= (high));
	LIMITS_TABLE(X)
#undef X
	assert(q->deadline_ms <= MAX_DEADLINE_MS);
	assert(q->lenses < BIT(LENS_COUNT));
	assert(q->hash_seed >= -1 && q->hash_seed <= UINT32_MAX);
	assert(q->code.data && !memchr(q->code.data, '\0', q->code.n));
	assert(q->stdin_bytes.data);
	assert(plan_bundle(q, &b, &f) == 0);
	assert(bundle_check(b.data, b.len, &f) == 0);
	buf_free(&b);
	run_request_clear(q);
}

static void
check_refused(struct problem *p)
{
	json_t *j = problem_json(p);
	json_t *errors = json_object_get(j, "errors"), *e;
	char *text = json_dumps(j, 0);
	int status = problem_status(p);
	size_t i;

	assert(status == 400 || status == 413 || status == 422);
	assert(text);
	assert(json_string_length(json_object_get(j, "detail")) > 0);
	assert((status == 422) == (json_array_size(errors) > 0));
	json_array_foreach(errors, i, e)
	{
		const char *at =
			json_string_value(json_object_get(e, "pointer"));
		assert(at && (!*at || *at == '/'));
		assert(json_string_length(json_object_get(e, "detail")) > 0);
	}
	free(text);
	json_decref(j);
	problem_free(p);
}

/* "name=value&name=value" in place; at most max of them. */
static size_t
split(char *line, struct query_item *items, size_t max)
{
	size_t n = 0;

	for (char *s = strtok(line, "&"); s && n < max; s = strtok(NULL, "&")) {
		char *value = strchr(s, '=');
		if (value)
			*value++ = '\0';
		items[n++] = (struct query_item){s, value};
	}
	return n;
}

static int
from_text(char *text, size_t n, struct run_request *q, struct problem **p)
{
	struct query_item items[200];
	char *body = memchr(text, '\n', n);

	if (!body)
		return run_request_from_text(text, n, NULL, 0, q, p);
	*body++ = '\0';
	size_t nitems = split(text, items, 200);
	return run_request_from_text(
		body, n - (size_t)(body - text), items, nitems, q, p);
}

/* A comparison: what it is a run of, once its runtimes are as they must be. */
static int
from_comparison(
	const char *text, size_t n, struct run_request *q, struct problem **p)
{
	struct compare_request c;

	if (compare_request_from_json(text, n, &c, p))
		return -1;
	assert(c.all ? c.n == 0 : c.n > 0 && c.n <= MAX_COMPARED);
	assert(!c.run.runtime);
	for (size_t i = 0; i < c.n; i++) {
		assert(c.runtimes[i][0] && strlen(c.runtimes[i]) < 16);
		for (size_t k = 0; k < i; k++)
			assert(strcmp(c.runtimes[i], c.runtimes[k]) != 0);
	}
	*q = c.run;
	c.run = (struct run_request){0};
	compare_request_clear(&c);
	return 0;
}

/* A measurement: the run of its last snippet, once all of them are as they must
 * be. */
static int
from_measurement(
	const char *text, size_t n, struct run_request *q, struct problem **p)
{
	struct measure_request m;

	if (measure_request_from_json(text, n, &m, p))
		return -1;
	assert(m.n >= 2 && m.n <= MAX_MEASURED);
	assert(m.rounds >= SIGN_RANK_LEAST && m.rounds <= SIGN_RANK_MOST);
	assert(!m.run.code.data && !m.run.lenses);
	for (size_t i = 0; i < m.n; i++) {
		assert(m.snippets[i].code.data && m.snippets[i].name[0]);
		for (size_t k = 0; k < i; k++)
			assert(strcmp(m.snippets[i].name, m.snippets[k].name) !=
				0);
	}
	*q = m.run;
	q->code = m.snippets[m.n - 1].code;
	m.snippets[m.n - 1].code = (struct blob){0};
	m.run = (struct run_request){0};
	measure_request_clear(&m);
	return 0;
}

static int
from_any(char form, char *text, size_t n, struct run_request *q,
	struct problem **p)
{
	if (form == 'q')
		return from_text(text, n, q, p);
	if (form == 'c')
		return from_comparison(text, n, q, p);
	if (form == 'm')
		return from_measurement(text, n, q, p);
	return run_request_from_json(text, n, q, p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_request q;
	struct problem *p = NULL;

	if (size == 0)
		return 0;
	/* Exactly as long as it is, so that a read past the end shows. */
	char *text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	int rc = from_any((char)data[0], text, size - 1, &q, &p);
	if (rc == 0)
		check_accepted(&q);
	else
		check_refused(p);
	free(text);
	return 0;
}
