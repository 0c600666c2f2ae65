/* A request for a comparison. */
#include "api/compare_request.h"

#include <stdlib.h>
#include <string.h>

#include "api/request_check.h"

void
compare_request_clear(struct compare_request *q)
{
	run_request_clear(&q->run);
	for (size_t i = 0; i < q->n; i++)
		free(q->runtimes[i]);
	free(q->runtimes);
	*q = (struct compare_request){0};
}

/* A check fills the run of a comparison. */
static struct compare_request *
whole(const struct check *c)
{
	return (void *)((char *)c->q - offsetof(struct compare_request, run));
}

static size_t
find(const struct compare_request *q, const char *id)
{
	size_t i = 0;

	while (i < q->n && strcmp(q->runtimes[i], id) != 0)
		i++;
	return i;
}

static void
check_runtime(struct check *c, const struct place *at, const json_t *j)
{
	struct compare_request *q = whole(c);

	if (!json_is_string(j)) {
		request_check_expected(c, at, j,
			"a string, the id of a runtime, such as \"3.11\"");
		return;
	}
	request_set_runtime(c, at, json_string_value(j), json_string_length(j));
	char *id = c->q->runtime;
	c->q->runtime = NULL;
	if (id && find(q, id) < q->n) {
		request_check_fault(
			c, at, "The runtime %s is there twice.", id);
		free(id);
	} else if (id) {
		q->runtimes[q->n++] = id;
	}
}

static void
check_runtimes(struct check *c, const struct place *at, const json_t *j)
{
	struct compare_request *q = whole(c);
	size_t n = json_array_size(j);

	if (json_is_string(j) && strcmp(json_string_value(j), "all") == 0 &&
		json_string_length(j) == 3) {
		q->all = true;
		return;
	}
	if (!json_is_array(j)) {
		request_check_expected(
			c, at, j, "a list of ids of runtimes, or \"all\"");
		return;
	}
	if (!request_check_array(c, at, j, "runtimes", MAX_COMPARED))
		return;
	if (n == 0) {
		request_check_fault(
			c, at, "It must name a runtime, but it is empty.");
		return;
	}
	q->runtimes = calloc(n, sizeof(*q->runtimes));
	if (!q->runtimes)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct place here = request_check_element(at, i);
		check_runtime(c, &here, json_array_get(j, i));
	}
}

int
compare_request_from_json(const char *body, size_t n,
	struct compare_request *ret, struct problem **ret_problem)
{
	static const struct request_form form = {REQUEST_RUNTIME,
		{{{"runtimes", check_runtimes},
			"the ids of the runtimes to compare (GET /v1/runtimes "
			"lists them), or \"all\""}},
		NULL};
	struct compare_request q = {0};

	if (request_from_json(body, n, &form, &q.run, ret_problem)) {
		compare_request_clear(&q);
		return -1;
	}
	*ret = q;
	return 0;
}
